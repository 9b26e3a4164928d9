//! Finds where files and the tree as a whole were before a commit moved them.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use promptdex_core::tree::REGISTRY_FILE;

use crate::git::{self, Git, GitError, command_error, run_to_end};
use crate::oid::Oid;

/// The files that commits moved: for each commit the new path and the old one, from the top of the
/// repository.
pub(crate) type MovedFiles = BTreeMap<Oid, BTreeMap<String, String>>;

/// Where the tree was before a commit moved it.
#[derive(Clone)]
pub(crate) struct RootMove {
    /// The commit before.
    pub(crate) parent: Oid,
    /// The repository, with the root that the tree had there.
    pub(crate) git: Git,
}

/// A file in which two trees differ.
pub(crate) struct Difference {
    /// Below the root of each tree.
    pub(crate) path: String,
    /// The content in the one tree.
    pub(crate) old: Option<Oid>,
    /// The content in the other tree.
    pub(crate) new: Option<Oid>,
}

/// Finds the files that commits moved, compared with their first parents.
pub(crate) fn find_moved_files(git: &Git, commits: &[Oid]) -> Result<MovedFiles, GitError> {
    if commits.is_empty() {
        return Ok(MovedFiles::new());
    }
    let output = match list_renames(git, commits, "-M") {
        // A partial clone may lack the contents that similar files are found by.
        Err(GitError::Failed { .. }) => list_renames(git, commits, "-M100%")?,
        listed => listed?,
    };
    let mut moved = MovedFiles::new();
    let mut commit = None;
    let mut parts = output.split(|byte| *byte == 0);
    while let Some(part) = parts.next() {
        let text = String::from_utf8_lossy(part);
        let text = text.trim_start_matches('\n');
        if text.starts_with(':') {
            let (Some(old), Some(new)) = (parts.next(), parts.next()) else { break };
            let [old, new] = [old, new].map(|path| String::from_utf8_lossy(path).into_owned());
            if let Some(commit) = commit {
                moved.entry(commit).or_default().insert(new, old);
            }
        } else if let Some(id) = Oid::parse(text) {
            commit = Some(id);
        }
    }
    Ok(moved)
}

fn list_renames(git: &Git, commits: &[Oid], similarity: &str) -> Result<Vec<u8>, GitError> {
    let mut command = git.command();
    command.args(["diff-tree", "--stdin", "-r", "--raw", "-z", "--no-abbrev", "--format=%H"]);
    command.args([similarity, "--diff-filter=R", "--diff-merges=first-parent", "--no-ext-diff"]);
    let ids: String = commits.iter().map(|id| format!("{id}\n")).collect();
    run_with_input("diff-tree", &mut command, ids)
}

/// Runs a command that reads its input, and returns its output.
fn run_with_input(
    name: &'static str,
    command: &mut Command,
    input: String,
) -> Result<Vec<u8>, GitError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::Run)?;
    let stdin = child.stdin.take();
    let writer = std::thread::spawn(move || -> io::Result<()> {
        stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()))
    });
    let output = child.wait_with_output().map_err(GitError::Run)?;
    // A program that went away says so by its status.
    drop(writer.join());
    if output.status.success() { Ok(output.stdout) } else { Err(command_error(name, &output)) }
}

/// Finds where the tree was before `commit`, the oldest commit that has anything in its root. Returns `None`
/// if the commit did not move the tree.
pub(crate) fn find_root_move(git: &Git, commit: Oid) -> Result<Option<RootMove>, GitError> {
    if git.root().is_empty() {
        return Ok(None);
    }
    let Ok(parent) = git.commit(&format!("{commit}^1")) else { return Ok(None) };
    if git.has_root(parent)? {
        return Ok(None);
    }
    let mut roots: BTreeMap<String, usize> = BTreeMap::new();
    for (new, old) in find_moved_files(git, &[commit])?.remove(&commit).unwrap_or_default() {
        if let Some(root) = git.path_below_root(&new).and_then(|below| root_of(&old, below)) {
            *roots.entry(root.to_owned()).or_default() += 1;
        }
    }
    // A file that was copied from elsewhere does not decide.
    let root = roots.into_iter().max_by_key(|(_, count)| *count);
    Ok(root.map(|(root, _)| RootMove { parent, git: git.with_root(root) }))
}

/// Finds the commit that moved the tree to the top of the repository, with where the tree was before: the newest one along
/// first parents that moved `registry.yaml` there. The top of a repository is always there, so that
/// [`find_root_move`] cannot tell.
pub(crate) fn find_move_to_top(git: &Git, head: Oid) -> Result<Option<(Oid, RootMove)>, GitError> {
    let head = head.to_string();
    let mut arguments = vec!["--first-parent", "--diff-merges=first-parent", "--diff-filter=A"];
    arguments.extend(["--no-renames", "--no-ext-diff", "--format=%H", "--max-count=20"]);
    arguments.extend([head.as_str(), "--", REGISTRY_FILE]);
    let listed = git.run("log", &arguments)?;
    let commits: Vec<Oid> = listed.lines().filter_map(Oid::parse).collect();
    let moved = find_moved_files(git, &commits)?;
    for commit in commits {
        let old = moved.get(&commit).and_then(|files| files.get(REGISTRY_FILE));
        let root = old.and_then(|old| root_of(old, REGISTRY_FILE)).filter(|root| !root.is_empty());
        let Some(root) = root else { continue };
        let parent = git.commit(&format!("{commit}^1"))?;
        return Ok(Some((commit, RootMove { parent, git: git.with_root(root.to_owned()) })));
    }
    Ok(None)
}

/// Returns the root of a tree in which the file at `path` would be called `below`.
pub(crate) fn root_of<'p>(path: &'p str, below: &str) -> Option<&'p str> {
    let root = path.strip_suffix(below)?;
    if root.is_empty() { Some(root) } else { root.strip_suffix('/') }
}

/// Returns the differences between a tree in one commit and the tree in another, where it has another root.
pub(crate) fn diff_moved_trees(
    (old, before): (&Git, Oid),
    (new, after): (&Git, Oid),
) -> Result<Vec<Difference>, GitError> {
    let mut command = new.command();
    command.args(["diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev"]);
    command.args(["--no-ext-diff", "--ignore-submodules=none"]);
    command.args([old.tree_of(before), new.tree_of(after)]);
    command.arg("--").args(new.paths());
    let output = run_to_end("diff-tree", &mut command)?;
    let mut parts = output.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    let mut changes = Vec::new();
    while let (Some(facts), Some(path)) = (parts.next(), parts.next()) {
        let (old, new) = git::read_change(facts).ok_or(GitError::Unexpected("diff-tree"))?;
        if old.is_some() || new.is_some() {
            changes.push(Difference { path: String::from_utf8_lossy(path).into_owned(), old, new });
        }
    }
    Ok(changes)
}
