//! What remains of a prompt after its own files are written: its part of the registry's files.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::catalog::CatalogPrompt;
use promptdex_wire::event::Change;
use promptdex_wire::release::{Entry, Sequences};
use promptdex_wire::{Blob, Chain, Digest, Environment, PromptName};
use serde::{Deserialize, Serialize};

/// The part of a prompt in the files of the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromptSummary {
    /// Its row in the summary of the registry.
    pub row: CatalogPrompt,
    /// How many versions it has, archived ones too.
    pub versions: usize,
    /// Where its list of versions is.
    pub list: Blob,
    /// What each environment serves: its entries in the snapshot.
    pub served_entries: BTreeMap<Environment, Vec<Entry>>,
    /// For each chain, the release in which the prompt last changed.
    pub sequences: Sequences,
    /// The files that its versions name, apart from redacted ones.
    pub blobs: BTreeSet<Digest>,
    /// What happened to it since the last release of each chain.
    #[serde(skip)]
    pub events: BTreeMap<Chain, Vec<Change>>,
}

impl PromptSummary {
    /// Returns the prompt.
    pub fn name(&self) -> &PromptName {
        &self.row.name
    }
}
