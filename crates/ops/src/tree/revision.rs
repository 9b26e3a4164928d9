//! Reads a tree as of a commit from Git objects. Nothing is read from the working tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use promptdex_core::tree::{Survey, TreeEntry, is_read, survey};
use promptdex_history::{CommitListing, Git, GitError, ListedFile, ObjectReader, Oid};
use promptdex_wire::PromptName;

use crate::error::{Error, GitPurpose, Result};
use crate::tree::root_link::refuse_link;

/// A commit with the files of a tree.
#[derive(Debug)]
pub struct Revision {
    git: Git,
    commit: Oid,
    /// The files of the tree, by path. Files in ignored folders are included.
    files: BTreeMap<String, ListedFile>,
    blobs: RevisionBlobs,
}

/// For more paths than this, the whole tree is listed.
const PATHS_AT_ONCE: usize = 500;

/// Reads contents of objects in a repository.
#[derive(Debug)]
pub struct RevisionBlobs {
    git: Git,
    /// Readers that are not in use.
    idle: Mutex<Vec<ObjectReader>>,
}

impl RevisionBlobs {
    /// Creates a reader of a repository.
    pub fn new(git: Git) -> Self {
        Self { git, idle: Mutex::default() }
    }

    /// Reads objects, in the order of `ids`.
    pub fn read(&self, ids: &[Oid]) -> Result<Vec<Vec<u8>>> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = idle().pop();
        let mut reader = match reader {
            Some(reader) => reader,
            None => ObjectReader::open(&self.git).map_err(of_head)?,
        };
        let contents = reader.read(ids).map_err(of_head)?;
        idle().push(reader);
        Ok(contents)
    }
}

impl Revision {
    /// Opens the tree in `root` as of the commit that `name` names.
    pub fn open(root: &Path, name: &str) -> Result<Self> {
        let Some(git) = find(root)? else {
            let root = root.to_owned();
            return Err(Error::NotInGit { root, purpose: GitPurpose::Revision });
        };
        let commit = git.commit(name).map_err(|error| explain_git_error(error, name))?;
        Self::of(git, commit, name)
    }

    /// Lists the files of a commit.
    fn of(git: Git, commit: Oid, name: &str) -> Result<Self> {
        let listing =
            git.list(commit, name, &[]).map_err(|error| explain_git_error(error, name))?;
        Ok(Self::with(git, commit, listing))
    }

    /// Lists the files of a commit without their sizes.
    pub fn list_without_sizes(git: Git, commit: Oid, name: &str) -> Result<Self> {
        let listing =
            git.list_contents(commit, name).map_err(|error| explain_git_error(error, name))?;
        Ok(Self::with(git, commit, listing))
    }

    /// Lists the files of a commit, all or only `paths` and everything below them. A commit without
    /// the tree has no files.
    pub fn list_part(
        git: &Git,
        commit: Oid,
        name: &str,
        paths: Option<&BTreeSet<String>>,
    ) -> Result<Self> {
        // The length of a command line is limited.
        let few = paths.filter(|paths| paths.len() <= PATHS_AT_ONCE);
        let folders: Vec<&str> = few.into_iter().flatten().map(String::as_str).collect();
        let listing = git.list_if_there(commit, name, &folders);
        let mut listing = listing.map_err(|error| explain_git_error(error, name))?;
        if let Some(paths) = paths.filter(|_| few.is_none()) {
            let is_wanted = |path: &str| {
                let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
                ends.map(|end| &path[..end]).any(|path| paths.contains(path))
            };
            listing.retain(|(path, _)| is_wanted(path));
        }
        Ok(Self::with(git.clone(), commit, listing))
    }

    fn with(git: Git, commit: Oid, listing: CommitListing) -> Self {
        let files = listing.into_iter().collect();
        Self { commit, files, blobs: RevisionBlobs::new(git.clone()), git }
    }

    /// Returns the repository.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// Returns the commit.
    pub fn commit(&self) -> Oid {
        self.commit
    }

    /// Returns the files of the tree, by path. Files in ignored folders are included.
    pub fn files(&self) -> &BTreeMap<String, ListedFile> {
        &self.files
    }

    /// Lists the files below a folder.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = String> {
        let start = format!("{folder}/");
        let files = self.files.range(start.clone()..).map(|(path, _)| path);
        files.take_while(move |path| path.starts_with(&start)).cloned()
    }

    /// Lists the files whose paths begin with `below`. The Git object id of a file is its stamp.
    pub fn entries<'r>(
        &'r self,
        below: &str,
    ) -> impl Iterator<Item = (String, TreeEntry)> + use<'r> {
        let below = below.to_owned();
        let start = below.clone();
        let files = self.files.range(start..);
        let files = files.take_while(move |(path, _)| path.starts_with(&below));
        files.filter(|(path, _)| is_read(path)).map(|(path, file)| {
            let entry = file.size.map_or(TreeEntry::Other, |size| TreeEntry::File {
                size,
                stamp: Some(file.oid.stamp()),
                is_executable: file.is_executable,
            });
            (path.clone(), entry)
        })
    }

    /// Lists the folder of one prompt, and the single file with the same name.
    pub fn prompt_entries(&self, name: &PromptName) -> impl Iterator<Item = (String, TreeEntry)> {
        let document = format!("{name}.md");
        let own = self.entries(&document).filter(move |(path, _)| *path == document);
        self.entries(&format!("{name}/")).chain(own)
    }

    /// Surveys the files of one prompt, without listing the rest of the tree.
    pub fn survey(&self, name: &PromptName) -> Survey {
        survey(&self.prompt_entries(name).collect())
    }

    /// Reads files, in the order of `paths`.
    pub fn read(&self, paths: &[String]) -> Result<Vec<Vec<u8>>> {
        let ids: Result<Vec<Oid>> = paths
            .iter()
            .map(|path| {
                let file = self.files.get(path);
                let file = file.ok_or_else(|| Error::NoFileInCommit {
                    commit: self.commit.to_string(),
                    path: path.clone(),
                })?;
                Ok(file.oid)
            })
            .collect();
        self.blobs.read(&ids?)
    }
}

/// Finds the repository of a tree.
pub fn find(root: &Path) -> Result<Option<Git>> {
    refuse_link(root)?;
    Git::find(root).map_err(of_head)
}

/// Converts an error of Git about the current commit.
pub fn of_head(error: GitError) -> Error {
    explain_git_error(error, "HEAD")
}

/// Converts an error of Git about a revision. `name` is the revision as the user named it.
pub fn explain_git_error(error: GitError, name: &str) -> Error {
    Error::Git { error, revision: name.to_owned() }
}
