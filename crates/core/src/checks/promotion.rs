//! `breaking-promotion`: what the last environment serves keeps its promise to the callers that it
//! has. Compared is what it serves now, as published, with what it would serve.

use std::collections::BTreeMap;

use promptdex_compare::contract::{Effect, Verdict};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::contract::OwnedContract;
use crate::diagnostic::Diagnostic;
use crate::model::Prompt;
use crate::rules;

pub(super) fn check(prompt: &Prompt, environments: &[Environment], findings: &mut Vec<Diagnostic>) {
    let Some(last) = environments.last() else { return };
    let published = prompt.published.as_ref().and_then(|published| published.served.get(last));
    let Some(before) = published.and_then(|entries| Target::of(entries)) else { return };
    let Some(pointer) = prompt.pointers.get(last) else { return };
    for (place, old, new) in moves(&before, &pointer.target) {
        let sources = prompt.versions.get(old).zip(prompt.versions.get(new));
        let Some((old_source, new_source)) =
            sources.filter(|(old, new)| old.is_complete && new.is_complete)
        else {
            continue;
        };
        let effects = OwnedContract::of(old_source).compare(&OwnedContract::of(new_source));
        // A caller that already sends what an older version does not know is not broken by going
        // back: clients leave it out.
        let is_broken = |effect: &&Effect| {
            let is_removed = effect
                .variable
                .as_ref()
                .is_some_and(|name| new_source.metadata.variable(name).is_none());
            effect.verdict == Verdict::Breaking && !(new < old && is_removed)
        };
        let Some(effect) = effects.iter().find(is_broken) else { continue };
        let message = format!(
            "{last} serves {old} now, and {new} would break its callers: {}",
            effect.message
        );
        let (old_major, new_major) = (old.major(), new.major());
        let help = if old_major == new_major {
            "promote a version that keeps the contract".to_owned()
        } else {
            format!(
                "serve both, each to its callers: `tracks: {{\"{old_major}\": {old}, \"{new_major}\": {new}}}`"
            )
        };
        let range = pointer.places[place].clone();
        findings.push(
            Diagnostic::at(&rules::BREAKING_PROMOTION, &pointer.source, range, message).help(help),
        );
    }
}

/// Pairs what callers get now with what they would get: the main version, or each track. A track
/// that is new has no callers yet.
fn moves<'a>(before: &'a Target, after: &'a Target) -> Vec<(usize, &'a Version, &'a Version)> {
    let tracks = |target: &'a Target| -> BTreeMap<u64, &'a Version> {
        match target {
            Target::Tracks(tracks) => tracks.iter().map(|(major, v)| (*major, v)).collect(),
            other => other.main().map(|version| (version.major(), version)).into_iter().collect(),
        }
    };
    let after_versions = after.versions();
    let place = |version: &Version| after_versions.iter().position(|v| *v == version).unwrap_or(0);
    let (old, new) = (tracks(before), tracks(after));
    let mut moves = Vec::new();
    for (major, old) in &old {
        // Without a track of their own, callers get the main version.
        let Some(new) = new.get(major).copied().or_else(|| after.main()) else { continue };
        if *old != new {
            moves.push((place(new), *old, new));
        }
    }
    moves
}
