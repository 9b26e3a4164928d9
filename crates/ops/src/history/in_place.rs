//! Prompts of a tree that are edited in place, with the versions that commits have of them.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::read::{Committed, numbered, open};
use promptdex_core::tree::{InPlaceForm, PromptFiles, Survey, survey};
use promptdex_history::in_place::{self, Versions};
use promptdex_history::replay::Numbers;
use promptdex_wire::{PromptName, PromptVersion};

use super::head::{Head, LazyHead};
use crate::error::Result;
use crate::tree::Tree;
use crate::tree::revision::of_head;

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
) -> Result<Unfolded> {
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
pub fn surveyed(tree: &Tree, head: &LazyHead<'_>) -> Result<(Survey, Numbers)> {
    let mut survey = survey(&tree.listing()?);
    let numbers = unfold(tree, head, Drafts::Hidden, &mut survey)?.numbers;
    Ok((survey, numbers))
}
