//! The versions of a prompt: the rows of `versions.json`, and the lists of the catalog's chain.

use std::collections::BTreeMap;

use promptdex_compare::teams::owning_teams;
use promptdex_wire::catalog::{
    ListedVersion, State, TestResult, Update, VERSIONS_PER_LIST, VersionList, VersionRow, Versions,
};
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
        template: metadata.map(|metadata| metadata.template),
        model: metadata.and_then(|metadata| metadata.model.clone()),
        tags: metadata.map(|metadata| metadata.tags.clone()).unwrap_or_default(),
        case_count: cases as u64,
        results: results.to_vec(),
    }
}

/// Writes `versions.json`; `rows` are highest first.
pub(super) fn document(
    settings: &Settings,
    summary: &PromptSummary,
    updates: BTreeMap<Environment, Update>,
    rows: Vec<VersionRow>,
) -> Versions {
    let row = summary.row.clone();
    Versions {
        format: Format,
        kind: Kind::Versions,
        registry: settings.registry.clone(),
        name: row.name,
        sequences: summary.sequences.clone(),
        title: row.title,
        about: row.about,
        tags: row.tags,
        owners: row.owners,
        teams: owning_teams(&settings.governance.teams, &summary.row.name)
            .into_iter()
            .map(|(team, _)| team.clone())
            .collect(),
        replaced_by: row.replaced_by,
        pointers: row.pointers,
        updates,
        versions: rows,
    }
}

/// Writes the lists of a prompt's versions, the one with the oldest first because the next one names
/// it. There is at least one.
pub(super) fn write_lists(name: &PromptName, rows: &[VersionRow]) -> Vec<(Blob, Vec<u8>)> {
    let listed = |row: &VersionRow| ListedVersion {
        version: row.version.clone(),
        digest: row.digest,
        size: row.size,
        source_digest: row.source_digest,
        state: row.state.clone(),
        reason: row.reason.clone(),
    };
    let mut chunks: Vec<&[VersionRow]> = rows.chunks(VERSIONS_PER_LIST).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    let mut lists: Vec<(Blob, Vec<u8>)> = Vec::new();
    for chunk in chunks.into_iter().rev() {
        let list = VersionList {
            format: Format,
            kind: Kind::VersionList,
            name: name.clone(),
            versions: chunk.iter().map(listed).collect(),
            older: lists.last().map(|(blob, _)| *blob),
        };
        let bytes = json::write(&list);
        lists.push((Blob::of(&bytes), bytes));
    }
    lists
}
