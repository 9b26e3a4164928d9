//! `breaking-promotion`: the last environment keeps the contract with its callers. The current target,
//! published or in the base of a change, is compared with the next one.

use promptdex_compare::promotion::{PointerChange, report_breaking_changes};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::contract::OwnedContract;
use crate::compile::targets;
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::prompt_past::PromptWithPast;
use crate::rules;

pub(super) fn check(known: &PromptWithPast, settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let PromptWithPast { prompt, past } = known;
    // A change cannot make another environment the last one for itself.
    let of_base = past.base.as_ref().and_then(|base| base.last.as_ref());
    let Some(last) = of_base.or(settings.environments.last()) else { return };
    let Some(before) = past.served_before(last) else { return };
    let targets = targets::targets(prompt, settings);
    let Some(after) = targets.get(last) else { return };
    check_promotion(prompt, last, &before, after, findings);
}

/// Compares the current target of the last environment with the next one.
pub fn check_promotion(
    prompt: &Prompt,
    last: &Environment,
    before: &Target,
    after: &Target,
    findings: &mut Vec<Diagnostic>,
) {
    let moved = PointerChange { environment: last, from: Some(before), to: Some(after) };
    let is_active = |version: &Version| !prompt.states.contains_key(version);
    let lacks = report_breaking_changes(&moved, is_active, |old, new| {
        let sources = prompt.versions.get(old).zip(prompt.versions.get(new));
        let (a, b) = sources.filter(|(a, b)| a.is_complete && b.is_complete)?;
        OwnedContract::of(a).breaking_effect(&OwnedContract::of(b), new < old)
    });
    let pointer = prompt.pointers.get(last);
    findings.extend(lacks.into_iter().map(|lack| {
        let place = pointer.and_then(|pointer| {
            let versions = pointer.target.versions();
            let at = match &lack.version {
                Some(new) => versions.iter().position(|version| *version == new)?,
                None => 0,
            };
            Some((&pointer.source, pointer.places.get(at)?.clone()))
        });
        let finding = match (place, lack.version) {
            (Some((source, range)), _) => {
                Diagnostic::at(&rules::BREAKING_PROMOTION, source, range, lack.message)
            }
            // Without a file the highest version is served, or the one whose metadata says so.
            (None, version) => {
                let name = &prompt.name;
                let path = version.map_or_else(|| name.to_string(), |new| format!("{name}/v{new}"));
                Diagnostic::about(&rules::BREAKING_PROMOTION, path, lack.message)
            }
        };
        finding.help(lack.help)
    }));
}
