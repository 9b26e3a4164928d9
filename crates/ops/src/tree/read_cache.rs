//! A cache of files and listings, for commands that read the same tree several times, with and
//! without their change.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use promptdex_core::tree::{Listing, TreeEntry};
use promptdex_wire::PromptName;

/// The cached files and listing of a folder.
#[derive(Debug, Default)]
pub(super) struct ReadCache {
    read: Mutex<Read>,
}

#[derive(Debug, Default)]
struct Read {
    listing: Option<Listing>,
    files: HashMap<String, Vec<u8>>,
}

impl ReadCache {
    fn lock(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the contents of a file, if it was read before.
    pub(super) fn file(&self, path: &str) -> Option<Vec<u8>> {
        self.lock().files.get(path).cloned()
    }

    /// Whether a file was read.
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.lock().files.contains_key(path)
    }

    /// Stores the contents of a file.
    pub(super) fn keep_file(&self, path: &str, bytes: &[u8]) {
        self.lock().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// Returns the listing of the whole folder, if it was listed.
    pub(super) fn listing(&self) -> Option<Listing> {
        self.lock().listing.clone()
    }

    /// Stores the listing of the whole folder.
    pub(super) fn keep_listing(&self, listing: &Listing) {
        self.lock().listing = Some(listing.clone());
    }

    /// Returns the part of the listing that belongs to one prompt, if the folder was listed.
    pub(super) fn prompt(&self, name: &PromptName) -> Option<Listing> {
        let read = self.lock();
        let listing: &BTreeMap<String, TreeEntry> = read.listing.as_ref()?;
        let (folder, document) = (format!("{name}/"), format!("{name}.md"));
        let below =
            listing.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
        let own = listing.get_key_value(&document);
        Some(below.chain(own).map(|(path, entry)| (path.clone(), *entry)).collect())
    }

    /// Drops a file that was written or removed, and the listing.
    pub(super) fn forget(&self, path: &str) {
        let mut read = self.lock();
        read.listing = None;
        read.files.remove(path);
    }
}
