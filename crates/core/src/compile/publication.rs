//! How the releases of a build come about.

use std::collections::BTreeSet;

use promptdex_wire::event::Change;
use promptdex_wire::release::{Actor, HeldBack, MAX_HELD_BACK, Source};
use promptdex_wire::{Chain, Environment, Timestamp};

/// What the releases of a build say of the publication that they are part of: from what the registry was
/// made, how its rules changed, when and by whom it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The commit that the tree is the same as, if there is one.
    pub source: Option<Source>,
    /// The changes of the rules since the catalog's last release, for its next one.
    pub rules: Vec<Change>,
    /// The moment, by the publisher's clock. The releases have that of the newest published release if this
    /// one is before it, because time never goes back in a registry.
    pub time: Option<Timestamp>,
    /// The publisher. Of its name, the releases say what the registry publishes of people.
    pub actor: Option<Actor>,
    /// The prompts that are held back, sorted by name.
    pub held_back: Vec<HeldPrompt>,
}

/// A prompt that is held back at what is published of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPrompt {
    /// The prompt and the reason, as releases record it.
    pub record: HeldBack,
    /// The environments that serve it, or would serve it without the error.
    pub environments: BTreeSet<Environment>,
}

impl Publication {
    /// Returns what the release of a chain lists as held back.
    pub(super) fn held_back(&self, chain: &Chain) -> Vec<HeldBack> {
        let concerns = |held: &&HeldPrompt| match chain {
            Chain::Catalog => true,
            Chain::Environment(environment) => held.environments.contains(environment),
        };
        let held = self.held_back.iter().filter(concerns);
        held.take(MAX_HELD_BACK).map(|held| held.record.clone()).collect()
    }
}
