//! Texts cut to a length.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;
use crate::python::text::{TextBuilder, forward, length_of};

/// How a text is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truncation<'a> {
    /// The characters that are left, with `end`.
    pub(crate) length: i64,
    /// Whether the last word may be cut in two.
    pub(crate) killwords: bool,
    /// What shows that something is missing.
    pub(crate) end: &'a str,
    /// By how many characters a text may be longer and stay whole.
    pub(crate) leeway: i64,
}

impl Default for Truncation<'_> {
    fn default() -> Self {
        Self { length: 255, killwords: false, end: "...", leeway: 5 }
    }
}

/// Cuts a text that is too long, after a word.
pub(crate) fn truncate<'t>(
    text: &'t str,
    how: Truncation<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Cow<'t, str>, Error> {
    let refuse = |message: String, help: String| {
        Err(Error::new(ErrorKind::Value, range.clone(), message).help(help))
    };
    let end_length = length_of(how.end);
    if how.length < end_length {
        return refuse(
            format!("the length {} is below the {end_length} characters of `end`", how.length),
            format!("use a length of {end_length} or more"),
        );
    }
    if how.leeway < 0 {
        return refuse(
            format!("the leeway is negative: {}", how.leeway),
            "use a leeway of 0 or more".to_owned(),
        );
    }
    let mut truncated = TextBuilder::new(text.len(), range, budget)?;
    if length_of(text) <= how.length.saturating_add(how.leeway) {
        return Ok(Cow::Borrowed(text));
    }
    let kept = forward(text, (how.length - end_length).unsigned_abs()).unwrap_or(text.len());
    let mut kept = &text[..kept];
    if !how.killwords {
        kept = kept.rsplit_once(' ').map_or(kept, |(before, _)| before);
    }
    truncated.push_str(kept)?;
    truncated.push_str(how.end)?;
    Ok(Cow::Owned(truncated.finish()))
}
