//! From commits to events: what each commit made of the versions and pointers of each prompt.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use promptdex_core::compile::targets::{ServedVersions, targets};
use promptdex_core::history::{
    ServingHistory, TreeHistory, VersionOrigin, pointer_move, state_change, version_addition,
    version_edit, version_removal,
};
use promptdex_core::model::{People, Settings};
use promptdex_core::read::{read_claims, read_pointer, read_states};
use promptdex_core::source::normalize;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE, ServingFile, is_version_file, locate};
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{Chain, Environment, PromptName, Timestamp, Version};

use crate::commit_message::{contact, person};
use crate::first_parents::{Commit, CommitInfo, FileChange, Person, Visit, Walk};
use crate::git::{Git, GitError};
use crate::objects::ObjectCache;
use crate::oid::Oid;

/// The commit of the newest release of each chain, where the release names one. Empty without a published
/// registry.
pub type ReleasedCommits = BTreeMap<Chain, Option<String>>;

/// For each prompt that the newest releases hold back, the commit of the last release of each chain that did not.
pub type HeldSince = BTreeMap<PromptName, ReleasedCommits>;

/// For each prompt that is edited in place, the file with its version number and the commits that
/// introduced each version.
pub type FirstCommits = BTreeMap<PromptName, (String, BTreeMap<Version, Oid>)>;

/// Reads what happened to the prompts of a tree up to the commit `head`: with a published registry, since
/// the newest release of each of its chains, and of a prompt that is held back since the last one that did not
/// hold it back. The current `settings` are used for the whole history;
/// `is_known` tells which prompts exist, `first_commits` the versions of prompts that are edited in place.
pub fn read(
    git: &Git,
    head: Oid,
    settings: &Settings,
    is_known: &dyn Fn(&PromptName) -> bool,
    first_commits: &FirstCommits,
    tails: &ReleasedCommits,
    held: &HeldSince,
) -> Result<TreeHistory, GitError> {
    let chains = settings.environments.iter().cloned().map(Chain::Environment);
    let chains: BTreeSet<Chain> = chains.chain([Chain::Catalog]).collect();
    let parse = |id: &Option<String>| id.as_deref().and_then(Oid::parse);
    let tail = |chain: &Chain| tails.get(chain).and_then(parse);
    // A chain that begins now, or whose commit is not known, needs everything.
    let mut until: Vec<Option<Oid>> = chains.iter().map(tail).collect();
    until.extend(held.values().flatten().map(|(_, id)| parse(id)));
    let walk = Walk::read(git, head, &until)?;
    let age = |id: Option<Oid>| id.and_then(|id| walk.age(id));
    let since = chains.iter().map(|chain| (chain.clone(), age(tail(chain)))).collect();
    let held_since = held.iter().map(|(name, chains)| {
        let ages = chains.iter().map(|(chain, id)| (chain.clone(), age(parse(id))));
        (name, ages.collect())
    });
    let held_since = held_since.collect();
    let mut versions_by_commit: HashMap<Oid, Vec<(&PromptName, &Version)>> = HashMap::new();
    let mut number_files: HashMap<&str, &PromptName> = HashMap::new();
    for (name, (file, versions)) in first_commits {
        number_files.insert(file, name);
        for (version, commit) in versions {
            versions_by_commit.entry(*commit).or_default().push((name, version));
        }
    }
    let mut replay = Replay {
        settings,
        is_known,
        walk: &walk,
        since,
        held_since,
        first_commits,
        versions_by_commit,
        number_files,
        contents: ObjectCache::open(git)?,
        prompts: BTreeMap::new(),
        history: TreeHistory::default(),
    };
    let step = |replay: &mut Replay<'_>, commits: &[Commit]| {
        replay.fetch(commits.iter().flat_map(|commit| &commit.changes))?;
        for commit in commits {
            replay.commit(commit)?;
            let place = replay.history.order.len();
            replay.history.order.insert(commit.facts.id.to_string(), place);
        }
        replay.contents.forget();
        Ok(())
    };
    if walk.base().is_some() {
        // What the commits touch is looked at as it was before them.
        let mut commits = Vec::new();
        walk.visit(&mut |visit| {
            match visit {
                Visit::Commits(more) => commits.extend(more),
                Visit::Restart => commits.clear(),
            }
            Ok(())
        })?;
        replay.begin(&commits)?;
        step(&mut replay, &commits)?;
    } else {
        walk.visit(&mut |visit| match visit {
            Visit::Commits(commits) => step(&mut replay, &commits),
            Visit::Restart => {
                replay.prompts.clear();
                replay.history = TreeHistory::default();
                Ok(())
            }
        })?;
    }
    let mut history = replay.history;
    history.prompts.retain(|_, prompt| !prompt.is_empty());
    Ok(history)
}

