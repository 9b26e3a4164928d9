//! The past of a prompt: its published state, its state in the base, and its Git history.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use crate::history::{PromptHistory, VersionOrigin};
use crate::model::{Metadata, Prompt};
use crate::policy_check::BasePrompt;
use crate::published_registry::PublishedPrompt;

/// The past of a prompt, apart from its files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PromptPast {
    /// Its published state, if a published registry is at hand.
    pub published: Option<PublishedPrompt>,
    /// Its state in the base, if a change is checked.
    pub base: Option<BasePrompt>,
    /// Its Git history.
    pub history: PromptHistory,
    /// Whether its files are not those of the commit that the history ends with. Nobody is named for what is not
    /// committed.
    pub is_uncommitted: bool,
}

impl PromptPast {
    /// Returns the author and the time of a version: from its metadata, its published document, or Git, in
    /// this order.
    pub(crate) fn version_origin(&self, version: &Version, metadata: &Metadata) -> VersionOrigin {
        let published = self.published.as_ref().filter(|p| p.versions.contains_key(version));
        let created = match published {
            Some(published) => published.version_origin(version),
            None => self.history.version_origins.get(version).cloned(),
        };
        let VersionOrigin { by, at } = created.unwrap_or_default();
        VersionOrigin {
            by: metadata.created_by.clone().or(by),
            at: metadata.created_at.clone().or(at),
        }
    }

    /// Returns what an environment served before: as published, else as the base has it.
    pub(crate) fn served_before(&self, environment: &Environment) -> Option<Target> {
        if let Some(published) = &self.published {
            return Target::of(published.served_entries.get(environment)?);
        }
        self.base.as_ref()?.targets.get(environment).cloned()
    }

    /// Whether a version was not there before. Where nothing is compared with, none is new.
    pub(crate) fn is_new(&self, version: &Version) -> bool {
        match (&self.published, &self.base) {
            (Some(published), _) => !published.versions.contains_key(version),
            (None, Some(base)) => !base.versions.contains_key(version),
            (None, None) => false,
        }
    }
}

/// A prompt with its past.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptWithPast {
    /// The prompt as its files define it.
    pub prompt: Prompt,
    /// Its past.
    pub past: PromptPast,
}
