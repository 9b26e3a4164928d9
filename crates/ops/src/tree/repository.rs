//! The repository that a tree is in: files at its top which a Git host reads, and promptdex writes.

use std::path::Path;

use promptdex_core::checks::CodeOwnersFile;

use crate::error::{Context as _, Error, GitPurpose, Result};
use crate::tree::Tree;
use crate::tree::revision::{find, of_head};

/// Where Git hosts look for `CODEOWNERS`, the first place first.
pub const CODE_OWNERS: [&str; 4] =
    [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// A repository with files on disk.
#[derive(Debug)]
pub struct Repository {
    /// Its files, from the top.
    pub files: Tree,
    /// The root of the tree from the top, with `/`; empty for the top itself.
    pub folder: String,
}

impl Repository {
    /// Finds the repository of a tree that is there.
    pub fn find(root: &Path) -> Result<Option<Self>> {
        let Some(git) = find(root)? else { return Ok(None) };
        let context = || format!("cannot look at `{}`", root.display());
        let mut top = root.canonicalize().with_context(context)?;
        let folder = git.root().to_owned();
        for _ in folder.split('/').filter(|part| !part.is_empty()) {
            top.pop();
        }
        Ok(Some(Self { files: Tree::open(&top)?, folder }))
    }

    /// Does the same, and says so where there is none.
    pub fn of(root: &Path) -> Result<Self> {
        Self::find(root)?.ok_or_else(|| {
            let root = root.to_owned();
            Error::NotInGit { root, purpose: GitPurpose::Host }
        })
    }

    /// Reads a file as text, if it is there.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        if !self.files.has(path) {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&self.files.read(path)?).into_owned()))
    }

    /// Writes a file, whether it is there or not.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        if self.files.has(path) {
            self.files.replace(path, text)
        } else {
            self.files.write_new(path, text.as_bytes())
        }
    }
}

/// Reads the `CODEOWNERS` file of the repository that a tree is in, on disk or as of the tree's commit.
pub fn code_owners(tree: &Tree) -> Result<Option<CodeOwnersFile>> {
    let file = |path: &str, text, folder: &str| CodeOwnersFile {
        path: path.to_owned(),
        text,
        folder: folder.to_owned(),
    };
    if let Some(revision) = tree.revision() {
        let git = revision.git();
        let found = git.first_text(revision.commit(), &CODE_OWNERS).map_err(of_head)?;
        return Ok(found.map(|(path, text)| file(path, text, git.root())));
    }
    let Some(repository) = Repository::find(tree.root())? else { return Ok(None) };
    for path in CODE_OWNERS {
        if let Some(text) = repository.text(path)? {
            return Ok(Some(file(path, text, &repository.folder)));
        }
    }
    Ok(None)
}
