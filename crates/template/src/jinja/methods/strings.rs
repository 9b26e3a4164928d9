//! Methods of strings.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::{Arguments, Parameters};
use super::super::budget::Budget;
use super::super::formatting;
use super::super::value::Value;
use super::checks::{integer_argument, refuse, refuse_method, text_argument};
use crate::error::Error;
use crate::python::text::{self, Bounds};

/// What a method takes.
fn parameters(name: &str) -> Parameters {
    let positional = |required, most| Parameters::Positional { most, required };
    match name {
        "split" | "rsplit" => Parameters::Named { names: &["sep", "maxsplit"], required: 0 },
        "splitlines" => Parameters::Named { names: &["keepends"], required: 0 },
        "expandtabs" => Parameters::Named { names: &["tabsize"], required: 0 },
        "format" => Parameters::Any,
        "strip" | "lstrip" | "rstrip" => positional(0, 1),
        "center" | "ljust" | "rjust" => positional(1, 2),
        "zfill" | "join" | "partition" | "rpartition" | "removeprefix" | "removesuffix" => {
            positional(1, 1)
        }
        "replace" => positional(2, 3),
        "count" | "find" | "rfind" | "index" | "rindex" | "startswith" | "endswith" => {
            positional(1, 3)
        }
        _ => positional(0, 0),
    }
}

