//! What a command is going to change, before anything is written.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

use super::pointer_move::PointerMove;
use super::prompt_graph::Includer;
use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::FlawedVersion;
use crate::published::PreviousRegistry;
use crate::tree::Overlay;

/// What a command is going to change, and why.
#[derive(Debug)]
pub struct ChangePlan {
    /// The command that plans the change, as programs read it.
    pub command: &'static str,
    /// What it says it did, in a commit.
    pub subject: String,
    /// The reason that somebody gives, for the commit.
    pub reason: Option<String>,
    /// What it means.
    pub effects: Vec<PlannedEffect>,
    /// What was left as it is, and why.
    pub notes: Vec<String>,
    /// The versions with errors that were compared all the same.
    pub flawed: Vec<FlawedVersion>,
    /// The files as they are going to be.
    pub files: Overlay,
}

impl ChangePlan {
    /// Starts a plan in which nothing changes yet.
    pub fn new(command: &'static str, reason: Option<&str>) -> Self {
        Self {
            command,
            subject: String::new(),
            reason: reason.map(str::to_owned),
            effects: Vec::new(),
            notes: Vec::new(),
            flawed: Vec::new(),
            files: Overlay::new(),
        }
    }

    /// Adds a pointer that moves, if it does.
    pub fn add_move(&mut self, moved: Option<PointerMove>) {
        self.effects.extend(moved.map(|moved| PlannedEffect::Moved(Box::new(moved))));
    }
}

/// A plan, and everything that decides whether it may be carried out.
#[derive(Clone, Copy)]
pub struct PlannedChange<'a> {
    /// The plan.
    pub plan: &'a ChangePlan,
    /// The tree as it is.
    pub before: &'a Loader<'a>,
    /// The tree as it is going to be.
    pub after: &'a Loader<'a>,
    /// Who makes the change; without it, whoever Git says would be the author of a commit.
    pub actor: Option<&'a str>,
    /// The published registry, if it is known.
    pub previous: Option<&'a PreviousRegistry>,
    /// The time of the change.
    pub now: &'a Timestamp,
}

/// One thing that changes.
#[derive(Debug)]
pub enum PlannedEffect {
    /// An environment serves something else.
    Moved(Box<PointerMove>),
    /// A version has another state.
    State(StateChange),
    /// A prompt gets a version that includes something else.
    Bumped(IncludeUpdate),
}

impl PlannedEffect {
    /// Returns the prompt that it is about.
    pub fn name(&self) -> &PromptName {
        match self {
            Self::Moved(moved) => &moved.name,
            Self::State(change) => &change.name,
            Self::Bumped(bump) => &bump.name,
        }
    }
}

/// Another state of a version.
#[derive(Debug)]
pub struct StateChange {
    /// The prompt.
    pub name: PromptName,
    /// The version whose state changes.
    pub version: Version,
    /// The state as it is, with its reason.
    pub from: (State, Option<String>),
    /// The state as it is going to be, with its reason.
    pub to: (State, Option<String>),
    /// The environments that serve it.
    pub served_by: Vec<Environment>,
    /// The versions that include it.
    pub included_by: Vec<Includer>,
}

/// A version that is made because of what it includes.
#[derive(Debug)]
pub struct IncludeUpdate {
    /// The prompt.
    pub name: PromptName,
    /// The version that the new one is copied from.
    pub from: Version,
    /// The new version.
    pub to: Version,
    /// What it includes instead of what.
    pub includes: BTreeMap<PromptVersion, PromptVersion>,
    /// The environments that go on serving the version that it is made from.
    pub served_by: Vec<Environment>,
}
