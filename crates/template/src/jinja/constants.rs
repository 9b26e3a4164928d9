//! Expressions that depend on nothing: one that fails does so in every rendering that reaches it, case or
//! no case. Jinja2 computes some of them before a rendering, and fails then.

use super::machine;
use super::program::{
    Arguments, Constant, Expression, Function, If, Operand, Program, Statement, Step,
};
use super::value::Value;
use crate::error::{Error, ErrorKind};
use crate::order::sort_by_place;

/// The constant expressions of a template may cost so many thousandths of a rendering's budget
/// together: looking at them ahead is bounded, too.
const MAX_SPENT: u64 = 200_000;

/// Evaluates the constant expressions of a template, and returns why they fail.
pub(crate) fn constant_problems(program: &Program) -> Vec<Error> {
    let mut expressions = Vec::new();
    collect(&program.body, &mut expressions);
    // What is inside of a constant expression need not be reached.
    let mut pending: Vec<(&Expression, bool)> =
        expressions.into_iter().map(|expression| (expression, false)).collect();
    let mut search = Search { problems: Vec::new(), spent: 0 };
    while let Some((expression, is_inside)) = pending.pop() {
        if search.spent > MAX_SPENT {
            let message = "the constant expressions of the template cost more than 200 renderings";
            let error = Error::new(ErrorKind::Limit, expression.place.range(), message);
            search.problems.push(error.help("write the values themselves"));
            break;
        }
        let links = constant_links(expression);
        let is_constant = links == Some(expression.links.len());
        if is_constant && !is_inside {
            search.evaluate(expression, expression.links.len());
        }
        search.look_at(expression, links.filter(|_| !is_inside));
        let mut inner = Vec::new();
        operands(expression, &mut inner);
        let is_inside = is_inside || is_constant;
        pending.extend(inner.into_iter().map(|expression| (expression, is_inside)));
    }
    sort_by_place(&mut search.problems, |problem| problem.range.start);
    search.problems.dedup();
    search.problems
}

struct Search {
    problems: Vec<Error>,
    spent: u64,
}

impl Search {
    /// Evaluates the beginning of an expression; nothing is returned where it fails.
    fn evaluate(&mut self, expression: &Expression, links: usize) -> Option<Value> {
        if let (0, Operand::Constant(value)) = (links, &expression.base) {
            return Some(Value::of_constant(value));
        }
        let (result, cost) = machine::constant(expression, links);
        self.spent += cost;
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(error);
                None
            }
        }
    }

    /// Looks at what is constant in an expression that is not.
    fn look_at(&mut self, expression: &Expression, constant_links: Option<usize>) {
        if let Operand::Object(entries) = &expression.base {
            for (key, _) in entries {
                self.check_key(key);
            }
        }
        let has_texts =
            expression.links.iter().any(|link| matches!(link.step, Step::Concatenate(_)));
        let is_whole = constant_links == Some(expression.links.len());
        if is_whole && !has_texts {
            return;
        }
        let before =
            constant_links.and_then(|links| Some((links, self.evaluate(expression, links)?)));
        for (at, link) in expression.links.iter().enumerate() {
            let Step::Concatenate(others) = &link.step else { continue };
            if let Some((links, value)) = &before
                && at == *links
                && let Err(error) = value.print(&link.left.range())
            {
                self.problems.push(error);
            }
            for other in others {
                if let Some(links) = constant_links_of_all(other)
                    && let Some(value) = self.evaluate(other, links)
                    && let Err(error) = value.print(&other.place.range())
                {
                    self.problems.push(error);
                }
            }
        }
    }

    fn check_key(&mut self, key: &Expression) {
        if let Some(links) = constant_links_of_all(key)
            && let Some(value) = self.evaluate(key, links)
            && let Err(error) = machine::check_key(&value, &key.place.range())
        {
            self.problems.push(error);
        }
    }
}

