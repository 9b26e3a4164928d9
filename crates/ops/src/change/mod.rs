//! Changes to several files of a tree: planned, checked as if they were made, and made together or not at all.

pub mod commit;
pub mod pointer_move;
pub mod policy_preflight;
pub mod test_report;
pub mod version_state;

use std::collections::BTreeMap;

use promptdex_core::checks::check_promotion;
use promptdex_core::diagnostic::{Diagnostic, Severity};
use promptdex_core::model::Settings;
use promptdex_core::{policy, rules};
use promptdex_wire::catalog::State;
use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};

use crate::build::{self, Output};
use crate::change::pointer_move::{Includer, Move};
use crate::error::Failure;
use crate::prompts::handle::FlawedVersion;
use crate::prompts::loader::Loader;
use crate::published::Previous;
use crate::tree::{Overlay, Tree};

/// What a command is going to change, and why.
#[derive(Debug)]
pub struct Proposal {
    /// The command that plans the change, as programs read it.
    pub command: &'static str,
    /// What it says it did, in a commit.
    pub subject: String,
    /// The reason that somebody gives, for the commit.
    pub reason: Option<String>,
    /// What it means.
    pub effects: Vec<Effect>,
    /// What was left as it is, and why.
    pub notes: Vec<String>,
    /// The versions with errors that were compared all the same.
    pub flawed: Vec<FlawedVersion>,
    /// The files as they are going to be.
    pub files: Overlay,
}

/// One thing that changes.
#[derive(Debug)]
pub enum Effect {
    /// An environment serves something else.
    Moved(Box<Move>),
    /// A version has another state.
    State(StateChange),
    /// A prompt gets a version that includes something else.
    Bumped(Bump),
}

impl Effect {
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
pub struct Bump {
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

/// Returns why a proposal is refused: by the checks of the changed tree, and by the rules of `policy.yaml`.
pub fn refusals(
    loader: &Loader<'_>,
    changed: &Tree,
    proposal: &Proposal,
    actor: Option<&str>,
    previous: Option<&Previous>,
    now: Timestamp,
) -> anyhow::Result<Vec<Diagnostic>> {
    let mut refused = refused(loader, changed, proposal, previous)?;
    refused.extend(policy_preflight::refused(loader, changed, proposal, actor, previous, now)?);
    refused.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(refused)
}

/// Returns what the checks find in the changed tree that they do not find in the tree as it is.
fn refused(
    loader: &Loader<'_>,
    changed: &Tree,
    proposal: &Proposal,
    previous: Option<&Previous>,
) -> anyhow::Result<Vec<Diagnostic>> {
    let mut found = errors(changed, previous)?;
    // Without what is published, callers get what the tree says now.
    if previous.is_none() {
        found.extend(broken(loader, changed, proposal)?);
    }
    if !found.is_empty() {
        let mut known = errors(loader.tree(), previous)?;
        found.retain(|finding| match known.iter().position(|known| is_same(known, finding)) {
            Some(at) => {
                known.swap_remove(at);
                false
            }
            None => true,
        });
    }
    Ok(found)
}

fn errors(tree: &Tree, previous: Option<&Previous>) -> anyhow::Result<Vec<Diagnostic>> {
    let outcome = build::run(tree, &Output { previous, ..Output::default() })?;
    Ok(outcome.findings.into_iter().filter(|f| f.severity == Severity::Error).collect())
}

/// Whether two findings say the same; lines move.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.rule.code, &a.path, &a.message) == (b.rule.code, &b.path, &b.message)
}

/// Finds the callers of the last environment that moves would break.
fn broken(
    loader: &Loader<'_>,
    changed: &Tree,
    proposal: &Proposal,
) -> anyhow::Result<Vec<Diagnostic>> {
    let settings: &Settings = &loader.settings;
    let after = Loader::open(changed)?;
    let mut findings = Vec::new();
    for effect in &proposal.effects {
        let Effect::Moved(moved) = effect else { continue };
        let (Some(from), Some(to)) = (&moved.from, &moved.to) else { continue };
        if settings.environments.last() == Some(&moved.environment)
            && let Some(prompt) = after.find(&moved.name, &mut Vec::new())?
        {
            check_promotion(&prompt, &moved.environment, from, to, &mut findings);
        }
    }
    let findings = policy::apply(settings, findings).into_iter();
    let is_refused = |finding: &Diagnostic| {
        finding.severity == Severity::Error && finding.rule.code == rules::BREAKING_PROMOTION.code
    };
    Ok(findings.filter(is_refused).collect())
}

/// Writes files; when one cannot be written, the others are put back.
pub fn write(tree: &Tree, files: &Overlay) -> anyhow::Result<()> {
    let mut before = Overlay::new();
    for (path, bytes) in files {
        let old = if tree.has(path) { Some(tree.read(path)?) } else { None };
        if let Err(error) = put(tree, path, old.is_some(), bytes.as_deref()) {
            let kept: Vec<String> = before
                .iter()
                .filter(|(path, old)| {
                    put(tree, path, files[*path].is_some(), old.as_deref()).is_err()
                })
                .map(|(path, _)| tree.shown(path))
                .collect();
            if kept.is_empty() {
                return Err(error.context("nothing was changed"));
            }
            let message =
                format!("{error}; changed already, and not put back: {}", kept.join(", "));
            return Err(Failure::new(message, "`git restore` puts them back").into());
        }
        before.insert(path.clone(), old);
    }
    Ok(())
}

/// Writes a file, or without bytes removes it.
pub fn put(tree: &Tree, path: &str, is_there: bool, bytes: Option<&[u8]>) -> anyhow::Result<()> {
    match (is_there, bytes) {
        (true, Some(bytes)) => tree.replace(path, bytes),
        (false, Some(bytes)) => tree.write_new(path, bytes),
        (true, None) => tree.remove(path),
        (false, None) => Ok(()),
    }
}