/// With so many prompts to look at, the whole tree is listed.
const FOLDERS_AT_ONCE: usize = 200;

struct Replay<'a> {
    settings: &'a Settings,
    is_known: &'a dyn Fn(&PromptName) -> bool,
    walk: &'a Walk,
    /// The age of the newest release of each chain; younger commits are not released yet.
    since: BTreeMap<Chain, Option<usize>>,
    /// The same for prompts that are held back: the age of the last release that did not.
    held_since: BTreeMap<&'a PromptName, BTreeMap<Chain, Option<usize>>>,
    first_commits: &'a FirstCommits,
    /// The versions of `first_commits`, by commit.
    versions_by_commit: HashMap<Oid, Vec<(&'a PromptName, &'a Version)>>,
    /// The prompts that are edited in place, by the file that has the number.
    number_files: HashMap<&'a str, &'a PromptName>,
    contents: ObjectCache,
    prompts: BTreeMap<PromptName, PromptState>,
    history: TreeHistory,
}

impl Replay<'_> {
    /// Takes the state of the tree before the first commit.
    fn begin(&mut self, commits: &[Commit]) -> Result<(), GitError> {
        let is_known = self.is_known;
        let walk = self.walk;
        let Some((git, base)) = walk.base_tree() else { return Ok(()) };
        let mut touched: BTreeSet<PromptName> = BTreeSet::new();
        for change in commits.iter().flat_map(|commit| &commit.changes) {
            let names = change.part.as_ref().map(|(name, _)| name);
            touched.extend(names.filter(|name| is_known(name)).cloned());
        }
        let walked: HashSet<Oid> = commits.iter().map(|c| c.facts.id).collect();
        for (name, (_, versions)) in self.first_commits {
            if versions.values().any(|commit| walked.contains(commit)) {
                touched.insert(name.clone());
            }
        }
        // What commits before these have numbered is there already.
        for (name, (_, versions)) in self.first_commits {
            if touched.contains(name) || self.walk.is_cut() {
                let state = self.prompts.entry(name.clone()).or_default();
                for version in versions.iter().filter(|(_, c)| !walked.contains(*c)) {
                    state.add_number(version.0);
                }
            }
        }
        if touched.is_empty() && !self.walk.is_cut() {
            return Ok(());
        }
        let folders: Vec<String> = if self.walk.is_cut() || touched.len() > FOLDERS_AT_ONCE {
            Vec::new()
        } else {
            touched.iter().map(|name| format!("{name}/")).collect()
        };
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let files: Vec<FileChange> = git
            .list_if_there(base, "", &folders)?
            .into_iter()
            .map(|(path, file)| {
                let part = locate(&path);
                FileChange { path, part, old: None, new: Some(file.oid), origin: None }
            })
            .collect();
        self.fetch(&files)?;
        for change in &files {
            let located = change.part.as_ref().filter(|(name, _)| is_known(name));
            let Some((name, part)) = located else { continue };
            self.prompts.entry(name.clone()).or_default().apply(
                name,
                part,
                change,
                &mut self.contents,
            )?;
        }
        for (name, state) in &mut self.prompts {
            state.update_targets(self.settings, &mut self.contents)?;
            for (environment, target) in &state.served {
                state.past.record_served(environment, target);
            }
            if self.walk.is_cut() {
                let versions = state.versions.keys().cloned().collect();
                self.history.missing_commits.insert(name.clone(), versions);
            }
        }
        Ok(())
    }

    /// Reads the contents that changes need, together.
    fn fetch<'c>(
        &mut self,
        changes: impl IntoIterator<Item = &'c FileChange>,
    ) -> Result<(), GitError> {
        let is_known = self.is_known;
        let mut needed = Vec::new();
        for change in changes {
            let Some(new) = change.new else { continue };
            let located = change.part.as_ref().filter(|(name, _)| is_known(name));
            let Some((name, part)) = located else { continue };
            let is_needed = match part {
                ServingFile::PromptFile | ServingFile::Environment(Some(_)) => true,
                ServingFile::Environment(None) => false,
                ServingFile::Version(_, inside) => {
                    // Metadata says where a version is served while nothing else does.
                    let has_environments =
                        self.prompts.get(name).is_some_and(|state| state.environment_files > 0);
                    metadata_form(inside).is_some() && !has_environments
                }
            };
            if is_needed {
                needed.push(new);
            }
        }
        self.contents.fetch(&needed)
    }

    /// Applies a commit to the state, and records its events.
    fn commit(&mut self, commit: &Commit) -> Result<(), GitError> {
        let mut touched: BTreeMap<&PromptName, Vec<(&ServingFile, &FileChange)>> = BTreeMap::new();
        let mut number_changes: Vec<(&PromptName, &FileChange)> = Vec::new();
        for change in &commit.changes {
            if let Some(name) = self.number_files.get(change.path.as_str()).copied() {
                touched.entry(name).or_default();
                number_changes.push((name, change));
            }
            if let Some((name, part)) = &change.part {
                if (self.is_known)(name) {
                    touched.entry(name).or_default().push((part, change));
                }
                continue;
            }
            let is_new = self.is_new(None, &Chain::Catalog, commit);
            match change.path.as_str() {
                POLICY_FILE if is_new => {
                    let rules = Change::new(None, Operation::RulesChanged, None, None);
                    let rule_change = self.attribute_change(rules, commit, Some(change));
                    self.history.rules.push(rule_change);
                }
                REGISTRY_FILE => {
                    let settings = Change::new(None, Operation::RulesChanged, None, None);
                    self.history.settings =
                        Some(self.attribute_change(settings, commit, Some(change)));
                }
                _ => {}
            }
        }
        let numbered = self.versions_by_commit.get(&commit.facts.id).cloned().unwrap_or_default();
        for (name, _) in &numbered {
            touched.entry(name).or_default();
        }
        for (name, changes) in touched {
            let own = numbered.iter().filter(|(own, _)| *own == name);
            let versions: Vec<&Version> = own.map(|(_, version)| *version).collect();
            let number = number_changes.iter().find(|(own, _)| *own == name);
            self.prompt(commit, name, &changes, &versions, number.map(|(_, change)| *change))?;
        }
        Ok(())
    }

    /// Applies what a commit changed in a prompt.
    fn prompt(
        &mut self,
        commit: &Commit,
        name: &PromptName,
        changes: &[(&ServingFile, &FileChange)],
        numbered: &[&Version],
        number: Option<&FileChange>,
    ) -> Result<(), GitError> {
        let mut state = self.prompts.remove(name).unwrap_or_default();
        let before: BTreeSet<Version> = changes
            .iter()
            .filter_map(|(part, _)| match part {
                ServingFile::Version(version, _) => Some(version.clone()),
                _ => None,
            })
            .chain(state.numbers.iter().cloned())
            .filter(|version| state.versions.contains_key(version))
            .collect();
        let is_gone = number.is_some_and(|change| change.new.is_none());
        let is_back = number.is_some_and(|change| change.old.is_none());
        let returned: BTreeSet<Version> =
            if is_back { std::mem::take(&mut state.lost_numbers) } else { BTreeSet::new() };
        let new = changes.iter().filter_map(|(part, change)| match part {
            ServingFile::Version(version, _) if change.old.is_none() => Some(version),
            _ => None,
        });
        let new = new.chain(numbered.iter().copied()).chain(&returned);
        let new: BTreeSet<&Version> =
            new.filter(|version| !state.versions.contains_key(*version)).collect();
        for version in numbered.iter().copied().chain(&returned) {
            state.add_number(version);
        }
        if is_gone {
            state.lose_numbers();
        }
        let find_origin = |version: &Version| match number.and_then(|change| change.origin.as_ref())
        {
            Some(origin) if numbered.contains(&version) => Arc::clone(origin),
            _ => self.walk.find_first_commit(commit, name, version),
        };
        let touches_states = changes.iter().any(|(part, _)| **part == ServingFile::PromptFile);
        let states = if touches_states { state.states.clone() } else { DeclaredStates::new() };
        // What is served is worked out anew.
        let served = std::mem::take(&mut state.served);
        for (part, change) in changes {
            state.apply(name, part, change, &mut self.contents)?;
        }
        state.update_targets(self.settings, &mut self.contents)?;
        let is_new = self.is_new(Some(name), &Chain::Catalog, commit);
        let mut events: Vec<(Chain, Change)> = Vec::new();
        for version in new.iter().copied().filter(|version| state.versions.contains_key(*version)) {
            let origin = find_origin(version);
            if self.walk.is_cut_side(commit, &origin) {
                // Whoever made it may have made it in a commit that is missing.
                let missing = self.history.missing_commits.entry(name.clone()).or_default();
                missing.insert(version.clone());
            }
            events.push((
                Chain::Catalog,
                self.fill_in_origin(version_addition(name, version), commit, &origin),
            ));
            if is_new {
                let created = self.history.prompts.entry(name.clone()).or_default();
                let at = origin.authored_at.and_then(Timestamp::from_unix);
                let is_unknown = self.walk.is_cut_side(commit, &origin);
                let by = person_to_publish(&origin.author, self.settings.people);
                let by = by.filter(|_| !is_unknown);
                let origin = VersionOrigin { by, at };
                if returned.contains(version) {
                    // Whoever brings a file back did not make what its numbers stand for.
                    created.version_origins.entry(version.clone()).or_insert(origin);
                } else {
                    created.version_origins.insert(version.clone(), origin);
                }
            }
        }
        let now = if touches_states { &state.states } else { &states };
        for version in &before {
            let own_files = changes
                .iter()
                .filter(|(part, _)| matches!(part, ServingFile::Version(own, _) if own == version));
            let change = if state.versions.contains_key(version) {
                let Some((_, edited)) =
                    own_files.copied().find(|(part, change)| self.contents.is_edit(part, change))
                else {
                    continue;
                };
                self.attribute_change(version_edit(name, version), commit, Some(edited))
            } else if now.get(version).is_some_and(|(state, _)| *state == State::Redacted) {
                // Its files go with its text.
                continue;
            } else {
                let file = own_files.map(|(_, change)| *change).next_back().or(number);
                self.attribute_change(version_removal(name, version), commit, file)
            };
            events.push((Chain::Catalog, change));
        }
        let of_file = |wanted: &ServingFile| {
            changes.iter().find(|(part, _)| *part == wanted).map(|(_, change)| *change)
        };
        let versions: BTreeSet<&Version> = states.keys().chain(now.keys()).collect();
        for version in versions {
            let pair = |states: &'_ DeclaredStates| {
                states
                    .get(version)
                    .map_or((State::Active, None), |(state, reason)| (*state, Some(reason.clone())))
            };
            let (was, is) = (pair(&states), pair(now));
            let (old, new) = ((was.0, was.1.as_deref()), (is.0, is.1.as_deref()));
            if let Some(change) = state_change(name, version, old, new) {
                let change =
                    self.attribute_change(change, commit, of_file(&ServingFile::PromptFile));
                events.push((Chain::Catalog, change));
            }
        }
        for environment in &self.settings.environments {
            let (from, to) = (served.get(environment), state.served.get(environment));
            let change = pointer_move(name, environment, from.cloned(), to.cloned(), &state.past);
            if let Some(change) = change {
                let file = of_file(&ServingFile::Environment(Some(environment.clone())));
                let main = change.after().and_then(Target::main);
                let added = main.filter(|version| new.contains(*version));
                let change = match (file, added) {
                    (None, Some(version)) => {
                        let origin = find_origin(version);
                        self.fill_in_origin(change, commit, &origin)
                    }
                    _ => {
                        // A state that was set moves what has no file of its own.
                        let states = of_file(&ServingFile::PromptFile);
                        let first = changes.first().map(|(_, change)| *change);
                        self.attribute_change(change, commit, file.or(states).or(first))
                    }
                };
                let (from, to) = (change.before(), change.after());
                state.past.record(environment, from, to, None);
                events.push((Chain::Environment(environment.clone()), change));
            }
        }
        self.prompts.insert(name.clone(), state);
        events.retain(|(chain, _)| self.is_new(Some(name), chain, commit));
        let history = self.history.prompts.entry(name.clone()).or_default();
        for (chain, change) in events {
            history.events.entry(chain).or_default().push(change);
        }
        Ok(())
    }

    /// Whether a commit came after the newest release of a chain that published a prompt, or the rules.
    fn is_new(&self, name: Option<&PromptName>, chain: &Chain, commit: &Commit) -> bool {
        let held = name.and_then(|name| self.held_since.get(name)?.get(chain));
        let since = held.or(self.since.get(chain)).copied().flatten();
        since.is_none_or(|since| self.walk.age(commit.facts.id).is_some_and(|age| age < since))
    }

    /// Fills in the author, time and reason of a change that came with a file of a commit.
    fn attribute_change(
        &self,
        change: Change,
        commit: &Commit,
        file: Option<&FileChange>,
    ) -> Change {
        let origin = file.and_then(|file| file.origin.as_ref());
        self.fill_in_origin(change, commit, origin.unwrap_or(&commit.facts))
    }

    /// Fills in the author, time and reason of a change: `origin` is the commit that made it, `commit` the
    /// one on the first-parent path.
    fn fill_in_origin(&self, change: Change, commit: &Commit, origin: &CommitInfo) -> Change {
        let people = self.settings.people;
        let landed = &commit.facts;
        // Who merged is not who did it, when the commits that did are missing.
        let is_unknown = self.walk.is_cut_side(commit, origin);
        let by = person_to_publish(&origin.author, people).filter(|_| !is_unknown);
        let is_own = origin.id == landed.id && !is_unknown;
        let other = if is_own { &landed.committer } else { &landed.author };
        let messages = [&origin.message, &landed.message];
        let trailers = |of: fn(&crate::commit_message::CommitMessage) -> &Vec<String>| {
            let mut published: Vec<String> = Vec::new();
            for text in messages.into_iter().flat_map(of) {
                let text = self.walk.contact(text);
                let (name, email) = contact(&text);
                published.extend(
                    person(name, email, people).filter(|person| !published.contains(person)),
                );
            }
            published
        };
        Change {
            committed_by: person_to_publish(other, people)
                .filter(|other| Some(other) != by.as_ref()),
            by,
            at: landed.committed_at.and_then(Timestamp::from_unix),
            commit: Some(landed.id.to_string()),
            reason: change
                .reason
                .or_else(|| messages.into_iter().find_map(|message| message.reason.clone())),
            subject: origin.message.subject.clone(),
            pull_request: messages.into_iter().rev().find_map(|message| message.pull_request),
            reviewed_by: trailers(|message| &message.reviewed_by),
            co_authored_by: trailers(|message| &message.co_authored_by),
            name: change.name,
            operation: change.operation,
            from: change.from,
            to: change.to,
        }
    }
}

