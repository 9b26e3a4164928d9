//! Literals, as Jinja2 reads them: numbers by the grammar of its tokenizer, strings with Python's escapes.

use std::borrow::Cow;
use std::ops::Range;

use super::program::Constant;
use crate::error::{Error, ErrorKind};
use crate::python::literals;

/// Reads line ends as Jinja2 does: CRLF and a lone CR are LF.
pub(super) fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Reads a number: an integer of 64 bits, or a finite float.
pub(super) fn number(written: &str, place: &Range<usize>) -> Result<Constant, Error> {
    let refuse = |message: &str, help: &str| {
        Err(Error::new(ErrorKind::Value, place.clone(), message).help(help))
    };
    let (radix, body) = digits(written);
    if radix == 10 && body.contains(['.', 'e']) {
        return match body.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Constant::Float(number)),
            _ => refuse(
                "the number exceeds the range of a float",
                "write a smaller number, or its digits as a string",
            ),
        };
    }
    match i64::from_str_radix(&body, radix) {
        Ok(number) => Ok(Constant::Integer(number)),
        Err(_) => refuse(
            "the integer exceeds 64 bits",
            "write the digits as a string, or a float with `.0`",
        ),
    }
}

/// Whether a number is the first integer beyond 64 bits.
pub(super) fn is_beyond_by_one(written: &str) -> bool {
    let (radix, body) = digits(written);
    u64::from_str_radix(&body, radix) == Ok(i64::MIN.unsigned_abs())
}

/// Returns the base of a number, and its digits.
fn digits(written: &str) -> (u32, String) {
    let lower = written.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return (radix, digits.to_owned());
        }
    }
    (10, lower)
}

/// Reads one string literal, or several that stand beside one another.
pub(super) fn string(written: &str, place: &Range<usize>) -> Result<Constant, Error> {
    let mut text = String::new();
    let mut rest = written;
    let mut at = place.start;
    loop {
        let start = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}', '\u{b}']);
        at += rest.len() - start.len();
        let Some(quote) = start.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            break;
        };
        let inner = &start[1..];
        let end = end_of_string(inner, quote).unwrap_or(inner.len());
        text.push_str(&literals::unescape(&inner[..end], at + 1)?);
        at += end + 2;
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    Ok(Constant::Text(text.into()))
}

/// Returns how long the string literal is with which a text begins, unless it does not end.
pub(super) fn string_length(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    end_of_string(&text[1..], quote).map(|end| end + 2)
}

/// Returns where the quote is that ends a string.
fn end_of_string(inner: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    inner.find(|c: char| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })
}
