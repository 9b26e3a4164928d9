//! Finds where the base of a change has the tree. A change that moves the tree to another folder is compared
//! with the folder it moved from: otherwise, everything in it would look new, and no rule would apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE, is_read};
use promptdex_history::{Git, Oid};
use promptdex_wire::RegistryName;
use promptdex_wire::name::is_version_like;

use crate::error::{Error, Result};
use crate::prompts::settings::read_settings;
use crate::tree::Tree;
use crate::tree::repository::DiskRepository;
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
        let has_folder = self.git.has_root(commit).map_err(explain)?;
        // A folder with other files is no tree: it may have been put there for one to be moved into.
        if has_folder && self.has_tree(commit, base)? {
            return Ok(self.git.clone());
        }
        let all = self.git.with_root(String::new());
        let listing = all.list_contents(commit, base).map_err(explain)?;
        let there: BTreeSet<String> = listing.into_iter().map(|(path, _)| path).collect();
        let (own, registry) = self.read_own()?;
        let known = self.list_repository()?;
        let mut folders: Vec<(&str, Folder)> = group_by_folder(&there, &own, &known);
        folders.sort_by_key(|(_, folder)| std::cmp::Reverse(folder.matches));
        // Prompts that are edited in place may all be where they were.
        let own_place = folders.iter().find(|(path, _)| *path == self.git.root());
        let own_matches = own_place.map_or(0, |(_, folder)| folder.matches);
        for (path, folder) in folders {
            if path == self.git.root() {
                continue;
            }
            let git = all.with_root(path.to_owned());
            let is_same_registry = || -> Result<bool> {
                let paths = [REGISTRY_FILE, POLICY_FILE].map(str::to_owned);
                let revision = Revision::list_part(&git, commit, base, Some(&paths.into()))?;
                let settings = read_settings(&Tree::of_commit(self.root, revision))?;
                Ok(folder.matches > own_matches && settings.registry == registry)
            };
            if folder.is_gone || is_same_registry()? {
                return Ok(git);
            }
        }
        let is_shallow = own_matches == 0 && self.git.is_shallow().map_err(explain)?;
        // Of a folder that is there, only the files that every tree has by the same name tell.
        let files: &[&str] = if has_folder { &[REGISTRY_FILE, POLICY_FILE] } else { &[] };
        if is_shallow || self.git.has_changed(commit, files).map_err(explain)? {
            let (base, folder) = (base.to_owned(), self.git.root().to_owned());
            return Err(Error::TreeGoneFromBase { base, folder, is_shallow });
        }
        Ok(self.git.clone())
    }

    /// Whether the base has a tree at the root: its settings, or a version in a folder.
    fn has_tree(&self, commit: Oid, base: &str) -> Result<bool> {
        let explain = |error| explain_git_error(error, base);
        let settings = self.git.list_if_there(commit, base, &[REGISTRY_FILE, POLICY_FILE]);
        if !settings.map_err(explain)?.is_empty() {
            return Ok(true);
        }
        let listing = self.git.list_contents(commit, base).map_err(explain)?;
        let mut paths = listing.iter().map(|(path, _)| path).filter(|path| is_read(path));
        Ok(paths.any(|path| is_in_version(path)))
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
        Ok(DiskRepository::of(self.root)?.files.listing()?.into_keys().collect())
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
    is_in_version(path) || path.ends_with(".md") || path.ends_with("/prompt.yaml")
}

/// Whether a path of a tree is in the folder of a version.
fn is_in_version(path: &str) -> bool {
    path.split('/').skip(1).any(is_version_like)
}
