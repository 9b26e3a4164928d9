//! Labels: paths for files in Git history of prompts that are edited in place. No file on disk has
//! such a path.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};

use promptdex_core::tree::Contents;
use promptdex_history::{Git, Oid};

use crate::error::Result;
use crate::tree::revision::RevisionBlobs;

/// Contents from Git history, keyed by label.
#[derive(Debug, Default)]
pub(super) struct Labels {
    blobs: OnceLock<RevisionBlobs>,
    contents: RwLock<BTreeMap<String, Content>>,
}

/// The contents of a label.
#[derive(Debug, Clone)]
enum Content {
    /// An object of the repository.
    Object(Oid),
    /// The content itself.
    Bytes(Vec<u8>),
}

impl Labels {
    fn contents(&self) -> RwLockReadGuard<'_, BTreeMap<String, Content>> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, added: impl Iterator<Item = (String, Content)>) {
        self.contents.write().unwrap_or_else(PoisonError::into_inner).extend(added);
    }

    /// Whether a path is a label.
    pub(super) fn has(&self, path: &str) -> bool {
        self.contents().contains_key(path)
    }

    /// Adds objects of a repository.
    pub(super) fn add_objects(&self, git: &Git, ids: BTreeMap<String, Oid>) {
        self.blobs.get_or_init(|| RevisionBlobs::new(git.clone()));
        self.add(ids.into_iter().map(|(label, id)| (label, Content::Object(id))));
    }

    /// Adds contents.
    pub(super) fn add_contents(&self, contents: Contents) {
        self.add(contents.into_iter().map(|(label, bytes)| (label, Content::Bytes(bytes))));
    }

    /// Reads the contents of labels. Objects are read from the repository in one batch.
    pub(super) fn read(&self, labels: Vec<String>) -> Result<Contents> {
        let mut contents = Contents::new();
        let (mut objects, mut ids) = (Vec::new(), Vec::new());
        let labeled = self.contents();
        for label in labels {
            match labeled.get(&label) {
                Some(Content::Object(id)) => {
                    ids.push(*id);
                    objects.push(label);
                }
                Some(Content::Bytes(bytes)) => drop(contents.insert(label, bytes.clone())),
                None => {}
            }
        }
        drop(labeled);
        if let Some(blobs) = self.blobs.get().filter(|_| !ids.is_empty()) {
            contents.extend(objects.into_iter().zip(blobs.read(&ids)?));
        }
        Ok(contents)
    }
}
