//! Makes a program of the parser's tree: resolves names, flattens chains, reads literals as Python does,
//! and finds what a template uses and what the dialect does not have.

use std::ops::Range;
use std::rc::Rc;

use minijinja::machinery::ast::{self, BinOpKind, CallArg, CompareOpKind, Expr, Stmt, UnaryOpKind};

use super::arguments::is_internal_argument;
use super::budget::MAX_DEPTH;
use super::functions;
use super::literal;
use super::places::{place, place_of};
use super::program::{
    Arguments, CallBlock, Comparison, Conditional, Constant, Expression, FilterBlock, FilterCall,
    For, Frame, Function, If, Link, Load, LoopTest, Macro, Operand, Operator, Parameter, Place,
    Program, SetBlock, Slot, Statement, Step, Target, TestCall, With,
};
use super::symbols::{Origin, Symbols, operands, reads};
use super::syntax::range;
use super::uses::{IncludeUse, Usage, Uses, VariableUse};
use super::{attributes, filters, methods, tests};
use crate::error::{Error, ErrorKind, Sentence};
use crate::order::{SortedSet, sort_by_place};
use crate::suggest::did_you_mean;

/// Makes a program of a template, and tells what it uses.
pub(crate) fn lower<'s>(text: &'s str, template: &Stmt<'s>) -> (Program, Uses) {
    let mut lowering = Lowering {
        text,
        blocks: Vec::new(),
        functions: vec![0],
        uses: Uses::default(),
        in_loop: false,
        set: SortedSet::default(),
        block_count: 0,
        depth: Depth::default(),
        grows_lists: false,
    };
    let mut symbols = Symbols::default();
    symbols.statements(std::slice::from_ref(template), &|_| false);
    let root = lowering.open(symbols);
    let body = lowering.statements(std::slice::from_ref(template));
    lowering.blocks.pop();
    let slot_count = lowering.functions[0];
    let mut uses = lowering.uses;
    sort_by_place(&mut uses.variables, |used| used.range.start);
    sort_by_place(&mut uses.problems, |problem| problem.range.start);
    (Program { root, body, slot_count, grows_lists: lowering.grows_lists }, uses)
}

/// A block whose statements are being read.
struct Block<'s> {
    number: usize,
    symbols: Symbols<'s>,
    /// The place of its function among those around.
    function: usize,
}

/// A name as it was resolved.
struct Resolved {
    slot: Slot,
    block: usize,
    origin: Origin,
}

struct Lowering<'s> {
    text: &'s str,
    /// The blocks around, outermost first.
    blocks: Vec<Block<'s>>,
    /// The numbers of slots of the functions around.
    functions: Vec<u16>,
    uses: Uses,
    /// Whether `break` and `continue` have a loop to act on.
    in_loop: bool,
    /// Names that are set whenever the place that is read is reached.
    set: SortedSet<(usize, &'s str)>,
    block_count: usize,
    depth: Depth,
    grows_lists: bool,
}

/// How deep the place that is read is nested.
#[derive(Debug, Clone, Copy, Default)]
struct Depth {
    /// As rendering counts it, since the last macro.
    levels: usize,
    /// As Python indents what Jinja2 makes of it.
    indentation: usize,
    /// Loops since the last macro or recursive loop.
    loops: usize,
}

/// Python indents no deeper than 100 levels; what is in an expression takes a few.
const MAX_INDENTATION: usize = 90;

/// Python knows no more nested loops.
const MAX_LOOPS: usize = 20;

impl<'s> Lowering<'s> {
    fn problem(
        &mut self,
        kind: ErrorKind,
        range: Range<usize>,
        message: String,
        help: impl Sentence,
    ) {
        self.uses.problems.push(Error::new(kind, range, message).help(help));
    }

    fn unsupported(&mut self, range: Range<usize>, message: String, help: impl Sentence) {
        self.problem(ErrorKind::Unsupported, range, message, help);
    }

    /// Collects the names of a block.
    fn symbols(
        &self,
        collect: impl FnOnce(&mut Symbols<'s>, &dyn Fn(&str) -> bool),
    ) -> Symbols<'s> {
        let mut symbols = Symbols::default();
        let around =
            |name: &str| self.blocks.iter().any(|block| block.symbols.names.contains_key(name));
        collect(&mut symbols, &around);
        symbols
    }

    /// Opens a block in the innermost function.
    fn open(&mut self, mut symbols: Symbols<'s>) -> Frame {
        let function = self.functions.len() - 1;
        let mut loads = Vec::new();
        for (name, symbol) in &mut symbols.names {
            let index = self.functions[function];
            match index.checked_add(1) {
                Some(next) => self.functions[function] = next,
                None => {
                    let message = "the template binds more than 65,535 names".to_owned();
                    self.problem(ErrorKind::Limit, 0..0, message, "bind fewer names");
                }
            }
            symbol.slot = index;
            match symbol.origin {
                Origin::Parameter => {}
                Origin::Variable => loads.push((index, Load::Variable((*name).into()))),
                Origin::Undefined => loads.push((index, Load::Undefined((*name).into()))),
                Origin::Outer => {
                    if let Some(outer) = self.resolve(name) {
                        loads.push((index, Load::Outer(outer.slot)));
                    }
                }
            }
        }
        self.block_count += 1;
        self.blocks.push(Block { number: self.block_count, symbols, function });
        Frame { loads }
    }

