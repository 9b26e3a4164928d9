//! What can be wrong with a format. Errors are boxed, so that passing them on takes little code, and get their
//! place where a format is entered.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

pub(super) type Outcome<T> = Result<T, Box<Error>>;

/// An error where Python raises one.
#[cold]
#[inline(never)]
pub(super) fn wrong(message: &str, help: &str) -> Box<Error> {
    Box::new(Error::new(ErrorKind::Value, 0..0, message).help(help))
}

/// An error where Python prints something that the dialect does not.
#[cold]
#[inline(never)]
pub(super) fn unsupported(message: &str, help: &str) -> Box<Error> {
    Box::new(Error::new(ErrorKind::Unsupported, 0..0, message).help(help))
}

/// A name or number that a template has, but not its arguments.
#[cold]
#[inline(never)]
pub(super) fn missing(name: &str) -> Box<Error> {
    let message = format!("the format has no argument `{name}`");
    wrong(&message, "pass the argument; arguments without a name are numbered from 0")
}

#[cold]
#[inline(never)]
pub(super) fn unprintable(what: &str) -> Box<Error> {
    let help = "pass a text or a number, or use `| tojson` or `| join(\", \")`";
    wrong(&format!("{what} would be printed"), help)
}

/// Charges bytes before they are made; they may be more than a machine can address.
pub(super) fn charge(budget: &mut Budget, bytes: u64) -> Outcome<()> {
    Ok(budget.make(usize::try_from(bytes).unwrap_or(usize::MAX), &(0..0))?)
}

/// Adds the place to an error.
pub(super) fn at<T>(range: &Range<usize>, outcome: Outcome<T>) -> Result<T, Error> {
    outcome.map_err(|error| {
        let mut error = (*error).clone();
        error.range = range.clone();
        error
    })
}
