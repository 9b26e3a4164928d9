//! Wire format 1 of promptdex registries.
//!
//! A registry is a folder of JSON files: immutable version documents, one chain of releases per
//! environment with a pointer to its newest, and files derived from these. This crate has the types
//! of every document, the names and digests in them, and the paths they stand at. It does no I/O and
//! builds for WebAssembly, so that compiler, clients and site read and write the very same format.
//!
//! ```
//! use promptdex_wire::{RegistryPath, Redacted, json};
//!
//! let path = RegistryPath::parse("api/prompts/support/refund/versions/1.0.0.json");
//! assert!(matches!(path, Some(RegistryPath::Version(name, _)) if name.domain() == Some("support")));
//!
//! let text = r#"{"format":1,"kind":"redacted","registry":"acme",
//!     "id":"0e6f7c9a-6a55-5f0e-9d50-0a7f1a2f3f3d","name":"support/refund","version":"1.0.0",
//!     "replaced":{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0},
//!     "reason":"held a customer's name"}"#;
//! let redacted: Redacted = json::read(text.as_bytes())?;
//! assert_eq!(redacted.reason, "held a customer's name");
//! # Ok::<(), json::ReadError>(())
//! ```
//!
//! `docs/wire.md` has one table and one example for every document; `schemas/` has their JSON
//! Schemas, generated from the types here (feature `schema`).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

pub mod caching;
pub mod catalog;
pub mod characters;
pub mod digest;
pub mod engine;
pub mod event;
pub mod file;
pub mod history;
pub mod json;
pub mod layout;
pub mod name;
pub mod open;
pub mod pack;
pub mod pages;
pub mod pieces;
pub mod policy;
pub mod prompt;
pub mod release;
pub mod rollout;
pub mod schema;
pub mod search;
pub mod signature;
pub mod state;
pub mod variables;
mod word;

pub use caching::Caching;
pub use digest::{Blob, Digest};
pub use file::{FileBlob, FilePath};
pub use json::{Format, Json, ReadError};
pub use layout::{AssetName, FileClass, Page, RegistryPath, ShardName};
pub use name::{
    BundleName, Chain, Environment, Month, PromptName, PromptVersion, Ref, RegistryName, Timestamp,
    Version,
};
pub use open::{Open, Word};
pub use pack::{PackRange, ReleasePack};
pub use prompt::{Dialect, Latest, Message, Redacted, Role, VersionDocument};
pub use release::Release;
pub use search::{Search, SearchShard};
pub use variables::Variable;

/// The format that this crate reads and writes.
pub const FORMAT: u32 = 1;

/// The kind of a document: its `kind` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`VersionDocument`].
    Version,
    /// [`Redacted`].
    Redacted,
    /// [`Latest`].
    Latest,
    /// [`catalog::Versions`].
    Versions,
    /// [`history::History`].
    History,
    /// [`catalog::Cases`].
    Cases,
    /// [`catalog::Catalog`].
    Catalog,
    /// [`Release`].
    Release,
    /// [`pack::ReleasePack`].
    Releases,
    /// [`release::Snapshot`].
    Snapshot,
    /// [`release::Shards`].
    Shards,
    /// [`catalog::VersionList`].
    VersionList,
    /// [`event::Changes`].
    Changes,
    /// [`catalog::Bundle`].
    Bundle,
    /// [`history::HistoryMonth`].
    HistoryMonth,
    /// [`SearchShard`].
    Search,
    /// [`catalog::Registry`].
    Registry,
    /// [`policy::Policy`].
    Policy,
}

impl Kind {
    /// Every kind, in the order of `docs/wire.md`.
    pub const ALL: [Self; 18] = [
        Self::Version,
        Self::Redacted,
        Self::Latest,
        Self::Versions,
        Self::History,
        Self::Cases,
        Self::Catalog,
        Self::Release,
        Self::Releases,
        Self::Snapshot,
        Self::Shards,
        Self::VersionList,
        Self::Changes,
        Self::Bundle,
        Self::HistoryMonth,
        Self::Search,
        Self::Registry,
        Self::Policy,
    ];

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Redacted => "redacted",
            Self::Latest => "latest",
            Self::Versions => "versions",
            Self::History => "history",
            Self::Cases => "cases",
            Self::Catalog => "catalog",
            Self::Release => "release",
            Self::Releases => "releases",
            Self::Snapshot => "snapshot",
            Self::Shards => "shards",
            Self::VersionList => "version_list",
            Self::Changes => "changes",
            Self::Bundle => "bundle",
            Self::HistoryMonth => "history_month",
            Self::Search => "search",
            Self::Registry => "registry",
            Self::Policy => "policy",
        }
    }

    /// Returns the kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Word for Kind {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word::read_word(deserializer, "kind", &Self::ALL)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A published document of one kind.
pub trait Document {
    /// The kind it has.
    const KIND: Kind;
}
