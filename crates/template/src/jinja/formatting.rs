//! The formats of texts: `text % values`, the filter `format` and the method `format`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::arguments::Arguments;
use super::budget::Budget;
use super::value::Value;
use crate::error::{Error, ErrorKind};
use crate::python::format::percent::Operand;
use crate::python::format::{Argument, format_percent, format_template};

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

/// Values by their names.
struct Named<'v>(BTreeMap<&'v str, &'v Value>);

impl<'v> Named<'v> {
    fn of(
        values: impl Iterator<Item = (&'v str, &'v Value)>,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        let mut named = BTreeMap::new();
        for (name, value) in values {
            budget.make(16 + name.len(), range)?;
            value.check_defined(range)?;
            named.insert(name, value);
        }
        Ok(Self(named))
    }

    fn find(&self, name: &str) -> Option<Argument<'v>> {
        self.0.get(name).map(|value| argument(value))
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
        Value::Tuple(tuple) => {
            check_defined(tuple.items.iter(), range)?;
            let values: Vec<Argument<'_>> = tuple.items.iter().map(argument).collect();
            format_percent(template, Operand::Tuple(&values), budget, range).map(Value::text)
        }
        Value::Object(object) => {
            let entries = object.entries();
            let values = entries.iter().filter_map(|(key, value)| match key {
                Value::Text(name) => Some((&**name, value)),
                _ => None,
            });
            let named = Named::of(values, range, budget)?;
            let lookup = |name: &str| named.find(name);
            let operand = Operand::Mapping(&lookup, "an object");
            format_percent(template, operand, budget, range).map(Value::text)
        }
        Value::List(_) | Value::Range(_) => {
            // Python takes it for a mapping, which has no texts as keys.
            let operand = Operand::Mapping(&|_| None, value.describe());
            format_percent(template, operand, budget, range).map(Value::text)
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
    arguments: &Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    if arguments.named.is_empty() {
        check_defined(arguments.positional.iter(), range)?;
        let values: Vec<Argument<'_>> = arguments.positional.iter().map(argument).collect();
        return format_percent(template, Operand::Tuple(&values), budget, range).map(Value::text);
    }
    let named = Named::of(of_arguments(&arguments.named), range, budget)?;
    let lookup = |name: &str| named.find(name);
    let operand = Operand::Mapping(&lookup, "an object");
    format_percent(template, operand, budget, range).map(Value::text)
}

/// `template.format(…)`.
pub(super) fn format(
    template: &str,
    arguments: &Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    check_defined(arguments.positional.iter(), range)?;
    let values: Vec<Argument<'_>> = arguments.positional.iter().map(argument).collect();
    let named = Named::of(of_arguments(&arguments.named), range, budget)?;
    let lookup = |name: &str| named.find(name);
    format_template(template, &values, &lookup, budget, range).map(Value::text).map_err(|error| {
        if error.kind == ErrorKind::Value && error.help.is_none() {
            error.help("a field is `{}`, `{0}` or `{name}`, with a format as in `{0:>8}`")
        } else {
            error
        }
    })
}