fn person_to_publish(who: &Person, people: People) -> Option<String> {
    person(&who.name, &who.email, people)
}

type DeclaredStates = BTreeMap<Version, (State, String)>;

/// The state of a prompt as of some commit: the parts that decide what is served.
#[derive(Debug, Default)]
struct PromptState {
    versions: BTreeMap<Version, VersionFolder>,
    /// The values of `environment` and `status` in the metadata.
    claims: BTreeMap<Version, (Option<String>, Option<String>)>,
    pointers: BTreeMap<Environment, Target>,
    /// How many files `environments/` has.
    environment_files: usize,
    states: DeclaredStates,
    /// What the environments serve.
    served: BTreeMap<Environment, Target>,
    /// What they have served.
    past: ServingHistory,
    /// The versions that it has by numbers in its file, and those that it had before the file went away.
    numbers: BTreeSet<Version>,
    lost_numbers: BTreeSet<Version>,
}

#[derive(Debug, Default)]
struct VersionFolder {
    count: usize,
    /// The metadata, and whether it is JSON.
    metadata: Option<(Oid, bool)>,
}

impl ObjectCache {
    /// Whether the change of a file changes the version that the file is of. Line ends do not count, nor do
    /// files that are not read.
    fn is_edit(&mut self, part: &ServingFile, change: &FileChange) -> bool {
        let is_part = matches!(part, ServingFile::Version(_, inside) if is_version_file(inside));
        let (Some(old), Some(new)) = (change.old, change.new) else { return is_part };
        // What a partial clone does not have may differ.
        let is_same = match (self.read(old), self.read(new)) {
            (Ok(old), Ok(new)) => old == new || is_same_text(&old, &new),
            _ => false,
        };
        is_part && !is_same
    }
}

