//! Values to format, and their plain text.

use super::error::{Outcome, charge, unprintable};
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

impl Argument<'_> {
    /// Returns what `str(value)` is.
    pub(super) fn print(self, budget: &mut Budget) -> Outcome<String> {
        let text = match self {
            Self::Text(text) => {
                charge(budget, text.len() as u64)?;
                return Ok(text.to_owned());
            }
            Self::Integer(value) => Number::Integer(value).print(),
            Self::Float(value) => Number::Float(value).print(),
            Self::Boolean(true) => "True".to_owned(),
            Self::Boolean(false) => "False".to_owned(),
            Self::Other(what) => return Err(unprintable(what)),
        };
        charge(budget, text.len() as u64)?;
        Ok(text)
    }

    /// Returns the number that the value is in a layout for floats, or else in one for integers.
    pub(super) fn to_number(self, is_float: bool) -> Option<Number> {
        match self {
            Self::Integer(value) if is_float => Some(Number::Float(value as f64)),
            Self::Boolean(value) => Self::Integer(i64::from(value)).to_number(is_float),
            Self::Integer(value) => Some(Number::Integer(value)),
            Self::Float(value) => Some(Number::Float(value)),
            Self::Text(_) | Self::Other(_) => None,
        }
    }
}
