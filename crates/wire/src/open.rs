//! Values that may take forms which this release does not know, so that a newer promptdex can extend the format without
//! taking a document away from older readers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::Json;

/// A word or a form that this release knows, or one that a newer promptdex wrote. An unknown one never makes a document
/// unreadable, and is written again as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open<T> {
    /// A value that this release knows.
    Known(T),
    /// A value that it does not know, as JSON.
    Unknown(Json),
}

impl<T> Open<T> {
    /// Returns the value, if this release knows it.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Returns the value, if this release knows it.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T: Copy> Open<T> {
    /// Returns the value, if this release knows it.
    pub fn get(&self) -> Option<T> {
        self.known().copied()
    }
}

impl<T: PartialEq> PartialEq<T> for Open<T> {
    fn eq(&self, other: &T) -> bool {
        self.known() == Some(other)
    }
}

impl<T: Default> Default for Open<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

impl<T> From<T> for Open<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Serialize> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(json) => json.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(OPEN, OpenVisitor(PhantomData))
    }
}

/// The name of the newtype as which an [`Open`] is read. A deserializer that can read a value more than once gives a
/// sequence of that value; of the others, the value is read as text first.
pub const OPEN: &str = "$promptdex::Open";

struct OpenVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for OpenVisitor<T> {
    type Value = Open<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Open<T>, D::Error> {
        let json = Json::deserialize(value)?;
        Ok(serde_json::from_str(json.text()).map_or(Open::Unknown(json), Open::Known))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut same: A) -> Result<Open<T>, A::Error> {
        if let Ok(Some(value)) = same.next_element() {
            return Ok(Open::Known(value));
        }
        let json = same.next_element()?.ok_or_else(|| A::Error::custom("a value is missing"))?;
        Ok(Open::Unknown(json))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Open<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// A value that is one of a list of words.
pub trait Word: Copy + 'static {
    /// Returns the word on the wire.
    fn as_str(self) -> &'static str;
}

impl<T: Word> Open<T> {
    /// Returns the word, also one that this release does not know; what is no plain word, as its JSON.
    pub fn word(&self) -> Cow<'_, str> {
        match self {
            Self::Known(word) => word.as_str().into(),
            Self::Unknown(json) => {
                let text = json.text();
                let word = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                word.filter(|word| !word.contains('\\')).unwrap_or(text).into()
            }
        }
    }

    /// Returns the word as sentences have it: with a space for `_`.
    pub fn in_words(&self) -> String {
        self.word().replace('_', " ")
    }
}

/// Reads one of a list of words, of which `all` are known. Unless it is [`Open`], a document with another one is refused,
/// because nobody can tell what is left of it without.
pub(crate) fn read_word<'de, T: Word, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    all: &[T],
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = all.iter().copied().find(|known| known.as_str() == word);
    known.ok_or_else(|| unknown(what, &word))
}

// Once for all lists: it would be repeated in each.
#[cold]
#[inline(never)]
fn unknown<E: serde::de::Error>(what: &str, word: &str) -> E {
    E::custom(format_args!("the {what} `{word}` needs a newer reader"))
}

/// Declares a list of words, with their text on the wire. Its JSON Schema names them as examples, because a newer
/// promptdex may add to them.
macro_rules! words {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// Every word that this release knows, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::open::Word for $name {
            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::open::read_word(deserializer, stringify!($name), Self::ALL)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let meanings = [$(concat!("`", $word, "`:", $($doc,)+)),+];
                schemars::json_schema!({
                    "type": "string",
                    "minLength": 1,
                    "examples": [$($word),+],
                    "description": meanings.join(" ")
                })
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::State;

    #[test]
    fn what_is_unknown_is_kept_as_it_is() {
        let text = r#"["active","frozen",{"state":"active","until":1e999}]"#;
        let states: Vec<Open<State>> = serde_json::from_str(text).unwrap();
        assert_eq!(states[0].get(), Some(State::Active));
        assert_eq!(states[1].get(), None);
        assert_eq!(states[1].word(), "frozen");
        assert_eq!(states[2].word(), r#"{"state":"active","until":1e999}"#);
        assert_eq!(serde_json::to_string(&states).unwrap(), text);
    }
}
