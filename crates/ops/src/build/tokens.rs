//! Counts tokens. Prompts repeat their words, so the count of each piece of text is cached. The
//! tokenizer's pattern splits a text into pieces.

use std::cell::RefCell;
use std::fmt;

use promptdex_tokens::Tokenizer;

/// Longer pieces are not cached. A piece has at most as many tokens as bytes, so its length and its
/// count fit into four bits each.
const MAX_PIECE: usize = 15;

/// The number of pieces that a thread caches, in 2 MiB.
const SLOTS: usize = 1 << 17;

/// The position of the token count in a [`CachedCount`].
const COUNT_SHIFT: u32 = 124;

/// The bytes of a piece, its length in four bits, and its count in the highest four. Zero means no
/// entry, because no piece is empty.
type CachedCount = u128;

thread_local! {
    static COUNTS: RefCell<Vec<CachedCount>> = const { RefCell::new(Vec::new()) };
}

/// A token counter that replaces the tokenizer of the registry.
#[derive(Clone, Copy)]
pub struct TokenCount<'a>(pub &'a (dyn Fn(&str) -> u64 + Sync));

impl fmt::Debug for TokenCount<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenCount")
    }
}

/// A tokenizer with a cache. A process uses one only, because the caches belong to threads.
pub struct TokenCounter(&'static Tokenizer);

impl TokenCounter {
    /// Loads the vocabulary that `registry.yaml` names. The settings reader accepts the same names.
    pub fn new(tokenizer: &str) -> Self {
        Self(
            promptdex_tokens::tokenizer(tokenizer)
                .expect("the tokenizers of `registry.yaml` are here"),
        )
    }

    /// Returns the number of tokens of a text.
    pub fn count(&self, text: &str) -> u64 {
        COUNTS.with_borrow_mut(|counts| {
            if counts.is_empty() {
                counts.resize(SLOTS, 0);
            }
            self.0.split(text).map(|piece| u64::from(self.piece(counts, piece))).sum()
        })
    }

    fn piece(&self, counts: &mut [CachedCount], piece: &str) -> u32 {
        let count = || u32::try_from(self.0.count_piece(piece)).unwrap_or(u32::MAX);
        let Some(key) = key(piece.as_bytes()) else { return count() };
        // A new piece replaces the old one in the same slot.
        let slot = &mut counts[position(key)];
        let known = *slot >> COUNT_SHIFT;
        if *slot == key | known << COUNT_SHIFT {
            return u32::try_from(known).unwrap_or(u32::MAX);
        }
        let count = count();
        *slot = key | u128::from(count) << COUNT_SHIFT;
        count
    }
}

fn key(piece: &[u8]) -> Option<CachedCount> {
    let mut bytes = [0; MAX_PIECE + 1];
    bytes[..MAX_PIECE].get_mut(..piece.len())?.copy_from_slice(piece);
    bytes[MAX_PIECE] = u8::try_from(piece.len()).ok()?;
    Some(u128::from_le_bytes(bytes))
}

fn position(key: CachedCount) -> usize {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    usize::try_from((key ^ key >> 67).wrapping_mul(ODD) >> 96).unwrap_or_default() % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_tokenizer() {
        let texts = [
            "",
            "Hello, hello, hello world!\n\n  Hello",
            "請以繁體中文回答。Straße don't can't 1234567 🤖🤖",
            &"word ".repeat(1000),
            &"x".repeat(5000),
        ];
        for name in ["o200k_base", "cl100k_base"] {
            let counter = TokenCounter::new(name);
            for text in texts.iter().chain(&texts) {
                COUNTS.with_borrow_mut(Vec::clear);
                assert_eq!(counter.count(text), counter.0.count(text) as u64, "{text:.20}");
                assert_eq!(counter.count(text), counter.0.count(text) as u64, "{text:.20}");
            }
        }
    }
}
