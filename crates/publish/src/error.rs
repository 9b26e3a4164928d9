//! Why a folder could not be written to.

use std::io;
use std::path::PathBuf;

/// The result of writing to a folder.
pub type Result<T, E = FolderError> = std::result::Result<T, E>;

/// Why a folder could not be written to.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk refused something.
    #[error("{action}")]
    Io {
        /// What was not possible, with the path: "cannot write `dist/api/catalog.json`".
        action: String,
        /// The answer of the system.
        source: io::Error,
    },
    /// Another build is at work.
    #[error("another build is writing to `{}`", .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A build was killed, and nobody has finished it.
    #[error("a build into `{}` was killed before it came to its end", .folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
}
