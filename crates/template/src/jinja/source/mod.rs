//! Looks at the tokens of a template before it is parsed: refuses what would make the parser's tree deep,
//! because it is built and dropped by recursion, and what minijinja's parser reads differently from
//! Jinja2's.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::{range, syntax};
use crate::error::{Error, ErrorKind};

mod brackets;
mod numbers;
mod raw;
mod stops;
mod words;

use brackets::Brackets;
use words::Words;

/// Branches of the `if`s around a place.
const MAX_BRANCHES: usize = 100;

/// What the parser is told of a template.
#[derive(Default)]
pub(super) struct Source {
    /// The places of text.
    pub(super) data: Vec<Range<usize>>,
    /// Where a `+` is the sign of what follows, which the parser does not know.
    signs: Vec<usize>,
}

impl Source {
    /// Returns a template of the same length that the parser reads: its signs are `-`.
    pub(super) fn for_parser<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.signs.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut changed = text.to_owned();
        for at in &self.signs {
            changed.replace_range(*at..at + 1, "-");
        }
        Cow::Owned(changed)
    }
}

/// Checks the tokens.
pub(super) fn check(text: &str) -> Result<Source, Error> {
    raw::check(text)?;
    let mut source = Source::default();
    let mut branches = Branches { counts: Vec::new(), tag_start: 0 };
    let mut brackets = Brackets::default();
    let mut words = Words::default();
    let mut end = 0;
    for token in tokenize(text, false, syntax()) {
        let Ok((token, span)) = token else {
            stops::check(text, end)?;
            // The parser reports what else the tokenizer refuses.
            return Ok(source);
        };
        let place = range(span);
        end = place.end;
        if let Token::TemplateData(_) = token {
            source.data.extend(text_range(text, place));
            continue;
        }
        branches.count(&token, words.is_first(), &place)?;
        brackets.check(&token, &place)?;
        if words.is_sign(&token) {
            source.signs.push(place.start);
        }
        words.check(text, &token, place)?;
    }
    Ok(source)
}

/// Counts the branches of the `if`s around.
struct Branches {
    counts: Vec<usize>,
    tag_start: usize,
}

impl Branches {
    fn count(
        &mut self,
        token: &Token<'_>,
        is_first: bool,
        place: &Range<usize>,
    ) -> Result<(), Error> {
        match token {
            Token::BlockStart => self.tag_start = place.start,
            Token::Ident("if") if is_first => self.counts.push(1),
            Token::Ident("elif") if is_first => {
                if let Some(count) = self.counts.last_mut() {
                    *count += 1;
                }
            }
            Token::Ident("endif") if is_first => {
                self.counts.pop();
            }
            _ => return Ok(()),
        }
        if self.counts.iter().sum::<usize>() > MAX_BRANCHES {
            let message = format!("more than {MAX_BRANCHES} branches");
            return Err(Error::new(ErrorKind::Limit, self.tag_start..place.end, message)
                .help("look up the text in an object variable"));
        }
        Ok(())
    }
}

/// Returns the range of a piece of text, unless a `raw` block holds it.
fn text_range(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    // The tokenizer counts bytes where it stops, which may be inside a character.
    let before = text.get(..range.start)?;
    text.get(range.clone())?;
    let tag = before.trim_end_matches("%}").trim_end_matches(['-', '+', ' ', '\t', '\n']);
    let is_raw = before.ends_with("%}") && tag.ends_with("raw") && !tag.ends_with("endraw");
    (!is_raw).then_some(range)
}
