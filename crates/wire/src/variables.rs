//! The variables that callers fill in.

use std::collections::BTreeMap;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{Decimal, Json, is_false, is_true};
use crate::word::{Word, read_word};

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
    /// A map with string keys; `properties` says which, and what their values are.
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Variable {
    /// The name in templates: a letter or `_`, then letters, digits and `_`.
    pub name: String,
    /// The type of the value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Description of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether apps must pass a value.
    pub required: bool,
    /// Default value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The allowed values.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Json>>,
    /// Minimum length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Maximum length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Minimum number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// Maximum number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
    /// Type of the items of an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Member>>,
    /// Types of the keys of an object; other keys are also allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// Whether the value must not be logged; published cases mask it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// A value within another one: each item of an array, or the value of a key of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// The type of the value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Description of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the object must have the key; it must if this is absent. An item of an array never has the field.
    #[serde(default = "Declaration::is_required", skip_serializing_if = "is_true")]
    pub required: bool,
    /// The allowed values.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Json>>,
    /// Minimum length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Maximum length: of a string in Unicode scalars, of an array in items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Minimum number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// Maximum number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
    /// Type of the items of an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Self>>,
    /// Types of the keys of an object; other keys are also allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
}

/// The fields of a variable and of a member. Both are read by it: a reader of each would be twice as large, and the
/// app has to count its bytes.
#[derive(Deserialize)]
struct Declaration {
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    required: Option<bool>,
    #[serde(default)]
    default: Option<Json>,
    #[serde(rename = "enum", default)]
    allowed: Option<Vec<Json>>,
    #[serde(default)]
    min_length: Option<u64>,
    #[serde(default)]
    max_length: Option<u64>,
    #[serde(default)]
    minimum: Option<Decimal>,
    #[serde(default)]
    maximum: Option<Decimal>,
    #[serde(default)]
    items: Option<Box<Member>>,
    #[serde(default)]
    properties: Option<Properties>,
    #[serde(default)]
    sensitive: bool,
}

impl Declaration {
    /// What a member is of which nothing is said.
    fn is_required() -> bool {
        true
    }
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let declaration = Declaration::deserialize(deserializer)?;
        Ok(Self {
            name: declaration.name.ok_or_else(|| D::Error::missing_field("name"))?,
            kind: declaration.kind,
            description: declaration.description,
            required: declaration.required.ok_or_else(|| D::Error::missing_field("required"))?,
            default: declaration.default,
            allowed: declaration.allowed,
            min_length: declaration.min_length,
            max_length: declaration.max_length,
            minimum: declaration.minimum,
            maximum: declaration.maximum,
            items: declaration.items,
            properties: declaration.properties,
            sensitive: declaration.sensitive,
        })
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let declaration = Declaration::deserialize(deserializer)?;
        Ok(Self {
            kind: declaration.kind,
            description: declaration.description,
            required: declaration.required.unwrap_or_else(Declaration::is_required),
            allowed: declaration.allowed,
            min_length: declaration.min_length,
            max_length: declaration.max_length,
            minimum: declaration.minimum,
            maximum: declaration.maximum,
            items: declaration.items,
            properties: declaration.properties,
        })
    }
}

/// What the values of an object's keys are, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline, transparent))]
pub struct Properties(
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, Member>"))]
    pub Vec<(String, Member)>,
);

impl Properties {
    /// Returns where each key stands.
    pub fn positions(&self) -> BTreeMap<&str, usize> {
        positions(&mut self.0.iter().map(|(key, _)| key.as_str()))
    }
}

/// Returns where each key of an object stands.
// Not generic, and not collected, which sorts: this is all that modules in the browser need of maps by text.
pub fn positions<'k>(keys: &mut dyn Iterator<Item = &'k str>) -> BTreeMap<&'k str, usize> {
    let mut positions = BTreeMap::new();
    for (at, key) in keys.enumerate() {
        positions.insert(key, at);
    }
    positions
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, property)| (name, property)))
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Properties;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map of properties")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut properties = Vec::new();
                while let Some(property) = map.next_entry()? {
                    properties.push(property);
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Returns the path of a key of an object: `user.city`, `user["first name"]`.
pub fn key_path(object: &str, key: &str) -> String {
    let is_word = !key.starts_with(|first: char| first.is_ascii_digit())
        && !key.is_empty()
        && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_word { format!("{object}.{key}") } else { format!("{object}[{key:?}]") }
}

/// The type and limits of a value: what [`Variable`] and [`Member`] have in common.
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
    /// Minimum number.
    pub minimum: Option<Decimal>,
    /// Maximum number.
    pub maximum: Option<Decimal>,
    /// What each item is.
    pub items: Option<&'a Member>,
    /// What the values of keys are.
    pub properties: Option<&'a Properties>,
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
            properties: self.properties.as_ref(),
        }
    }
}

impl Member {
    /// Returns a value of a type without limits.
    pub fn of_type(kind: Type) -> Self {
        Self {
            kind,
            description: None,
            required: true,
            allowed: None,
            min_length: None,
            max_length: None,
            minimum: None,
            maximum: None,
            items: None,
            properties: None,
        }
    }

    /// Returns the type and limits of the value.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            allowed: self.allowed.as_deref(),
            min_length: self.min_length,
            max_length: self.max_length,
            minimum: self.minimum,
            maximum: self.maximum,
            items: self.items.as_deref(),
            properties: self.properties.as_ref(),
        }
    }
}
