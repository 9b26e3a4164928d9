//! The formats of texts: `text % values`, the filter `format` and the method `format`.

use std::collections::BTreeMap;
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

/// Returns a text, or an error that names what is undefined, if that is why there is one: a value that is
/// not written may be undefined.
fn finish<'v>(
    written: Result<String, Error>,
    mut values: impl Iterator<Item = &'v Value>,
    range: &Range<usize>,
) -> Result<Value, Error> {
    written.map(Value::text).map_err(|error| {
        if error.kind != ErrorKind::Value {
            return error;
        }
        values.find_map(|value| value.check_defined(range).err()).unwrap_or(error)
    })
}

/// Values by their names.
struct Named<'v> {
    values: Vec<&'v Value>,
    positions: BTreeMap<&'v str, usize>,
}

impl<'v> Named<'v> {
    fn of(
        values: impl Iterator<Item = (&'v str, &'v Value)>,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        let mut named = Self { values: Vec::new(), positions: BTreeMap::new() };
        for (name, value) in values {
            budget.make(16 + name.len(), range)?;
            named.positions.insert(name, named.values.len());
            named.values.push(value);
        }
        Ok(named)
    }

    fn values(&self) -> impl Iterator<Item = &'v Value> {
        self.values.iter().copied()
    }

    fn find(&self, name: &str) -> Option<Argument<'v>> {
        let position = self.positions.get(name)?;
        self.values.get(*position).map(|value| argument(value))
    }
}

fn of_arguments(named: &[(Rc<str>, Value)]) -> impl Iterator<Item = (&str, &Value)> {
    named.iter().map(|(name, value)| (&**name, value))
}

/// `template % value`.
pub(super) fn percent(
    template: &str,
    value: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    match value {
        Value::Tuple(tuple) => percent_of(template, &tuple.items, range, budget),
        Value::Object(object) => {
            let entries = object.entries();
            let values = entries.iter().filter_map(|(key, value)| match key {
                Value::Text(name) => Some((&**name, value)),
                _ => None,
            });
            percent_named(template, &Named::of(values, range, budget)?, range, budget)
        }
        Value::List(_) | Value::Range(_) => {
            // Python takes it for a mapping, which has no texts as keys.
            let operand = Operand::Mapping(&|_| None, value.describe());
            format_percent(template, operand, budget, range).map(Value::text)
        }
        other => percent_of(template, std::slice::from_ref(other), range, budget),
    }
}

/// Formats values that are passed by position or by name.
pub(super) fn percent_with(
    template: &str,
    arguments: &Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    if arguments.named.is_empty() {
        return percent_of(template, &arguments.positional, range, budget);
    }
    let named = Named::of(of_arguments(&arguments.named), range, budget)?;
    percent_named(template, &named, range, budget)
}

fn percent_of(
    template: &str,
    values: &[Value],
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let operands: Vec<Argument<'_>> = values.iter().map(argument).collect();
    let written = format_percent(template, Operand::Tuple(&operands), budget, range);
    finish(written, values.iter(), range)
}

fn percent_named(
    template: &str,
    named: &Named<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let lookup = |name: &str| named.find(name);
    let operand = Operand::Mapping(&lookup, "an object");
    finish(format_percent(template, operand, budget, range), named.values(), range)
}

/// `template.format(…)`.
pub(super) fn format(
    template: &str,
    arguments: &Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let values: Vec<Argument<'_>> = arguments.positional.iter().map(argument).collect();
    let named = Named::of(of_arguments(&arguments.named), range, budget)?;
    let lookup = |name: &str| named.find(name);
    let written = format_template(template, &values, &lookup, budget, range);
    finish(written, arguments.values(), range).map_err(|error| {
        if error.kind == ErrorKind::Value && error.help.is_none() {
            error.help("write a field as `{}`, `{0}` or `{name}`, with a format as in `{0:>8}`")
        } else {
            error
        }
    })
}
