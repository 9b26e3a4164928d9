//! A build of a tree into a folder: begun, run, and then either committed or dropped.

use std::path::{Path, PathBuf};

use crate::build;
use crate::build::cache::{BuildCache, CacheIndex, CacheUpdate};
use crate::build::outcome::BuildOutcome;
use crate::build::output::Output;
use crate::build::site::Site;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::target::Staging;
use crate::tree::Tree;

/// Where a build writes, and what it continues.
#[derive(Debug)]
pub struct FolderOptions<'a> {
    /// The folder to write to.
    pub output: &'a Path,
    /// The folder of the published registry that the build continues; it may be the output.
    pub previous: Option<PathBuf>,
    /// Whether what the last build remembers is used.
    pub is_cached: bool,
    /// The site; without it no pages are written.
    pub site: Option<Site>,
}

/// A build into a folder, which stays as it is until the build is committed.
#[derive(Debug)]
pub struct FolderBuild<'t> {
    tree: &'t Tree,
    staging: Staging,
    previous: Option<PreviousRegistry>,
    cache: Option<BuildCache>,
    index: Option<CacheIndex>,
    site: Option<Site>,
}

impl<'t> FolderBuild<'t> {
    /// Opens the output and the registry that the build continues. A build that was killed in that very
    /// folder is brought to its end.
    pub fn start(tree: &'t Tree, options: FolderOptions<'_>) -> Result<Self> {
        let FolderOptions { output, previous, is_cached, site } = options;
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
        Ok(Self { tree, staging, previous, cache, index, site })
    }

    /// Whether a build that was killed was brought to its end first.
    pub fn has_recovered(&self) -> bool {
        self.staging.has_recovered()
    }

    /// Checks and compiles the tree. The output stays as it is.
    pub fn run(&self) -> Result<BuildOutcome> {
        let output = Output {
            staging: Some(&self.staging),
            previous: self.previous.as_ref(),
            clock: self.cache.as_ref().map(|cache| cache.clock),
            index: self.index.as_ref(),
            site: self.site.as_ref(),
            ..Output::default()
        };
        build::run(self.tree, &output)
    }

    /// Makes the output what was compiled without errors, and remembers it for the next build.
    pub fn commit(self, memory: CacheUpdate) -> Result<()> {
        let Self { staging, cache, mut index, .. } = self;
        if let Some(cache) = &cache {
            cache.clear();
        }
        staging.commit()?;
        if let Some(cache) = &cache {
            let index = index.get_or_insert_default();
            cache.update(index, memory);
            cache.save(index);
        }
        Ok(())
    }
}
