//! Lines of a greatest width: `wordwrap`, as Python's `textwrap` breaks them.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;
use crate::python::text::{TextBuilder, forward, length_of, lines};
use crate::python::unicode::{flags, is_space, is_word};

/// How lines are broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrapping<'a> {
    /// The most characters of a line.
    pub(crate) width: i64,
    /// Whether a word that is longer than a line is broken.
    pub(crate) break_long_words: bool,
    pub(crate) hyphens: Hyphens,
    /// What stands between two lines.
    pub(crate) wrapstring: &'a str,
}

impl Default for Wrapping<'_> {
    fn default() -> Self {
        Self { width: 79, break_long_words: true, hyphens: Hyphens::Break, wrapstring: "\n" }
    }
}

/// Whether lines are broken after hyphens: `break_on_hyphens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hyphens {
    /// Never: a false value.
    Keep,
    /// Only in words that are longer than a line: a true value that is not `true` itself.
    BreakLongWords,
    /// In all words: `true`.
    Break,
}

/// Breaks every line of a text into lines that are not longer than the width.
pub(crate) fn wordwrap(
    text: &str,
    how: Wrapping<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut wrapped = TextBuilder::new(text.len(), range, budget)?;
    for (number, line) in lines(text).enumerate() {
        let width = match u64::try_from(how.width) {
            Ok(width) if width > 0 => width,
            _ => {
                let message = format!("the width must be 1 or more, not {}", how.width);
                return Err(Error::new(ErrorKind::Value, range.clone(), message)
                    .help("use a positive width"));
            }
        };
        if number > 0 {
            wrapped.push_str(how.wrapstring)?;
        }
        let mut paragraph = Paragraph::new(line.text, how.hyphens == Hyphens::Break);
        let mut has_line = false;
        while let Some(piece) = paragraph.next_line(width, how, has_line) {
            // A line of nothing but white space is none.
            let Some(piece) = piece else { continue };
            if has_line {
                wrapped.push_str(how.wrapstring)?;
            }
            wrapped.push_str(piece)?;
            has_line = true;
        }
    }
    Ok(wrapped.finish())
}

/// A piece of a paragraph that stays on one line: white space, a word, or a part of one.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: usize,
    end: usize,
    /// The characters from start to end.
    length: u64,
    /// From here on there is nothing but white space, also such as is not broken at.
    blank_from: usize,
}

impl Chunk {
    fn is_blank(self) -> bool {
        self.start >= self.blank_from
    }
}

/// What is left of a line of the text. The chunks on a line lie side by side, so that places are enough.
struct Paragraph<'t> {
    text: &'t str,
    breaks_hyphens: bool,
    next: Option<Chunk>,
}

impl<'t> Paragraph<'t> {
    fn new(text: &'t str, breaks_hyphens: bool) -> Self {
        let mut paragraph = Self { text, breaks_hyphens, next: None };
        paragraph.advance(0);
        paragraph
    }

    /// Takes the chunk that starts at a byte.
    fn advance(&mut self, start: usize) {
        self.next = (start < self.text.len()).then(|| {
            let end = chunk_end(self.text, start, self.breaks_hyphens);
            let chunk = &self.text[start..end];
            let blank_from = start + chunk.trim_end_matches(is_space).len();
            Chunk { start, end, length: length_of(chunk).unsigned_abs(), blank_from }
        });
    }

