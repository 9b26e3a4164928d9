//! What Git says of a tree: what happened to its prompts, and whether it is what a commit has.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::history::TreeHistory;
use promptdex_core::model::Settings;
use promptdex_core::published::Published;
use promptdex_core::tree::{Contents, POLICY_FILE, PromptFiles, REGISTRY_FILE};
use promptdex_history::replay::{self, Tails};
use promptdex_history::{Git, Oid};
use promptdex_wire::PromptName;
use promptdex_wire::release::Source;

use crate::revision::{Revision, explained, find};
use crate::tree::Tree;

/// What was read for one commit, kept while a tree is built again and again.
pub(crate) type Memo = Mutex<Option<(u64, Arc<TreeHistory>)>>;

/// The commit that is checked out, or as of which a tree is read.
#[derive(Debug)]
pub(crate) struct Head {
    git: Git,
    commit: Oid,
}

impl Head {
    /// Finds the commit. Outside of Git, and before the first commit, there is none.
    pub(crate) fn find(tree: &Tree) -> anyhow::Result<Option<Self>> {
        if let Some(revision) = tree.revision() {
            return Ok(Some(Self { git: revision.git().clone(), commit: revision.commit() }));
        }
        let Some(git) = find(tree.root())? else { return Ok(None) };
        let commit = git.head().map_err(|error| explained(error, "HEAD"))?;
        Ok(commit.map(|commit| Self { git, commit }))
    }

    /// Reads what happened to prompts: with a published registry, since the releases of its chains.
    pub(crate) fn history(
        &self,
        settings: &Settings,
        prompts: &BTreeMap<PromptName, PromptFiles>,
        published: Option<&Published>,
        memo: Option<&Memo>,
    ) -> anyhow::Result<Arc<TreeHistory>> {
        let mut hasher = DefaultHasher::new();
        let facts = format!("{:?}", (&settings.environments, &settings.aliases, settings.people));
        (self.commit, facts).hash(&mut hasher);
        prompts.keys().for_each(|name| name.hash(&mut hasher));
        let key = hasher.finish();
        let known = memo.map(|memo| memo.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some((of, history)) = known.as_ref().and_then(|known| known.as_ref())
            && *of == key
        {
            return Ok(Arc::clone(history));
        }
        let tails: Tails = published
            .into_iter()
            .flat_map(|published| &published.tails)
            .map(|(chain, tail)| {
                let source = tail.release.source.as_ref();
                (chain.clone(), source.map(|source| source.commit.clone()))
            })
            .collect();
        let is_known = |name: &PromptName| prompts.contains_key(name);
        let history = replay::read(&self.git, self.commit, settings, is_known, &tails);
        let history = Arc::new(history.map_err(|error| explained(error, "HEAD"))?);
        if let Some(mut known) = known {
            *known = Some((key, Arc::clone(&history)));
        }
        Ok(history)
    }

    /// Lists what the commit has.
    pub(crate) fn files(&self) -> anyhow::Result<HeadFiles> {
        let (git, commit) = (self.git.clone(), self.commit);
        let source = git.source(commit).map_err(|error| explained(error, "HEAD"))?;
        // A tree that no commit has yet is not what one has.
        let revision = Revision::of(git, commit, "HEAD").ok();
        Ok(HeadFiles { revision, source })
    }
}

/// The files of a commit, to compare a tree on disk with.
#[derive(Debug)]
pub(crate) struct HeadFiles {
    revision: Option<Revision>,
    /// The commit, as releases name it.
    pub(crate) source: Source,
}

impl HeadFiles {
    /// Returns the stamp of what the commit has of a prompt.
    pub(crate) fn stamp(&self, files: &PromptFiles) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        for (path, entry) in self.revision.as_ref()?.entries(&format!("{}/", files.folder)) {
            path.hash(&mut hasher);
            format!("{entry:?}").hash(&mut hasher);
        }
        Some(hasher.finish())
    }

    /// Whether the commit has the very files of a prompt that are read, and no other.
    pub(crate) fn has_prompt(
        &self,
        name: &PromptName,
        files: &PromptFiles,
        contents: &Contents,
    ) -> bool {
        let Some(revision) = &self.revision else { return false };
        let listing = revision.entries(&format!("{}/", files.folder)).collect();
        let mut survey = promptdex_core::tree::survey(&listing);
        let there = survey.prompts.remove(name).map(|there| there.paths()).unwrap_or_default();
        let there: BTreeSet<&String> = there.iter().collect();
        there.len() == contents.len()
            && contents.iter().all(|(path, bytes)| there.contains(path) && self.has(path, bytes))
    }

    /// Whether the commit has the files of the registry, and the prompts and no other.
    pub(crate) fn has_registry(
        &self,
        tree: &Tree,
        prompts: &BTreeMap<PromptName, PromptFiles>,
    ) -> anyhow::Result<bool> {
        let Some(revision) = &self.revision else { return Ok(false) };
        for file in [REGISTRY_FILE, POLICY_FILE] {
            let is_same = match (tree.has(file), revision.files().contains_key(file)) {
                (true, true) => self.has(file, &tree.read(file)?),
                (there, known) => there == known,
            };
            if !is_same {
                return Ok(false);
            }
        }
        let folders: BTreeSet<&str> = prompts.values().map(|files| files.folder.as_str()).collect();
        let mut located = revision.files().keys().filter_map(|path| {
            let (name, part) = promptdex_core::tree::locate(path)?;
            matches!(part, promptdex_core::tree::Part::Version(..)).then_some(name)
        });
        Ok(located.all(|name| folders.contains(name.as_str())))
    }

    fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let file = self.revision.as_ref().and_then(|revision| revision.files().get(path));
        file.is_some_and(|file| file.size.is_some() && file.oid.is_of(bytes))
    }
}
