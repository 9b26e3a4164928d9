//! Values of variables: whether one fits its declaration, and how it is printed.

use promptdex_wire::variables::{Properties, Shape, Type, key_path, positions};

use crate::json_value::JsonValue;
use crate::suggest::nearest;

/// Why a value does not fit, and which part of it; follows the value's name in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The keys and positions that lead to the part: `.address.city`, `[2].name`; empty for the value itself.
    path: String,
    /// Follows the name of the part in a sentence.
    reason: String,
}

impl Misfit {
    fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into() }
    }

    fn under(self, key: &str) -> Self {
        Self { path: key_path("", key) + &self.path, ..self }
    }

    fn at(self, position: usize) -> Self {
        Self { path: format!("[{position}]{}", self.path), ..self }
    }

    /// Says in one sentence what does not fit in the value of a variable.
    pub fn in_variable(&self, name: &str) -> String {
        format!("`{name}{}` {}", self.path, self.reason)
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, "is invalid: `{}` ", self.path.trim_start_matches('.'))?;
        }
        f.write_str(&self.reason)
    }
}

/// Checks a value against the type and limits of its variable.
pub fn check(value: &JsonValue, shape: &Shape<'_>) -> Result<(), Misfit> {
    let fits = match (shape.kind, value) {
        (Type::String, JsonValue::Text(_))
        | (Type::Number, JsonValue::Integer(_) | JsonValue::Float(_))
        | (Type::Boolean, JsonValue::Boolean(_))
        | (Type::Array, JsonValue::Array(_))
        | (Type::Object, JsonValue::Object(_))
        | (Type::Integer, JsonValue::Integer(_)) => true,
        (Type::Integer, JsonValue::Float(number)) => number.fract() == 0.0,
        (Type::Image | Type::File | Type::Audio, JsonValue::Text(address)) => {
            let known =
                ["https://", "http://", "data:"].iter().any(|scheme| address.starts_with(scheme));
            if !known {
                return Err(Misfit::new("is not an `https:` or `data:` URL"));
            }
            true
        }
        _ => false,
    };
    if !fits {
        return Err(Misfit::new(format!(
            "is {}, not of type `{}`",
            value.describe(),
            shape.kind.as_str()
        )));
    }
    if let Some(allowed) = shape.allowed
        && !allowed.iter().any(|option| JsonValue::of(option).is_same(value))
    {
        let options: Vec<&str> = allowed.iter().take(20).map(promptdex_wire::Json::text).collect();
        return Err(Misfit::new(format!("is not one of {}", options.join(", "))));
    }
    let length = match value {
        JsonValue::Text(text) => Some((text.chars().count() as u64, "characters")),
        JsonValue::Array(items) => Some((items.len() as u64, "items")),
        _ => None,
    };
    if let Some((length, unit)) = length {
        if let Some(least) = shape.min_length.filter(|least| length < *least) {
            return Err(Misfit::new(format!("has {length} {unit}; the minimum is {least}")));
        }
        if let Some(most) = shape.max_length.filter(|most| length > *most) {
            return Err(Misfit::new(format!("has {length} {unit}; the maximum is {most}")));
        }
    }
    if let Some(number) = value.as_f64() {
        if let Some(least) = shape.minimum.filter(|least| number < least.get()) {
            return Err(Misfit::new(format!("is below {}", print_number(least.get()))));
        }
        if let Some(most) = shape.maximum.filter(|most| number > most.get()) {
            return Err(Misfit::new(format!("is above {}", print_number(most.get()))));
        }
    }
    if let (Some(items), JsonValue::Array(values)) = (shape.items, value) {
        for (position, value) in values.iter().enumerate() {
            check(value, &items.shape()).map_err(|misfit| misfit.at(position))?;
        }
    }
    if let (Some(properties), JsonValue::Object(entries)) = (shape.properties, value) {
        check_properties(entries, properties)?;
    }
    Ok(())
}

