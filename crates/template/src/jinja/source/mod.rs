//! Looks at the tokens of a template before it is parsed: refuses what would make the parser's tree deep,
//! because it is built and dropped by recursion, and what minijinja's parser reads differently from
//! Jinja2's.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::{range, syntax};
use crate::error::{Error, ErrorKind};

mod brackets;
mod numbers;
mod raw;
mod words;

use brackets::Brackets;
use words::Words;

/// Branches of the `if`s around a place.
const MAX_BRANCHES: usize = 100;

/// Checks the tokens, and returns the places of text.
pub(super) fn check(text: &str) -> Result<Vec<Range<usize>>, Error> {
    raw::check(text)?;
    let mut data = Vec::new();
    let mut branches = Branches { counts: Vec::new(), tag_start: 0 };
    let mut brackets = Brackets::default();
    let mut words = Words::default();
    for token in tokenize(text, false, syntax()) {
        // The parser reports what the tokenizer refuses.
        let Ok((token, span)) = token else { return Ok(data) };
        let place = range(span);
        if let Token::TemplateData(_) = token {
            data.extend(text_range(text, place));
            continue;
        }
        branches.count(&token, words.is_first(), &place)?;
        brackets.check(&token, &place)?;
        words.check(text, &token, place)?;
    }
    Ok(data)
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
                .help("look the text up in an object variable"));
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
