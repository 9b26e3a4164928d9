//! YAML and JSON read into one kind of tree, in which every value keeps its place.

use std::ops::Range;

use promptdex_wire::Json;

use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{Origin, Source};

mod json;
mod yaml;

/// Values may be nested this deep.
const MAX_DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, or nothing at all in YAML.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written; always a JSON number.
    Number(String),
    /// Text, and where its bytes stand.
    String(String, Origin),
    /// A list.
    Sequence(Vec<Node>),
    /// A map, in the order in which it was written, without duplicate keys.
    Mapping(Vec<(Key, Node)>),
}

/// The key of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

impl Node {
    /// Names what the value is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(..) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a map",
        }
    }

    /// Returns the value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(entries) => {
                entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(..)
            | Value::Sequence(_) => None,
        }
    }

    /// Returns the text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text, _) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Sequence(_)
            | Value::Mapping(_) => None,
        }
    }

    /// Writes the value as compact JSON, keys in order and numbers as they were written.
    pub fn to_json(&self) -> Json {
        let mut text = String::new();
        self.write(&mut text);
        // What `write` makes is JSON by construction; the empty fallback cannot be reached.
        Json::from_text(text).unwrap_or_else(|_| Self { value: Value::Null, range: 0..0 }.to_json())
    }

    fn write(&self, out: &mut String) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(number) => out.push_str(number),
            Value::String(text, _) => write_string(text, out),
            Value::Sequence(nodes) => {
                out.push('[');
                for (position, node) in nodes.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    node.write(out);
                }
                out.push(']');
            }
            Value::Mapping(entries) => {
                out.push('{');
                for (position, (key, node)) in entries.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    write_string(&key.text, out);
                    out.push(':');
                    node.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    // A `String` always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Reads a file by its name: `.json` is JSON, `.yaml` is YAML. Findings are added to `findings`;
/// nothing is returned when the file has no usable value.
pub fn parse(source: &Source, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    if source.path().ends_with(".json") {
        json::parse(source, findings)
    } else {
        yaml::parse(source, findings)
    }
}

/// Whether a text is a number as JSON spells it.
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// Whether a number is an integer beyond 2^53, which readers in JavaScript would change silently, or
/// too large for any reader.
fn is_out_of_range(number: &str) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value: f64 = number.parse().unwrap_or(f64::INFINITY);
    let integer = !number.contains(['.', 'e', 'E']);
    // A neighbour of 2^53 rounds onto it, so the bound itself is refused when it is not spelled so.
    !value.is_finite()
        || (integer && (value.abs() > EXACT || (value.abs() == EXACT && !number.ends_with("992"))))
}

fn duplicate_key(source: &Source, key: &Key) -> Diagnostic {
    Diagnostic::at(
        &rules::DUPLICATE_KEY,
        source,
        key.range.clone(),
        format!("`{}` is written twice", key.text),
    )
    .help("keep one of them: readers would disagree on which one counts")
}

fn out_of_range(source: &Source, range: Range<usize>, number: &str) -> Diagnostic {
    Diagnostic::at(
        &rules::NUMBER_RANGE,
        source,
        range,
        format!("`{number}` is beyond the numbers that every reader keeps exactly"),
    )
    .help("write it as text, or stay within 2^53")
}

fn too_deep(source: &Source, range: Range<usize>) -> Diagnostic {
    Diagnostic::at(
        &rules::TOO_DEEP,
        source,
        range,
        format!("nested deeper than {MAX_DEPTH} levels"),
    )
    .help("flatten the value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        for number in ["0", "-0", "1.5", "1e9", "-1.25E-3", "10", "0.0"] {
            assert!(is_json_number(number), "{number}");
        }
        for text in
            ["", "-", "01", "+1", ".5", "1.", "1e", "0x1", "1_000", "Infinity", "1.0.0", "1e+"]
        {
            assert!(!is_json_number(text), "{text}");
        }
        for number in ["9007199254740993", "-9007199254740993", "99999999999999999999", "1e999"] {
            assert!(is_out_of_range(number), "{number}");
        }
        for number in
            ["9007199254740992", "-9007199254740992", "0.1", "1e300", "12345678901234567890.5"]
        {
            assert!(!is_out_of_range(number), "{number}");
        }
    }
}
