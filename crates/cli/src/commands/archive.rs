//! `promptdex archive`: versions that nothing serves any more leave the catalog, the search and the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::history::PromptHistory;
use promptdex_core::model::Prompt;
use promptdex_ops::change::plan::{Effect, Proposal};
use promptdex_ops::change::pointer_move::Registry;
use promptdex_ops::change::version_state::{self, Words};
use promptdex_ops::history::events;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::selector;
use promptdex_ops::text::plural;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Operation, Target};
use promptdex_wire::{Chain, PromptName, PromptVersion, Timestamp, Version};

use super::{change, state};
use crate::cli::{ArchiveArgs, StateArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment;
use crate::ui::Ui;

const WORDS: Words =
    Words { state: State::Archived, command: "archive", verb: "Archive", noun: "the archiving of" };

pub(crate) fn run(ui: &Ui, root: &Path, args: &ArchiveArgs) -> anyhow::Result<Exit> {
    let reason = args.reason.clone();
    let Some(span) = &args.older_than else {
        let Some(version) = args.prompt.clone() else {
            let message = "what is to be archived is not said";
            let help = "`--older-than 2y` takes what is that old; else name a version, as in `support/refund@1.0.0`";
            return Err(Failure::new(message, help).into());
        };
        let reason = reason.unwrap_or_else(|| "nothing serves it".to_owned());
        let one = StateArgs { version, undo: args.undo, reason, change: args.change.clone() };
        if args.undo {
            return state::run(ui, root, &one, &WORDS);
        }
        return archive_one(ui, root, &one);
    };
    let since = moment::parse(span)?;
    let reason = reason.unwrap_or_else(|| format!("nothing has served it since {}", day(&since)));
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let only = match &args.prompt {
        Some(text) => match selector::parse(text)? {
            (name, None) => Some(registry.prompt(&name)?.1.name.clone()),
            (name, Some(_)) => {
                let message = "a version is archived whatever its age";
                let help = format!("leave `--older-than` out, or name the prompt alone: `{name}`");
                return Err(Failure::new(message, help).into());
            }
        },
        None => None,
    };
    let history = events::whole(&tree, registry.settings())?;
    let mut files = Overlay::new();
    let mut effects = Vec::new();
    let mut unknown = 0;
    for old in &candidates(&registry, only.as_ref()) {
        let prompt = &registry.prompts[&old.name].prompt;
        let told = history.as_ref().and_then(|history| history.prompts.get(&old.name));
        match last_use(prompt, &old.version, told) {
            None => unknown += 1,
            Some(last) if last < since => {
                let wanted = Some((State::Archived, reason.as_str()));
                let change =
                    version_state::set(&registry, &old.name, &old.version, wanted, &mut files)?;
                effects.push(Effect::State(change));
            }
            Some(_) => {}
        }
    }
    let mut notes = Vec::new();
    if unknown > 0 {
        let versions = plural(unknown, "version");
        notes
            .push(format!("{versions} left: neither metadata nor commits say when they were made"));
    }
    if effects.is_empty() {
        notes.push(format!("no version was made and served last before {since}"));
    }
    let subject = format!("Archive {}", plural(effects.len(), "version"));
    let proposal = Proposal {
        command: WORDS.command,
        subject,
        reason: Some(reason),
        effects,
        notes,
        flawed: Vec::new(),
        files,
    };
    change::carry_out(ui, &loader, &proposal, &args.change)
}

/// Archives a version, unless it is served: then it stays where people look for it.
fn archive_one(ui: &Ui, root: &Path, args: &StateArgs) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let loader = Loader::open(&tree)?;
    let (name, selector) = selector::parse(&args.version)?;
    change::check_commit(root, &args.change)?;
    let registry = Registry::read(&loader)?;
    let version = version_state::named(&registry, &name, selector)?;
    let Some(environment) = registry.served_by(&name, &version).into_iter().next() else {
        let own = PromptVersion { name, version };
        let proposal = version_state::plan(&registry, &own, &WORDS, &args.reason, args.undo)?;
        return change::carry_out(ui, &loader, &proposal, &args.change);
    };
    let message = format!("{environment} serves {version} of `{name}`");
    let help =
        format!("move {environment} first: `promptdex promote {name}@VERSION --to {environment}`");
    Err(Failure::new(message, help).into())
}

/// Returns the versions that nothing needs: not served, not the highest of their prompt, and not included by
/// one that stays.
fn candidates(registry: &Registry<'_>, only: Option<&PromptName>) -> BTreeSet<PromptVersion> {
    let mut old: BTreeMap<PromptVersion, Vec<PromptVersion>> = BTreeMap::new();
    for (name, found) in &registry.prompts {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let prompt = &found.prompt;
        for version in prompt.versions.keys().rev().skip(1) {
            let state = prompt.states.get(version).map(|state| state.state);
            let is_open = matches!(state, None | Some(State::Deprecated));
            if is_open && registry.served_by(name, version).is_empty() {
                let own = PromptVersion { name: name.clone(), version: version.clone() };
                let includers = registry.included_by(name, version);
                old.insert(own, includers.into_iter().map(|includer| includer.version).collect());
            }
        }
    }
    // What stays keeps what it includes.
    loop {
        let is_kept = |includers: &Vec<PromptVersion>| {
            includers
                .iter()
                .any(|includer| !old.contains_key(includer) && !is_archived(registry, includer))
        };
        let kept: Vec<PromptVersion> = old
            .iter()
            .filter(|(_, includers)| is_kept(includers))
            .map(|(own, _)| own.clone())
            .collect();
        if kept.is_empty() {
            return old.into_keys().collect();
        }
        for own in kept {
            old.remove(&own);
        }
    }
}

fn is_archived(registry: &Registry<'_>, of: &PromptVersion) -> bool {
    let states = registry.prompts.get(&of.name).map(|found| &found.prompt.states);
    let state = states.and_then(|states| states.get(&of.version)).map(|state| state.state);
    matches!(state, Some(State::Archived | State::Redacted))
}

/// Returns when a version was made, or served last.
fn last_use(prompt: &Prompt, version: &Version, told: Option<&PromptHistory>) -> Option<Timestamp> {
    let metadata =
        prompt.versions.get(version).and_then(|source| source.metadata.created_at.clone());
    let created = told.and_then(|told| told.created.get(version)?.at.clone());
    let changes = told.into_iter().flat_map(|told| &told.events);
    let left = changes.filter(|(chain, _)| matches!(chain, Chain::Environment(_))).flat_map(
        |(_, changes)| {
            changes.iter().filter(|change| {
                let has = |target: &Option<Target>| {
                    target.as_ref().is_some_and(|target| target.versions().contains(&version))
                };
                has(&change.from) && !has(&change.to)
            })
        },
    );
    let left = left.filter_map(|change| change.at.clone());
    let added =
        told.into_iter().flat_map(|told| told.events.get(&Chain::Catalog).into_iter().flatten());
    let added = added.filter(|change| {
        change.operation == Operation::Created
            && change.to.as_ref().and_then(Target::main) == Some(version)
    });
    let added = added.filter_map(|change| change.at.clone());
    metadata.or(created).into_iter().chain(added).chain(left).max()
}

/// Writes the day of a moment.
fn day(moment: &Timestamp) -> &str {
    moment.as_str().split('T').next().unwrap_or_default()
}
