//! Single characters and slices.

use std::borrow::Cow;
use std::ops::Range;

use super::position::{backward, forward, offset};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

/// Returns the character at a position: `text[position]`.
pub(crate) fn item<'t>(
    text: &'t str,
    position: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Option<&'t str>, Error> {
    let count = position.unsigned_abs();
    let found = if position < 0 { backward(text, count) } else { forward(text, count) };
    let rest = found.map_or("", |at| &text[at..]);
    let character = rest.chars().next().map(|character| &rest[..character.len_utf8()]);
    budget.make(way(text, Some(position)).saturating_add(character.map_or(0, str::len)), range)?;
    Ok(character)
}

/// Returns the characters from one position to another: `text[start:stop:step]`.
pub(crate) fn slice<'t>(
    text: &'t str,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Cow<'t, str>, Error> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::new(ErrorKind::Value, range.clone(), "the step of a slice is 0")
            .help("remove the step, or use a different number"));
    }
    let (from, to) = if step > 0 {
        (
            start.map_or(0, |start| offset(text, start)),
            stop.map_or(text.len(), |stop| offset(text, stop)),
        )
    } else {
        // From the character at `start` down to the one after `stop`.
        (
            stop.map_or(0, |stop| after(text, stop)),
            start.map_or(text.len(), |start| after(text, start)),
        )
    };
    let piece = text.get(from..to).unwrap_or("");
    let walked = way(text, start).saturating_add(way(text, stop)).saturating_add(piece.len());
    budget.make(walked, range)?;
    if step == 1 {
        return Ok(Cow::Borrowed(piece));
    }
    let apart = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(Cow::Owned(if step > 0 {
        piece.chars().step_by(apart).collect()
    } else {
        piece.chars().rev().step_by(apart).collect()
    }))
}

/// Returns a text from its end to its beginning.
pub(crate) fn reverse(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    budget.make(text.len(), range)?;
    Ok(text.chars().rev().collect())
}

/// Returns the byte after the character at a position; 0 when the position lies before the text.
fn after(text: &str, position: i64) -> usize {
    let count = position.unsigned_abs();
    if position < 0 {
        backward(text, count)
            .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8))
    } else {
        forward(text, count + 1).unwrap_or(text.len())
    }
}

/// Returns how many bytes are walked to a position.
fn way(text: &str, position: Option<i64>) -> usize {
    match position {
        None => 0,
        Some(position) if position < 0 => text.len() - offset(text, position),
        Some(position) => offset(text, position),
    }
}
