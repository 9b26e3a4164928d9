//! Which names a block binds, and where a name that it reads comes from.
//!
//! Jinja2 decides this before a template runs, by rules that can be seen in what it prints: a name that a
//! branch of `if` sets is the caller's variable where the branch is not taken, one that a loop sets begins
//! every iteration as what it is outside, and a block that only reads a name sees it change.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{CallArg, Expr, Stmt};

/// What a name is when its block is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A parameter: it always has a value.
    Parameter,
    /// The caller's variable.
    Variable,
    /// The same name in a block around.
    Outer,
    /// Nothing yet.
    Undefined,
}

/// A name of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    pub(super) origin: Origin,
    /// Whether the block binds it, and does not only read it.
    is_stored: bool,
    /// The index of its slot, once the block is opened.
    pub(super) slot: u16,
}

/// The names of one block.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbols<'s> {
    /// Names that are the block's own.
    pub(super) names: BTreeMap<&'s str, Symbol>,
}

/// Blocks around the one that is looked at: whether one of them has a name of its own.
pub(super) type Around<'a, 's> = &'a dyn Fn(&str) -> bool;

impl<'s> Symbols<'s> {
    fn set(&mut self, name: &'s str, origin: Origin, is_stored: bool) {
        self.names.insert(name, Symbol { origin, is_stored, slot: 0 });
    }

    fn stores(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|symbol| symbol.is_stored)
    }

    pub(super) fn declare_parameter(&mut self, name: &'s str) {
        self.set(name, Origin::Parameter, true);
    }

    fn store(&mut self, name: &'s str, around: Around<'_, 's>) {
        match self.names.get_mut(name) {
            Some(symbol) => symbol.is_stored = true,
            None => {
                let origin = if around(name) { Origin::Outer } else { Origin::Undefined };
                self.set(name, origin, true);
            }
        }
    }

    fn load(&mut self, name: &'s str, around: Around<'_, 's>) {
        if !self.names.contains_key(name) && !around(name) {
            self.set(name, Origin::Variable, false);
        }
    }

    /// Takes over what the branches of an `if` found.
    fn join_branches(&mut self, branches: Vec<Self>, around: Around<'_, 's>) {
        let mut stored = Vec::new();
        for branch in &branches {
            let newly = branch.names.iter().filter(|(name, _)| !self.stores(name));
            stored.extend(newly.filter(|(_, symbol)| symbol.is_stored).map(|(name, _)| *name));
        }
        for branch in branches {
            for (name, symbol) in branch.names {
                self.set(name, symbol.origin, symbol.is_stored || self.stores(name));
            }
        }
        for name in stored {
            let origin = if around(name) { Origin::Outer } else { Origin::Variable };
            self.set(name, origin, true);
        }
    }

    pub(super) fn statements(&mut self, statements: &[Stmt<'s>], around: Around<'_, 's>) {
        for statement in statements {
            self.statement(statement, around);
        }
    }

    /// Looks at a statement, but not into the blocks that it opens.
    fn statement(&mut self, statement: &Stmt<'s>, around: Around<'_, 's>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children, around),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr, around),
            Stmt::ForLoop(for_loop) => self.expression(&for_loop.iter, around),
            Stmt::IfCond(_) => self.condition(statement, around),
            Stmt::WithBlock(with) => {
                for (_, value) in &with.assignments {
                    self.expression(value, around);
                }
            }
            Stmt::Set(set) => {
                self.expression(&set.expr, around);
                self.target(&set.target, around);
            }
            Stmt::SetBlock(set) => self.target(&set.target, around),
            Stmt::FilterBlock(block) => self.expression(&block.filter, around),
            Stmt::Macro(declaration) => self.store(declaration.name, around),
            Stmt::CallBlock(block) => {
                self.expression(&block.call.expr, around);
                self.arguments(&block.call.args, around);
            }
            Stmt::Do(statement) => {
                self.expression(&statement.call.expr, around);
                self.arguments(&statement.call.args, around);
            }
            Stmt::EmitRaw(_)
            | Stmt::Continue(_)
            | Stmt::Break(_)
            | Stmt::Include(_)
            | Stmt::AutoEscape(_)
            | Stmt::Block(_)
            | Stmt::Extends(_)
            | Stmt::Import(_)
            | Stmt::FromImport(_) => {}
        }
    }

    /// Looks at an `if`, whose `elif`s are nested in the tree of the parser, but one list in Jinja2's.
    fn condition(&mut self, statement: &Stmt<'s>, around: Around<'_, 's>) {
        let Stmt::IfCond(condition) = statement else { return };
        self.expression(&condition.expr, around);
        let mut body = self.clone();
        body.statements(&condition.true_body, around);
        let mut others = self.clone();
        let mut rest = condition.false_body.as_slice();
        while let [Stmt::IfCond(other)] = rest {
            others.expression(&other.expr, around);
            let mut branch = others.clone();
            branch.statements(&other.true_body, around);
            others.join_branches(vec![branch], around);
            rest = &other.false_body;
        }
        let mut otherwise = self.clone();
        otherwise.statements(rest, around);
        self.join_branches(vec![body, others, otherwise], around);
    }

    /// Binds the names on the left of an assignment.
    fn target(&mut self, target: &Expr<'s>, around: Around<'_, 's>) {
        match target {
            Expr::Var(variable) => self.store(variable.id, around),
            Expr::List(list) => list.items.iter().for_each(|item| self.target(item, around)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.target(item, around)),
            // An attribute of a namespace: the namespace is read.
            other => self.expression(other, around),
        }
    }

    /// Binds the names on the left of a loop or a `with`, which have a value when the block is entered.
    pub(super) fn parameters(&mut self, target: &Expr<'s>) {
        match target {
            Expr::Var(variable) => self.declare_parameter(variable.id),
            Expr::List(list) => list.items.iter().for_each(|item| self.parameters(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.parameters(item)),
            _ => {}
        }
    }

    pub(super) fn expression(&mut self, expression: &Expr<'s>, around: Around<'_, 's>) {
        let mut pending = vec![expression];
        while let Some(expression) = pending.pop() {
            match expression {
                Expr::Var(variable) => self.load(variable.id, around),
                other => operands(other, &mut pending),
            }
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'s>], around: Around<'_, 's>) {
        for value in arguments {
            self.expression(argument(value), around);
        }
    }
}

pub(super) fn argument<'a, 's>(argument: &'a CallArg<'s>) -> &'a Expr<'s> {
    match argument {
        CallArg::Pos(value)
        | CallArg::Kwarg(_, value)
        | CallArg::PosSplat(value)
        | CallArg::KwargSplat(value) => value,
    }
}

/// Adds the expressions directly inside an expression.
pub(super) fn operands<'a, 's>(expression: &'a Expr<'s>, found: &mut Vec<&'a Expr<'s>>) {
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
            found.push(&call.expr);
            found.extend(call.args.iter().map(argument));
        }
        Expr::List(list) => found.extend(&list.items),
        Expr::Tuple(tuple) => found.extend(&tuple.items),
        Expr::Map(map) => found.extend(map.keys.iter().chain(&map.values)),
    }
}

