//! Characters and raw blocks: what is white space here and there.

use crate::error::{Error, ErrorKind};
use crate::jinja::tags::tags;
use crate::python::unicode::is_space;
use crate::token_kind::TokenKind;

/// Refuses the characters that Python counts as white space and Unicode does not, because what `-` trims
/// would differ, and the tags of raw blocks that only one of the parsers knows.
pub(super) fn check(text: &str) -> Result<(), Error> {
    if let Some(at) = text.find(['\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}']) {
        let message = "the template has a control character (U+001C to U+001F)";
        return Err(Error::new(ErrorKind::Syntax, at..at + 1, message).help("remove it"));
    }
    let mut raw_start = None;
    for (place, kind) in tags(text) {
        let tag = &text[place.clone()];
        if kind != TokenKind::Statement {
            continue;
        }
        if let Some(start) = raw_start.take() {
            // This is the tag that ends the block.
            check_content(text, start, place.start)?;
        } else if is_word(tag, "raw") {
            if tag.ends_with("+%}") {
                let message = "Jinja2 does not allow `+` at the end of this tag";
                return Err(Error::new(ErrorKind::Syntax, place, message)
                    .help("write `{% raw %}` or `{% raw -%}`"));
            }
            raw_start = Some(place.end);
        }
    }
    Ok(())
}

/// Refuses what only Jinja2 takes for the end of a raw block.
fn check_content(text: &str, start: usize, end: usize) -> Result<(), Error> {
    for (at, _) in text[start..end].match_indices("{%") {
        let rest = &text[start + at..];
        let length = rest.find("%}").map_or(rest.len(), |length| length + 2);
        if is_word(&rest[..length], "endraw") {
            let place = start + at..start + at + length;
            let message = "Jinja2 ends the raw block here";
            return Err(Error::new(ErrorKind::Syntax, place, message)
                .help("write it with plain spaces, as `{% endraw %}`"));
        }
    }
    Ok(())
}

/// Whether a statement has this word and no other, with white space of any kind around it.
fn is_word(tag: &str, word: &str) -> bool {
    let inner = tag.trim_start_matches("{%").trim_end_matches("%}");
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    inner.strip_suffix(['-', '+']).unwrap_or(inner).trim_matches(is_space) == word
}
