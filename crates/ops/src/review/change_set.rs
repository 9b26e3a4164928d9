//! A change to a tree, with its base and its commits. Only the touched parts of both trees are
//! listed and read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use promptdex_core::checks::SHALLOW_CLONE;
use promptdex_core::compile::includes::includes_of;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::policy_check::{self, Actors, BasePrompt, ProposedChange};
use promptdex_core::read::read_prompt;
use promptdex_core::rules;
use promptdex_core::tree::{
    POLICY_FILE, PromptFiles, REGISTRY_FILE, VERSION_FILES, is_ignored_folder, is_read,
};
use promptdex_history::changed_files;
use promptdex_history::git_index::{self, IndexEntry};
use promptdex_history::replay::FirstCommits;
use promptdex_history::{CommitListing, Git, GitError, ListedFile, Oid};
use promptdex_wire::name::is_version_like;
use promptdex_wire::{Digest, PromptName, PromptVersion, Timestamp, Version};
use rayon::prelude::*;

use super::base_root::MovedTree;
use crate::error::{Context as _, Error, GitPurpose, Result};
use crate::history::head::LazyHeadCommit;
use crate::history::in_place_versions::survey_with_versions;
use crate::history::serving_log::{self, CommitRange};
use crate::prompts::settings;
use crate::published::PreviousRegistry;
use crate::tree::Tree;
use crate::tree::revision::{Revision, explain_git_error, find, of_head};

/// A change to a tree, compared with its base.
#[derive(Debug)]
pub struct ChangeSet {
    /// The touched part of the tree with the change.
    tree: Tree,
    /// The same part of its base.
    base_tree: Tree,
    proposal: ProposedChange,
    /// The repository, with the root that the base has the tree in.
    git: Git,
    /// The tip of the base branch.
    base: Oid,
    /// The commit of the change.
    head: Oid,
    /// The versions that the base branch got since the change began, with the digests of their sources.
    versions_since: BTreeMap<PromptName, BTreeMap<Version, Option<Digest>>>,
    /// The commits that introduced the versions of prompts that are edited in place.
    first_commits: FirstCommits,
}

