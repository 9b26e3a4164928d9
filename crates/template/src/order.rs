//! Sorting. The standard library's sorts and trees are made anew for each type, and fast for long lists; what the
//! browser loads has one sort, of positions, which every list is then brought into.

use std::cmp::Ordering;
use std::convert::Infallible;

/// Compares the items at two positions. It can fail, which ends the sort.
pub(crate) type Compare<'c, E> = &'c mut dyn FnMut(usize, usize) -> Result<Ordering, E>;

/// Returns the positions of so many items in their order; equal ones keep theirs. How often it compares
/// depends on nothing but the items, so that what comparing costs is the same everywhere.
pub(crate) fn sorted_positions<E>(count: usize, compare: Compare<'_, E>) -> Result<Vec<usize>, E> {
    let mut sorted: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut width = 1;
    while width < count {
        for pair in sorted.chunks(2 * width) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            merge(left, right, &mut merged, compare)?;
        }
        std::mem::swap(&mut sorted, &mut merged);
        merged.clear();
        width *= 2;
    }
    Ok(sorted)
}

/// Adds two sorted lists of positions as one.
fn merge<E>(
    mut left: &[usize],
    mut right: &[usize],
    merged: &mut Vec<usize>,
    compare: Compare<'_, E>,
) -> Result<(), E> {
    // What is in order already is not gone through.
    if let ([.., last], [first, ..]) = (left, right)
        && compare(*last, *first)? != Ordering::Greater
    {
        merged.extend_from_slice(left);
        merged.extend_from_slice(right);
        return Ok(());
    }
    while let ([a, others_left @ ..], [b, others_right @ ..]) = (left, right) {
        if compare(*a, *b)? == Ordering::Greater {
            merged.push(*b);
            right = others_right;
        } else {
            merged.push(*a);
            left = others_left;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    Ok(())
}

/// Sorts items by where they are in a text; those at one place keep their order.
pub(crate) fn sort_by_place<T>(items: &mut Vec<T>, place: impl Fn(&T) -> usize) {
    let places: Vec<usize> = items.iter().map(place).collect();
    let Ok(sorted) =
        sorted_positions::<Infallible>(items.len(), &mut |a, b| Ok(places[a].cmp(&places[b])));
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(sorted.into_iter().filter_map(|at| taken[at].take()));
}

/// A set of what is cheap to move, as a sorted list.
#[derive(Clone)]
pub(crate) struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> SortedSet<T> {
    pub(crate) fn insert(&mut self, item: T) {
        if let Err(at) = self.0.binary_search(&item) {
            self.0.insert(at, item);
        }
    }

    pub(crate) fn contains(&self, item: &T) -> bool {
        self.0.binary_search(item).is_ok()
    }

    /// Keeps what another set has as well.
    pub(crate) fn intersect(&mut self, other: &Self) {
        self.0.retain(|item| other.contains(item));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sorted_is_what_the_standard_library_sorts(keys in prop::collection::vec(0_usize..20, 0..70)) {
            let mut expected: Vec<(usize, usize)> = keys.iter().copied().zip(0..).collect();
            let mut sorted = expected.clone();
            sort_by_place(&mut sorted, |(key, _)| *key);
            expected.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(sorted, expected);
        }

        #[test]
        fn a_sorted_set_has_what_was_put_in(items in prop::collection::vec(0..20, 0..20), others in prop::collection::vec(0..20, 0..20)) {
            let set_of = |items: &[i32]| {
                let mut set = SortedSet::default();
                items.iter().for_each(|item| set.insert(*item));
                set
            };
            let mut both = set_of(&items);
            both.intersect(&set_of(&others));
            for item in 0..20 {
                prop_assert_eq!(both.contains(&item), items.contains(&item) && others.contains(&item));
            }
        }
    }

    #[test]
    fn the_first_failure_ends_the_sort() {
        let mut compared = 0;
        let failed = sorted_positions(9, &mut |_, _| {
            compared += 1;
            if compared < 3 { Ok(Ordering::Less) } else { Err("no order") }
        });
        assert_eq!((failed, compared), (Err("no order"), 3));
    }
}
