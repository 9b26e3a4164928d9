//! Filters of numbers.

use super::super::operators;
use super::super::program::Operator;
use super::super::value::Value;
use super::call::Call;
use super::sorting::attribute_path;
use crate::error::Error;
use crate::python::numbers::{self, Number};

pub(super) fn abs(call: &mut Call<'_>) -> Result<Value, Error> {
    match call.value.as_number() {
        Some(number) => number.absolute(call.range).map(Value::number),
        None => call.wrong_type("the value", "a number", &call.value),
    }
}

/// `int(default=0, base=10)`: of a string, a number or a boolean; what cannot be read gives the default.
pub(super) fn int(call: &mut Call<'_>) -> Result<Value, Error> {
    let base = call.integer(1, "base", 10)?;
    let read = match &call.value {
        Value::Text(text) => numbers::text_to_integer(text, base, call.budget, call.range)?,
        other => match other.as_number() {
            Some(number) => Some(number.to_integer(call.range)?),
            None => None,
        },
    };
    Ok(match read {
        Some(number) => Value::Integer(number),
        None => call.argument(0).cloned().unwrap_or(Value::Integer(0)),
    })
}

/// `float(default=0.0)`.
pub(super) fn float(call: &mut Call<'_>) -> Result<Value, Error> {
    let read = match &call.value {
        Value::Text(text) => numbers::parse_float(text, call.budget, call.range)?,
        other => other.as_number().map(Number::to_float),
    };
    Ok(match read {
        Some(number) => Value::Float(number),
        None => call.argument(0).cloned().unwrap_or(Value::Float(0.0)),
    })
}

/// `round(precision=0, method="common")`: a half to the even neighbor.
pub(super) fn round(call: &mut Call<'_>) -> Result<Value, Error> {
    let precision = call.integer(0, "precision", 0)?;
    let Some(number) = call.value.as_number() else {
        return call.wrong_type("the value", "a number", &call.value);
    };
    let rounded = match call.printed(1)?.as_deref() {
        None | Some("common") => number.round(Some(precision), call.range),
        Some("ceil") => number.ceil(precision, call.range),
        Some("floor") => number.floor(precision, call.range),
        Some(other) => {
            return call.refuse(format!(
                "`method` must be \"common\", \"ceil\" or \"floor\", not \"{other}\""
            ));
        }
    };
    rounded.map(Value::number)
}

/// `sum(attribute, start=0)`.
pub(super) fn sum(call: &mut Call<'_>) -> Result<Value, Error> {
    let path = attribute_path(call.argument(0), call.range)?;
    let mut sum = call.argument(1).cloned().unwrap_or(Value::Integer(0));
    if let Value::Text(_) = sum {
        return call.refuse("`sum` cannot add strings: use `join`".to_owned());
    }
    for item in call.items()? {
        let item = path.read(&item, None, call.range, call.budget)?.require_defined(call.range)?;
        sum = operators::binary(Operator::Add, &sum, &item, call.range, call.budget)?;
    }
    Ok(sum)
}
