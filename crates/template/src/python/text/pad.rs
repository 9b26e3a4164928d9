//! Texts of a given width.

use std::ops::Range;

use super::builder::TextBuilder;
use super::position::length_of;
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

/// Fills a text up to a width, at its end.
pub(crate) fn ljust(
    text: &str,
    width: i64,
    fill: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let fill = fill_character(fill, range)?;
    pad(text, 0, missing(text, width), fill, range, budget)
}

/// Fills a text up to a width, at its beginning.
pub(crate) fn rjust(
    text: &str,
    width: i64,
    fill: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let fill = fill_character(fill, range)?;
    pad(text, missing(text, width), 0, fill, range, budget)
}

/// Fills a text up to a width, at both ends.
pub(crate) fn center(
    text: &str,
    width: i64,
    fill: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let fill = fill_character(fill, range)?;
    let missing = missing(text, width);
    // An odd one more goes to the left where the width is odd.
    let left = missing / 2 + (missing & width.unsigned_abs() & 1);
    pad(text, left, missing - left, fill, range, budget)
}

/// Fills a number up to a width with zeros, which follow its sign.
pub(crate) fn zfill(
    text: &str,
    width: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let missing = missing(text, width);
    let sign = usize::from(missing > 0 && text.starts_with(['+', '-']));
    let (sign, digits) = text.split_at(sign);
    let mut filled = TextBuilder::new(text.len(), range, budget)?;
    filled.push_str(sign)?;
    filled.push_repeated('0', missing)?;
    filled.push_str(digits)?;
    Ok(filled.finish())
}

/// Replaces tabs with spaces, up to the next multiple of `size` in the line.
pub(crate) fn expandtabs(
    text: &str,
    size: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let Ok(size) = i32::try_from(size) else {
        let message = format!("a tab of {size} columns is too wide");
        return Err(Error::new(ErrorKind::Value, range.clone(), message)
            .help("use a smaller number, such as 8"));
    };
    // A tab of no columns is removed.
    let size = u64::from(size.max(0).unsigned_abs());
    let mut expanded = TextBuilder::new(text.len(), range, budget)?;
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' if size == 0 => {}
            '\t' => {
                let spaces = size - column % size;
                expanded.push_repeated(' ', spaces)?;
                column += spaces;
            }
            _ => {
                expanded.push(character)?;
                column = if matches!(character, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(expanded.finish())
}

fn missing(text: &str, width: i64) -> u64 {
    u64::try_from(width.saturating_sub(length_of(text))).unwrap_or(0)
}

fn pad(
    text: &str,
    left: u64,
    right: u64,
    fill: char,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut padded = TextBuilder::new(text.len(), range, budget)?;
    padded.push_repeated(fill, left)?;
    padded.push_str(text)?;
    padded.push_repeated(fill, right)?;
    Ok(padded.finish())
}

fn fill_character(fill: &str, range: &Range<usize>) -> Result<char, Error> {
    let mut characters = fill.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(Error::new(
            ErrorKind::Value,
            range.clone(),
            "the fill character must be exactly one character",
        )
        .help("use one character, such as `\".\"`")),
    }
}
