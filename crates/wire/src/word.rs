//! Values that are one of a list of words.

use serde::de::Error;
use serde::{Deserialize as _, Deserializer};

/// A value that is one of a list of words.
pub trait Word: Copy + 'static {
    /// Returns the word on the wire.
    fn as_str(self) -> &'static str;
}

/// Reads one of a list of words, of which `all` are known. Unless it is [open](crate::Open), a document with another one is
/// refused, because nobody can tell what is left of it without.
pub(crate) fn read_word<'de, T: Word, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    all: &[T],
) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = all.iter().copied().find(|known| known.as_str() == word);
    known.ok_or_else(|| unknown(what, &word))
}

// Once for all lists: it would be repeated in each.
#[cold]
#[inline(never)]
fn unknown<E: Error>(what: &str, word: &str) -> E {
    E::custom(format_args!("the {what} `{word}` needs a newer reader"))
}
