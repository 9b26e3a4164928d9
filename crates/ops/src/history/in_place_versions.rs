//! Finds prompts that are edited in place, and adds their versions from Git history to a survey.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::read::{CommittedFiles, FrontMatterVersion, open, read_front_matter_version};
use promptdex_core::source::SourceFile;
use promptdex_core::tree::{Contents, InPlaceForm, PromptFiles, Survey, survey};
use promptdex_history::in_place_versions::{self, CommittedVersion, CommittedVersions};
use promptdex_history::replay::FirstCommits;
use promptdex_wire::{PromptName, PromptVersion, Version};

use super::head::{HeadCommit, LazyHeadCommit};
use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::of_head;

/// How to treat an unreleased edit of a prompt in place, whose version number is still the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DraftPolicy {
    /// The version has the contents that were committed with its number first.
    #[default]
    Hidden,
    /// The version has the current contents.
    Shown,
}

/// Facts from Git about versions of prompts that are edited in place.
#[derive(Debug, Default)]
pub struct InPlaceVersions {
    /// The commits that introduced the versions.
    pub first_commits: FirstCommits,
    /// Versions that the oldest commit of a shallow clone already has. Their first commit is
    /// unknown.
    pub shallow_versions: BTreeSet<PromptVersion>,
}

/// Files of versions of prompts that are edited in place. The outer key is the file with the
/// version number; the inner map has the files by their path in the version.
pub type GivenVersions = BTreeMap<String, BTreeMap<Version, Contents>>;

/// The file with the version number of a prompt that is edited in place.
type NumberFile = (String, InPlaceForm, FrontMatterVersion);

/// Finds the prompts that are edited in place, and adds their versions to a survey. `drafts`
/// selects the contents of a version that has an unreleased edit.
pub fn add_in_place_versions(
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
    let mut cut_files: BTreeSet<String> = BTreeSet::new();
    if let Some(HeadCommit { git, commit, base }) = head.get()? {
        let places: Vec<(String, InPlaceForm)> =
            found.iter().map(|(file, form, _)| (file.clone(), *form)).collect();
        versions = in_place_versions::read(git, *commit, &places).map_err(of_head)?;
        if let Some((git, base)) = base {
            for (file, of_base) in in_place_versions::read(git, *base, &places).map_err(of_head)? {
                versions.entry(file).or_default().extend(of_base);
            }
        }
        let shallow = git.shallow().map_err(of_head)?;
        let is_cut = |of: &BTreeMap<Version, CommittedVersion>| {
            of.values().any(|version| shallow.contains(&version.commit))
        };
        let cut = versions.iter().filter(|(_, of)| is_cut(of));
        cut_files.extend(cut.map(|(file, _)| file.clone()));
        for (file, form, front_matter) in &found {
            let Some(version) = &front_matter.version else { continue };
            let of = versions.get(file).and_then(|known| known.get(version));
            if let (Some(of), Ok(name)) = (of, form.folder(file).parse())
                && shallow.contains(&of.commit)
            {
                unfolded.shallow_versions.insert(PromptVersion { name, version: version.clone() });
            }
        }
        let mut ids = BTreeMap::new();
        for (file, versions) in &versions {
            for (version, of) in versions {
                let ids_of = of.files.iter();
                ids.extend(ids_of.map(|(inside, id)| (label(file, inside, version), *id)));
            }
        }
        tree.label_objects(git, ids);
    }
    for (file, form, _) in &found {
        let Ok(name) = form.folder(file).parse::<PromptName>() else { continue };
        let commits = versions.get(file).into_iter().flatten();
        let commits = commits.map(|(version, of)| (version.clone(), of.commit));
        // A second form of the same prompt is reported as a finding.
        let commits = || (file.clone(), commits.collect());
        unfolded.first_commits.entry(name).or_insert_with(commits);
    }
    let files = versions.iter().map(|(file, versions)| {
        let versions = versions.iter().map(|(version, of)| (version, of.files.keys()));
        (file, label_files(file, versions))
    });
    add(tree, found, &files.collect(), drafts, survey)?;
    for in_place in survey.prompts.values_mut().filter_map(|files| files.in_place.as_mut()) {
        in_place.lacks_commits = cut_files.contains(&in_place.file);
    }
    Ok(unfolded)
}