    /// Returns the next line; within, nothing if all of it was dropped. `is_started` says whether there was
    /// one before.
    fn next_line(
        &mut self,
        width: u64,
        how: Wrapping<'_>,
        is_started: bool,
    ) -> Option<Option<&'t str>> {
        let mut chunk = self.next?;
        if is_started && chunk.is_blank() {
            self.advance(chunk.end);
            let Some(next) = self.next else { return Some(None) };
            chunk = next;
        }
        let line_start = chunk.start;
        // The last chunk on the line.
        let mut last: Option<Chunk> = None;
        let mut length = 0;
        while let Some(chunk) = self.next {
            if chunk.length > width - length {
                break;
            }
            length += chunk.length;
            last = Some(chunk);
            self.advance(chunk.end);
        }
        if let Some(long) = self.next.filter(|chunk| chunk.length > width) {
            if how.break_long_words {
                let (broken, rest) = self.break_word(long, width - length, how.hyphens);
                last = Some(broken);
                self.next = Some(rest);
            } else if last.is_none() {
                last = Some(long);
                self.advance(long.end);
            }
        }
        let last = last?;
        let line_end = if last.is_blank() { last.start } else { last.end };
        // Nothing is left only where the blank chunk was the first one.
        Some(
            (!last.is_blank() || last.start > line_start).then(|| &self.text[line_start..line_end]),
        )
    }

    /// Breaks a word where the line is full, or after its last hyphen before.
    fn break_word(&self, word: Chunk, space: u64, hyphens: Hyphens) -> (Chunk, Chunk) {
        let text = &self.text[word.start..word.end];
        let full = forward(text, space).unwrap_or(text.len());
        let hyphen = match hyphens {
            Hyphens::Keep => None,
            Hyphens::BreakLongWords | Hyphens::Break => text[..full]
                .rfind('-')
                // Something else must stand before it.
                .filter(|at| text[..*at].contains(|character| character != '-')),
        };
        let end = hyphen.map_or(full, |at| at + 1);
        let length = if hyphen.is_some() { length_of(&text[..end]).unsigned_abs() } else { space };
        let at = word.start + end;
        let broken = Chunk {
            end: at,
            length,
            blank_from: word.start + text[..end].trim_end_matches(is_space).len(),
            ..word
        };
        (broken, Chunk { start: at, length: word.length - length, ..word })
    }
}

/// Only these separate words; other white space does not break.
fn separates(character: char) -> bool {
    matches!(character, '\t'..='\r' | ' ')
}

/// Returns where the chunk ends that starts at a byte: a match of the pattern in Python's `textwrap`.
fn chunk_end(text: &str, start: usize, breaks_hyphens: bool) -> usize {
    let rest = &text[start..];
    if rest.starts_with(separates) {
        return start + rest.find(|character| !separates(character)).unwrap_or(rest.len());
    }
    if !breaks_hyphens {
        return start + rest.find(separates).unwrap_or(rest.len());
    }
    // A dash between two words.
    let mut before = text[..start].chars().rev();
    let mut last = [before.next(), before.next(), before.next()];
    if last[0].is_some_and(ends_word) && is_dash(rest) {
        return text.len() - rest.trim_start_matches('-').len();
    }
    for (at, character) in rest.char_indices() {
        let at = start + at;
        if separates(character) {
            return at;
        }
        if character == '-' && at > start {
            if breaks_after(last, &text[at + 1..]) {
                return at + 1;
            }
            if last[0].is_some_and(ends_word) && is_dash(&text[at..]) {
                return at;
            }
        }
        last = [Some(character), last[0], last[1]];
    }
    text.len()
}

/// Returns whether a hyphen parts a word: two letters before it, or two with a hyphen between, and two
/// letters after it, which may have a hyphen between as well.
fn breaks_after(before: [Option<char>; 3], after: &str) -> bool {
    let is_letter = |character: Option<char>| character.is_some_and(is_letter);
    let [last, second, third] = before;
    if !is_letter(last) || !(is_letter(second) || second == Some('-') && is_letter(third)) {
        return false;
    }
    let mut characters = after.chars();
    is_letter(characters.next())
        && match characters.next() {
            Some('-') => is_letter(characters.next()),
            other => is_letter(other),
        }
}

/// Returns whether a text begins with two hyphens or more, and a word after them.
fn is_dash(text: &str) -> bool {
    let rest = text.trim_start_matches('-');
    text.len() - rest.len() >= 2 && rest.starts_with(is_word)
}

/// Returns whether a dash may follow.
fn ends_word(character: char) -> bool {
    is_word(character) || matches!(character, '!' | '"' | '\'' | '&' | '.' | ',' | '?')
}

fn is_letter(character: char) -> bool {
    is_word(character) && !flags(character).is_decimal()
}
