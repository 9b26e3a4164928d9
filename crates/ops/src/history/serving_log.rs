//! What environments served of a prompt: the past by which promotions and rollbacks are judged.

use std::collections::BTreeMap;

use promptdex_compare::promotion::{Past, Since};
use promptdex_core::model::Settings;
use promptdex_core::policy_check;
use promptdex_history::replay::{self, Numbers, Tails};
use promptdex_history::{Git, Oid};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Path as Address, PromptName};

use super::head::Head;
use crate::error::Result;
use crate::published::Previous;
use crate::tree::revision::explained;

/// Commits that tell it: all until `head`.
#[derive(Debug, Clone, Copy)]
pub struct Commits<'a> {
    /// The repository.
    pub git: &'a Git,
    /// The last of the commits.
    pub head: Oid,
    /// The commits that had the versions of prompts that are edited in place.
    pub numbers: &'a Numbers,
}

/// Reads what environments served of a prompt, and since when they serve what they do: from the published
/// registry, as far as it says that, else from commits.
pub fn read(
    name: &PromptName,
    served: &BTreeMap<Environment, Target>,
    settings: &Settings,
    commits: Option<Commits<'_>>,
    previous: Option<&Previous>,
) -> Result<Past> {
    let mut past = match commits {
        Some(commits) => of_commits(name, settings, commits)?,
        None => Past::default(),
    };
    for (environment, target) in served {
        past.serves(environment, target);
        let Some(previous) = previous else { continue };
        for version in target.versions() {
            let read = |path: &Address| previous.read(path);
            let since = previous.published.served_since(environment, name, version, read)?;
            if let Some((release, time)) = since {
                past.began(environment, version, Since { time, release: Some(release) });
            }
        }
    }
    if let Some(previous) = previous {
        for (environment, served) in &previous.published.served {
            let target = served.get(name).and_then(|entries| Target::of(entries));
            target.iter().for_each(|target| past.serves(environment, target));
        }
    }
    Ok(past)
}

fn of_commits(name: &PromptName, settings: &Settings, commits: Commits<'_>) -> Result<Past> {
    let Commits { git, head, numbers } = commits;
    let git = git.only(vec![name.to_string(), format!("{name}.md")]);
    let is_known = |other: &PromptName| other == name;
    let history = replay::read(&git, head, settings, &is_known, numbers, &Tails::new())
        .map_err(|error| explained(error, &head.to_string()))?;
    Ok(history.prompts.get(name).map(policy_check::past).unwrap_or_default())
}

impl Head {
    /// Returns the commits until this one, for what they tell of a prompt.
    pub fn commits<'a>(&'a self, numbers: &'a Numbers) -> Commits<'a> {
        Commits { git: &self.git, head: self.commit, numbers }
    }
}
