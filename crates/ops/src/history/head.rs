//! The commit of a tree: the one that is checked out, or the one that the tree is read from.

use std::sync::OnceLock;

use promptdex_history::{Git, Oid};

use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// The commit that is checked out, or that a tree is read from.
#[derive(Debug)]
pub struct HeadCommit {
    pub(super) git: Git,
    pub(super) commit: Oid,
    /// The tip of the branch that the commit is going to be merged into, with the root that it has the tree
    /// in. There, the numbers of prompts that are edited in place mean what they meant first.
    pub(super) base: Option<(Git, Oid)>,
}

/// The commit of a tree, looked up on first use.
#[derive(Debug)]
pub struct LazyHeadCommit<'t> {
    tree: &'t Tree,
    base: Option<(Git, Oid)>,
    head: OnceLock<Option<HeadCommit>>,
}

impl<'t> LazyHeadCommit<'t> {
    /// Creates a lookup of the commit of a tree.
    pub fn of(tree: &'t Tree) -> Self {
        Self { tree, base: None, head: OnceLock::new() }
    }

    /// Returns the lookup for a tree that is going to be merged into a branch with the tip `base`.
    #[must_use]
    pub fn onto(self, base: Option<(Git, Oid)>) -> Self {
        Self { base, ..self }
    }

    /// Returns the commit. Returns `None` outside Git, and before the first commit.
    pub fn get(&self) -> Result<Option<&HeadCommit>> {
        if let Some(head) = self.head.get() {
            return Ok(head.as_ref());
        }
        let head = HeadCommit::find(self.tree)?;
        let head = head.map(|head| HeadCommit { base: self.base.clone(), ..head });
        Ok(self.head.get_or_init(|| head).as_ref())
    }
}

impl HeadCommit {
    /// Returns the repository.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// Returns the id of the commit.
    pub fn commit(&self) -> Oid {
        self.commit
    }

    fn find(tree: &Tree) -> Result<Option<Self>> {
        if let Some(revision) = tree.revision() {
            return Ok(Some(Self {
                git: revision.git().clone(),
                commit: revision.commit(),
                base: None,
            }));
        }
        let Some(git) = tree.git()? else { return Ok(None) };
        let commit = git.head().map_err(of_head)?;
        Ok(commit.map(|commit| Self { git, commit, base: None }))
    }
}
