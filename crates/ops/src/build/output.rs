//! Options of a run: the registry it continues, the place it writes to, and the facts it may use.

use promptdex_core::published_registry::PublishedRegistry;
use promptdex_core::rules::Severity;
use promptdex_wire::RegistryPath;

use super::cache::CacheIndex;
use super::inputs::{JudgedChange, Publisher, TreePast};
use super::site::Site;
use super::tokens::TokenCount;
use crate::error::Result;
use crate::history::events::HistoryCache;
use crate::history::in_place_versions::DraftPolicy;
use crate::published::PreviousRegistry;
use crate::target::Staging;
use crate::tree::stamp::FileClock;

/// Options of a run over a tree.
#[derive(Debug, Default)]
pub struct Output<'a> {
    /// The staging area for the files. Without it, the tree is only checked.
    pub staging: Option<&'a Staging>,
    /// The published registry that the tree continues.
    pub previous: Option<&'a PreviousRegistry>,
    /// The clock for the stamps of files in the cache.
    pub clock: Option<FileClock>,
    /// The build cache of the last build.
    pub index: Option<&'a CacheIndex>,
    /// The site. Without a site, no pages are written.
    pub site: Option<&'a Site>,
    /// The Git history of the last build, kept by previews only.
    pub history_cache: Option<&'a HistoryCache>,
    /// How to treat unreleased edits of prompts in place.
    pub drafts: DraftPolicy,
    /// The change to check, if the tree is one.
    pub judged_change: Option<JudgedChange<'a>>,
    /// The past of the tree. If omitted, it is read from Git.
    pub past: Option<&'a TreePast>,
    /// Who publishes what the build writes. If omitted, its releases do not say so.
    pub publisher: Option<&'a Publisher>,
    /// Whether releases older than the newest 100 of each chain are packed.
    pub is_packed: bool,
    /// The least severity of findings for which a build that continues a registry holds their prompt back. Without one,
    /// an error in any prompt stops the build.
    pub holds: Option<Severity>,
    /// The token counter. If omitted, the tokenizer of the registry counts.
    pub count: Option<TokenCount<'a>>,
}

impl Output<'_> {
    /// Returns the published registry that the build continues, if there is one.
    pub(super) fn published_registry(&self) -> Option<&PublishedRegistry> {
        self.previous.map(|previous| &previous.published)
    }

    /// Reads a file that this run wrote, or else the published file.
    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        let staged = self.staging.map_or(Ok(None), |staging| staging.read(path))?;
        match (staged, self.previous) {
            (None, Some(previous)) => previous.read(path),
            (bytes, _) => Ok(bytes),
        }
    }
}
