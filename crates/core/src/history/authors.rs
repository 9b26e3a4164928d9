//! Which versions of a prompt do not say themselves who made them, or when.

use std::collections::BTreeSet;

use promptdex_wire::Version;

use crate::model::Prompt;

/// Returns the versions whose published documents say who made them, and nothing else at hand does.
pub fn to_attribute(prompt: &Prompt) -> BTreeSet<Version> {
    let lacking = prompt.versions.iter().filter(|(_, source)| {
        source.metadata.created_by.is_none() || source.metadata.created_at.is_none()
    });
    lacking.map(|(version, _)| version.clone()).collect()
}
