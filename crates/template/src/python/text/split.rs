//! Texts in pieces.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;
use crate::python::unicode::{is_line_boundary, is_space};

/// The bytes that a piece takes beside its text.
const PIECE: usize = 16;

/// Cuts a text at a separator, or at runs of white space, at most as often as `limit` says; always when it
/// is negative.
pub(crate) fn split<'t>(
    text: &'t str,
    separator: Option<&str>,
    limit: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Vec<&'t str>, Error> {
    let mut pieces = Pieces::new(text, range, budget)?;
    let limit = cuts(limit);
    if let Some(separator) = separator {
        check_separator(separator, range)?;
        for piece in text.splitn(limit.saturating_add(1), separator) {
            pieces.push(piece)?;
        }
        return Ok(pieces.found);
    }
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if pieces.found.len() == limit {
            pieces.push(rest)?;
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        pieces.push(&rest[..end])?;
        rest = rest[end..].trim_start_matches(is_space);
    }
    Ok(pieces.found)
}

/// Cuts as [`split`] does, but from the end.
pub(crate) fn rsplit<'t>(
    text: &'t str,
    separator: Option<&str>,
    limit: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Vec<&'t str>, Error> {
    let mut pieces = Pieces::new(text, range, budget)?;
    let limit = cuts(limit);
    if let Some(separator) = separator {
        check_separator(separator, range)?;
        for piece in text.rsplitn(limit.saturating_add(1), separator) {
            pieces.push(piece)?;
        }
    } else {
        let mut rest = text.trim_end_matches(is_space);
        while !rest.is_empty() {
            if pieces.found.len() == limit {
                pieces.push(rest)?;
                break;
            }
            let piece = rest.rsplit(is_space).next().unwrap_or(rest);
            pieces.push(piece)?;
            rest = rest[..rest.len() - piece.len()].trim_end_matches(is_space);
        }
    }
    pieces.found.reverse();
    Ok(pieces.found)
}

/// Cuts a text into lines.
pub(crate) fn splitlines<'t>(
    text: &'t str,
    keep_ends: bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Vec<&'t str>, Error> {
    let mut pieces = Pieces::new(text, range, budget)?;
    for line in lines(text) {
        pieces.push(if keep_ends { line.whole } else { line.text })?;
    }
    Ok(pieces.found)
}

/// Cuts a text at the first separator, into what is before it, the separator, and what is after it.
pub(crate) fn partition<'t>(
    text: &'t str,
    separator: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<[&'t str; 3], Error> {
    budget.make(text.len().saturating_add(3 * PIECE), range)?;
    check_separator(separator, range)?;
    Ok(match text.find(separator) {
        Some(at) => cut(text, at, separator),
        None => [text, "", ""],
    })
}

/// Cuts a text at the last separator, into what is before it, the separator, and what is after it.
pub(crate) fn rpartition<'t>(
    text: &'t str,
    separator: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<[&'t str; 3], Error> {
    budget.make(text.len().saturating_add(3 * PIECE), range)?;
    check_separator(separator, range)?;
    Ok(match text.rfind(separator) {
        Some(at) => cut(text, at, separator),
        None => ["", "", text],
    })
}

fn cut<'t>(text: &'t str, at: usize, separator: &str) -> [&'t str; 3] {
    let (before, rest) = text.split_at(at);
    let (separator, after) = rest.split_at(separator.len());
    [before, separator, after]
}

/// A line.
pub(in crate::python) struct Line<'t> {
    /// Without its end.
    pub(in crate::python) text: &'t str,
    /// With its end.
    pub(in crate::python) whole: &'t str,
}

/// Returns the lines of a text, which end at every line boundary of Unicode. CR LF is one.
pub(in crate::python) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(is_line_boundary).unwrap_or(rest.len());
        let after = &rest[end..];
        let boundary = if after.starts_with("\r\n") {
            2
        } else {
            after.chars().next().map_or(0, char::len_utf8)
        };
        let (whole, remaining) = rest.split_at(end + boundary);
        rest = remaining;
        Some(Line { text: &whole[..end], whole })
    })
}

/// Returns the number of cuts that Python makes; a negative number stands for all.
fn cuts(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn check_separator(separator: &str, range: &Range<usize>) -> Result<(), Error> {
    if separator.is_empty() {
        return Err(Error::new(ErrorKind::Value, range.clone(), "the separator is empty")
            .help("pass a separator, or loop over the characters of the text"));
    }
    Ok(())
}

/// Pieces, each charged for.
struct Pieces<'t, 'b> {
    found: Vec<&'t str>,
    range: &'b Range<usize>,
    budget: &'b mut Budget,
}

impl<'t, 'b> Pieces<'t, 'b> {
    /// Charges for the text of all pieces.
    fn new(text: &str, range: &'b Range<usize>, budget: &'b mut Budget) -> Result<Self, Error> {
        budget.make(text.len(), range)?;
        Ok(Self { found: Vec::new(), range, budget })
    }

    fn push(&mut self, piece: &'t str) -> Result<(), Error> {
        self.budget.make(PIECE, self.range)?;
        self.found.push(piece);
        Ok(())
    }
}
