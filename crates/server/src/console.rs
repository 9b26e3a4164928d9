//! What a host says while it runs, and to whom.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::target::PreviewUpdate;
use promptdex_ops::tree::Tree;

use crate::error::Error;

/// Whoever started a host, and listens to it: a terminal, or nobody in tests.
pub trait Console: Send + Sync {
    /// Says that something happened.
    fn notice(&self, notice: Notice<'_>);

    /// Writes the findings of a build for people, as plain text for a page.
    fn plain_findings(&self, tree: &Tree, outcome: &BuildOutcome) -> String;

    /// Returns what to do about an error, if there is something.
    fn help(&self, error: &Error) -> Option<String>;
}

/// Something that happened to a host.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// It answers at an address.
    Serving {
        /// The address.
        address: SocketAddr,
        /// The registry that is served; without it, pages show what is wrong with the tree.
        registry: Option<&'a str>,
        /// The path of a document to try.
        example: Option<&'a str>,
    },
    /// Changes to a tree are seen from now on.
    Watching(&'a Path),
    /// Changes to the tree are not seen.
    NotWatching,
    /// A build has findings that the last one did not have.
    Findings(&'a Tree, &'a BuildOutcome),
    /// The first good build was made.
    Built(&'a BuildOutcome, Duration),
    /// Another good build was made.
    Rebuilt(PreviewUpdate, Duration),
    /// There is no good build of the tree as it is.
    NotBuilt {
        /// Whether an older build goes on being served.
        has_older: bool,
        /// Whether the tree has errors; else it could not be read.
        has_errors: bool,
    },
    /// Something could not be done.
    Failed(&'a Error),
}
