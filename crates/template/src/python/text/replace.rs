//! Texts in the place of others.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;

/// Replaces a text wherever it is, from the left, at most as often as `limit` says; always when it is
/// negative. The empty text is around every character.
pub(crate) fn replace(
    text: &str,
    old: &str,
    new: &str,
    limit: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    budget.make(text.len().saturating_add(old.len()), range)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = text.matches(old).take(limit).count();
    // What stays is charged for as what was read.
    budget.make(count.saturating_mul(new.len()), range)?;
    Ok(text.replacen(old, new, count))
}

/// Returns a text without another that it begins with.
pub(crate) fn removeprefix<'t>(
    text: &'t str,
    prefix: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<&'t str, Error> {
    budget.make(text.len(), range)?;
    Ok(text.strip_prefix(prefix).unwrap_or(text))
}

/// Returns a text without another that it ends with.
pub(crate) fn removesuffix<'t>(
    text: &'t str,
    suffix: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<&'t str, Error> {
    budget.make(text.len(), range)?;
    Ok(text.strip_suffix(suffix).unwrap_or(text))
}
