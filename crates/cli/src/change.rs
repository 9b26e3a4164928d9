//! Changes of several files of a tree: shown, checked as if they were made, made together or not at all, and
//! committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::checks::check_promotion;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Settings;
use promptdex_core::policy;
use promptdex_core::rules::{self, Severity};
use promptdex_wire::catalog::State;
use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use crate::cli::{ChangeArgs, ChangeFormat, Format};
use crate::commit::{self, Message};
use crate::compile::{self, Output};
use crate::error::{Exit, Failure};
use crate::judged;
use crate::load::Loader;
use crate::moves::{Includer, Move};
use crate::output;
use crate::previous::Previous;
use crate::tree::{Overlay, Tree};
use crate::ui::Ui;

/// What a command is going to change, and why.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(crate) command: &'static str,
    /// What it says it did, in a commit.
    pub(crate) subject: String,
    pub(crate) reason: Option<String>,
    /// What it means.
    pub(crate) effects: Vec<Effect>,
    /// What was left as it is, and why.
    pub(crate) notes: Vec<String>,
    /// The files as they are going to be.
    pub(crate) files: Overlay,
}

/// One thing that changes.
#[derive(Debug)]
pub(crate) enum Effect {
    /// An environment serves something else.
    Moved(Box<Move>),
    /// A version has another state.
    State(StateChange),
    /// A prompt gets a version that includes something else.
    Bumped(Bump),
}

impl Effect {
    /// Returns the prompt that it is about.
    pub(crate) fn name(&self) -> &PromptName {
        match self {
            Self::Moved(moved) => &moved.name,
            Self::State(change) => &change.name,
            Self::Bumped(bump) => &bump.name,
        }
    }
}

/// Another state of a version.
#[derive(Debug)]
pub(crate) struct StateChange {
    pub(crate) name: PromptName,
    pub(crate) version: Version,
    pub(crate) from: (State, Option<String>),
    pub(crate) to: (State, Option<String>),
    /// The environments that serve it.
    pub(crate) served_by: Vec<Environment>,
    pub(crate) included_by: Vec<Includer>,
}

/// A version that is made because of what it includes.
#[derive(Debug)]
pub(crate) struct Bump {
    pub(crate) name: PromptName,
    pub(crate) from: Version,
    pub(crate) to: Version,
    /// What it includes instead of what.
    pub(crate) includes: BTreeMap<PromptVersion, PromptVersion>,
    /// The environments that go on serving the version that it is made from.
    pub(crate) served_by: Vec<Environment>,
}

/// What became of a proposal.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// There was nothing to change.
    Nothing,
    /// It was only shown.
    Shown,
    /// The checks refuse it.
    Refused(Vec<Diagnostic>),
    /// The files are changed, and committed if there is a commit.
    Done(Option<String>),
}

/// Says that a tree must be in Git, before anything is asked of it, where something is to be committed.
pub(crate) fn check_commit(root: &Path, args: &ChangeArgs) -> anyhow::Result<()> {
    if args.commit && !args.dry_run { commit::check(root) } else { Ok(()) }
}

