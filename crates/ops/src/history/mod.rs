//! What Git says of a tree: what happened to its prompts, and whether it is what a commit has.

pub mod serving_log;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
use promptdex_wire::release::Source;
use promptdex_wire::{PromptName, PromptVersion, Version};

use crate::history::serving_log::Commits;
use crate::tree::Tree;
use crate::tree::revision::{Revision, find, of_head};

/// What was read for one commit, kept while a tree is built again and again.
pub type Memo = Mutex<Option<(u64, Arc<TreeHistory>)>>;

/// The commit that is checked out, or as of which a tree is read.
#[derive(Debug)]
pub struct Head {
    git: Git,
    commit: Oid,
}

/// The commit of a tree, which is looked for when it is needed.
#[derive(Debug)]
pub struct LazyHead<'t> {
    tree: &'t Tree,
    head: OnceLock<Option<Head>>,
}

impl<'t> LazyHead<'t> {
    /// Takes a tree; its commit is looked up when it is first needed.
    pub fn of(tree: &'t Tree) -> Self {
        Self { tree, head: OnceLock::new() }
    }

    /// Finds the commit. Outside of Git, and before the first commit, there is none.
    pub fn get(&self) -> anyhow::Result<Option<&Head>> {
        if let Some(head) = self.head.get() {
            return Ok(head.as_ref());
        }
        let head = Head::find(self.tree)?;
        Ok(self.head.get_or_init(|| head).as_ref())
    }
}

/// What becomes of a prompt that was edited in place, and whose number is still the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drafts {
    /// The version is what was committed first.
    #[default]
    Hidden,
    /// The version is what stands there now.
    Shown,
}

/// What is known of prompts that are edited in place.
#[derive(Debug)]
pub struct Unfolded {
    /// The commits that first had their versions.
    pub numbers: Numbers,
    /// The numbers that the first commit of a shallow clone has: what they were before is not known.
    pub cut: BTreeSet<PromptVersion>,
}

/// Finds the prompts that are edited in place, and adds their versions to a survey; with `drafts`, what was
/// edited since stands for the version whose number it has.
pub fn unfold(
    tree: &Tree,
    head: &LazyHead<'_>,
    drafts: Drafts,
    survey: &mut Survey,
) -> anyhow::Result<Unfolded> {
    let mut found = Vec::new();
    for (file, form) in survey.may_be_in_place() {
        // What is not UTF-8 is not a prompt; nothing else reads a document.
        let source = open(&file, &tree.read(&file)?, &mut Vec::new());
        if let Some(numbered) = source.as_ref().and_then(numbered) {
            found.push((file, form, numbered));
        }
    }
    let mut numbers = Numbers::new();
    let mut cut = BTreeSet::new();
    if found.is_empty() {
        return Ok(Unfolded { numbers, cut });
    }
    let mut versions = Versions::new();
    let head = head.get()?;
    if let Some(Head { git, commit }) = head {
        let places: Vec<(String, InPlaceForm)> =
            found.iter().map(|(file, form, _)| (file.clone(), *form)).collect();
        versions = in_place::read(git, *commit, &places).map_err(of_head)?;
        let shallow = git.shallow().map_err(of_head)?;
        for (file, form, numbered) in &found {
            let Some(version) = &numbered.version else { continue };
            let of = versions.get(file).and_then(|known| known.get(version));
            if let (Some(of), Ok(name)) = (of, form.folder(file).parse())
                && shallow.contains(&of.commit)
            {
                cut.insert(PromptVersion { name, version: version.clone() });
            }
        }
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
        if let Ok(name) = form.folder(&file).parse::<PromptName>() {
            let loose = survey.prompts.get(&name).map(|files| files.loose.clone());
            paths.extend(loose.unwrap_or_default());
            let commits = versions.get(&file).into_iter().flatten();
            let commits = commits.map(|(version, of)| (version.clone(), of.commit));
            // A second form of a prompt is a finding.
            numbers.entry(name).or_insert_with(|| (file.clone(), commits.collect()));
        }
        let contents = tree.read_all(paths)?;
        promptdex_core::read::unfold(survey, form, &file, numbered, committed, &contents);
    }
    if drafts == Drafts::Shown {
        survey.prompts.values_mut().for_each(PromptFiles::show_draft);
    }
    Ok(Unfolded { numbers, cut })
}

