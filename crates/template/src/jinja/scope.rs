//! What a template uses: free variables, includes, and whatever the dialect does not have.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery::ast::{Call, CallArg, Expr, Macro, Stmt};

use super::{filters, range, tests};
use crate::error::{Error, ErrorKind};
use crate::suggest::did_you_mean;

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The variable and the attributes read from it, such as `["user", "name"]`; never empty.
    pub path: Vec<String>,
    /// The place of the variable's name in the template.
    pub range: Range<usize>,
    /// How it is used.
    pub usage: Usage,
}

/// How a template uses a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Its value is looked at.
    Read,
    /// Only whether it is defined matters.
    Tested,
    /// Its value is printed, perhaps through filters.
    Printed,
}

/// An include.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncludeUse {
    /// The literal between the quotes.
    pub name: String,
    /// Its place in the template, without its quotes.
    pub range: Range<usize>,
}

/// Everything a template uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) variables: Vec<VariableUse>,
    pub(crate) includes: Vec<IncludeUse>,
    pub(crate) problems: Vec<Error>,
}

/// Walks a template. A variable that is `set` in a branch counts as bound after it.
pub(crate) fn uses<'s>(text: &'s str, program: &Stmt<'s>) -> Uses {
    let mut walker =
        Walker { text, uses: Uses::default(), scopes: vec![BTreeSet::new()], in_loop: false };
    walker.statement(program);
    walker.uses.variables.sort_by_key(|used| used.range.start);
    walker.uses.problems.sort_by_key(|problem| problem.range.start);
    walker.uses
}

struct Walker<'s> {
    text: &'s str,
    uses: Uses,
    /// Names bound by `for`, `set`, `with` and macros, innermost last.
    scopes: Vec<BTreeSet<&'s str>>,
    /// Whether `break` and `continue` have a loop to act on.
    in_loop: bool,
}

/// What `loop` offers.
const LOOP_ATTRIBUTES: [&str; 8] =
    ["index", "index0", "revindex", "revindex0", "first", "last", "length", "cycle"];

