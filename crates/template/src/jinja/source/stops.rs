//! Numbers, strings and names that the tokenizer does not read.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::literal;
use crate::python::unicode::flags;

/// Says what is wrong with what stands where the tokenizer has stopped, after the token that ends at a place.
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
        Some(quote @ ('“' | '”' | '„' | '‘' | '’' | '«' | '»')) => {
            let message = format!("`{quote}` cannot quote a string");
            Err(Error::new(ErrorKind::Syntax, start..start + quote.len_utf8(), message)
                .help("write straight quotes: `\"…\"`"))
        }
        Some(character) if flags(character).is_identifier_part() => refuse_name(text, start),
        _ => Ok(()),
    }
}

/// Refuses a name with letters that are not ASCII.
fn refuse_name(text: &str, at: usize) -> Result<(), Error> {
    let is_part = |c: char| flags(c).is_identifier_part();
    let start = text[..at].trim_end_matches(is_part).len();
    let end = text.len() - text[at..].trim_start_matches(is_part).len();
    let name = &text[start..end];
    let help = if text[..start].ends_with('.') {
        format!("read the key as `value[\"{name}\"]`")
    } else {
        "use only the letters a to z, digits and `_`".to_owned()
    };
    let message = format!("the name `{name}` is not ASCII");
    Err(Error::new(ErrorKind::Unsupported, start..end, message).help(help))
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
        .help("write the character itself, or its code, such as `\\u0101`"))
}
