//! Determines what each environment serves for a prompt: by its file, by the default of the first
//! environment, or by the metadata of a prompt without `environments/`.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::event::{Target, TrackTarget, Tracks};
use promptdex_wire::release::{Entry, EntryTarget, Track};
use promptdex_wire::rollout::{PublishedArm, PublishedRollout, Rollout};
use promptdex_wire::{Blob, Environment, PromptName, Version};

use crate::model::{Prompt, Settings};

/// The facts that decide which versions environments serve: of a prompt in the tree, or in some commit.
pub trait ServedVersions {
    /// Whether the prompt has an `environments/` folder, so that metadata does not declare pointers.
    fn has_environments(&self) -> bool;
    /// Returns the target in the file of an environment.
    fn pointer(&self, environment: &Environment) -> Option<&Target>;
    /// Returns the versions, the lowest first.
    fn versions(&self) -> impl DoubleEndedIterator<Item = &Version>;
    /// Whether there is a version.
    fn has(&self, version: &Version) -> bool;
    /// Returns the lifecycle state of a version.
    fn state(&self, version: &Version) -> State;
    /// Returns the `environment` and `status` in the metadata of each version, the lowest version first.
    fn claims(&self) -> impl Iterator<Item = (&Version, Option<&str>, Option<&str>)>;
}

impl ServedVersions for Prompt {
    fn has_environments(&self) -> bool {
        self.has_environments
    }

    fn pointer(&self, environment: &Environment) -> Option<&Target> {
        self.pointers.get(environment).map(|pointer| &pointer.target)
    }

    fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.versions.keys()
    }

    fn has(&self, version: &Version) -> bool {
        self.versions.contains_key(version)
    }

    fn state(&self, version: &Version) -> State {
        self.states.get(version).map_or(State::Active, |state| state.state)
    }

    fn claims(&self) -> impl Iterator<Item = (&Version, Option<&str>, Option<&str>)> {
        fn text(text: Option<&crate::read::Spanned<String>>) -> Option<&str> {
            text.map(|text| text.value.as_str())
        }
        self.versions.iter().map(|(version, source)| {
            let metadata = &source.metadata;
            (version, text(metadata.environment.as_ref()), text(metadata.status.as_ref()))
        })
    }
}

/// Returns what each environment serves.
pub fn targets(prompt: &impl ServedVersions, settings: &Settings) -> BTreeMap<Environment, Target> {
    let served = |environment: &Environment| {
        let target = prompt.pointer(environment)?;
        let is_whole = target.versions().into_iter().all(|version| can_be_served(prompt, version));
        is_whole.then(|| (environment.clone(), target.clone()))
    };
    let mut targets: BTreeMap<Environment, Target> =
        settings.environments.iter().filter_map(served).collect();
    if !prompt.has_environments() {
        targets.extend(metadata_targets(prompt, settings));
    }
    let first = &settings.environments[0];
    if prompt.pointer(first).is_none()
        && !targets.contains_key(first)
        && let Some(target) = default_target(prompt)
    {
        targets.insert(first.clone(), target);
    }
    targets
}

/// A yanked version goes on being served, as a finding; a redacted document is never a prompt.
fn can_be_served(prompt: &impl ServedVersions, version: &Version) -> bool {
    prompt.has(version) && prompt.state(version) != State::Redacted
}

/// Returns the versions that are neither pre-releases nor withdrawn, the highest first.
fn usable_versions(prompt: &impl ServedVersions) -> impl Iterator<Item = &Version> {
    prompt.versions().rev().filter(|version| {
        let is_active = matches!(prompt.state(version), State::Active | State::Deprecated);
        !version.is_pre_release() && is_active
    })
}

/// Returns the highest version that is neither a pre-release nor withdrawn.
pub(super) fn highest(prompt: &impl ServedVersions) -> Option<&Version> {
    usable_versions(prompt).next()
}

/// Returns what the first environment serves without a file: the highest version, and beside it the highest of each
/// lower major, so that a new major takes nothing from apps that ask for an old one.
fn default_target(prompt: &impl ServedVersions) -> Option<Target> {
    let mut targets = BTreeMap::new();
    for version in usable_versions(prompt) {
        targets.entry(version.major()).or_insert_with(|| TrackTarget::Version(version.clone()));
    }
    let (main, _) = targets.last_key_value()?;
    let main = *main;
    match targets.len() {
        1 => targets.into_values().next().map(Target::from),
        _ => Some(Target::Tracks(Tracks { targets, main: Some(main) })),
    }
}

/// Reads `environment` and `status` of the metadata as pointers, where they are unambiguous: both
/// agree, and one version claims the environment.
pub(crate) fn metadata_targets(
    prompt: &impl ServedVersions,
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

/// Returns the versions whose metadata declares that an environment serves them, lowest first.
pub(crate) fn claims<'p>(
    prompt: &'p impl ServedVersions,
    settings: &Settings,
) -> BTreeMap<Environment, Vec<&'p Version>> {
    let mut claims: BTreeMap<Environment, Vec<&Version>> = BTreeMap::new();
    for (version, environment, status) in prompt.claims() {
        let named = |text: Option<&str>| text.and_then(|text| settings.environment(text)).cloned();
        // `status` may be any word; `environment` that names none contradicts one that does.
        let environment = match (named(environment), named(status)) {
            (Some(environment), Some(status)) if environment != status => continue,
            (None, Some(_)) if environment.is_some() => continue,
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

/// Returns the snapshot entries of a target. Every version of a target has a document.
pub(super) fn entries(
    name: &PromptName,
    target: &Target,
    documents: &BTreeMap<&Version, Blob>,
) -> Vec<Entry> {
    let version = |version: &Version| {
        let document = *documents.get(version)?;
        Some(EntryTarget::Version { version: version.clone(), document })
    };
    let rollout = |rollout: &Rollout| {
        let arms = rollout.arms.iter().filter_map(|arm| {
            let document = *documents.get(&arm.version)?;
            let (key, version) = (arm.key.clone(), arm.version.clone());
            Some(PublishedArm { key, version, weight: arm.weight, document })
        });
        EntryTarget::Rollout(PublishedRollout {
            experiment: rollout.experiment.clone(),
            salt: rollout.experiment.clone().unwrap_or_else(|| name.to_string()),
            arms: arms.collect(),
        })
    };
    let entry = |track, served| Entry { name: name.clone(), track, served };
    match target {
        Target::Version(own) => {
            version(own).map(|served| entry(None, served)).into_iter().collect()
        }
        Target::Rollout(own) => vec![entry(None, rollout(own))],
        Target::Tracks(tracks) => {
            let track = |(major, target): (&u64, &TrackTarget)| {
                let track = Track { major: *major, is_main: tracks.main == Some(*major) };
                let served = match target {
                    TrackTarget::Version(own) => version(own)?,
                    TrackTarget::Rollout(own) => rollout(own),
                };
                Some(entry(Some(track), served))
            };
            tracks.targets.iter().filter_map(track).collect()
        }
    }
}