impl<'s> Walker<'s> {
    fn bind(&mut self, name: &'s str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name);
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    fn problem(&mut self, range: Range<usize>, message: String, help: impl Into<String>) {
        self.uses.problems.push(Error::new(ErrorKind::Unsupported, range, message).help(help));
    }

    fn body(&mut self, statements: &[Stmt<'s>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn walk_in_scope(&mut self, names: &[&'s str], statements: &[Stmt<'s>]) {
        self.scopes.push(names.iter().copied().collect());
        self.body(statements);
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &Stmt<'s>) {
        match statement {
            Stmt::Template(template) => self.body(&template.children),
            Stmt::EmitExpr(emit) => {
                let before = self.uses.variables.len();
                self.expression(&emit.expr);
                if let Some(printed) = printed_range(&emit.expr) {
                    for used in &mut self.uses.variables[before..] {
                        if used.range == printed {
                            used.usage = Usage::Printed;
                        }
                    }
                }
            }
            Stmt::EmitRaw(_) => {}
            Stmt::Continue(jump) => self.jump(range(jump.span()), "continue"),
            Stmt::Break(jump) => self.jump(range(jump.span()), "break"),
            Stmt::ForLoop(for_loop) => {
                self.expression(&for_loop.iter);
                if for_loop.recursive {
                    self.unsupported_statement(
                        range(for_loop.span()),
                        "for … recursive",
                        "use a macro that calls itself",
                    );
                }
                self.scopes.push(BTreeSet::from(["loop"]));
                self.target(&for_loop.target);
                if let Some(filter) = &for_loop.filter_expr {
                    self.expression(filter);
                }
                self.with_in_loop(true, |walker| walker.body(&for_loop.body));
                self.scopes.pop();
                self.with_in_loop(false, |walker| walker.walk_in_scope(&[], &for_loop.else_body));
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                self.body(&condition.true_body);
                self.body(&condition.false_body);
            }
            Stmt::WithBlock(with) => {
                self.scopes.push(BTreeSet::new());
                for (target, value) in &with.assignments {
                    self.expression(value);
                    self.target(target);
                }
                self.body(&with.body);
                self.scopes.pop();
            }
            Stmt::Set(set) => {
                self.expression(&set.expr);
                self.target(&set.target);
            }
            Stmt::SetBlock(set) => {
                self.with_in_loop(false, |walker| walker.walk_in_scope(&[], &set.body));
                if let Some(filter) = &set.filter {
                    self.expression(filter);
                }
                self.target(&set.target);
            }
            Stmt::FilterBlock(block) => {
                self.with_in_loop(false, |walker| walker.walk_in_scope(&[], &block.body));
                self.expression(&block.filter);
            }
            Stmt::Macro(declaration) => {
                // The name is the first word after `macro`.
                let whole = range(declaration.span());
                let at = self.text.get(whole.clone()).and_then(|text| text.find(declaration.name));
                let start = whole.start + at.unwrap_or(0);
                let place = start..start + declaration.name.len();
                self.check_name(declaration.name, place);
                self.bind(declaration.name);
                self.macro_body(declaration);
            }
            Stmt::CallBlock(block) => {
                self.call(&block.call, range(block.call.span()));
                self.macro_body(&block.macro_decl);
            }
            Stmt::Include(include) => match &include.name {
                Expr::Const(name) if name.value.as_str().is_some() && !include.ignore_missing => {
                    let literal = range(name.span());
                    let name = name.value.as_str().unwrap_or_default().to_owned();
                    self.uses
                        .includes
                        .push(IncludeUse { name, range: literal.start + 1..literal.end - 1 });
                }
                _ => self.problem(
                    range(include.span()),
                    "an include names one version literally".to_owned(),
                    "write it as `{% include \"name@1.0.0\" %}`",
                ),
            },
            Stmt::AutoEscape(block) => {
                self.unsupported_statement(
                    range(block.span()),
                    "autoescape",
                    "remove it: prompt text is never escaped",
                );
            }
            Stmt::Block(block) => {
                self.unsupported_statement(
                    range(block.span()),
                    "block",
                    "use `{% include %}` for shared parts",
                );
            }
            Stmt::Extends(extends) => {
                self.unsupported_statement(
                    range(extends.span()),
                    "extends",
                    "use `{% include %}` for shared parts",
                );
            }
            Stmt::Import(import) => {
                self.unsupported_statement(
                    range(import.span()),
                    "import",
                    "define the macro in this template",
                );
            }
            Stmt::FromImport(import) => {
                self.unsupported_statement(
                    range(import.span()),
                    "from … import",
                    "define the macro in this template",
                );
            }
            Stmt::Do(call) => {
                self.unsupported_statement(range(call.span()), "do", "use `{% set %}`");
            }
        }
    }

    /// Walks statements of which a loop around them is not the loop of their `break`s.
    fn with_in_loop(&mut self, in_loop: bool, work: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.in_loop, in_loop);
        work(self);
        self.in_loop = before;
    }

    fn jump(&mut self, range: Range<usize>, name: &str) {
        if !self.in_loop {
            let message = format!("`{name}` is not directly in the body of a loop");
            self.problem(
                range,
                message,
                "move it out of the block, or choose the items with `{% for … if … %}`",
            );
        }
    }

    fn unsupported_statement(&mut self, range: Range<usize>, name: &str, help: &str) {
        // Of a block only its first line, else the finding would underline a page.
        let line =
            self.text[range.clone()].find('\n').map_or(range.end, |newline| range.start + newline);
        self.problem(
            range.start..line,
            format!("`{name}` is not in the jinja dialect of promptdex"),
            help,
        );
    }

    fn macro_body(&mut self, declaration: &Macro<'s>) {
        self.scopes.push(BTreeSet::from(["caller"]));
        let optional = declaration.args.len().saturating_sub(declaration.defaults.len());
        for (position, argument) in declaration.args.iter().enumerate() {
            // A default sees the arguments before it.
            if let Some(default) =
                position.checked_sub(optional).and_then(|at| declaration.defaults.get(at))
            {
                self.expression(default);
            }
            self.target(argument);
        }
        self.with_in_loop(false, |walker| walker.body(&declaration.body));
        self.scopes.pop();
    }

    /// Refuses to give a name that means something to something else.
    fn check_name(&mut self, name: &str, range: Range<usize>) {
        const TAKEN: [&str; 10] =
            ["range", "loop", "caller", "self", "true", "false", "none", "True", "False", "None"];
        if TAKEN.contains(&name) {
            let message = format!("`{name}` has a meaning of its own");
            self.problem(range, message, "choose another name");
        }
    }

    /// Binds the names on the left of an assignment.
    fn target(&mut self, target: &Expr<'s>) {
        match target {
            Expr::Var(variable) => {
                self.check_name(variable.id, range(variable.span()));
                self.bind(variable.id);
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.target(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.target(item)),
            other => {
                self.problem(
                    range(other.span()),
                    "only names can be assigned to".to_owned(),
                    "make a new name with `{% set name = … %}`",
                );
            }
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'s>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value) | CallArg::Kwarg(_, value) => self.expression(value),
                CallArg::PosSplat(value) | CallArg::KwargSplat(value) => {
                    self.problem(
                        range(value.span()),
                        "`*` in a call is not in the dialect".to_owned(),
                        "pass the arguments one by one",
                    );
                }
            }
        }
    }

    fn call(&mut self, call: &Call<'s>, whole: Range<usize>) {
        match &call.expr {
            Expr::Var(variable) if self.is_bound(variable.id) => {}
            Expr::Var(variable) if variable.id == "range" => {}
            Expr::Var(variable) => {
                let message = format!("there is no function `{}`", variable.id);
                let help = did_you_mean(variable.id, ["range"])
                    .unwrap_or_else(|| "the only function is `range`".to_owned());
                self.problem(range(variable.span()), message, help);
            }
            Expr::GetAttr(attribute) => {
                let looping = matches!(&attribute.expr, Expr::Var(v) if v.id == "loop" && self.is_bound("loop"));
                if !(looping && attribute.name == "cycle") {
                    let help = match attribute.name {
                        name if filters::NAMES.contains(&name) => {
                            format!("use the filter: `| {name}`")
                        }
                        "strip" => "use the filter: `| trim`".to_owned(),
                        _ => "pass the value ready to print as a variable".to_owned(),
                    };
                    self.problem(
                        whole,
                        format!("`.{}()` is a method, which values do not have", attribute.name),
                        help,
                    );
                }
                self.expression(&attribute.expr);
            }
            other => {
                self.problem(
                    whole,
                    "only macros and `range` can be called".to_owned(),
                    "give the macro a name",
                );
                self.expression(other);
            }
        }
        self.arguments(&call.args);
    }

    fn expression(&mut self, expression: &Expr<'s>) {
        match expression {
            Expr::Var(variable) => {
                self.variable(vec![variable.id], range(variable.span()), Usage::Read);
            }
            Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                if slice.step.is_some() {
                    let message = "a slice has no step in the dialect".to_owned();
                    self.problem(range(slice.span()), message, "write `[start:stop]`");
                }
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(bound);
                }
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                self.expression(&operation.left);
                self.expression(&operation.right);
            }
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr);
                for operand in &comparison.ops {
                    self.expression(&operand.expr);
                }
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                self.expression(&choice.true_expr);
                match &choice.false_expr {
                    Some(other) => self.expression(other),
                    None => self.problem(
                        range(choice.span()),
                        "`if` in an expression without `else` prints nothing".to_owned(),
                        "add `else`",
                    ),
                }
            }
            Expr::Filter(filter) => {
                if let Some(value) = &filter.expr {
                    if matches!(filter.name, "default" | "d") {
                        self.walk_tested(value);
                    } else {
                        self.expression(value);
                    }
                }
                if !filters::NAMES.contains(&filter.name) {
                    let place = self.name_in(range(filter.span()), filter.name);
                    let help = did_you_mean(filter.name, filters::NAMES).unwrap_or_else(|| {
                        format!("the filters are {}", filters::NAMES.join(", "))
                    });
                    self.problem(place, format!("there is no filter `{}`", filter.name), help);
                }
                self.arguments(&filter.args);
            }
            Expr::Test(test) => {
                if matches!(test.name, "defined" | "undefined") {
                    self.walk_tested(&test.expr);
                } else {
                    self.expression(&test.expr);
                }
                if !tests::NAMES.contains(&test.name) {
                    let place = self.name_in(range(test.span()), test.name);
                    let help = did_you_mean(test.name, tests::NAMES)
                        .unwrap_or_else(|| format!("the tests are {}", tests::NAMES.join(", ")));
                    self.problem(place, format!("there is no test `{}`", test.name), help);
                }
                self.arguments(&test.args);
            }
            Expr::GetAttr(_) => self.attribute(expression, Usage::Read),
            Expr::GetItem(item) => {
                self.expression(&item.expr);
                self.expression(&item.subscript_expr);
            }
            Expr::Call(call) => self.call(call, range(call.span())),
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => {
                map.keys.iter().chain(&map.values).for_each(|item| self.expression(item));
            }
        }
    }

    /// Walks an expression of which only matters whether it is defined.
    fn walk_tested(&mut self, expression: &Expr<'s>) {
        match expression {
            Expr::Var(variable) => {
                self.variable(vec![variable.id], range(variable.span()), Usage::Tested);
            }
            Expr::GetAttr(_) => self.attribute(expression, Usage::Tested),
            other => self.expression(other),
        }
    }

    /// Walks `a.b.c`.
    fn attribute(&mut self, expression: &Expr<'s>, usage: Usage) {
        let mut path = Vec::new();
        let mut inner = expression;
        while let Expr::GetAttr(attribute) = inner {
            path.push(attribute.name);
            inner = &attribute.expr;
        }
        path.reverse();
        let Expr::Var(variable) = inner else {
            self.expression(inner);
            return;
        };
        if variable.id == "loop" && self.is_bound("loop") && !LOOP_ATTRIBUTES.contains(&path[0]) {
            let help = did_you_mean(path[0], LOOP_ATTRIBUTES)
                .unwrap_or_else(|| format!("it has {}", LOOP_ATTRIBUTES.join(", ")));
            self.problem(range(expression.span()), format!("`loop` has no `{}`", path[0]), help);
        }
        path.insert(0, variable.id);
        self.variable(path, range(variable.span()), usage);
    }

    fn variable(&mut self, path: Vec<&'s str>, range: Range<usize>, usage: Usage) {
        if !self.is_bound(path[0]) {
            let path = path.into_iter().map(str::to_owned).collect();
            self.uses.variables.push(VariableUse { path, range, usage });
        }
    }

    /// Finds the name of a filter or test in its expression: at its start, else the last time it
    /// occurs as a word.
    fn name_in(&self, whole: Range<usize>, name: &str) -> Range<usize> {
        let Some(text) = self.text.get(whole.clone()) else { return whole };
        if text.starts_with(name) {
            return whole.start..whole.start + name.len();
        }
        let word = |at: &usize| {
            let around = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !around(text[..*at].chars().next_back())
                && !around(text[at + name.len()..].chars().next())
        };
        match text.match_indices(name).map(|(at, _)| at).filter(word).last() {
            Some(at) => whole.start + at..whole.start + at + name.len(),
            None => whole,
        }
    }
}

