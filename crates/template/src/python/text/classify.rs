//! Questions about all characters of a text.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::unicode::{self, CharacterFlags, flags};

/// Returns whether all characters are letters, and there is one.
pub(crate) fn is_alpha(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    all(text, range, budget, CharacterFlags::is_alphabetic)
}

/// Returns whether all characters are letters or numeric, and there is one.
pub(crate) fn is_alnum(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    all(text, range, budget, CharacterFlags::is_alphanumeric)
}

/// Returns whether all characters are decimal digits, and there is one.
pub(crate) fn is_decimal(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    all(text, range, budget, CharacterFlags::is_decimal)
}

/// Returns whether all characters are digits, such as `²`, and there is one.
pub(crate) fn is_digit(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    all(text, range, budget, CharacterFlags::is_digit)
}

/// Returns whether all characters are numeric, such as `½`, and there is one.
pub(crate) fn is_numeric(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    all(text, range, budget, CharacterFlags::is_numeric)
}

/// Returns whether all characters are white space, and there is one.
pub(crate) fn is_space(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    Ok(!text.is_empty() && text.chars().all(unicode::is_space))
}

/// Returns whether all characters are printable; the empty text is.
pub(crate) fn is_printable(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    Ok(text.is_empty() || all(text, range, budget, CharacterFlags::is_printable)?)
}

/// Returns whether all characters are ASCII; the empty text is.
pub(crate) fn is_ascii(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    Ok(text.is_ascii())
}

/// Returns whether the text is a name of Python's, such as `größe_2`.
pub(crate) fn is_identifier(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return Ok(false) };
    let begins = first == '_' || flags(first).is_identifier_start();
    Ok(begins && characters.all(|character| flags(character).is_identifier_part()))
}

/// Returns whether all characters that have a case are in lower case, and there is one.
pub(crate) fn is_lower(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    one_case(text, range, budget, CharacterFlags::is_lower)
}

/// Returns whether all characters that have a case are in upper case, and there is one.
pub(crate) fn is_upper(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    one_case(text, range, budget, CharacterFlags::is_upper)
}

/// Returns whether all words begin with a capital and go on in lower case, and there is one.
pub(crate) fn is_title(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    let mut has_word = false;
    let mut in_word = false;
    for known in text.chars().map(flags) {
        let is_capital = known.is_upper() || known.is_title();
        let is_cased = known.is_cased();
        if is_cased && is_capital == in_word {
            return Ok(false);
        }
        has_word |= is_cased;
        in_word = is_cased;
    }
    Ok(has_word)
}

fn all(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
    test: fn(CharacterFlags) -> bool,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    Ok(!text.is_empty() && text.chars().map(flags).all(test))
}

fn one_case(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
    test: fn(CharacterFlags) -> bool,
) -> Result<bool, Error> {
    budget.make(text.len(), range)?;
    let mut has_case = false;
    for known in text.chars().map(flags).filter(|known| known.is_cased()) {
        if !test(known) {
            return Ok(false);
        }
        has_case = true;
    }
    Ok(has_case)
}
