//! Who made the versions of a prompt, where their files do not say it.

use std::collections::BTreeSet;

use promptdex_wire::Version;

use super::prompt::Created;
use crate::model::Prompt;
use crate::past::PromptPast;

/// Says who made the versions of a prompt, and when, where their metadata does not: published ones as
/// they were published, the others as Git says.
pub fn attribute(prompt: &mut Prompt, past: &PromptPast) {
    for (version, source) in &mut prompt.versions {
        let published = past.published.as_ref().filter(|p| p.versions.contains_key(version));
        let created = match published {
            Some(published) => published.created(version),
            None => past.history.created.get(version).cloned(),
        };
        let Created { by, at } = created.unwrap_or_default();
        let metadata = &mut source.metadata;
        metadata.created_by = metadata.created_by.take().or(by);
        metadata.created_at = metadata.created_at.take().or(at);
    }
}

/// Returns the versions whose published documents say who made them, and nothing else at hand does.
pub fn to_attribute(prompt: &Prompt) -> BTreeSet<Version> {
    let lacking = prompt.versions.iter().filter(|(_, source)| {
        source.metadata.created_by.is_none() || source.metadata.created_at.is_none()
    });
    lacking.map(|(version, _)| version.clone()).collect()
}
