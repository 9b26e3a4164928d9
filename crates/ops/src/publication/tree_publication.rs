//! The publication of a tree, which is compiled for it.

use std::path::PathBuf;

use promptdex_core::rules::Severity;
use promptdex_wire::Timestamp;
use promptdex_wire::release::Source;

use super::order::{check_order, record_commit};
use super::plan::PublicationPlan;
use super::target::{CreatedTarget, PublishTarget};
use crate::build::folder::{FolderBuild, FolderOptions};
use crate::build::inputs::Publisher;
use crate::build::outcome::BuildOutcome;
use crate::build::site::Site;
use crate::error::{PublishError, Result};
use crate::history::head::LazyHeadCommit;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// Options of the publication of a tree.
#[derive(Debug)]
pub struct PublishOptions {
    /// Whether files that no commit has may be published.
    pub allows_uncommitted: bool,
    /// Whether nothing is going to be written.
    pub is_dry_run: bool,
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
    /// The commit that is checked out.
    head: Option<Source>,
    allows_uncommitted: bool,
    _created: CreatedTarget,
}

impl<'t> TreePublication<'t> {
    /// Opens the target, and checks that the tree's commit may follow what is published there.
    pub fn start(tree: &'t Tree, target: &PublishTarget, options: PublishOptions) -> Result<Self> {
        let PublishOptions {
            allows_uncommitted,
            is_dry_run,
            first,
            is_packed,
            site,
            mut publisher,
            holds,
        } = options;
        let has_registry = target.has_registry();
        target.check_first(has_registry, first.is_some())?;
        publisher.first_sequence = first;
        let folder = target.folder();
        let created = CreatedTarget::of(target, is_dry_run)?;
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
        // Until the target was locked, another run may have published to it.
        if target.has_registry() != has_registry {
            return Err(PublishError::LostRace { target: target.to_string() }.into());
        }
        let head = LazyHeadCommit::of(tree);
        match (head.get()?, build.previous()) {
            (Some(head), Some(previous)) => check_order(head, previous, folder)?,
            (None, _) if !allows_uncommitted => {
                return Err(PublishError::NoCommit { root: tree.root().to_owned() }.into());
            }
            _ => {}
        }
        let head = match head.get()? {
            Some(head) => Some(head.git().source(head.commit()).map_err(of_head)?),
            None => None,
        };
        let folder = folder.to_owned();
        Ok(Self { tree, build, folder, head, allows_uncommitted, _created: created })
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
        // Releases name the commit, unless there are none or the tree has more than the commit.
        let is_named = outcome.source.is_some() && !outcome.releases.is_empty();
        if let Some(head) = self.head.as_ref().filter(|_| !is_named) {
            record_commit(self.build.staging(), &self.folder, head)?;
        }
        self.build.commit(std::mem::take(&mut outcome.cache_update))
    }
}
