//! The `git` program.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use promptdex_wire::Timestamp;
use promptdex_wire::release::Source;

use crate::oid::Oid;

/// Why a call of Git failed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program could not be started, or went away.
    #[error("cannot run `git`")]
    Run(#[source] io::Error),
    /// The program refused.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The command, such as `rev-list`.
        command: &'static str,
        /// Its error output.
        message: String,
    },
    /// There is no such commit.
    #[error("unknown commit `{revision}`")]
    UnknownRevision {
        /// The revision as the user wrote it.
        revision: String,
        /// Whether the clone is shallow, so that it lacks commits.
        is_shallow: bool,
    },
    /// The commit has no such folder.
    #[error("commit `{revision}` has no folder `{folder}`")]
    NoFolder {
        /// The revision as the user wrote it.
        revision: String,
        /// The folder, from the top of the repository.
        folder: String,
    },
    /// The root of the tree, or a folder above it, is a symbolic link in a commit.
    #[error("in `{revision}`, `{path}` is a symbolic link to `{target}`")]
    LinkedRoot {
        /// The revision as the user wrote it.
        revision: String,
        /// The link, from the top of the repository.
        path: String,
        /// The path that the link contains.
        target: String,
    },
    /// An object that the repository names is not in it.
    #[error("object {0} is missing: the clone is partial")]
    MissingObject(Oid),
    /// The program failed in a partial clone, which may lack the objects that it needs.
    #[error("`git {command}` failed: the clone is partial")]
    PartialClone {
        /// The command, such as `ls-tree`.
        command: &'static str,
    },
    /// The output of the program has an unknown form.
    #[error("unexpected output of `git {0}`")]
    Unexpected(&'static str),
}

/// A folder in a Git repository: the root of a tree of prompts.
#[derive(Debug, Clone)]
pub struct Git {
    /// The repository's own folder.
    dir: PathBuf,
    /// The folder that the tree is in on disk.
    folder: PathBuf,
    /// The root of the tree, from the top of the repository, with `/`; empty for the top itself.
    root: String,
    /// The only paths below the root at which histories are looked at; without any, all of them.
    paths: Vec<String>,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its content.
    pub oid: Oid,
    /// Its size in bytes; absent for entries that are not files.
    pub size: Option<u64>,
    /// Whether its mode is 100755.
    pub is_executable: bool,
}

/// The files of a commit by their path below the root of the tree.
pub type CommitListing = Vec<(String, ListedFile)>;

/// The variables of the environment that programs need to run at all.
const KEPT: [&str; 6] = ["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP"];

