//! Prompts of a tree that are edited in place, with the versions that commits have of them.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::read::{CommittedFiles, FrontMatterVersion, open, read_front_matter_version};
use promptdex_core::tree::{Contents, InPlaceForm, PromptFiles, Survey, survey};
use promptdex_history::in_place_versions::{self, CommittedVersions};
use promptdex_history::replay::FirstCommits;
use promptdex_wire::{PromptName, PromptVersion, Version};

use super::head::{HeadCommit, LazyHeadCommit};
use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// What becomes of a prompt that was edited in place, and whose number is still the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DraftPolicy {
    /// The version is what was committed first.
    #[default]
    Hidden,
    /// The version is what stands there now.
    Shown,
}

/// What is known of prompts that are edited in place.
#[derive(Debug, Default)]
pub struct InPlaceVersions {
    /// The commits that first had their versions.
    pub numbers: FirstCommits,
    /// The numbers that the first commit of a shallow clone has: what they were before is not known.
    pub cut: BTreeSet<PromptVersion>,
}

/// The versions of prompts that are edited in place, by the file that has the number: the files of each, by
/// their path in the version.
pub type GivenVersions = BTreeMap<String, BTreeMap<Version, Contents>>;

/// A file with the number of a prompt that is edited in place.
type NumberFile = (String, InPlaceForm, FrontMatterVersion);

/// Finds the prompts that are edited in place, and adds their versions to a survey; with `drafts`, what was
/// edited since stands for the version whose number it has.
pub fn unfold(
    tree: &Tree,
    head: &LazyHeadCommit<'_>,
    drafts: DraftPolicy,
    survey: &mut Survey,
) -> Result<InPlaceVersions> {
    let found = find(tree, survey)?;
    let mut unfolded = InPlaceVersions::default();
    if found.is_empty() {
        return Ok(unfolded);
    }
    let mut versions = CommittedVersions::new();
    if let Some(HeadCommit { git, commit }) = head.get()? {
        let places: Vec<(String, InPlaceForm)> =
            found.iter().map(|(file, form, _)| (file.clone(), *form)).collect();
        versions = in_place_versions::read(git, *commit, &places).map_err(of_head)?;
        let shallow = git.shallow().map_err(of_head)?;
        for (file, form, read_front_matter_version) in &found {
            let Some(version) = &read_front_matter_version.version else { continue };
            let of = versions.get(file).and_then(|known| known.get(version));
            if let (Some(of), Ok(name)) = (of, form.folder(file).parse())
                && shallow.contains(&of.commit)
            {
                unfolded.cut.insert(PromptVersion { name, version: version.clone() });
            }
        }
        let mut ids = BTreeMap::new();
        for (file, versions) in &versions {
            for (version, of) in versions {
                let ids_of = of.files.iter();
                ids.extend(ids_of.map(|(inside, id)| (label(file, inside, version), *id)));
            }
        }
        tree.label(git, ids);
    }
    for (file, form, _) in &found {
        let Ok(name) = form.folder(file).parse::<PromptName>() else { continue };
        let commits = versions.get(file).into_iter().flatten();
        let commits = commits.map(|(version, of)| (version.clone(), of.commit));
        // A second form of a prompt is a finding.
        let commits = || (file.clone(), commits.collect());
        unfolded.numbers.entry(name).or_insert_with(commits);
    }
    let files = versions.iter().map(|(file, versions)| {
        let versions = versions.iter().map(|(version, of)| (version, of.files.keys()));
        (file, committed(file, versions))
    });
    add(tree, found, &files.collect(), drafts, survey)?;
    Ok(unfolded)
}

/// Adds the versions of prompts that are edited in place to a survey as `unfold` does, with versions that are
/// given. Nothing is known of their commits.
pub fn unfold_given(
    tree: &Tree,
    versions: &GivenVersions,
    drafts: DraftPolicy,
    survey: &mut Survey,
) -> Result<InPlaceVersions> {
    let found = find(tree, survey)?;
    let mut contents = Contents::new();
    for (file, versions) in versions {
        for (version, files) in versions {
            let files = files.iter();
            contents
                .extend(files.map(|(inside, bytes)| (label(file, inside, version), bytes.clone())));
        }
    }
    tree.label_contents(contents);
    let files = versions.iter().map(|(file, versions)| {
        let versions = versions.iter().map(|(version, files)| (version, files.keys()));
        (file, committed(file, versions))
    });
    add(tree, found, &files.collect(), drafts, survey)?;
    Ok(InPlaceVersions::default())
}

/// Finds the files that have the number of a prompt.
fn find(tree: &Tree, survey: &Survey) -> Result<Vec<NumberFile>> {
    let mut found = Vec::new();
    for (file, form) in survey.may_be_in_place() {
        // What is not UTF-8 is not a prompt; nothing else reads a document.
        let source = open(&file, &tree.read(&file)?, &mut Vec::new());
        if let Some(read_front_matter_version) = source.as_ref().and_then(read_front_matter_version)
        {
            found.push((file, form, read_front_matter_version));
        }
    }
    Ok(found)
}

/// Names what a commit has of a file of a version; `file` has the number of the prompt.
fn label(file: &str, inside: &str, version: &Version) -> String {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    match inside {
        "prompt.md" => format!("{file}@{version}"),
        inside => format!("{folder}/{inside}@{version}"),
    }
}

/// Returns the labels of the files of versions; `file` has the number of the prompt.
fn committed<'v>(
    file: &str,
    versions: impl Iterator<Item = (&'v Version, impl Iterator<Item = &'v String>)>,
) -> CommittedFiles {
    let labelled = versions.map(|(version, files)| {
        let labels = files.map(|inside| (inside.clone(), label(file, inside, version)));
        (version.clone(), labels.collect())
    });
    labelled.collect()
}

/// Adds what was found to a survey, with what commits have of it.
fn add(
    tree: &Tree,
    found: Vec<NumberFile>,
    committed: &BTreeMap<&String, CommittedFiles>,
    drafts: DraftPolicy,
    survey: &mut Survey,
) -> Result<()> {
    let nothing = CommittedFiles::new();
    for (file, form, read_front_matter_version) in found {
        let committed = committed.get(&file).unwrap_or(&nothing);
        let mut paths = vec![file.clone()];
        let current =
            read_front_matter_version.version.as_ref().and_then(|version| committed.get(version));
        paths.extend(current.into_iter().flat_map(BTreeMap::values).cloned());
        if let Ok(name) = form.folder(&file).parse::<PromptName>() {
            let loose = survey.prompts.get(&name).map(|files| files.loose.clone());
            paths.extend(loose.unwrap_or_default());
        }
        let contents = tree.read_all(paths)?;
        promptdex_core::read::unfold(
            survey,
            form,
            &file,
            read_front_matter_version,
            committed,
            &contents,
        );
    }
    if drafts == DraftPolicy::Shown {
        survey.prompts.values_mut().for_each(PromptFiles::show_draft);
    }
    Ok(())
}

/// Surveys a tree with the versions of prompts that are edited in place, and says which commits have them.
pub fn survey_with_versions(
    tree: &Tree,
    head: &LazyHeadCommit<'_>,
) -> Result<(Survey, FirstCommits)> {
    let mut survey = survey(&tree.listing()?);
    let numbers = unfold(tree, head, DraftPolicy::Hidden, &mut survey)?.numbers;
    Ok((survey, numbers))
}