impl ChangeSet {
    /// Finds the changes of a tree since the merge base with `base`. With `is_whole`, the prompts that the change does
    /// not touch are listed as well.
    pub fn open(
        root: &Path,
        rev: Option<&str>,
        base: &str,
        actors: Actors,
        now: Timestamp,
        is_whole: bool,
    ) -> Result<Self> {
        if rev.is_none() {
            Tree::open(root)?;
        }
        let Some(git) = find(root)? else {
            let root = root.to_owned();
            return Err(Error::NotInGit { root, purpose: GitPurpose::Base });
        };
        let head_name = rev.unwrap_or("HEAD");
        let head = git.commit(head_name).map_err(|error| explain_git_error(error, head_name))?;
        let base_commit = git.commit(base).map_err(|error| unknown_base(error, base))?;
        let common = changed_files::merge_base(&git, base_commit, head)
            .map_err(|error| explain_git_error(error, base))?;
        let Some(common) = common else {
            let is_shallow = git.is_shallow().map_err(|error| explain_git_error(error, base))?;
            let (base, head) = (base.to_owned(), head_name.to_owned());
            return Err(Error::NoCommonCommit { base, head, is_shallow });
        };
        let settings_paths = [REGISTRY_FILE, POLICY_FILE].map(str::to_owned);
        let settings_paths: BTreeSet<String> = settings_paths.into();
        let explain = |error: GitError| explain_git_error(error, base);
        let moved = MovedTree { git: &git, root, head: rev.map(|name| (head, name)) };
        let common_git = moved.find_in(common, base)?;
        let is_moved = common_git.root() != git.root();
        let base_git = if common == base_commit {
            common_git.clone()
        } else {
            moved.find_in(base_commit, base)?
        };
        // Both spend most of their time waiting for Git and for the disk.
        let (judged, differing) = rayon::join(
            || {
                let rules =
                    Revision::list_part(&base_git, base_commit, base, Some(&settings_paths))?;
                let rules = Tree::of_commit(root, rules);
                let settings = settings::read_settings(&rules)?;
                let is_signed = settings.governance.require_signed_commits;
                let commits = changed_files::commits(&git, base_commit, head, is_signed);
                let mut commits = commits.map_err(explain)?;
                if is_moved {
                    // What a commit did before the move counts like what it did after it.
                    let before = changed_files::commits(&common_git, base_commit, head, false);
                    for (commit, before) in commits.iter_mut().zip(before.map_err(explain)?) {
                        commit.paths.extend(before.paths);
                    }
                }
                Ok::<_, Error>((settings, commits))
            },
            || match rev {
                _ if is_moved => {
                    let of_base = common_git.list_contents(common, base).map_err(explain)?;
                    let of_head = git.list_if_there(head, head_name, &[]);
                    let of_head = of_head.map_err(|error| explain_git_error(error, head_name))?;
                    let mut changed_paths = list_differences(of_base, of_head);
                    if rev.is_some() {
                        return Ok((changed_paths, BTreeSet::new()));
                    }
                    let (on_disk, uncommitted) = find_changes_on_disk(&git, root, head, head)?;
                    changed_paths.extend(on_disk);
                    Ok((changed_paths, uncommitted))
                }
                Some(_) => {
                    let changed_paths =
                        changed_files::list_differing_files(&git, common, head).map_err(explain)?;
                    Ok((changed_paths, BTreeSet::new()))
                }
                None => find_changes_on_disk(&git, root, common, head),
            },
        );
        let ((settings, commits), (changed_paths, uncommitted_files)) = (judged?, differing?);
        let paths = changed_paths.iter().chain(&settings_paths);
        let paths: BTreeSet<String> = paths.flat_map(|path| paths_to_list(path)).collect();
        let open = |paths: Option<&BTreeSet<String>>| -> Result<Tree> {
            let tree = match rev {
                Some(name) => Tree::of_commit(root, Revision::list_part(&git, head, name, paths)?),
                None => Tree::open(root)?,
            };
            Ok(match paths {
                Some(paths) => tree.limit_to_paths(paths.clone()),
                None => tree,
            })
        };
        let mut tree = open(Some(&paths))?;
        let own = settings::read_settings(&tree)?;
        // If the environments or their aliases change, every prompt may be affected.
        let is_part =
            (&own.environments, &own.aliases) == (&settings.environments, &settings.aliases);
        let mut paths = Some(paths).filter(|_| is_part && !is_whole);
        if let Some(paths) = &mut paths {
            // An included prompt may include others.
            loop {
                let needed = list_needed_prompts(&tree)?;
                let before = paths.len();
                paths.extend(
                    needed.iter().flat_map(|name| [name.to_string(), format!("{name}.md")]),
                );
                if paths.len() == before {
                    break;
                }
                tree = open(Some(paths))?;
            }
        } else {
            tree = open(None)?;
        }
        let old = Revision::list_part(&common_git, common, base, paths.as_ref())?;
        let old = Tree::of_commit(root, old);
        let mut proposal = ProposedChange {
            base: Some(base.to_owned()),
            prompts: BTreeMap::new(),
            commits,
            changed_paths,
            moved: is_moved.then(|| (common_git.root().to_owned(), git.root().to_owned())),
            uncommitted_files,
            actors,
            now,
            settings,
        };
        let (survey, first_commits) = survey_with_versions(&old, &LazyHeadCommit::of(&old))?;
        let known = survey.prompts.par_iter().map(|(name, files)| {
            let prompt = read_prompt(name, files, &old.read_prompt_files(files)?, &mut Vec::new());
            Ok((name.clone(), BasePrompt::of(base, &prompt, &proposal.settings)))
        });
        proposal.prompts = known.collect::<Result<_>>()?;
        let mut versions_since = BTreeMap::new();
        if common != base_commit {
            let tip = Revision::list_part(&base_git, base_commit, base, paths.as_ref())?;
            versions_since = list_new_versions(&Tree::of_commit(root, tip), &proposal)?;
        }
        let (base_tree, base, git) = (old, base_commit, base_git);
        Ok(Self { tree, base_tree, proposal, git, base, head, versions_since, first_commits })
    }

