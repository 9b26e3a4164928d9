//! Writes files and creates their parent folders, each only once.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{FolderError, Result};
use crate::files;

/// The folders created so far, so that each is created only once.
#[derive(Debug, Default)]
pub struct CreatedFolders(Mutex<HashSet<PathBuf>>);

impl CreatedFolders {
    /// Forgets the created folders, because they may have been removed.
    pub fn forget(&self) {
        self.lock_paths().clear();
    }

    fn lock_paths(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a file, and creates its parent folders.
    pub fn write(&self, file: &Path, bytes: &[u8]) -> Result<()> {
        if let Some(folder) = file.parent() {
            self.create(folder).map_err(|source| {
                let action = format!("cannot create `{}`", folder.display());
                FolderError::Io { action, source }
            })?;
        }
        files::write(file, bytes).map_err(|source| {
            let action = format!("cannot write `{}`", file.display());
            FolderError::Io { action, source }
        })
    }

    /// Creates a folder and its missing parents, from the top down below the deepest known folder.
    /// No system call fails merely because a parent is missing.
    fn create(&self, folder: &Path) -> io::Result<()> {
        // The lock is not held while a folder is created. Two threads may create the same one.
        let known = self.lock_paths();
        if known.contains(folder) {
            return Ok(());
        }
        let is_first = known.is_empty();
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|folder| !known.contains(*folder)).collect();
        drop(known);
        if is_first {
            files::create_folders(folder)?;
        } else {
            missing.iter().rev().try_for_each(|folder| files::create_folder(folder))?;
        }
        self.lock_paths().extend(missing.into_iter().map(Path::to_owned));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_at_any_depth_and_again_when_they_are_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let folders = CreatedFolders::default();
        let write = |path: &str| folders.write(&root.path().join(path), path.as_bytes());
        for path in ["a/b/c/1", "a/b/d/e/f/2", "g/3", "4", "a/5"] {
            write(path).unwrap();
            assert_eq!(std::fs::read(root.path().join(path)).unwrap(), path.as_bytes());
        }
        // An existing folder is not an error, and a removed folder is created again.
        std::fs::create_dir(root.path().join("h")).unwrap();
        write("h/6").unwrap();
        std::fs::remove_dir_all(root.path().join("a")).unwrap();
        write("a/b/i/7").unwrap();
        folders.forget();
        write("a/b/c/8").unwrap();
        // A folder cannot replace a file.
        let error = write("4/9").unwrap_err().to_string();
        assert!(error.starts_with("cannot create `") && error.ends_with("4`"), "{error}");
    }
}
