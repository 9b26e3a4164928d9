//! Upper and lower case.

use std::ops::Range;

use super::builder::TextBuilder;
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::unicode::{self, Mapped, flags};

/// Returns a text in lower case.
pub(crate) fn lower(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut lowered = TextBuilder::new(text.len(), range, budget)?;
    push_lower(text, 0, &mut lowered)?;
    Ok(lowered.finish())
}

/// Returns a text in upper case.
pub(crate) fn upper(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    map(text, range, budget, unicode::upper)
}

/// Returns a text as it is compared without case.
pub(crate) fn casefold(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    map(text, range, budget, unicode::folded)
}

fn map(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
    change: fn(char) -> Mapped,
) -> Result<String, Error> {
    let mut mapped = TextBuilder::new(text.len(), range, budget)?;
    for character in text.chars() {
        mapped.push_mapped(change(character))?;
    }
    Ok(mapped.finish())
}

/// Returns a text whose first character is in title case and the rest in lower case.
pub(crate) fn capitalize(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut capitalized = TextBuilder::new(text.len(), range, budget)?;
    if let Some(first) = text.chars().next() {
        capitalized.push_mapped(unicode::title(first))?;
        push_lower(text, first.len_utf8(), &mut capitalized)?;
    }
    Ok(capitalized.finish())
}

/// Returns a text whose words begin with a capital. A word is a run of characters that have a case: it also
/// begins after an apostrophe.
pub(crate) fn title(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut titled = TextBuilder::new(text.len(), range, budget)?;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let mapped =
            if in_word { lower_at(text, at, character) } else { unicode::title(character) };
        titled.push_mapped(mapped)?;
        in_word = flags(character).is_cased();
    }
    Ok(titled.finish())
}

/// Returns a text with upper and lower case exchanged.
pub(crate) fn swapcase(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut swapped = TextBuilder::new(text.len(), range, budget)?;
    for (at, character) in text.char_indices() {
        let known = flags(character);
        let mapped = if known.is_upper() {
            lower_at(text, at, character)
        } else if known.is_lower() {
            unicode::upper(character)
        } else {
            Mapped::Character(character)
        };
        swapped.push_mapped(mapped)?;
    }
    Ok(swapped.finish())
}

/// Adds the text from a byte on in lower case. What stands before decides whether a sigma is a final one.
pub(in crate::python) fn push_lower(
    text: &str,
    start: usize,
    lowered: &mut TextBuilder<'_>,
) -> Result<(), Error> {
    for (at, character) in text[start..].char_indices() {
        lowered.push_mapped(lower_at(text, start + at, character))?;
    }
    Ok(())
}

fn lower_at(text: &str, at: usize, character: char) -> Mapped {
    match character {
        'Σ' if is_final(&text[..at], &text[at + 'Σ'.len_utf8()..]) => Mapped::Character('ς'),
        other => unicode::lower(other),
    }
}

/// Returns whether a sigma ends a word: a cased character stands before it and none after it, apart from
/// those that are ignored.
fn is_final(before: &str, after: &str) -> bool {
    let is_cased = |characters: &mut dyn Iterator<Item = char>| {
        let known = characters.map(flags).find(|known| !known.is_case_ignorable());
        known.is_some_and(|known| known.is_cased())
    };
    is_cased(&mut before.chars().rev()) && !is_cased(&mut after.chars())
}