    /// Returns the touched part of the tree with the change.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Returns the same part of the tree as the base has it.
    pub fn base_tree(&self) -> &Tree {
        &self.base_tree
    }

    /// Whether a file differs from the base.
    pub fn has_changed(&self, path: &str) -> bool {
        self.proposal.changed_paths.contains(path)
    }

    /// Whether a file of a prompt differs from the base.
    pub fn touches(&self, name: &PromptName) -> bool {
        let folder = format!("{name}/");
        let mut below = self.proposal.changed_paths.range(folder.clone()..);
        below.next().is_some_and(|path| path.starts_with(&folder))
            || self.has_changed(&format!("{name}.md"))
    }

    /// Returns the tip of the base branch.
    pub fn base(&self) -> Oid {
        self.base
    }

    /// Returns the tip of the base branch, with the root that it has the tree in.
    pub fn base_commit(&self) -> (Git, Oid) {
        (self.git.clone(), self.base)
    }

    /// Returns the change as the checks see it.
    pub fn proposal(&self) -> &ProposedChange {
        &self.proposal
    }

    /// Returns a prompt as it is in the base, with its serving history if `needs_past` asks for it.
    pub fn base_of(
        &self,
        prompt: &Prompt,
        previous: Option<&PreviousRegistry>,
        needs_past: impl Fn(&BasePrompt) -> bool,
    ) -> Result<BasePrompt> {
        let mut base = self.proposal.prompts.get(&prompt.name).cloned().unwrap_or_default();
        if needs_past(&base) {
            let (settings, head) = (&self.proposal.settings, self.base);
            let (git, first_commits) = (&self.git, &self.first_commits);
            let commits = Some(CommitRange { git, head, first_commits });
            let (name, now) = (&prompt.name, &self.proposal.now);
            base.past = serving_log::read(name, &base.targets, settings, commits, previous, now)?;
        }
        Ok(base)
    }

