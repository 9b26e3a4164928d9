//! Rollbacks: an environment returns to a target that it served before.

use std::collections::BTreeMap;

use promptdex_compare::promotion::{PromotionMode, target_with};
use promptdex_core::checks::SHALLOW_CLONE;
use promptdex_core::compile::target;
use promptdex_core::published_registry::ServedAsOf;
use promptdex_history::GitError;
use promptdex_wire::event::{Change, Target};
use promptdex_wire::release::Entry;
use promptdex_wire::{Chain, Environment, PromptName, RegistryPath, Timestamp, Version};

use super::plan::{ChangePlan, PlannedEffect};
use super::prompt_graph::PromptGraph;
use crate::error::{Error, GitPurpose, PlanError, Result};
use crate::history::events;
use crate::prompts::loader::{LoadedPrompt, Loader};
use crate::prompts::prompt_handle::LoadError;
use crate::prompts::selector;
use crate::published::PreviousRegistry;
use crate::text::plural;
use crate::tree::{Tree, revision};

/// The number of earlier versions to compare with the current one.
const MOST_EARLIER: usize = 10;

/// A rollback of an environment.
#[derive(Debug, Clone, Copy)]
pub struct Rollback<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The reason, for the commit.
    pub reason: &'a str,
}

/// A point in time, as the user named it.
#[derive(Debug, Clone, Copy)]
pub struct PointInTime<'a> {
    /// The text: a release number, a revision, or a time.
    pub text: &'a str,
    /// The time, if the text can be a time.
    pub time: Option<&'a Timestamp>,
}

impl Rollback<'_> {
    /// Plans the rollback of one prompt to the version that `to` names, or to the previous target.
    pub fn of_prompt(
        &self,
        graph: &PromptGraph<'_>,
        name: &PromptName,
        to: Option<&str>,
    ) -> Result<ChangePlan, LoadError> {
        let environment = self.environment;
        let (_, prompt) = graph.prompt(name)?;
        let Some(served) = graph.readable_target_in(name, environment)? else {
            let (environment, name) = (environment.clone(), name.clone());
            return Err(PlanError::NothingToRollBack { environment, name }.into());
        };
        let history = events::read_tree_history(graph.loader.tree(), graph.settings())?;
        let chain = Chain::Environment(environment.clone());
        let of_prompt = history.as_ref().and_then(|history| history.prompts.get(name));
        let events = of_prompt.and_then(|history| history.events.get(&chain));
        let events = events.map(Vec::as_slice).unwrap_or_default();
        let earlier = earlier_versions(events, &served);
        let (to, origin) = match to {
            Some(to) => {
                let version = selector::select(prompt, graph.settings(), Some(to))?.version;
                let to = target_with(Some(&served), &version, PromotionMode::Whole, environment);
                (to?, None)
            }
            None => {
                let to =
                    earlier_target(events, &served).ok_or_else(|| PlanError::NoEarlierTarget {
                        environment: environment.clone(),
                        name: name.clone(),
                        versions: selector::versions(prompt),
                        is_shallow: history.as_ref().is_some_and(|history| history.lacks_commits()),
                    })?;
                (to, Some("served before".to_owned()))
            }
        };
        let mut plan = ChangePlan::new("rollback", Some(self.reason));
        plan.subject = match &to {
            Target::Version(version) => format!("Roll back {name} to {version} in {environment}"),
            Target::Tracks(_) | Target::Rollout(_) => format!("Roll back {name} in {environment}"),
        };
        let is_cut = history.as_ref().is_some_and(|history| history.lacks_commits_of(name));
        if is_cut {
            plan.notes.push(format!(
                "cannot tell what {environment} served in missing commits: {SHALLOW_CLONE}"
            ));
        }
        match graph.plan_move(name, environment, Some(to), origin, &mut plan)? {
            Some(mut moved) => {
                let flawed = &mut plan.flawed_versions;
                moved.earlier_versions =
                    Some(graph.compare_earlier(name, &served, earlier, flawed)?);
                plan.effects.push(PlannedEffect::Moved(Box::new(moved)));
            }
            None => plan.notes.push(format!("{environment} already serves that target of {name}")),
        }
        Ok(plan)
    }

    /// Plans the rollback of all prompts to a point in time.
    pub fn of_all(
        &self,
        graph: &PromptGraph<'_>,
        to: PointInTime<'_>,
        previous: Option<&PreviousRegistry>,
    ) -> Result<ChangePlan, LoadError> {
        let environment = self.environment;
        let release = to.text.parse::<u64>().ok().zip(previous);
        let (then, name) = match release {
            Some((number, previous)) => {
                (served_in_release(previous, environment, number)?, format!("release {number}"))
            }
            None => served_in_commit(graph, environment, to)?,
        };
        let mut plan = ChangePlan::new("rollback", Some(self.reason));
        for prompt in graph.prompts.keys() {
            let to = then.get(prompt).cloned();
            if to.is_none() && !can_serve_nothing(graph, prompt, environment)? {
                plan.notes.push(format!(
                    "{prompt} skipped: {environment} did not serve it then, and serves it now without a pointer file"
                ));
                continue;
            }
            let origin = Some(format!("served as of {name}"));
            let moved = graph.plan_move(prompt, environment, to, origin, &mut plan)?;
            plan.add_move(moved);
        }
        for gone in then.keys().filter(|name| !graph.prompts.contains_key(name)) {
            plan.notes.push(format!("{gone} skipped: it is no longer in the tree"));
        }
        if plan.effects.is_empty() {
            plan.notes.push(format!("{environment} already serves the state of {name}"));
        }
        let prompts = plural(plan.effects.len(), "prompt");
        plan.subject = format!("Roll back {prompts} in {environment} to {name}");
        Ok(plan)
    }
}

