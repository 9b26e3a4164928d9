//! `format(value, specification)`.

use super::argument::Argument;
use super::error::{Outcome, unprintable};
use super::numeral::Numeral;
use super::specification::{Specification, is_float_kind};
use crate::jinja::budget::Budget;
use crate::python::numbers::Number;

/// Formats one value; the specification is charged.
pub(super) fn write(
    value: Argument<'_>,
    specification: &str,
    budget: &mut Budget,
) -> Outcome<String> {
    if specification.is_empty() {
        return value.print(budget);
    }
    let specification = Specification::parse(specification, !matches!(value, Argument::Text(_)))?;
    let is_float = specification.kind.is_some_and(|kind| is_float_kind(kind) || kind == '%');
    let numeral = match (value, value.to_number(is_float)) {
        (Argument::Text(text), _) => {
            specification.require_text()?;
            return specification.write(text, budget);
        }
        (_, Some(Number::Integer(value))) => {
            specification.require_integer()?;
            Numeral::of_integer(value, &specification)?
        }
        (_, Some(Number::Float(value))) => {
            if !is_float && specification.kind.is_some() {
                return Err(specification.wrong_kind());
            }
            Numeral::of_float(value, &specification, budget)?
        }
        (Argument::Other(what), None) => return Err(unprintable(what)),
        (_, None) => return Err(unprintable("this value")),
    };
    numeral.write(&specification, budget)
}
