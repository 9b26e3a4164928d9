//! Commits and tags, made as the user would make them: with the user's own settings and identity, and with
//! the hooks of the repository. Nothing is ever pushed.

use std::path::PathBuf;
use std::process::Command;

use crate::git::{Git, GitError};

/// The name and the email address of somebody who commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The name, as `.mailmap` has it.
    pub name: String,
    /// The email address, as `.mailmap` has it.
    pub email: String,
}

/// Variables that lead Git to another repository than that of the folder. Hooks have them in their
/// environment, and some people in their shell.
const LEADING_AWAY: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"];

impl Git {
    /// Commits some files, named from the root of the tree, and nothing else that was changed. Returns the
    /// short id of the commit.
    pub fn commit_files(&self, paths: &[String], message: &str) -> Result<String, GitError> {
        // `git commit` does not know new files.
        self.run_as_user("add", &["--intent-to-add"], paths)?;
        let options = ["--quiet", "--only", "--cleanup=whitespace", "--message", message];
        self.run_as_user("commit", &options, paths)?;
        let id = self.run_as_user("rev-parse", &["--short", "HEAD"], &[])?;
        Ok(id.trim().to_owned())
    }

    /// Whether Git would sign a commit of the user.
    pub fn signs_commits(&self) -> bool {
        let signs = self.run_as_user("config", &["--type=bool", "--get", "commit.gpgSign"], &[]);
        signs.is_ok_and(|value| value.trim() == "true")
    }

    /// Keeps the message of a commit that failed, in the repository's own folder. Returns the file.
    pub fn keep_message(&self, message: &str) -> std::io::Result<PathBuf> {
        let file = self.own_file("PROMPTDEX_COMMIT_MSG");
        std::fs::write(&file, message)?;
        Ok(file)
    }

    /// Gives the newest commit an annotated tag.
    pub fn tag(&self, name: &str, message: &str) -> Result<(), GitError> {
        self.run_as_user("tag", &["--annotate", "--message", message, name], &[]).map(drop)
    }

    /// Returns who the author of a commit would be, unless Git does not know.
    pub fn author(&self) -> Result<Option<Author>, GitError> {
        let Ok(identity) = self.run_as_user("var", &["GIT_AUTHOR_IDENT"], &[]) else {
            return Ok(None);
        };
        // The time follows.
        let Some((contact, _)) = identity.rsplit_once('>') else { return Ok(None) };
        let contact = format!("{contact}>");
        let mapped = self.run_as_user("check-mailmap", &[&contact], &[])?;
        let Some((name, email)) = mapped.trim().trim_end_matches('>').rsplit_once('<') else {
            return Ok(None);
        };
        Ok(Some(Author { name: name.trim().to_owned(), email: email.to_owned() }))
    }

    /// Runs a command in the folder of the tree as the user would type it, and returns what it prints. An
    /// error has all that it prints, because it may be the answer of a hook.
    fn run_as_user(
        &self,
        name: &'static str,
        arguments: &[&str],
        paths: &[String],
    ) -> Result<String, GitError> {
        let mut command = Command::new("git");
        for variable in LEADING_AWAY {
            command.env_remove(variable);
        }
        command.current_dir(self.folder()).env("GIT_LITERAL_PATHSPECS", "1");
        command.arg(name).args(arguments);
        if !paths.is_empty() {
            command.arg("--").args(paths);
        }
        let output = command.output().map_err(GitError::Run)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let printed = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes));
        let message = printed.iter().map(|text| text.trim()).find(|text| !text.is_empty());
        Err(GitError::Failed { command: name, message: message.unwrap_or_default().to_owned() })
    }
}
