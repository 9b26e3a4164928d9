//! Commits of what a command has changed. The repository's own hooks and settings apply, as they do for
//! whoever types `git commit`; nothing is ever pushed.

use std::path::Path;

use promptdex_history::{Author, Git, GitError};

use crate::error::{ChangeError, Error, GitPurpose, Result};
use crate::tree::revision;

/// A commit's message: the subject, and why.
#[derive(Debug, Clone)]
pub struct CommitText<'a> {
    /// The first line.
    pub subject: String,
    /// The reason, for the trailer `Reason`.
    pub reason: Option<&'a str>,
}

impl CommitText<'_> {
    fn text(&self) -> String {
        // On one line, a reason cannot end the trailer that it is.
        let reason =
            self.reason.map(|reason| reason.split_whitespace().collect::<Vec<_>>().join(" "));
        match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{}\n\nReason: {reason}\n", self.subject),
            None => format!("{}\n", self.subject),
        }
    }
}

/// Commits files below the root of a tree, and nothing else that was changed. Returns the short id.
pub fn commit(root: &Path, paths: &[String], message: &CommitText<'_>) -> Result<String> {
    repository(root)?.commit_files(paths, &message.text()).map_err(commit_error)
}

/// Gives the newest commit a tag.
pub fn tag(root: &Path, name: &str, message: &str) -> Result<()> {
    repository(root)?.tag(name, message).map_err(commit_error)
}

/// Returns who the author of a commit would be; there is none outside of Git, and where Git does not know.
pub fn author(root: &Path) -> Result<Option<Author>> {
    match revision::find(root)? {
        Some(git) => git.author().map_err(commit_error),
        None => Ok(None),
    }
}

/// Says in time that there is nothing to commit to.
pub fn check(root: &Path) -> Result<()> {
    repository(root).map(drop)
}

fn repository(root: &Path) -> Result<Git> {
    let not_in_git = || Error::NotInGit { root: root.to_owned(), purpose: GitPurpose::Commit };
    revision::find(root)?.ok_or_else(not_in_git)
}

/// Takes an error of a command that the user could have typed.
fn commit_error(error: GitError) -> Error {
    match error {
        GitError::Run(source) => Error::Io { action: "cannot run `git`".to_owned(), source },
        error => ChangeError::Commit(error).into(),
    }
}
