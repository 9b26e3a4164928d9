//! What a change differs in from its base, and the commits that did it.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::policy_check::ChangeCommit;
use promptdex_core::read::read_front_matter_version;
use promptdex_core::source::SourceFile;
use promptdex_wire::Version;

use crate::commit_message::CommitMessage;
use crate::first_parents::CommitDiffer;
use crate::git::{Git, GitError, command_error, run_to_end};
use crate::objects::ObjectCache;
use crate::oid::Oid;
use crate::signature;

/// Finds the newest commit that two have in common, if they have any.
pub fn merge_base(git: &Git, one: Oid, other: Oid) -> Result<Option<Oid>, GitError> {
    run_merge_base(git, &["merge-base"], &[one, other])
}

fn run_merge_base(git: &Git, arguments: &[&str], commits: &[Oid]) -> Result<Option<Oid>, GitError> {
    let mut command = git.command();
    command.args(arguments).args(commits.iter().map(Oid::to_string));
    let output = command.output().map_err(GitError::Run)?;
    match output.status.code() {
        Some(0) => {
            let text = String::from_utf8_lossy(&output.stdout);
            let first = text.lines().next().and_then(Oid::parse);
            first.map(Some).ok_or(GitError::Unexpected("merge-base"))
        }
        Some(1) => Ok(None),
        _ => Err(command_error("merge-base", &output)),
    }
}

/// Returns the files of the tree in which two commits differ.
pub fn list_differing_files(git: &Git, from: Oid, to: Oid) -> Result<BTreeSet<String>, GitError> {
    let (from, to) = (from.to_string(), to.to_string());
    let command = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff"];
    names(git, "diff-tree", &[&command[..], &["--ignore-submodules=none", &from, &to]].concat())
}

/// Returns the files of the tree in which the index differs from a commit.
pub fn list_staged_files(git: &Git, commit: Oid) -> Result<BTreeSet<String>, GitError> {
    let commit = commit.to_string();
    let command = ["diff-index", "--cached", "-z", "--name-only", "--no-renames"];
    names(git, "diff-index", &[&command[..], &["--no-ext-diff", &commit]].concat())
}

fn names(git: &Git, name: &'static str, arguments: &[&str]) -> Result<BTreeSet<String>, GitError> {
    let mut command = git.command();
    command.args(arguments).arg("--");
    if !git.root().is_empty() {
        command.arg(git.root());
    }
    let said = run_to_end(name, &mut command).map_err(|error| git.explain_failure(error))?;
    let paths = said.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let below = |path: std::borrow::Cow<'_, str>| git.path_below_root(&path).map(str::to_owned);
    Ok(paths.filter(|path| !path.is_empty()).filter_map(below).collect())
}

/// Reads the commits that a change adds to its base, the newest first. The `.mailmap` of the base counts: a
/// change cannot map its own authors. With `is_signed`, every signature is checked.
pub fn commits(
    git: &Git,
    base: Oid,
    head: Oid,
    is_signed: bool,
) -> Result<Vec<ChangeCommit>, GitError> {
    let range = [head.to_string(), format!("^{base}")];
    let format = "--format=%H%n%P%n%aN%n%aE%n%B%x00";
    let mailmap = format!("mailmap.blob={base}:.mailmap");
    let mut command = git.command();
    command.args(["-c", &mailmap, "rev-list", "--topo-order", "--encoding=UTF-8", format]);
    let said = run_to_end("rev-list", command.args(&range))?;
    let text = String::from_utf8_lossy(&said);
    let mut commits = Vec::new();
    let mut parents: Vec<Vec<Oid>> = Vec::new();
    for part in text.split('\0').map(str::trim_start).filter(|part| !part.is_empty()) {
        let (commit, above) = read_commit(part).ok_or(GitError::Unexpected("rev-list"))?;
        commits.push(commit);
        parents.push(above);
    }
    if commits.is_empty() {
        return Ok(commits);
    }
    let plain = commits.iter().zip(&parents).filter(|(_, parents)| parents.len() < 2);
    let plain: Vec<Oid> = plain.filter_map(|(commit, _)| Oid::parse(&commit.id)).collect();
    let changed = CommitDiffer::of(git, base)?.read(plain.iter())?;
    let mut paths: BTreeMap<String, BTreeSet<String>> = changed
        .into_iter()
        .map(|commit| {
            let paths = commit.changes.into_iter().map(|change| change.path);
            (commit.facts.id.to_string(), paths.collect())
        })
        .collect();
    let trust = if is_signed { Some(signature::SignatureSettings::read(git, base)?) } else { None };
    for (commit, parents) in commits.iter_mut().zip(&parents) {
        let Some(id) = Oid::parse(&commit.id) else { continue };
        commit.paths = match parents.as_slice() {
            [] | [_] => paths.remove(&commit.id).unwrap_or_default(),
            parents => list_merge_changes(git, id, parents)?,
        };
        if let Some(trust) = &trust {
            commit.signature_problem = trust.problem(git, id)?;
        }
    }
    Ok(commits)
}

