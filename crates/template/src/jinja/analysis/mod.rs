//! What fails whenever it is reached, found without running the template.
//!
//! Every expression gets what is known of its value: the declared types of variables, what filters, methods
//! and operators give, and what conditions around it leave. It is an error only if no value that is left can
//! go through it, so that what is reported always fails when it is reached.

use std::collections::BTreeMap;

use promptdex_wire::Variable;

use super::program::{Program, Statement};
use crate::error::Error;

mod assignments;
mod calls;
mod environment;
mod expressions;
mod filters;
mod narrowing;
mod shape;
mod statements;

use environment::Environment;
use shape::{Kinds, Shape};

/// Finds what fails whenever it is reached, with values that the declarations allow.
pub(crate) fn type_problems(program: &Program, declared: &[Variable]) -> TypeProblems {
    if program.slot_count == u16::MAX
        || cost(&program.body) * usize::from(program.slot_count) > MAX_COST
    {
        return TypeProblems::default();
    }
    let variables = declared
        .iter()
        .map(|variable| {
            let shape = Shape::of_declared(&variable.shape());
            let may_be_absent = !variable.required && variable.default.is_none();
            let absent = Kinds::UNDEFINED.or(Kinds::NONE);
            let shape = if may_be_absent { shape.or_kinds(absent) } else { shape };
            (variable.name.as_str(), shape)
        })
        .collect();
    let grows_lists = program.grows_lists;
    let mut analysis = Analysis { variables, grows_lists, problems: TypeProblems::default() };
    let mut environment = Environment::new(program);
    analysis.enter(&program.root, &mut environment);
    analysis.body(&program.body, &mut environment);
    let mut problems = analysis.problems;
    for found in [&mut problems.certain, &mut problems.pointless, &mut problems.undeclared] {
        found.sort_by_key(|problem| (problem.range.start, problem.range.end));
        found.dedup_by(|a, b| a.range == b.range && a.message == b.message);
    }
    problems
}

/// What the types of a template's values say about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeProblems {
    /// What fails whenever it is reached.
    pub certain: Vec<Error>,
    /// Filters that change nothing.
    pub pointless: Vec<Error>,
    /// Keys that are not declared and spelled almost as one that is.
    pub undeclared: Vec<Error>,
}

/// So many names may be looked at in all branches together: a template with more is not analyzed, so that the
/// work is bounded.
const MAX_COST: usize = 20_000_000;

/// Counts the places where what is known is copied.
fn cost(body: &[Statement]) -> usize {
    let each = body.iter().map(|statement| match statement {
        Statement::If(condition) => {
            let branches = condition.branches.iter().map(|(_, body, _)| 1 + cost(body));
            1 + branches.sum::<usize>() + cost(&condition.otherwise)
        }
        Statement::For(declaration) => 2 + cost(&declaration.body) + cost(&declaration.otherwise),
        Statement::With(with) => cost(&with.body),
        Statement::SetBlock(set) => cost(&set.body),
        Statement::FilterBlock(block) => cost(&block.body),
        Statement::Macro { declaration, .. } => 1 + cost(&declaration.body),
        Statement::CallBlock(block) => 1 + cost(&block.caller.body),
        _ => 0,
    });
    1 + each.sum::<usize>()
}

struct Analysis<'p> {
    variables: BTreeMap<&'p str, Shape>,
    /// Whether a list that has a name may get items of any kind.
    grows_lists: bool,
    problems: TypeProblems,
}
