//! Messages of a local host, and the console that receives them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::target::PreviewUpdate;
use promptdex_ops::tree::Tree;

use crate::error::Error;

/// Receives the messages of a local host: a terminal, or a silent console in tests.
pub trait Console: Send + Sync {
    /// Reports an event.
    fn notice(&self, notice: Notice<'_>);

    /// Formats the findings of a build as plain text for a page.
    fn plain_findings(&self, tree: &Tree, outcome: &BuildOutcome) -> String;

    /// Returns help for an error, if there is any.
    fn help(&self, error: &Error) -> Option<String>;
}

/// An event of a local host.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// The host accepts connections.
    Serving {
        /// The address.
        address: SocketAddr,
        /// The name of the served registry. Absent if the tree has errors, which the pages then
        /// show.
        registry: Option<&'a str>,
        /// The path of a sample document.
        example: Option<&'a str>,
    },
    /// Changes to the tree are detected from now on.
    Watching(&'a Path),
    /// Changes to the tree are not detected.
    NotWatching,
    /// A build has different findings than the last one.
    Findings(&'a Tree, &'a BuildOutcome),
    /// The first build succeeded.
    Built(&'a BuildOutcome, Duration),
    /// A later build succeeded.
    Rebuilt(PreviewUpdate, Duration),
    /// The current tree could not be built.
    NotBuilt {
        /// Whether an older build is still served.
        has_older: bool,
        /// Whether the tree has errors. If not, it could not be read.
        has_errors: bool,
    },
    /// An operation failed.
    Failed(&'a Error),
}