/// Whether two files have the same text, apart from line ends.
fn is_same_text(old: &[u8], new: &[u8]) -> bool {
    let is_text = |bytes| std::str::from_utf8(bytes).is_ok();
    is_text(old) && is_text(new) && normalize(old) == normalize(new)
}

/// Whether a file is metadata, and if it is JSON.
fn metadata_form(inside: &str) -> Option<bool> {
    match inside {
        "metadata.json" => Some(true),
        "metadata.yaml" => Some(false),
        _ => None,
    }
}

impl PromptState {
    /// Adds a version that a number in the file of a prompt in place stands for.
    fn add_number(&mut self, version: &Version) {
        if self.numbers.insert(version.clone()) {
            self.versions.entry(version.clone()).or_default().count += 1;
        }
    }

    /// Takes away the versions of a prompt in place whose file is gone.
    fn lose_numbers(&mut self) {
        for version in std::mem::take(&mut self.numbers) {
            if let Some(files) = self.versions.get_mut(&version) {
                files.count = files.count.saturating_sub(1);
                if files.count == 0 {
                    self.versions.remove(&version);
                    self.claims.remove(&version);
                }
            }
            self.lost_numbers.insert(version);
        }
    }

    /// Applies the change of one file. What cannot be read leaves what was.
    fn apply(
        &mut self,
        name: &PromptName,
        part: &ServingFile,
        change: &FileChange,
        contents: &mut ObjectCache,
    ) -> Result<(), GitError> {
        let (is_added, is_removed) = (change.old.is_none(), change.new.is_none());
        match part {
            ServingFile::PromptFile => match change.new {
                None => self.states.clear(),
                Some(new) => {
                    if let Some(states) = read_states(name, &contents.read(new)?) {
                        self.states = states;
                    }
                }
            },
            ServingFile::Environment(environment) => {
                if is_added {
                    self.environment_files += 1;
                } else if is_removed {
                    self.environment_files = self.environment_files.saturating_sub(1);
                }
                let Some(environment) = environment else { return Ok(()) };
                match change.new {
                    None => drop(self.pointers.remove(environment)),
                    Some(new) => {
                        if let Some(target) = read_pointer(&contents.read(new)?) {
                            self.pointers.insert(environment.clone(), target);
                        }
                    }
                }
            }
            ServingFile::Version(version, inside) => {
                let files = self.versions.entry(version.clone()).or_default();
                if is_added {
                    files.count += 1;
                } else if is_removed {
                    files.count = files.count.saturating_sub(1);
                }
                if let Some(is_json) = metadata_form(inside) {
                    files.metadata = change.new.map(|new| (new, is_json));
                    self.claims.remove(version);
                }
                if files.count == 0 {
                    self.versions.remove(version);
                    self.claims.remove(version);
                }
            }
        }
        Ok(())
    }

