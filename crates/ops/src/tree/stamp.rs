//! Stamps of files: numbers that change when a file changes, computed without reading it.

use std::fs::Metadata;

/// A time of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileClock(i64, i64);

impl FileClock {
    /// The end of time, so that every file gets a stamp.
    pub const END: Self = Self(i64::MAX, 0);
}

#[cfg(unix)]
impl FileClock {
    /// Returns the modification time of a file.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self(metadata.mtime(), metadata.mtime_nsec()))
    }

    /// Returns the stamp of a file. A file that changed at this time or later has no stamp, because
    /// a further change might not show in its times.
    pub fn stamp(self, metadata: &Metadata) -> Option<u64> {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        use std::os::unix::fs::MetadataExt as _;
        let modified = Self(metadata.mtime(), metadata.mtime_nsec());
        let changed = Self(metadata.ctime(), metadata.ctime_nsec());
        if modified >= self || changed >= self {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        let facts = [modified.0, modified.1, changed.0, changed.1];
        (facts, metadata.ino(), metadata.dev()).hash(&mut hasher);
        Some(hasher.finish())
    }
}

#[cfg(not(unix))]
impl FileClock {
    pub fn of(_: &Metadata) -> Option<Self> {
        None
    }

    pub fn stamp(self, _: &Metadata) -> Option<u64> {
        None
    }
}
