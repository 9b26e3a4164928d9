//! JSON values compared by meaning: the order of keys and the spelling of numbers do not matter.

use promptdex_wire::Json;
use serde_json::{Map, Value};

/// Reads an author's JSON. What has no value here, such as a number that is too great, is its text.
pub(crate) fn read(json: &Json) -> Value {
    match json.value() {
        Value::Null if json.text() != "null" => Value::String(json.text().to_owned()),
        value => value,
    }
}

/// Writes a value on one line. Values that mean the same have the same text.
pub(crate) fn compact(value: &Value) -> String {
    let mut text = String::new();
    write(value, None, &mut text);
    text
}

/// Writes a value with a line for each entry.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, Some(0), &mut text);
    text
}

/// Returns the entries of an object by key. The order of `Map` depends on features of other crates.
pub(crate) fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    by_key(object.iter().collect())
}

/// Returns the keys that one of two objects has, sorted.
pub(crate) fn sorted_keys<'a>(
    a: &'a Map<String, Value>,
    b: &'a Map<String, Value>,
) -> Vec<&'a String> {
    let others = b.iter().filter(|(key, _)| !a.contains_key(*key));
    by_key(a.iter().chain(others).collect()).into_iter().map(|(key, _)| key).collect()
}

fn by_key<'a>(mut entries: Vec<(&'a String, &'a Value)>) -> Vec<(&'a String, &'a Value)> {
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

fn write(value: &Value, level: Option<usize>, text: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, level.map(|level| level + 1), text);
                write(item, level.map(|level| level + 1), text);
            }
            separate(0, level, text);
            text.push(']');
        }
        Value::Object(object) if !object.is_empty() => {
            text.push('{');
            for (index, (key, item)) in sorted(object).into_iter().enumerate() {
                separate(index, level.map(|level| level + 1), text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(if level.is_some() { ": " } else { ":" });
                write(item, level.map(|level| level + 1), text);
            }
            separate(0, level, text);
            text.push('}');
        }
        Value::Number(number) => match number.as_f64() {
            // `1.0` is `1`.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                text.push_str(&(float + 0.0).to_string());
            }
            _ => text.push_str(&number.to_string()),
        },
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn separate(index: usize, level: Option<usize>, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
    if let Some(level) = level {
        text.push('\n');
        text.push_str(&"  ".repeat(level));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_text() {
        for (one, other) in [
            (r#"{"b":1,"a":[0.20,1e2]}"#, r#"{"a":[0.2,100],"b":1.0}"#),
            ("-0.0", "0"),
            ("[]", "[ ]"),
        ] {
            let value = |text| serde_json::from_str(text).unwrap();
            assert_eq!(compact(&value(one)), compact(&value(other)));
        }
        let value = serde_json::from_str(r#"{"b":[1,{}],"a":{"c":"\"\u202e"}}"#).unwrap();
        assert_eq!(compact(&value), "{\"a\":{\"c\":\"\\\"\u{202e}\"},\"b\":[1,{}]}");
        assert_eq!(
            pretty(&value),
            "{\n  \"a\": {\n    \"c\": \"\\\"\u{202e}\"\n  },\n  \"b\": [\n    1,\n    {}\n  ]\n}"
        );
        let huge = Json::from_text("1e999".to_owned()).unwrap();
        assert_eq!(read(&huge), Value::String("1e999".to_owned()));
    }
}
