//! The variables that callers fill in.

use serde::{Deserialize, Deserializer, Serialize};

use crate::json::{Decimal, Json, is_false};
use crate::open::{Word, read_word};

/// The type of a variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    String,
    /// A whole number; `1.0` is one, `"1"` is not.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list; `items` says of what.
    Array,
    /// A map with string keys.
    Object,
    /// An image: a URL or a `data:` URL; stands in an image part, never in text.
    Image,
    /// A file: a URL or a `data:` URL.
    File,
    /// Sound: a URL or a `data:` URL.
    Audio,
}

impl Type {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::String,
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::Array,
        Self::Object,
        Self::Image,
        Self::File,
        Self::Audio,
    ];

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Image => "image",
            Self::File => "file",
            Self::Audio => "audio",
        }
    }

    /// Whether the value is a medium, which stands in a part of that type and is not text.
    pub fn is_media(self) -> bool {
        matches!(self, Self::Image | Self::File | Self::Audio)
    }
}

impl Word for Type {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_word(deserializer, "variable type", &Self::ALL)
    }
}

/// One variable of a version, with everything a form or a validator needs.
// Not built with `#[serde(flatten)]`: it cannot read the author's JSON text in `default` and `enum`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Variable {
    /// The name in templates: a letter or `_`, then letters, digits and `_`.
    pub name: String,
    /// The type of the value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// What the value is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether callers must pass a value.
    pub required: bool,
    /// The value when none is passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The allowed values.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Json>>,
    /// The least length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// The greatest length, counted likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
    /// What each item of an array is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Items>>,
    /// Whether the value must not be logged; published cases mask it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// What each item of an array is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Items {
    /// The type of an item.
    #[serde(rename = "type")]
    pub kind: Type,
    /// The allowed values.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Json>>,
    /// The least length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// The greatest length, counted likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
    /// What each item of an array is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Self>>,
}

/// The type and limits of a value: what [`Variable`] and [`Items`] have in common.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// The type of the value.
    pub kind: Type,
    /// The allowed values.
    pub allowed: Option<&'a [Json]>,
    /// The least length.
    pub min_length: Option<u64>,
    /// The greatest length.
    pub max_length: Option<u64>,
    /// The least number.
    pub minimum: Option<Decimal>,
    /// The greatest number.
    pub maximum: Option<Decimal>,
    /// What each item is.
    pub items: Option<&'a Items>,
}

impl Variable {
    /// Returns the type and limits of its value.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            allowed: self.allowed.as_deref(),
            min_length: self.min_length,
            max_length: self.max_length,
            minimum: self.minimum,
            maximum: self.maximum,
            items: self.items.as_deref(),
        }
    }
}

impl Items {
    /// Returns the type and limits of an item.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            allowed: self.allowed.as_deref(),
            min_length: self.min_length,
            max_length: self.max_length,
            minimum: self.minimum,
            maximum: self.maximum,
            items: self.items.as_deref(),
        }
    }
}
