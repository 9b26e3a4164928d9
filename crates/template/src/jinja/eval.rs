//! Runs a template: walks the parser's tree, with every step, byte and level counted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use minijinja::machinery::ast::{
    BinOpKind, Call, CallArg, Expr, ForLoop, Macro, Stmt, UnaryOpKind,
};

use super::budget::{Budget, check_depth};
use super::filters::{self, Arguments, attribute_of};
use super::value::{LoopValue, MacroValue, Value};
use super::{operators, range, tests};
use crate::error::{Error, ErrorKind};
use crate::included_text::IncludedText;

/// Renders a template with its variables; `includes` has every text that it includes.
pub(crate) fn render<'p>(
    program: &'p Stmt<'p>,
    variables: &'p BTreeMap<String, Value<'p>>,
    includes: &'p BTreeMap<String, IncludedText<'p>>,
) -> Result<String, Error> {
    let mut machine = Machine::new(variables, includes);
    let result = machine.statement(program);
    match result {
        Ok(_) => Ok(machine.outputs.pop().unwrap_or_default()),
        Err(mut error) => {
            error.inside = machine.inside.map(str::to_owned);
            Err(error)
        }
    }
}

/// Evaluates a constant expression, for its error. Also returns its cost in thousandths of a budget.
pub(super) fn constant<'p>(expression: &'p Expr<'p>) -> (Result<(), Error>, u64) {
    let variables = BTreeMap::new();
    let includes = BTreeMap::new();
    // The tables are empty, so nothing is ever borrowed from them.
    let mut machine = Machine::new(&variables, &includes);
    let result = machine.expression(expression).map(|_| ());
    (result, machine.budget.thousandths_spent())
}

/// How execution goes on after a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Continue,
    Break,
}

/// Names bound in a block.
#[derive(Default)]
struct Scope<'p> {
    names: BTreeMap<&'p str, Value<'p>>,
    parent: Option<usize>,
}

struct Machine<'p> {
    variables: &'p BTreeMap<String, Value<'p>>,
    includes: &'p BTreeMap<String, IncludedText<'p>>,
    /// All scopes that are still needed; a macro keeps those it was defined in.
    scopes: Vec<Scope<'p>>,
    /// The innermost scope.
    scope: usize,
    /// Scopes below this one may be kept by a macro.
    captured: usize,
    /// The rendered text, and above it what is being captured.
    outputs: Vec<String>,
    budget: Budget,
    depth: usize,
    /// The include that runs.
    inside: Option<&'p str>,
}

impl<'p> Machine<'p> {
    fn new(
        variables: &'p BTreeMap<String, Value<'p>>,
        includes: &'p BTreeMap<String, IncludedText<'p>>,
    ) -> Self {
        Self {
            variables,
            includes,
            scopes: vec![Scope::default()],
            scope: 0,
            captured: 0,
            outputs: vec![String::new()],
            budget: Budget::default(),
            depth: 0,
            inside: None,
        }
    }

