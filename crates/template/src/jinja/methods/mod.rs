//! Methods of strings, lists and objects.

use std::ops::Range;

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::operators::position_in_range;
use super::value::Value;
use crate::error::{Error, ErrorKind};

mod checks;
mod lists;
pub(super) mod names;
mod objects;
mod strings;

pub(super) use checks::check_contained;
use checks::refuse;
pub(super) use names::{is_known, is_list_method, is_object_method, is_text_method, remedy};

/// Calls a method.
pub(super) fn call(
    receiver: &Value,
    name: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    if name != "format" {
        for value in arguments.values() {
            // A method that keeps its argument may keep what is undefined.
            if !matches!(name, "append" | "insert" | "get" | "update") {
                value.check_defined(range)?;
            }
        }
    }
    match receiver {
        Value::Text(text) if is_text_method(name) => {
            strings::call(text, name, arguments, range, budget)
        }
        Value::List(list) if is_list_method(name) => {
            lists::call(list, name, arguments, range, budget)
        }
        Value::Tuple(tuple) if matches!(name, "count" | "index") => {
            lists::search(&tuple.items, name, arguments, range, budget)
        }
        Value::Range(numbers) if matches!(name, "count" | "index") => {
            let parameters = Parameters::Positional { most: 1, required: 1 };
            let wanted = parameters.bind(name, arguments, range)?.into_iter().next().flatten();
            let wanted = wanted.unwrap_or(Value::None);
            match (name, position_in_range(*numbers, &wanted, range, budget)?) {
                ("count", position) => Ok(Value::Integer(i64::from(position.is_some()))),
                (_, Some(position)) => {
                    Ok(Value::Integer(i64::try_from(position).unwrap_or(i64::MAX)))
                }
                _ => refuse(range, "`index` of a number that is not in the range".to_owned()),
            }
        }
        Value::Object(object) if is_object_method(name) => {
            objects::call(object, name, arguments, range, budget)
        }
        Value::Cycler(cycler) if matches!(name, "next" | "reset") => {
            if !arguments.positional.is_empty() || !arguments.named.is_empty() {
                return refuse(range, format!("`{name}` takes no arguments"));
            }
            if name == "reset" {
                cycler.position.set(0);
                return Ok(Value::None);
            }
            let position = cycler.position.get();
            cycler.position.set((position + 1) % cycler.items.len().max(1));
            Ok(cycler.items.get(position).cloned().unwrap_or(Value::None))
        }
        other => {
            let message = format!("{} has no method `{name}`", other.describe());
            let error = Error::new(ErrorKind::Value, range.clone(), message);
            Err(match super::filters::find(name) {
                Some(_) => error.help(format!("use the filter: `| {name}`")),
                None => error,
            })
        }
    }
}
