//! Methods of strings, lists and objects.

use std::ops::Range;
use std::rc::Rc;

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::operators::position_in_range;
use super::value::Value;
use crate::error::{Error, ErrorKind};

mod lists;
mod objects;
mod strings;

/// Methods of Python's types, which are no keys: whether the dialect has them is told by the others.
const OBJECT_METHODS: [&str; 11] = [
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
const LIST_METHODS: [&str; 11] = [
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];
const TEXT_METHODS: [&str; 47] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];
/// Those that are refused.
const REFUSED: [&str; 10] = [
    "clear",
    "encode",
    "format_map",
    "fromkeys",
    "maketrans",
    "popitem",
    "remove",
    "setdefault",
    "sort",
    "translate",
];

pub(super) fn is_object_method(name: &str) -> bool {
    OBJECT_METHODS.contains(&name)
}

pub(super) fn is_list_method(name: &str) -> bool {
    LIST_METHODS.contains(&name)
}

pub(super) fn is_text_method(name: &str) -> bool {
    TEXT_METHODS.contains(&name)
}

/// Whether a value of the dialect has a method of this name.
pub(super) fn is_known(name: &str) -> bool {
    let is_other = matches!(name, "cycle" | "changed" | "next" | "reset");
    is_other
        || (is_object_method(name) || is_list_method(name) || is_text_method(name))
            && !REFUSED.contains(&name)
}

/// Says what to write instead of a method that the dialect does not have.
pub(super) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "sort" => "use the filter: `{% set sorted = list | sort %}`",
        "remove" | "clear" | "popitem" => {
            "make a new value: `{% set rest = list | reject(…) | list %}`"
        }
        "setdefault" => "write `value.get(key, default)`",
        "strftime" | "isoformat" | "date" | "time" => "pass the date as it is to be printed",
        "encode" | "decode" => "texts have no bytes here: pass the text",
        "format_map" => "write `text.format(…)`",
        _ => return None,
    })
}

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

fn refuse<T>(range: &Range<usize>, message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Value, range.clone(), message))
}

fn refuse_method<T>(name: &str, range: &Range<usize>) -> Result<T, Error> {
    let message = format!("`.{name}()` is not in the jinja dialect of promptdex");
    let error = Error::new(ErrorKind::Unsupported, range.clone(), message);
    Err(match remedy(name) {
        Some(help) => error.help(help),
        None => error,
    })
}

/// Refuses to change what the caller passed.
fn check_own(is_own: bool, what: &str, range: &Range<usize>) -> Result<(), Error> {
    if is_own {
        return Ok(());
    }
    let message = format!("the {what} is the caller's, and a template cannot change it");
    let help = match what {
        "list" => "change a copy: `{% set copy = value | list %}`",
        _ => "change a copy: `{% set copy = dict(value) %}`",
    };
    Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
}

/// Checks that a value can be put into a list, an object or a namespace: it does not contain that.
pub(super) fn check_contained(
    value: Value,
    is_container: &dyn Fn(&Value) -> bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let value = value.require_storable(range)?;
    value.visit(range, budget, &mut |inner| {
        if is_container(inner) {
            let message = "a list, an object or a namespace would contain itself";
            return Err(Error::new(ErrorKind::Value, range.clone(), message)
                .help("put a copy into it: `… | list`"));
        }
        Ok(())
    })?;
    Ok(value)
}

/// Returns an argument that is a string.
fn text_argument(
    value: Option<Value>,
    called: &str,
    range: &Range<usize>,
) -> Result<Rc<str>, Error> {
    match value {
        Some(Value::Text(text)) => Ok(text),
        Some(other) => {
            refuse(range, format!("`{called}` takes a string, not {}", other.describe()))
        }
        None => refuse(range, format!("`{called}` needs a string")),
    }
}

/// Returns an argument that is an integer, or what it is without one.
fn integer_argument(
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
