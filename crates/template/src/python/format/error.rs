//! What can be wrong with a format.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// An error where Python raises one.
pub(super) fn wrong(message: &str, help: &str, range: &Range<usize>) -> Error {
    Error::new(ErrorKind::Value, range.clone(), message).help(help)
}

/// An error where Python prints something that the dialect does not.
pub(super) fn unsupported(message: &str, help: &str, range: &Range<usize>) -> Error {
    Error::new(ErrorKind::Unsupported, range.clone(), message).help(help)
}

/// A name that a template has, but not its arguments.
pub(super) fn missing(name: &str, range: &Range<usize>) -> Error {
    let message = format!("a format names `{name}`, which is not among its arguments");
    wrong(&message, "pass it by its name", range)
}
