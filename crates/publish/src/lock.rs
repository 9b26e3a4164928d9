//! Locks on folders, so that two builds never write to the same one.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{FolderError, Result};

/// Locks a folder for this build alone. Returns `None` if the folder does not exist, or if the file
/// system has no locks.
pub fn lock(folder: &Path) -> Result<Option<File>> {
    lock_with(folder, File::try_lock)
}

/// Locks a folder for reading, so that no build writes to it.
pub fn lock_shared(folder: &Path) -> Result<Option<File>> {
    lock_with(folder, File::try_lock_shared)
}

fn lock_with(
    folder: &Path,
    lock: impl Fn(&File) -> Result<(), fs::TryLockError>,
) -> Result<Option<File>> {
    let Ok(file) = File::open(folder) else { return Ok(None) };
    match lock(&file) {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Err(FolderError::Locked { folder: folder.to_owned() }),
        // The file system has no locks.
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}
