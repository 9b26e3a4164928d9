//! Overlays: files to read instead of those of a tree.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::tree::{Listing, TreeEntry, is_read};

/// Changed files, by path. `None` removes a file.
pub type Overlay = BTreeMap<String, Option<Vec<u8>>>;

/// Applies an overlay to a listing that may be limited to some paths.
pub(super) fn lay_over(
    overlay: &Overlay,
    listing: &mut Listing,
    is_asked_for: impl Fn(&str) -> bool,
) {
    for (path, bytes) in overlay.iter().filter(|(path, _)| is_read(path) && is_asked_for(path)) {
        match bytes {
            Some(bytes) => {
                let old = listing.get(path);
                // A file that is written over keeps its mode.
                let is_executable =
                    matches!(old, Some(TreeEntry::File { is_executable: true, .. }));
                let size = bytes.len() as u64;
                let entry = TreeEntry::File { size, stamp: None, is_executable };
                listing.insert(path.clone(), entry)
            }
            None => listing.remove(path),
        };
    }
}

/// Whether one of some paths is the given path, or a folder that contains it.
pub(super) fn covers(paths: &BTreeSet<String>, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.map(|end| &path[..end]).any(|path| paths.contains(path))
}
