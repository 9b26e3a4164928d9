//! Python's formats: `format(value, specification)`, `str.format`, and the operator `%` of texts.
//!
//! A width or a precision makes as many bytes as it says, so that each text is charged before it is made.

mod argument;
mod error;
mod file_size;
mod numeral;
mod percent;
mod specification;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use argument::{Argument, Lookup};
pub(crate) use file_size::file_size;
pub(crate) use percent::{Operand, format_percent};
pub(crate) use template::format_template;
pub(crate) use value::format_value;
