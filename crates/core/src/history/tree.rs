//! What Git says of a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promptdex_wire::event::Change;
use promptdex_wire::release::Source;
use promptdex_wire::{PromptName, Version};

use super::prompt::PromptHistory;
use crate::judge::Proposal;
use crate::read::Committed;

/// What Git says of a tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TreeHistory {
    /// The commit that the tree is, when it is one.
    pub source: Option<Source>,
    /// The prompts of which it says anything.
    pub prompts: BTreeMap<PromptName, PromptHistory>,
    /// The changes of the rules since the catalog's last release.
    pub rules: Vec<Change>,
    /// The newest change of `registry.yaml`, in which an environment may have come or gone.
    pub settings: Option<Change>,
    /// The versions whose commit is missing, because the clone is shallow.
    pub hidden: BTreeMap<PromptName, BTreeSet<Version>>,
    /// How many commits that changed something came before each one that did.
    pub order: BTreeMap<String, usize>,
    /// The versions of prompts that are edited in place, by the file that has the number.
    pub in_place: BTreeMap<String, Committed>,
    /// The change that the tree is, when one is judged.
    pub proposal: Option<Arc<Proposal>>,
}