/// Whether statements read a name that they have not bound before, at any depth: what decides whether a
/// loop has `loop`, and a macro `caller`, `varargs` and `kwargs`.
pub(super) fn reads<'s>(statements: &[Stmt<'s>], name: &str) -> bool {
    let mut search = Search { name, is_bound: false };
    statements.iter().any(|statement| search.statement(statement))
}

struct Search<'n> {
    name: &'n str,
    is_bound: bool,
}

impl Search<'_> {
    fn statement(&mut self, statement: &Stmt<'_>) -> bool {
        match statement {
            Stmt::Template(template) => self.body(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::ForLoop(for_loop) => {
                self.bind(&for_loop.target);
                self.expression(&for_loop.iter)
                    || self.body(&for_loop.body)
                    || self.body(&for_loop.else_body)
                    || for_loop.filter_expr.as_ref().is_some_and(|test| self.expression(test))
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr)
                    || self.body(&condition.true_body)
                    || self.body(&condition.false_body)
            }
            Stmt::WithBlock(with) => {
                with.assignments.iter().for_each(|(target, _)| self.bind(target));
                with.assignments.iter().any(|(_, value)| self.expression(value))
                    || self.body(&with.body)
            }
            Stmt::Set(set) => {
                self.bind(&set.target);
                self.expression(&set.expr)
            }
            Stmt::SetBlock(set) => {
                self.bind(&set.target);
                set.filter.as_ref().is_some_and(|filter| self.expression(filter))
                    || self.body(&set.body)
            }
            Stmt::FilterBlock(block) => self.body(&block.body) || self.expression(&block.filter),
            Stmt::Macro(declaration) => {
                declaration.args.iter().for_each(|target| self.bind(target));
                declaration.defaults.iter().any(|value| self.expression(value))
                    || self.body(&declaration.body)
            }
            Stmt::CallBlock(block) => {
                self.expression(&block.call.expr)
                    || block.call.args.iter().any(|value| self.expression(argument(value)))
                    || {
                        let declaration = &block.macro_decl;
                        declaration.args.iter().for_each(|target| self.bind(target));
                        declaration.defaults.iter().any(|value| self.expression(value))
                            || self.body(&declaration.body)
                    }
            }
            Stmt::Do(statement) => {
                self.expression(&statement.call.expr)
                    || statement.call.args.iter().any(|value| self.expression(argument(value)))
            }
            Stmt::EmitRaw(_)
            | Stmt::Continue(_)
            | Stmt::Break(_)
            | Stmt::Include(_)
            | Stmt::AutoEscape(_)
            | Stmt::Block(_)
            | Stmt::Extends(_)
            | Stmt::Import(_)
            | Stmt::FromImport(_) => false,
        }
    }

    fn body(&mut self, statements: &[Stmt<'_>]) -> bool {
        statements.iter().any(|statement| self.statement(statement))
    }

    fn expression(&mut self, expression: &Expr<'_>) -> bool {
        if self.is_bound {
            return false;
        }
        let mut pending = vec![expression];
        while let Some(expression) = pending.pop() {
            match expression {
                Expr::Var(variable) if variable.id == self.name => return true,
                other => operands(other, &mut pending),
            }
        }
        false
    }

    /// A name that is bound anywhere is not looked for after that, as Jinja2 has it.
    fn bind(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(variable) => self.is_bound |= variable.id == self.name,
            Expr::List(list) => list.items.iter().for_each(|item| self.bind(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind(item)),
            _ => {}
        }
    }
}
