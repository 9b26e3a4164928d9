//! Tests: what follows `is`.

use std::ops::Range;

use super::filters::Arguments;
use super::value::Value;
use crate::error::{Error, ErrorKind};

/// Every test, in the order of the documentation.
pub(crate) const NAMES: [&str; 14] = [
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "integer",
    "boolean",
    "sequence",
    "mapping",
    "true",
    "false",
    "odd",
    "even",
    "divisibleby",
];

/// Applies a test.
pub(super) fn apply<'p>(
    name: &str,
    value: Value<'p>,
    arguments: &Arguments<'p>,
    range: &Range<usize>,
) -> Result<bool, Error> {
    if name != "divisibleby" {
        arguments.check_arguments(0, &[], range)?;
    }
    match name {
        "defined" => return Ok(!matches!(value, Value::Undefined(_))),
        "undefined" => return Ok(matches!(value, Value::Undefined(_))),
        _ => {}
    }
    let value = value.require_defined(range)?;
    let whole = || match value {
        Value::Number(number) if number.fract() == 0.0 => Ok(number),
        _ => {
            let message = format!("`is {name}` needs a whole number, this is {}", value.describe());
            Err(Error::new(ErrorKind::Value, range.clone(), message))
        }
    };
    Ok(match name {
        "none" => matches!(value, Value::None),
        "string" => matches!(value, Value::String(_)),
        "number" => matches!(value, Value::Number(_)),
        "integer" => matches!(value, Value::Number(number) if number.fract() == 0.0),
        "boolean" => matches!(value, Value::Bool(_)),
        "sequence" => matches!(value, Value::List(_)),
        "mapping" => matches!(value, Value::Map(_)),
        "true" => matches!(value, Value::Bool(true)),
        "false" => matches!(value, Value::Bool(false)),
        "odd" => whole()? % 2.0 != 0.0,
        "even" => whole()? % 2.0 == 0.0,
        "divisibleby" => {
            arguments.check_arguments(1, &[], range)?;
            let divisor = arguments.number(0, "divisor", range)?.filter(|divisor| *divisor != 0.0);
            let Some(divisor) = divisor else {
                return Err(Error::new(
                    ErrorKind::Value,
                    range.clone(),
                    "`is divisibleby` needs a divisor that is not 0",
                ));
            };
            whole()? % divisor == 0.0
        }
        _ => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                range.clone(),
                format!("there is no test `{name}`"),
            ));
        }
    })
}
