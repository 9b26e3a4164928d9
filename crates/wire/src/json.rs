//! How documents become bytes and bytes become documents.
//!
//! Our own fields are written in the order in which the types declare them, without white space and
//! with only the escapes that JSON requires. What an author wrote (`response_schema`, `parameters`,
//! …) is carried as [`Json`]: text that keeps its key order and the digits of its numbers.

use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::pieces::{Piece, ValidText};
use crate::{Document, FORMAT, Kind};

/// One JSON value exactly as its author wrote it, without white space between tokens.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Wraps `text`, which must be one JSON value. White space in it is kept, so pass compact text.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// Returns the JSON text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Returns its text for taking it apart.
    pub fn valid_text(&self) -> ValidText<'_> {
        (&*self.0).into()
    }

    /// Parses the text into a value; numbers become `i64`, `u64` or `f64`.
    pub fn value(&self) -> Value {
        // Only a number beyond f64 (`1e999`) can fail here; it reads as null, as JavaScript's Infinity would print.
        read_value(self.valid_text(), 0).unwrap_or(Value::Null)
    }
}

/// How deep a value may be nested, as for `serde_json`; a deeper one reads as null.
const MAX_DEPTH: usize = 127;

fn read_value(value: ValidText<'_>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match Piece::of(value)? {
        Piece::Null => Value::Null,
        Piece::Boolean(value) => Value::Bool(value),
        Piece::Number(number) => Value::Number(read_number(number)?),
        Piece::Text(text) => Value::String(text),
        Piece::Array(items) => {
            let items = items.into_iter().map(|item| read_value(item, depth + 1));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Piece::Object(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key, read_value(value, depth + 1)?);
            }
            Value::Object(object)
        }
    })
}

fn read_number(number: &str) -> Option<Number> {
    if let Ok(number) = number.parse::<u64>() {
        return Some(number.into());
    }
    match number.parse::<i64>() {
        // `-0` is a float.
        Ok(number) if number != 0 => Some(number.into()),
        _ => Number::from_f64(number.parse().ok()?),
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        true.into()
    }
}

/// A finite number, written in its shortest form: `90`, `12.5`, never `90.0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Decimal(f64);

// It is never NaN.
impl Eq for Decimal {}

impl Decimal {
    /// Wraps a finite number.
    pub fn new(number: f64) -> Option<Self> {
        // `-0.0 + 0.0` is `0.0`: one number, one text.
        number.is_finite().then_some(Self(number + 0.0))
    }

    /// Returns the number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "integral and within 2^53")]
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("not a finite number"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number"})
    }
}

/// A published document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes are not JSON, or not of this document's shape.
    #[error("not a `{kind}` document: {source}")]
    Shape {
        /// What was expected.
        kind: Kind,
        /// Where and why reading stopped.
        source: serde_json::Error,
    },
    /// The document has a kind that this release does not know.
    #[error("the kind `{found}` needs a newer reader")]
    UnknownKind {
        /// The `kind` that the document has.
        found: String,
    },
    /// The document has another kind than the one that was asked for.
    #[error("expected a `{expected}` document, found kind `{found}`")]
    Kind {
        /// What was expected.
        expected: Kind,
        /// The `kind` that the document has, or nothing.
        found: String,
    },
    /// The document was written by a newer promptdex, in a format this reader does not know.
    #[error("format {found} needs a newer reader: this one reads format {FORMAT}")]
    Format {
        /// The `format` that the document has.
        found: u64,
    },
}

#[derive(Deserialize)]
struct Envelope {
    format: Option<u64>,
    kind: Option<String>,
}

/// Reads one document. Unknown fields are ignored; another `kind`, a higher `format`, or an unknown
/// template, role, part type or variable type is refused.
pub fn read<T: Document + DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let shape = |source| ReadError::Shape { kind: T::KIND, source };
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(shape)?;
    let format = envelope.format.unwrap_or_default();
    if format > u64::from(FORMAT) {
        return Err(ReadError::Format { found: format });
    }
    let found = envelope.kind.unwrap_or_default();
    if found != T::KIND.as_str() {
        let is_known = found.is_empty() || Kind::from_word(&found).is_some();
        return Err(if is_known {
            ReadError::Kind { expected: T::KIND, found }
        } else {
            ReadError::UnknownKind { found }
        });
    }
    serde_json::from_slice(bytes).map_err(shape)
}

/// Writes one document: compact, fields in declared order, no final newline.
///
/// # Panics
///
/// Never: the wire types have string keys and finite numbers, so serializing them cannot fail.
#[expect(clippy::expect_used, reason = "see the section on panics")]
pub fn write<T: Document + Serialize>(document: &T) -> Vec<u8> {
    serde_json::to_vec(document).expect("wire types serialize")
}

/// Whether a document has everything that is in the bytes which it was read from. Otherwise, a newer promptdex wrote them,
/// and what it added is lost when the document is written again.
pub fn has_all_of<T: Document + Serialize>(document: &T, bytes: &[u8]) -> bool {
    let written = write(document);
    let values = || Some((value(&written)?, value(bytes)?));
    written == bytes || values().is_some_and(|(written, read)| written == read)
}

fn value(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// The `format` field: always 1 here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Format;

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(FORMAT)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            FORMAT => Ok(Self),
            other => Err(D::Error::custom(format_args!("format {other}, expected {FORMAT}"))),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Format {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"const": FORMAT})
    }
}

/// Deserializes a newtype from a string by its `FromStr`.
pub(crate) fn from_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr,
    T::Err: fmt::Display,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

/// Describes a newtype that is a string on the wire: its pattern, and what else holds for it.
macro_rules! text_schema {
    ($type:ty, $name:literal, $pattern:literal $(, $($more:tt)+)?) => {
        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": $pattern $(, $($more)+)?})
            }
        }
    };
}
pub(crate) use text_schema;

/// Requires that exactly one of several groups of fields is there.
#[cfg(feature = "schema")]
pub(crate) fn require_one_of(schema: &mut schemars::Schema, forms: &[&[&str]]) {
    let forms: Vec<_> =
        forms.iter().map(|fields| serde_json::json!({"required": fields})).collect();
    schema.insert("oneOf".to_owned(), forms.into());
}

/// Serves `skip_serializing_if` for counts that are absent when zero.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")
)]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Serves `skip_serializing_if` for flags that are absent when false.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

/// Serves `skip_serializing_if` for flags that are absent when true.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_true(flag: &bool) -> bool {
    *flag
}