impl Git {
    /// Finds the repository that contains a folder, which need not exist. Returns nothing outside of a
    /// repository.
    pub fn find(folder: &Path) -> Result<Option<Self>, GitError> {
        let folder = std::path::absolute(folder).map_err(GitError::Run)?;
        let Some(there) = folder.ancestors().find(|above| above.is_dir()) else { return Ok(None) };
        // A way with `..` may pass through another repository.
        let is_in_one = || -> Result<bool, GitError> {
            let real = there.canonicalize().map_err(GitError::Run)?;
            Ok(real.ancestors().any(|above| above.join(".git").exists()))
        };
        // The people's own settings say whether they trust a repository of somebody else.
        let mut command = user_git_command();
        command.args(["rev-parse", "--absolute-git-dir", "--show-prefix"]).current_dir(there);
        let output = match command.output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if is_in_one()? { Err(GitError::Run(error)) } else { Ok(None) };
            }
            output => output.map_err(GitError::Run)?,
        };
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            // A folder that leads to a repository which is not there is a mistake, and no answer.
            let is_none = message.contains("not a git repository") && !is_in_one()?;
            return if is_none { Ok(None) } else { Err(command_error("rev-parse", &output)) };
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let (Some(dir), Some(prefix)) = (lines.next(), lines.next()) else {
            return Err(GitError::Unexpected("rev-parse"));
        };
        let mut root = prefix.trim_end_matches('/').to_owned();
        for part in folder.strip_prefix(there).into_iter().flat_map(Path::components) {
            match part {
                Component::Normal(part) => {
                    if !root.is_empty() {
                        root.push('/');
                    }
                    root.push_str(&part.to_string_lossy());
                }
                Component::ParentDir => {
                    root.truncate(root.rfind('/').unwrap_or(0));
                }
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Ok(Some(Self { dir: PathBuf::from(dir), folder, root, paths: Vec::new() }))
    }

    /// Returns the repository with its history limited to some paths.
    #[must_use]
    pub fn limit_to_paths(&self, paths: Vec<String>) -> Self {
        Self { paths, ..self.clone() }
    }

    /// Returns the repository with another root of the tree, from the top of the repository.
    #[must_use]
    pub fn with_root(&self, root: String) -> Self {
        Self { root, ..self.clone() }
    }

    /// Returns the root of the tree, from the top of the repository; empty for the top itself.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Returns the folder that the tree is in on disk.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Finds a commit by whatever names one: an id, a branch, a tag, `HEAD~3`.
    pub fn commit(&self, revision: &str) -> Result<Oid, GitError> {
        let unknown = || {
            let (revision, is_shallow) = (revision.to_owned(), self.is_shallow().unwrap_or(false));
            GitError::UnknownRevision { revision, is_shallow }
        };
        if revision.is_empty() || revision.starts_with('-') || revision.contains('\0') {
            return Err(unknown());
        }
        let wanted = format!("{revision}^{{commit}}");
        let mut command = self.command();
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        let output = command.output().map_err(GitError::Run)?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            // Nothing is said of a name that names nothing.
            let is_unknown = output.status.code() == Some(1) || output.stderr.is_empty();
            return Err(if is_unknown { unknown() } else { command_error("rev-parse", &output) });
        }
        Oid::parse(text.trim_end()).ok_or(GitError::Unexpected("rev-parse"))
    }

    /// Returns the commit that is checked out, unless there is none yet.
    pub fn head(&self) -> Result<Option<Oid>, GitError> {
        let mut command = self.command();
        command.args(["rev-parse", "--verify", "--quiet", "HEAD"]);
        let output = command.output().map_err(GitError::Run)?;
        let text = String::from_utf8_lossy(&output.stdout);
        match (output.status.success(), Oid::parse(text.trim_end())) {
            (true, Some(head)) if self.has(&format!("{head}^{{commit}}"))? => Ok(Some(head)),
            (true, Some(head)) => Err(GitError::MissingObject(head)),
            // A branch without commits.
            _ if output.status.code() == Some(1) => Ok(None),
            _ => Err(command_error("rev-parse", &output)),
        }
    }

    /// Returns the URL of a remote, if the repository has it.
    pub fn remote_url(&self, name: &str) -> Option<String> {
        let key = format!("remote.{name}.url");
        let url = self.run("config", &["--get", key.as_str()]).ok()?;
        Some(url.trim_end().to_owned()).filter(|url| !url.is_empty())
    }

    /// Returns the commit that is checked out, if no branch is.
    pub fn detached_head(&self) -> Result<Option<Oid>, GitError> {
        let mut command = self.command();
        command.args(["symbolic-ref", "--quiet", "HEAD"]);
        if command.output().map_err(GitError::Run)?.status.success() {
            return Ok(None);
        }
        self.head()
    }

    /// Finds a branch that has newer commits than `commit` and has that as well.
    pub fn newer_branch(&self, commit: Oid) -> Result<Option<String>, GitError> {
        let commit = commit.to_string();
        let format = "--format=%(objectname) %(refname:short)";
        let arguments = ["--contains", &commit, format, "refs/heads", "refs/remotes"];
        let listed = self.run("for-each-ref", &arguments)?;
        let refs = listed.lines().filter_map(|line| line.split_once(' '));
        let newer = refs.filter(|(tip, _)| *tip != commit).map(|(_, name)| name.to_owned());
        Ok(newer.min_by_key(|name| name.ends_with("/HEAD")))
    }

    /// Finds the newest commit that the branch of `head` had at some time, if it had one.
    pub fn commit_at(&self, head: Oid, moment: &Timestamp) -> Result<Option<Oid>, GitError> {
        let (before, head) = (format!("--before={moment}"), head.to_string());
        let text = self.run("rev-list", &["--max-count=1", "--first-parent", &before, &head])?;
        Ok(Oid::parse(text.trim_end()))
    }

    /// Returns the `source` of a release built from a commit.
    pub fn source(&self, commit: Oid) -> Result<Source, GitError> {
        let text = self.run("rev-list", &["--max-count=1", "--format=%ct", &commit.to_string()])?;
        let seconds = text.lines().nth(1).and_then(|line| line.parse().ok());
        Ok(Source { commit: commit.to_string(), time: seconds.and_then(Timestamp::from_unix) })
    }

    /// Whether a commit has the tree.
    pub fn has_root(&self, commit: Oid) -> Result<bool, GitError> {
        // A name such as `main:prompts^{tree}` would be a path.
        let mut command = self.command();
        command.args(["cat-file", "-t", &self.tree_of(commit)]);
        let output = command.output().map_err(GitError::Run)?;
        let has_root =
            output.status.success() && matches!(output.stdout.trim_ascii(), b"tree" | b"commit");
        if !has_root && !self.has(&format!("{commit}^{{tree}}"))? {
            return Err(GitError::PartialClone { command: "cat-file" });
        }
        Ok(has_root)
    }

    /// Whether a commit or one of its ancestors changed one of some files, named from the root of the tree; without
    /// any, something in the root.
    pub fn has_changed(&self, commit: Oid, files: &[&str]) -> Result<bool, GitError> {
        let mut arguments = vec!["--max-count=1".to_owned(), commit.to_string(), "--".to_owned()];
        let slash = if self.root.is_empty() { "" } else { "/" };
        arguments.extend(files.iter().map(|file| format!("{}{slash}{file}", self.root)));
        arguments
            .extend(Some(&self.root).filter(|root| files.is_empty() && !root.is_empty()).cloned());
        Ok(!self.run("rev-list", &arguments)?.trim().is_empty())
    }

    /// Returns the commits whose parents a shallow clone does not have.
    pub fn shallow(&self) -> Result<HashSet<Oid>, GitError> {
        let path = self.run("rev-parse", &["--git-path", "shallow"])?;
        match std::fs::read_to_string(self.dir.join(path.trim_end_matches('\n'))) {
            Ok(text) => Ok(text.lines().filter_map(Oid::parse).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashSet::new()),
            Err(error) => Err(GitError::Run(error)),
        }
    }

    /// Whether commits are missing that the repository knows to be somewhere else.
    pub fn is_shallow(&self) -> Result<bool, GitError> {
        let text = self.run("rev-parse", &["--is-shallow-repository"])?;
        Ok(text.trim_end() == "true")
    }

    /// Lists the files of the tree as of a commit; `revision` is the user's name for it. `folders` limit
    /// the list.
    pub fn list(
        &self,
        commit: Oid,
        revision: &str,
        folders: &[&str],
    ) -> Result<CommitListing, GitError> {
        self.ls_tree(commit, revision, folders, &["-l"])
    }

    /// Lists all files of the tree without their sizes, which Git would have to look up: every size is 0.
    pub fn list_contents(&self, commit: Oid, revision: &str) -> Result<CommitListing, GitError> {
        self.ls_tree(commit, revision, &[], &[])
    }

    /// Lists all files of the tree with their sizes; no files if the commit does not have the tree.
    pub fn list_if_there(
        &self,
        commit: Oid,
        revision: &str,
        folders: &[&str],
    ) -> Result<CommitListing, GitError> {
        match self.list(commit, revision, folders) {
            Err(GitError::NoFolder { .. }) => Ok(CommitListing::new()),
            listing => listing,
        }
    }

    fn ls_tree(
        &self,
        commit: Oid,
        revision: &str,
        folders: &[&str],
        options: &[&str],
    ) -> Result<CommitListing, GitError> {
        let listed = self.list_tree(commit, revision, folders, options);
        listed.map_err(|error| self.explain_failure(error))
    }

    fn list_tree(
        &self,
        commit: Oid,
        revision: &str,
        folders: &[&str],
        options: &[&str],
    ) -> Result<CommitListing, GitError> {
        let tree = self.tree_of(commit);
        let mut command = self.command();
        command.args(["ls-tree", "-r", "-z"]).args(options);
        command.args(["--full-tree", &tree]).args(folders);
        let output = command.output().map_err(GitError::Run)?;
        if !output.status.success() {
            if !self.has(&format!("{commit}^{{tree}}"))? {
                return Err(command_error("ls-tree", &output));
            }
            if let Some((path, target)) = self.find_root_link(commit)? {
                return Err(GitError::LinkedRoot { revision: revision.to_owned(), path, target });
            }
            let has_root = self.root.is_empty() || self.has(&tree)?;
            return Err(if has_root {
                command_error("ls-tree", &output)
            } else {
                let (revision, folder) = (revision.to_owned(), self.root.clone());
                GitError::NoFolder { revision, folder }
            });
        }
        let mut listing = CommitListing::new();
        for line in output.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            listing.push(parse_listed_file(line).ok_or(GitError::Unexpected("ls-tree"))?);
        }
        Ok(listing)
    }

    /// Returns the name of the root of the tree in a commit.
    pub(crate) fn tree_of(&self, commit: Oid) -> String {
        if self.root.is_empty() { commit.to_string() } else { format!("{commit}:{}", self.root) }
    }

    /// Finds the symbolic link that a commit has in the path of the tree, with the path that it contains.
    fn find_root_link(&self, commit: Oid) -> Result<Option<(String, String)>, GitError> {
        let commit = commit.to_string();
        let ends = self.root.match_indices('/').map(|(end, _)| end).chain([self.root.len()]);
        for path in ends.map(|end| &self.root[..end]).filter(|path| !path.is_empty()) {
            let entry = self.run("ls-tree", &["-z", "--full-tree", &commit, path])?;
            if entry.starts_with(LINK) {
                let target = self.run("cat-file", &["blob", &format!("{commit}:{path}")])?;
                return Ok(Some((path.to_owned(), target)));
            }
        }
        Ok(None)
    }

    /// Reads the first of some files, named from the top of the repository, that a commit has.
    pub fn read_first_text<'p>(
        &self,
        commit: Oid,
        paths: &[&'p str],
    ) -> Result<Option<(&'p str, String)>, GitError> {
        let commit = commit.to_string();
        let arguments = ["--full-tree", "--name-only", "-z", &commit];
        let there = self.run("ls-tree", &[&arguments[..], paths].concat())?;
        let is_there = |path: &&str| there.split('\0').any(|known| known == *path);
        let Some(path) = paths.iter().copied().find(is_there) else { return Ok(None) };
        let text = self.run("cat-file", &["blob", &format!("{commit}:{path}")])?;
        Ok(Some((path, text)))
    }

    /// Reads a file of a commit as text, named from the root of the tree.
    pub(crate) fn read_text_below_root(&self, commit: Oid, path: &str) -> Result<String, GitError> {
        let slash = if self.root.is_empty() { "" } else { "/" };
        self.run("cat-file", &["blob", &format!("{commit}:{}{slash}{path}", self.root)])
    }

    /// Returns the path of a file in the repository's own folder.
    pub(crate) fn own_file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Returns the path of the index file, which changes with every checkout.
    pub fn index_file(&self) -> PathBuf {
        self.dir.join("index")
    }

    /// Returns the only paths at which histories are looked at.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Returns a path from the top of the repository as one below the root of the tree.
    pub(crate) fn path_below_root<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.root.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.root.as_str())?.strip_prefix('/')
    }

    /// Returns a path below the root of the tree as one from the top of the repository.
    pub(crate) fn path_in_repository(&self, path: &str) -> String {
        if self.root.is_empty() { path.to_owned() } else { format!("{}/{path}", self.root) }
    }

    /// Whether there is an object.
    pub(crate) fn has(&self, name: &str) -> Result<bool, GitError> {
        let mut command = self.command();
        command.args(["cat-file", "-e", name]);
        Ok(command.output().map_err(GitError::Run)?.status.success())
    }

    /// Runs a command and returns its output.
    pub(crate) fn run(
        &self,
        name: &'static str,
        arguments: &[impl AsRef<OsStr>],
    ) -> Result<String, GitError> {
        let said = run_to_end(name, self.command().arg(name).args(arguments));
        let said = said.map_err(|error| self.explain_failure(error))?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// Whether the clone is a partial one, which lacks objects on purpose.
    fn is_partial(&self) -> bool {
        let mut command = self.command();
        command.args(["config", "--get-regexp", r"^remote\..*\.promisor$"]);
        command.output().is_ok_and(|output| output.status.success())
    }

    /// Names a partial clone as the cause of a failure that it can have caused.
    pub(crate) fn explain_failure(&self, error: GitError) -> GitError {
        match error {
            GitError::Failed { command, .. } | GitError::Unexpected(command)
                if self.is_partial() =>
            {
                GitError::PartialClone { command }
            }
            error => error,
        }
    }

    /// Prepares a command in the repository. It runs no program that the repository's configuration names,
    /// and reads nothing from the working tree or the network.
    pub(crate) fn command(&self) -> Command {
        let mut command = git_command();
        command
            // Git reads a `.mailmap` where it runs, whatever is said of mailmaps.
            .current_dir(&self.dir)
            .env("GIT_DIR", &self.dir)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", NOWHERE)
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_GRAFT_FILE", NOWHERE)
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            // Lines are written together.
            .env("GIT_FLUSH", "0")
            // There is no working tree.
            .arg("--bare")
            .arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null());
        command
    }
}

