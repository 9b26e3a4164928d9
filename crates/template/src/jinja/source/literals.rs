//! Numbers and strings that the tokenizer does not read.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::literal;

/// Says what is wrong with the number or the string at which the tokenizer has stopped, somewhere after a place.
pub(super) fn check(text: &str, from: usize) -> Result<(), Error> {
    let Some(rest) = text.get(from..) else { return Ok(()) };
    let start = text.len() - rest.trim_ascii_start().len();
    let written = &text[start..];
    match written.chars().next() {
        Some('0'..='9') => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = written.find(|c| !is_part(c)).unwrap_or(written.len());
            check_number(&written[..length], start..start + length)
        }
        Some('"' | '\'') => check_string(written, start),
        _ => Ok(()),
    }
}

/// Tells of a number that is too large. What is no number is for the parser.
fn check_number(written: &str, place: Range<usize>) -> Result<(), Error> {
    super::numbers::check(written, &place)?;
    literal::number(written, &place).map(drop)
}

fn check_string(written: &str, start: usize) -> Result<(), Error> {
    let Some(length) = literal::string_length(written) else { return Ok(()) };
    let place = start..start + length;
    literal::string(&written[..length], &place)?;
    // Python's octal escapes go to 511, and those of the parser to 255.
    let message = "an octal escape beyond `\\377`";
    Err(Error::new(ErrorKind::Unsupported, place, message)
        .help("write the character itself, or its number, such as `\\u0101`"))
}
