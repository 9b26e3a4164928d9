//! What a condition leaves of the values that it looks at.

use super::super::program::{Comparison, Constant, Expression, Link, Operand, Step};
use super::environment::{Environment, Path};
use super::shape::{Kinds, Shape};

/// Takes over what is known if a condition is true, or if it is not.
pub(super) fn narrow(condition: &Expression, wanted: bool, environment: &mut Environment) {
    narrow_chain(&condition.base, &condition.links, wanted, environment);
}

/// The same for the beginning of a chain.
pub(super) fn narrow_chain(
    base: &Operand,
    links: &[Link],
    wanted: bool,
    environment: &mut Environment,
) {
    let Some((last, before)) = links.split_last() else {
        if let Some(path) = path(base, links, environment) {
            narrow_truth(path, wanted, environment);
        }
        return;
    };
    match &last.step {
        Step::Not => narrow_chain(base, before, !wanted, environment),
        Step::And(right) if wanted => {
            narrow_chain(base, before, true, environment);
            narrow(right, true, environment);
        }
        Step::Or(right) if !wanted => {
            narrow_chain(base, before, false, environment);
            narrow(right, false, environment);
        }
        Step::Test(call) => {
            if let Some(path) = path(base, before, environment)
                && let Some((kinds, is_exact)) = tested(call.test.name())
            {
                if wanted {
                    environment.narrow(path, kinds);
                } else if is_exact {
                    environment.narrow(path, Kinds::ANY.without(kinds));
                }
            }
        }
        Step::Compare(others) => {
            if let ([(comparison, other)], Some(path)) =
                (others.as_slice(), path(base, before, environment))
                && let (Operand::Constant(value), []) = (&other.base, other.links.as_slice())
                && (*comparison == Comparison::Equal) == wanted
                && matches!(comparison, Comparison::Equal | Comparison::NotEqual)
            {
                environment.narrow(path, like(value));
            }
        }
        Step::Attribute(_) | Step::Item(_) => {
            if let Some(path) = path(base, links, environment) {
                narrow_truth(path, wanted, environment);
            }
        }
        _ => {}
    }
}

fn narrow_truth(path: Path, wanted: bool, environment: &mut Environment) {
    if wanted {
        environment.narrow(path, Kinds::ANY.without(Kinds::NOT_DEFINED.or(Kinds::NONE)));
    }
}

/// Returns the kinds of what can be equal to a value.
fn like(value: &Constant) -> Kinds {
    let kinds = Shape::of_constant(value).kinds;
    if kinds.has(Kinds::NUMBER) { Kinds::NUMBER } else { kinds }
}

/// Returns the path that a chain of keys reads.
pub(super) fn path(base: &Operand, links: &[Link], environment: &Environment) -> Option<Path> {
    let Operand::Variable { slot } = base else { return None };
    let mut path = environment.path(*slot);
    for link in links {
        match &link.step {
            Step::Attribute(name) => path.2.push(name.clone()),
            Step::Item(key) => match (&key.base, key.links.as_slice()) {
                (Operand::Constant(Constant::Text(name)), []) => path.2.push(name.clone()),
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(path)
}

/// Returns the kinds that meet a test, and whether all values of these kinds do.
fn tested(name: &str) -> Option<(Kinds, bool)> {
    Some(match name {
        "defined" => (Kinds::ANY.without(Kinds::NOT_DEFINED), true),
        "undefined" => (Kinds::NOT_DEFINED, true),
        "none" => (Kinds::NONE, true),
        "boolean" => (Kinds::BOOLEAN, true),
        "true" | "false" => (Kinds::BOOLEAN, false),
        "integer" => (Kinds::INTEGER, true),
        "float" => (Kinds::FLOAT, true),
        "number" => (Kinds::NUMBER, true),
        "string" => (Kinds::TEXT, true),
        "mapping" => (Kinds::OBJECT, true),
        "sequence" => (Kinds::SIZED.without(Kinds::VIEW), true),
        "iterable" => (Kinds::ITERABLE.or(Kinds::LOOP), true),
        "callable" => (Kinds::CALLABLE.or(Kinds::LOOP), false),
        "odd" | "even" | "divisibleby" => (Kinds::NUMBER, false),
        _ => return None,
    })
}
