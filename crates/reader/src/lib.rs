//! Reads documents in the browser. `serde_json` reads text straight into types, with code for each of
//! them; here the text becomes a tree first, which types are then read from. That is a third of the
//! bytes to load.
//!
//! What an author wrote is a `promptdex_wire::Json`, which keeps the text as it is: the tree knows
//! where each value stands, and hands the text over in the way in which `serde_json` does.
//!
//! ```
//! use promptdex_wire::catalog::Catalog;
//!
//! let text = r#"{"format":1,"kind":"catalog","registry":"acme","sequences":{},"environments":["dev"],"prompts":[]}"#;
//! let catalog: Catalog = promptdex_reader::document(text)?;
//! assert_eq!(catalog.registry.as_str(), "acme");
//! # Ok::<(), promptdex_reader::Error>(())
//! ```

use std::fmt;

use promptdex_wire::open::OPEN;
use promptdex_wire::pieces::unescape;
use promptdex_wire::{Digest, Document, FORMAT, Kind, PromptName, Version};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// How deep values may be nested.
const MAX_DEPTH: usize = 64;

/// The name by which `serde_json::value::RawValue` asks for the text of a value. It is private to
/// `serde_json`, which may change it in any release; a test compares the two.
const RAW: &str = "$serde_json::private::RawValue";

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Returns the error for a document whose kind differs from the one that its path requires.
    fn kind(found: &str, expected: Kind) -> Self {
        Self(if found.is_empty() || Kind::from_word(found).is_some() {
            format!("this is a document of kind {found}, expected {}", expected.as_str())
        } else {
            format!("the kind {found} needs a newer site")
        })
    }

    /// Returns the error for a document in a format that this site is too old for.
    fn format(found: Option<u64>) -> Self {
        Self(match found {
            Some(found) => format!("format {found} needs a newer site: this one reads {FORMAT}"),
            None => "this is not a document of a registry".to_owned(),
        })
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    // What serde says by itself needs the code that prints every kind of value.

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self(format!("{variant} needs a newer site"))
    }
}

/// Reads a value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    parse(text)?.read()
}

/// Reads a document and checks that it has the kind of its type.
pub fn document<T: Document + DeserializeOwned>(text: &str) -> Result<T, Error> {
    document_of(text, &[T::KIND])?.read()
}

/// Reads a document that has one of some kinds, of which whoever asks takes what it needs.
pub fn document_of<'t>(text: &'t str, kinds: &[Kind]) -> Result<Value<'t>, Error> {
    let (kind, value) = envelope(text)?;
    check_kind(&kind, kinds)?;
    Ok(value)
}

/// Checks that the kind of a document is one of those that are expected.
pub fn check_kind(kind: &str, expected: &[Kind]) -> Result<(), Error> {
    if expected.iter().any(|expected| expected.as_str() == kind) {
        return Ok(());
    }
    expected.first().map_or(Ok(()), |expected| Err(Error::kind(kind, *expected)))
}

/// Reads the kind of a document, which every document begins with.
pub fn envelope(text: &str) -> Result<(String, Value<'_>), Error> {
    let value = parse(text)?;
    let format = value.get("format").and_then(|format| format.text().parse().ok());
    if format.is_none_or(|format| format > u64::from(FORMAT)) {
        return Err(Error::format(format));
    }
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((kind, value))
}

/// Returns why a version was withdrawn, if the document at its address is the redaction of the document
/// that was expected there.
pub fn withdrawal(
    text: &str,
    name: &PromptName,
    version: &Version,
    expected: Digest,
) -> Option<String> {
    let (kind, redaction) = envelope(text).ok()?;
    let field = |name| redaction.get(name).and_then(Value::as_str);
    let replaced = redaction.get("replaced")?.get("digest")?.as_str()?;
    let is_expected = kind == Kind::Redacted.as_str()
        && field("name") == Some(name.as_str())
        && field("version") == Some(version.to_string().as_str())
        && replaced == expected.to_string();
    is_expected.then(|| field("reason").unwrap_or_default().to_owned())
}

