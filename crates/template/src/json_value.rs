//! The values that a template is rendered with: JSON whose objects keep their order, and whose integers
//! are exact.

use std::fmt;

use promptdex_wire::Json;
use promptdex_wire::pieces::{Piece, ValidText};
use serde_json::value::RawValue;

use crate::jinja::budget::MAX_DEPTH;

/// A JSON value. Integers are those of 64 bits, other numbers are the nearest double.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonValue {
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number that is written without a point and an exponent.
    Integer(i64),
    /// Any other number; finite.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// The entries of an object, in their order.
    Object(Vec<(String, Self)>),
}

/// Why a text is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON.
    Syntax(String),
    /// An integer is beyond 64 bits.
    IntegerBeyond64Bits(String),
    /// A number is beyond the range of doubles.
    NumberOutOfRange(String),
    /// Arrays and objects are nested too deep.
    TooDeep,
    /// It is JSON, but no object.
    NotAnObject,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "invalid JSON: {error}"),
            Self::IntegerBeyond64Bits(number) => {
                write!(f, "the integer {number} exceeds 64 bits: pass it as a string")
            }
            Self::NumberOutOfRange(number) => {
                write!(f, "the number {number} exceeds the range of a float: pass it as a string")
            }
            Self::TooDeep => write!(f, "the value is nested deeper than {MAX_DEPTH} levels"),
            Self::NotAnObject => f.write_str("the values must be a JSON object"),
        }
    }
}

impl std::error::Error for JsonError {}

impl JsonValue {
    /// Reads a value.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| JsonError::Syntax(error.to_string()))?;
        read(raw.into(), 0)
    }

    /// Returns the value of a piece of a document. What a document cannot hold, but JSON can, becomes null.
    pub fn of(json: &Json) -> Self {
        read(json.valid_text(), 0).unwrap_or(Self::Null)
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns a number as the nearest double.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "limits are doubles, too")]
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Names what the value is, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// Compares values as JSON means them: `1` and `1.0` are the same number, and the order of an object
    /// does not matter.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Integer(_) | Self::Float(_), Self::Integer(_) | Self::Float(_)) => {
                self.as_f64() == other.as_f64()
            }
            (Self::Array(a), Self::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.iter().any(|(other, b)| key == other && a.is_same(b)))
            }
            _ => self == other,
        }
    }
}

fn half_a_character() -> JsonError {
    JsonError::Syntax("a string has an escape for half of a surrogate pair".to_owned())
}

fn read(value: ValidText<'_>, depth: usize) -> Result<JsonValue, JsonError> {
    if depth > MAX_DEPTH {
        return Err(JsonError::TooDeep);
    }
    Ok(match Piece::of(value).ok_or_else(half_a_character)? {
        Piece::Null => JsonValue::Null,
        Piece::Boolean(value) => JsonValue::Boolean(value),
        Piece::Number(text) => number(text)?,
        Piece::Text(text) => JsonValue::Text(text),
        Piece::Array(items) => {
            let items = items.into_iter().map(|item| read(item, depth + 1));
            JsonValue::Array(items.collect::<Result<_, _>>()?)
        }
        Piece::Object(entries) => {
            let entries =
                entries.into_iter().map(|(key, value)| Ok((key, read(value, depth + 1)?)));
            JsonValue::Object(entries.collect::<Result<_, _>>()?)
        }
    })
}

fn number(text: &str) -> Result<JsonValue, JsonError> {
    if text.contains(['.', 'e', 'E']) {
        return match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(JsonValue::Float(number)),
            _ => Err(JsonError::NumberOutOfRange(shorten(text))),
        };
    }
    match text.parse() {
        Ok(number) => Ok(JsonValue::Integer(number)),
        Err(_) => Err(JsonError::IntegerBeyond64Bits(shorten(text))),
    }
}

fn shorten(number: &str) -> String {
    match number.get(..40) {
        Some(start) if number.len() > 41 => format!("{start}…"),
        _ => number.to_owned(),
    }
}

/// Values by the name of their variable.
#[derive(Debug, Clone, Default)]
pub struct Values(Vec<(String, JsonValue)>);

impl Values {
    /// Reads the values of a JSON object.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        match JsonValue::parse(text)? {
            JsonValue::Object(entries) => Ok(Self(entries)),
            _ => Err(JsonError::NotAnObject),
        }
    }

    /// Returns the values of an object, or none of anything else.
    pub fn of(value: JsonValue) -> Self {
        match value {
            JsonValue::Object(entries) => Self(entries),
            _ => Self::default(),
        }
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&JsonValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Sets the value of a variable.
    pub fn insert(&mut self, name: impl Into<String>, value: JsonValue) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets all values of others.
    pub fn extend(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.insert(name, value);
        }
    }

    /// Returns names and values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &JsonValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl FromIterator<(String, JsonValue)> for Values {
    fn from_iter<I: IntoIterator<Item = (String, JsonValue)>>(entries: I) -> Self {
        let mut values = Self::default();
        for (name, value) in entries {
            values.insert(name, value);
        }
        values
    }
}
