//! Pairs what was removed with what was added instead, by the words that they share.

use std::cmp::Ordering;

use imara_diff::Interner;

use crate::words::{PART, WorkBudget, tokens, weight};

/// The words of a text, without their order.
pub(crate) struct WordBag {
    words: Vec<u32>,
    weight: usize,
}

/// Reads the words of texts. Each word weighs as much as it has characters.
pub(crate) struct WordBags<'a> {
    interner: Interner<&'a str>,
    weights: Vec<usize>,
}

impl<'a> WordBags<'a> {
    pub(crate) fn new() -> Self {
        Self { interner: Interner::new(0), weights: Vec::new() }
    }

    /// Reads the words of a text.
    pub(crate) fn read(&mut self, text: &'a str) -> WordBag {
        let mut bag = WordBag { words: Vec::new(), weight: 0 };
        for word in tokens(text).into_iter().filter(|word| !word.trim().is_empty()) {
            let token = self.interner.intern(word).0;
            if token as usize == self.weights.len() {
                self.weights.push(weight(word));
            }
            bag.words.push(token);
            bag.weight += self.weights[token as usize];
        }
        bag.words.sort_unstable();
        bag
    }

    /// Returns the weight of the words that two texts share.
    pub(crate) fn shared_weight(&self, a: &WordBag, b: &WordBag) -> usize {
        let (mut i, mut j, mut shared) = (0, 0, 0);
        while let (Some(x), Some(y)) = (a.words.get(i), b.words.get(j)) {
            match x.cmp(y) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    shared += self.weights[*x as usize];
                    i += 1;
                    j += 1;
                }
            }
        }
        shared
    }

    /// Whether two texts share at least half of their words.
    pub(crate) fn are_alike(&self, a: &WordBag, b: &WordBag) -> bool {
        4 * self.shared_weight(a, b) >= a.weight + b.weight
    }
}

/// Pairs of indexes, in the order of both sides.
pub(crate) struct Pairs {
    /// The pairs.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Whether every possible pair was tried; otherwise only pairs at about the same position were.
    pub(crate) is_complete: bool,
}

/// Pairs texts of two lists so that they share most, without crossing.
pub(crate) fn align(before: &[&str], after: &[&str], work: &mut WorkBudget) -> Pairs {
    let (rows, columns) = (before.len(), after.len());
    if rows == 0 || columns == 0 {
        return Pairs { pairs: Vec::new(), is_complete: true };
    }
    let mut bags = WordBags::new();
    let a: Vec<WordBag> = before.iter().map(|text| bags.read(text)).collect();
    let b: Vec<WordBag> = after.iter().map(|text| bags.read(text)).collect();
    let limit = work.pairs_in_hunk.min(work.pairs);
    let is_complete = rows.saturating_mul(columns) <= limit;
    let breadth = if is_complete { columns } else { (limit / rows).clamp(1, columns) };
    work.pairs = work.pairs.saturating_sub(rows.saturating_mul(breadth));
    let mut candidates = Vec::new();
    for (row, bag) in a.iter().enumerate() {
        let centre = row as u64 * columns as u64 / rows as u64;
        let centre = usize::try_from(centre).unwrap_or(columns);
        let first = centre.saturating_sub(breadth / 2).min(columns - breadth);
        // From the last to the first: `heaviest` asks for it.
        for column in (first..first + breadth).rev() {
            let other = &b[column];
            let (less, sum) = (bag.weight.min(other.weight), bag.weight + other.weight);
            // 30 % at least is what `words::refine` marks words in.
            if 20 * less < 3 * sum && less < PART {
                continue;
            }
            let shared = bags.shared_weight(bag, other);
            if 20 * shared >= 3 * sum || (shared == less && shared >= PART) {
                candidates.push(Candidate { row, column, weight: shared + 1 });
            }
        }
    }
    Pairs { pairs: heaviest(&candidates, columns), is_complete }
}

