//! Judges a change by the rules of its base: what it adds, moves and takes away, who did it, and when.
//!
//! The base is what the change is going to be merged into. Its rules count, and not those that the change
//! brings. What Git says of the base and of the commits comes as a [`Proposal`]; nothing is read here.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::promotion::Past;
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Change, Target};
use promptdex_wire::{Chain, Digest, Environment, PromptName, Timestamp, Version};

use crate::compile::targets;
use crate::diagnostic::Diagnostic;
use crate::history::PromptHistory;
use crate::model::{People, Prompt, Settings};
use crate::tree::POLICY_FILE;

mod change;
mod events;
mod people;
mod promotion;

pub use change::check_change;
pub(crate) use people::owning_teams;

use events::{Event, events};

/// A change that is proposed: what a tree would change of its base.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// How people name the base, such as `origin/main`; absent where the change is one of files on disk.
    pub base: Option<String>,
    /// The facts and the rules of the base.
    pub settings: Settings,
    /// What the base has of the prompts that the change touches.
    pub prompts: BTreeMap<PromptName, BasePrompt>,
    /// The commits of the change.
    pub commits: Vec<Commit>,
    /// The files of the tree that no commit has as they are.
    pub uncommitted: BTreeSet<String>,
    /// Who makes the change, instead of the authors of its commits.
    pub actor: Option<String>,
    /// The moment at which it is judged.
    pub now: Timestamp,
}

/// A commit of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The author's name.
    pub name: String,
    /// The author's e-mail address.
    pub email: String,
    /// The `Reason:` of its message.
    pub reason: Option<String>,
    /// The files of the tree that it changed.
    pub paths: BTreeSet<String>,
    /// What is wrong with its signature; absent where none is asked for, too.
    pub unsigned: Option<String>,
}

/// What the base of a change has of a prompt.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BasePrompt {
    /// How people name the base.
    pub base: String,
    /// The digest of each version's source, unless it could not be read.
    pub versions: BTreeMap<Version, Option<Digest>>,
    /// The versions that are not active, with the reason.
    pub states: BTreeMap<Version, (State, String)>,
    /// The environments that have a file.
    pub files: BTreeSet<Environment>,
    /// What each environment serves.
    pub served: BTreeMap<Environment, Target>,
    /// The last environment.
    pub last: Option<Environment>,
    /// What the environments served, as far as it was asked for.
    pub past: Past,
}

impl BasePrompt {
    /// Takes what counts from a prompt as the base has it.
    pub fn of(base: &str, prompt: &Prompt, settings: &Settings) -> Self {
        let digest = |source: &crate::model::PromptVersionSource| {
            source.is_complete.then_some(source.source_digest)
        };
        let states = prompt.states.iter();
        Self {
            base: base.to_owned(),
            versions: prompt
                .versions
                .iter()
                .map(|(v, source)| (v.clone(), digest(source)))
                .collect(),
            states: states
                .map(|(v, state)| (v.clone(), (state.state, state.reason.clone())))
                .collect(),
            files: prompt.pointers.keys().cloned().collect(),
            served: targets::targets(prompt, settings),
            last: settings.environments.last().cloned(),
            past: Past::default(),
        }
    }

    /// Returns the state of a version, and why.
    fn state(&self, version: &Version) -> (State, Option<&str>) {
        let state = self.states.get(version);
        state.map_or((State::Active, None), |(state, reason)| (*state, Some(reason.as_str())))
    }
}

/// Reads what environments served from what happened to a prompt.
pub fn past(history: &PromptHistory) -> Past {
    let mut past = Past::default();
    for (chain, changes) in &history.events {
        let Chain::Environment(environment) = chain else { continue };
        for change in changes {
            let (from, to) = (change.from.as_ref(), change.to.as_ref());
            past.record(environment, from, to, change.at.as_ref());
        }
    }
    past
}

/// Whether the past of a prompt has to be known to judge what a change makes of it.
pub fn needs_past(prompt: &Prompt, settings: &Settings, base: &Settings) -> bool {
    let governance = &settings.governance;
    events(prompt, settings, base).iter().any(|event| {
        let Some(moved) = event.moved() else { return false };
        let rules = governance.promotion.get(moved.environment);
        let is_judged = rules.is_some() || !owning_teams(governance, &prompt.name).is_empty();
        (is_judged && moved.goes_down()) || rules.is_some_and(|rules| rules.soak_seconds.is_some())
    })
}

/// Applies the rules about changes to a prompt, which has what the base has of it.
pub fn check_prompt(
    prompt: &Prompt,
    settings: &Settings,
    proposal: &Proposal,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(base) = &prompt.base else { return };
    for event in events(prompt, settings, &proposal.settings) {
        let is_revert = event.moved().is_some_and(|moved| moved.is_revert(&base.past));
        people::check(prompt, settings, proposal, &event, is_revert, findings);
        promotion::check(prompt, base, settings, proposal, &event, findings);
    }
}

/// Returns what a change does to a prompt, which has what the base has of it: on which chain, what, who
/// did it, and why.
pub fn told(prompt: &Prompt, settings: &Settings, proposal: &Proposal) -> Vec<(Chain, Change)> {
    let events = events(prompt, settings, &proposal.settings).into_iter();
    let told = events.map(|event| {
        let (commits, is_open) = proposal.did(&event.places);
        let last = commits.first().filter(|_| !is_open);
        let author = last.and_then(|commit| match settings.people {
            People::Email => Some(commit.email.clone()),
            People::Name => Some(commit.name.clone()),
            People::None => None,
        });
        let reason = || commits.iter().find_map(|commit| commit.reason.clone());
        let chain = event.environment.clone().map_or(Chain::Catalog, Chain::Environment);
        let Event { operation, from, to, .. } = event;
        let change = Change {
            by: proposal.actor.clone().or(author),
            commit: last.map(|commit| commit.id.clone()),
            reason: event.reason.or_else(reason),
            ..Change::new(Some(prompt.name.clone()), operation, from, to)
        };
        (chain, change)
    });
    told.collect()
}

impl Proposal {
    /// Says what the base is called.
    fn base_name(&self) -> &str {
        self.base.as_deref().unwrap_or("HEAD")
    }

    /// Says where the rules stand.
    fn policy(&self) -> String {
        match &self.base {
            Some(base) => format!("{POLICY_FILE} of `{base}`"),
            None => POLICY_FILE.to_owned(),
        }
    }

    /// Returns the commits that did something, and whether a part of it is not committed. Of the
    /// places where it can have been done, the first counts that the change touches.
    fn did(&self, places: &[String]) -> (Vec<&Commit>, bool) {
        for place in places {
            let is_there = |path: &String| {
                path == place || (place.ends_with('/') && path.starts_with(place.as_str()))
            };
            let commits: Vec<&Commit> =
                self.commits.iter().filter(|commit| commit.paths.iter().any(is_there)).collect();
            let is_open = self.uncommitted.iter().any(is_there);
            if is_open || !commits.is_empty() {
                return (commits, is_open);
            }
        }
        (Vec::new(), false)
    }
}
