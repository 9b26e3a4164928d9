//! The tree that files are read into: values, keys, and the bytes of the file that each is.

use std::ops::Range;

use promptdex_wire::Json;

use crate::source::TextOrigin;

/// A value with its place in the file.
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
    /// Text, with the places of its bytes.
    String(String, TextOrigin),
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
