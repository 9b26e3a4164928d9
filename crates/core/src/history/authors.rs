//! Finds the versions of a prompt whose own metadata lacks an author or a time.

use std::collections::BTreeSet;

use promptdex_wire::Version;

use crate::model::Prompt;

/// Returns the versions whose author or time is known from their published documents alone.
pub fn to_attribute(prompt: &Prompt) -> BTreeSet<Version> {
    let lacking = prompt.versions.iter().filter(|(_, source)| {
        source.metadata.created_by.is_none() || source.metadata.created_at.is_none()
    });
    lacking.map(|(version, _)| version.clone()).collect()
}
