//! The Git history of one prompt.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::event::Change;
use promptdex_wire::{Chain, Timestamp, Version};
use serde::Serialize;

use super::changes::version_of;

/// The Git history of a prompt: who created its versions, and its events per chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PromptHistory {
    /// Who made the versions that were added since the catalog's last release.
    pub version_origins: BTreeMap<Version, VersionOrigin>,
    /// What happened since the last release of each chain, the oldest first.
    pub events: BTreeMap<Chain, Vec<Change>>,
}

impl PromptHistory {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.version_origins.is_empty() && self.events.is_empty()
    }

    /// Returns a number that changes when anything of it does; of nothing it is 0.
    pub fn stamp(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        if self.is_empty() {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(self).unwrap_or_default().hash(&mut hasher);
        hasher.finish()
    }

    /// Forgets who made those new versions that are not what a commit has.
    pub fn retain(&mut self, is_committed: impl Fn(&Version) -> bool) {
        let other: BTreeSet<Version> =
            self.version_origins.keys().filter(|version| !is_committed(version)).cloned().collect();
        self.version_origins.retain(|version, _| !other.contains(version));
        if let Some(events) = self.events.get_mut(&Chain::Catalog) {
            events.retain(|event| version_of(event).is_none_or(|version| !other.contains(version)));
        }
    }

    /// Returns what happened since the last release of a chain.
    pub(crate) fn of(&self, chain: &Chain) -> &[Change] {
        self.events.get(chain).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The author of a version and the time of its creation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VersionOrigin {
    /// The author, as the registry publishes people.
    pub by: Option<String>,
    /// When the author made it.
    pub at: Option<Timestamp>,
}
