//! Commits the changes of a command. The repository's hooks and settings apply, as with `git
//! commit`. Nothing is pushed.

use std::path::Path;

use promptdex_core::model::ChangePolicy;
use promptdex_history::{Author, Git, GitError};

use crate::error::{ChangeError, Error, GitPurpose, Result};
use crate::tree::{Tree, revision};

/// A commit message: the subject, and the reason for the change.
#[derive(Debug, Clone)]
pub struct CommitText<'a> {
    /// The first line.
    pub subject: String,
    /// The reason, for the trailer `Reason`.
    pub reason: Option<&'a str>,
}

impl CommitText<'_> {
    fn text(&self) -> String {
        // A trailer ends at the end of its line.
        let reason =
            self.reason.map(|reason| reason.split_whitespace().collect::<Vec<_>>().join(" "));
        match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{}\n\nReason: {reason}\n", self.subject),
            None => format!("{}\n", self.subject),
        }
    }
}

/// Commits files below the root of a tree, without any other changes. Returns the short commit id. If Git or a
/// hook refuses, the message is kept in a file.
pub fn commit(tree: &Tree, paths: &[String], message: &CommitText<'_>) -> Result<String> {
    let git = repository(tree.root())?;
    let text = message.text();
    git.commit_files(paths, &text).map_err(|error| match error {
        GitError::Run(_) => git_error(error),
        error => {
            let message_file = git.keep_message(&text).ok();
            let paths = paths.iter().map(|path| tree.display_path(path)).collect();
            ChangeError::Commit { error, message_file, paths }.into()
        }
    })
}

/// Tags the newest commit.
pub fn tag(root: &Path, name: &str, message: &str) -> Result<()> {
    repository(root)?.tag(name, message).map_err(git_error)
}

/// Returns the author that a commit would have. Returns `None` outside Git, and if Git has no
/// identity configured.
pub fn author(root: &Path) -> Result<Option<Author>> {
    match revision::find(root)? {
        Some(git) => git.author().map_err(git_error),
        None => Ok(None),
    }
}

/// Returns an error if the tree is not in a repository, or if commits have to be signed and Git would not sign
/// them, before anything is written.
pub fn check_signing(root: &Path, policy: &ChangePolicy) -> Result<()> {
    let git = repository(root)?;
    if policy.require_signed_commits && !git.signs_commits() {
        return Err(ChangeError::NotSigned.into());
    }
    Ok(())
}

pub(super) fn repository(root: &Path) -> Result<Git> {
    let not_in_git = || Error::NotInGit { root: root.to_owned(), purpose: GitPurpose::Commit };
    revision::find(root)?.ok_or_else(not_in_git)
}

/// Converts the error of a Git command that the user could have run.
fn git_error(error: GitError) -> Error {
    match error {
        GitError::Run(source) => Error::Io { action: "cannot run `git`".to_owned(), source },
        error => ChangeError::Git(error).into(),
    }
}
