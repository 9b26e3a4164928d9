//! What each environment serves for a prompt: its file, else the default of the first environment, or
//! what the metadata of a prompt without `environments/` says.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::release::{Entry, Served};
use promptdex_wire::rollout::{PublishedArm, PublishedRollout};
use promptdex_wire::{Blob, Environment, PromptName, Version};

use crate::model::{Prompt, Settings};

pub(crate) fn targets(prompt: &Prompt, settings: &Settings) -> BTreeMap<Environment, Target> {
    let mut targets: BTreeMap<Environment, Target> = prompt
        .pointers
        .iter()
        .filter(|(environment, _)| settings.environments.contains(environment))
        .filter(|(_, pointer)| {
            pointer.target.versions().into_iter().all(|version| can_be_served(prompt, version))
        })
        .map(|(environment, pointer)| (environment.clone(), pointer.target.clone()))
        .collect();
    if !prompt.has_environments {
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

/// A yanked version goes on being served, as a finding; a redacted document is never a prompt.
fn can_be_served(prompt: &Prompt, version: &Version) -> bool {
    let is_redacted =
        prompt.states.get(version).is_some_and(|state| state.state == State::Redacted);
    prompt.versions.contains_key(version) && !is_redacted
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
pub(crate) fn metadata_targets(
    prompt: &Prompt,
    settings: &Settings,
) -> BTreeMap<Environment, Target> {
    let unambiguous = claims(prompt, settings).into_iter().filter_map(|(environment, versions)| {
        match versions.as_slice() {
            [version] if can_be_served(prompt, version) => {
                Some((environment, Target::Version((*version).clone())))
            }
            _ => None,
        }
    });
    unambiguous.collect()
}

/// Returns the versions whose metadata says that an environment serves them, lowest first.
pub(crate) fn claims<'p>(
    prompt: &'p Prompt,
    settings: &Settings,
) -> BTreeMap<Environment, Vec<&'p Version>> {
    let mut claims: BTreeMap<Environment, Vec<&Version>> = BTreeMap::new();
    for (version, source) in &prompt.versions {
        let named = |text: &Option<crate::read::Placed<String>>| {
            text.as_ref().and_then(|text| settings.environment(&text.value)).cloned()
        };
        // `status` may be any word; `environment` that names none contradicts one that does.
        let environment =
            match (named(&source.metadata.environment), named(&source.metadata.status)) {
                (Some(environment), Some(status)) if environment != status => continue,
                (None, Some(_)) if source.metadata.environment.is_some() => continue,
                (Some(environment), _) | (None, Some(environment)) => environment,
                (None, None) => continue,
            };
        // Without a file the first environment serves the highest version, in every registry.
        if environment == settings.environments[0] {
            continue;
        }
        claims.entry(environment).or_default().push(version);
    }
    claims
}

/// Returns the entries of a snapshot that say what a target serves. Every version of a target has a
/// document.
pub(super) fn entries(
    name: &PromptName,
    target: &Target,
    documents: &BTreeMap<&Version, Blob>,
) -> Vec<Entry> {
    let entry = |track: Option<u64>, version: &Version| {
        let document = *documents.get(version)?;
        let served = Served::Version { track, version: version.clone(), document };
        Some(Entry { name: name.clone(), served })
    };
    match target {
        Target::Version(version) => entry(None, version).into_iter().collect(),
        Target::Tracks(tracks) => {
            tracks.iter().filter_map(|(major, version)| entry(Some(*major), version)).collect()
        }
        Target::Rollout(rollout) => {
            let arms = rollout.arms.iter().filter_map(|arm| {
                let document = documents.get(&arm.version)?;
                Some(PublishedArm {
                    key: arm.key.clone(),
                    version: arm.version.clone(),
                    weight: arm.weight,
                    digest: document.digest,
                    size: document.size,
                })
            });
            let rollout = PublishedRollout {
                experiment: rollout.experiment.clone(),
                salt: rollout.experiment.clone().unwrap_or_else(|| name.to_string()),
                arms: arms.collect(),
            };
            vec![Entry { name: name.clone(), served: Served::Rollout(rollout) }]
        }
    }
}