/// The constant expressions of a template may cost so many thousandths of a rendering's budget
/// together: looking at them ahead is bounded, too.
const MAX_SPENT: u64 = 200_000;

/// Evaluates the expressions that depend on nothing: one that passes a limit does so in every
/// rendering, case or no case.
pub(crate) fn constant_problems<'s>(program: &'s Stmt<'s>) -> Vec<Error> {
    let mut expressions = Vec::new();
    top_expressions(std::slice::from_ref(program), &mut expressions);
    let mut problems = Vec::new();
    let mut spent: u64 = 0;
    while let Some(expression) = expressions.pop() {
        if matches!(expression, Expr::Const(_)) {
            continue;
        }
        if is_constant(expression) {
            let (result, cost) = super::eval::constant(expression);
            if let Err(error) = result
                && error.kind == ErrorKind::Limit
            {
                problems.push(error);
            }
            spent += cost;
            if spent > MAX_SPENT {
                let message =
                    "the constant expressions of the template cost more than 200 renderings";
                let error = Error::new(ErrorKind::Limit, range(expression.span()), message);
                problems.push(error.help("write their values out"));
                break;
            }
        } else {
            operands(expression, &mut expressions);
        }
    }
    problems.sort_by_key(|problem| problem.range.start);
    problems
}

