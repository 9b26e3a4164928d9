//! The tokens of a tokenizer, and how a piece of text is merged from them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

/// The rank of what is no token.
const NO_TOKEN: u32 = u32::MAX;

/// Pieces of at most so many bytes are merged in place.
const SHORT: usize = 128;

/// The tokens, and their ranks: of two pairs, the one whose token has the lower rank merges first.
pub(crate) struct Vocabulary {
    /// The ranks of the tokens of two bytes, by both bytes: every merge begins with such pairs.
    pairs: Box<[u32]>,
    ranks: HashMap<&'static [u8], u32, BuildHasherDefault<ByteHasher>>,
    /// The length of the longest token.
    longest: usize,
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vocabulary").field("tokens", &self.ranks.len()).finish_non_exhaustive()
    }
}

impl Vocabulary {
    /// Reads the lengths of the tokens, by rank, and their bytes. Every byte is a token.
    pub(crate) fn new(lengths: &'static [u8], mut bytes: &'static [u8]) -> Self {
        let mut ranks = HashMap::with_capacity_and_hasher(lengths.len(), Default::default());
        let mut pairs = vec![NO_TOKEN; 1 << 16].into_boxed_slice();
        let mut longest = 0;
        for (rank, &length) in (0..).zip(lengths) {
            let length = usize::from(length);
            let (token, after) = bytes.split_at(length);
            if let [first, second] = *token {
                pairs[usize::from(u16::from_be_bytes([first, second]))] = rank;
            }
            ranks.insert(token, rank);
            longest = longest.max(length);
            bytes = after;
        }
        Self { pairs, ranks, longest }
    }

    /// Returns the number of tokens of a piece.
    pub(crate) fn count(&self, piece: &[u8]) -> usize {
        if self.rank(piece) != NO_TOKEN {
            1
        } else if piece.len() <= SHORT {
            self.merge_short(piece)
        } else {
            self.merge(piece)
        }
    }

    fn rank(&self, bytes: &[u8]) -> u32 {
        match *bytes {
            [first, second] => self.pairs[usize::from(u16::from_be_bytes([first, second]))],
            _ if bytes.len() > self.longest => NO_TOKEN,
            _ => self.ranks.get(bytes).copied().unwrap_or(NO_TOKEN),
        }
    }

    /// Merges a short piece by the same rules as [`Self::merge`]. Looking through all of it each time is quicker than
    /// keeping its pairs sorted.
    fn merge_short(&self, piece: &[u8]) -> usize {
        // Where each part begins, and last where the piece ends; and the rank of each part together with the next.
        let mut starts = [0_u8; SHORT + 1];
        let mut ranks = [NO_TOKEN; SHORT];
        for (start, place) in starts.iter_mut().zip(0..) {
            *start = place;
        }
        for (rank, pair) in ranks.iter_mut().zip(piece.windows(2)) {
            *rank = self.rank(pair);
        }
        let mut count = piece.len();
        while let Some(lowest) =
            ranks[..count].iter().copied().min().filter(|&rank| rank != NO_TOKEN)
        {
            let at = ranks[..count].iter().position(|&rank| rank == lowest).unwrap_or_default();
            starts.copy_within(at + 2..=count, at + 1);
            ranks.copy_within(at + 1..count, at);
            count -= 1;
            let rank = |at: usize| {
                let end = starts[..=count].get(at + 2).copied();
                let part = end.and_then(|end| piece.get(usize::from(starts[at])..usize::from(end)));
                part.map_or(NO_TOKEN, |part| self.rank(part))
            };
            ranks[at] = rank(at);
            if let Some(before) = at.checked_sub(1) {
                ranks[before] = rank(before);
            }
        }
        count
    }

    /// Merges pairs of neighbours while their union is a token, and returns how many are left. The time
    /// is that of sorting the bytes, also for a hostile piece of any length.
    fn merge(&self, piece: &[u8]) -> usize {
        // Where the token ends that begins at a byte, 0 where none begins; and the other way round.
        let mut ends: Vec<usize> = (1..=piece.len()).collect();
        let mut starts: Vec<usize> = (0..piece.len()).collect();
        let mut count = piece.len();
        let candidate = |start: usize, end: usize| {
            let rank = self.rank(&piece[start..end]);
            (rank != NO_TOKEN).then_some(Reverse((rank, start, end)))
        };
        let pairs = (2..=piece.len()).filter_map(|end| candidate(end - 2, end));
        let mut candidates: BinaryHeap<_> = pairs.collect();
        while let Some(Reverse((_, start, end))) = candidates.pop() {
            // One of both may have merged with its other neighbour since.
            let middle = ends[start];
            if middle == 0 || middle >= end || ends[middle] != end {
                continue;
            }
            ends[start] = end;
            ends[middle] = 0;
            starts[end - 1] = start;
            count -= 1;
            if start > 0 {
                candidates.extend(candidate(starts[start - 1], end));
            }
            if let Some(&after) = ends.get(end) {
                candidates.extend(candidate(start, after));
            }
        }
        count
    }
}

/// Hashes short keys quickly. The stored keys are always the same, so an attacker cannot choose them.
#[derive(Default)]
struct ByteHasher(u64);

impl Hasher for ByteHasher {
    fn write(&mut self, bytes: &[u8]) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut words = bytes.chunks_exact(8);
        let mut add = |word: u64| self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(ODD);
        for word in &mut words {
            add(word.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
        }
        add(words
            .remainder()
            .iter()
            .fold(bytes.len() as u64, |word, &byte| word << 8 | u64::from(byte)));
    }

    // The length is in the hash already.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_pieces_are_merged_like_long_ones(
            piece in "([a-z]{1,6}|請以繁|[A-Z0-9._-]|\\PC){1,60}",
        ) {
            let vocabulary = &crate::tokenizer("o200k_base").unwrap().vocabulary;
            let end = piece.floor_char_boundary(super::SHORT);
            let piece = &piece.as_bytes()[..end];
            prop_assert_eq!(vocabulary.merge_short(piece), vocabulary.merge(piece));
        }
    }

    #[test]
    fn the_longest_short_piece_is_merged_like_a_long_one() {
        let vocabulary = &crate::tokenizer("o200k_base").unwrap().vocabulary;
        for length in [1, 2, 3, super::SHORT - 1, super::SHORT] {
            let piece: Vec<u8> = b"refund".iter().copied().cycle().take(length).collect();
            assert_eq!(vocabulary.merge_short(&piece), vocabulary.merge(&piece), "{length}");
        }
    }
}
