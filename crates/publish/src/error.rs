//! Errors of writing to a registry folder.

use std::io;
use std::path::PathBuf;

/// The result of writing to a folder.
pub type Result<T, E = FolderError> = std::result::Result<T, E>;

/// The reason why a folder could not be written to.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file system operation failed.
    #[error("{action}")]
    Io {
        /// The failed action, with the path: "cannot write `dist/api/catalog.json`".
        action: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another build is writing to the folder.
    #[error("another build is writing to `{}`", .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A build in the folder was interrupted and has not been completed.
    #[error("a build into `{}` was killed before it finished", .folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
}
