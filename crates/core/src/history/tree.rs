//! The Git history of a tree.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::event::Change;
use promptdex_wire::{PromptName, Version};

use super::prompt::PromptHistory;

/// The Git history of a tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TreeHistory {
    /// The prompts with any history.
    pub prompts: BTreeMap<PromptName, PromptHistory>,
    /// The changes of the rules since the catalog's last release.
    pub rules: Vec<Change>,
    /// The newest change of `registry.yaml`, in which an environment may have come or gone.
    pub settings: Option<Change>,
    /// The versions whose commit is missing, because the clone is shallow.
    pub missing_commits: BTreeMap<PromptName, BTreeSet<Version>>,
    /// How many commits that changed something came before each one that did.
    pub order: BTreeMap<String, usize>,
}

impl TreeHistory {
    /// Whether older commits of a prompt are missing, because the clone is shallow.
    pub fn lacks_commits_of(&self, name: &PromptName) -> bool {
        self.missing_commits.get(name).is_some_and(|versions| !versions.is_empty())
    }

    /// Whether the clone is shallow, so that older commits of some prompt are missing.
    pub fn lacks_commits(&self) -> bool {
        self.missing_commits.values().any(|versions| !versions.is_empty())
    }
}
