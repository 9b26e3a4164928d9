//! Counts tokens. Prompts repeat their words, so the count of each piece that the tokenizer's pattern
//! cuts out is remembered.

use std::cell::RefCell;

/// Longer pieces are counted each time; one byte of a key is the length.
const MAX_PIECE: usize = 23;

/// A thread remembers this many pieces at most, in 2 MiB.
const SLOTS: usize = 1 << 16;

/// A piece, padded with zeros, with its length in the last byte. No piece is all zeros.
type Key = [u64; 3];

thread_local! {
    static COUNTS: RefCell<Vec<(Key, u32)>> = const { RefCell::new(Vec::new()) };
}

/// A tokenizer. A process has one, because threads remember its counts.
pub(crate) struct TokenCounter(&'static bpe_openai::Tokenizer);

impl TokenCounter {
    /// Loads the vocabulary of `registry.yaml`.
    pub(crate) fn new(tokenizer: &str) -> Self {
        Self(match tokenizer {
            "cl100k_base" => bpe_openai::cl100k_base(),
            _ => bpe_openai::o200k_base(),
        })
    }

    /// Returns the number of tokens of a text.
    pub(crate) fn count(&self, text: &str) -> u64 {
        COUNTS.with_borrow_mut(|counts| {
            if counts.is_empty() {
                counts.resize(SLOTS, ([0; 3], 0));
            }
            self.0.split(text).map(|piece| u64::from(self.piece(counts, piece.as_bytes()))).sum()
        })
    }

    fn piece(&self, counts: &mut [(Key, u32)], piece: &[u8]) -> u32 {
        let count = || u32::try_from(self.0.bpe.count(piece)).unwrap_or(u32::MAX);
        let Some(key) = key(piece) else { return count() };
        // What falls into the same slot takes the place of what was there.
        let slot = &mut counts[slot(key)];
        if slot.0 != key {
            *slot = (key, count());
        }
        slot.1
    }
}

fn key(piece: &[u8]) -> Option<Key> {
    let mut bytes = [0; MAX_PIECE + 1];
    bytes.get_mut(..piece.len()).filter(|_| piece.len() <= MAX_PIECE)?.copy_from_slice(piece);
    bytes[MAX_PIECE] = u8::try_from(piece.len()).ok()?;
    let (words, _) = bytes.as_chunks::<8>();
    Some([0, 1, 2].map(|at| u64::from_le_bytes(words[at])))
}

fn slot(key: Key) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed =
        key.into_iter().fold(0_u64, |mixed, word| (mixed.rotate_left(23) ^ word).wrapping_mul(ODD));
    usize::try_from(mixed >> 48).unwrap_or_default() % SLOTS
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
                assert_eq!(counter.count(text), counter.0.count(*text) as u64, "{text:.20}");
                assert_eq!(counter.count(text), counter.0.count(*text) as u64, "{text:.20}");
            }
        }
    }
}
