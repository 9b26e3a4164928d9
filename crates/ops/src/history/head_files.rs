//! The files of a commit, to decide whether a tree on disk equals the commit.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use promptdex_core::tree::{
    Contents, POLICY_FILE, PromptFiles, REGISTRY_FILE, is_version_file, survey,
};
use promptdex_wire::release::Source;
use promptdex_wire::{PromptName, Version};

use super::head::HeadCommit;
use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::{Revision, of_head};

impl HeadCommit {
    /// Lists the files of the commit.
    pub fn files(&self) -> Result<HeadFiles> {
        let (git, commit) = (self.git.clone(), self.commit);
        let source = git.source(commit).map_err(of_head)?;
        // If the commit does not contain the tree, no files match.
        let revision = Revision::list_without_sizes(git, commit, "HEAD").ok();
        Ok(HeadFiles { revision, source })
    }
}

/// The files of a commit, to compare a tree on disk with.
#[derive(Debug)]
pub struct HeadFiles {
    revision: Option<Revision>,
    /// The commit, as releases record it.
    pub source: Source,
}

impl HeadFiles {
    /// Returns a stamp of a prompt's files in the commit.
    pub fn stamp(&self, files: &PromptFiles) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        for (path, entry) in self.revision.as_ref()?.entries(&format!("{}/", files.folder)) {
            path.hash(&mut hasher);
            format!("{entry:?}").hash(&mut hasher);
        }
        Some(hasher.finish())
    }

    /// Whether a prompt's files in the commit are the files that were read, and no others.
    pub fn has_prompt(
        &self,
        tree: &Tree,
        name: &PromptName,
        files: &PromptFiles,
        contents: &Contents,
    ) -> bool {
        let known = self.revision.as_ref().map(|revision| revision.survey(name));
        let known = known.unwrap_or_default();
        let mut there: BTreeSet<String> = BTreeSet::new();
        if let Some(known) = known.prompts.get(name) {
            there.extend(known.paths());
            if files.is_folder_in_place() {
                there.extend(known.loose.iter().cloned());
            }
        }
        let document = files.in_place.iter().map(|in_place| &in_place.file);
        there.extend(document.filter(|file| known.documents.contains_key(*file)).cloned());
        // Files read from older commits do not depend on this commit.
        let mut own = contents.iter().filter(|(path, _)| !tree.is_label(path));
        let own_files: BTreeSet<&String> = own.clone().map(|(path, _)| path).collect();
        let is_draft = files.in_place.as_ref().is_some_and(|in_place| in_place.is_draft);
        let is_same = there.iter().collect::<BTreeSet<_>>() == own_files;
        !is_draft && is_same && own.all(|(path, bytes)| self.has(path, bytes))
    }

    /// Whether the commit has the same registry files, and no other prompts.
    pub fn has_registry(
        &self,
        tree: &Tree,
        prompts: &BTreeMap<PromptName, PromptFiles>,
    ) -> Result<bool> {
        let Some(revision) = &self.revision else { return Ok(false) };
        for file in [REGISTRY_FILE, POLICY_FILE] {
            if !self.has_registry_file(tree, file)? {
                return Ok(false);
            }
        }
        let folders: HashSet<&str> = prompts.values().map(|files| files.folder.as_str()).collect();
        let mut last = "";
        // Files in the folders of prompts are compared by `has_prompt`.
        let mut is_elsewhere = |path: &str| {
            if path.strip_prefix(last).is_some_and(|rest| rest.starts_with('/')) {
                return false;
            }
            let above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
            let folder = above.filter_map(|folder| folders.get(folder)).next();
            last = folder.copied().unwrap_or(last);
            folder.is_none()
        };
        let rest = revision.entries("").filter(|(path, _)| is_elsewhere(path)).collect();
        let rest = survey(&rest);
        // A document that was removed may have been a prompt.
        let has_documents = rest.documents.keys().all(|path| tree.has(path));
        Ok(rest.prompts.is_empty() && has_documents)
    }

    /// Whether a file at the root is the same in the commit, or in neither.
    pub fn has_registry_file(&self, tree: &Tree, file: &str) -> Result<bool> {
        let files = self.revision.as_ref().map(Revision::files);
        let is_known = files.is_some_and(|files| files.contains_key(file));
        match (tree.has(file), is_known) {
            (true, true) => Ok(self.has(file, &tree.read(file)?)),
            (there, known) => Ok(there == known),
        }
    }

    /// Whether the files of a version in the commit equal those that were read.
    pub fn has_version(
        &self,
        tree: &Tree,
        files: &PromptFiles,
        version: &Version,
        contents: &Contents,
    ) -> bool {
        let own = files.versions.get(version).into_iter().flat_map(BTreeMap::keys);
        let mut paths: Vec<String> = own.map(|file| files.version_file(version, file)).collect();
        if paths.iter().all(|path| !tree.is_label(path)) {
            // A file that is gone is an edit, too.
            let folder = format!("{}/v{version}", files.folder);
            let there = self.revision.iter().flat_map(|revision| revision.files_below(&folder));
            paths.extend(there.filter(|path| is_version_file(&path[folder.len() + 1..])));
        }
        paths.into_iter().all(|path| {
            tree.is_label(&path) || contents.get(&path).is_some_and(|bytes| self.has(&path, bytes))
        })
    }

    fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let file = self.revision.as_ref().and_then(|revision| revision.files().get(path));
        file.is_some_and(|file| file.size.is_some() && file.oid.is_of(bytes))
    }
}
