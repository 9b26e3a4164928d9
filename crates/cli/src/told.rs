//! What Git says of a tree: what happened to its prompts, and whether it is what a commit has.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::history::TreeHistory;
use promptdex_core::model::Settings;
use promptdex_core::published::Published;
use promptdex_core::read::{Committed, numbered, open};
use promptdex_core::tree::{
    Contents, InPlaceForm, POLICY_FILE, PromptFiles, REGISTRY_FILE, Survey, survey,
};
use promptdex_history::in_place::{self, Versions};
use promptdex_history::replay::{self, Numbers, Tails};
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

/// What becomes of a prompt that was edited in place, and whose number is still the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Drafts {
    /// The version is what was committed first.
    #[default]
    Hidden,
    /// The version is what stands there now.
    Shown,
}

/// Finds the prompts that are edited in place, and adds their versions to a survey; with `drafts`, what was
/// edited since stands for the version whose number it has. Returns the commits that first had them.
pub(crate) fn unfold(
    tree: &Tree,
    head: Option<&Head>,
    drafts: Drafts,
    survey: &mut Survey,
) -> anyhow::Result<Numbers> {
    let mut found = Vec::new();
    for (file, form) in survey.may_be_in_place() {
        // What is not UTF-8 is not a prompt; nothing else reads a document.
        let source = open(&file, &tree.read(&file)?, &mut Vec::new());
        if let Some(numbered) = source.as_ref().and_then(numbered) {
            found.push((file, form, numbered));
        }
    }
    let mut numbers = Numbers::new();
    if found.is_empty() {
        return Ok(numbers);
    }
    let mut versions = Versions::new();
    if let Some(Head { git, commit }) = head {
        let places: Vec<(String, InPlaceForm)> =
            found.iter().map(|(file, form, _)| (file.clone(), *form)).collect();
        versions =
            in_place::read(git, *commit, &places).map_err(|error| explained(&error, "HEAD"))?;
    }
    let mut ids = BTreeMap::new();
    let mut committed: BTreeMap<&String, Committed> = BTreeMap::new();
    for (file, versions) in &versions {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let known = committed.entry(file).or_default();
        for (version, of) in versions {
            let label = |inside: &String| match inside.as_str() {
                "prompt.md" => format!("{file}@{version}"),
                inside => format!("{folder}/{inside}@{version}"),
            };
            ids.extend(of.files.iter().map(|(inside, id)| (label(inside), *id)));
            let labels = of.files.keys().map(|inside| (inside.clone(), label(inside)));
            known.insert(version.clone(), labels.collect());
        }
    }
    if let Some(head) = head {
        tree.label(&head.git, ids);
    }
    let nothing = Committed::new();
    for (file, form, numbered) in found {
        let committed = committed.get(&file).unwrap_or(&nothing);
        let mut paths = vec![file.clone()];
        let current = numbered.version.as_ref().and_then(|version| committed.get(version));
        paths.extend(current.into_iter().flat_map(BTreeMap::values).cloned());
        let name = match form {
            InPlaceForm::Document => file.trim_end_matches(".md"),
            InPlaceForm::Folder => file.trim_end_matches("/prompt.yaml"),
        };
        if let Ok(name) = name.parse::<PromptName>() {
            let loose = survey.prompts.get(&name).map(|files| files.loose.clone());
            paths.extend(loose.unwrap_or_default());
            let commits = versions.get(&file).into_iter().flatten();
            let commits = commits.map(|(version, of)| (version.clone(), of.commit));
            numbers.insert(name, (file.clone(), commits.collect()));
        }
        let contents = tree.read_all(paths)?;
        promptdex_core::read::unfold(survey, form, &file, numbered, committed, &contents);
    }
    if drafts == Drafts::Shown {
        survey.prompts.values_mut().for_each(PromptFiles::show_draft);
    }
    Ok(numbers)
}

/// Reads everything that happened to the prompts of a tree; outside of Git nothing did.
pub(crate) fn whole(tree: &Tree, settings: &Settings) -> anyhow::Result<Option<Arc<TreeHistory>>> {
    let mut survey = survey(&tree.listing()?);
    let Some(head) = Head::find(tree)? else { return Ok(None) };
    let numbers = unfold(tree, Some(&head), Drafts::Hidden, &mut survey)?;
    head.history(settings, &survey.prompts, &numbers, None, None).map(Some)
}

impl Head {
    /// Finds the commit. Outside of Git, and before the first commit, there is none.
    pub(crate) fn find(tree: &Tree) -> anyhow::Result<Option<Self>> {
        if let Some(revision) = tree.revision() {
            return Ok(Some(Self { git: revision.git().clone(), commit: revision.commit() }));
        }
        let Some(git) = find(tree.root())? else { return Ok(None) };
        let commit = git.head().map_err(|error| explained(&error, "HEAD"))?;
        Ok(commit.map(|commit| Self { git, commit }))
    }

    /// Reads what happened to prompts: with a published registry, since the releases of its chains.
    pub(crate) fn history(
        &self,
        settings: &Settings,
        prompts: &BTreeMap<PromptName, PromptFiles>,
        numbers: &Numbers,
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
        let history = replay::read(&self.git, self.commit, settings, is_known, numbers, &tails);
        let history = Arc::new(history.map_err(|error| explained(&error, "HEAD"))?);
        if let Some(mut known) = known {
            *known = Some((key, Arc::clone(&history)));
        }
        Ok(history)
    }

    /// Lists what the commit has.
    pub(crate) fn files(&self) -> anyhow::Result<HeadFiles> {
        let (git, commit) = (self.git.clone(), self.commit);
        let source = git.source(commit).map_err(|error| explained(&error, "HEAD"))?;
        // A tree that no commit has yet is not what one has.
        let revision = Revision::contents(git, commit, "HEAD").ok();
        let listing = revision.iter().flat_map(|revision| revision.entries("")).collect();
        Ok(HeadFiles { revision, survey: survey(&listing), source })
    }
}

/// The files of a commit, to compare a tree on disk with.
#[derive(Debug)]
pub(crate) struct HeadFiles {
    revision: Option<Revision>,
    survey: Survey,
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
        tree: &Tree,
        name: &PromptName,
        files: &PromptFiles,
        contents: &Contents,
    ) -> bool {
        let mut there: BTreeSet<String> = BTreeSet::new();
        if let Some(known) = self.survey.prompts.get(name) {
            there.extend(known.paths());
            if files.is_folder_in_place() {
                there.extend(known.loose.iter().cloned());
            }
        }
        let document = files.in_place.iter().map(|in_place| &in_place.file);
        there.extend(document.filter(|file| self.survey.documents.contains_key(*file)).cloned());
        // What is read as of a commit does not depend on what is there now.
        let mut own = contents.iter().filter(|(path, _)| !tree.is_label(path));
        let own_files: BTreeSet<&String> = own.clone().map(|(path, _)| path).collect();
        let is_draft = files.in_place.as_ref().is_some_and(|in_place| in_place.is_draft);
        let is_same = there.iter().collect::<BTreeSet<_>>() == own_files;
        !is_draft && is_same && own.all(|(path, bytes)| self.has(path, bytes))
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
        let is_there = |name: &PromptName| prompts.contains_key(name);
        let gone = self.survey.prompts.iter().filter(|(_, files)| !files.versions.is_empty());
        Ok(gone.map(|(name, _)| name).all(is_there))
    }

    fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let file = self.revision.as_ref().and_then(|revision| revision.files().get(path));
        file.is_some_and(|file| file.size.is_some() && file.oid.is_of(bytes))
    }
}