/// Reads a number of JSON.
fn number(text: &str) -> Option<f64> {
    #[cfg(feature = "js")]
    let number = js_sys::Number::parse_float(text);
    #[cfg(not(feature = "js"))]
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number)
}

/// A value, and its text.
pub struct Value<'t> {
    text: &'t str,
    kind: ValueKind<'t>,
}

enum ValueKind<'t> {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Value<'t>>),
    Object(Vec<(String, Value<'t>)>),
}

impl<'t> Value<'t> {
    /// Reads it into a type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(self)
    }

    /// Reads it as a document; `kind` is the one in its `kind` field.
    pub fn document<T: Document + DeserializeOwned>(&self, kind: &str) -> Result<T, Error> {
        check_kind(kind, &[T::KIND])?;
        self.read()
    }

    #[cold]
    #[inline(never)]
    fn type_mismatch(&self, expected: &str) -> Error {
        let text: String = self.text.chars().take(40).collect();
        Error(format!("expected {expected}, found {text}"))
    }

    /// Returns its text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Returns a field of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            ValueKind::Object(fields) => {
                fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Returns the items of a list.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            ValueKind::List(items) => items,
            _ => &[],
        }
    }

    /// Returns a list that is a field of an object, to add to it.
    pub fn list(&mut self, name: &str) -> Option<&mut Vec<Self>> {
        let ValueKind::Object(fields) = &mut self.kind else { return None };
        let field = fields.iter_mut().find(|(field, _)| field == name);
        match field.map(|(_, value)| &mut value.kind) {
            Some(ValueKind::List(items)) => Some(items),
            _ => None,
        }
    }

    /// Returns the characters of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads text into a tree.
pub fn parse(text: &str) -> Result<Value<'_>, Error> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(MAX_DEPTH)?;
    parser.space();
    if parser.at == text.len() { Ok(value) } else { Err(parser.syntax_error()) }
}

/// Whether a word is a number of JSON: `-0.5e+3`, and not `01`, `1.` or `2026-01-01`.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let word = word.strip_prefix('-').unwrap_or(word);
    let whole = digits(word);
    if whole == 0 || (whole > 1 && word.starts_with('0')) {
        return false;
    }
    let mut rest = &word[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else { return rest.is_empty() };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !exponent.is_empty() && digits(exponent) == exponent.len()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over a byte, if it is next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.syntax_error()) }
    }

    fn syntax_error(&self) -> Error {
        Error(format!("this is not JSON at byte {}", self.at))
    }

    fn value(&mut self, depth: usize) -> Result<Value<'t>, Error> {
        self.space();
        let start = self.at;
        let kind = match self.peek() {
            _ if depth == 0 => return Err(Error("values are nested too deep".to_owned())),
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => ValueKind::Text(self.string()?),
            _ => self.word()?,
        };
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Value { text, kind })
    }

    fn object(&mut self, depth: usize) -> Result<ValueKind<'t>, Error> {
        let mut fields = Vec::new();
        self.items(b'}', |parser| {
            parser.space();
            let name = parser.string()?;
            parser.expect(b':')?;
            fields.push((name, parser.value(depth - 1)?));
            Ok(())
        })?;
        Ok(ValueKind::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Result<ValueKind<'t>, Error> {
        let mut items = Vec::new();
        self.items(b']', |parser| {
            items.push(parser.value(depth - 1)?);
            Ok(())
        })?;
        Ok(ValueKind::List(items))
    }

    /// Reads the items between two brackets, separated by commas.
    fn items(
        &mut self,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.at += 1;
        if self.take(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.take(close) {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self) -> Result<ValueKind<'t>, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.bytes().take_while(is_part).count();
        let word = rest.get(..length).unwrap_or_default();
        let kind = match word {
            "null" => ValueKind::Null,
            "true" => ValueKind::Bool(true),
            "false" => ValueKind::Bool(false),
            _ if is_number(word) => ValueKind::Number,
            _ => return Err(self.syntax_error()),
        };
        self.at += length;
        Ok(kind)
    }

    fn string(&mut self) -> Result<String, Error> {
        if self.peek() != Some(b'"') {
            return Err(self.syntax_error());
        }
        self.at += 1;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut is_escaped = false;
        let is_end = |byte: u8| {
            let is_quote = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_quote || byte < b' '
        };
        let length = rest.bytes().position(is_end).unwrap_or(rest.len());
        self.at += length;
        let string = unescape(rest.get(..length).unwrap_or_default());
        let string = string.filter(|_| self.peek() == Some(b'"'));
        self.at += 1;
        string.ok_or_else(|| self.syntax_error())
    }
}