fn top_expressions<'a, 's>(statements: &'a [Stmt<'s>], found: &mut Vec<&'a Expr<'s>>) {
    for statement in statements {
        match statement {
            Stmt::Template(template) => top_expressions(&template.children, found),
            Stmt::EmitExpr(emit) => found.push(&emit.expr),
            Stmt::ForLoop(for_loop) => {
                found.push(&for_loop.iter);
                found.extend(&for_loop.filter_expr);
                top_expressions(&for_loop.body, found);
                top_expressions(&for_loop.else_body, found);
            }
            Stmt::IfCond(condition) => {
                found.push(&condition.expr);
                top_expressions(&condition.true_body, found);
                top_expressions(&condition.false_body, found);
            }
            Stmt::WithBlock(with) => {
                found.extend(with.assignments.iter().map(|(_, value)| value));
                top_expressions(&with.body, found);
            }
            Stmt::Set(set) => found.push(&set.expr),
            Stmt::SetBlock(set) => top_expressions(&set.body, found),
            Stmt::FilterBlock(block) => top_expressions(&block.body, found),
            Stmt::Macro(declaration) => {
                found.extend(&declaration.defaults);
                top_expressions(&declaration.body, found);
            }
            Stmt::CallBlock(block) => {
                found.extend(block.call.args.iter().map(argument));
                top_expressions(&block.macro_decl.body, found);
            }
            Stmt::EmitRaw(_)
            | Stmt::Continue(_)
            | Stmt::Break(_)
            | Stmt::Include(_)
            | Stmt::AutoEscape(_)
            | Stmt::Block(_)
            | Stmt::Extends(_)
            | Stmt::Import(_)
            | Stmt::FromImport(_)
            | Stmt::Do(_) => {}
        }
    }
}