/// Calls a method of a string.
pub(super) fn call(
    value: &Rc<str>,
    name: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    if name == "format" {
        return formatting::format(value, &arguments, range, budget);
    }
    let mut bound = parameters(name).bind(name, arguments, range)?.into_iter();
    let mut next = || bound.next().flatten();
    let list = |pieces: Vec<&str>| Value::list(pieces.into_iter().map(Value::text).collect());
    Ok(match name {
        "capitalize" => Value::text(text::capitalize(value, range, budget)?),
        "casefold" => Value::text(text::casefold(value, range, budget)?),
        "lower" => Value::text(text::lower(value, range, budget)?),
        "swapcase" => Value::text(text::swapcase(value, range, budget)?),
        "title" => Value::text(text::title(value, range, budget)?),
        "upper" => Value::text(text::upper(value, range, budget)?),
        "isalnum" => Value::Boolean(text::is_alnum(value, range, budget)?),
        "isalpha" => Value::Boolean(text::is_alpha(value, range, budget)?),
        "isascii" => Value::Boolean(text::is_ascii(value, range, budget)?),
        "isdecimal" => Value::Boolean(text::is_decimal(value, range, budget)?),
        "isdigit" => Value::Boolean(text::is_digit(value, range, budget)?),
        "isidentifier" => Value::Boolean(text::is_identifier(value, range, budget)?),
        "islower" => Value::Boolean(text::is_lower(value, range, budget)?),
        "isnumeric" => Value::Boolean(text::is_numeric(value, range, budget)?),
        "isprintable" => Value::Boolean(text::is_printable(value, range, budget)?),
        "isspace" => Value::Boolean(text::is_space(value, range, budget)?),
        "istitle" => Value::Boolean(text::is_title(value, range, budget)?),
        "isupper" => Value::Boolean(text::is_upper(value, range, budget)?),
        "center" | "ljust" | "rjust" => {
            let width = integer_argument(next(), 0, name, range)?;
            let fill = match next() {
                None => " ".into(),
                other => text_argument(other, name, range)?,
            };
            Value::text(match name {
                "center" => text::center(value, width, &fill, range, budget)?,
                "ljust" => text::ljust(value, width, &fill, range, budget)?,
                _ => text::rjust(value, width, &fill, range, budget)?,
            })
        }
        "zfill" => {
            let width = integer_argument(next(), 0, name, range)?;
            Value::text(text::zfill(value, width, range, budget)?)
        }
        "expandtabs" => {
            let size = integer_argument(next(), 8, name, range)?;
            Value::text(text::expandtabs(value, size, range, budget)?)
        }
        "strip" | "lstrip" | "rstrip" => {
            let characters = match next() {
                None | Some(Value::None) => None,
                other => Some(text_argument(other, name, range)?),
            };
            let characters = characters.as_deref();
            Value::text(match name {
                "strip" => text::strip(value, characters, range, budget)?,
                "lstrip" => text::lstrip(value, characters, range, budget)?,
                _ => text::rstrip(value, characters, range, budget)?,
            })
        }
        "removeprefix" => {
            let prefix = text_argument(next(), name, range)?;
            Value::text(text::removeprefix(value, &prefix, range, budget)?)
        }
        "removesuffix" => {
            let suffix = text_argument(next(), name, range)?;
            Value::text(text::removesuffix(value, &suffix, range, budget)?)
        }
        "replace" => {
            let old = text_argument(next(), name, range)?;
            let new = text_argument(next(), name, range)?;
            let limit = integer_argument(next(), -1, name, range)?;
            Value::text(text::replace(value, &old, &new, limit, range, budget)?)
        }
        "split" | "rsplit" => {
            let separator = match next() {
                None | Some(Value::None) => None,
                other => Some(text_argument(other, name, range)?),
            };
            let limit = integer_argument(next(), -1, name, range)?;
            let separator = separator.as_deref();
            list(match name {
                "split" => text::split(value, separator, limit, range, budget)?,
                _ => text::rsplit(value, separator, limit, range, budget)?,
            })
        }
        "splitlines" => {
            // Python takes an integer of 32 bits here.
            let keep_ends = i32::try_from(integer_argument(next(), 0, name, range)?)
                .or_else(|_| refuse(range, "`splitlines` takes true or false".to_owned()))?;
            let keep_ends = keep_ends != 0;
            list(text::splitlines(value, keep_ends, range, budget)?)
        }
        "partition" | "rpartition" => {
            let separator = text_argument(next(), name, range)?;
            let parts = match name {
                "partition" => text::partition(value, &separator, range, budget)?,
                _ => text::rpartition(value, &separator, range, budget)?,
            };
            Value::tuple(parts.into_iter().map(Value::text).collect())
        }
        "join" => {
            let mut texts: Vec<Rc<str>> = Vec::new();
            for item in next().unwrap_or(Value::None).items(range, budget)? {
                texts.push(text_argument(Some(item.require_defined(range)?), name, range)?);
            }
            let joints = texts.len().saturating_sub(1).saturating_mul(value.len());
            budget.make(texts.iter().map(|text| text.len()).sum::<usize>() + joints, range)?;
            Value::text(texts.join(&**value))
        }
        "count" | "find" | "rfind" | "index" | "rindex" => {
            let part = text_argument(next(), name, range)?;
            let bounds = bounds(next(), next(), name, range)?;
            Value::Integer(match name {
                "count" => text::count(value, &part, bounds, range, budget)?,
                "find" => text::find(value, &part, bounds, range, budget)?,
                "rfind" => text::rfind(value, &part, bounds, range, budget)?,
                "index" => text::index(value, &part, bounds, range, budget)?,
                _ => text::rindex(value, &part, bounds, range, budget)?,
            })
        }
        "startswith" | "endswith" => {
            let parts = match next() {
                Some(Value::Tuple(parts)) => parts.items.clone(),
                other => vec![other.unwrap_or(Value::None)],
            };
            let bounds = bounds(next(), next(), name, range)?;
            for part in parts {
                let part = text_argument(Some(part), name, range)?;
                let is_there = match name {
                    "startswith" => text::startswith(value, &part, bounds, range, budget)?,
                    _ => text::endswith(value, &part, bounds, range, budget)?,
                };
                if is_there {
                    return Ok(Value::Boolean(true));
                }
            }
            Value::Boolean(false)
        }
        _ => return refuse_method(name, range),
    })
}

/// Reads where a search begins and ends.
fn bounds(
    start: Option<Value>,
    end: Option<Value>,
    name: &str,
    range: &Range<usize>,
) -> Result<Bounds, Error> {
    let bound = |value: Option<Value>| match value {
        None | Some(Value::None) => Ok(None),
        Some(value) => match value.as_index() {
            Some(number) => Ok(Some(number)),
            None => refuse(range, format!("`{name}` searches from an integer to an integer")),
        },
    };
    Ok(Bounds { start: bound(start)?, end: bound(end)? })
}
