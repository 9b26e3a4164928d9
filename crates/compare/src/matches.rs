//! Finds out which item of one list became which item of another.

use std::collections::BTreeMap;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::pairs::{Candidate, align, heaviest};
use crate::text::Refine;
use crate::words::{WorkBudget, ranges};

/// An item of a list.
pub(crate) struct ListItem {
    /// What kind of item it is, such as the role of a message.
    pub(crate) label: &'static str,
    /// Its text.
    pub(crate) text: String,
}

/// The indexes of one item in both lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pairing {
    pub(crate) before: Option<usize>,
    pub(crate) after: Option<usize>,
    /// Whether it passed others.
    pub(crate) is_moved: bool,
}

/// Pairs equal items first, then those with the same label by what their texts share, then those with the
/// same label at the same place. Returns the items in the order of the second list; removed items come
/// after the item that they followed.
pub(crate) fn match_items(a: &[ListItem], b: &[ListItem]) -> Vec<Pairing> {
    // Most prompts have one message. Whatever it says became what the other says.
    if let ([before], [after]) = (a, b)
        && before.label == after.label
    {
        return vec![Pairing { before: Some(0), after: Some(0), is_moved: false }];
    }
    let mut matches = Matches { partners: vec![None; a.len()], is_taken: vec![false; b.len()] };
    matches.pair_equal(a, b);
    matches.pair_similar(a, b);
    let stays = matches.unmoved_pairs();
    let mut has_stayed = vec![false; a.len()];
    stays.iter().for_each(|(before, _)| has_stayed[*before] = true);
    // What is left between two items that stayed was most likely written anew there.
    let (mut next_a, mut next_b) = (0, 0);
    for (end_a, end_b) in stays.into_iter().chain([(a.len(), b.len())]) {
        for (at, item) in a.iter().enumerate().take(end_a).skip(next_a) {
            let is_partner =
                |other: &usize| !matches.is_taken[*other] && item.label == b[*other].label;
            if matches.partners[at].is_none()
                && let Some(other) = (next_b..end_b).find(is_partner)
            {
                matches.pair(at, other);
                has_stayed[at] = true;
                next_b = other + 1;
            }
        }
        (next_a, next_b) = (end_a + 1, end_b + 1);
    }
    matches.in_order(&has_stayed)
}

struct Matches {
    /// The index in the second list of each item of the first.
    partners: Vec<Option<usize>>,
    /// Which items of the second list are partners.
    is_taken: Vec<bool>,
}

impl Matches {
    fn pair(&mut self, a: usize, b: usize) {
        self.partners[a] = Some(b);
        self.is_taken[b] = true;
    }

    fn pair_equal(&mut self, a: &[ListItem], b: &[ListItem]) {
        let [keys_a, keys_b]: [Vec<String>; 2] = [a, b].map(|items| {
            items.iter().map(|ListItem { label, text }| format!("{label}\n{text}")).collect()
        });
        let [refs_a, refs_b]: [Vec<&str>; 2] =
            [&keys_a, &keys_b].map(|keys| keys.iter().map(String::as_str).collect());
        let mut input: InternedInput<&str> = InternedInput::default();
        input.update_before(refs_a.iter().copied());
        input.update_after(refs_b.iter().copied());
        let (mut next_a, mut next_b) = (0, 0);
        for hunk in Diff::compute(Algorithm::Myers, &input).hunks() {
            let (removed, added) = ranges(&hunk);
            (next_a..removed.start).zip(next_b..).for_each(|(a, b)| self.pair(a, b));
            (next_a, next_b) = (removed.end, added.end);
        }
        (next_a..a.len()).zip(next_b..).for_each(|(a, b)| self.pair(a, b));
        // What moved, and then what only changed its label.
        let [texts_a, texts_b]: [Vec<&str>; 2] =
            [a, b].map(|items| items.iter().map(|item| item.text.as_str()).collect());
        self.pair_moved(&refs_a, &refs_b);
        self.pair_moved(&texts_a, &texts_b);
    }

