//! Commits of what a command has changed. The repository's own hooks and settings apply, as they do for
//! whoever types `git commit`; nothing is ever pushed.

use std::path::Path;
use std::process::Command;

use crate::error::{ChangeError, Context as _, Error, GitPurpose, Result};

/// A commit's message: the subject, and why.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// The first line.
    pub subject: String,
    /// The reason, for the trailer `Reason`.
    pub reason: Option<&'a str>,
}

impl Message<'_> {
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
pub fn commit(root: &Path, paths: &[String], message: &Message<'_>) -> Result<String> {
    let run = |arguments: &[&str]| git(root, arguments, paths);
    // New files are unknown to `git commit`.
    run(&["add", "--intent-to-add"])?;
    let text = message.text();
    run(&["commit", "--quiet", "--only", "--cleanup=whitespace", "--message", &text])?;
    Ok(git(root, &["rev-parse", "--short", "HEAD"], &[])?.trim().to_owned())
}

/// Gives the newest commit a tag.
pub fn tag(root: &Path, name: &str, message: &str) -> Result<()> {
    git(root, &["tag", "--annotate", "--message", message, name], &[]).map(drop)
}

/// A name and an address, as Git has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The name, as `.mailmap` has it.
    pub name: String,
    /// The email address, as `.mailmap` has it.
    pub email: String,
}

/// Returns who the author of a commit would be, as `.mailmap` has them; there is none outside of Git, and
/// where Git does not know.
pub fn author(root: &Path) -> Result<Option<Author>> {
    if crate::tree::revision::find(root)?.is_none() {
        return Ok(None);
    }
    let Ok(said) = git(root, &["var", "GIT_AUTHOR_IDENT"], &[]) else { return Ok(None) };
    let Some((contact, _)) = said.rsplit_once('>') else { return Ok(None) };
    let contact = format!("{contact}>");
    let mapped = git(root, &["check-mailmap", &contact], &[])?;
    let Some((name, email)) = mapped.trim().trim_end_matches('>').rsplit_once('<') else {
        return Ok(None);
    };
    Ok(Some(Author { name: name.trim().to_owned(), email: email.to_owned() }))
}

/// Says in time that there is nothing to commit to.
pub fn check(root: &Path) -> Result<()> {
    if crate::tree::revision::find(root)?.is_some() {
        return Ok(());
    }
    Err(Error::NotInGit { root: root.to_owned(), purpose: GitPurpose::Commit })
}

fn git(root: &Path, arguments: &[&str], paths: &[String]) -> Result<String> {
    let mut command = Command::new("git");
    // The repository is that of the tree, whatever a hook or a shell says.
    for variable in
        ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"]
    {
        command.env_remove(variable);
    }
    command.current_dir(root).env("GIT_LITERAL_PATHSPECS", "1").args(arguments);
    if !paths.is_empty() {
        command.arg("--").args(paths);
    }
    let output = command.output().with_context(|| "cannot run `git`")?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = if said.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { said };
    let (command, message) = (arguments[0].to_owned(), said.trim().to_owned());
    Err(ChangeError::Commit { command, message }.into())
}
