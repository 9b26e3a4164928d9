//! Events of the prompts of a tree, from its commits.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::history::{PromptHistory, TreeHistory};
use promptdex_core::model::Settings;
use promptdex_core::tree::{InPlaceForm, PromptFiles};
use promptdex_history::in_place_versions::{self, FormerFiles, NumberFile, list_former};
use promptdex_history::replay::{self, FirstCommits, HeldSince, ReleasedCommits};
use promptdex_wire::event::{Change, Operation};
use promptdex_wire::{Chain, PromptName};

use super::head::{HeadCommit, LazyHeadCommit};
use super::head_files::HeadFiles;
use super::in_place_versions::survey_with_versions;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// What was read at one commit, kept while a tree is built repeatedly.
#[derive(Debug, Default)]
pub struct HistoryCache {
    history: Mutex<Option<(u64, Arc<TreeHistory>)>>,
    files: Mutex<Option<Arc<HeadFiles>>>,
}

/// The number of prompts up to which Git reads only the commits of their files.
const MOST_PATHS: usize = 100;

/// Reads all events of the prompts of a tree. Returns `None` outside Git.
pub fn read_tree_history(tree: &Tree, settings: &Settings) -> Result<Option<Arc<TreeHistory>>> {
    let head = LazyHeadCommit::of(tree);
    let (survey, first_commits) = survey_with_versions(tree, &head)?;
    let Some(head) = head.get()? else { return Ok(None) };
    head.history(settings, &survey.prompts, &first_commits, None, None).map(Some)
}

/// Reads the events of some prompts of a tree. Returns `None` outside Git.
pub fn read_histories(
    tree: &Tree,
    settings: &Settings,
    names: &BTreeSet<PromptName>,
) -> Result<Option<TreeHistory>> {
    let lookup = LazyHeadCommit::of(tree);
    let (_, first_commits) = survey_with_versions(tree, &lookup)?;
    let Some(head) = lookup.get()? else { return Ok(None) };
    let mut git = head.git.clone();
    if names.len() <= MOST_PATHS {
        let paths = names.iter().flat_map(|name| [name.to_string(), format!("{name}.md")]);
        git = git.limit_to_paths(paths.collect());
    }
    let is_known = |name: &PromptName| names.contains(name);
    let (tails, held) = (ReleasedCommits::new(), HeldSince::new());
    let history =
        replay::read(&git, head.commit, settings, &is_known, &first_commits, &tails, &held);
    history.map(Some).map_err(of_head)
}

/// The events of a tree in Git, and of prompts that it once had.
#[derive(Debug)]
pub struct TreeLog {
    /// The events.
    pub history: TreeHistory,
    /// The prompts that the tree has now.
    pub prompts: BTreeSet<PromptName>,
}

/// Reads all events of a tree, including those of prompts that are gone. With a `name`, only events of that
/// prompt are needed. Returns `None` outside Git.
pub fn read_log(
    tree: &Tree,
    settings: &Settings,
    name: Option<&PromptName>,
) -> Result<Option<TreeLog>> {
    let lookup = LazyHeadCommit::of(tree);
    let (survey, mut first_commits) = survey_with_versions(tree, &lookup)?;
    let Some(head) = lookup.get()? else { return Ok(None) };
    let known: Vec<NumberFile> = first_commits
        .values()
        .filter_map(|(file, _)| Some((file.clone(), InPlaceForm::of_file(file)?)))
        .collect();
    let (git, commit) = (&head.git, head.commit);
    for FormerFiles { git, head, files } in
        list_former(git, commit, &known, name).map_err(of_head)?
    {
        let versions = in_place_versions::read(&git, head, &files).map_err(of_head)?;
        for (file, form) in files {
            let Ok(name) = form.folder(&file).parse::<PromptName>() else { continue };
            let commits = versions.get(&file).into_iter().flatten();
            let commits = commits.map(|(version, of)| (version.clone(), of.commit));
            let own = first_commits.entry(name).or_insert_with(|| (file.clone(), BTreeMap::new()));
            for (version, commit) in commits {
                own.1.entry(version).or_insert(commit);
            }
        }
    }
    first_commits.retain(|_, (_, commits)| !commits.is_empty());
    let is_known = |_: &PromptName| true;
    let tails = ReleasedCommits::new();
    let held = HeldSince::new();
    let history = replay::read(git, commit, settings, &is_known, &first_commits, &tails, &held);
    let mut history = history.map_err(of_head)?;
    let prompts: BTreeSet<PromptName> = survey.prompts.into_keys().collect();
    // A folder without a version was never a prompt.
    let is_prompt = |name: &PromptName, of: &PromptHistory| {
        let created = |change: &Change| change.operation == Operation::Created;
        let of_versions = of.events.get(&Chain::Catalog);
        prompts.contains(name)
            || of_versions.is_some_and(|changes| changes.iter().any(created))
            || history.missing_commits.get(name).is_some_and(|versions| !versions.is_empty())
    };
    let named: BTreeSet<PromptName> = history
        .prompts
        .iter()
        .filter(|(name, of)| is_prompt(name, of))
        .map(|(name, _)| name.clone())
        .collect();
    history.prompts.retain(|name, _| named.contains(name));
    Ok(Some(TreeLog { history, prompts }))
}

impl HeadCommit {
    /// Lists the files of the commit, or returns those that are known.
    pub fn known_files(&self, cache: Option<&HistoryCache>) -> Result<Arc<HeadFiles>> {
        let Some(cache) = cache else { return self.files().map(Arc::new) };
        let mut known = cache.files.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(files) if files.source.commit == self.commit.to_string() => Ok(Arc::clone(files)),
            _ => Ok(Arc::clone(known.insert(Arc::new(self.files()?)))),
        }
    }

    /// Reads the events of prompts. With a published registry, reads only those since the last
    /// release of each chain, and of a prompt that is held back since the last one that did not.
    pub fn history(
        &self,
        settings: &Settings,
        prompts: &BTreeMap<PromptName, PromptFiles>,
        first_commits: &FirstCommits,
        previous: Option<&PreviousRegistry>,
        history_cache: Option<&HistoryCache>,
    ) -> Result<Arc<TreeHistory>> {
        let mut hasher = DefaultHasher::new();
        let facts = format!("{:?}", (&settings.environments, &settings.aliases, settings.people));
        (self.commit, facts).hash(&mut hasher);
        prompts.keys().for_each(|name| name.hash(&mut hasher));
        let key = hasher.finish();
        let known = history_cache.map(|cache| &cache.history);
        let known = known.map(|known| known.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some((of, history)) = known.as_ref().and_then(|known| known.as_ref())
            && *of == key
        {
            return Ok(Arc::clone(history));
        }
        let tails: ReleasedCommits = previous
            .into_iter()
            .flat_map(|previous| &previous.published.tails)
            .map(|(chain, tail)| {
                let source = tail.release.source.as_ref();
                (chain.clone(), source.map(|source| source.commit.clone()))
            })
            .collect();
        let held = previous.map(PreviousRegistry::held_since).transpose()?.unwrap_or_default();
        let is_known = |name: &PromptName| prompts.contains_key(name);
        let history =
            replay::read(&self.git, self.commit, settings, &is_known, first_commits, &tails, &held);
        let history = Arc::new(history.map_err(of_head)?);
        if let Some(mut known) = known {
            *known = Some((key, Arc::clone(&history)));
        }
        Ok(history)
    }
}
