//! The planned change of a command, before anything is written.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

use super::pointer_move::PointerMove;
use super::prompt_graph::Includer;
use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::FlawedVersion;
use crate::published::PreviousRegistry;
use crate::tree::Overlay;

/// The planned change of a command.
#[derive(Debug)]
pub struct ChangePlan {
    /// The name of the command in machine-readable output.
    pub command: &'static str,
    /// The subject of the commit message.
    pub subject: String,
    /// The reason for the commit message, if the user gave one.
    pub reason: Option<String>,
    /// The effects of the change.
    pub effects: Vec<PlannedEffect>,
    /// Notes about skipped prompts, with the reason.
    pub notes: Vec<String>,
    /// Compared versions that have errors.
    pub flawed_versions: Vec<FlawedVersion>,
    /// The files to write or remove.
    pub files: Overlay,
}

impl ChangePlan {
    /// Creates an empty plan.
    pub fn new(command: &'static str, reason: Option<&str>) -> Self {
        Self {
            command,
            subject: String::new(),
            reason: reason.map(str::to_owned),
            effects: Vec::new(),
            notes: Vec::new(),
            flawed_versions: Vec::new(),
            files: Overlay::new(),
        }
    }

    /// Adds a pointer move, if there is one.
    pub fn add_move(&mut self, moved: Option<PointerMove>) {
        self.effects.extend(moved.map(|moved| PlannedEffect::Moved(Box::new(moved))));
    }
}

/// A plan, with everything that the checks need to accept or refuse it.
#[derive(Clone, Copy)]
pub struct PlannedChange<'a> {
    /// The plan.
    pub plan: &'a ChangePlan,
    /// The tree without the change.
    pub before: &'a Loader<'a>,
    /// The tree with the change.
    pub after: &'a Loader<'a>,
    /// The author of the change. Defaults to the author of a new commit in Git.
    pub actor: Option<&'a str>,
    /// The published registry, if available.
    pub previous: Option<&'a PreviousRegistry>,
    /// The time of the change.
    pub now: &'a Timestamp,
}

/// One effect of a change.
#[derive(Debug)]
pub enum PlannedEffect {
    /// An environment serves a different target.
    Moved(Box<PointerMove>),
    /// A version gets or loses a state.
    State(StateChange),
    /// A prompt gets a version with updated includes.
    IncludesUpdated(IncludeUpdate),
}

impl PlannedEffect {
    /// Returns the prompt of the effect.
    pub fn name(&self) -> &PromptName {
        match self {
            Self::Moved(moved) => &moved.name,
            Self::State(change) => &change.name,
            Self::IncludesUpdated(update) => &update.name,
        }
    }
}

/// A state change of a version.
#[derive(Debug)]
pub struct StateChange {
    /// The prompt.
    pub name: PromptName,
    /// The version.
    pub version: Version,
    /// The old state, with its reason.
    pub from: (State, Option<String>),
    /// The new state, with its reason.
    pub to: (State, Option<String>),
    /// The environments that serve the version.
    pub served_by: Vec<Environment>,
    /// The versions that include the version.
    pub included_by: Vec<Includer>,
}

/// A new version with updated includes.
#[derive(Debug)]
pub struct IncludeUpdate {
    /// The prompt.
    pub name: PromptName,
    /// The version that the new one is copied from.
    pub from: Version,
    /// The new version.
    pub to: Version,
    /// The replaced includes: from the old version to the new one.
    pub includes: BTreeMap<PromptVersion, PromptVersion>,
    /// The environments that keep serving the old version.
    pub served_by: Vec<Environment>,
}