/// Checks the values of the declared keys of an object; others are allowed.
fn check_properties(
    entries: &[(String, JsonValue)],
    properties: &Properties,
) -> Result<(), Misfit> {
    let given = positions(&mut entries.iter().map(|(key, _)| key.as_str()));
    for (name, property) in &properties.0 {
        match given.get(name.as_str()).map(|at| &entries[*at].1) {
            Some(value) if !value.is_null() => {
                check(value, &property.shape()).map_err(|misfit| misfit.under(name))?;
            }
            _ if property.required => {
                let declared = properties.positions();
                let keys = entries.iter().take(100).map(|(key, _)| key.as_str());
                let others = keys.filter(|key| !declared.contains_key(key));
                let meant = nearest(name, others);
                let meant =
                    meant.map_or_else(String::new, |key| format!("; did you mean `{key}`?"));
                let misfit = Misfit::new(format!("is required and has no value{meant}"));
                return Err(misfit.under(name));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes integers of the numbers that are declared as such: `1.0` is `1`.
pub(crate) fn as_declared(value: JsonValue, shape: &Shape<'_>) -> JsonValue {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 64 bits")]
        JsonValue::Float(number)
            if shape.kind == Type::Integer
                && number.fract() == 0.0
                && (-LIMIT..LIMIT).contains(&number) =>
        {
            JsonValue::Integer(number as i64)
        }
        JsonValue::Array(values) => match shape.items {
            Some(items) => {
                let values = values.into_iter().map(|value| as_declared(value, &items.shape()));
                JsonValue::Array(values.collect())
            }
            None => JsonValue::Array(values),
        },
        JsonValue::Object(entries) => match shape.properties {
            Some(properties) => {
                let declared = properties.positions();
                let entry = |(key, value): (String, JsonValue)| match declared.get(key.as_str()) {
                    Some(at) => (key, as_declared(value, &properties.0[*at].1.shape())),
                    None => (key, value),
                };
                JsonValue::Object(entries.into_iter().map(entry).collect())
            }
            None => JsonValue::Object(entries),
        },
        other => other,
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

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        let declared = r#"[{"name": "user", "type": "object", "required": true, "properties": {
            "name": {"type": "string"},
            "address": {"type": "object", "required": false, "properties": {"city": {"type": "string"}}},
            "first order": {"type": "array", "required": false, "items": {"type": "object", "properties": {
                "name": {"type": "string", "enum": ["a", "b"]}
            }}}
        }}]"#;
        let declared: Vec<promptdex_wire::Variable> = serde_json::from_str(declared).unwrap();
        for (given, sentence, rest) in [
            (
                r#"[]"#,
                "`user` is an array, not of type `object`",
                "is an array, not of type `object`",
            ),
            (
                r#"{"name": 1}"#,
                "`user.name` is a number, not of type `string`",
                "is invalid: `name` is a number, not of type `string`",
            ),
            (
                r#"{"Name": "Ana"}"#,
                "`user.name` is required and has no value; did you mean `Name`?",
                "is invalid: `name` is required and has no value; did you mean `Name`?",
            ),
            (
                r#"{"name": "Ana", "address": {"city": null}}"#,
                "`user.address.city` is required and has no value",
                "is invalid: `address.city` is required and has no value",
            ),
            (
                r#"{"name": "Ana", "first order": [{"name": "a"}, {"name": "c"}]}"#,
                "`user[\"first order\"][1].name` is not one of \"a\", \"b\"",
                "is invalid: `[\"first order\"][1].name` is not one of \"a\", \"b\"",
            ),
        ] {
            let value = JsonValue::parse(given).unwrap();
            let misfit = check(&value, &declared[0].shape()).unwrap_err();
            assert_eq!(misfit.in_variable("user"), sentence);
            assert_eq!(misfit.to_string(), rest);
        }
    }

    proptest! {
        #[test]
        fn a_printed_number_reads_back(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            prop_assert_eq!(print_number(number).parse::<f64>().unwrap(), number);
        }
    }
}
