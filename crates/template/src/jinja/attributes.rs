//! Attributes: keys of objects, and what Python's own types have.

use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::methods::names;
use super::value::{Key, Value, ViewKind};
use crate::error::{Error, ErrorKind};

/// What `loop` offers.
pub(crate) const LOOP_ATTRIBUTES: [&str; 13] = [
    "index",
    "index0",
    "revindex",
    "revindex0",
    "first",
    "last",
    "length",
    "cycle",
    "changed",
    "previtem",
    "nextitem",
    "depth",
    "depth0",
];

/// Reads `value.name`, or `value["name"]` of what has no such item.
///
/// Jinja2 looks at Python's attributes before the keys of an object for a dot, and after them for
/// brackets; `is_dot` says which.
pub(super) fn attribute(
    value: &Value,
    name: &Rc<str>,
    is_dot: bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    if name.starts_with("__") && name.ends_with("__") || &**name == "_Namespace__attrs" {
        let message = format!("`{name}` is a Python attribute");
        return Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
            .help("remove it; the dialect has no Python attributes"));
    }
    value.check_defined(range)?;
    let key = Key::Text(Rc::clone(name));
    let found = match value {
        Value::Object(object) => {
            if names::is_object_method(name) {
                let is_key = object.entries().get(&key, range, budget)?.is_some();
                if !is_dot {
                    let message = format!("no key `{name}`; `{name}` is a method");
                    return Err(Error::new(ErrorKind::Unsupported, range.clone(), message).help(
                        format!("read a key that may be missing as `value.get(\"{name}\")`"),
                    ));
                }
                let message = if is_key {
                    format!("the method `.{name}` of objects hides the key")
                } else {
                    format!("`{name}` is a method")
                };
                return Err(refuse_method(message, name, range));
            }
            object.entries().get(&key, range, budget)?.cloned()
        }
        Value::Namespace(namespace) => {
            namespace.attributes.borrow().get(&key, range, budget)?.cloned()
        }
        Value::Tuple(tuple) if tuple.is_group && &**name == "grouper" => {
            tuple.items.first().cloned()
        }
        Value::Tuple(tuple) if tuple.is_group && &**name == "list" => tuple.items.get(1).cloned(),
        Value::Cycler(cycler) => match &**name {
            "current" => cycler.items.get(cycler.position.get()).cloned(),
            "pos" => Some(Value::count(cycler.position.get())),
            "items" => Some(Value::tuple(cycler.items.clone())),
            "next" | "reset" => {
                return Err(refuse_method(format!("`{name}` is a method"), name, range));
            }
            _ => None,
        },
        Value::Joiner(joiner) => match &**name {
            "sep" => Some(joiner.separator.clone()),
            "used" => Some(Value::Boolean(joiner.is_used.get())),
            _ => None,
        },
        Value::Macro(value) if &**name == "name" => {
            Some(Value::Text(Rc::clone(&value.declaration.name)))
        }
        _ => None,
    };
    if let Some(found) = found {
        return Ok(found);
    }
    if is_python_attribute(value, name) {
        let message = format!("`{name}` of {} is a Python attribute", value.describe());
        return Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
            .help(format!("call a method as `value.{name}(…)`; only objects have keys")));
    }
    Ok(Value::Undefined(Rc::clone(name)))
}

fn refuse_method(message: String, name: &str, range: &Range<usize>) -> Error {
    let error = Error::new(ErrorKind::Unsupported, range.clone(), message);
    error.help(format!("read a key as `value[\"{name}\"]`, and call a method as `value.{name}(…)`"))
}

/// Whether Python's type has an attribute of this name, which Jinja2 would give.
fn is_python_attribute(value: &Value, name: &str) -> bool {
    const INTEGER: [&str; 10] = [
        "as_integer_ratio",
        "bit_count",
        "bit_length",
        "conjugate",
        "denominator",
        "from_bytes",
        "imag",
        "numerator",
        "real",
        "to_bytes",
    ];
    const FLOAT: [&str; 7] =
        ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"];
    const ITERATOR: [&str; 9] = [
        "close",
        "gi_code",
        "gi_frame",
        "gi_running",
        "gi_suspended",
        "gi_yieldfrom",
        "send",
        "throw",
        "gi_frame",
    ];
    const MACRO: [&str; 7] = [
        "arguments",
        "catch_kwargs",
        "catch_varargs",
        "caller",
        "explicit_caller",
        "_func",
        "name",
    ];
    match value {
        Value::Boolean(_) | Value::Integer(_) => INTEGER.contains(&name),
        Value::Float(_) => FLOAT.contains(&name),
        Value::Text(_) => names::is_text_method(name),
        Value::List(_) => names::is_list_method(name),
        Value::Tuple(_) => {
            matches!(name, "count" | "index")
                || matches!(value, Value::Tuple(tuple) if tuple.is_group) && name.starts_with('_')
        }
        Value::Range(_) => matches!(name, "count" | "index" | "start" | "stop" | "step"),
        Value::View(kind, _) => {
            matches!(name, "mapping") || *kind != ViewKind::Values && name == "isdisjoint"
        }
        Value::Iterator(_) => ITERATOR.contains(&name),
        Value::Macro(_) => MACRO.contains(&name),
        Value::Function(_) | Value::Loop(_) => true,
        Value::Undefined(_)
        | Value::Nothing
        | Value::None
        | Value::Object(_)
        | Value::Namespace(_)
        | Value::Cycler(_)
        | Value::Joiner(_) => false,
    }
}