    fn resolve(&self, name: &str) -> Option<Resolved> {
        self.blocks.iter().rev().find_map(|block| {
            let symbol = block.symbols.names.get(name)?;
            let hops = u16::try_from(self.functions.len() - 1 - block.function).ok()?;
            let slot = Slot { hops, index: symbol.slot };
            Some(Resolved { slot, block: block.number, origin: symbol.origin })
        })
    }

    /// Returns the index of a name of the innermost block.
    fn own_index(&self, name: &str) -> u16 {
        let symbol = self.blocks.last().and_then(|block| block.symbols.names.get(name));
        symbol.map_or(0, |symbol| symbol.slot)
    }

    fn statements(&mut self, statements: &[Stmt<'s>]) -> Vec<Statement> {
        let mut lowered = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement(statement, &mut lowered);
        }
        lowered
    }

    fn statement(&mut self, statement: &Stmt<'s>, out: &mut Vec<Statement>) {
        match statement {
            Stmt::Template(template) => out.append(&mut self.statements(&template.children)),
            Stmt::EmitRaw(raw) => {
                out.push(Statement::Text(literal::line_ends(raw.raw).into(), place(raw.span())));
            }
            Stmt::EmitExpr(emit) => {
                let before = self.uses.variables.len();
                let value = self.expression(&emit.expr);
                if let Some(printed) = printed_range(&emit.expr) {
                    for used in &mut self.uses.variables[before..] {
                        if used.range == printed {
                            used.usage = Usage::Printed;
                        }
                    }
                }
                out.push(Statement::Print(value));
            }
            Stmt::Continue(jump) => {
                self.jump(range(jump.span()), "continue");
                out.push(Statement::Continue);
            }
            Stmt::Break(jump) => {
                self.jump(range(jump.span()), "break");
                out.push(Statement::Break);
            }
            Stmt::ForLoop(for_loop) => out.push(self.for_loop(for_loop, place(for_loop.span()))),
            Stmt::IfCond(condition) => out.push(self.condition(condition, place(condition.span()))),
            Stmt::WithBlock(with) => out.push(self.with_block(with, place(with.span()))),
            Stmt::Set(set) => {
                let value = self.expression(&set.expr);
                let target = self.target(&set.target);
                out.push(Statement::Set(Box::new((target, value))));
            }
            Stmt::SetBlock(set) => {
                let symbols = self.symbols(|symbols, around| symbols.statements(&set.body, around));
                let frame = self.open(symbols);
                let whole = place(set.span());
                let body = self.without_loop(|lowering| lowering.block_body(&set.body, whole));
                let filters = match &set.filter {
                    Some(filter) => self.filter_chain(filter),
                    None => Vec::new(),
                };
                self.blocks.pop();
                let target = self.target(&set.target);
                let block = SetBlock { target, filters, frame, body, place: whole };
                out.push(Statement::SetBlock(Box::new(block)));
            }
            Stmt::FilterBlock(block) => {
                let symbols = self.symbols(|symbols, around| {
                    symbols.statements(&block.body, around);
                    symbols.expression(&block.filter, around);
                });
                let frame = self.open(symbols);
                let place = place(block.span());
                let body = self.without_loop(|lowering| lowering.block_body(&block.body, place));
                let filters = self.filter_chain(&block.filter);
                self.blocks.pop();
                out.push(Statement::FilterBlock(Box::new(FilterBlock {
                    filters,
                    frame,
                    body,
                    place,
                })));
            }
            Stmt::Macro(declaration) => {
                let whole = range(declaration.span());
                // The name is the first word after `macro`.
                let at = self.text.get(whole.clone()).and_then(|text| text.find(declaration.name));
                let start = whole.start + at.unwrap_or(0);
                self.check_name(declaration.name, start..start + declaration.name.len());
                let lowered = self.macro_declaration(declaration, place(declaration.span()));
                if let Some(resolved) = self.resolve(declaration.name) {
                    self.set.insert((resolved.block, declaration.name));
                    let place = place(declaration.span());
                    out.push(Statement::Macro { slot: resolved.slot, declaration: lowered, place });
                }
            }
            Stmt::CallBlock(block) => {
                for argument in &block.call.args {
                    if let CallArg::Kwarg("caller", value) = argument {
                        let message = "`caller` is the body of the block".to_owned();
                        self.unsupported(range(value.span()), message, "choose a different name");
                    }
                }
                let whole = place(block.call.span());
                let call = self.call_expression(&block.call, whole);
                let caller =
                    self.macro_declaration(&block.macro_decl, place(block.macro_decl.span()));
                out.push(Statement::CallBlock(Box::new(CallBlock { call, caller, place: whole })));
            }
            Stmt::Include(include) => match &include.name {
                Expr::Const(name) if name.value.as_str().is_some() && !include.ignore_missing => {
                    let written = range(name.span());
                    let name = name.value.as_str().unwrap_or_default().to_owned();
                    out.push(Statement::Include(name.as_str().into(), place(include.span())));
                    let range = written.start + 1..written.end - 1;
                    self.uses.includes.push(IncludeUse { name, range });
                }
                _ => self.unsupported(
                    range(include.span()),
                    "an include requires a literal prompt version".to_owned(),
                    "write it as `{% include \"name@1.0.0\" %}`",
                ),
            },
            Stmt::Do(statement) => {
                let call = self.call_expression(&statement.call, place(statement.call.span()));
                out.push(Statement::Do(call));
            }
            Stmt::AutoEscape(block) => self.refuse_statement(
                range(block.span()),
                "autoescape",
                "remove it; text is never escaped",
            ),
            Stmt::Block(block) => self.refuse_statement(
                range(block.span()),
                "block",
                "use `{% include %}` for shared parts",
            ),
            Stmt::Extends(extends) => self.refuse_statement(
                range(extends.span()),
                "extends",
                "use `{% include %}` for shared parts",
            ),
            Stmt::Import(import) => self.refuse_statement(
                range(import.span()),
                "import",
                "define the macro in this template",
            ),
            Stmt::FromImport(import) => self.refuse_statement(
                range(import.span()),
                "from … import",
                "define the macro in this template",
            ),
        }
    }

