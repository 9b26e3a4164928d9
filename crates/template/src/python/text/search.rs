//! Where one text is in another.

use std::ops::Range;

use super::position::{length_of, window};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

/// The positions between which to look.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
}

/// Returns whether a text holds another: `in`.
pub(crate) fn contains(
    text: &str,
    part: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    charge(text, part, range, budget)?;
    Ok(text.contains(part))
}

/// Returns the first position of a text in another, or -1.
pub(crate) fn find(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    locate(text, bounds, |within| within.find(part), part, range, budget)
        .map(|found| found.unwrap_or(-1))
}

/// Returns the last position of a text in another, or -1.
pub(crate) fn rfind(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    locate(text, bounds, |within| within.rfind(part), part, range, budget)
        .map(|found| found.unwrap_or(-1))
}

/// Returns the first position of a text in another, which must be there.
pub(crate) fn index(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    locate(text, bounds, |within| within.find(part), part, range, budget)?
        .ok_or_else(|| not_found("index", "find", range))
}

/// Returns the last position of a text in another, which must be there.
pub(crate) fn rindex(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    locate(text, bounds, |within| within.rfind(part), part, range, budget)?
        .ok_or_else(|| not_found("rindex", "rfind", range))
}

/// Returns how often a text is in another, without overlaps. The empty text is around every character.
pub(crate) fn count(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    charge(text, part, range, budget)?;
    let Some(window) = window(text, bounds.start, bounds.end) else { return Ok(0) };
    let found = text[window].matches(part).count();
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}

/// Returns whether a text begins with another.
pub(crate) fn startswith(
    text: &str,
    prefix: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    charge_ends(text, prefix, bounds, range, budget)?;
    let window = window(text, bounds.start, bounds.end);
    Ok(window.is_some_and(|window| text[window].starts_with(prefix)))
}

/// Returns whether a text ends with another.
pub(crate) fn endswith(
    text: &str,
    suffix: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    charge_ends(text, suffix, bounds, range, budget)?;
    let window = window(text, bounds.start, bounds.end);
    Ok(window.is_some_and(|window| text[window].ends_with(suffix)))
}

fn locate(
    text: &str,
    bounds: Bounds,
    find: impl FnOnce(&str) -> Option<usize>,
    part: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Option<i64>, Error> {
    charge(text, part, range, budget)?;
    let Some(window) = window(text, bounds.start, bounds.end) else { return Ok(None) };
    let start = window.start;
    Ok(find(&text[window]).map(|at| length_of(&text[..start + at])))
}

fn charge(text: &str, part: &str, range: &Range<usize>, budget: &mut Budget) -> Result<(), Error> {
    budget.make(text.len().saturating_add(part.len()), range)
}

/// Charges for as much as is compared, and for the way to it.
fn charge_ends(
    text: &str,
    part: &str,
    bounds: Bounds,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let way = if bounds.start.or(bounds.end).is_some() { text.len() } else { 0 };
    budget.make(way.saturating_add(part.len().min(text.len())), range)
}

fn not_found(method: &str, remedy: &str, range: &Range<usize>) -> Error {
    let message = format!("`{method}` does not find the text");
    Error::new(ErrorKind::Value, range.clone(), message)
        .help(format!("use `{remedy}`, which returns -1, or test with `in` first"))
}
