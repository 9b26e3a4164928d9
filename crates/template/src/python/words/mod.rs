//! The filters of Jinja2 that work on text alone and that no method of Python's `str` is: `lower`, `upper`,
//! `capitalize`, `replace`, `trim` and `center` are in [`text`](super::text).

mod indent;
mod size;
mod title;
mod truncate;
mod url;
mod wrap;

use std::ops::Range;

use super::unicode::is_word;
use crate::error::Error;
use crate::jinja::budget::Budget;

pub(crate) use indent::{Indention, indent};
pub(crate) use size::filesizeformat;
pub(crate) use title::title;
pub(crate) use truncate::{Truncation, truncate};
pub(crate) use url::urlencode;
pub(crate) use wrap::{Hyphens, Wrapping, wordwrap};

/// Returns the number of words: runs of letters, digits and `_`.
pub(crate) fn wordcount(
    text: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<i64, Error> {
    budget.make(text.len(), range)?;
    let words = text.split(|character| !is_word(character)).filter(|word| !word.is_empty());
    Ok(i64::try_from(words.count()).unwrap_or(i64::MAX))
}
