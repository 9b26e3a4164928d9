//! The repository of a tree: files at its root that a Git host reads and promptdex writes.

use std::path::Path;

use promptdex_core::checks::CodeOwnersFile;

use crate::error::{Context as _, Error, GitPurpose, Result};
use crate::tree::Tree;
use crate::tree::revision::{find, of_head};

/// The paths where Git hosts look for `CODEOWNERS`, in order of precedence.
pub const CODE_OWNERS: [&str; 4] =
    [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// A repository with a working tree.
#[derive(Debug)]
pub struct DiskRepository {
    /// Its files, relative to its root.
    pub files: Tree,
    /// The path of the prompt tree in the repository, with `/`. Empty if the tree is at the root.
    pub folder: String,
}

impl DiskRepository {
    /// Finds the repository of a tree on disk.
    pub fn find(root: &Path) -> Result<Option<Self>> {
        let Some(git) = find(root)? else { return Ok(None) };
        let context = || format!("cannot access `{}`", root.display());
        let mut top = root.canonicalize().with_context(context)?;
        let folder = git.root().to_owned();
        for _ in folder.split('/').filter(|part| !part.is_empty()) {
            top.pop();
        }
        Ok(Some(Self { files: Tree::open(&top)?, folder }))
    }

    /// Finds the repository of a tree on disk, or returns an error if there is none.
    pub fn of(root: &Path) -> Result<Self> {
        Self::find(root)?.ok_or_else(|| {
            let root = root.to_owned();
            Error::NotInGit { root, purpose: GitPurpose::Host }
        })
    }

    /// Lists the names of the files in a folder of the repository, sorted. A folder that does not
    /// exist has none.
    pub fn file_names(&self, folder: &str) -> Result<Vec<String>> {
        let path = self.files.root().join(folder);
        let context = || format!("cannot list `{}`", path.display());
        let entries = match std::fs::read_dir(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(context)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.with_context(context)?;
            if entry.file_type().with_context(context)?.is_file() {
                names.extend(entry.file_name().into_string().ok());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads a file as text, if it exists.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        if !self.files.has(path) {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&self.files.read(path)?).into_owned()))
    }

    /// Writes a file, whether it exists or not.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        if self.files.has(path) {
            self.files.replace(path, text)
        } else {
            self.files.write_new(path, text.as_bytes())
        }
    }
}

/// Where the source in a folder comes from: the URL of its `origin`, and the commit that is checked
/// out. Either may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceOrigin {
    /// The URL, as Git knows it.
    pub url: Option<String>,
    /// The commit, in hexadecimal digits.
    pub commit: Option<String>,
}

impl SourceOrigin {
    /// Finds the origin of a folder that is the top of a repository.
    pub fn of(folder: &Path) -> Self {
        let git = folder.join(".git").exists().then(|| find(folder).ok().flatten()).flatten();
        let Some(git) = git else { return Self::default() };
        let commit = git.head().ok().flatten().map(|commit| commit.to_string());
        Self { url: git.remote_url("origin"), commit }
    }
}

/// Reads the `CODEOWNERS` file of a tree's repository, on disk or from the tree's commit. A tree in
/// memory is treated as a whole repository.
pub fn code_owners(tree: &Tree) -> Result<Option<CodeOwnersFile>> {
    let mut outside: Option<(&str, String)> = None;
    let mut folder = String::new();
    if let Some(revision) = tree.revision() {
        let git = revision.git();
        git.root().clone_into(&mut folder);
        let others: Vec<&str> =
            CODE_OWNERS.into_iter().filter(|path| relative_path(path, &folder).is_none()).collect();
        if !others.is_empty() {
            outside = git.read_first_text(revision.commit(), &others).map_err(of_head)?;
        }
    } else if let Some(root) = tree.folder() {
        let Some(repository) = DiskRepository::find(root)? else { return Ok(None) };
        for path in
            CODE_OWNERS.into_iter().filter(|path| relative_path(path, &repository.folder).is_none())
        {
            if let Some(text) = repository.text(path)? {
                outside = Some((path, text));
                break;
            }
        }
        folder = repository.folder;
    }
    for path in CODE_OWNERS {
        let text = match relative_path(path, &folder) {
            Some(inside) if tree.has(inside) => {
                String::from_utf8_lossy(&tree.read(inside)?).into_owned()
            }
            Some(_) => continue,
            None => match outside.take_if(|(found, _)| *found == path) {
                Some((_, text)) => text,
                None => continue,
            },
        };
        return Ok(Some(CodeOwnersFile { path: path.to_owned(), text, folder }));
    }
    Ok(None)
}

/// Returns a path of a repository relative to a folder, or `None` if it is outside the folder.
fn relative_path<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}