/// Adds supplied versions of prompts that are edited in place to a survey. Their commits are
/// unknown.
pub fn add_given_versions(
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
        (file, label_files(file, versions))
    });
    add(tree, found, &files.collect(), drafts, survey)?;
    Ok(InPlaceVersions::default())
}

/// Finds the files that have the version number of a prompt.
fn find(tree: &Tree, survey: &Survey) -> Result<Vec<NumberFile>> {
    let mut found = Vec::new();
    for (file, form) in survey.may_be_in_place() {
        let bytes = tree.read(&file)?;
        // One that is not UTF-8 is a prompt as well, if it has a version number.
        let Some(mut front_matter) = read_front_matter_version(&SourceFile::lossy(&*file, &bytes))
        else {
            continue;
        };
        let mut findings = Vec::new();
        if open(&file, &bytes, &mut findings).is_none() {
            // The reader of `prompt.yaml` says the same.
            findings.retain(|_| form == InPlaceForm::Document);
            front_matter = FrontMatterVersion { version: None, findings };
        }
        found.push((file, form, front_matter));
    }
    Ok(found)
}

/// Returns the label of a file of a version in Git history. `file` has the version number of the
/// prompt.
fn label(file: &str, inside: &str, version: &Version) -> String {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    match inside {
        "prompt.md" => format!("{file}@{version}"),
        inside => format!("{folder}/{inside}@{version}"),
    }
}

/// Returns the labels of the files of versions. `file` has the version number of the prompt.
fn label_files<'v>(
    file: &str,
    versions: impl Iterator<Item = (&'v Version, impl Iterator<Item = &'v String>)>,
) -> CommittedFiles {
    let labelled = versions.map(|(version, files)| {
        let labels = files.map(|inside| (inside.clone(), label(file, inside, version)));
        (version.clone(), labels.collect())
    });
    labelled.collect()
}

/// Adds the prompts that were found to a survey, with their versions from Git history.
fn add(
    tree: &Tree,
    found: Vec<NumberFile>,
    committed: &BTreeMap<&String, CommittedFiles>,
    drafts: DraftPolicy,
    survey: &mut Survey,
) -> Result<()> {
    let nothing = CommittedFiles::new();
    for (file, form, front_matter) in found {
        let committed = committed.get(&file).unwrap_or(&nothing);
        let mut paths = vec![file.clone()];
        let current = front_matter.version.as_ref().and_then(|version| committed.get(version));
        paths.extend(current.into_iter().flat_map(BTreeMap::values).cloned());
        if let Ok(name) = form.folder(&file).parse::<PromptName>() {
            let loose = survey.prompts.get(&name).map(|files| files.loose.clone());
            paths.extend(loose.unwrap_or_default());
        }
        let contents = tree.read_all(paths)?;
        promptdex_core::read::add_in_place_prompt(
            survey,
            form,
            &file,
            front_matter,
            committed,
            &contents,
        );
    }
    if drafts == DraftPolicy::Shown {
        survey.prompts.values_mut().for_each(PromptFiles::show_draft);
    }
    Ok(())
}

/// Surveys a tree, and adds the versions of prompts that are edited in place. Also returns the
/// commits that introduced them.
pub fn survey_with_versions(
    tree: &Tree,
    head: &LazyHeadCommit<'_>,
) -> Result<(Survey, FirstCommits)> {
    let mut survey = survey(&tree.listing()?);
    let first_commits =
        add_in_place_versions(tree, head, DraftPolicy::Hidden, &mut survey)?.first_commits;
    Ok((survey, first_commits))
}
