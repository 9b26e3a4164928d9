//! Python's formats: `format(value, specification)`, `str.format`, and the operator `%` of texts.
//!
//! A width or a precision makes as many bytes as it says, so that each text is charged before it is made.

mod argument;
mod error;
mod numeral;
mod percent;
mod specification;
mod template;
#[cfg(test)]
pub(in crate::python) mod tests;
mod value;

pub(crate) use argument::Argument;
#[cfg(test)]
pub(crate) use argument::Lookup;
pub(crate) use percent::{Operand, format_percent};
pub(crate) use template::format_template;
