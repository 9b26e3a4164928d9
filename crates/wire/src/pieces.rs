//! JSON text that is taken apart one level at a time. Whoever reads values decides what a number becomes, and
//! `serde_json`'s own reading of numbers, which has large tables, stays out of what the browser loads.

use std::collections::BTreeMap;
use std::str::Chars;

use serde_json::value::RawValue;

/// The outermost level of a JSON value; what is in it is still text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number, as it is written.
    Number(&'t str),
    /// The characters of a string.
    Text(String),
    /// The items of an array.
    Array(Vec<ValidText<'t>>),
    /// The entries of an object, in their order. Of equal keys the last one counts, in the place of the first.
    Object(Vec<(String, ValidText<'t>)>),
}

/// The text of one JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidText<'t>(&'t str);

impl<'t> From<&'t RawValue> for ValidText<'t> {
    fn from(value: &'t RawValue) -> Self {
        Self(value.get())
    }
}

impl<'t> Piece<'t> {
    /// Takes a value apart. Nothing is returned if a string of it has half a character: an escape may be half of
    /// a surrogate pair.
    pub fn of(ValidText(text): ValidText<'t>) -> Option<Self> {
        Some(match text.as_bytes().first()? {
            b'{' => Self::Object(entries(text)?),
            b'[' => Self::Array(Items::of(text).map(ValidText).collect()),
            b'"' => Self::Text(characters(text)?),
            b't' => Self::Boolean(true),
            b'f' => Self::Boolean(false),
            b'n' => Self::Null,
            _ => Self::Number(text),
        })
    }
}

fn entries(text: &str) -> Option<Vec<(String, ValidText<'_>)>> {
    let mut items = Items::of(text);
    let mut entries = Vec::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        entries.push((characters(key)?, ValidText(value)));
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let keys = entries.iter().enumerate();
    let firsts: Vec<usize> =
        keys.map(|(place, (key, _))| *places.entry(key).or_insert(place)).collect();
    for (place, first) in firsts.iter().enumerate() {
        entries[*first].1 = entries[place].1;
    }
    let mut firsts = firsts.into_iter().enumerate();
    entries.retain(|_| firsts.next().is_some_and(|(place, first)| place == first));
    Some(entries)
}

/// Returns the characters of a string with its quotes.
fn characters(text: &str) -> Option<String> {
    unescape(text.get(1..text.len().checked_sub(1)?)?)
}

/// The values directly in an array or an object, of which the keys are some.
struct Items<'t> {
    rest: &'t str,
}

impl<'t> Items<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text.get(1..).unwrap_or_default() }
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
        let (value, rest) = rest.split_at(length(rest));
        self.rest = rest;
        (!value.is_empty()).then_some(value)
    }
}

/// Returns the length of the value that a text begins with.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at += string_length(bytes.get(at..).unwrap_or_default()),
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' | b']' | b'}' if depth == 0 => {
                return at - 1;
            }
            _ => continue,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the length of a string without its first quote.
fn string_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        if rest[at] == b'"' {
            return bytes.len() - rest.len() + at + 1;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    bytes.len()
}

/// Returns what stands between the quotes of a string with its escapes as characters, if all of them are
/// some.
pub fn unescape(text: &str) -> Option<String> {
    let mut string = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        string.push_str(plain);
        let mut escape = escape.chars();
        string.push(match escape.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => code_point(&mut escape)?,
            _ => return None,
        });
        rest = escape.as_str();
    }
    string.push_str(rest);
    Some(string)
}

/// Reads the digits of an escape, and the escape of the other half if a character needs two.
fn code_point(text: &mut Chars<'_>) -> Option<char> {
    let high = code_unit(text)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    if (text.next()?, text.next()?) != ('\\', 'u') {
        return None;
    }
    let low = code_unit(text)?;
    let is_low = (0xdc00..0xe000).contains(&low);
    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low & 0x3ff)).filter(|_| is_low)
}

fn code_unit(text: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + text.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn parse(text: &str) -> Option<Piece<'_>> {
        Piece::of(serde_json::from_str::<&RawValue>(text).unwrap().into())
    }

    #[test]
    fn one_level_is_taken_apart() {
        assert_eq!(parse(" null "), Some(Piece::Null));
        assert_eq!(parse("-1.50e+3"), Some(Piece::Number("-1.50e+3")));
        let items = |texts: &[&'static str]| texts.iter().map(|text| ValidText(text)).collect();
        assert_eq!(parse("[ ]"), Some(Piece::Array(Vec::new())));
        let text = r#"[ 1 ,[2, "]"], {"a" : [ ]},"\\" , "\"," ,true]"#;
        let expected = items(&["1", "[2, \"]\"]", "{\"a\" : [ ]}", r#""\\""#, r#""\",""#, "true"]);
        assert_eq!(parse(text), Some(Piece::Array(expected)));
    }

    #[test]
    fn of_equal_keys_the_last_one_counts_in_the_place_of_the_first() {
        let expected = [("a", "3"), ("b", "{}")];
        let expected = expected.map(|(key, value)| (key.to_owned(), ValidText(value)));
        let text = r#"{"a":1,"b":{},"\u0061":2 , "a":3}"#;
        assert_eq!(parse(text), Some(Piece::Object(expected.into())));
    }

    #[test]
    fn half_a_character_is_none() {
        for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#"{"\ud83d":1}"#] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(r#""\ud83d\ude00""#), Some(Piece::Text("\u{1f600}".to_owned())));
        for escape in [r"\", r"\x", r"\u12", r"\u+123", r"\ud83d\"] {
            assert_eq!(unescape(escape), None, "{escape}");
        }
    }

    proptest! {
        #[test]
        fn values_read_as_serde_json_reads_them(text in "[\\[\\]{}\",:\\\\nu0-9a-f.e \n-]{0,12}") {
            for text in [text.clone(), format!("[{text}]"), format!("{{\"a\":{text}}}"), format!("\"{text}\"")] {
                let Ok(json) = crate::Json::from_text(text.clone()) else { continue };
                let expected = serde_json::from_str(&text).unwrap_or(Value::Null);
                prop_assert_eq!(json.value(), expected, "{}", text);
            }
        }

        #[test]
        fn numbers_read_as_serde_json_reads_them(number in any::<f64>(), whole in any::<i128>()) {
            for text in [number.to_string(), format!("{number:e}"), whole.to_string(), (whole >> 64).to_string()] {
                let Ok(json) = crate::Json::from_text(text.clone()) else { continue };
                let expected = serde_json::from_str(&text).unwrap_or(Value::Null);
                prop_assert_eq!(json.value(), expected, "{}", text);
            }
        }
    }
}
