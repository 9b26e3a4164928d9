//! Finds where the base of a change has the tree. A change that moves the tree to another folder is compared
//! with the folder it moved from: otherwise, everything in it would look new, and no rule would apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE, is_read};
use promptdex_history::{Git, Oid};
use promptdex_wire::RegistryName;
use promptdex_wire::name::is_version_like;

use crate::error::{Context as _, Error, Result};
use crate::prompts::settings::read_settings;
use crate::tree::Tree;
use crate::tree::revision::{Revision, explain_git_error};

/// The tree with the change, to be found in a base that does not have its folder.
pub(super) struct MovedTree<'a> {
    /// The repository, with the root of the tree.
    pub(super) git: &'a Git,
    /// The folder of the tree on disk.
    pub(super) root: &'a Path,
    /// The commit of the change, and its name; absent if the tree is read from disk.
    pub(super) head: Option<(Oid, &'a str)>,
}

impl MovedTree<'_> {
    /// Returns the repository with the root that the tree has in a commit of the base. A tree that the base
    /// never had keeps its own root.
    pub(super) fn find_in(&self, commit: Oid, base: &str) -> Result<Git> {
        let explain = |error| explain_git_error(error, base);
        if self.git.has_root(commit).map_err(explain)? {
            return Ok(self.git.clone());
        }
        let all = self.git.with_root(String::new());
        let listing = all.list_contents(commit, base).map_err(explain)?;
        let there: BTreeSet<String> = listing.into_iter().map(|(path, _)| path).collect();
        let (own, registry) = self.read_own()?;
        let known = self.list_repository()?;
        let mut folders: Vec<(&str, Folder)> = group_by_folder(&there, &own, &known);
        folders.sort_by_key(|(_, folder)| std::cmp::Reverse(folder.matches));
        for (path, folder) in folders {
            let git = all.with_root(path.to_owned());
            let is_same_registry = || -> Result<bool> {
                let paths = [REGISTRY_FILE, POLICY_FILE].map(str::to_owned);
                let revision = Revision::list_part(&git, commit, base, Some(&paths.into()))?;
                let settings = read_settings(&Tree::of_commit(self.root, revision))?;
                Ok(folder.matches > 0 && settings.registry == registry)
            };
            if folder.is_gone || is_same_registry()? {
                return Ok(git);
            }
        }
        let is_shallow = self.git.is_shallow().map_err(explain)?;
        if is_shallow || self.git.had_root(commit).map_err(explain)? {
            let (base, folder) = (base.to_owned(), self.git.root().to_owned());
            return Err(Error::TreeGoneFromBase { base, folder, is_shallow });
        }
        Ok(self.git.clone())
    }

    /// Returns the files of the tree with the change, and the name of its registry.
    fn read_own(&self) -> Result<(BTreeSet<String>, RegistryName)> {
        let tree = match self.head {
            Some((commit, name)) => {
                Tree::of_commit(self.root, Revision::list_part(self.git, commit, name, None)?)
            }
            None => Tree::open(self.root)?,
        };
        let listing = tree.listing()?;
        Ok((listing.into_keys().collect(), read_settings(&tree)?.registry))
    }

    /// Returns all files of the repository with the change that may belong to a tree.
    fn list_repository(&self) -> Result<BTreeSet<String>> {
        if let Some((commit, name)) = self.head {
            let all = self.git.with_root(String::new());
            let listing =
                all.list_contents(commit, name).map_err(|error| explain_git_error(error, name))?;
            return Ok(listing.into_iter().map(|(path, _)| path).collect());
        }
        let context = || format!("cannot look at `{}`", self.root.display());
        let mut top = self.root.canonicalize().with_context(context)?;
        for _ in self.git.root().split('/') {
            top.pop();
        }
        Ok(Tree::open(&top)?.listing()?.into_keys().collect())
    }
}

/// A folder of the base that may be the tree.
#[derive(Default)]
struct Folder {
    /// How many files of a tree it has that the tree with the change has, too.
    matches: usize,
    /// Whether the change removes one of its files.
    is_gone: bool,
}

/// Groups the files of the base that belong to trees by the folder that would be the root. `own` are the files
/// of the tree with the change, `known` all files of the repository with the change.
fn group_by_folder<'p>(
    there: &'p BTreeSet<String>,
    own: &BTreeSet<String>,
    known: &BTreeSet<String>,
) -> Vec<(&'p str, Folder)> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for path in there.iter().filter(|path| is_read(path)) {
        let starts = path.match_indices('/').map(|(slash, _)| slash + 1);
        for start in std::iter::once(0).chain(starts) {
            let (folder, below) = (&path[..start.saturating_sub(1)], &path[start..]);
            let has_rules = below == REGISTRY_FILE || below == POLICY_FILE;
            let is_own = own.contains(below) && (has_rules || is_of_version(below));
            if has_rules || is_own {
                let folder = folders.entry(folder).or_default();
                folder.matches += usize::from(is_own);
                folder.is_gone |= !known.contains(path);
            }
        }
    }
    folders.into_iter().collect()
}

/// Whether a path of a tree may be that of a version: in a folder, or edited in place.
fn is_of_version(path: &str) -> bool {
    path.split('/').skip(1).any(is_version_like)
        || path.ends_with(".md")
        || path.ends_with("/prompt.yaml")
}
