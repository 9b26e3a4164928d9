//! What each environment serves for a prompt: its file, else the default of the first environment, or
//! what the metadata of a prompt without `environments/` says.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use crate::model::{Prompt, Settings};

pub(super) fn targets(prompt: &Prompt, settings: &Settings) -> BTreeMap<Environment, Target> {
    let mut targets: BTreeMap<Environment, Target> = prompt
        .pointers
        .iter()
        .filter(|(environment, _)| settings.environments.contains(environment))
        .filter(|(_, pointer)| {
            pointer.target.versions().into_iter().all(|version| can_be_served(prompt, version))
        })
        .map(|(environment, pointer)| (environment.clone(), pointer.target.clone()))
        .collect();
    if prompt.pointers.is_empty() {
        targets.extend(metadata_targets(prompt, settings));
    }
    let first = &settings.environments[0];
    if !prompt.pointers.contains_key(first)
        && !targets.contains_key(first)
        && let Some(version) = highest(prompt)
    {
        targets.insert(first.clone(), Target::Version(version.clone()));
    }
    targets
}

fn can_be_served(prompt: &Prompt, version: &Version) -> bool {
    let withdrawn = prompt
        .states
        .get(version)
        .is_some_and(|s| matches!(s.state, State::Yanked | State::Redacted));
    prompt.versions.contains_key(version) && !withdrawn
}

/// Returns the highest version that is neither a pre-release nor withdrawn.
pub(super) fn highest(prompt: &Prompt) -> Option<&Version> {
    prompt.versions.keys().rev().find(|version| {
        let active = prompt
            .states
            .get(version)
            .is_none_or(|state| matches!(state.state, State::Active | State::Deprecated));
        !version.is_pre_release() && active
    })
}

/// Reads `environment` and `status` of the metadata as pointers, where they are unambiguous: both
/// agree, and one version claims the environment.
pub(super) fn metadata_targets(
    prompt: &Prompt,
    settings: &Settings,
) -> BTreeMap<Environment, Target> {
    let mut claims: BTreeMap<Environment, Vec<&Version>> = BTreeMap::new();
    for (version, source) in &prompt.versions {
        let named = |text: &Option<crate::read::Placed<String>>| {
            text.as_ref().and_then(|text| settings.environment(&text.value)).cloned()
        };
        let environment =
            match (named(&source.metadata.environment), named(&source.metadata.status)) {
                (Some(environment), Some(status)) if environment != status => continue,
                (Some(environment), _) | (None, Some(environment)) => environment,
                (None, None) => continue,
            };
        claims.entry(environment).or_default().push(version);
    }
    let unambiguous =
        claims.into_iter().filter_map(|(environment, versions)| match versions.as_slice() {
            [version] if can_be_served(prompt, version) => {
                Some((environment, Target::Version((*version).clone())))
            }
            _ => None,
        });
    unambiguous.collect()
}
