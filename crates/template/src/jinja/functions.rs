//! The functions that can be called by name.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use super::arguments::{Arguments, Parameters};
use super::budget::Budget;
use super::program::Function;
use super::value::{Cycler, Joiner, Key, Namespace, Numbers, ObjectEntries, Value};
use crate::error::{Error, ErrorKind};

impl Function {
    pub(crate) const NAMES: [&'static str; 6] =
        ["range", "dict", "namespace", "cycler", "joiner", "raise_exception"];

    pub(crate) fn find(name: &str) -> Option<Self> {
        Some(match name {
            "range" => Self::Range,
            "dict" => Self::Dict,
            "namespace" => Self::Namespace,
            "cycler" => Self::Cycler,
            "joiner" => Self::Joiner,
            "raise_exception" => Self::RaiseException,
            _ => return None,
        })
    }

    pub(super) fn call(
        self,
        arguments: Arguments,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Value, Error> {
        match self {
            Self::Range => make_range(arguments, range),
            Self::Dict => make_entries("dict", arguments, range, budget).map(Value::object),
            Self::Namespace => {
                let attributes = RefCell::new(make_entries("namespace", arguments, range, budget)?);
                Ok(Value::Namespace(Rc::new(Namespace { attributes })))
            }
            Self::Cycler => {
                if !arguments.named.is_empty() || arguments.positional.is_empty() {
                    let message = "`cycler` requires at least one item";
                    return Err(Error::new(ErrorKind::Value, range.clone(), message));
                }
                let items = store(arguments.positional, range)?;
                Ok(Value::Cycler(Rc::new(Cycler { items, position: Cell::new(0) })))
            }
            Self::Joiner => {
                let parameters = Parameters::Named { names: &["sep"], required: 0 };
                let mut bound = parameters.bind("joiner", arguments, range)?.into_iter();
                let separator = match bound.next().flatten() {
                    Some(separator) => separator.require_storable(range)?,
                    None => Value::text(", "),
                };
                Ok(Value::Joiner(Rc::new(Joiner { separator, is_used: Cell::new(false) })))
            }
            Self::RaiseException => {
                let parameters = Parameters::Named { names: &["message"], required: 1 };
                let mut bound = parameters.bind("raise_exception", arguments, range)?.into_iter();
                let message = bound.next().flatten().unwrap_or(Value::None).print(range)?;
                Err(Error::new(ErrorKind::Raised, range.clone(), &*message))
            }
        }
    }
}

/// Whether Jinja2 has a function of this name, which is therefore no variable that a template needs.
pub(crate) fn is_global(name: &str) -> bool {
    matches!(name, "range" | "dict" | "lipsum" | "cycler" | "joiner" | "namespace")
}

/// Says what to write instead of a function that the dialect does not have.
pub(crate) fn remedy(name: &str) -> Option<&'static str> {
    Some(match name {
        "strftime_now" | "now" => "declare a variable, and pass the formatted date",
        "lipsum" => "write the text itself",
        "super" | "self" => "use `{% include \"name@1.0.0\" %}` instead of blocks",
        "print" => "print with `{{ … }}`",
        "len" => "use the filter: `| length`",
        "str" => "use the filter: `| string`",
        "int" => "use the filter: `| int`",
        "float" => "use the filter: `| float`",
        "list" => "use the filter: `| list`",
        "enumerate" => "use `loop.index0`",
        "zip" => "loop over `range(a | length)`, and read `a[i]` and `b[i]`",
        "sorted" => "use the filter: `| sort`",
        "min" => "use the filter: `| min`",
        "max" => "use the filter: `| max`",
        "sum" => "use the filter: `| sum`",
        "abs" => "use the filter: `| abs`",
        "round" => "use the filter: `| round`",
        _ => return None,
    })
}

fn store(values: Vec<Value>, range: &Range<usize>) -> Result<Vec<Value>, Error> {
    values.into_iter().map(|value| value.require_storable(range)).collect()
}

/// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`.
fn make_range(arguments: Arguments, range: &Range<usize>) -> Result<Value, Error> {
    let refuse = |message: &str| Err(Error::new(ErrorKind::Value, range.clone(), message));
    let parameters = Parameters::Positional { most: 3, required: 1 };
    let mut numbers = Vec::new();
    for value in parameters.bind("range", arguments, range)?.into_iter().flatten() {
        match value.require_defined(range)?.as_index() {
            Some(number) => numbers.push(number),
            None => return refuse("`range` takes integers"),
        }
    }
    let numbers = match *numbers.as_slice() {
        [stop] => Numbers { start: 0, stop, step: 1 },
        [start, stop] => Numbers { start, stop, step: 1 },
        [start, stop, step] if step != 0 => Numbers { start, stop, step },
        _ => return refuse("the step of `range` must not be 0"),
    };
    Ok(Value::Range(numbers))
}

/// Makes the entries of `dict(…)` and `namespace(…)`: of an object or of pairs, then of named arguments.
fn make_entries(
    called: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<ObjectEntries, Error> {
    if arguments.positional.len() > 1 {
        let message = format!("`{called}` takes one object, and named arguments");
        return Err(Error::new(ErrorKind::Value, range.clone(), message));
    }
    let mut entries = ObjectEntries::default();
    if let Some(from) = arguments.positional.into_iter().next() {
        extend(&mut entries, &from, range, budget)?;
    }
    budget.make(arguments.named.len() * 16, range)?;
    for (name, value) in arguments.named {
        entries.insert_text(name, value.require_storable(range)?, range, budget)?;
    }
    Ok(entries)
}

/// Adds the entries of an object, or pairs of keys and values.
pub(super) fn extend(
    entries: &mut ObjectEntries,
    from: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let refuse = |message: &str| Error::new(ErrorKind::Value, range.clone(), message);
    from.check_defined(range)?;
    if let Value::Object(object) = from {
        let others = object.entries();
        budget.make(others.len().saturating_mul(16), range)?;
        for (key, value) in others.iter() {
            if let Some(hashed) = Key::of(key, range, budget)? {
                entries.insert(hashed, key.clone(), value.clone(), range, budget)?;
            }
        }
        return Ok(());
    }
    for pair in from.items(range, budget)? {
        let mut pair = pair.items(range, budget)?.into_iter();
        let (Some(key), Some(value), None) = (pair.next(), pair.next(), pair.next()) else {
            return Err(refuse("an object requires pairs of a key and a value"));
        };
        let Some(hashed) = Key::of(&key, range, budget)? else {
            let message = format!("{} cannot be a key of an object", key.describe());
            return Err(Error::new(ErrorKind::Value, range.clone(), message));
        };
        budget.make(16, range)?;
        entries.insert(hashed, key, value.require_storable(range)?, range, budget)?;
    }
    Ok(())
}
