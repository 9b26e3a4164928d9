//! Values of variables: whether one fits its declaration, and how it is printed.

use promptdex_wire::variables::{Shape, Type};
use serde_json::Value;

/// Why a value does not fit; follows the value's name in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit(String);

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a value against the type and limits of its variable.
pub fn check(value: &Value, shape: &Shape<'_>) -> Result<(), Misfit> {
    let fits = match (shape.kind, value) {
        (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Array, Value::Array(_))
        | (Type::Object, Value::Object(_)) => true,
        (Type::Integer, Value::Number(number)) => {
            number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        (Type::Image | Type::File | Type::Audio, Value::String(address)) => {
            let known =
                ["https://", "http://", "data:"].iter().any(|scheme| address.starts_with(scheme));
            if !known {
                return Err(Misfit("is not an `https:` or `data:` address".to_owned()));
            }
            true
        }
        _ => false,
    };
    if !fits {
        return Err(Misfit(format!(
            "is {}, not of type `{}`",
            describe(value),
            shape.kind.as_str()
        )));
    }
    if let Some(allowed) = shape.allowed
        && !allowed.iter().any(|option| is_same_value(&option.value(), value))
    {
        let options: Vec<&str> = allowed.iter().take(20).map(promptdex_wire::Json::text).collect();
        return Err(Misfit(format!("is not one of {}", options.join(", "))));
    }
    let length = match value {
        Value::String(text) => Some((text.chars().count() as u64, "characters")),
        Value::Array(items) => Some((items.len() as u64, "items")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    };
    if let Some((length, unit)) = length {
        if let Some(least) = shape.min_length.filter(|least| length < *least) {
            return Err(Misfit(format!("has {length} {unit}, at least {least} are needed")));
        }
        if let Some(most) = shape.max_length.filter(|most| length > *most) {
            return Err(Misfit(format!("has {length} {unit}, at most {most} are allowed")));
        }
    }
    if let Some(number) = value.as_f64() {
        if let Some(least) = shape.minimum.filter(|least| number < least.get()) {
            return Err(Misfit(format!("is below {}", print_number(least.get()))));
        }
        if let Some(most) = shape.maximum.filter(|most| number > most.get()) {
            return Err(Misfit(format!("is above {}", print_number(most.get()))));
        }
    }
    if let (Some(items), Value::Array(values)) = (shape.items, value) {
        for (position, value) in values.iter().enumerate() {
            check(value, &items.shape()).map_err(|Misfit(reason)| {
                Misfit(format!("has an item {position} that {reason}"))
            })?;
        }
    }
    Ok(())
}

/// Names what a JSON value is, for messages.
pub fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Compares values as JSON means them: `1` and `1.0` are the same number.
fn is_same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same_value(a, b)))
        }
        _ => a == b,
    }
}

/// Prints a finite number: the shortest digits that read back as it, as ECMAScript's
/// `Number::toString` and RFC 8785 lay them out. A whole number has no point.
pub fn print_number(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", number.abs());
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // The position of the decimal point, counted from the first digit.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or(0).min(digits.len()));
    let text = if (count..=21).contains(&point) {
        digits.clone() + &zeros(point - count)
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = split(point);
        format!("{whole}.{fraction}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = split(1);
        let sign = if point > 0 { '+' } else { '-' };
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{sign}{}", (point - 1).abs())
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_print_as_in_ecmascript() {
        // Each text is what `String(number)` gives in JavaScript.
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (0.1, "0.1"),
            (0.000001, "0.000001"),
            (0.0000001, "1e-7"),
            (123456789012345680000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1.25e-9, "1.25e-9"),
            (12.5, "12.5"),
            (9007199254740992.0, "9007199254740992"),
        ] {
            assert_eq!(print_number(number), text);
        }
    }

    proptest! {
        #[test]
        fn a_printed_number_reads_back(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            prop_assert_eq!(print_number(number).parse::<f64>().unwrap(), number);
        }
    }
}
