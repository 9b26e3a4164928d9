//! Lists that grow: the versions and events of a prompt, and the changes of a release. A file has at most 500 rows.
//!
//! The rows are cut at multiples of 500, counted from the oldest. The newest 1 to 500 are in the file that has the list's
//! name; each full page before them is a file of its own in `api/snapshots/`, and each file names the page before it in
//! `older`. A full page therefore stays as it is when rows are added.
//!
//! ```
//! use promptdex_wire::event::Changes;
//! use promptdex_wire::pages::{WrittenPages, write_pages};
//! use promptdex_wire::{Format, Kind};
//!
//! let page = |changes, older| Changes { format: Format, kind: Kind::Changes, changes, older };
//! let WrittenPages { pages, newest, older } = write_pages(Vec::new(), page);
//! assert!(pages.is_empty() && newest.is_empty() && older.is_none());
//! ```

use serde::Serialize;

use crate::catalog::{ListedVersion, VersionList, VersionRow, Versions};
use crate::digest::Blob;
use crate::event::{Change, Changes};
use crate::history::{Event, History};
use crate::{Document, json};

/// Number of rows in a full file of a list.
pub const ROWS_PER_FILE: usize = 500;

/// Returns how many of so many rows are in full pages, which never change: all but the newest 1 to 500.
pub fn rows_in_full_pages(count: usize) -> usize {
    count.saturating_sub(1) / ROWS_PER_FILE * ROWS_PER_FILE
}

/// A file of a list.
pub trait Paged: Document {
    /// What the list is of.
    type Row;

    /// Returns where the page before it is, if there is one.
    fn older(&self) -> Option<Blob>;

    /// Returns its rows.
    fn into_rows(self) -> Vec<Self::Row>;
}

/// The pages of a list, and what its newest file has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPages<R> {
    /// The full pages with their bytes, the oldest first.
    pub pages: Vec<(Blob, Vec<u8>)>,
    /// The rows of the newest file.
    pub newest: Vec<R>,
    /// The page that the newest file names.
    pub older: Option<Blob>,
}

/// Cuts a list, whose oldest rows come first, into files. `page` makes the document of a full page, which names the page
/// before it.
pub fn write_pages<R, T: Document + Serialize>(
    mut rows: Vec<R>,
    page: impl Fn(Vec<R>, Option<Blob>) -> T,
) -> WrittenPages<R> {
    let newest = rows.split_off(rows_in_full_pages(rows.len()));
    let mut pages: Vec<(Blob, Vec<u8>)> = Vec::new();
    let mut rest = rows.into_iter();
    while rest.len() > 0 {
        let older = pages.last().map(|(blob, _)| *blob);
        let bytes = json::write(&page(rest.by_ref().take(ROWS_PER_FILE).collect(), older));
        pages.push((Blob::of(&bytes), bytes));
    }
    let older = pages.last().map(|(blob, _)| *blob);
    WrittenPages { pages, newest, older }
}

macro_rules! paged {
    ($($document:ident of $row:ident in $rows:ident),*) => {$(
        impl Paged for $document {
            type Row = $row;

            fn older(&self) -> Option<Blob> {
                self.older
            }

            fn into_rows(self) -> Vec<$row> {
                self.$rows
            }
        }
    )*};
}

paged!(
    Versions of VersionRow in versions,
    VersionList of ListedVersion in versions,
    History of Event in events,
    Changes of Change in changes
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Operation;
    use crate::{Format, Kind};

    fn rows(count: usize) -> Vec<Change> {
        let row = |number: usize| {
            let reason = Some(format!("row {number}"));
            Change { reason, ..Change::new(None, Operation::Created, None, None) }
        };
        (0..count).map(row).collect()
    }

    fn page(changes: Vec<Change>, older: Option<Blob>) -> Changes {
        Changes { format: Format, kind: Kind::Changes, changes, older }
    }

    /// Puts a list together as a reader does: from its newest file, by what each file names.
    fn read(written: WrittenPages<Change>) -> Vec<Change> {
        let WrittenPages { pages, newest, older } = written;
        let mut files = vec![page(newest, older)];
        while let Some(older) = files.last().and_then(Paged::older) {
            let (_, bytes) = pages.iter().find(|(blob, _)| *blob == older).unwrap();
            assert_eq!(Blob::of(bytes), older);
            files.push(json::read(bytes).unwrap());
        }
        files.into_iter().rev().flat_map(Paged::into_rows).collect()
    }

    fn check(before: usize, after: usize) {
        let (old, new) = (write_pages(rows(before), page), write_pages(rows(after), page));
        // A full page keeps its bytes when rows are added.
        assert_eq!(old.pages, new.pages[..old.pages.len()], "{before} and {after}");
        for (blob, bytes) in &new.pages {
            assert_eq!(Blob::of(bytes), *blob);
            assert_eq!(json::read::<Changes>(bytes).unwrap().changes.len(), ROWS_PER_FILE);
        }
        assert!(new.newest.len() <= ROWS_PER_FILE && new.newest.is_empty() == (after == 0));
        assert_eq!(new.pages.len() * ROWS_PER_FILE, rows_in_full_pages(after));
        assert_eq!(read(new), rows(after));
    }

    #[test]
    fn pages_are_the_list_and_full_ones_stay() {
        let counts = [0, 1, 499, 500, 501, 1_000, 1_001];
        for (before, after) in counts.iter().flat_map(|a| counts.map(|b| (*a, b))) {
            if before <= after {
                check(before, after);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_number_of_rows_is_read_back((before, added) in (0usize..1_600, 0usize..700)) {
            check(before, before + added);
        }
    }
}
