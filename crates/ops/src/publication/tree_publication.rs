//! The publication of a tree, which is compiled for it.

use std::path::PathBuf;

use promptdex_core::rules::Severity;
use promptdex_wire::Timestamp;

use super::order::{check_order, record_commit};
use super::plan::PublicationPlan;
use super::target::PublishTarget;
use crate::build::folder::{FolderBuild, FolderOptions};
use crate::build::inputs::Publisher;
use crate::build::outcome::BuildOutcome;
use crate::build::site::Site;
use crate::error::{PublishError, Result};
use crate::history::head::LazyHeadCommit;
use crate::tree::Tree;

/// Options of the publication of a tree.
#[derive(Debug)]
pub struct PublishOptions {
    /// Whether files that no commit has may be published.
    pub allows_uncommitted: bool,
    /// The number of the first releases, for a target without a registry. `None` refuses such a target.
    pub first: Option<u64>,
    /// Whether releases older than the newest 100 of each chain are packed.
    pub is_packed: bool,
    /// The site. Without a site, no pages are written.
    pub site: Option<Site>,
    /// Who publishes, when, and who approved it.
    pub publisher: Publisher,
    /// The least severity of findings for which their prompt is held back. Without one, an error in any prompt stops
    /// the publication.
    pub holds: Option<Severity>,
}

/// The publication of a tree. The target does not change until it is committed.
#[derive(Debug)]
pub struct TreePublication<'t> {
    tree: &'t Tree,
    build: FolderBuild<'t>,
    folder: PathBuf,
    allows_uncommitted: bool,
}

impl<'t> TreePublication<'t> {
    /// Opens the target, and checks that the tree's commit may follow what is published there.
    pub fn start(tree: &'t Tree, target: &PublishTarget, options: PublishOptions) -> Result<Self> {
        let PublishOptions { allows_uncommitted, first, is_packed, site, mut publisher, holds } =
            options;
        let has_registry = target.has_registry();
        match (has_registry, first) {
            (false, None) => {
                return Err(PublishError::EmptyTarget { target: target.to_string() }.into());
            }
            (true, Some(_)) => {
                return Err(PublishError::NotEmpty { target: target.to_string() }.into());
            }
            _ => {}
        }
        publisher.first_sequence = first;
        let folder = target.folder();
        let options = FolderOptions {
            output: folder,
            previous: has_registry.then(|| folder.to_owned()),
            is_packed,
            is_cached: true,
            site,
            publisher,
            holds,
        };
        let build = FolderBuild::start(tree, options)?;
        let head = LazyHeadCommit::of(tree);
        match (head.get()?, build.previous()) {
            (Some(head), Some(previous)) => check_order(head, previous, folder)?,
            (None, _) if !allows_uncommitted => {
                return Err(PublishError::NoCommit { root: tree.root().to_owned() }.into());
            }
            _ => {}
        }
        Ok(Self { tree, build, folder: folder.to_owned(), allows_uncommitted })
    }

    /// Whether an interrupted publication was completed first.
    pub fn has_recovered(&self) -> bool {
        self.build.has_recovered()
    }

    /// Returns when the newest release was published, if that is after the time of this publication.
    pub fn later_time(&self) -> Option<&Timestamp> {
        self.build.later_time()
    }

    /// Checks and compiles the tree, without changing the target. The plan is absent if an error stopped the
    /// publication.
    pub fn run(&self) -> Result<(BuildOutcome, Option<PublicationPlan>)> {
        let outcome = self.build.run()?;
        if !outcome.is_written {
            return Ok((outcome, None));
        }
        if outcome.source.is_none() && !self.allows_uncommitted {
            return Err(PublishError::Uncommitted { root: self.tree.root().to_owned() }.into());
        }
        let plan = PublicationPlan::of(self.build.staging(), &outcome.releases)?;
        Ok((outcome, Some(plan)))
    }

    /// Carries out the plan of an outcome.
    pub fn commit(self, outcome: &mut BuildOutcome) -> Result<()> {
        if let Some(source) = outcome.source.as_ref().filter(|_| outcome.releases.is_empty()) {
            record_commit(&self.folder, source)?;
        }
        self.build.commit(std::mem::take(&mut outcome.cache_update))
    }
}
