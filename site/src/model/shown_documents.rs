//! Documents as far as pages show them. The other fields are for clients: reading them as well would make the app larger.

use promptdex_reader::{Error, Value};
use promptdex_wire::catalog::{Repository, Visibility};
use promptdex_wire::event::Change;
use promptdex_wire::release::{Actor, ChangesFile, HeldBack, SnapshotReference};
use promptdex_wire::{
    Blob, Chain, Digest, Document, Environment, Kind, Open, RegistryName, Timestamp,
};
use serde::Deserialize;

use crate::data::Readable;

/// The fields of `registry.json` that pages show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownRegistry {
    /// Its name.
    pub registry: RegistryName,
    /// Where it is served.
    #[serde(default)]
    pub url: Option<String>,
    /// A hint for caches and search engines.
    pub visibility: Open<Visibility>,
    /// The promotion path.
    pub environments: Vec<Environment>,
    /// What counts tokens.
    pub tokenizer: String,
    /// Where the source is.
    #[serde(default)]
    pub repository: Option<Repository>,
}

impl Document for ShownRegistry {
    const KIND: Kind = Kind::Registry;
}

/// The fields of a release that pages show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownRelease {
    /// The environment, or `catalog`.
    pub environment: Chain,
    /// 1, 2, 3 …
    pub sequence: u64,
    /// Everything that is served.
    pub snapshot: SnapshotReference,
    /// Digest of the previous release. A chain begins with a release without one, whatever its number.
    #[serde(default)]
    pub previous: Option<Digest>,
    /// What happened since the previous release, if it is not in a file.
    #[serde(default)]
    pub changes: Option<Vec<Change>>,
    /// Where the changes are when there are too many to carry.
    #[serde(default)]
    pub changes_file: Option<ChangesFile>,
    /// The prompts that stay as they were published because of an error.
    #[serde(default)]
    pub held_back: Vec<HeldBack>,
    /// Who published it.
    #[serde(default)]
    pub actor: Actor,
    /// When it was published.
    #[serde(default)]
    pub time: Option<Timestamp>,
    /// What its publisher says of it.
    #[serde(default)]
    pub note: Option<String>,
}

impl Document for ShownRelease {
    const KIND: Kind = Kind::Release;
}

/// Some of the changes of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes.
    pub changes: Vec<Change>,
    /// The file with those before them.
    pub older: Option<Blob>,
}

impl Readable for ChangePage {
    fn read(_: &str, value: &Value<'_>) -> Result<Self, Error> {
        let rows = value.get("changes").map(Value::items).unwrap_or_default();
        let mut changes = Vec::new();
        for row in rows {
            changes.push(row.read()?);
        }
        let older = value.get("older").map(Value::read).transpose()?;
        Ok(Self { changes, older })
    }
}