    /// Pairs the items left that have the same key, in their order.
    fn pair_moved(&mut self, a: &[&str], b: &[&str]) {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, key) in b.iter().enumerate().rev().filter(|(at, _)| !self.is_taken[*at]) {
            places.entry(key).or_default().push(at);
        }
        for (at, key) in a.iter().enumerate() {
            if self.partners[at].is_none()
                && let Some(other) = places.get_mut(key).and_then(Vec::pop)
            {
                self.pair(at, other);
            }
        }
    }

    fn pair_similar(&mut self, a: &[ListItem], b: &[ListItem]) {
        let mut work = WorkBudget::new(Refine::Capped);
        for (at, ListItem { label, .. }) in a.iter().enumerate() {
            if a[..at].iter().any(|other| other.label == *label) {
                continue;
            }
            // Each round pairs without crossing; what crosses is found in the next.
            for _ in 0..8 {
                let (left_a, texts_a): (Vec<usize>, Vec<&str>) =
                    list_unmatched(a, label, |at| self.partners[at].is_some());
                let (left_b, texts_b): (Vec<usize>, Vec<&str>) =
                    list_unmatched(b, label, |at| self.is_taken[at]);
                let found = align(&texts_a, &texts_b, &mut work).pairs;
                if found.is_empty() {
                    break;
                }
                found.into_iter().for_each(|(a, b)| self.pair(left_a[a], left_b[b]));
            }
        }
    }

    /// Returns most pairs in which neither item passed another.
    fn unmoved_pairs(&self) -> Vec<(usize, usize)> {
        let pair = |(row, partner): (usize, &Option<usize>)| {
            partner.map(|column| Candidate { row, column, weight: 1 })
        };
        let candidates: Vec<Candidate> =
            self.partners.iter().enumerate().filter_map(pair).collect();
        heaviest(&candidates, self.is_taken.len())
    }

    /// `has_stayed` has a flag for each item of the first list: it did not move.
    fn in_order(&self, has_stayed: &[bool]) -> Vec<Pairing> {
        let mut partners = vec![None; self.is_taken.len()];
        for (before, partner) in self.partners.iter().enumerate() {
            if let Some(after) = partner {
                partners[*after] = Some(before);
            }
        }
        let gone = |from: usize, to: usize| {
            (from..to).filter(|at| self.partners[*at].is_none()).map(|at| Pairing {
                before: Some(at),
                after: None,
                is_moved: false,
            })
        };
        let mut pairings = Vec::new();
        let mut next = 0;
        for (after, before) in partners.into_iter().enumerate() {
            let stay = before.filter(|before| has_stayed[*before]);
            if let Some(before) = stay {
                pairings.extend(gone(next, before));
                next = before + 1;
            }
            let is_moved = before.is_some() && stay.is_none();
            pairings.push(Pairing { before, after: Some(after), is_moved });
        }
        pairings.extend(gone(next, self.partners.len()));
        pairings
    }
}

/// Returns the items with a label that have no partner yet.
fn list_unmatched<'a>(
    items: &'a [ListItem],
    label: &str,
    has_partner: impl Fn(usize) -> bool,
) -> (Vec<usize>, Vec<&'a str>) {
    let left =
        items.iter().enumerate().filter(|(at, item)| item.label == label && !has_partner(*at));
    left.map(|(at, item)| (at, item.text.as_str())).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks how two lists of items are paired; each item is a letter for its label and a text.
    #[track_caller]
    fn check(a: &[&'static str], b: &[&'static str], expected: &str) {
        let [a, b]: [Vec<ListItem>; 2] = [a, b].map(|items| {
            items
                .iter()
                .map(|item| ListItem { label: &item[..1], text: item[1..].to_owned() })
                .collect()
        });
        let write = |Pairing { before, after, is_moved }: Pairing| {
            let place = |at: Option<usize>| at.map_or("-".to_owned(), |at| at.to_string());
            format!("{}{}{}", place(before), if is_moved { ">" } else { ":" }, place(after))
        };
        let found: Vec<String> = match_items(&a, &b).into_iter().map(write).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn items_keep_their_partners() {
        check(&[], &[], "");
        check(&["s"], &["s"], "0:0");
        check(&["s one", "u two"], &["s one", "u two"], "0:0 1:1");
        // Written anew at its place.
        check(&["s old text", "u two"], &["s whole new", "u two"], "0:0 1:1");
        check(&["s old text"], &["s whole new"], "0:0");
        check(&["s old text"], &["u whole new"], "-:0 0:-");
        // Equal is nearer than similar.
        check(&["u of the three"], &["u of the three!", "u of the three"], "-:0 0:1");
        check(
            &["u one thing", "a no"],
            &["u two", "a yes", "u one thing", "a no"],
            "-:0 -:1 0:2 1:3",
        );
        check(&["s a", "u b", "u c"], &["s a", "u c"], "0:0 1:- 2:1");
        // Only the label changed.
        check(&["s Be kind"], &["d Be kind"], "0:0");
    }

    #[test]
    fn items_that_passed_others_moved() {
        check(&["s one", "u two", "a three"], &["a three", "s one", "u two"], "2>0 0:1 1:2");
        check(
            &["u Where is my parcel?", "u I want my money back."],
            &["u I want my money back now.", "u Where is my big parcel?"],
            "1>0 0:1",
        );
        // What is new is not what was removed elsewhere.
        check(&["u first", "a kept", "u last"], &["a kept", "u last", "u new"], "0:- 1:0 2:1 -:2");
    }
}
