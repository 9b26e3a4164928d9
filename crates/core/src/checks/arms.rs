//! `incompatible-arms`: a caller does not know its arm, so every arm must accept what the others do.

use std::ops::Range;

use promptdex_wire::event::Share;

use super::contract::OwnedContract;
use crate::diagnostic::Diagnostic;
use crate::model::{Pointer, Prompt};
use crate::rules;

pub(super) fn check(prompt: &Prompt, findings: &mut Vec<Diagnostic>) {
    for pointer in prompt.pointers.values() {
        let shares = pointer.target.shares();
        for rollout in shares.chunk_by(|a, b| a.track == b.track) {
            let start = shares.partition_point(|share| share.track < rollout[0].track);
            // A pointer that no file says has no places.
            let places = pointer.places.get(start..).unwrap_or_default();
            check_rollout(prompt, pointer, rollout, places, findings);
        }
    }
}

/// Compares the arms of one rollout, whose versions stand at `places`.
fn check_rollout(
    prompt: &Prompt,
    pointer: &Pointer,
    shares: &[Share<'_>],
    places: &[Range<usize>],
    findings: &mut Vec<Diagnostic>,
) {
    let arms: Vec<_> = shares
        .iter()
        .zip(places)
        .filter_map(|(share, place)| Some((share, place, prompt.versions.get(share.version)?)))
        .filter(|(_, _, source)| source.is_complete)
        .collect();
    let contracts: Vec<OwnedContract> =
        arms.iter().map(|(_, _, source)| OwnedContract::of(source)).collect();
    for (at, (arm, place, _)) in arms.iter().enumerate() {
        // What only one of two knows, clients leave out for the other: two that fit a third need not fit each other.
        let broken = arms[..at].iter().zip(&contracts).find_map(|((other, ..), contract)| {
            let own = &contracts[at];
            let effect = contract
                .breaking_effect(own, true)
                .or_else(|| own.breaking_effect(contract, true))?;
            Some((other.version, effect))
        });
        let Some((other, effect)) = broken else { continue };
        let message =
            format!("variants {other} and {} are incompatible: {}", arm.version, effect.message);
        let rule = &rules::INCOMPATIBLE_ARMS;
        findings.push(
            Diagnostic::at(rule, &pointer.source, (*place).clone(), message)
                .help("roll out versions that take the same variables, or serve them as `tracks`"),
        );
    }
}
