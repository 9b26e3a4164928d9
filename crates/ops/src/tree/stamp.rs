//! Stamps of files: numbers that change when a file does, without reading it.

use std::fs::Metadata;

/// A moment of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileClock(i64, i64);

impl FileClock {
    /// After everything.
    pub const END: Self = Self(i64::MAX, 0);
}

#[cfg(unix)]
impl FileClock {
    /// Takes the time at which a file was changed last.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self(metadata.mtime(), metadata.mtime_nsec()))
    }

    /// Returns a number that changes when the file does. A file that was changed at this moment or
    /// later has none: it may change again without its times telling.
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
