//! Finds the shortest way from one list to another if it is short, however long the lists are: the greedy algorithm of
//! [Myers](http://www.xmailserver.org/diff2.pdf), which costs as much as there are edits.

use std::ops::Range;

/// The removed and the added items, as ranges of indexes.
pub(crate) type ReplacedRanges = (Range<usize>, Range<usize>);

/// Returns the ranges in which two lists differ, or nothing if they differ in more than `most` items or if `take` refuses the
/// work, as a number of comparisons.
pub(crate) fn few_edits<T: PartialEq>(
    a: &[T],
    b: &[T],
    most: usize,
    take: &mut dyn FnMut(usize) -> Option<()>,
) -> Option<Vec<ReplacedRanges>> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // For each number of edits, how far into `a` each diagonal leads. Diagonal `d`, of items added more than removed, is at
    // `d + edits` of its row, so that a row has a place for each that so many edits can reach.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=most {
        let mut row = vec![0; 2 * edits + 1];
        for place in (0..row.len()).step_by(2) {
            let start = match rows.last() {
                Some(before) => step(before, place).0,
                None => 0,
            };
            let Some(start_b) = (start + place).checked_sub(edits) else { continue };
            if start > a.len() || start_b > b.len() {
                // Beyond the end of a list there is nothing to go on from.
                row[place] = start;
                continue;
            }
            let same = a[start..].iter().zip(&b[start_b..]).take_while(|(a, b)| a == b).count();
            take(same + 1)?;
            row[place] = start + same;
            if (row[place], start_b + same) == (a.len(), b.len()) {
                rows.push(row);
                return Some(trace(&rows, a, b));
            }
        }
        rows.push(row);
    }
    None
}

/// Returns how far into the first list a diagonal begins after one more edit, and whether that edit removed an item. `place` is
/// the place in the next row.
fn step(before: &[usize], place: usize) -> (usize, bool) {
    // One more place: the row of fewer edits begins one diagonal later.
    let added = place.checked_sub(2).and_then(|at| before.get(at)).copied();
    let removed = before.get(place).map(|end| end + 1);
    match (added, removed) {
        (Some(added), Some(removed)) if added >= removed => (added, false),
        (_, Some(removed)) => (removed, true),
        (added, None) => (added.unwrap_or_default(), false),
    }
}

/// Goes back along the rows, and joins edits that touch each other.
fn trace<T: PartialEq>(rows: &[Vec<usize>], a: &[T], b: &[T]) -> Vec<ReplacedRanges> {
    let mut found: Vec<ReplacedRanges> = Vec::new();
    let mut place = b.len() + rows.len() - 1 - a.len();
    for edits in (1..rows.len()).rev() {
        let (end, is_removed) = step(&rows[edits - 1], place);
        let end_b = end + place - edits;
        let edit = if is_removed {
            (end - 1..end, end_b..end_b)
        } else {
            place -= 2;
            (end..end, end_b - 1..end_b)
        };
        match found.last_mut() {
            Some((removed, added)) if (removed.start, added.start) == (edit.0.end, edit.1.end) => {
                (removed.start, added.start) = (edit.0.start, edit.1.start);
            }
            _ => found.push(edit),
        }
    }
    found.reverse();
    slide(&mut found, a, b);
    found
}

/// Moves what was only removed or only added as far down as it can stand, as the other comparisons do.
fn slide<T: PartialEq>(found: &mut [ReplacedRanges], a: &[T], b: &[T]) {
    for at in (0..found.len()).rev() {
        let next = found.get(at + 1).map_or(a.len(), |(removed, _)| removed.start);
        let (removed, added) = &mut found[at];
        let (list, range) = match (removed.len(), added.len()) {
            (1.., 0) => (a, removed.clone()),
            (0, 1..) => (b, added.clone()),
            _ => continue,
        };
        let room = next - removed.end;
        let same = |by: &usize| list.get(range.start + by) == list.get(range.end + by);
        let by = (0..room).take_while(same).count();
        *removed = removed.start + by..removed.end + by;
        *added = added.start + by..added.end + by;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Allows some comparisons.
    fn at_most(mut left: usize) -> impl FnMut(usize) -> Option<()> {
        move |cost| {
            left = left.checked_sub(cost)?;
            Some(())
        }
    }

    /// Builds the second list from the first and the registry.
    fn apply(a: &[u8], b: &[u8], found: &[ReplacedRanges]) -> Vec<u8> {
        let (mut made, mut at) = (Vec::new(), 0);
        for (removed, added) in found {
            made.extend_from_slice(&a[at..removed.start]);
            made.extend_from_slice(&b[added.clone()]);
            at = removed.end;
        }
        made.extend_from_slice(&a[at..]);
        made
    }

    #[test]
    fn edits_are_joined_and_stand_as_low_as_they_can() {
        let of = |a: &str, b: &str| few_edits(a.as_bytes(), b.as_bytes(), 9, &mut at_most(100));
        assert_eq!(of("same", "same"), Some(Vec::new()));
        assert_eq!(of("abc", "axc"), Some(vec![(1..2, 1..2)]));
        assert_eq!(of("", "ab"), Some(vec![(0..0, 0..2)]));
        assert_eq!(of("xaay", "xaaay"), Some(vec![(3..3, 3..4)]));
        assert_eq!(of("abcabc", "abc"), Some(vec![(3..6, 3..3)]));
        assert_eq!(of("abcdefghij", "0123456789"), None);
    }

    #[test]
    fn more_than_the_work_allows_is_not_done() {
        let (a, b) = (vec![0; 3_000_000], vec![0; 3_000_001]);
        assert_eq!(few_edits(&a, &b, 9, &mut at_most(4_000_000)).map(|found| found.len()), Some(1));
        let (a, b) = (vec![0; 5_000_000], vec![0; 5_000_001]);
        assert_eq!(few_edits(&a, &b, 9, &mut at_most(4_000_000)), None);
    }

    proptest! {
        #[test]
        fn what_is_found_leads_from_one_list_to_the_other(
            a in prop::collection::vec(0..3_u8, 0..20),
            b in prop::collection::vec(0..3_u8, 0..20),
        ) {
            let found = few_edits(&a, &b, 40, &mut at_most(10_000)).unwrap();
            prop_assert_eq!(&apply(&a, &b, &found), &b);
            // No shorter way, as the longest common part of both tells.
            let mut common = vec![vec![0; b.len() + 1]; a.len() + 1];
            for (i, x) in a.iter().enumerate() {
                for (j, y) in b.iter().enumerate() {
                    common[i + 1][j + 1] = if x == y {
                        common[i][j] + 1
                    } else {
                        common[i][j + 1].max(common[i + 1][j])
                    };
                }
            }
            let edits: usize = found.iter().map(|(r, d)| r.len() + d.len()).sum();
            prop_assert_eq!(edits, a.len() + b.len() - 2 * common[a.len()][b.len()]);
        }
    }
}