    /// Applies the change checks to a prompt, and returns the prompt as it is in the base.
    pub fn judge(
        &self,
        prompt: &Prompt,
        settings: &Settings,
        previous: Option<&PreviousRegistry>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<BasePrompt> {
        let needed = |base: &BasePrompt| {
            policy_check::needs_past(prompt, base, settings, &self.proposal.settings)
        };
        let mut base = self.base_of(prompt, previous, needed)?;
        base.versions_since = self.versions_since.get(&prompt.name).cloned().unwrap_or_default();
        if let (Some(number), Some((file, _))) = (&prompt.draft, &prompt.in_place) {
            base.given_numbers =
                changed_files::list_given_numbers(&self.git, self.base, self.head, file)
                    .map_err(|error| explain_git_error(error, self.proposal.base_name()))?;
            let is_taken =
                base.versions_since.contains_key(number) || base.given_numbers.contains(number);
            // What is an error for that reason is no draft.
            findings.retain(|found| {
                !is_taken || found.rule.code != rules::DRAFT.code || found.path != *file
            });
        }
        let before = findings.len();
        policy_check::check_prompt(prompt, &base, settings, &self.proposal, findings);
        let rules = &self.proposal.settings;
        if findings.len() > before
            && policy_check::may_be_rollback(prompt, &base, settings, rules)
            && self.git.is_shallow().map_err(of_head)?
        {
            for finding in &mut findings[before..] {
                let help = finding.help.take().map_or_else(String::new, |help| format!("{help}; "));
                let note = "older commits may show that this is a rollback";
                finding.help = Some(format!("{help}{note}, but {SHALLOW_CLONE}"));
            }
        }
        Ok(base)
    }
}

fn unknown_base(error: GitError, base: &str) -> Error {
    match error {
        GitError::UnknownRevision { .. } => Error::UnknownBase(error),
        error => explain_git_error(error, base),
    }
}

/// Returns the paths to list in order to check the prompt that a path belongs to.
fn paths_to_list(path: &str) -> Vec<String> {
    let prompt = |folder: &str| vec![folder.to_owned(), format!("{folder}.md")];
    for (slash, _) in path.match_indices('/') {
        let rest = &path[slash + 1..];
        let segment = rest.split('/').next().unwrap_or(rest);
        let is_folder = rest.len() > segment.len();
        let is_part = matches!(segment, "environments" | "cases" | "results" | "files");
        if is_folder && (is_version_like(segment) || is_part) {
            return prompt(&path[..slash]);
        }
    }
    match path.rsplit_once('/') {
        Some((folder, file)) if file == "prompt.yaml" || VERSION_FILES.contains(&file) => {
            let mut paths = prompt(folder);
            paths.push(path.to_owned());
            paths
        }
        _ => match path.strip_suffix(".md") {
            Some(stem) => prompt(stem),
            None => vec![path.to_owned()],
        },
    }
}

/// Returns the prompts that are needed to check the prompts of a tree: included ones and
/// replacements.
fn list_needed_prompts(tree: &Tree) -> Result<BTreeSet<PromptName>> {
    let (survey, _) = survey_with_versions(tree, &LazyHeadCommit::of(tree))?;
    let mut needed = BTreeSet::new();
    for (name, files) in &survey.prompts {
        let prompt = read_prompt(name, files, &tree.read_prompt_files(files)?, &mut Vec::new());
        needed.extend(prompt.replaced_by.map(|name| name.value));
        for source in prompt.versions.values() {
            let names = includes_of(source).into_iter();
            let names = names.filter_map(|(_, used)| used.name.parse::<PromptVersion>().ok());
            needed.extend(names.map(|version| version.name));
        }
    }
    Ok(needed)
}

/// Lists the versions that the tip of the base branch has and the base of a change has not, of prompts that
/// the change may touch.
fn list_new_versions(
    tip: &Tree,
    proposal: &ProposedChange,
) -> Result<BTreeMap<PromptName, BTreeMap<Version, Option<Digest>>>> {
    let (survey, _) = survey_with_versions(tip, &LazyHeadCommit::of(tip))?;
    let list = |(name, files): (&PromptName, &PromptFiles)| {
        let prompt = read_prompt(name, files, &tip.read_prompt_files(files)?, &mut Vec::new());
        let BasePrompt { mut versions, .. } = BasePrompt::of("", &prompt, &proposal.settings);
        if let Some(before) = proposal.prompts.get(name) {
            versions.retain(|version, _| !before.versions.contains_key(version));
        }
        Ok((name.clone(), versions))
    };
    let mut new: BTreeMap<_, BTreeMap<_, _>> =
        survey.prompts.par_iter().map(list).collect::<Result<_>>()?;
    new.retain(|_, versions| !versions.is_empty());
    Ok(new)
}

/// Returns the files in which two listings of a tree differ.
fn list_differences(one: CommitListing, other: CommitListing) -> BTreeSet<String> {
    let facts = |(path, file): (String, ListedFile)| (path, (file.oid, file.is_executable));
    let [one, other] =
        [one, other].map(|list| list.into_iter().map(facts).collect::<BTreeMap<_, _>>());
    let paths = one.keys().chain(other.keys());
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// Finds the files on disk that differ from a commit, and the ones among them that are not
/// committed. Git only lists the contents of the commit and its index. The files are read here, so
/// that no filter of the repository runs.
pub(crate) fn find_changes_on_disk(
    git: &Git,
    root: &Path,
    common: Oid,
    head: Oid,
) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let written = fs::metadata(git.index_file()).ok();
    let index = git_index::read_index(git, head).map_err(of_head)?;
    let same = (0..index.places).map(|_| AtomicBool::new(false)).collect();
    let disk = WorkingFiles { root, index_entries: index.files, same, written };
    let staged = || {
        let of_common = changed_files::list_staged_files(git, common)?;
        let of_head =
            if head == common { None } else { Some(changed_files::list_staged_files(git, head)?) };
        Ok((of_common, of_head))
    };
    let (others, staged) = rayon::join(|| disk.find_changes(""), staged);
    let (others, (mut changed_paths, of_head)) = (others?, staged.map_err(of_head)?);
    let is_gone = |path: &str, known: &IndexEntry| {
        !disk.same[known.place].load(Ordering::Relaxed) && is_read(path)
    };
    let gone = disk.index_entries.iter().filter(|(path, known)| is_gone(path, known));
    let gone = gone.map(|(path, _)| path.clone());
    let mut uncommitted_files: BTreeSet<String> = others.into_iter().chain(gone).collect();
    changed_paths.extend(uncommitted_files.iter().cloned());
    uncommitted_files.extend(of_head.unwrap_or_else(|| changed_paths.clone()));
    Ok((changed_paths, uncommitted_files))
}

/// The files on disk, compared with Git's index.
struct WorkingFiles<'a> {
    root: &'a Path,
    index_entries: HashMap<String, IndexEntry>,
    /// Whether each entry of the index has an unchanged file on disk, by position.
    same: Vec<AtomicBool>,
    /// The metadata of the index file itself.
    written: Option<Metadata>,
}

