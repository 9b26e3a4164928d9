//! A change to check: its commits, and the state of the touched prompts in its base.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::promotion::ServingHistory;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Digest, Environment, PromptName, Timestamp, Version};

use crate::compile::targets;
use crate::model::{Prompt, PromptVersionSource, Settings};
use crate::tree::POLICY_FILE;

/// A proposed change of a tree, compared with its base.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedChange {
    /// How people name the base, such as `origin/main`; absent where the change is one of files on disk.
    pub base: Option<String>,
    /// The facts and the rules of the base.
    pub settings: Settings,
    /// What the base has of the prompts that the change touches.
    pub prompts: BTreeMap<PromptName, BasePrompt>,
    /// The commits of the change.
    pub commits: Vec<ChangeCommit>,
    /// The files of the tree that differ from the base.
    pub changed_paths: BTreeSet<String>,
    /// The folder that the base has the tree in, if the change moves it, and the folder it moves to.
    pub moved: Option<(String, String)>,
    /// The files of the tree that no commit has as they are.
    pub uncommitted_files: BTreeSet<String>,
    /// Who makes the change.
    pub actors: Actors,
    /// The time of the check.
    pub now: Timestamp,
}

impl ProposedChange {
    /// Returns the name of the base for messages.
    pub fn base_name(&self) -> &str {
        self.base.as_deref().unwrap_or("HEAD")
    }

    /// Names the file with the rules, for messages.
    pub(super) fn policy(&self) -> String {
        match &self.base {
            Some(base) => format!("{POLICY_FILE} of `{base}`"),
            None => POLICY_FILE.to_owned(),
        }
    }

    /// Returns the first file of a folder that differs from the base.
    pub(super) fn first_changed_below(&self, folder: &str) -> Option<&String> {
        let mut below = self.changed_paths.range(folder.to_owned()..);
        below.next().filter(|path| path.starts_with(folder))
    }

    /// Returns the commits that did something, and whether a part of it is not committed. Of the
    /// places where it can have been done, the first counts that the change touches: a file, a folder that
    /// ends with `/`, or everything if the place is empty.
    pub(super) fn find_commits(&self, places: &[String]) -> (Vec<&ChangeCommit>, bool) {
        for place in places {
            let is_there = |path: &String| {
                let is_folder = place.is_empty() || place.ends_with('/');
                path == place || (is_folder && path.starts_with(place.as_str()))
            };
            let commits: Vec<&ChangeCommit> =
                self.commits.iter().filter(|commit| commit.paths.iter().any(is_there)).collect();
            let is_open = self.uncommitted_files.iter().any(is_there);
            if is_open || !commits.is_empty() {
                return (commits, is_open);
            }
        }
        (Vec::new(), false)
    }
}

/// The people who make a change. Each of them needs the permissions for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Actors {
    /// The authors of the commits, as the commits claim them.
    #[default]
    Authors,
    /// These accounts, which whoever runs the check has authenticated; none if they are not known.
    Accounts(Vec<String>),
}

impl Actors {
    /// Returns the actors that a user names. `is_authenticated` means that authors of commits do not count.
    pub fn named(names: &[String], is_authenticated: bool) -> Self {
        // An empty environment variable names nobody.
        let names: Vec<String> = names
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() && !is_authenticated { Self::Authors } else { Self::Accounts(names) }
    }

    /// Returns the first account, if there is one.
    pub fn first_account(&self) -> Option<&String> {
        match self {
            Self::Authors => None,
            Self::Accounts(names) => names.first(),
        }
    }
}

/// A commit of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeCommit {
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
    /// The problem with its signature; also absent if signatures are not required.
    pub signature_problem: Option<String>,
}

/// The state of a prompt in the base of a change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BasePrompt {
    /// How people name the base.
    pub base: String,
    /// The digest of each version's source, unless it could not be read.
    pub versions: BTreeMap<Version, Option<Digest>>,
    /// The digests of the files of each version, by path in the version's folder.
    pub file_digests: BTreeMap<Version, Vec<(String, Digest)>>,
    /// The versions that are not active, with the reason.
    pub states: BTreeMap<Version, (State, String)>,
    /// `owners` of `prompt.yaml`.
    pub owners: Vec<String>,
    /// The prompt that replaces it.
    pub replaced_by: Option<PromptName>,
    /// The environments that have a file.
    pub files: BTreeSet<Environment>,
    /// What each environment serves.
    pub targets: BTreeMap<Environment, Target>,
    /// The last environment.
    pub last: Option<Environment>,
    /// The serving history, if it was needed.
    pub past: ServingHistory,
    /// The versions that the base branch got since the change began, with the digests of their sources.
    pub versions_since: BTreeMap<Version, Option<Digest>>,
    /// The numbers that commits of the change gave to a prompt that is edited in place, where they matter.
    pub given_numbers: BTreeSet<Version>,
}

impl BasePrompt {
    /// Takes what counts from a prompt as the base has it.
    pub fn of(base: &str, prompt: &Prompt, settings: &Settings) -> Self {
        let digest =
            |source: &PromptVersionSource| source.is_complete.then_some(source.source_digest);
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
            file_digests: prompt
                .versions
                .iter()
                .map(|(version, source)| (version.clone(), source.file_digests.clone()))
                .collect(),
            owners: prompt.owners.clone(),
            replaced_by: prompt.replaced_by.as_ref().map(|name| name.value.clone()),
            files: prompt.pointers.keys().cloned().collect(),
            targets: targets::targets(prompt, settings),
            last: settings.environments.last().cloned(),
            past: ServingHistory::default(),
            versions_since: BTreeMap::new(),
            given_numbers: BTreeSet::new(),
        }
    }

    /// Returns the state of a version, and why.
    pub(super) fn state(&self, version: &Version) -> (State, Option<&str>) {
        let state = self.states.get(version);
        state.map_or((State::Active, None), |(state, reason)| (*state, Some(reason.as_str())))
    }
}
