//! What a build has to write of the search index: everything, what changed, or nothing.

use std::collections::BTreeMap;

use promptdex_core::compile::PromptSummary;
use promptdex_core::compile::search::{self, ReusedTerms, Terms, TextIndex};
use promptdex_core::published_registry::CorruptFile;
use promptdex_wire::{PromptName, RegistryPath};
use serde::Deserialize;

use super::cache::{CacheEntry, CacheIndex};
use super::output::Output;
use super::prompt::WrittenPrompt;
use crate::error::Result;

/// Returns the changes of the search index. The terms of prompts that were not compiled are reused.
pub(super) fn texts(
    summaries: &[&PromptSummary],
    written: &[WrittenPrompt],
    unchanged: &BTreeMap<&PromptName, &CacheEntry>,
    terms: Terms,
    index: Option<&CacheIndex>,
    output: &Output<'_>,
) -> Result<TextIndex> {
    /// The fields of a catalog that are needed here.
    #[derive(Deserialize)]
    struct CatalogNames {
        prompts: Vec<CatalogName>,
    }

    #[derive(Deserialize)]
    struct CatalogName {
        name: PromptName,
    }

    let compiled = written.iter().map(|prompt| (prompt.summary.name(), prompt.terms));
    let Some((index, staging)) = index.zip(output.staging) else {
        return Ok(TextIndex::Changed { terms, reused_terms: ReusedTerms::default() });
    };
    if let Some(search) = index.search_if_unchanged(search::digest_of_names(summaries), compiled) {
        for shard in index.shards() {
            staging.keep(RegistryPath::Search(shard));
        }
        return Ok(TextIndex::Unchanged(search));
    }
    if unchanged.is_empty() {
        return Ok(TextIndex::Changed { terms, reused_terms: ReusedTerms::default() });
    }
    let catalog = output.read(&RegistryPath::Catalog)?.unwrap_or_default();
    let catalog: CatalogNames = serde_json::from_slice(&catalog)
        .map_err(|error| CorruptFile { path: RegistryPath::Catalog, problem: error.to_string() })?;
    let places: BTreeMap<&PromptName, u32> =
        summaries.iter().map(|summary| summary.name()).zip(0..).collect();
    let place = |row: CatalogName| {
        let is_kept = unchanged.contains_key(&row.name);
        is_kept.then(|| places.get(&row.name).copied()).flatten()
    };
    let places = catalog.prompts.into_iter().map(place).collect();
    Ok(TextIndex::Changed { terms, reused_terms: ReusedTerms { shards: index.shards(), places } })
}
