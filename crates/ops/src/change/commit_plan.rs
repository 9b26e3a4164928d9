//! What a commit of a planned change would contain, when the tree has other changes that are not committed.

use std::collections::BTreeSet;

use promptdex_core::read::read_pointer;
use promptdex_history::GitError;

use super::commit;
use super::plan::ChangePlan;
use crate::error::{ChangeError, Error, Result};
use crate::review::change_set::find_changes_on_disk;
use crate::tree::revision::{Revision, of_head};
use crate::tree::{Overlay, Tree};

/// The tree as of the last commit, and the files that differ from it on disk.
#[derive(Debug)]
pub struct CommittedTree {
    /// The tree as of the last commit.
    pub tree: Tree,
    /// The files that are not committed as they are.
    pub uncommitted_files: BTreeSet<String>,
}

impl CommittedTree {
    /// Compares a tree on disk with its last commit. Returns `None` if all of it is committed.
    pub fn of(tree: &Tree) -> Result<Option<Self>> {
        let git = commit::repository(tree.root())?;
        let nothing = || ChangeError::NothingCommitted { root: tree.root().to_owned() };
        let head = git.head().map_err(of_head)?.ok_or_else(nothing)?;
        let (_, uncommitted_files) = find_changes_on_disk(&git, tree.root(), head, head)?;
        if uncommitted_files.is_empty() {
            return Ok(None);
        }
        let committed = match Revision::open(tree.root(), "HEAD") {
            Err(Error::Git { error: GitError::NoFolder { .. }, .. }) => {
                return Err(nothing().into());
            }
            committed => Tree::of_commit(tree.root(), committed?),
        };
        Ok(Some(Self { tree: committed, uncommitted_files }))
    }

    /// Whether a plan for the committed tree is what the tree on disk already has, in files that are not
    /// committed.
    pub fn is_done(&self, plan: &ChangePlan, tree: &Tree) -> Result<bool> {
        for (path, bytes) in &plan.files {
            let is_same = read(tree, path)? == *bytes;
            if !is_same || !self.uncommitted_files.contains(path) {
                return Ok(false);
            }
        }
        Ok(!plan.files.is_empty())
    }

    /// Returns the uncommitted files that are on disk as a plan for the committed tree has them. A pointer may
    /// be written in another form.
    pub fn files_done(&self, plan: &ChangePlan, tree: &Tree) -> Result<Overlay> {
        let mut done = Overlay::new();
        for (path, bytes) in &plan.files {
            if !self.uncommitted_files.contains(path) {
                continue;
            }
            let on_disk = read(tree, path)?;
            let is_pointer = path.contains("/environments/");
            let target = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(read_pointer);
            if on_disk == *bytes
                || (is_pointer && on_disk.is_some() && target(&on_disk) == target(bytes))
            {
                done.insert(path.clone(), on_disk);
            }
        }
        Ok(done)
    }

    /// Lists the uncommitted files of the prompts in a plan that a commit of some files would not have.
    pub fn list_left_out(&self, plan: &ChangePlan, files: &Overlay) -> Vec<String> {
        let is_of_prompt = |path: &&String| {
            plan.effects.iter().any(|effect| {
                let name = effect.name().as_str();
                let below = path.strip_prefix(name);
                below.is_some_and(|below| below.starts_with('/') || below == ".md")
            })
        };
        let left_out = self.uncommitted_files.iter().filter(is_of_prompt);
        left_out.filter(|path| !files.contains_key(*path)).cloned().collect()
    }
}

fn read(tree: &Tree, path: &str) -> Result<Option<Vec<u8>>> {
    tree.has(path).then(|| tree.read(path)).transpose()
}
