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
    let refuse = |kind, message: String, help: &str| {
        Err(Error::new(kind, place.clone(), message).help(help))
    };
    let digits = written.replace('_', "");
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.get(..2) {
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0x") => (16, &lower[2..]),
        _ => (10, &*lower),
    };
    if radix == 10 && body.contains(['.', 'e']) {
        return match body.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Constant::Float(number)),
            _ => refuse(
                ErrorKind::Value,
                format!("`{written}` is beyond the range of floats"),
                "write it as a string",
            ),
        };
    }
    if radix == 10
        && body.len() > 1
        && body.starts_with('0')
        && body.bytes().any(|byte| byte != b'0')
    {
        return refuse(
            ErrorKind::Syntax,
            format!("`{written}` begins with a zero"),
            "write it without zeros in front, or as a string",
        );
    }
    match i64::from_str_radix(body, radix) {
        Ok(number) => Ok(Constant::Integer(number)),
        Err(_) => refuse(
            ErrorKind::Value,
            format!("`{written}` is beyond integers of 64 bits"),
            "write it as a string",
        ),
    }
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
        let mut is_escaped = false;
        let end = inner.find(|c: char| {
            let ends = c == quote && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let end = end.unwrap_or(inner.len());
        text.push_str(&literals::unescape(&inner[..end], at + 1)?);
        at += end + 2;
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    Ok(Constant::Text(text.into()))
}
