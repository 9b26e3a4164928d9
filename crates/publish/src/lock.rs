//! Locks of folders: no two builds write to one.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{FolderError, Result};

/// Takes a folder for this build alone, if it is there and the system can lock folders.
pub fn lock(folder: &Path) -> Result<Option<File>> {
    lock_with(folder, File::try_lock)
}

/// Keeps other builds from writing to a folder.
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
        // A file system without locks.
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}