fn collect<'p>(statements: &'p [Statement], found: &mut Vec<&'p Expression>) {
    for statement in statements {
        match statement {
            Statement::Text(..)
            | Statement::Include(..)
            | Statement::Break
            | Statement::Continue => {}
            Statement::Print(value) | Statement::Do(value) => found.push(value),
            Statement::If(condition) => {
                let If { branches, otherwise } = &**condition;
                for (test, body, _) in branches {
                    found.push(test);
                    collect(body, found);
                }
                collect(otherwise, found);
            }
            Statement::For(declaration) => {
                found.push(&declaration.items);
                found.extend(declaration.test.as_ref().map(|test| &test.condition));
                collect(&declaration.body, found);
                collect(&declaration.otherwise, found);
            }
            Statement::With(with) => {
                found.extend(with.assignments.iter().map(|(_, value)| value));
                collect(&with.body, found);
            }
            Statement::Set(set) => found.push(&set.1),
            Statement::SetBlock(set) => collect(&set.body, found),
            Statement::FilterBlock(block) => collect(&block.body, found),
            Statement::Macro { declaration, .. } => {
                found.extend(declaration.parameters.iter().filter_map(|p| p.default.as_ref()));
                collect(&declaration.body, found);
            }
            Statement::CallBlock(block) => {
                operands(&block.call, found);
                collect(&block.caller.body, found);
            }
        }
    }
}

/// Returns how many links of an expression have the same value in every rendering; nothing where its base has
/// not.
fn constant_links(expression: &Expression) -> Option<usize> {
    let mut pending = Vec::new();
    match &expression.base {
        Operand::Variable { .. }
        | Operand::Constant(Constant::Function(Function::RaiseException)) => {
            return None;
        }
        _ => base_operands(expression, &mut pending),
    }
    if !pending.iter().all(|inner| constant_links_of_all(inner).is_some()) {
        return None;
    }
    let is_constant = |step: &Step| {
        let mut pending = Vec::new();
        step_operands(step, &mut pending);
        pending.iter().all(|inner| constant_links_of_all(inner).is_some())
    };
    Some(expression.links.iter().take_while(|link| is_constant(&link.step)).count())
}

/// Returns the number of links of an expression that is constant.
fn constant_links_of_all(expression: &Expression) -> Option<usize> {
    constant_links(expression).filter(|links| *links == expression.links.len())
}

/// Adds the expressions directly inside an expression.
fn operands<'p>(expression: &'p Expression, found: &mut Vec<&'p Expression>) {
    base_operands(expression, found);
    for link in &expression.links {
        step_operands(&link.step, found);
    }
}

fn base_operands<'p>(expression: &'p Expression, found: &mut Vec<&'p Expression>) {
    match &expression.base {
        Operand::Constant(_) | Operand::Variable { .. } => {}
        Operand::List(items) | Operand::Tuple(items) => found.extend(items),
        Operand::Object(entries) => {
            found.extend(entries.iter().flat_map(|(key, value)| [key, value]));
        }
        Operand::Conditional(choice) => {
            found.extend([&choice.condition, &choice.value]);
            found.extend(&choice.otherwise);
        }
    }
}

fn step_operands<'p>(step: &'p Step, found: &mut Vec<&'p Expression>) {
    match step {
        Step::And(right) | Step::Or(right) | Step::Binary(_, right) | Step::Item(right) => {
            found.push(right);
        }
        Step::Concatenate(others) => found.extend(others),
        Step::Compare(others) => found.extend(others.iter().map(|(_, other)| other)),
        Step::Slice(bounds) => found.extend(bounds.iter().flatten()),
        Step::Filter(call) => arguments(&call.arguments, found),
        Step::Test(call) => arguments(&call.arguments, found),
        Step::Call(written) | Step::Method(_, written) => arguments(written, found),
        Step::Attribute(_) | Step::Not | Step::Negate | Step::Posit => {}
    }
}

fn arguments<'p>(arguments: &'p Arguments, found: &mut Vec<&'p Expression>) {
    found.extend(&arguments.positional);
    found.extend(arguments.named.iter().map(|(_, value)| value));
    found.extend(arguments.more_positional.as_deref());
    found.extend(arguments.more_named.as_deref());
}