/// A pair that could be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) weight: usize,
}

/// Returns the pairs with the greatest weight together in which rows and columns both ascend.
/// `candidates` ascend by row, and descend by column in a row.
pub(crate) fn heaviest(candidates: &[Candidate], columns: usize) -> Vec<(usize, usize)> {
    // The weight of the heaviest chain that ends with a candidate, and the one before it there.
    let mut chains: Vec<(usize, Option<usize>)> = Vec::with_capacity(candidates.len());
    // A Fenwick tree over the columns: the end of the heaviest chain before a column.
    let mut ends: Vec<Option<usize>> = vec![None; columns + 1];
    let mut heaviest: Option<usize> = None;
    for (index, candidate) in candidates.iter().enumerate() {
        let heavier = |chains: &[(usize, Option<usize>)], a: Option<usize>, b: Option<usize>| {
            let weight = |end: Option<usize>| end.map_or(0, |end| chains[end].0);
            if weight(b) > weight(a) { b } else { a }
        };
        let mut previous = None;
        let mut at = candidate.column;
        while at > 0 {
            previous = heavier(&chains, previous, ends[at]);
            at &= at - 1;
        }
        chains.push((candidate.weight + previous.map_or(0, |end| chains[end].0), previous));
        let mut at = candidate.column + 1;
        while at <= columns {
            ends[at] = heavier(&chains, ends[at], Some(index));
            at += at & at.wrapping_neg();
        }
        heaviest = heavier(&chains, heaviest, Some(index));
    }
    let mut found: Vec<(usize, usize)> = std::iter::successors(heaviest, |end| chains[*end].1)
        .map(|end| (candidates[end].row, candidates[end].column))
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Refine;

    fn pairs(before: &[&str], after: &[&str]) -> Vec<(usize, usize)> {
        align(before, after, &mut WorkBudget::new(Refine::Capped)).pairs
    }

    #[test]
    fn lines_find_their_successors() {
        assert_eq!(
            pairs(
                &["Answer in French.", "Use at most 25 words.", "Never apologise twice."],
                &["Be kind.", "Answer in plain French.", "Never, ever apologise twice."],
            ),
            [(0, 1), (2, 2)]
        );
        assert_eq!(pairs(&["", "one"], &["  ", "two"]), [(0, 0)]);
        assert_eq!(pairs(&["}"], &["fn f() { return; }"]), []);
    }

    #[test]
    fn many_lines_are_paired_at_about_the_same_place() {
        let lines = |name: &str| -> Vec<String> {
            (0..300).map(|n| format!("- Line number {n} is about the {name}.")).collect()
        };
        let (before, mut after) = (lines("customer"), lines("client"));
        after.insert(0, "Something else altogether".to_owned());
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        let found = align(&before, &after, &mut WorkBudget::new(Refine::Capped));
        assert!(!found.is_complete);
        assert_eq!(found.pairs, (0..300).map(|n| (n, n + 1)).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn the_heaviest_chain_is_found(cells in prop::collection::btree_map((0_usize..5, 0_usize..5), 1_usize..9, 0..12)) {
            let mut candidates: Vec<Candidate> =
                cells.iter().map(|(&(row, column), &weight)| Candidate { row, column, weight }).collect();
            candidates.sort_by_key(|candidate| (candidate.row, usize::MAX - candidate.column));
            let found = heaviest(&candidates, 5);
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
            // All chains, one by one.
            let mut best = 0;
            for chosen in 0_u32..1 << candidates.len() {
                let chain: Vec<&Candidate> =
                    candidates.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, c)| c).collect();
                if chain.windows(2).all(|pair| pair[0].row < pair[1].row && pair[0].column < pair[1].column) {
                    best = best.max(chain.iter().map(|candidate| candidate.weight).sum());
                }
            }
            prop_assert_eq!(found.iter().map(|cell| cells[cell]).sum::<usize>(), best);
        }
    }
}
