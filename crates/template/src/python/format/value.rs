//! `format(value, specification)`.

use std::ops::Range;

use super::argument::{Argument, print, unprintable};
use super::numeral::Numeral;
use super::specification::{Align, Specification};
use crate::error::Error;
use crate::jinja::budget::Budget;

/// Formats one value as `format(value, specification)`.
pub(crate) fn format_value(
    value: Argument<'_>,
    specification: &str,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    if specification.is_empty() {
        return print(value, budget, range);
    }
    let default = if matches!(value, Argument::Text(_)) { Align::Left } else { Align::Right };
    let specification = Specification::parse(specification, default, range)?;
    let is_float = matches!(specification.kind, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%'));
    let value = match value {
        Argument::Boolean(value) => Argument::Integer(i64::from(value)),
        other => other,
    };
    let numeral = match value {
        Argument::Text(text) => {
            specification.require_text(range)?;
            return specification.write(text, budget, range);
        }
        Argument::Integer(value) if !is_float => {
            specification.require_integer(range)?;
            Numeral::of_integer(value, &specification, range)?
        }
        Argument::Integer(value) => Numeral::of_float(value as f64, &specification, budget, range)?,
        Argument::Float(value) if is_float || specification.kind.is_none() => {
            Numeral::of_float(value, &specification, budget, range)?
        }
        Argument::Float(_) => return Err(specification.wrong_kind("a float", range)),
        Argument::Boolean(_) => return Err(unprintable("a boolean", range)),
        Argument::Other(what) => return Err(unprintable(what, range)),
    };
    numeral.write(&specification, budget, range)
}
