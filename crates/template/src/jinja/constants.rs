//! Expressions that depend on nothing: one that passes a limit does so in every rendering, case or no
//! case.

use super::functions::Function;
use super::machine;
use super::program::{Arguments, Expression, If, Operand, Program, Statement, Step};
use super::value::Value;
use crate::error::{Error, ErrorKind};

/// The constant expressions of a template may cost so many thousandths of a rendering's budget
/// together: looking at them ahead is bounded, too.
const MAX_SPENT: u64 = 200_000;

/// Evaluates the constant expressions of a template, and returns the limits that they pass.
pub(crate) fn constant_problems(program: &Program) -> Vec<Error> {
    let mut expressions = Vec::new();
    collect(&program.body, &mut expressions);
    let mut problems = Vec::new();
    let mut spent: u64 = 0;
    while let Some(expression) = expressions.pop() {
        if expression.links.is_empty() && matches!(expression.base, Operand::Constant(_)) {
            continue;
        }
        if !is_constant(expression) {
            operands(expression, &mut expressions);
            continue;
        }
        let (result, cost) = machine::constant(expression);
        if let Err(error) = result
            && error.kind == ErrorKind::Limit
        {
            problems.push(error);
        }
        spent += cost;
        if spent > MAX_SPENT {
            let message = "the constant expressions of the template cost more than 200 renderings";
            let error = Error::new(ErrorKind::Limit, expression.place.range(), message);
            problems.push(error.help("write their values out"));
            break;
        }
    }
    problems.sort_by_key(|problem| problem.range.start);
    problems
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

/// Whether an expression has the same value in every rendering.
fn is_constant(expression: &Expression) -> bool {
    let mut pending = vec![expression];
    while let Some(expression) = pending.pop() {
        match &expression.base {
            Operand::Variable { .. } => return false,
            Operand::Constant(Value::Function(Function::RaiseException)) => return false,
            _ => {}
        }
        operands(expression, &mut pending);
    }
    true
}

/// Adds the expressions directly inside an expression.
fn operands<'p>(expression: &'p Expression, found: &mut Vec<&'p Expression>) {
    match &expression.base {
        Operand::Constant(_) | Operand::Variable { .. } => {}
        Operand::List(items) | Operand::Tuple(items) => found.extend(items),
        Operand::Object(entries) => {
            found.extend(entries.iter().flat_map(|(key, value)| [key, value]))
        }
        Operand::Conditional(choice) => {
            found.extend([&choice.condition, &choice.value]);
            found.extend(&choice.otherwise);
        }
    }
    for link in &expression.links {
        match &link.step {
            Step::And(right) | Step::Or(right) | Step::Binary(_, right) | Step::Item(right) => {
                found.push(right);
            }
            Step::Concatenate(others) => found.extend(others),
            Step::Compare(others) => found.extend(others.iter().map(|(_, other)| other)),
            Step::Slice(bounds) => found.extend(bounds.iter().flatten()),
            Step::Filter(call) => arguments(&call.arguments, found),
            Step::Test(call) => arguments(&call.arguments, found),
            Step::Call(written) | Step::Method(_, written) => arguments(written, found),
            Step::Attribute(_) | Step::Not | Step::Negate => {}
        }
    }
}

fn arguments<'p>(arguments: &'p Arguments, found: &mut Vec<&'p Expression>) {
    found.extend(&arguments.positional);
    found.extend(arguments.named.iter().map(|(_, value)| value));
    found.extend(arguments.more_positional.as_deref());
    found.extend(arguments.more_named.as_deref());
}