/// Whether an environment serves nothing of a prompt once its pointer file is removed. Without a file, the first
/// environment serves the highest version, and others what metadata says.
fn can_serve_nothing(
    graph: &PromptGraph<'_>,
    name: &PromptName,
    environment: &Environment,
) -> Result<bool, LoadError> {
    if graph.target_in(name, environment).is_none() {
        return Ok(true);
    }
    let is_first = graph.settings().environments.first() == Some(environment);
    Ok(!is_first && graph.prompt(name)?.1.pointers.contains_key(environment))
}

/// Returns the newest earlier target that lacks a version of the current target and was not rolled
/// back itself. Smaller shares of the current versions are skipped.
fn earlier_target(events: &[Change], served: &Target) -> Option<Target> {
    let mut line: Vec<&Target> = Vec::new();
    let mut last: Option<&Target> = None;
    for target in events.iter().flat_map(|event| [event.before(), event.after()]) {
        if target == last {
            continue;
        }
        last = target;
        let Some(target) = target else { continue };
        match line.iter().position(|known| *known == target) {
            Some(at) => line.truncate(at + 1),
            None => line.push(target),
        }
    }
    // Uncommitted changes come after all committed ones.
    if let Some(at) = line.iter().position(|known| *known == served) {
        line.truncate(at);
    }
    let has_all = |target: &Target| {
        let known = target.versions();
        served.versions().iter().all(|version| known.contains(version))
    };
    line.into_iter().rev().find(|target| !has_all(target)).cloned()
}

/// Returns the versions that an environment served before, newest first.
fn earlier_versions(events: &[Change], served: &Target) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    let targets = events.iter().rev().flat_map(|event| [event.after(), event.before()]).flatten();
    for version in targets.flat_map(|target| target.versions().into_iter().rev()) {
        if !versions.contains(version) && !served.versions().contains(&version) {
            versions.push(version.clone());
        }
    }
    versions.truncate(MOST_EARLIER);
    versions
}

/// Reads the targets of an environment as of a release.
fn served_in_release(
    previous: &PreviousRegistry,
    environment: &Environment,
    number: u64,
) -> Result<BTreeMap<PromptName, Target>> {
    let read = |path: &RegistryPath| previous.read(path);
    let served = match previous.published.served_as_of(environment, number, read)? {
        ServedAsOf::Served(served) => served,
        ServedAsOf::NoSnapshot => {
            return Err(
                PlanError::PackedRelease { environment: environment.clone(), number }.into()
            );
        }
        ServedAsOf::NoRelease => {
            let newest = previous.published.tails.get(&Chain::Environment(environment.clone()));
            let newest = newest.map(|tail| tail.release.sequence);
            let environment = environment.clone();
            return Err(PlanError::UnknownRelease { environment, number, newest }.into());
        }
    };
    let target = |(name, entries): (PromptName, Vec<Entry>)| Some((name, Target::of(&entries)?));
    Ok(served.into_iter().filter_map(target).collect())
}

/// Reads the targets of an environment as of a commit, or as of the newest commit before a time.
/// Also returns a display name of that commit.
fn served_in_commit(
    graph: &PromptGraph<'_>,
    environment: &Environment,
    PointInTime { text, time }: PointInTime<'_>,
) -> Result<(BTreeMap<PromptName, Target>, String)> {
    let root = graph.loader.tree().root();
    let Some(git) = graph.loader.tree().git()? else {
        return Err(Error::NotInGit { root: root.to_owned(), purpose: GitPurpose::Rollback });
    };
    let explained = |error: GitError| revision::explain_git_error(error, text);
    let (commit, name) = match git.commit(text) {
        Ok(commit) => (commit, text.to_owned()),
        Err(unknown) => {
            let Some(time) = time else {
                return Err(match text.parse() {
                    Ok(number) => PlanError::NoCommit { number }.into(),
                    Err(_) => explained(unknown),
                });
            };
            let head = git.head().map_err(explained)?;
            let commit = match head {
                Some(head) => git.commit_at(head, time).map_err(explained)?,
                None => None,
            };
            let Some(commit) = commit else {
                let is_shallow = git.is_shallow().map_err(explained)?;
                return Err(PlanError::NoCommitAsOld { time: time.clone(), is_shallow }.into());
            };
            (commit, time.to_string())
        }
    };
    let tree = Tree::at(root, Some(&commit.to_string()))?;
    let loader = Loader::open(&tree)?;
    let mut served = BTreeMap::new();
    for LoadedPrompt { prompt, .. } in loader.load_all()? {
        // Current settings are used, as if they had never changed.
        if let Some(target) = target(&prompt, graph.settings(), environment) {
            served.insert(prompt.name.clone(), target);
        }
    }
    let short: String = commit.to_string().chars().take(7).collect();
    let name =
        if commit.to_string().starts_with(text) { short } else { format!("{name} ({short})") };
    Ok((served, name))
}