/// A file that is always empty; Git for Windows knows it, too.
const NOWHERE: &str = "/dev/null";

/// What overrides the repository's own configuration.
const SETTINGS: [&str; 12] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.date=iso",
    "format.pretty=medium",
    "mailmap.file=/dev/null",
    "diff.orderFile=/dev/null",
    "core.quotePath=false",
    "i18n.logOutputEncoding=UTF-8",
];

/// The environment variables that locate the user's settings.
const PERSONAL: [&str; 3] = ["XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];

/// Prepares `git` with an almost empty environment.
fn git_command() -> Command {
    let mut command = Command::new("git");
    command.env_clear();
    for variable in KEPT {
        command.envs(std::env::var_os(variable).map(|value| (variable, value)));
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

/// Prepares `git` with the settings of the current user.
pub(crate) fn user_git_command() -> Command {
    let mut command = git_command();
    for variable in PERSONAL {
        command.envs(std::env::var_os(variable).map(|value| (variable, value)));
    }
    command
}

/// Runs a command to its end and returns its output; `name` stands for it in errors.
pub(crate) fn run_to_end(name: &'static str, command: &mut Command) -> Result<Vec<u8>, GitError> {
    let output = command.output().map_err(GitError::Run)?;
    if output.status.success() { Ok(output.stdout) } else { Err(command_error(name, &output)) }
}

/// Waits for the end of a command that was read while it ran.
pub(crate) fn wait_for_end(command: &'static str, child: &mut Child) -> Result<(), GitError> {
    if child.wait().map_err(GitError::Run)?.success() {
        return Ok(());
    }
    let message = "the command stopped early".to_owned();
    Err(GitError::Failed { command, message })
}

/// Whether a mode means a regular file: no link, no submodule.
pub(crate) fn is_file(mode: &str) -> bool {
    mode == "100644" || mode == EXECUTABLE
}

/// Reads `:100644 100644 {id} {id} M`: the contents before and after. What is not a file has no content.
pub(crate) fn read_change(text: &[u8]) -> Option<(Option<Oid>, Option<Oid>)> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.strip_prefix(':')?.split(' ');
    let (before, after) = (is_file(words.next()?), is_file(words.next()?));
    let (old, new) = (Oid::parse(words.next()?)?, Oid::parse(words.next()?)?);
    Some((old.non_null().filter(|_| before), new.non_null().filter(|_| after)))
}

/// The mode of a symbolic link.
const LINK: &str = "120000";

/// The mode of a file that can be executed.
const EXECUTABLE: &str = "100755";

pub(crate) fn command_error(command: &'static str, output: &Output) -> GitError {
    let text = String::from_utf8_lossy(&output.stderr);
    let is_reason = |line: &&str| {
        let is_remark = line.starts_with("hint:") || line.starts_with("warning:");
        !line.trim().is_empty() && !is_remark
    };
    let line = text.lines().find(is_reason).unwrap_or("no error message");
    let message = line.strip_prefix("fatal: ").unwrap_or(line).to_owned();
    GitError::Failed { command, message }
}

/// Reads a line of `ls-tree`: mode, type, object, with `-l` the size, a tab, the path.
fn parse_listed_file(line: &[u8]) -> Option<(String, ListedFile)> {
    let text = String::from_utf8_lossy(line);
    let (facts, path) = text.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, _, oid) = (facts.next()?, facts.next()?, facts.next()?);
    let size = if is_file(mode) { Some(facts.next().unwrap_or("0").parse().ok()?) } else { None };
    let is_executable = mode == EXECUTABLE;
    Some((path.to_owned(), ListedFile { oid: Oid::parse(oid)?, size, is_executable }))
}
