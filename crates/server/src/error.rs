//! Why a local host cannot go on.

use std::io;
use std::net::SocketAddr;

use promptdex_ops::error::causes;
use promptdex_wire::json::ReadError;

/// The result of what a host does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a local host cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tree or its preview could not be read or written.
    #[error(transparent)]
    Operation(#[from] promptdex_ops::error::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The answer of the system.
        error: io::Error,
    },
    /// The server could not be started, or has stopped.
    #[error("{action}")]
    Server {
        /// What was not possible.
        action: &'static str,
        /// The answer of the system.
        source: io::Error,
    },
    /// The first document of a registry cannot be read.
    #[error("cannot read `{path}`")]
    Registry {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: ReadError,
    },
    /// Changes to the tree are not seen.
    #[error("cannot watch the tree: {error}")]
    Watch {
        /// What is not possible.
        error: String,
        /// The limit that was reached.
        limit: WatchLimit,
    },
}

impl Error {
    /// Writes the error and what caused it on one line.
    pub(crate) fn in_full(&self) -> String {
        causes(self).map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}

/// Why a tree cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchLimit {
    /// The system watches no more folders.
    Folders,
    /// Too many programs watch files.
    Programs,
    /// The file system cannot be watched.
    FileSystem,
}
