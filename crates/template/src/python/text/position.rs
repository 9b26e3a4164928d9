//! From positions in characters, which Python counts, to positions in bytes.

use std::ops::Range;

/// Returns the byte after `count` characters, unless the text has fewer.
pub(in crate::python) fn forward(text: &str, count: u64) -> Option<usize> {
    let count = usize::try_from(count).ok()?;
    // Characters of ASCII are one byte each, and so is every character at least.
    if text.as_bytes().get(..count)?.is_ascii() {
        return Some(count);
    }
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(count)
}

/// Returns the byte before the last `count` characters, unless the text has fewer.
pub(super) fn backward(text: &str, count: u64) -> Option<usize> {
    let count = usize::try_from(count).ok()?;
    let start = text.len().checked_sub(count)?;
    if text.as_bytes()[start..].is_ascii() {
        return Some(start);
    }
    text.char_indices().rev().map(|(at, _)| at).nth(count - 1)
}

/// Returns the byte at a position, which may lie beyond either end.
pub(super) fn offset(text: &str, position: i64) -> usize {
    let count = position.unsigned_abs();
    if position < 0 {
        backward(text, count).unwrap_or(0)
    } else {
        forward(text, count).unwrap_or(text.len())
    }
}

/// Returns the bytes between two positions, unless the first lies beyond the end or after the second:
/// then not even the empty text is there.
pub(super) fn window(text: &str, start: Option<i64>, end: Option<i64>) -> Option<Range<usize>> {
    let start = match start {
        None => 0,
        Some(start) if start < 0 => offset(text, start),
        Some(start) => forward(text, start.unsigned_abs())?,
    };
    let end = end.map_or(text.len(), |end| offset(text, end));
    (start <= end).then_some(start..end)
}

/// Returns the number of characters.
pub(in crate::python) fn length_of(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}
