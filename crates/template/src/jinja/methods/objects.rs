//! Methods of objects.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::{Arguments, Parameters};
use super::super::budget::Budget;
use super::super::functions::extend;
use super::super::value::{Key, Object, ObjectEntries, Value, ViewKind};
use super::checks::{check_contained, check_own, refuse, refuse_method};
use crate::error::Error;

/// Calls a method of an object.
pub(super) fn call(
    object: &Rc<Object>,
    name: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let view = |kind| Value::View(kind, Rc::clone(object));
    let none = Parameters::Positional { most: 0, required: 0 };
    Ok(match name {
        "keys" | "values" | "items" | "copy" => {
            none.bind(name, arguments, range)?;
            match name {
                "keys" => view(ViewKind::Keys),
                "values" => view(ViewKind::Values),
                "items" => view(ViewKind::Items),
                _ => {
                    let entries = object.entries().clone();
                    budget.make(entries.len().saturating_mul(16), range)?;
                    Value::object(entries)
                }
            }
        }
        "get" => {
            let parameters = Parameters::Positional { most: 2, required: 1 };
            let mut bound = parameters.bind(name, arguments, range)?.into_iter();
            let key = bound.next().flatten().unwrap_or(Value::None).require_defined(range)?;
            let found = match Key::of(&key, range, budget)? {
                Some(hashed) => object.entries().get(&hashed, range, budget)?.cloned(),
                None if key.has_identity() => None,
                None => {
                    let message = format!("{} cannot be a key of an object", key.describe());
                    return refuse(range, message);
                }
            };
            found.or_else(|| bound.next().flatten()).unwrap_or(Value::None)
        }
        "update" => {
            check_own(object.is_own, "object", range)?;
            if arguments.positional.len() > 1 {
                return refuse(range, "`update` takes one object, and named values".to_owned());
            }
            let mut added = ObjectEntries::default();
            if let Some(from) = arguments.positional.into_iter().next() {
                extend(&mut added, &from.require_defined(range)?, range, budget)?;
            }
            for (name, value) in arguments.named {
                budget.make(16, range)?;
                added.insert_text(name, value, range, budget)?;
            }
            let is_container = |value: &Value| match value {
                Value::Object(other) | Value::View(_, other) => Rc::ptr_eq(other, object),
                _ => false,
            };
            for (key, value) in added.iter() {
                let value = check_contained(value.clone(), &is_container, range, budget)?;
                if let Some(hashed) = Key::of(key, range, budget)? {
                    object.entries_mut().insert(hashed, key.clone(), value, range, budget)?;
                }
            }
            Value::None
        }
        _ => return refuse_method(name, range),
    })
}
