//! The environments of a build, and the releases that it makes of each.

use promptdex_wire::event::Change;
use promptdex_wire::prompt::Status;
use promptdex_wire::release::Sequences;
use promptdex_wire::{Chain, Environment};

use crate::history::TreeHistory;
use crate::model::Settings;
use crate::published_registry::PublishedRegistry;

/// The environments, and the number of the release of each chain that this build makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environments {
    /// The promotion path.
    pub path: Vec<Environment>,
    /// The release in which a change made now is published.
    pub next: Sequences,
    /// The number that chains start with.
    pub first: u64,
    /// The newest change of `registry.yaml`, in which an environment may have come or gone.
    pub settings: Option<Change>,
}

impl Environments {
    /// Starts every chain: a build without a published registry before it.
    pub fn start_chains(settings: &Settings) -> Self {
        let chains =
            settings.environments.iter().cloned().map(Chain::Environment).chain([Chain::Catalog]);
        Self {
            path: settings.environments.clone(),
            next: chains.map(|chain| (chain, 1)).collect(),
            first: 1,
            settings: None,
        }
    }

    /// Starts all chains at a higher number, above every one that was ever served: they were lost, and readers
    /// remember the newest number that they saw.
    pub fn restart_chains(settings: &Settings, first: u64) -> Self {
        let mut environments = Self::start_chains(settings);
        environments.next.values_mut().for_each(|next| *next = first);
        Self { first, ..environments }
    }

    /// Adds the newest change of `registry.yaml` that Git knows.
    pub fn with_history(mut self, history: &TreeHistory) -> Self {
        self.settings.clone_from(&history.settings);
        self
    }

    /// Continues the chains of a published registry; new environments start at 1.
    pub fn continue_chains(settings: &Settings, published: &PublishedRegistry) -> Self {
        let mut environments = Self::start_chains(settings);
        let next = published.tails.iter();
        let next = next.map(|(chain, tail)| (chain.clone(), tail.release.sequence + 1));
        environments.next.extend(next);
        environments
    }

    pub(super) fn sequence(&self, chain: &Chain) -> u64 {
        self.next.get(chain).copied().unwrap_or(1)
    }

    /// Whether a chain has no release yet.
    pub(super) fn is_first(&self, chain: &Chain) -> bool {
        self.sequence(chain) == self.first
    }

    pub(super) fn status(&self, environment: &Environment) -> Status {
        if self.path.last() == Some(environment) {
            Status::Production
        } else if self.path.first() == Some(environment) {
            Status::Draft
        } else {
            Status::Staging
        }
    }
}