impl WorkingFiles<'_> {
    /// Compares a folder and its subfolders with the index; subfolders are read on all cores.
    /// Returns the files that differ from the index.
    fn find_changes(&self, folder: &str) -> Result<Vec<String>> {
        let full = self.root.join(folder);
        let context = || format!("cannot list `{}`", full.display());
        let mut others = Vec::new();
        let mut folders = Vec::new();
        for entry in fs::read_dir(&full).with_context(context)? {
            let entry = entry.with_context(context)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path =
                if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            if entry.file_type().with_context(context)?.is_dir() {
                if !is_ignored_folder(&name) {
                    folders.push(path);
                }
                continue;
            }
            let metadata = entry.metadata().with_context(context)?;
            match self.index_entries.get(&path) {
                Some(known) if self.is_same(&path, known, &metadata)? => {
                    self.same[known.place].store(true, Ordering::Relaxed);
                }
                _ => others.push(path),
            }
        }
        let below = |path: &String| self.find_changes(path);
        let parts: Vec<Vec<String>> = if folders.len() < FEW_FOLDERS {
            folders.iter().map(below).collect::<Result<_>>()?
        } else {
            folders.par_iter().map(below).collect::<Result<_>>()?
        };
        others.extend(parts.into_iter().flatten());
        Ok(others)
    }

    /// Whether a file equals its index entry.
    fn is_same(&self, path: &str, known: &IndexEntry, metadata: &Metadata) -> Result<bool> {
        if self.written.as_ref().is_some_and(|index| is_untouched(known, metadata, index)) {
            return Ok(true);
        }
        if !metadata.is_file() {
            return Ok(false);
        }
        let full = self.root.join(path);
        let bytes = fs::read(&full).with_context(|| format!("cannot read `{}`", full.display()))?;
        Ok(known.oid.is_of(&bytes))
    }
}

/// Up to this number of folders, another core is not worthwhile.
const FEW_FOLDERS: usize = 8;

/// Whether the metadata of a file proves that it equals its index entry. A file that changed when
/// the index was written, or later, may have changed again within the resolution of the clock.
#[cfg(unix)]
fn is_untouched(known: &IndexEntry, metadata: &Metadata, index: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    // Git's index stores inode numbers and sizes in 32 bits.
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).ok();
    metadata.is_file()
        && (known.modification_time, known.change_time) == (modified, changed)
        && Some(known.inode) == low(metadata.ino())
        && Some(known.size) == low(metadata.len())
        && modified < (index.mtime(), index.mtime_nsec())
}

#[cfg(not(unix))]
fn is_untouched(_: &IndexEntry, _: &Metadata, _: &Metadata) -> bool {
    false
}
