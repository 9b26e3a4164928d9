//! Files with the folders above them, each of which is made once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{FolderError, Result};
use crate::files;

/// Folders that have been made, so that each is made once.
#[derive(Debug, Default)]
pub struct CreatedFolders(Mutex<HashSet<PathBuf>>);

impl CreatedFolders {
    /// Forgets them: they may be gone.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, file: &Path, bytes: &[u8]) -> Result<()> {
        if let Some(folder) = file.parent() {
            let is_made = |made: &HashSet<PathBuf>| made.contains(folder);
            if !is_made(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
                files::create_folders(folder).map_err(|source| {
                    let action = format!("cannot make `{}`", folder.display());
                    FolderError::Io { action, source }
                })?;
                let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                made.insert(folder.to_owned());
            }
        }
        files::write(file, bytes).map_err(|source| {
            let action = format!("cannot write `{}`", file.display());
            FolderError::Io { action, source }
        })
    }
}
