//! Titles as Jinja2 has them, which differ from Python's: a word does not begin after an apostrophe.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::text::{TextBuilder, push_lower};
use crate::python::unicode::{self, is_space};

/// Begins every word with a capital. A word begins after white space, `-` and an opening bracket.
pub(crate) fn title(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut titled = TextBuilder::new(text.len(), range, budget)?;
    let begins_word = |character: char| is_space(character) || "-({[<".contains(character);
    for word in text.split_inclusive(begins_word) {
        let end = word.find(begins_word).unwrap_or(word.len());
        let (word, separator) = word.split_at(end);
        if let Some(first) = word.chars().next() {
            titled.push_mapped(unicode::upper(first))?;
            // For Jinja2, a word without its first character is a text of its own: in `ΑΣ`, the sigma
            // follows nothing.
            push_lower(&word[first.len_utf8()..], 0, &mut titled)?;
        }
        titled.push_str(separator)?;
    }
    Ok(titled.finish())
}
