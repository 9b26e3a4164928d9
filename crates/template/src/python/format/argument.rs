//! Values to format, and their plain text.

use std::ops::Range;

use super::error::wrong;
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::Number;

/// A value to format.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument<'a> {
    Text(&'a str),
    Integer(i64),
    /// Finite.
    Float(f64),
    Boolean(bool),
    /// A value that is never printed, as messages name it: `none`, `a list`.
    Other(&'static str),
}

/// Finds the argument of a name.
pub(crate) type Lookup<'l, 'a> = &'l dyn Fn(&str) -> Option<Argument<'a>>;

/// Returns what `str(value)` is.
pub(super) fn print(
    value: Argument<'_>,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    let text = match value {
        Argument::Text(text) => {
            budget.make(text.len(), range)?;
            return Ok(text.to_owned());
        }
        Argument::Integer(value) => Number::Integer(value).print(),
        Argument::Float(value) => Number::Float(value).print(),
        Argument::Boolean(true) => "True".to_owned(),
        Argument::Boolean(false) => "False".to_owned(),
        Argument::Other(what) => return Err(unprintable(what, range)),
    };
    budget.make(text.len(), range)?;
    Ok(text)
}

pub(super) fn unprintable(what: &str, range: &Range<usize>) -> Error {
    wrong(
        &format!("{what} would be printed"),
        "pass a text or a number; `| tojson` and `| join(\", \")` make a text",
        range,
    )
}
