//! Events of the prompts of a tree, from its commits.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::history::TreeHistory;
use promptdex_core::model::Settings;
use promptdex_core::tree::PromptFiles;
use promptdex_history::replay::{self, FirstCommits, ReleasedCommits};
use promptdex_wire::PromptName;

use super::head::{HeadCommit, LazyHeadCommit};
use super::in_place_versions::survey_with_versions;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// The history read at one commit, kept while a tree is built repeatedly.
pub type HistoryCache = Mutex<Option<(u64, Arc<TreeHistory>)>>;

/// Reads all events of the prompts of a tree. Returns `None` outside Git.
pub fn read_tree_history(tree: &Tree, settings: &Settings) -> Result<Option<Arc<TreeHistory>>> {
    let head = LazyHeadCommit::of(tree);
    let (survey, first_commits) = survey_with_versions(tree, &head)?;
    let Some(head) = head.get()? else { return Ok(None) };
    head.history(settings, &survey.prompts, &first_commits, None, None).map(Some)
}

impl HeadCommit {
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
        let known = history_cache.map(|cache| cache.lock().unwrap_or_else(PoisonError::into_inner));
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