/// Returns the place of the variable that an expression prints, apart from filters.
fn printed_range(expression: &Expr<'_>) -> Option<Range<usize>> {
    let mut inner = expression;
    while let Expr::Filter(filter) = inner {
        inner = filter.expr.as_ref()?;
    }
    match inner {
        Expr::Var(variable) => Some(range(variable.span())),
        _ => None,
    }
}

fn argument<'a, 's>(argument: &'a CallArg<'s>) -> &'a Expr<'s> {
    match argument {
        CallArg::Pos(value)
        | CallArg::Kwarg(_, value)
        | CallArg::PosSplat(value)
        | CallArg::KwargSplat(value) => value,
    }
}

/// Whether an expression has the same value in every rendering.
fn is_constant(expression: &Expr<'_>) -> bool {
    let mut pending = vec![expression];
    while let Some(expression) = pending.pop() {
        match expression {
            Expr::Var(_) => return false,
            Expr::Call(call) => match &call.expr {
                Expr::Var(variable) if variable.id == "range" => {
                    pending.extend(call.args.iter().map(argument));
                }
                _ => return false,
            },
            other => operands(other, &mut pending),
        }
    }
    true
}

/// Adds the expressions directly inside an expression.
fn operands<'a, 's>(expression: &'a Expr<'s>, found: &mut Vec<&'a Expr<'s>>) {
    match expression {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(slice) => {
            found.push(&slice.expr);
            found.extend([&slice.start, &slice.stop, &slice.step].into_iter().flatten());
        }
        Expr::UnaryOp(operation) => found.push(&operation.expr),
        Expr::BinOp(operation) => found.extend([&operation.left, &operation.right]),
        Expr::Compare(comparison) => {
            found.push(&comparison.expr);
            found.extend(comparison.ops.iter().map(|operand| &operand.expr));
        }
        Expr::IfExpr(choice) => {
            found.extend([&choice.test_expr, &choice.true_expr]);
            found.extend(&choice.false_expr);
        }
        Expr::Filter(filter) => {
            found.extend(&filter.expr);
            found.extend(filter.args.iter().map(argument));
        }
        Expr::Test(test) => {
            found.push(&test.expr);
            found.extend(test.args.iter().map(argument));
        }
        Expr::GetAttr(attribute) => found.push(&attribute.expr),
        Expr::GetItem(item) => found.extend([&item.expr, &item.subscript_expr]),
        Expr::Call(call) => {
            // The callee is a name, or was reported.
            found.extend(call.args.iter().map(argument));
        }
        Expr::List(list) => found.extend(&list.items),
        Expr::Tuple(tuple) => found.extend(&tuple.items),
        Expr::Map(map) => found.extend(map.keys.iter().chain(&map.values)),
    }
}
