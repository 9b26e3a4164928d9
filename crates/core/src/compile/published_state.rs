//! A prompt as it is published, in the form in which compiled prompts become the files of a registry:
//! what a build goes on with for a prompt that it holds back.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::catalog::{CatalogPrompt, State};
use promptdex_wire::event::Target;
use promptdex_wire::release::Sequences;
use promptdex_wire::{Environment, PromptName, RegistryPath, Version, VersionDocument};

use super::PromptSummary;
use super::search::PromptTerms;
use crate::published_file::{CorruptFile, fetch, parse};
use crate::published_registry::{PublishedPrompt, PublishedRegistry};

/// A prompt as it is published.
#[derive(Debug, Clone)]
pub struct PublishedState {
    /// Its part of the registry's files.
    pub summary: PromptSummary,
    /// The search terms of the texts that the site shows.
    pub terms: PromptTerms,
}

impl PublishedState {
    /// Reads what is published of a prompt; nothing of a new one. `row` is its row in the published
    /// catalog, which has none for a prompt of which nothing is shown.
    pub fn read<E: From<CorruptFile>>(
        published: &PublishedRegistry,
        name: &PromptName,
        row: Option<CatalogPrompt>,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Self>, E> {
        let prompt = published.prompt(name, &read)?;
        let Some(list) = prompt.list else { return Ok(None) };
        let shown = shown_versions(&prompt);
        let mut terms = Vec::new();
        let mut blobs = BTreeSet::new();
        for (version, listed) in &prompt.versions {
            if prompt.is_redacted(version) {
                continue;
            }
            let path = RegistryPath::Version(name.clone(), version.clone());
            let bytes = fetch(&path, listed.digest, Some(listed.size), &read)?;
            let document: VersionDocument = parse(&path, &bytes)?;
            blobs.extend(document.blobs());
            if shown.contains(version) && listed.state != State::Archived {
                terms.push(document);
            }
        }
        let texts = terms.iter().map(|own| (own.messages.as_slice(), own.examples.as_deref()));
        let summary = PromptSummary {
            row: row.unwrap_or_else(|| empty_row(name)),
            versions: prompt.versions.len(),
            list,
            served_entries: prompt.served_entries,
            sequences: Sequences::new(),
            blobs,
            events: BTreeMap::new(),
        };
        Ok(Some(Self { summary, terms: PromptTerms::of_texts(texts) }))
    }

    /// Returns the environments that serve the prompt.
    pub fn environments(&self) -> impl Iterator<Item = &Environment> {
        self.summary.served_entries.keys()
    }
}

/// Returns the versions that the site shows: the highest one and those that are served.
fn shown_versions(prompt: &PublishedPrompt) -> BTreeSet<Version> {
    let targets = prompt.served_entries.values().filter_map(|entries| Target::of(entries));
    let mut shown: BTreeSet<Version> = targets
        .flat_map(|target| target.versions().into_iter().cloned().collect::<Vec<_>>())
        .collect();
    let highest = prompt.versions.iter().rev().find(|(version, listed)| {
        let is_active = matches!(listed.state.get(), Some(State::Active | State::Deprecated));
        !version.is_pre_release() && is_active
    });
    shown.extend(highest.map(|(version, _)| version.clone()));
    shown
}

/// Returns the row of a prompt of which nothing is shown.
fn empty_row(name: &PromptName) -> CatalogPrompt {
    CatalogPrompt {
        name: name.clone(),
        title: None,
        about: None,
        tags: Vec::new(),
        owners: Vec::new(),
        replaced_by: None,
        version_count: 0,
        highest: None,
        template: None,
        model: None,
        variable_names: Vec::new(),
        includes: Vec::new(),
        pointers: BTreeMap::new(),
        states: BTreeMap::new(),
    }
}
