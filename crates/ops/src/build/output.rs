//! What a build continues, where it writes, and what it may use.

use promptdex_core::published_registry::PublishedRegistry;
use promptdex_wire::RegistryPath;

use super::cache::CacheIndex;
use super::inputs::{JudgedChange, TreePast};
use super::site::Site;
use super::tokens::TokenCount;
use crate::error::Result;
use crate::history::events::HistoryCache;
use crate::history::in_place_versions::DraftPolicy;
use crate::published::PreviousRegistry;
use crate::target::Staging;
use crate::tree::stamp::FileClock;

/// What a run continues and where it writes.
#[derive(Debug, Default)]
pub struct Output<'a> {
    /// Where the files go; without it, the tree is only checked.
    pub staging: Option<&'a Staging>,
    /// The published registry that the tree continues.
    pub previous: Option<&'a PreviousRegistry>,
    /// Makes stamps, for what is remembered.
    pub clock: Option<FileClock>,
    /// What is remembered of the last build.
    pub index: Option<&'a CacheIndex>,
    /// The site; without it there are no pages.
    pub site: Option<&'a Site>,
    /// What Git has said before; only a preview has it.
    pub memo: Option<&'a HistoryCache>,
    /// What becomes of drafts.
    pub drafts: DraftPolicy,
    /// The change that the tree is, when one is judged.
    pub proposed: Option<JudgedChange<'a>>,
    /// What is known of the past of the tree; without it, Git is asked.
    pub past: Option<&'a TreePast>,
    /// Counts tokens; without it, the tokenizer of the registry does.
    pub count: Option<TokenCount<'a>>,
}

impl Output<'_> {
    /// Returns what the chains of the published registry say, if the build continues one.
    pub(super) fn published(&self) -> Option<&PublishedRegistry> {
        self.previous.map(|previous| &previous.published)
    }

    /// Reads a file that this run has written, or that is published.
    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        let staged = self.staging.map_or(Ok(None), |staging| staging.read(path))?;
        match (staged, self.previous) {
            (None, Some(previous)) => previous.read(path),
            (bytes, _) => Ok(bytes),
        }
    }
}
