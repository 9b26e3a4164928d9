//! The serving history of a prompt, which policy checks of promotions and rollbacks need.

use std::collections::BTreeMap;

use promptdex_compare::promotion::ServingHistory;
use promptdex_core::model::Settings;
use promptdex_core::policy_check;
use promptdex_history::replay::{self, FirstCommits, HeldSince, ReleasedCommits};
use promptdex_history::{Git, Oid, clock};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, RegistryPath, Timestamp};

use super::head::HeadCommit;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::tree::revision::explain_git_error;

/// The commits to read the serving history from: all ancestors of `head`.
#[derive(Debug, Clone, Copy)]
pub struct CommitRange<'a> {
    /// The repository.
    pub git: &'a Git,
    /// The newest commit.
    pub head: Oid,
    /// The commits that introduced the versions of prompts that are edited in place.
    pub first_commits: &'a FirstCommits,
}

/// Reads the serving history of a prompt: earlier targets, and the time since which each current
/// version is served. The published registry takes precedence over commits. Times of commits that cannot be
/// right, with `now` as the time of the check, are doubted.
pub fn read(
    name: &PromptName,
    served: &BTreeMap<Environment, Target>,
    settings: &Settings,
    commits: Option<CommitRange<'_>>,
    previous: Option<&PreviousRegistry>,
    now: &Timestamp,
) -> Result<ServingHistory> {
    let mut past = match commits {
        Some(commits) => of_commits(name, settings, commits)?,
        None => ServingHistory::default(),
    };
    for (environment, target) in served {
        past.record_served(environment, target);
        let Some(previous) = previous else { continue };
        for version in target.versions() {
            let read = |path: &RegistryPath| previous.read(path);
            let steps = previous.published.serving_steps(environment, name, version, read)?;
            // A registry without times leaves what commits say.
            if steps.iter().any(|step| step.since.is_some()) {
                past.record_steps(environment, version, steps);
            }
        }
    }
    if let Some(previous) = previous {
        for (environment, served) in &previous.published.served_entries {
            let target = served.get(name).and_then(|entries| Target::of(entries));
            target.iter().for_each(|target| past.record_served(environment, target));
        }
    }
    if let Some(CommitRange { git, head, .. }) = commits {
        let explain = |error| explain_git_error(error, &head.to_string());
        let ids = past.commits().into_iter().filter_map(Oid::parse).collect();
        for (commit, problem) in clock::find_problems(git, ids, now).map_err(explain)? {
            past.record_doubt(commit.to_string(), problem.to_string());
        }
    }
    Ok(past)
}

fn of_commits(
    name: &PromptName,
    settings: &Settings,
    commits: CommitRange<'_>,
) -> Result<ServingHistory> {
    let CommitRange { git, head, first_commits } = commits;
    let git = git.limit_to_paths(vec![name.to_string(), format!("{name}.md")]);
    let is_known = |other: &PromptName| other == name;
    let history = replay::read(
        &git,
        head,
        settings,
        &is_known,
        first_commits,
        &ReleasedCommits::new(),
        &HeldSince::new(),
    )
    .map_err(|error| explain_git_error(error, &head.to_string()))?;
    Ok(history.prompts.get(name).map(policy_check::serving_history).unwrap_or_default())
}

impl HeadCommit {
    /// Returns this commit and its ancestors as the source of serving histories.
    pub fn commits<'a>(&'a self, first_commits: &'a FirstCommits) -> CommitRange<'a> {
        CommitRange { git: &self.git, head: self.commit, first_commits }
    }
}