/// Shows a proposal, and carries it out unless the checks refuse it.
pub(crate) fn carry_out(
    ui: &Ui,
    loader: &Loader<'_>,
    proposal: &Proposal,
    args: &ChangeArgs,
) -> anyhow::Result<Exit> {
    let tree = loader.tree();
    let is_human = args.format == ChangeFormat::Human;
    if is_human {
        ui.data(&output::change::human(proposal));
    }
    let changed = tree.with(proposal.files.clone());
    let added: BTreeSet<&String> = proposal.files.keys().filter(|path| !tree.has(path)).collect();
    // Why there is no commit, where one was asked for: programs learn first which files are written.
    let mut failed = None;
    let outcome = if proposal.files.is_empty() {
        Outcome::Nothing
    } else {
        let previous = args.previous.as_deref().map(Previous::open).transpose()?;
        let mut refused = refused(loader, &changed, proposal, previous.as_ref())?;
        let actor = args.actor.as_deref();
        refused.extend(judged::refused(loader, &changed, proposal, actor, previous.as_ref())?);
        refused.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        if !refused.is_empty() {
            Outcome::Refused(refused)
        } else if args.dry_run {
            Outcome::Shown
        } else {
            write(tree, &proposal.files)?;
            if is_human {
                report(ui, tree, proposal, ["Wrote", "Removed"]);
            }
            let commit = committed(tree, proposal, args).unwrap_or_else(|error| {
                failed = Some(error);
                None
            });
            Outcome::Done(commit)
        }
    };
    if !is_human {
        let is_added = |path: &str| added.iter().any(|added| *added == path);
        ui.data(&output::change::json(tree, proposal, &outcome, is_added));
    }
    if let Some(failed) = failed {
        return Err(failed);
    }
    let exit = match &outcome {
        Outcome::Refused(_) => Exit::Findings,
        Outcome::Nothing | Outcome::Shown | Outcome::Done(_) => Exit::Done,
    };
    if is_human {
        match outcome {
            Outcome::Nothing => ui.status("Nothing", "to change"),
            Outcome::Shown => report(ui, tree, proposal, ["Would write", "Would remove"]),
            Outcome::Refused(findings) => {
                ui.talk(&output::list(&changed, &findings, Format::Human));
                ui.status("Nothing", "was changed");
                proposal
                    .effects
                    .iter()
                    .filter_map(|effect| advice(effect, &findings))
                    .for_each(|hint| ui.hint(&hint));
            }
            Outcome::Done(Some(id)) => {
                ui.status("Committed", &format!("{id} {}", proposal.subject));
            }
            Outcome::Done(None) => ui.hint("it counts once it is committed: `--commit` does that"),
        }
    }
    Ok(exit)
}

fn report(ui: &Ui, tree: &Tree, proposal: &Proposal, [wrote, removed]: [&str; 2]) {
    for (path, bytes) in &proposal.files {
        ui.status(if bytes.is_some() { wrote } else { removed }, &tree.shown(path));
    }
}

fn committed(
    tree: &Tree,
    proposal: &Proposal,
    args: &ChangeArgs,
) -> anyhow::Result<Option<String>> {
    if !args.commit {
        return Ok(None);
    }
    let paths: Vec<String> = proposal.files.keys().cloned().collect();
    let (subject, reason) = (proposal.subject.clone(), proposal.reason.as_deref());
    commit::commit(tree.root(), &paths, &Message { subject, reason }).map(Some)
}

/// Says what to do instead, where there is something.
fn advice(effect: &Effect, findings: &[Diagnostic]) -> Option<String> {
    let is_broken = |rule: &rules::Rule| findings.iter().any(|f| f.rule.code == rule.code);
    match effect {
        Effect::Moved(moved) if is_broken(&rules::BREAKING_PROMOTION) => {
            moved.as_track().or_else(|| moved.safe())
        }
        Effect::State(change) if is_broken(&rules::YANKED_POINTER) => {
            // What follows the highest version by itself moves by itself.
            let has_pointer = |environment: &&Environment| {
                let pointer = format!("/environments/{environment}.yaml");
                findings.iter().any(|finding| finding.path.ends_with(&pointer))
            };
            let environment = change.served_by.iter().find(has_pointer)?;
            Some(format!(
                "move {environment} first, with `promptdex promote` or `promptdex rollback {} --in {environment}`",
                change.name
            ))
        }
        Effect::Moved(moved) => moved.safe(),
        Effect::State(_) | Effect::Bumped(_) => None,
    }
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
    let outcome = compile::run(tree, Output { previous, ..Output::default() })?;
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
fn write(tree: &Tree, files: &Overlay) -> anyhow::Result<()> {
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
pub(crate) fn put(
    tree: &Tree,
    path: &str,
    is_there: bool,
    bytes: Option<&[u8]>,
) -> anyhow::Result<()> {
    match (is_there, bytes) {
        (true, Some(bytes)) => tree.replace(path, bytes),
        (false, Some(bytes)) => tree.write_new(path, bytes),
        (true, None) => tree.remove(path),
        (false, None) => Ok(()),
    }
}