    /// Works out what the environments serve.
    fn update_targets(
        &mut self,
        settings: &Settings,
        contents: &mut ObjectCache,
    ) -> Result<(), GitError> {
        if self.environment_files == 0 {
            for (version, files) in &self.versions {
                if let Some((metadata, is_json)) = files.metadata
                    && !self.claims.contains_key(version)
                {
                    let claims = read_claims(&contents.read(metadata)?, is_json);
                    self.claims.insert(version.clone(), claims);
                }
            }
        }
        self.served = targets(self, settings);
        Ok(())
    }
}

impl ServedVersions for PromptState {
    fn has_environments(&self) -> bool {
        self.environment_files > 0
    }

    fn pointer(&self, environment: &Environment) -> Option<&Target> {
        self.pointers.get(environment)
    }

    fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions.keys()
    }

    fn has(&self, version: &Version) -> bool {
        self.versions.contains_key(version)
    }

    fn state(&self, version: &Version) -> State {
        self.states.get(version).map_or(State::Active, |(state, _)| *state)
    }

    fn claims(&self) -> impl Iterator<Item = (&Version, Option<&str>, Option<&str>)> {
        self.claims.iter().map(|(version, (environment, status))| {
            (version, environment.as_deref(), status.as_deref())
        })
    }
}