impl<'de> Deserializer<'de> for &Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Null => visitor.visit_unit(),
            ValueKind::Bool(value) => visitor.visit_bool(*value),
            ValueKind::Text(text) => visitor.visit_str(text),
            ValueKind::List(items) => visitor.visit_seq(Items(items.iter())),
            ValueKind::Object(fields) => {
                visitor.visit_map(Fields { fields: fields.iter(), value: None })
            }
            ValueKind::Number => match self.text.parse() {
                Ok(whole) => visitor.visit_u64(whole),
                Err(_) => self.deserialize_f64(visitor),
            },
        }
    }

    // Each type asks for what it is read from: code for the other kinds would be repeated for each.

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Text(text) => visitor.visit_str(text),
            _ => Err(self.type_mismatch("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.type_mismatch("true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor
            .visit_u64(self.text.parse().map_err(|_digits| self.type_mismatch("a whole number"))?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(number(self.text).ok_or_else(|| self.type_mismatch("a number"))?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::List(items) => visitor.visit_seq(Items(items.iter())),
            _ => Err(self.type_mismatch("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Object(fields) => {
                visitor.visit_map(Fields { fields: fields.iter(), value: None })
            }
            _ => Err(self.type_mismatch("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Object(fields) => visitor.visit_seq(InOrder { fields, names: names.iter() }),
            _ => Err(self.type_mismatch("an object")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind {
            ValueKind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            RAW => visitor.visit_map(RawText(Some(self.text))),
            OPEN => visitor.visit_seq(SameValue(self)),
            // No type of the format is a newtype, and code for them would bring in `serde_json`.
            _ => Err(self.type_mismatch(name)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.kind {
            ValueKind::Text(text) => visitor.visit_enum(Variant(text, None)),
            ValueKind::Object(fields) if fields.len() == 1 => {
                visitor.visit_enum(Variant(&fields[0].0, Some(&fields[0].1)))
            }
            _ => Err(Error("a word is missing".to_owned())),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier
    }
}

struct Items<'a, 't>(std::slice::Iter<'a, Value<'t>>);

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

/// The fields of a struct in the order in which it declares them. Looking them up here, and not in
/// each struct's own code, halves what all of them cost. A field that is not there has its default, or
/// is an error of the struct.
struct InOrder<'a, 't> {
    fields: &'a [(String, Value<'t>)],
    names: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for InOrder<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let name = self.names.next();
        let field = self.fields.iter().find(|(field, _)| Some(&field.as_str()) == name);
        field.map(|(_, value)| seed.deserialize(value)).transpose()
    }
}

struct Fields<'a, 't> {
    fields: std::slice::Iter<'a, (String, Value<'t>)>,
    value: Option<&'a Value<'t>>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(Key(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        // Serde asks for the key first.
        let value = self.value.take().ok_or_else(|| Error("a value is missing".to_owned()))?;
        seed.deserialize(value)
    }
}

/// The name of a field: a text, also where a map has numbers as keys.
struct Key<'a>(&'a str);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse() {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => Err(Error(format!("{} is not a number", self.0))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A value, again and again.
struct SameValue<'a, 't>(&'a Value<'t>);

impl<'de> SeqAccess<'de> for SameValue<'_, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        seed.deserialize(self.0).map(Some)
    }
}

/// The text of a value, as `serde_json` hands it over.
struct RawText<'a>(Option<&'a str>);

impl<'de> MapAccess<'de> for RawText<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.0.is_some() { seed.deserialize(Key(RAW)).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(StrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}

/// The name of a variant and its content: a word, or the only field of an object.
struct Variant<'a, 't>(&'a str, Option<&'a Value<'t>>);

impl<'a, 't> Variant<'a, 't> {
    fn content(&self) -> Result<&'a Value<'t>, Error> {
        self.1.ok_or_else(|| Error(format!("{} stands alone", self.0)))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(Key(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.deserialize_struct("", names, visitor)
    }
}

#[cfg(test)]
mod tests {
    use promptdex_wire::VersionDocument;
    use promptdex_wire::catalog::{Bundle, Cases, Catalog, Registry, Versions};
    use proptest::prelude::*;
    use serde::Deserialize as _;
    use serde::de::DeserializeOwned;
    use serde_json::value::RawValue;

    use super::*;

    /// Reads a file of a compiled registry in both ways.
    fn assert_reads_alike<T: DeserializeOwned + PartialEq + fmt::Debug>(text: &str) {
        let expected: T = serde_json::from_str(text).unwrap();
        assert_eq!(read::<T>(text), Ok(expected));
    }

    #[test]
    fn only_the_redaction_of_the_expected_document_withdraws_it() {
        let digest = Digest::of(b"the document");
        let redaction = format!(
            r#"{{"format":1,"kind":"redacted","registry":"acme","id":"x","name":"a/b","version":"1.0.0","replaced":{{"digest":"{digest}","size":12}},"reason":"a leak"}}"#
        );
        let name: PromptName = "a/b".parse().unwrap();
        let version = Version::new(1, 0, 0);
        let why = |text: &str| withdrawal(text, &name, &version, digest);
        assert_eq!(why(&redaction).as_deref(), Some("a leak"));
        for (from, to) in [
            ("redacted", "version"),
            ("a/b", "a/c"),
            ("1.0.0", "1.0.1"),
            (&digest.to_string(), &Digest::of(b"another").to_string()),
            ("replaced", "digest"),
            (r#""format":1"#, r#""format":2"#),
        ] {
            assert_eq!(why(&redaction.replacen(from, to, 1)), None, "{from} {to}");
        }
        let document: promptdex_wire::Redacted = serde_json::from_str(&redaction).unwrap();
        assert!(document.withdraws(&name, &version, digest));
    }

    #[test]
    fn documents_read_as_serde_json_reads_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        assert_reads_alike::<VersionDocument>(&format!(
            r#"{{"format":1,"kind":"version","id":"x","registry":"acme","name":"a/b","version":"1.0.0",
            "source_digest":"{digest}","template":"jinja","temperature":0.20,"token_budget":4096,
            "messages":[{{"role":"system","content":"a\u00e9\ud83d\ude00\n\"\\"}},{{"placeholder":"h","optional":true}},
              {{"role":"user","content":[{{"type":"text","text":"t"}},{{"type":"image","variable":"v"}}]}},
              {{"examples":{{"user":"u","assistant":"a"}}}}],
            "variables":[{{"name":"v","type":"array","required":true,"items":{{"type":"string"}},"default":[1.50, 2]}},
              {{"name":"o","type":"object","required":false,"properties":{{"z":{{"type":"string","required":false,"later":1}},
                "a":{{"type":"array","items":{{"type":"object","properties":{{"k":{{"type":"number","enum":[1, 2.0]}}}}}}}}}}}}],
            "includes":{{"s@1.0.0":{{"template":"plain","text":"x","digest":"{digest}","size":3}}}},
            "response_schema":{{"z": 1e3,"a":[{{}}, "\u0041"]}},"unknown":{{"x":[null,true]}}}}"#
        ));
        assert_reads_alike::<Versions>(&format!(
            r#"{{"format":1,"kind":"versions","registry":"acme","name":"a","sequences":{{"catalog":2}},
            "pointers":{{"qa":{{"schedule":[ 1e3, {{}} ]}},"dev":{{"tracks":{{"1":{{"version":"1.0.0"}},"2":{{"version":"2.0.0","main":true}}}}}},"production":{{"rollout":
            {{"arms":[{{"key":"a","version":"1.0.0","weight":12.5,"buckets":1250}},{{"key":"b","version":"1.1.0","weight":87.5,"buckets":8750}}]}}}}}},
            "versions":[{{"version":"1.0.0","digest":"{digest}","size":1,"source_digest":"{digest}","state":"yanked"}}]}}"#
        ));
        assert_reads_alike::<Catalog>(
            r#"{"format":1,"kind":"catalog","registry":"acme","sequences":{},"environments":["dev"],
            "prompts":[{"name":"a","version_count":2,"pointers":{"dev":{"version":"1.0.0"}},"states":{"1.0.0":"deprecated","1.1.0":"frozen"}}]}"#,
        );
        assert_reads_alike::<Cases>(
            r#"{"format":1,"kind":"cases","registry":"acme","name":"a","version":"1.0.0","sequences":{},
            "cases":[{"name":"x","variables":{"n": 1.0},"expect":{"contains":["a"]},"tokens":3}]}"#,
        );
        assert_reads_alike::<Registry>(
            r#"{"format":1,"kind":"registry","registry":"acme","visibility":"public","environments":["dev"],
            "tokenizer":"o200k_base","bundles":[{"environment":"dev","bundle":"all","parts":[]}]}"#,
        );
        assert_reads_alike::<Bundle>(
            r#"{"format":1,"kind":"bundle","release":"{}","snapshot":"","documents":["\u2028"]}"#,
        );
    }

    /// A deserializer that reads no value: it reports the name of the struct that is requested.
    struct NameProbe;

    impl<'de> Deserializer<'de> for NameProbe {
        type Error = Error;

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            name: &'static str,
            _: V,
        ) -> Result<V::Value, Error> {
            Err(Error(format!("asked for {name}")))
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error("asked without a name".to_owned()))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
            option unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    /// If this fails, `serde_json` has changed how it asks for the text of a value: `RAW`, and what
    /// `Raw` hands over, have to follow it.
    #[test]
    fn serde_json_asks_for_the_text_of_a_value_by_the_name_known_here() {
        let asked = Box::<RawValue>::deserialize(NameProbe).map(|raw| raw.get().to_owned());
        assert_eq!(asked, Err(Error(format!("asked for {RAW}"))));
        for text in ["1.50", " {\"z\": 1e3,\"a\":[ ]} ", "\"\\u0041\"", "null"] {
            let value = parse(text).unwrap().read::<Box<RawValue>>().unwrap();
            assert_eq!(value.get(), text.trim());
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(100_000);
        for text in
            ["", "{", "[1,]", "{\"a\"}", "\"", "\"\\x\"", "\"\\ud800\"", "1 2", "nul", &deep]
        {
            assert!(read::<promptdex_wire::Json>(text).is_err(), "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn strings_read_back(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(read::<String>(&written), Ok(text));
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}\",:\\\\u0-9a-f.e -]{0,30}") {
            let ours = read::<promptdex_wire::Json>(&text);
            match serde_json::from_str::<promptdex_wire::Json>(&text) {
                Ok(theirs) => prop_assert_eq!(ours, Ok(theirs)),
                Err(_) => prop_assert!(ours.is_err(), "{:?}", ours),
            }
        }
    }
}
