//! A prompt whose redactions are published although the rest of it is held back. A redaction is an
//! emergency: it must not wait until an error somewhere else in the prompt is corrected.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::targets;
use crate::model::{DeclaredState, Pointer, Prompt, Settings};
use crate::prompt_past::PromptWithPast;
use crate::published_registry::PublishedPrompt;
use crate::source::SourceFile;

/// Returns a prompt as it is published, apart from the redactions in its `prompt.yaml`: its published
/// versions, what environments serve, and the published states. An environment that serves a redacted version
/// serves what the tree says instead, or else the prompt no more. Returns `None` if the tree does not
/// have every other published version as it is published.
pub fn with_redactions_only(
    PromptWithPast { prompt, past }: &PromptWithPast,
    settings: &Settings,
) -> Option<PromptWithPast> {
    let (published, file) = (past.published.as_ref()?, prompt.source.as_ref()?);
    let is_redacted = |version: &Version| {
        let state = prompt.states.get(version);
        state.is_some_and(|state| state.state == State::Redacted)
    };
    for (version, listed) in &published.versions {
        let source = prompt.versions.get(version);
        let is_same = source.is_some_and(|source| source.source_digest == listed.source_digest);
        if !is_redacted(version) && (!is_same || published.is_redacted(version)) {
            return None;
        }
    }
    let mut only = Prompt { has_environments: true, ..prompt.clone() };
    only.versions.retain(|version, _| published.versions.contains_key(version));
    only.states.retain(|version, _| is_redacted(version));
    for (version, listed) in &published.versions {
        let state = listed.state.get().unwrap_or_default();
        if !is_redacted(version) && state != State::Active {
            let reason = listed.reason.clone().unwrap_or_default();
            only.states.insert(version.clone(), DeclaredState { state, reason, range: 0..0 });
        }
    }
    only.pointers = pointers(published, &targets::targets(prompt, settings), &only, file);
    Some(PromptWithPast { prompt: only, past: past.clone() })
}

/// Returns what environments serve once the versions are redacted.
fn pointers(
    published: &PublishedPrompt,
    wanted: &BTreeMap<Environment, Target>,
    only: &Prompt,
    file: &Arc<SourceFile>,
) -> BTreeMap<Environment, Pointer> {
    let is_usable = |version: &Version| {
        let state = only.states.get(version).map(|state| state.state);
        only.versions.contains_key(version)
            && !matches!(state, Some(State::Redacted | State::Yanked))
    };
    let is_whole = |target: &Target| {
        let redacted = |version: &Version| {
            only.states.get(version).is_some_and(|state| state.state == State::Redacted)
        };
        !target.versions().into_iter().any(redacted)
    };
    let served = published.served_entries.iter().filter_map(|(environment, entries)| {
        let kept = Target::of(entries).filter(is_whole);
        let is_new = |target: &&Target| target.versions().into_iter().all(is_usable);
        let target = kept.or_else(|| wanted.get(environment).filter(is_new).cloned())?;
        let pointer = Pointer { target, source: Arc::clone(file), places: Vec::new() };
        Some((environment.clone(), pointer))
    });
    served.collect()
}