/// Finds the numbers that commits of a change gave to a prompt that is edited in place: `file` has the number.
/// Merges give none.
pub fn list_given_numbers(
    git: &Git,
    base: Oid,
    head: Oid,
    file: &str,
) -> Result<BTreeSet<Version>, GitError> {
    let range = ["--no-merges".to_owned(), head.to_string(), format!("^{base}")];
    let ids = git.run("rev-list", &range)?;
    let ids: Vec<Oid> = ids.lines().filter_map(Oid::parse).collect();
    let of_file = git.limit_to_paths(vec![file.to_owned()]);
    let commits = CommitDiffer::of(&of_file, base)?.read(ids.iter())?;
    let mut contents = ObjectCache::open(git)?;
    let mut read_number = |id: Option<Oid>| -> Result<Option<Version>, GitError> {
        let Some(id) = id else { return Ok(None) };
        let source = SourceFile::lossy(file, &contents.read(id)?);
        Ok(read_front_matter_version(&source).and_then(|front_matter| front_matter.version))
    };
    let mut given = BTreeSet::new();
    for change in commits.iter().flat_map(|commit| &commit.changes).filter(|c| c.path == file) {
        let (old, new) = (read_number(change.old)?, read_number(change.new)?);
        given.extend(new.filter(|new| old.as_ref() != Some(new)));
    }
    Ok(given)
}

/// Reads what `rev-list` writes of a commit: a line `commit {id}`, then the format.
fn read_commit(text: &str) -> Option<(ChangeCommit, Vec<Oid>)> {
    let mut lines = text.splitn(6, '\n');
    lines.next().filter(|line| line.starts_with("commit "))?;
    let id = Oid::parse(lines.next()?)?;
    let parents = lines.next()?.split_ascii_whitespace();
    let parents = parents.map(Oid::parse).collect::<Option<_>>()?;
    let (name, email) = (lines.next()?.to_owned(), lines.next()?.to_owned());
    let reason = CommitMessage::read(lines.next().unwrap_or_default()).reason;
    let id = id.to_string();
    Some((
        ChangeCommit { id, name, email, reason, paths: BTreeSet::new(), signature_problem: None },
        parents,
    ))
}

/// Returns the files that a merge itself changed: files that differ from every parent, and files in which
/// it dropped the change of a parent.
fn list_merge_changes(
    git: &Git,
    merge: Oid,
    parents: &[Oid],
) -> Result<BTreeSet<String>, GitError> {
    let differing_from: Vec<BTreeSet<String>> = parents
        .iter()
        .map(|parent| list_differing_files(git, *parent, merge))
        .collect::<Result<_, GitError>>()?;
    let all: BTreeSet<String> = differing_from.iter().flatten().cloned().collect();
    // Where histories have met more than once, nobody can say what a parent did.
    let Some(common) = run_merge_base(git, &["merge-base", "--octopus", "--all"], parents)? else {
        return Ok(all);
    };
    let since_common = list_differing_files(git, common, merge)?;
    let is_own = |path: &String| {
        differing_from.iter().all(|paths| paths.contains(path)) || !since_common.contains(path)
    };
    Ok(all.into_iter().filter(is_own).collect())
}
