//! `breaking-promotion`: what the last environment serves keeps its promise to the callers that it
//! has. Compared is what it serves now, as published or in the base of a change, with what it would serve.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::contract::{Effect, Verdict};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::contract::OwnedContract;
use crate::compile::targets;
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::rules;

pub(super) fn check(prompt: &Prompt, settings: &Settings, findings: &mut Vec<Diagnostic>) {
    // A change cannot make another environment the last one for itself.
    let of_base = prompt.base.as_ref().and_then(|base| base.last.as_ref());
    let Some(last) = of_base.or(settings.environments.last()) else { return };
    let Some(before) = prompt.served_before(last) else { return };
    let targets = targets::targets(prompt, settings);
    let Some(after) = targets.get(last) else { return };
    check_promotion(prompt, last, &before, after, findings);
}

/// Compares what the last environment serves of a prompt with what it would serve.
pub fn check_promotion(
    prompt: &Prompt,
    last: &Environment,
    before: &Target,
    after: &Target,
    findings: &mut Vec<Diagnostic>,
) {
    if let Target::Tracks(old) = before {
        let kept = after.versions();
        for (track, version) in old {
            if kept.iter().any(|kept| kept.major() == *track) {
                continue;
            }
            let message = format!("{last} serves track {track} now, and would serve it no more");
            let help =
                format!("keep `\"{track}\": {version}` under `tracks` while apps ask for it");
            let source = prompt.pointers.get(last).map(|pointer| (pointer, pointer.places.first()));
            let finding = match source {
                Some((pointer, Some(place))) => {
                    let place = place.clone();
                    Diagnostic::at(&rules::BREAKING_PROMOTION, &pointer.source, place, message)
                }
                _ => Diagnostic::about(&rules::BREAKING_PROMOTION, prompt.name.as_str(), message),
            };
            findings.push(finding.help(help));
        }
    }
    for (old, new) in moves(before, after) {
        let sources = prompt.versions.get(old).zip(prompt.versions.get(new));
        let Some((old_source, new_source)) =
            sources.filter(|(old, new)| old.is_complete && new.is_complete)
        else {
            continue;
        };
        let effects = OwnedContract::of(old_source).compare(&OwnedContract::of(new_source));
        let has = |name: &str| new_source.metadata.variable(name).is_some();
        let is_broken = |effect: &&Effect| {
            effect.verdict == Verdict::Breaking && !(new < old && effect.is_left_out(has))
        };
        let Some(effect) = effects.iter().find(is_broken) else { continue };
        let message = format!(
            "{last} serves {old} now, and {new} would break its callers: {}",
            effect.message
        );
        let (old_major, new_major) = (old.major(), new.major());
        let help = if new_major > old_major && !prompt.states.contains_key(old) {
            format!(
                "serve both, each to its callers: `tracks: {{\"{old_major}\": {old}, \"{new_major}\": {new}}}`"
            )
        } else {
            format!("serve a version that keeps the contract of {old}")
        };
        let place = prompt.pointers.get(last).and_then(|pointer| {
            let at = pointer.target.versions().iter().position(|version| *version == new)?;
            Some((&pointer.source, pointer.places.get(at)?.clone()))
        });
        let finding = match place {
            Some((source, range)) => {
                Diagnostic::at(&rules::BREAKING_PROMOTION, source, range, message)
            }
            // Without a file the highest version is served, or the one whose metadata says so.
            None => {
                let folder = format!("{}/v{new}", prompt.name);
                Diagnostic::about(&rules::BREAKING_PROMOTION, folder, message)
            }
        };
        findings.push(finding.help(help));
    }
}

/// Pairs what callers get now with what they would get: those that ask for nothing special, and those
/// of each track. A track that is new has no callers yet.
fn moves<'a>(before: &'a Target, after: &'a Target) -> BTreeSet<(&'a Version, &'a Version)> {
    let tracks = |target: &'a Target| -> BTreeMap<u64, &'a Version> {
        match target {
            Target::Tracks(tracks) => tracks.iter().map(|(major, v)| (*major, v)).collect(),
            other => other.main().map(|version| (version.major(), version)).into_iter().collect(),
        }
    };
    let (old, new) = (tracks(before), tracks(after));
    let of_tracks = old.iter().filter_map(|(major, old)| Some((*old, *new.get(major)?)));
    let main = before.main().zip(after.main());
    of_tracks.chain(main).filter(|(old, new)| old != new).collect()
}
