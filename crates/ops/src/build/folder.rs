//! A build of a tree into a folder: started, run, and then committed or dropped.

use std::path::{Path, PathBuf};

use promptdex_core::rules::Severity;
use promptdex_wire::Timestamp;

use crate::build;
use crate::build::cache::{BuildCache, CacheIndex, CacheUpdate};
use crate::build::inputs::Publisher;
use crate::build::outcome::BuildOutcome;
use crate::build::output::Output;
use crate::build::site::Site;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::target::Staging;
use crate::tree::Tree;

/// Options of a build into a folder.
#[derive(Debug)]
pub struct FolderOptions<'a> {
    /// The folder to write to.
    pub output: &'a Path,
    /// The folder of the published registry that the build continues. It may be the output folder.
    pub previous: Option<PathBuf>,
    /// Whether releases older than the newest 100 of each chain are packed.
    pub is_packed: bool,
    /// Whether the build uses the cache.
    pub is_cached: bool,
    /// The site. Without a site, no pages are written.
    pub site: Option<Site>,
    /// Who publishes what the build writes, and when.
    pub publisher: Publisher,
    /// The least severity of findings for which a build that continues a registry holds their prompt back. Without one,
    /// an error in any prompt stops the build.
    pub holds: Option<Severity>,
}

/// A build into a folder. The folder does not change until the build is committed.
#[derive(Debug)]
pub struct FolderBuild<'t> {
    tree: &'t Tree,
    staging: Staging,
    previous: Option<PreviousRegistry>,
    cache: Option<BuildCache>,
    index: Option<CacheIndex>,
    site: Option<Site>,
    publisher: Publisher,
    is_packed: bool,
    holds: Option<Severity>,
}

impl<'t> FolderBuild<'t> {
    /// Opens the output and the registry that the build continues. An interrupted build in the same
    /// folder is completed first.
    pub fn start(tree: &'t Tree, options: FolderOptions<'_>) -> Result<Self> {
        let FolderOptions { output, previous, is_packed, is_cached, site, publisher, holds } =
            options;
        let staging = Staging::start(output, tree.folder(), previous.as_deref())?;
        let is_in_place = matches!(staging, Staging::InPlace(_));
        let open = if is_in_place { PreviousRegistry::open_locked } else { PreviousRegistry::open };
        let previous = previous.as_deref().map(open).transpose()?;
        staging.check_history(previous.as_ref())?;
        let cache = if is_in_place { BuildCache::open(tree, output, site.is_some()) } else { None };
        if let Some(cache) = cache.as_ref().filter(|_| !is_cached) {
            cache.clear();
        }
        let cache = cache.filter(|_| is_cached);
        let index = cache.as_ref().and_then(BuildCache::load);
        Ok(Self { tree, staging, previous, cache, index, site, publisher, is_packed, holds })
    }

    /// Returns the registry that the build continues.
    pub fn previous(&self) -> Option<&PreviousRegistry> {
        self.previous.as_ref()
    }

    /// Returns the files of the build.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Whether an interrupted build was completed first.
    pub fn has_recovered(&self) -> bool {
        self.staging.has_recovered()
    }

    /// Returns when the newest release of the registry was published, if that is after the time of this build: its
    /// releases have that time then.
    pub fn later_time(&self) -> Option<&Timestamp> {
        let newest = self.previous.as_ref()?.published.newest_time();
        newest.filter(|newest| self.publisher.time.as_ref().is_some_and(|time| time < newest))
    }

    /// Checks and compiles the tree, without changing the output.
    pub fn run(&self) -> Result<BuildOutcome> {
        let output = Output {
            staging: Some(&self.staging),
            previous: self.previous.as_ref(),
            clock: self.cache.as_ref().map(|cache| cache.clock),
            index: self.index.as_ref(),
            site: self.site.as_ref(),
            publisher: Some(&self.publisher),
            is_packed: self.is_packed,
            holds: self.holds,
            ..Output::default()
        };
        build::run(self.tree, &output)
    }

    /// Installs the compiled files as the output, and saves the cache for the next build.
    pub fn commit(self, cache_update: CacheUpdate) -> Result<()> {
        let Self { staging, cache, mut index, .. } = self;
        if let Some(cache) = &cache {
            cache.clear();
        }
        staging.commit()?;
        if let Some(cache) = &cache {
            let index = index.get_or_insert_default();
            cache.update(index, cache_update);
            cache.save(index);
        }
        Ok(())
    }
}
