//! Git facts about the tree that a build compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promptdex_core::history::TreeHistory;
use promptdex_core::model::Settings;
use promptdex_core::tree::PromptFiles;
use promptdex_history::replay::FirstCommits;
use promptdex_wire::release::Source;
use promptdex_wire::{Month, PromptName, Timestamp};

use super::output::Output;
use crate::error::Result;
use crate::history::head::LazyHeadCommit;
use crate::history::head_files::HeadFiles;

/// Git facts about the tree that a build compiles.
#[derive(Default)]
pub(super) struct GitFacts {
    pub(super) history: Arc<TreeHistory>,
    /// The files of the current commit. Present only if the build writes something: what differs
    /// from the commit has no author, and releases name the commit if the tree equals it.
    pub(super) files: Option<Arc<HeadFiles>>,
    /// The commit of the tree, if the caller supplied it. It is not compared with the files.
    pub(super) source: Option<Source>,
}

impl GitFacts {
    /// Returns the months that have events.
    pub(super) fn months(&self) -> BTreeSet<Month> {
        let prompts = self.history.prompts.values().flat_map(|prompt| prompt.events.values());
        let all = prompts.flatten().chain(&self.history.rules).chain(&self.history.settings);
        all.filter_map(|change| change.at.as_ref()).map(Timestamp::month).collect()
    }
}

/// Returns the past that the caller supplied, or reads as much from Git as the build needs. A check
/// without a published registry needs nothing. A check with one needs the history alone, to find
/// new versions whose commit is missing.
pub(super) fn read(
    head: &LazyHeadCommit<'_>,
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    first_commits: &FirstCommits,
    output: &Output<'_>,
) -> Result<GitFacts> {
    if let Some(past) = output.past {
        let (history, source) = (Arc::clone(&past.history), past.source.clone());
        return Ok(GitFacts { history, files: None, source });
    }
    let is_asked = output.staging.is_some() || output.previous.is_some();
    let Some(head) = (if is_asked { head.get()? } else { None }) else {
        return Ok(GitFacts::default());
    };
    let (history, files) = rayon::join(
        || head.history(settings, prompts, first_commits, output.previous, output.history_cache),
        || output.staging.map(|_| head.known_files(output.history_cache)).transpose(),
    );
    Ok(GitFacts { history: history?, files: files?, source: None })
}
