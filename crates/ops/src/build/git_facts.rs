//! What Git says of a tree that is compiled.

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

/// What Git says of the tree that is compiled.
#[derive(Default)]
pub(super) struct GitFacts {
    pub(super) history: Arc<TreeHistory>,
    /// What the commit has, where releases are made that could name it.
    pub(super) files: Option<HeadFiles>,
    /// The commit that the tree is said to be, without a look at what the commit has.
    pub(super) source: Option<Source>,
}

impl GitFacts {
    /// Returns the months in which something happened.
    pub(super) fn months(&self) -> BTreeSet<Month> {
        let prompts = self.history.prompts.values().flat_map(|prompt| prompt.events.values());
        let all = prompts.flatten().chain(&self.history.rules).chain(&self.history.settings);
        all.filter_map(|change| change.at.as_ref()).map(Timestamp::month).collect()
    }
}

/// Takes what is given, or asks Git about a tree, as far as it matters: of one that is only checked, whether something new was
/// made by a commit that is missing.
pub(super) fn read(
    head: &LazyHeadCommit<'_>,
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    numbers: &FirstCommits,
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
    let published = output.previous.map(|previous| &previous.published);
    let makes_releases = output.staging.is_some_and(|staging| !staging.is_preview());
    let (history, files) = rayon::join(
        || head.history(settings, prompts, numbers, published, output.memo),
        || makes_releases.then(|| head.files()).transpose(),
    );
    Ok(GitFacts { history: history?, files: files?, source: None })
}