/// Surveys a tree with the versions of prompts that are edited in place, and says which commits have them.
pub fn surveyed(tree: &Tree, head: &LazyHead<'_>) -> anyhow::Result<(Survey, Numbers)> {
    let mut survey = survey(&tree.listing()?);
    let numbers = unfold(tree, head, Drafts::Hidden, &mut survey)?.numbers;
    Ok((survey, numbers))
}

/// Reads everything that happened to the prompts of a tree; outside of Git nothing did.
pub fn whole(tree: &Tree, settings: &Settings) -> anyhow::Result<Option<Arc<TreeHistory>>> {
    let head = LazyHead::of(tree);
    let (survey, numbers) = surveyed(tree, &head)?;
    let Some(head) = head.get()? else { return Ok(None) };
    head.history(settings, &survey.prompts, &numbers, None, None).map(Some)
}

impl Head {
    fn find(tree: &Tree) -> anyhow::Result<Option<Self>> {
        if let Some(revision) = tree.revision() {
            return Ok(Some(Self { git: revision.git().clone(), commit: revision.commit() }));
        }
        let Some(git) = find(tree.root())? else { return Ok(None) };
        let commit = git.head().map_err(of_head)?;
        Ok(commit.map(|commit| Self { git, commit }))
    }

    /// Returns the commits until this one, for what they tell of a prompt.
    pub fn commits<'a>(&'a self, numbers: &'a Numbers) -> Commits<'a> {
        Commits { git: &self.git, head: self.commit, numbers }
    }

    /// Reads what happened to prompts: with a published registry, since the releases of its chains.
    pub fn history(
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
        let history = replay::read(&self.git, self.commit, settings, &is_known, numbers, &tails);
        let history = Arc::new(history.map_err(of_head)?);
        if let Some(mut known) = known {
            *known = Some((key, Arc::clone(&history)));
        }
        Ok(history)
    }

    /// Lists what the commit has.
    pub fn files(&self) -> anyhow::Result<HeadFiles> {
        let (git, commit) = (self.git.clone(), self.commit);
        let source = git.source(commit).map_err(of_head)?;
        // A tree that no commit has yet is not what one has.
        let revision = Revision::contents(git, commit, "HEAD").ok();
        Ok(HeadFiles { revision, source })
    }
}

/// The files of a commit, to compare a tree on disk with.
#[derive(Debug)]
pub struct HeadFiles {
    revision: Option<Revision>,
    /// The commit, as releases name it.
    pub source: Source,
}

impl HeadFiles {
    /// Returns the stamp of what the commit has of a prompt.
    pub fn stamp(&self, files: &PromptFiles) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        for (path, entry) in self.revision.as_ref()?.entries(&format!("{}/", files.folder)) {
            path.hash(&mut hasher);
            format!("{entry:?}").hash(&mut hasher);
        }
        Some(hasher.finish())
    }

    /// Whether the commit has the very files of a prompt that are read, and no other.
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
        // What is read as of a commit does not depend on what is there now.
        let mut own = contents.iter().filter(|(path, _)| !tree.is_label(path));
        let own_files: BTreeSet<&String> = own.clone().map(|(path, _)| path).collect();
        let is_draft = files.in_place.as_ref().is_some_and(|in_place| in_place.is_draft);
        let is_same = there.iter().collect::<BTreeSet<_>>() == own_files;
        !is_draft && is_same && own.all(|(path, bytes)| self.has(path, bytes))
    }

    /// Whether the commit has the files of the registry, and the prompts and no other.
    pub fn has_registry(
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
        let folders: HashSet<&str> = prompts.values().map(|files| files.folder.as_str()).collect();
        let mut last = "";
        // What is in the folders of prompts is compared with them.
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
        // A document that is gone may have been a prompt.
        let has_documents = rest.documents.keys().all(|path| tree.has(path));
        Ok(rest.prompts.is_empty() && has_documents)
    }

    /// Whether the commit has the very files of a version.
    pub fn has_version(
        &self,
        tree: &Tree,
        files: &PromptFiles,
        version: &Version,
        contents: &Contents,
    ) -> bool {
        let own = files.versions.get(version).into_iter().flat_map(BTreeMap::keys);
        let mut paths = own.map(|file| files.version_file(version, file));
        paths.all(|path| {
            tree.is_label(&path) || contents.get(&path).is_some_and(|bytes| self.has(&path, bytes))
        })
    }

    fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let file = self.revision.as_ref().and_then(|revision| revision.files().get(path));
        file.is_some_and(|file| file.size.is_some() && file.oid.is_of(bytes))
    }
}