    /// Reads what is nested deeper.
    fn deeper<T>(&mut self, depth: Depth, place: Place, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.depth, depth);
        let help = "flatten the template";
        if depth.levels == MAX_DEPTH + 1 && before.levels <= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            self.problem(ErrorKind::Limit, place.range(), message, help);
        }
        if depth.indentation > MAX_INDENTATION && before.indentation <= MAX_INDENTATION {
            let message = format!("blocks are nested deeper than {MAX_INDENTATION} levels");
            self.problem(ErrorKind::Limit, place.range(), message, help);
        }
        if depth.loops == MAX_LOOPS + 1 {
            let message = format!("more than {MAX_LOOPS} nested loops");
            self.problem(ErrorKind::Limit, place.range(), message, help);
        }
        let result = work(self);
        self.depth = before;
        result
    }

    /// Reads the body of a block.
    fn block_body(&mut self, statements: &[Stmt<'s>], place: Place) -> Vec<Statement> {
        let Depth { levels, indentation, loops } = self.depth;
        let depth = Depth { levels: levels + 1, indentation: indentation + 1, loops };
        self.deeper(depth, place, |lowering| lowering.statements(statements))
    }

    /// Reads statements whose `break`s have no loop.
    fn without_loop<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.with_in_loop(false, work)
    }

    fn with_in_loop<T>(&mut self, in_loop: bool, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.in_loop, in_loop);
        let result = work(self);
        self.in_loop = before;
        result
    }

    fn jump(&mut self, range: Range<usize>, name: &str) {
        if !self.in_loop {
            let message = format!("`{name}` is not directly in a loop body");
            let help = "move it out of the block, or filter the items with `{% for … if … %}`";
            self.unsupported(range, message, help);
        }
    }

    fn refuse_statement(&mut self, range: Range<usize>, name: &str, help: &str) {
        // Of a block only its first line, else the finding would underline a page.
        let line =
            self.text[range.clone()].find('\n').map_or(range.end, |newline| range.start + newline);
        let message = format!("`{name}` is not in the jinja dialect of promptdex");
        self.unsupported(range.start..line, message, help);
    }

    fn condition(&mut self, condition: &ast::IfCond<'s>, whole: Place) -> Statement {
        let mut branches = Vec::new();
        let mut ends = Vec::new();
        let mut current = condition;
        let mut current_place = whole;
        let otherwise = loop {
            let test = self.expression(&current.expr);
            let before = self.set.clone();
            let body = self.block_body(&current.true_body, current_place);
            ends.push(std::mem::replace(&mut self.set, before));
            branches.push((test, body, current_place));
            match current.false_body.as_slice() {
                [Stmt::IfCond(other)] => {
                    current_place = place(other.span());
                    current = other;
                }
                body => break self.block_body(body, current_place),
            }
        };
        // Set for certain is what every branch sets.
        for end in ends {
            self.set.intersect(&end);
        }
        Statement::If(Box::new(If { branches, otherwise }))
    }

    fn for_loop(&mut self, for_loop: &ast::ForLoop<'s>, whole: Place) -> Statement {
        let items = self.expression(&for_loop.iter);
        let before = self.set.clone();
        if for_loop.recursive {
            self.functions.push(0);
        }
        let test = for_loop.filter_expr.as_ref().map(|condition| {
            let symbols = self.symbols(|symbols, around| {
                symbols.parameters(&for_loop.target);
                symbols.expression(condition, around);
            });
            let frame = self.open(symbols);
            let target = self.target(&for_loop.target);
            let condition = self.expression(condition);
            self.blocks.pop();
            LoopTest { frame, target, condition }
        });
        let has_state = for_loop.recursive || reads(&for_loop.body, "loop");
        let symbols = self.symbols(|symbols, around| {
            if has_state {
                symbols.declare_parameter("loop");
            }
            symbols.parameters(&for_loop.target);
            symbols.statements(&for_loop.body, around);
        });
        let frame = self.open(symbols);
        let target = self.target(&for_loop.target);
        let state = has_state.then(|| Slot { hops: 0, index: self.own_index("loop") });
        let Depth { levels, indentation, loops } = self.depth;
        let depth = if for_loop.recursive {
            Depth { levels: levels + 1, indentation: indentation + 2, loops: 1 }
        } else {
            Depth { levels: levels + 1, indentation: indentation + 1, loops: loops + 1 }
        };
        let body = self.deeper(depth, whole, |lowering| {
            lowering.with_in_loop(true, |lowering| lowering.statements(&for_loop.body))
        });
        self.blocks.pop();
        self.set.clone_from(&before);
        let symbols =
            self.symbols(|symbols, around| symbols.statements(&for_loop.else_body, around));
        let else_frame = self.open(symbols);
        let otherwise =
            self.without_loop(|lowering| lowering.block_body(&for_loop.else_body, whole));
        self.blocks.pop();
        self.set = before;
        let recursive = if for_loop.recursive { self.functions.pop() } else { None };
        Statement::For(Rc::new(For {
            target,
            items,
            test,
            frame,
            state,
            body,
            else_frame,
            otherwise,
            recursive,
            place: whole,
        }))
    }

    fn with_block(&mut self, with: &ast::WithBlock<'s>, whole: Place) -> Statement {
        let values: Vec<Expression> =
            with.assignments.iter().map(|(_, value)| self.expression(value)).collect();
        let symbols = self.symbols(|symbols, around| {
            with.assignments.iter().for_each(|(target, _)| symbols.parameters(target));
            symbols.statements(&with.body, around);
        });
        let frame = self.open(symbols);
        let targets: Vec<Target> =
            with.assignments.iter().map(|(target, _)| self.target(target)).collect();
        let body = self.block_body(&with.body, whole);
        self.blocks.pop();
        let assignments = targets.into_iter().zip(values).collect();
        Statement::With(Box::new(With { frame, assignments, body, place: whole }))
    }

    fn macro_declaration(&mut self, declaration: &ast::Macro<'s>, whole: Place) -> Rc<Macro> {
        let names: Vec<&'s str> = declaration
            .args
            .iter()
            .filter_map(|target| if let Expr::Var(name) = target { Some(name.id) } else { None })
            .collect();
        for (position, target) in declaration.args.iter().enumerate() {
            if let Expr::Var(name) = target
                && names[..position].contains(&name.id)
            {
                let message = format!("duplicate parameter `{}`", name.id);
                self.unsupported(range(name.span()), message, "choose a different name");
            }
        }
        let caller_parameter =
            names.iter().position(|name| *name == "caller" && reads(&declaration.body, "caller"));
        let special = |name: &str| reads(&declaration.body, name) && !names.contains(&name);
        let specials: Vec<&'static str> =
            ["caller", "varargs", "kwargs"].into_iter().filter(|name| special(name)).collect();
        let optional = declaration.args.len().saturating_sub(declaration.defaults.len());
        if let Some(position) = names.iter().position(|name| *name == "caller")
            && position < optional
            && reads(&declaration.body, "caller")
        {
            let place =
                declaration.args.get(position).map_or(whole.range(), |arg| range(arg.span()));
            let message = "the parameter `caller` cannot have a default".to_owned();
            self.unsupported(place, message, "remove the default");
        }
        let before = self.set.clone();
        self.functions.push(0);
        let symbols = self.symbols(|symbols, around| {
            names.iter().for_each(|name| symbols.declare_parameter(name));
            specials.iter().for_each(|name| symbols.declare_parameter(name));
            declaration.defaults.iter().for_each(|value| symbols.expression(value, around));
            symbols.statements(&declaration.body, around);
        });
        let frame = self.open(symbols);
        let parameters = names.iter().enumerate().map(|(position, name)| {
            let default =
                position.checked_sub(optional).and_then(|at| declaration.defaults.get(at));
            Parameter {
                name: (*name).into(),
                index: self.own_index(name),
                default: default.map(|value| self.expression(value)),
            }
        });
        let parameters = parameters.collect();
        let index =
            |lowering: &Self, name| specials.contains(&name).then(|| lowering.own_index(name));
        let (caller, varargs, kwargs) =
            (index(self, "caller"), index(self, "varargs"), index(self, "kwargs"));
        let depth = Depth { levels: 0, indentation: self.depth.indentation + 1, loops: 0 };
        let body = self.deeper(depth, whole, |lowering| {
            lowering.without_loop(|lowering| lowering.statements(&declaration.body))
        });
        self.blocks.pop();
        let slot_count = self.functions.pop().unwrap_or(0);
        self.set = before;
        Rc::new(Macro {
            name: declaration.name.into(),
            parameters,
            caller,
            caller_parameter,
            varargs,
            kwargs,
            frame,
            slot_count,
            body,
        })
    }

    /// Refuses to give a name that means something to something else.
    fn check_name(&mut self, name: &str, range: Range<usize>) {
        const TAKEN: [&str; 3] = ["loop", "caller", "self"];
        if TAKEN.contains(&name) || Function::find(name).is_some() {
            let message = format!("`{name}` is a reserved name");
            self.unsupported(range, message, "choose a different name");
        }
    }

    /// Reads the left side of an assignment, and remembers that its names are set.
    fn target(&mut self, target: &Expr<'s>) -> Target {
        match target {
            Expr::Var(variable) => {
                self.check_name(variable.id, range(variable.span()));
                let slot = match self.resolve(variable.id) {
                    Some(resolved) => {
                        self.set.insert((resolved.block, variable.id));
                        resolved.slot
                    }
                    None => Slot { hops: 0, index: 0 },
                };
                Target::Name(slot)
            }
            Expr::List(list) => self.targets(&list.items, place(list.span())),
            Expr::Tuple(tuple) => self.targets(&tuple.items, place(tuple.span())),
            Expr::GetAttr(attribute) => match &attribute.expr {
                Expr::Var(variable) => {
                    let slot =
                        self.variable(vec![variable.id], range(variable.span()), Usage::Read);
                    Target::Attribute {
                        namespace: slot,
                        name: variable.id.into(),
                        attribute: attribute.name.into(),
                        place: place(variable.span()),
                    }
                }
                _ => self.refuse_target(range(attribute.span())),
            },
            other => self.refuse_target(range(other.span())),
        }
    }

    fn targets(&mut self, items: &[Expr<'s>], whole: Place) -> Target {
        if items.is_empty() {
            let message = "missing name".to_owned();
            self.unsupported(whole.range(), message, "write a name");
        }
        let targets = items.iter().map(|item| self.target(item)).collect();
        Target::Several(targets, whole)
    }

    fn refuse_target(&mut self, range: Range<usize>) -> Target {
        let message = "cannot assign to this expression".to_owned();
        self.unsupported(
            range,
            message,
            "assign to a name, `{% set name = … %}`, or to an attribute of a namespace",
        );
        Target::Several(Vec::new(), Place::new(0, 0))
    }

    /// Reads a variable, and tells of it when it can be the caller's.
    fn variable(&mut self, path: Vec<&'s str>, range: Range<usize>, usage: Usage) -> Slot {
        let name = path[0];
        if matches!(name, "self" | "lipsum") {
            let help = functions::remedy(name).unwrap_or_default();
            self.unsupported(
                range.clone(),
                format!("`{name}` is not in the jinja dialect of promptdex"),
                help,
            );
        }
        let Some(resolved) = self.resolve(name) else {
            let message = format!("unknown name `{name}`");
            self.unsupported(range, message, "set it first: `{% set … = … %}`");
            return Slot { hops: 0, index: 0 };
        };
        if resolved.origin == Origin::Variable && !functions::is_global(name) {
            let is_set = self.set.contains(&(resolved.block, name));
            let path = path.into_iter().map(str::to_owned).collect();
            self.uses.variables.push(VariableUse { path, range, usage, is_set });
        }
        resolved.slot
    }

    fn expression(&mut self, expression: &Expr<'s>) -> Expression {
        self.expression_as(expression, Usage::Read)
    }

    /// Reads an expression that is an operand of another one.
    fn operand_expression(&mut self, expression: &Expr<'s>) -> Expression {
        let depth = Depth { levels: self.depth.levels + 1, ..self.depth };
        self.deeper(depth, place_of(self.text, expression), |lowering| {
            lowering.expression(expression)
        })
    }

    /// Reads an expression; `usage` is what its value is used for.
    fn expression_as(&mut self, expression: &Expr<'s>, usage: Usage) -> Expression {
        // From the whole to its leftmost operand.
        let mut spine = Vec::new();
        let mut inner = expression;
        let base = loop {
            spine.push(inner);
            inner = match inner {
                Expr::BinOp(operation) => &operation.left,
                Expr::UnaryOp(operation) => &operation.expr,
                Expr::Compare(comparison) => &comparison.expr,
                Expr::Filter(filter) => match &filter.expr {
                    Some(value) => value,
                    None => break inner,
                },
                Expr::Test(test) => &test.expr,
                Expr::GetAttr(attribute) => &attribute.expr,
                Expr::GetItem(item) => &item.expr,
                Expr::Slice(slice) => &slice.expr,
                Expr::Call(call) => match &call.expr {
                    Expr::GetAttr(attribute) => &attribute.expr,
                    callee => callee,
                },
                _ => {
                    spine.pop();
                    break inner;
                }
            };
        };
        let whole = place_of(self.text, expression);
        let mut steps: Vec<&Expr<'s>> = spine.into_iter().rev().collect();
        if let [Expr::Filter(filter), ..] = steps.as_slice()
            && filter.expr.is_none()
        {
            steps.remove(0);
        }
        let mut left = place_of(self.text, base);
        let operand = match (base, steps.first()) {
            (Expr::Const(_), Some(sign @ Expr::UnaryOp(_)))
                if self.is_least_integer(place_of(self.text, sign)) =>
            {
                left = place_of(self.text, steps.remove(0));
                Operand::Constant(Constant::Integer(i64::MIN))
            }
            _ => self.operand(base, &steps, usage),
        };
        let mut links: Vec<Link> = Vec::with_capacity(steps.len());
        for step in steps {
            let link_place = place_of(self.text, step);
            let step = self.step(step, &mut links);
            if let Some(step) = step {
                links.push(Link { step, place: link_place, left });
            } else if let Some(last) = links.last_mut() {
                last.place = link_place;
            }
            left = link_place;
        }
        Expression { base: operand, links, place: whole }
    }

    /// Whether a number with its sign is the least integer, which has no positive counterpart.
    fn is_least_integer(&self, whole: Place) -> bool {
        let written = self.text.get(whole.range()).and_then(|text| text.strip_prefix('-'));
        written.is_some_and(|written| literal::is_beyond_by_one(written.trim_ascii_start()))
    }

    /// Reads the leftmost operand of a chain.
    fn operand(&mut self, base: &Expr<'s>, steps: &[&Expr<'s>], usage: Usage) -> Operand {
        match base {
            Expr::Const(constant) => {
                Operand::Constant(self.constant(constant, range(constant.span())))
            }
            Expr::Var(variable) => {
                let place = range(variable.span());
                let mut path = vec![variable.id];
                for step in steps {
                    match step {
                        Expr::GetAttr(attribute) => path.push(attribute.name),
                        _ => break,
                    }
                }
                let next = steps.get(path.len() - 1);
                let usage = match next {
                    Some(Expr::Test(test)) if matches!(test.name, "defined" | "undefined") => {
                        Usage::Tested
                    }
                    Some(Expr::Filter(filter)) if matches!(filter.name, "default" | "d") => {
                        Usage::Tested
                    }
                    None => usage,
                    Some(_) => Usage::Read,
                };
                if let Some(Expr::Call(call)) = steps.first()
                    && matches!(&call.expr, Expr::Var(_))
                {
                    return self.callee(variable.id, place);
                }
                if variable.id == "loop"
                    && let Some(attribute) = path.get(1)
                {
                    self.check_loop_attribute(attribute, place.clone());
                }
                Operand::Variable { slot: self.variable(path, place, usage) }
            }
            Expr::List(list) => {
                Operand::List(list.items.iter().map(|item| self.operand_expression(item)).collect())
            }
            Expr::Tuple(tuple) => Operand::Tuple(
                tuple.items.iter().map(|item| self.operand_expression(item)).collect(),
            ),
            Expr::Map(map) => {
                let entries = map.keys.iter().zip(&map.values);
                let entry = |(key, value): (&Expr<'s>, &Expr<'s>)| {
                    (self.operand_expression(key), self.operand_expression(value))
                };
                Operand::Object(entries.map(entry).collect())
            }
            Expr::IfExpr(choice) => Operand::Conditional(Box::new(Conditional {
                condition: self.operand_expression(&choice.test_expr),
                value: self.operand_expression(&choice.true_expr),
                otherwise: choice.false_expr.as_ref().map(|other| self.operand_expression(other)),
            })),
            other => {
                self.unsupported(
                    range(other.span()),
                    "unexpected syntax".to_owned(),
                    "see docs/dialect-jinja.md",
                );
                Operand::Constant(Constant::None)
            }
        }
    }

    /// Reads a name that is called: a macro, or a function of the dialect.
    fn callee(&mut self, name: &'s str, place: Range<usize>) -> Operand {
        match self.resolve(name) {
            Some(resolved) if resolved.origin != Origin::Variable => {
                Operand::Variable { slot: resolved.slot }
            }
            Some(resolved) if self.set.contains(&(resolved.block, name)) => {
                Operand::Variable { slot: resolved.slot }
            }
            _ => match Function::find(name) {
                Some(function) => Operand::Constant(Constant::Function(function)),
                None => {
                    let message = format!("unknown function `{name}`");
                    let help = functions::remedy(name).map_or_else(
                        || {
                            did_you_mean(name, Function::NAMES).unwrap_or_else(|| {
                                format!("use one of the functions {}", Function::NAMES.join(", "))
                            })
                        },
                        str::to_owned,
                    );
                    self.unsupported(place, message, help);
                    Operand::Constant(Constant::None)
                }
            },
        }
    }

    fn check_loop_attribute(&mut self, attribute: &str, place: Range<usize>) {
        let is_loop = self.resolve("loop").is_some_and(|found| found.origin == Origin::Parameter);
        if is_loop && !attributes::LOOP_ATTRIBUTES.contains(&attribute) {
            let help = did_you_mean(attribute, attributes::LOOP_ATTRIBUTES).unwrap_or_else(|| {
                format!("use one of {}", attributes::LOOP_ATTRIBUTES.join(", "))
            });
            self.unsupported(place, format!("`loop` has no `{attribute}`"), help);
        }
    }

    /// Reads what an expression does with its leftmost operand. Returns nothing when it was added to the
    /// link before: `a ~ b ~ c` is one step.
    fn step(&mut self, step: &Expr<'s>, links: &mut [Link]) -> Option<Step> {
        Some(match step {
            Expr::UnaryOp(operation) => match operation.op {
                UnaryOpKind::Not => Step::Not,
                // The parser knows no other sign.
                UnaryOpKind::Neg if self.is_plus(range(step.span()).start) => Step::Posit,
                UnaryOpKind::Neg => Step::Negate,
            },
            Expr::BinOp(operation) => {
                if let BinOpKind::Pow = operation.op {
                    self.check_power(operation, range(step.span()));
                }
                let right = self.operand_expression(&operation.right);
                let compare = |comparison, right| Step::Compare(vec![(comparison, right)]);
                match operation.op {
                    BinOpKind::Eq => compare(Comparison::Equal, right),
                    BinOpKind::Ne => compare(Comparison::NotEqual, right),
                    BinOpKind::Lt => compare(Comparison::Less, right),
                    BinOpKind::Lte => compare(Comparison::LessOrEqual, right),
                    BinOpKind::Gt => compare(Comparison::Greater, right),
                    BinOpKind::Gte => compare(Comparison::GreaterOrEqual, right),
                    BinOpKind::In => compare(Comparison::In, right),
                    BinOpKind::ScAnd => Step::And(right),
                    BinOpKind::ScOr => Step::Or(right),
                    BinOpKind::Add => Step::Binary(Operator::Add, right),
                    BinOpKind::Sub => Step::Binary(Operator::Subtract, right),
                    BinOpKind::Mul => Step::Binary(Operator::Multiply, right),
                    BinOpKind::Div => Step::Binary(Operator::Divide, right),
                    BinOpKind::FloorDiv => Step::Binary(Operator::FloorDivide, right),
                    BinOpKind::Rem => Step::Binary(Operator::Remainder, right),
                    BinOpKind::Pow => Step::Binary(Operator::Power, right),
                    BinOpKind::Concat => {
                        if let Some(Link { step: Step::Concatenate(operands), .. }) =
                            links.last_mut()
                        {
                            operands.push(right);
                            return None;
                        }
                        Step::Concatenate(vec![right])
                    }
                }
            }
            Expr::Compare(comparison) => {
                let operands = comparison.ops.iter().map(|operand| {
                    let comparison = match operand.op {
                        CompareOpKind::Eq => Comparison::Equal,
                        CompareOpKind::Ne => Comparison::NotEqual,
                        CompareOpKind::Lt => Comparison::Less,
                        CompareOpKind::Lte => Comparison::LessOrEqual,
                        CompareOpKind::Gt => Comparison::Greater,
                        CompareOpKind::Gte => Comparison::GreaterOrEqual,
                        CompareOpKind::In => Comparison::In,
                        CompareOpKind::NotIn => Comparison::NotIn,
                    };
                    (comparison, self.operand_expression(&operand.expr))
                });
                Step::Compare(operands.collect())
            }
            Expr::GetAttr(attribute) => {
                let name = attribute.name;
                if name.starts_with("__") {
                    let message = format!("`{name}` is a Python attribute");
                    self.unsupported(
                        range(attribute.span()),
                        message,
                        "read a key as `value[\"…\"]`",
                    );
                }
                Step::Attribute(name.into())
            }
            Expr::GetItem(item) => Step::Item(self.operand_expression(&item.subscript_expr)),
            Expr::Slice(slice) => {
                let [start, stop, step] = [&slice.start, &slice.stop, &slice.step]
                    .map(|bound| bound.as_ref().map(|bound| self.operand_expression(bound)));
                Step::Slice(Box::new([start, stop, step]))
            }
            Expr::Filter(filter) => {
                let whole = range(filter.span());
                let place = self.name_in(whole.clone(), filter.name);
                match self.filter(filter.name, &filter.args, place, whole) {
                    Some(call) => Step::Filter(call),
                    None => Step::Not,
                }
            }
            Expr::Test(test) => {
                let whole = range(test.span());
                let place = self.name_in(whole.clone(), test.name);
                match self.test(test.name, &test.args, place, whole) {
                    Some(call) => Step::Test(call),
                    None => Step::Not,
                }
            }
            Expr::Call(call) => {
                let arguments = self.arguments(&call.args);
                match &call.expr {
                    Expr::GetAttr(attribute) => {
                        self.check_method(attribute.name, &attribute.expr, range(call.span()));
                        Step::Method(attribute.name.into(), arguments)
                    }
                    _ => Step::Call(arguments),
                }
            }
            _ => Step::Not,
        })
    }

    fn is_plus(&self, at: usize) -> bool {
        self.text.as_bytes().get(at) == Some(&b'+')
    }

    /// Jinja2 writes a base that it has computed in front of `**` as it prints, so that Python reads the sign
    /// of a negative one as an operator that comes after the power.
    fn check_power(&mut self, operation: &ast::BinOp<'s>, place: Range<usize>) {
        let is_literal = matches!(operation.left, Expr::Const(_));
        if !is_literal && is_constant(&operation.left) && !is_constant(&operation.right) {
            let message = "Jinja2 loses the sign of the base of `**`".to_owned();
            let help = "set the base first: `{% set base = … %}`";
            self.unsupported(place, message, help);
        }
    }

    fn filter(
        &mut self,
        name: &str,
        arguments: &[CallArg<'s>],
        place: Range<usize>,
        whole: Range<usize>,
    ) -> Option<FilterCall> {
        let lowered = self.arguments(arguments);
        let Some(filter) = filters::find(name) else {
            let message = format!("unknown filter `{name}`");
            let help = filters::remedy(name).map_or_else(
                || {
                    did_you_mean(name, filters::names()).unwrap_or_else(|| {
                        format!(
                            "use one of the filters {}",
                            filters::names().collect::<Vec<_>>().join(", ")
                        )
                    })
                },
                str::to_owned,
            );
            self.unsupported(place, message, help);
            return None;
        };
        if let Err(error) = filters::check_call(filter, &lowered, &whole) {
            self.uses.problems.push(error);
        }
        Some(FilterCall { filter, arguments: lowered })
    }

    fn test(
        &mut self,
        name: &str,
        arguments: &[CallArg<'s>],
        place: Range<usize>,
        whole: Range<usize>,
    ) -> Option<TestCall> {
        let lowered = self.arguments(arguments);
        let Some(test) = tests::find(name) else {
            let message = format!("unknown test `{name}`");
            let help = tests::remedy(name).map_or_else(
                || {
                    did_you_mean(name, tests::names()).unwrap_or_else(|| {
                        format!(
                            "use one of the tests {}",
                            tests::names().collect::<Vec<_>>().join(", ")
                        )
                    })
                },
                str::to_owned,
            );
            self.unsupported(place, message, help);
            return None;
        };
        if let Err(error) = tests::check_call(test, &lowered, &whole) {
            self.uses.problems.push(error);
        }
        Some(TestCall { test, arguments: lowered })
    }

    fn check_method(&mut self, name: &str, receiver: &Expr<'s>, whole: Range<usize>) {
        self.grows_lists |= matches!(name, "append" | "extend" | "insert");
        // What a template made itself may hold a joiner or a cycler under any name.
        let may_be_own = match receiver {
            Expr::Var(variable) => {
                self.resolve(variable.id).is_some_and(|found| found.origin != Origin::Variable)
            }
            _ => false,
        };
        if methods::is_known(name) || may_be_own {
            return;
        }
        let help = match name {
            name if filters::find(name).is_some() => format!("use the filter: `| {name}`"),
            name => methods::remedy(name)
                .unwrap_or("prepare the value in the app, and pass it as a variable")
                .to_owned(),
        };
        self.unsupported(
            whole,
            format!("`.{name}()` is not in the jinja dialect of promptdex"),
            help,
        );
    }

    fn arguments(&mut self, arguments: &[CallArg<'s>]) -> Arguments {
        let mut lowered = Arguments::default();
        for argument in arguments {
            match argument {
                CallArg::Pos(value) => {
                    if lowered.more_positional.is_some() {
                        let help = "write the arguments in this order: `f(a, *b, c=d, **e)`";
                        let message = "positional argument after `*`".to_owned();
                        self.unsupported(range(value.span()), message, help);
                    }
                    let value = self.operand_expression(value);
                    lowered.positional.push(value);
                }
                CallArg::Kwarg(name, value) => {
                    if lowered.named.iter().any(|(known, _)| &**known == *name) {
                        let message = format!("duplicate argument `{name}`");
                        self.unsupported(range(value.span()), message, "pass it once");
                    }
                    if lowered.more_named.is_some() {
                        let help = "write the arguments in this order: `f(a, *b, c=d, **e)`";
                        let message = "named argument after `**`".to_owned();
                        self.unsupported(range(value.span()), message, help);
                    }
                    if is_internal_argument(name) {
                        let message = format!("`{name}` is reserved by Jinja2");
                        self.unsupported(range(value.span()), message, "choose a different name");
                    }
                    let value = self.operand_expression(value);
                    lowered.named.push(((*name).into(), value));
                }
                CallArg::PosSplat(value) => {
                    if lowered.more_positional.is_some() || lowered.more_named.is_some() {
                        let message = "second `*`, or `*` after `**`".to_owned();
                        self.unsupported(range(value.span()), message, "join the lists with `+`");
                    }
                    lowered.more_positional = Some(Box::new(self.operand_expression(value)));
                }
                CallArg::KwargSplat(value) => {
                    if lowered.more_named.is_some() {
                        let message = "second `**`".to_owned();
                        self.unsupported(range(value.span()), message, "pass one object");
                    }
                    lowered.more_named = Some(Box::new(self.operand_expression(value)));
                }
            }
        }
        lowered
    }

    /// Reads the call of a `call` block or a `do` statement.
    fn call_expression(&mut self, call: &ast::Call<'s>, whole: Place) -> Expression {
        let arguments = |lowering: &mut Self| lowering.arguments(&call.args);
        let (mut expression, step) = match &call.expr {
            Expr::GetAttr(attribute) => {
                self.check_method(attribute.name, &attribute.expr, whole.range());
                let receiver = self.expression(&attribute.expr);
                (receiver, Step::Method(attribute.name.into(), arguments(self)))
            }
            Expr::Var(variable) => {
                let base = self.callee(variable.id, range(variable.span()));
                let place = place(variable.span());
                (Expression { base, links: Vec::new(), place }, Step::Call(arguments(self)))
            }
            callee => (self.expression(callee), Step::Call(arguments(self))),
        };
        let left = expression.place;
        expression.links.push(Link { step, place: whole, left });
        expression.place = whole;
        expression
    }

    /// Reads the filters of a block, whose innermost has no value of its own.
    fn filter_chain(&mut self, expression: &Expr<'s>) -> Vec<Link> {
        let mut chain = Vec::new();
        let mut inner = Some(expression);
        while let Some(Expr::Filter(filter)) = inner {
            chain.push(filter);
            inner = filter.expr.as_ref();
        }
        let mut links = Vec::new();
        for filter in chain.into_iter().rev() {
            let whole = range(filter.span());
            let place_of_name = self.name_in(whole.clone(), filter.name);
            if let Some(call) = self.filter(filter.name, &filter.args, place_of_name, whole) {
                let place = place(filter.span());
                links.push(Link { step: Step::Filter(call), place, left: place });
            }
        }
        links
    }

    fn constant(&mut self, constant: &ast::Const, place: Range<usize>) -> Constant {
        use minijinja::value::ValueKind;

        let written = self.text.get(place.clone()).unwrap_or_default();
        let read = match constant.value.kind() {
            ValueKind::None => Ok(Constant::None),
            ValueKind::Bool => Ok(Constant::Boolean(constant.value.is_true())),
            ValueKind::Number => literal::number(written, &place),
            ValueKind::String => literal::string(written, &place),
            _ => Ok(Constant::None),
        };
        read.unwrap_or_else(|error| {
            self.uses.problems.push(error);
            Constant::None
        })
    }

    /// Finds the name of a filter or test in its expression: at its start, else the last time it
    /// occurs as a word.
    fn name_in(&self, whole: Range<usize>, name: &str) -> Range<usize> {
        let Some(text) = self.text.get(whole.clone()) else { return whole };
        if text.starts_with(name) {
            return whole.start..whole.start + name.len();
        }
        let word = |at: &usize| {
            let around =
                |c: Option<&u8>| c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_');
            let bytes = text.as_bytes();
            !around(at.checked_sub(1).and_then(|before| bytes.get(before)))
                && !around(bytes.get(at + name.len()))
        };
        match text.match_indices(name).map(|(at, _)| at).filter(word).last() {
            Some(at) => whole.start + at..whole.start + at + name.len(),
            None => whole,
        }
    }
}

/// Whether Jinja2 can compute an expression before a template runs.
fn is_constant(expression: &Expr<'_>) -> bool {
    let mut pending = vec![expression];
    while let Some(expression) = pending.pop() {
        if matches!(expression, Expr::Var(_) | Expr::Call(_)) {
            return false;
        }
        operands(expression, &mut pending);
    }
    true
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
