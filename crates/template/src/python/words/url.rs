//! Texts for URLs.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::text::TextBuilder;

/// Writes the bytes of UTF-8 as `%` and two digits, apart from letters, digits and `_.-~`. In a path, `/`
/// stays as well; in a query, a space becomes `+`.
pub(crate) fn urlencode(
    text: &str,
    in_query: bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut encoded = TextBuilder::new(text.len(), range, budget)?;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                encoded.push(char::from(byte))?;
            }
            b'/' if !in_query => encoded.push('/')?,
            b' ' if in_query => encoded.push('+')?,
            _ => {
                encoded.push('%')?;
                encoded.push(DIGITS[usize::from(byte >> 4)])?;
                encoded.push(DIGITS[usize::from(byte & 15)])?;
            }
        }
    }
    Ok(encoded.finish())
}
