//! Errors of a local host.

use std::any::Any;
use std::io;
use std::net::SocketAddr;

use promptdex_ops::error::causes;
use promptdex_wire::json::ReadError;

/// The result of a local host.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a local host cannot continue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tree or its preview could not be read or written.
    #[error(transparent)]
    Operation(#[from] promptdex_ops::error::Error),
    /// The address is not available.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The server could not start, or stopped.
    #[error("{action}")]
    Server {
        /// The failed action.
        action: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The root document of a registry cannot be read.
    #[error("cannot read `{path}`")]
    Registry {
        /// The file.
        path: String,
        /// The read error.
        source: ReadError,
    },
    /// A build panicked. The next one starts anew.
    #[error("promptdex failed with an internal error: {message}")]
    Panic {
        /// The message of the panic.
        message: String,
    },
    /// Changes to the tree cannot be detected.
    #[error("cannot watch the tree: {error}")]
    Watch {
        /// The error.
        error: String,
        /// The limit that was reached.
        limit: WatchLimit,
    },
}

impl Error {
    /// Formats the error and its causes on one line.
    pub(crate) fn in_full(&self) -> String {
        causes(self).map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}

/// Returns the message of a panic.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

/// The reason why a tree cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchLimit {
    /// The limit of watched folders is reached.
    Folders,
    /// The limit of programs that watch files is reached.
    Programs,
    /// The file system does not support watching.
    FileSystem,
}
