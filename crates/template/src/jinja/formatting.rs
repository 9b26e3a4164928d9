//! The formats of texts: `text % values`, the filter `format` and the method `format`.

use std::ops::Range;
use std::rc::Rc;

use super::arguments::Arguments;
use super::budget::Budget;
use super::value::Value;
use crate::error::{Error, ErrorKind};
use crate::python::format::{Argument, Operand, format_percent, format_template};

/// Returns a value as something to format.
fn argument(value: &Value) -> Argument<'_> {
    match value {
        Value::Text(text) => Argument::Text(text),
        Value::Integer(number) => Argument::Integer(*number),
        Value::Float(number) => Argument::Float(*number),
        Value::Boolean(value) => Argument::Boolean(*value),
        other => Argument::Other(other.describe()),
    }
}

fn check_defined<'v>(
    mut values: impl Iterator<Item = &'v Value>,
    range: &Range<usize>,
) -> Result<(), Error> {
    values.try_for_each(|value| value.check_defined(range))
}

/// `template % value`.
pub(super) fn percent(
    template: &str,
    value: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    match value {
        Value::Tuple(tuple) => percent_with(template, &tuple.items, &[], range, budget),
        Value::Object(object) => {
            let entries = object.entries();
            let mut named = Vec::new();
            for (key, value) in entries.iter() {
                budget.make(16, range)?;
                if let Value::Text(name) = key {
                    named.push((Rc::clone(name), value.clone()));
                }
            }
            percent_named(template, &named, "an object", range, budget)
        }
        Value::List(_) | Value::Range(_) => {
            percent_named(template, &[], value.describe(), range, budget)
        }
        other => {
            let values = [argument(other)];
            format_percent(template, Operand::Tuple(&values), budget, range).map(Value::text)
        }
    }
}

/// Formats values that are passed by position or by name.
pub(super) fn percent_with(
    template: &str,
    positional: &[Value],
    named: &[(Rc<str>, Value)],
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    check_defined(positional.iter(), range)?;
    if !named.is_empty() {
        return percent_named(template, named, "an object", range, budget);
    }
    let values: Vec<Argument<'_>> = positional.iter().map(argument).collect();
    format_percent(template, Operand::Tuple(&values), budget, range).map(Value::text)
}

fn percent_named(
    template: &str,
    named: &[(Rc<str>, Value)],
    what: &'static str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    check_defined(named.iter().map(|(_, value)| value), range)?;
    let lookup = |name: &str| {
        named.iter().find(|(known, _)| &**known == name).map(|(_, value)| argument(value))
    };
    format_percent(template, Operand::Mapping(&lookup, what), budget, range).map(Value::text)
}

/// `template.format(…)`.
pub(super) fn format(
    template: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let Arguments { positional, named } = arguments;
    check_defined(positional.iter().chain(named.iter().map(|(_, value)| value)), range)?;
    let values: Vec<Argument<'_>> = positional.iter().map(argument).collect();
    let lookup = |name: &str| {
        named.iter().find(|(known, _)| &**known == name).map(|(_, value)| argument(value))
    };
    format_template(template, &values, &lookup, budget, range).map(Value::text).map_err(|error| {
        if error.kind == ErrorKind::Value && error.help.is_none() {
            error.help("a field is `{}`, `{0}` or `{name}`, with a format as in `{0:>8}`")
        } else {
            error
        }
    })
}
