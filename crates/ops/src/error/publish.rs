//! Errors of publications.

use std::path::PathBuf;

use promptdex_wire::{Chain, RegistryName};

/// The reason why something was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The target is of a kind that is not supported.
    #[error("cannot publish to `{target}`")]
    UnsupportedTarget {
        /// The target, as the user named it.
        target: String,
    },
    /// The target has no registry, and the user did not say that this is the first publication.
    #[error("`{target}` has no registry")]
    EmptyTarget {
        /// The target.
        target: String,
    },
    /// The target has a registry, and the user said that this is the first publication.
    #[error("`{target}` already has a registry")]
    NotEmpty {
        /// The target.
        target: String,
    },
    /// A newer commit is published.
    #[error("{chain} already has commit {}, which is newer than {}", short(.published), short(.own))]
    Superseded {
        /// The chain.
        chain: Chain,
        /// The published commit.
        published: String,
        /// The commit of the tree.
        own: String,
    },
    /// The published commit is not among those before the commit of the tree.
    #[error("{chain} was published from commit {}, which is not part of the history of {}", short(.published), short(.own))]
    Diverged {
        /// The chain.
        chain: Chain,
        /// The published commit.
        published: String,
        /// The commit of the tree.
        own: String,
    },
    /// The repository does not have the published commit.
    #[error("{chain} was published from commit {}, which {}", short(.published), if *.is_shallow { "this shallow clone cannot place" } else { "this repository does not have" })]
    UnknownCommit {
        /// The chain.
        chain: Chain,
        /// The published commit.
        published: String,
        /// Whether the clone is shallow.
        is_shallow: bool,
    },
    /// Another run has published to the target in the meantime.
    #[error("another run has published to `{target}`")]
    LostRace {
        /// The target.
        target: String,
    },
    /// It cannot be told whether the registry to publish is older than what is published.
    #[error("`{target}` has published commit {} since, and this registry was made from {}", short(.published), short(.own))]
    UnknownOrder {
        /// The target.
        target: String,
        /// The published commit.
        published: String,
        /// The commit of the registry, or what stands for it.
        own: String,
    },
    /// The tree is in no commit.
    #[error("`{}` is not in a commit", .root.display())]
    NoCommit {
        /// The root of the tree.
        root: PathBuf,
    },
    /// The tree differs from its commit.
    #[error("`{}` has changes that are not committed", .root.display())]
    Uncommitted {
        /// The root of the tree.
        root: PathBuf,
    },
    /// The target has another registry.
    #[error("`{target}` has the registry `{published}`, not `{own}`")]
    OtherRegistry {
        /// The target.
        target: String,
        /// The registry at the target.
        published: RegistryName,
        /// The registry to publish.
        own: RegistryName,
    },
    /// The target has releases that came after those of the registry to publish.
    #[error("`{target}` already has release {sequence} of {chain}, which is newer")]
    OlderRegistry {
        /// The chain.
        chain: Chain,
        /// The target.
        target: String,
        /// The newest release at the target.
        sequence: u64,
    },
    /// The registry to publish does not have the releases of the target.
    #[error("the registry does not continue `{target}`: release {sequence} of {chain} differs")]
    ForkedRegistry {
        /// The chain.
        chain: Chain,
        /// The target.
        target: String,
        /// The newest release at the target.
        sequence: u64,
    },
}

impl PublishError {
    /// Whether somebody else has published something newer, so that there is nothing left to do.
    pub fn is_superseded(&self) -> bool {
        matches!(self, Self::Superseded { .. } | Self::OlderRegistry { .. } | Self::LostRace { .. })
    }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
