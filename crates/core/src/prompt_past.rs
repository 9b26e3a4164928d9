//! What is known of a prompt besides what its files say: where it was before, and what happened to it since.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use crate::history::{PromptHistory, VersionOrigin};
use crate::model::{Metadata, Prompt};
use crate::policy_check::BasePrompt;
use crate::published_registry::PublishedPrompt;

/// What is known of the past of a prompt.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PromptPast {
    /// What is published of it, when a published registry is at hand.
    pub published: Option<PublishedPrompt>,
    /// What the base has of it, when a change is judged.
    pub base: Option<BasePrompt>,
    /// What Git says of it.
    pub history: PromptHistory,
}

impl PromptPast {
    /// Returns who made a version, and when: as its metadata says, else as it was published, else as Git
    /// says.
    pub(crate) fn created(&self, version: &Version, metadata: &Metadata) -> VersionOrigin {
        let published = self.published.as_ref().filter(|p| p.versions.contains_key(version));
        let created = match published {
            Some(published) => published.created(version),
            None => self.history.created.get(version).cloned(),
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
            return Target::of(published.served.get(environment)?);
        }
        self.base.as_ref()?.served.get(environment).cloned()
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

/// A prompt, and what is known of its past.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptWithPast {
    /// The prompt, as its files say it.
    pub prompt: Prompt,
    /// What is known of its past.
    pub past: PromptPast,
}
