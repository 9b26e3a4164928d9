//! What methods refuse, and how they say it.

use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::super::value::Value;
use super::names::remedy;
use crate::error::{Error, ErrorKind};

pub(super) fn refuse<T>(range: &Range<usize>, message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Value, range.clone(), message))
}

pub(super) fn refuse_method<T>(name: &str, range: &Range<usize>) -> Result<T, Error> {
    let message = format!("`.{name}()` is not in the jinja dialect of promptdex");
    let error = Error::new(ErrorKind::Unsupported, range.clone(), message);
    Err(match remedy(name) {
        Some(help) => error.help(help),
        None => error,
    })
}

/// Refuses to change what the caller passed.
pub(super) fn check_own(is_own: bool, what: &str, range: &Range<usize>) -> Result<(), Error> {
    if is_own {
        return Ok(());
    }
    let message = format!("a template cannot change the app's {what}");
    let help = match what {
        "list" => "change a copy: `{% set copy = value | list %}`",
        _ => "change a copy: `{% set copy = dict(value) %}`",
    };
    Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
}

/// Checks that a value can be put into a list, an object or a namespace: it does not contain that.
pub(in super::super) fn check_contained(
    value: Value,
    is_container: &dyn Fn(&Value) -> bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let value = value.require_storable(range)?;
    value.visit(range, budget, &mut |inner| {
        if is_container(inner) {
            let message = "a list, an object or a namespace would contain itself";
            return Err(
                Error::new(ErrorKind::Value, range.clone(), message).help("add a copy: `… | list`")
            );
        }
        Ok(())
    })?;
    Ok(value)
}

/// Returns an argument that is a string.
pub(super) fn text_argument(
    value: Option<Value>,
    called: &str,
    range: &Range<usize>,
) -> Result<Rc<str>, Error> {
    match value {
        Some(Value::Text(text)) => Ok(text),
        Some(other) => {
            refuse(range, format!("`{called}` takes a string, not {}", other.describe()))
        }
        None => refuse(range, format!("`{called}` requires a string")),
    }
}

/// Returns an argument that is an integer, or what it is without one.
pub(super) fn integer_argument(
    value: Option<Value>,
    absent: i64,
    called: &str,
    range: &Range<usize>,
) -> Result<i64, Error> {
    match value {
        None => Ok(absent),
        Some(value) => match value.as_index() {
            Some(number) => Ok(number),
            None => refuse(range, format!("`{called}` takes an integer, not {}", value.describe())),
        },
    }
}
