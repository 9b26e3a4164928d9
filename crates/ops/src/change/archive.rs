//! Archiving: versions that are no longer served leave the catalog, the search and the pages.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::checks::SHALLOW_CLONE;
use promptdex_core::history::PromptHistory;
use promptdex_core::model::Prompt;
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Operation, Target};
use promptdex_wire::{Chain, PromptName, PromptVersion, Timestamp, Version};

use super::plan::{ChangePlan, PlannedEffect};
use super::prompt_graph::PromptGraph;
use super::version_state::{self, StateCommand};
use crate::error::{PlanError, Result};
use crate::history::events;
use crate::text::plural;

/// The wording of the command that archives versions.
pub const COMMAND: StateCommand = StateCommand {
    state: State::Archived,
    command: "archive",
    verb: "Archive",
    noun: "the archiving of",
};

/// Plans to archive one version. Returns an error if an environment serves it.
pub fn plan_archive(
    graph: &PromptGraph<'_>,
    own: &PromptVersion,
    reason: &str,
) -> Result<ChangePlan> {
    let PromptVersion { name, version } = own;
    match graph.environments_serving(name, version).into_iter().next() {
        None => version_state::plan(graph, own, &COMMAND, reason, false),
        Some(environment) => {
            let (name, version) = (name.clone(), version.clone());
            Err(PlanError::Served { environment, name, version }.into())
        }
    }
}

/// Plans to archive every unused version, of one prompt or of all prompts, that was created and
/// last served before a time.
pub fn plan_archive_of_unused(
    graph: &PromptGraph<'_>,
    only: Option<&PromptName>,
    since: &Timestamp,
    reason: Option<&str>,
) -> Result<ChangePlan> {
    let reason = reason.map_or_else(
        || format!("no environment has served it since {}", day(since)),
        str::to_owned,
    );
    if let Some(name) = only {
        graph.prompt(name)?;
    }
    let history = events::read_tree_history(graph.loader.tree(), graph.settings())?;
    let mut plan = ChangePlan::new(COMMAND.command, Some(&reason));
    let mut unknown = 0;
    for old in &candidates(graph, only) {
        let prompt = &graph.prompts[&old.name].prompt;
        let of_prompt = history.as_ref().and_then(|history| history.prompts.get(&old.name));
        let is_missing = history.as_ref().is_some_and(|history| {
            let missing = history.missing_commits.get(&old.name);
            missing.is_some_and(|versions| versions.contains(&old.version))
        });
        match last_use(prompt, &old.version, of_prompt).filter(|_| !is_missing) {
            None => unknown += 1,
            Some(last) if last < *since => {
                let wanted = Some((State::Archived, reason.as_str()));
                let change = version_state::set_state(
                    graph,
                    &old.name,
                    &old.version,
                    wanted,
                    &mut plan.files,
                )?;
                plan.effects.push(PlannedEffect::State(change));
            }
            Some(_) => {}
        }
    }
    if unknown > 0 {
        let versions = plural(unknown, "version");
        plan.notes.push(format!("{versions} skipped: no creation time in metadata or commits"));
        if history.as_ref().is_some_and(|history| history.lacks_commits()) {
            plan.notes.push(SHALLOW_CLONE.to_owned());
        }
    }
    if plan.effects.is_empty() {
        plan.notes.push(format!("no version was created and last served before {since}"));
    }
    plan.subject = format!("Archive {}", plural(plan.effects.len(), "version"));
    Ok(plan)
}

/// Returns the versions that are not needed: not served, not the highest of their prompt, and not
/// included by a version that stays.
fn candidates(graph: &PromptGraph<'_>, only: Option<&PromptName>) -> BTreeSet<PromptVersion> {
    let mut old: BTreeMap<PromptVersion, Vec<PromptVersion>> = BTreeMap::new();
    for (name, found) in &graph.prompts {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let prompt = &found.prompt;
        for version in prompt.versions.keys().rev().skip(1) {
            let state = prompt.states.get(version).map(|state| state.state);
            let is_open = matches!(state, None | Some(State::Deprecated));
            if is_open && graph.environments_serving(name, version).is_empty() {
                let own = PromptVersion { name: name.clone(), version: version.clone() };
                let includers = graph.includers_of(name, version);
                old.insert(own, includers.into_iter().map(|includer| includer.version).collect());
            }
        }
    }
    // A version that stays keeps the versions that it includes.
    loop {
        let is_kept = |includers: &Vec<PromptVersion>| {
            includers
                .iter()
                .any(|includer| !old.contains_key(includer) && !is_archived(graph, includer))
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

fn is_archived(graph: &PromptGraph<'_>, of: &PromptVersion) -> bool {
    let states = graph.prompts.get(&of.name).map(|found| &found.prompt.states);
    let state = states.and_then(|states| states.get(&of.version)).map(|state| state.state);
    matches!(state, Some(State::Archived | State::Redacted))
}

/// Returns the time when a version was created or last served, whichever is later.
fn last_use(
    prompt: &Prompt,
    version: &Version,
    history: Option<&PromptHistory>,
) -> Option<Timestamp> {
    let metadata =
        prompt.versions.get(version).and_then(|source| source.metadata.created_at.clone());
    let created = history.and_then(|history| history.version_origins.get(version)?.at.clone());
    let changes = history.into_iter().flat_map(|history| &history.events);
    let left = changes.filter(|(chain, _)| matches!(chain, Chain::Environment(_))).flat_map(
        |(_, changes)| {
            changes.iter().filter(|change| {
                let has = |target: Option<&Target>| {
                    target.is_some_and(|target| target.versions().contains(&version))
                };
                has(change.before()) && !has(change.after())
            })
        },
    );
    let left = left.filter_map(|change| change.at.clone());
    let added = history
        .into_iter()
        .flat_map(|history| history.events.get(&Chain::Catalog).into_iter().flatten());
    let added = added.filter(|change| {
        change.operation == Operation::Created
            && change.after().and_then(Target::main) == Some(version)
    });
    let added = added.filter_map(|change| change.at.clone());
    metadata.or(created).into_iter().chain(added).chain(left).max()
}

/// Returns the day of a timestamp.
fn day(moment: &Timestamp) -> &str {
    moment.as_str().split('T').next().unwrap_or_default()
}