    fn lookup(&self, name: &str) -> Value<'p> {
        let mut scope = Some(self.scope);
        while let Some(at) = scope {
            let current = &self.scopes[at];
            if let Some(value) = current.names.get(name) {
                return value.clone();
            }
            scope = current.parent;
        }
        self.variables.get(name).cloned().unwrap_or_else(|| Value::Undefined(name.into()))
    }

    fn bind(&mut self, name: &'p str, value: Value<'p>) {
        self.scopes[self.scope].names.insert(name, value);
    }

    /// Runs `work` in a scope of its own below `parent`.
    fn in_scope<T>(
        &mut self,
        parent: Option<usize>,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let before = self.scope;
        self.scopes.push(Scope { names: BTreeMap::new(), parent });
        self.scope = self.scopes.len() - 1;
        let own = self.scope;
        let result = work(self)?;
        self.scope = before;
        // A macro defined in it may still be called: then the scope stays.
        if own >= self.captured {
            self.scopes.truncate(own);
        }
        Ok(result)
    }

    fn emit(&mut self, text: &str, range: &Range<usize>) -> Result<(), Error> {
        if self.outputs.len() > 1 {
            self.budget.make(text.len(), range)?;
        } else {
            self.budget.count_output(text.len(), range)?;
        }
        if let Some(output) = self.outputs.last_mut() {
            output.push_str(text);
        }
        Ok(())
    }

    /// Runs statements and returns what they print.
    fn capture(&mut self, body: &'p [Stmt<'p>], place: Range<usize>) -> Result<Rc<str>, Error> {
        self.outputs.push(String::new());
        refuse_jump(self.body(body)?, || place)?;
        Ok(self.outputs.pop().unwrap_or_default().into())
    }

    fn body(&mut self, statements: &'p [Stmt<'p>]) -> Result<Flow, Error> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                stop => return Ok(stop),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs a nested body one level deeper.
    fn run_nested(
        &mut self,
        statements: &'p [Stmt<'p>],
        at: impl FnOnce() -> Range<usize>,
    ) -> Result<Flow, Error> {
        self.depth += 1;
        check_depth(self.depth, at)?;
        let flow = self.body(statements)?;
        self.depth -= 1;
        Ok(flow)
    }

    fn statement(&mut self, statement: &'p Stmt<'p>) -> Result<Flow, Error> {
        match statement {
            Stmt::Template(template) => return self.body(&template.children),
            Stmt::EmitRaw(raw) => {
                self.budget.step(|| range(raw.span()))?;
                self.emit(raw.raw, &range(raw.span()))?;
            }
            Stmt::EmitExpr(emit) => {
                self.budget.step(|| range(emit.span()))?;
                let place = range(emit.expr.span());
                let text = self.expression(&emit.expr)?.print(&place)?;
                self.emit(&text, &place)?;
            }
            Stmt::ForLoop(for_loop) => {
                self.budget.step(|| range(for_loop.span()))?;
                return self.for_loop(for_loop, range(for_loop.span()));
            }
            Stmt::IfCond(_) => return self.condition(statement),
            Stmt::WithBlock(with) => {
                self.budget.step(|| range(with.span()))?;
                let parent = self.scope;
                return self.in_scope(Some(parent), |machine| {
                    for (target, value) in &with.assignments {
                        let value =
                            machine.expression(value)?.require_defined(&range(value.span()))?;
                        machine.assign(target, value)?;
                    }
                    machine.run_nested(&with.body, || range(with.span()))
                });
            }
            Stmt::Set(set) => {
                self.budget.step(|| range(set.span()))?;
                let value = self.expression(&set.expr)?.require_defined(&range(set.expr.span()))?;
                self.assign(&set.target, value)?;
            }
            Stmt::SetBlock(set) => {
                self.budget.step(|| range(set.span()))?;
                let parent = self.scope;
                let text = self.in_scope(Some(parent), |machine| {
                    machine.capture_nested(&set.body, range(set.span()))
                })?;
                let value = match &set.filter {
                    Some(filter) => self.filter_chain(filter, Value::String(text))?,
                    None => Value::String(text),
                };
                self.assign(&set.target, value)?;
            }
            Stmt::FilterBlock(block) => {
                self.budget.step(|| range(block.span()))?;
                let parent = self.scope;
                let text = self.in_scope(Some(parent), |machine| {
                    machine.capture_nested(&block.body, range(block.span()))
                })?;
                let place = range(block.filter.span());
                let text = self.filter_chain(&block.filter, Value::String(text))?.print(&place)?;
                self.emit(&text, &place)?;
            }
            Stmt::Macro(declaration) => {
                self.budget.step(|| range(declaration.span()))?;
                let value = self.make_macro(declaration);
                self.bind(declaration.name, value);
            }
            Stmt::CallBlock(block) => {
                self.budget.step(|| range(block.span()))?;
                let caller = self.make_macro(&block.macro_decl);
                let place = range(block.call.span());
                let value = self.call(&block.call, &place, Some(caller))?;
                let text = value.print(&place)?;
                self.emit(&text, &place)?;
            }
            Stmt::Include(include) => {
                let place = range(include.span());
                self.budget.step(|| place.clone())?;
                self.include(&include.name, place)?;
            }
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::AutoEscape(block) => return refuse_unsupported(range(block.span())),
            Stmt::Block(block) => return refuse_unsupported(range(block.span())),
            Stmt::Extends(extends) => return refuse_unsupported(range(extends.span())),
            Stmt::Import(import) => return refuse_unsupported(range(import.span())),
            Stmt::FromImport(import) => return refuse_unsupported(range(import.span())),
            Stmt::Do(call) => return refuse_unsupported(range(call.span())),
        }
        Ok(Flow::Next)
    }

    fn capture_nested(
        &mut self,
        body: &'p [Stmt<'p>],
        place: Range<usize>,
    ) -> Result<Rc<str>, Error> {
        self.depth += 1;
        check_depth(self.depth, || place.clone())?;
        let text = self.capture(body, place)?;
        self.depth -= 1;
        Ok(text)
    }

    /// Runs an `if`; its `elif`s are nested in the tree, but not in the template.
    fn condition(&mut self, statement: &'p Stmt<'p>) -> Result<Flow, Error> {
        let mut statement = statement;
        loop {
            let Stmt::IfCond(condition) = statement else { return self.statement(statement) };
            self.budget.step(|| range(condition.span()))?;
            let place = range(condition.expr.span());
            if self.expression(&condition.expr)?.is_true(&place)? {
                return self.run_nested(&condition.true_body, || range(condition.span()));
            }
            match condition.false_body.as_slice() {
                [only @ Stmt::IfCond(_)] => statement = only,
                body => return self.run_nested(body, || range(condition.span())),
            }
        }
    }

    fn for_loop(&mut self, for_loop: &'p ForLoop<'p>, whole: Range<usize>) -> Result<Flow, Error> {
        let place = range(for_loop.iter.span());
        let items = self.expression(&for_loop.iter)?.items(&place, &mut self.budget)?;
        let parent = self.scope;
        let items = match &for_loop.filter_expr {
            Some(filter) => {
                let mut kept = Vec::new();
                for item in items.iter() {
                    self.budget.step(|| place.clone())?;
                    let wanted = self.in_scope(Some(parent), |machine| {
                        machine.assign(&for_loop.target, item.clone())?;
                        let place = range(filter.span());
                        machine.expression(filter)?.is_true(&place)
                    })?;
                    if wanted {
                        kept.push(item.clone());
                    }
                }
                Value::list(kept).items(&place, &mut self.budget)?
            }
            None => items,
        };
        if items.is_empty() {
            let flow = self.in_scope(Some(parent), |machine| {
                machine.run_nested(&for_loop.else_body, || whole.clone())
            })?;
            return refuse_jump(flow, || whole);
        }
        for (index0, item) in items.iter().enumerate() {
            self.budget.step(|| place.clone())?;
            let flow = self.in_scope(Some(parent), |machine| {
                machine
                    .bind("loop", Value::Loop(Rc::new(LoopValue { index0, length: items.len() })));
                machine.assign(&for_loop.target, item.clone())?;
                machine.run_nested(&for_loop.body, || whole.clone())
            })?;
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    fn assign(&mut self, target: &'p Expr<'p>, value: Value<'p>) -> Result<(), Error> {
        let targets = match target {
            Expr::Var(variable) => {
                self.bind(variable.id, value);
                return Ok(());
            }
            Expr::List(list) => &list.items,
            Expr::Tuple(tuple) => &tuple.items,
            other => return refuse_unsupported(range(other.span())),
        };
        let place = range(target.span());
        let Value::List(items) = &value else {
            let message =
                format!("{} cannot be taken apart into {} names", value.describe(), targets.len());
            return Err(
                Error::new(ErrorKind::Value, place, message).help("loop over pairs with `| items`")
            );
        };
        if items.len() != targets.len() {
            let message = format!("{} items for {} names", items.len(), targets.len());
            return Err(Error::new(ErrorKind::Value, place, message));
        }
        for (target, item) in targets.iter().zip(items.iter()) {
            self.assign(target, item.clone())?;
        }
        Ok(())
    }

    fn make_macro(&mut self, declaration: &'p Macro<'p>) -> Value<'p> {
        self.captured = self.captured.max(self.scope + 1);
        Value::Macro(Rc::new(MacroValue {
            name: declaration.name,
            arguments: &declaration.args,
            defaults: &declaration.defaults,
            body: &declaration.body,
            scope: self.scope,
        }))
    }

    fn include(&mut self, name: &'p Expr<'p>, place: Range<usize>) -> Result<(), Error> {
        let literal = match name {
            Expr::Const(constant) => constant.value.as_str(),
            _ => None,
        };
        let Some((name, included)) = literal.and_then(|name| self.includes.get_key_value(name))
        else {
            let message = format!("`{}` is not among the includes", literal.unwrap_or("this"));
            return Err(Error::new(ErrorKind::Include, place, message));
        };
        self.depth += 1;
        check_depth(self.depth, || place.clone())?;
        match included {
            IncludedText::Plain(text) => self.emit(text, &place)?,
            IncludedText::Jinja(program) => {
                // An include sees the variables, not the names bound around it.
                let outer = self.inside.replace(name);
                self.in_scope(None, |machine| machine.statement(&program.statements))?;
                self.inside = outer;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn operand(&mut self, expression: &'p Expr<'p>) -> Result<Value<'p>, Error> {
        self.depth += 1;
        check_depth(self.depth, || range(expression.span()))?;
        let value = self.expression(expression)?;
        self.depth -= 1;
        Ok(value)
    }

    /// Evaluates an expression. The left side of a chain (`a ~ b ~ c`, `a | f | g`, `a.b.c`) is
    /// walked in a loop, so that only operands and arguments nest.
    fn expression(&mut self, expression: &'p Expr<'p>) -> Result<Value<'p>, Error> {
        let mut chain: Vec<&'p Expr<'p>> = Vec::new();
        let mut inner = expression;
        loop {
            let left = match inner {
                Expr::BinOp(operation) => &operation.left,
                Expr::Filter(filter) => match &filter.expr {
                    Some(value) => value,
                    None => break,
                },
                Expr::Test(test) => &test.expr,
                Expr::GetAttr(attribute) => &attribute.expr,
                Expr::GetItem(item) => &item.expr,
                Expr::Slice(slice) => &slice.expr,
                _ => break,
            };
            chain.push(inner);
            inner = left;
        }
        let mut value = self.base(inner)?;
        for link in chain.into_iter().rev() {
            value = self.link(link, value)?;
        }
        Ok(value)
    }

    /// Evaluates the start of a chain.
    fn base(&mut self, expression: &'p Expr<'p>) -> Result<Value<'p>, Error> {
        let place = range(expression.span());
        self.budget.step(|| place.clone())?;
        match expression {
            Expr::Var(variable) => Ok(self.lookup(variable.id)),
            Expr::Const(constant) => literal(&constant.value, &place),
            Expr::UnaryOp(operation) => {
                let value = self.operand(&operation.expr)?;
                match operation.op {
                    UnaryOpKind::Not => Ok(Value::Bool(!value.is_true(&place)?)),
                    UnaryOpKind::Neg => operators::negate(value, &place),
                }
            }
            Expr::Compare(comparison) => {
                let mut left = self.operand(&comparison.expr)?;
                for operand in &comparison.ops {
                    let right = self.operand(&operand.expr)?;
                    if !operators::compare(operand.op, &left, &right, &place, &mut self.budget)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Expr::IfExpr(choice) => {
                let test = range(choice.test_expr.span());
                if self.operand(&choice.test_expr)?.is_true(&test)? {
                    self.operand(&choice.true_expr)
                } else {
                    match &choice.false_expr {
                        Some(other) => self.operand(other),
                        None => refuse_unsupported(place),
                    }
                }
            }
            Expr::Call(call) => self.call(call, &place, None),
            Expr::List(list) => self.make_list(&list.items, &place),
            Expr::Tuple(tuple) => self.make_list(&tuple.items, &place),
            Expr::Map(map) => {
                let mut entries = BTreeMap::new();
                for (key, value) in map.keys.iter().zip(&map.values) {
                    let Value::String(key) = self.operand(key)? else {
                        return Err(Error::new(
                            ErrorKind::Value,
                            range(key.span()),
                            "a key is a string",
                        ));
                    };
                    let value = self.operand(value)?.require_defined(&range(value.span()))?;
                    self.budget.make(key.len() + 16, &place)?;
                    entries.insert(key.to_string(), value);
                }
                let map = Value::map(entries);
                check_depth(map.depth(), || place)?;
                Ok(map)
            }
            Expr::BinOp(_)
            | Expr::Filter(_)
            | Expr::Test(_)
            | Expr::GetAttr(_)
            | Expr::GetItem(_)
            | Expr::Slice(_) => refuse_unsupported(place),
        }
    }

    fn make_list(
        &mut self,
        items: &'p [Expr<'p>],
        place: &Range<usize>,
    ) -> Result<Value<'p>, Error> {
        self.budget.make(items.len() * 16, place)?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.operand(item)?.require_defined(&range(item.span()))?);
        }
        let list = Value::list(values);
        check_depth(list.depth(), || place.clone())?;
        Ok(list)
    }

    /// Applies one link of a chain to the value on its left.
    fn link(&mut self, link: &'p Expr<'p>, value: Value<'p>) -> Result<Value<'p>, Error> {
        let place = range(link.span());
        self.budget.step(|| place.clone())?;
        match link {
            Expr::BinOp(operation) => match operation.op {
                BinOpKind::ScAnd => {
                    if value.is_true(&range(operation.left.span()))? {
                        self.operand(&operation.right)
                    } else {
                        Ok(value)
                    }
                }
                BinOpKind::ScOr => {
                    if value.is_true(&range(operation.left.span()))? {
                        Ok(value)
                    } else {
                        self.operand(&operation.right)
                    }
                }
                operator => {
                    let right = self.operand(&operation.right)?;
                    // Of two operands the undefined one is named with its own place.
                    let value = value.require_defined(&range(operation.left.span()))?;
                    let right = right.require_defined(&range(operation.right.span()))?;
                    operators::binary(operator, value, right, &place, &mut self.budget)
                }
            },
            Expr::Filter(filter) => {
                let arguments = self.arguments(&filter.args)?;
                let value = match (&filter.expr, filter.name) {
                    (Some(inner), name) if !matches!(name, "default" | "d") => {
                        value.require_defined(&range(inner.span()))?
                    }
                    _ => value,
                };
                filters::apply(filter.name, value, &arguments, &place, &mut self.budget)
            }
            Expr::Test(test) => {
                let arguments = self.arguments(&test.args)?;
                tests::apply(test.name, value, &arguments, &place).map(Value::Bool)
            }
            Expr::GetAttr(attribute) => match &value {
                Value::Loop(state) => Ok(loop_attribute(state, attribute.name)),
                _ => match attribute_of(
                    &value.require_defined(&range(attribute.expr.span()))?,
                    attribute.name,
                    &place,
                )? {
                    Value::Undefined(_) => Ok(Value::Undefined(format_path(link).into())),
                    value => Ok(value),
                },
            },
            Expr::GetItem(item) => {
                let subscript = self.operand(&item.subscript_expr)?;
                let value = value.require_defined(&range(item.expr.span()))?;
                let subscript = subscript.require_defined(&range(item.subscript_expr.span()))?;
                operators::item(&value, &subscript, &place, &mut self.budget)
            }
            Expr::Slice(slice) => {
                let mut bounds = [Value::None, Value::None];
                for (bound, written) in bounds.iter_mut().zip([&slice.start, &slice.stop]) {
                    if let Some(written) = written {
                        *bound = self.operand(written)?.require_defined(&range(written.span()))?;
                    }
                }
                if slice.step.is_some() {
                    let error = Error::new(
                        ErrorKind::Unsupported,
                        place,
                        "a slice has no step in the dialect",
                    );
                    return Err(error.help("write `[start:stop]`"));
                }
                let value = value.require_defined(&range(slice.expr.span()))?;
                operators::slice(&value, &bounds[0], &bounds[1], &place, &mut self.budget)
            }
            other => refuse_unsupported(range(other.span())),
        }
    }

    /// Applies the filters of a filter block, whose innermost has no value of its own.
    fn filter_chain(
        &mut self,
        expression: &'p Expr<'p>,
        value: Value<'p>,
    ) -> Result<Value<'p>, Error> {
        let mut chain = Vec::new();
        let mut inner = Some(expression);
        while let Some(Expr::Filter(filter)) = inner {
            chain.push(filter);
            inner = filter.expr.as_ref();
        }
        let mut value = value;
        for filter in chain.into_iter().rev() {
            let place = range(filter.span());
            self.budget.step(|| place.clone())?;
            let arguments = self.arguments(&filter.args)?;
            value = filters::apply(filter.name, value, &arguments, &place, &mut self.budget)?;
        }
        Ok(value)
    }

    fn arguments(&mut self, arguments: &'p [CallArg<'p>]) -> Result<Arguments<'p>, Error> {
        let mut evaluated = Arguments::default();
        for argument in arguments {
            match argument {
                CallArg::Pos(value) => {
                    let value = self.operand(value)?.require_defined(&range(value.span()))?;
                    evaluated.positional.push(value);
                }
                CallArg::Kwarg(name, value) => {
                    let place = range(value.span());
                    let value = self.operand(value)?.require_defined(&place)?;
                    if evaluated.named.iter().any(|(known, _)| known == name) {
                        let message = format!("the argument `{name}` is passed twice");
                        return Err(Error::new(ErrorKind::Value, place, message));
                    }
                    evaluated.named.push((name, value));
                }
                CallArg::PosSplat(value) | CallArg::KwargSplat(value) => {
                    return refuse_unsupported(range(value.span()));
                }
            }
        }
        Ok(evaluated)
    }

    fn call(
        &mut self,
        call: &'p Call<'p>,
        place: &Range<usize>,
        caller: Option<Value<'p>>,
    ) -> Result<Value<'p>, Error> {
        match &call.expr {
            Expr::Var(variable) => match self.lookup(variable.id) {
                Value::Macro(declaration) => {
                    let arguments = self.arguments(&call.args)?;
                    self.call_macro(&declaration, arguments, place, caller)
                }
                Value::Undefined(_) if variable.id == "range" => {
                    let arguments = self.arguments(&call.args)?;
                    self.range(&arguments, place)
                }
                Value::Undefined(_) => {
                    let message = format!("there is no function `{}`", variable.id);
                    Err(Error::new(ErrorKind::Unsupported, range(variable.span()), message))
                }
                other => {
                    let message = format!(
                        "`{}` is {}, which cannot be called",
                        variable.id,
                        other.describe()
                    );
                    Err(Error::new(ErrorKind::Value, range(variable.span()), message))
                }
            },
            Expr::GetAttr(attribute) if attribute.name == "cycle" => {
                match self.operand(&attribute.expr)? {
                    Value::Loop(state) => {
                        let arguments = self.arguments(&call.args)?;
                        match arguments.positional.len() {
                            0 => Err(Error::new(
                                ErrorKind::Value,
                                place.clone(),
                                "`loop.cycle` needs values",
                            )),
                            count => Ok(arguments.positional[state.index0 % count].clone()),
                        }
                    }
                    _ => refuse_unsupported(place.clone()),
                }
            }
            _ => refuse_unsupported(place.clone()),
        }
    }

    fn call_macro(
        &mut self,
        declaration: &MacroValue<'p>,
        arguments: Arguments<'p>,
        place: &Range<usize>,
        caller: Option<Value<'p>>,
    ) -> Result<Value<'p>, Error> {
        let refuse = |message: String| Error::new(ErrorKind::Value, place.clone(), message);
        if arguments.positional.len() > declaration.arguments.len() {
            return Err(refuse(format!(
                "`{}` takes {} arguments",
                declaration.name,
                declaration.arguments.len()
            )));
        }
        let text = self.in_scope(Some(declaration.scope), |machine| {
            if let Some(caller) = caller {
                machine.bind("caller", caller);
            }
            let optional = declaration.arguments.len() - declaration.defaults.len();
            let mut named = arguments.named;
            let mut positional = arguments.positional.into_iter();
            for (position, target) in declaration.arguments.iter().enumerate() {
                let name = match target {
                    Expr::Var(variable) => variable.id,
                    other => return refuse_unsupported(range(other.span())),
                };
                let by_name =
                    named.iter().position(|(known, _)| *known == name).map(|at| named.remove(at).1);
                let value = match (positional.next(), by_name, position.checked_sub(optional)) {
                    (Some(_), Some(_), _) => {
                        return Err(refuse(format!("`{name}` is passed twice")));
                    }
                    (Some(value), None, _) | (None, Some(value), _) => value,
                    (None, None, Some(default)) => {
                        machine.operand(&declaration.defaults[default])?
                    }
                    (None, None, None) => {
                        return Err(refuse(format!("`{}` needs `{name}`", declaration.name)));
                    }
                };
                machine.bind(name, value);
            }
            if let Some((name, _)) = named.first() {
                return Err(refuse(format!("`{}` has no argument `{name}`", declaration.name)));
            }
            machine.capture_nested(declaration.body, place.clone())
        })?;
        Ok(Value::String(text))
    }

    /// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.
    fn range(
        &mut self,
        arguments: &Arguments<'p>,
        place: &Range<usize>,
    ) -> Result<Value<'p>, Error> {
        let refuse = |message: &str| Err(Error::new(ErrorKind::Value, place.clone(), message));
        arguments.check_arguments(3, &[], place)?;
        let mut numbers = Vec::new();
        for position in 0..arguments.positional.len() {
            match arguments.number(position, "range", place)? {
                Some(number) if number.fract() == 0.0 => numbers.push(number),
                _ => return refuse("`range` takes whole numbers"),
            }
        }
        let (start, stop, step) = match *numbers.as_slice() {
            [stop] => (0.0, stop, 1.0),
            [start, stop] => (start, stop, 1.0),
            [start, stop, step] if step != 0.0 => (start, stop, step),
            _ => {
                return refuse(
                    "`range` takes `stop`, or `start` and `stop`, and a `step` that is not 0",
                );
            }
        };
        let count = operators::to_count(((stop - start) / step).ceil()).unwrap_or(0);
        self.budget.make(count.saturating_mul(16), place)?;
        let mut values = Vec::with_capacity(count);
        let mut number = start;
        for _ in 0..count {
            values.push(Value::Number(number));
            number += step;
        }
        Ok(Value::list(values))
    }
}

