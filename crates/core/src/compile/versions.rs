//! The versions of a prompt: the rows of `versions.json`, and the lists of the catalog's chain.

use std::collections::BTreeMap;

use promptdex_compare::teams::owning_teams;
use promptdex_wire::catalog::{
    ListedVersion, State, TestResult, Update, VersionList, VersionRow, Versions,
};
use promptdex_wire::event::{Operation, Target};
use promptdex_wire::history::Event;
use promptdex_wire::pages::{WrittenPages, write_pages};
use promptdex_wire::release::Sequences;
use promptdex_wire::{Blob, Digest, Environment, Format, Kind, PromptName, Version, json};

use super::summary::PromptSummary;
use crate::history::VersionOrigin;
use crate::model::{DeclaredState, Metadata, Settings};

/// Builds the row of a version in `versions.json`. A redacted version has no metadata there, because the
/// metadata is redacted as well.
pub(super) fn row(
    version: &Version,
    document: Blob,
    source_digest: Digest,
    state: Option<&DeclaredState>,
    written: Option<(&Metadata, VersionOrigin)>,
    cases: usize,
    results: &[TestResult],
) -> VersionRow {
    let (metadata, created) = written.unzip();
    let VersionOrigin { by, at } = created.unwrap_or_default();
    VersionRow {
        version: version.clone(),
        digest: document.digest,
        size: document.size,
        source_digest,
        state: state.map_or(State::Active, |state| state.state).into(),
        reason: state.map(|state| state.reason.clone()),
        created_by: by,
        created_at: at,
        description: metadata.and_then(|metadata| metadata.description.clone()),
        template: metadata.map(|metadata| metadata.template.into()),
        model: metadata.and_then(|metadata| metadata.model.clone()),
        tags: metadata.map(|metadata| metadata.tags.clone()).unwrap_or_default(),
        case_count: cases as u64,
        results: results.to_vec(),
    }
}

/// Puts the rows of versions into the order in which the versions were published, which never changes: `events` are those
/// of the prompt, in the order of the catalog's chain. Versions without an event come first.
pub(super) fn sort_by_age<'e>(
    mut rows: Vec<VersionRow>,
    events: impl IntoIterator<Item = &'e Event>,
) -> Vec<VersionRow> {
    let created = events.into_iter().filter(|event| event.change_type == Operation::Created);
    let created = created.filter_map(|event| event.after().and_then(Target::main));
    let places: BTreeMap<&Version, usize> = created.zip(1..).collect();
    rows.sort_by(|a, b| {
        let place = |row: &VersionRow| places.get(&row.version).copied().unwrap_or_default();
        place(a).cmp(&place(b)).then_with(|| a.version.cmp(&b.version))
    });
    rows
}

/// Writes the full pages of `versions.json`, and returns the file itself. `rows` are the oldest first.
pub(super) fn write_documents(
    settings: &Settings,
    summary: &PromptSummary,
    updates: BTreeMap<Environment, Update>,
    rows: Vec<VersionRow>,
) -> (Vec<(Blob, Vec<u8>)>, Versions) {
    let row = summary.row.clone();
    let page = |mut versions: Vec<VersionRow>, older| {
        versions.sort_by(|a, b| b.version.cmp(&a.version));
        Versions {
            format: Format,
            kind: Kind::Versions,
            registry: settings.registry.clone(),
            name: row.name.clone(),
            sequences: Sequences::new(),
            title: None,
            about: None,
            tags: Vec::new(),
            owners: Vec::new(),
            teams: Vec::new(),
            replaced_by: None,
            pointers: BTreeMap::new(),
            updates: BTreeMap::new(),
            versions,
            older,
        }
    };
    let WrittenPages { pages, newest, older } = write_pages(rows, page);
    let document = Versions {
        sequences: summary.sequences.clone(),
        title: row.title.clone(),
        about: row.about.clone(),
        tags: row.tags.clone(),
        owners: row.owners.clone(),
        teams: owning_teams(&settings.governance.teams, &row.name)
            .into_iter()
            .map(|(team, _)| team.clone())
            .collect(),
        replaced_by: row.replaced_by.clone(),
        pointers: row.pointers.clone(),
        updates,
        ..page(newest, older)
    };
    (pages, document)
}

/// Writes the lists of a prompt's versions, the one with the oldest first because the next one names
/// it. There is at least one. `rows` are the oldest first.
pub(super) fn write_lists(name: &PromptName, rows: &[VersionRow]) -> Vec<(Blob, Vec<u8>)> {
    let listed = |row: &VersionRow| ListedVersion {
        version: row.version.clone(),
        digest: row.digest,
        size: row.size,
        source_digest: row.source_digest,
        state: row.state.clone(),
        reason: row.reason.clone(),
    };
    let page = |mut versions: Vec<ListedVersion>, older| {
        versions.sort_by(|a, b| b.version.cmp(&a.version));
        VersionList { format: Format, kind: Kind::VersionList, name: name.clone(), versions, older }
    };
    let WrittenPages { mut pages, newest, older } =
        write_pages(rows.iter().map(listed).collect(), page);
    let bytes = json::write(&page(newest, older));
    pages.push((Blob::of(&bytes), bytes));
    pages
}
