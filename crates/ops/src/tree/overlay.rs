//! Files that a tree is read with, although they are not in it, or not like this.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::tree::{Listing, TreeEntry, is_read};

/// Files that are going to be written, and those that are going to be removed.
pub type Overlay = BTreeMap<String, Option<Vec<u8>>>;

/// Brings a listing to what it is with these files, as far as they are asked for.
pub(super) fn lay_over(
    overlay: &Overlay,
    listing: &mut Listing,
    is_asked_for: impl Fn(&str) -> bool,
) {
    for (path, bytes) in overlay.iter().filter(|(path, _)| is_read(path) && is_asked_for(path)) {
        match bytes {
            Some(bytes) => listing.insert(path.clone(), TreeEntry::file(bytes.len() as u64)),
            None => listing.remove(path),
        };
    }
}

/// Whether one of some paths is this one, or a folder around it.
pub(super) fn covers(paths: &BTreeSet<String>, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.map(|end| &path[..end]).any(|path| paths.contains(path))
}