/// Writes `a.b.c` for messages.
fn format_path(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Var(variable) => variable.id.to_owned(),
        Expr::GetAttr(attribute) => format!("{}.{}", format_path(&attribute.expr), attribute.name),
        _ => "…".to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a loop has far fewer than 2^53 rounds")]
fn loop_attribute<'p>(state: &LoopValue, name: &str) -> Value<'p> {
    let count = |count: usize| Value::Number(count as f64);
    match name {
        "index" => count(state.index0 + 1),
        "index0" => count(state.index0),
        "revindex" => count(state.length - state.index0),
        "revindex0" => count(state.length - state.index0 - 1),
        "first" => Value::Bool(state.index0 == 0),
        "last" => Value::Bool(state.index0 + 1 == state.length),
        "length" => count(state.length),
        _ => Value::Undefined(format!("loop.{name}").into()),
    }
}

/// Reads a literal of the template.
fn literal<'p>(value: &minijinja::Value, place: &Range<usize>) -> Result<Value<'p>, Error> {
    use minijinja::value::ValueKind;

    match value.kind() {
        ValueKind::None => Ok(Value::None),
        ValueKind::Bool => Ok(Value::Bool(value.is_true())),
        ValueKind::Number => {
            let text = value.to_string();
            // An integer is refused before it is rounded to one that is exact.
            let exact = text.parse::<i128>().is_ok_and(|integer| integer.unsigned_abs() > 1 << 53);
            let parsed: f64 = text.parse().unwrap_or(f64::INFINITY);
            // Twice the bound is refused as what it is: beyond exact numbers.
            operators::number(if exact { (1u64 << 54) as f64 } else { parsed }, place)
        }
        ValueKind::String => Ok(Value::text(value.as_str().unwrap_or_default())),
        _ => refuse_unsupported(place.clone()),
    }
}

/// Refuses a `break` or `continue` that is not directly in the body of a loop.
fn refuse_jump(flow: Flow, place: impl FnOnce() -> Range<usize>) -> Result<Flow, Error> {
    if flow == Flow::Next { Ok(flow) } else { refuse_unsupported(place()) }
}

/// What the check refuses, met while rendering a document that was never checked.
fn refuse_unsupported<T>(place: Range<usize>) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unsupported, place, "this is not in the jinja dialect of promptdex"))
}
