//! Texts without what is at their ends.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::unicode::is_space;

/// Removes characters at both ends: those named, or white space.
pub(crate) fn strip<'t>(
    text: &'t str,
    characters: Option<&str>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<&'t str, Error> {
    let set = CharacterSet::new(text, characters, range, budget)?;
    Ok(text.trim_matches(|character| set.has(character)))
}

/// Removes characters at the beginning: those named, or white space.
pub(crate) fn lstrip<'t>(
    text: &'t str,
    characters: Option<&str>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<&'t str, Error> {
    let set = CharacterSet::new(text, characters, range, budget)?;
    Ok(text.trim_start_matches(|character| set.has(character)))
}

/// Removes characters at the end: those named, or white space.
pub(crate) fn rstrip<'t>(
    text: &'t str,
    characters: Option<&str>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<&'t str, Error> {
    let set = CharacterSet::new(text, characters, range, budget)?;
    Ok(text.trim_end_matches(|character| set.has(character)))
}

enum CharacterSet {
    Space,
    /// In order.
    Named(Vec<char>),
}

impl CharacterSet {
    /// Charges for the characters as well as for the text.
    fn new(
        text: &str,
        characters: Option<&str>,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        let named = characters.map_or(0, |characters| characters.len().saturating_mul(4));
        budget.make(text.len().saturating_add(named), range)?;
        let Some(characters) = characters else { return Ok(Self::Space) };
        let mut sorted: Vec<char> = characters.chars().collect();
        sorted.sort_unstable();
        Ok(Self::Named(sorted))
    }

    fn has(&self, character: char) -> bool {
        match self {
            Self::Space => is_space(character),
            Self::Named(sorted) => sorted.binary_search(&character).is_ok(),
        }
    }
}
