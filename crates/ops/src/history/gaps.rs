//! Causes in a repository for which a command knows less of the past than there was.

use promptdex_core::history::TreeHistory;
use promptdex_history::Oid;

use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// Why a part of the past is not known, or not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryGap {
    /// The clone is shallow: older commits are missing.
    Shallow,
    /// No branch is checked out, and some branch has newer commits than the one that is.
    Detached {
        /// The commit that is checked out.
        commit: String,
        /// A branch that goes on after it.
        branch: String,
    },
    /// A commit was made while no branch was checked out, so no branch has it.
    NoBranch {
        /// The commit.
        commit: String,
    },
}

/// Finds the causes for which the log of a tree may be shorter than what happened.
pub fn of_log(tree: &Tree, history: &TreeHistory) -> Result<Vec<HistoryGap>> {
    let mut gaps = Vec::new();
    if history.lacks_commits() {
        gaps.push(HistoryGap::Shallow);
    }
    gaps.extend(of_checkout(tree)?);
    Ok(gaps)
}

/// Finds out whether a tree on disk is that of a detached commit which some branch goes on after.
pub fn of_checkout(tree: &Tree) -> Result<Option<HistoryGap>> {
    if tree.revision().is_some() {
        return Ok(None);
    }
    let Some(git) = tree.git()? else { return Ok(None) };
    let Some(commit) = git.detached_head().map_err(of_head)? else { return Ok(None) };
    let Some(branch) = git.newer_branch(commit).map_err(of_head)? else { return Ok(None) };
    let commit = commit.to_string().chars().take(7).collect();
    Ok(Some(HistoryGap::Detached { commit, branch }))
}

/// Finds out whether a new commit of a tree is on no branch.
pub fn of_commit(tree: &Tree) -> Result<Option<HistoryGap>> {
    let Some(git) = tree.git()? else { return Ok(None) };
    let commit = git.detached_head().map_err(of_head)?;
    let short = |commit: Oid| commit.to_string().chars().take(7).collect();
    Ok(commit.map(|commit| HistoryGap::NoBranch { commit: short(commit) }))
}
