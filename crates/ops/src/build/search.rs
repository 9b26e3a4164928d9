//! What a build has to write of the search index: everything, what changed, or nothing.

use std::collections::BTreeMap;

use promptdex_core::compile::PromptSummary;
use promptdex_core::compile::search::{self, Kept, Terms, Texts};
use promptdex_core::published_registry::Damage;
use promptdex_wire::{Path as Address, PromptName};
use serde::Deserialize;

use super::cache::{Index, Remembered};
use super::output::Output;
use super::prompt::Written;
use crate::error::Result;

/// Says what is new in the texts. What the index has of prompts that were not compiled is taken over.
pub(super) fn texts(
    summaries: &[&PromptSummary],
    written: &[Written],
    unchanged: &BTreeMap<&PromptName, &Remembered>,
    terms: Terms,
    index: Option<&Index>,
    output: &Output<'_>,
) -> Result<Texts> {
    /// What is needed of a catalog.
    #[derive(Deserialize)]
    struct Names {
        prompts: Vec<Named>,
    }

    #[derive(Deserialize)]
    struct Named {
        name: PromptName,
    }

    let compiled = written.iter().map(|prompt| (prompt.summary.name(), prompt.terms));
    let Some((index, staging)) = index.zip(output.staging) else {
        return Ok(Texts::Changed { terms, kept: Kept::default() });
    };
    if let Some(search) = index.same_search(search::names(summaries), compiled) {
        for shard in index.shards() {
            staging.keep(Address::Search(shard));
        }
        return Ok(Texts::Unchanged(search));
    }
    if unchanged.is_empty() {
        return Ok(Texts::Changed { terms, kept: Kept::default() });
    }
    let catalog = output.read(&Address::Catalog)?.unwrap_or_default();
    let catalog: Names = serde_json::from_slice(&catalog)
        .map_err(|error| Damage { path: Address::Catalog, problem: error.to_string() })?;
    let places: BTreeMap<&PromptName, u32> =
        summaries.iter().map(|summary| summary.name()).zip(0..).collect();
    let place = |row: Named| {
        let is_kept = unchanged.contains_key(&row.name);
        is_kept.then(|| places.get(&row.name).copied()).flatten()
    };
    let places = catalog.prompts.into_iter().map(place).collect();
    Ok(Texts::Changed { terms, kept: Kept { shards: index.shards(), places } })
}
