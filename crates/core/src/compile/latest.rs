//! Latest documents: what an environment serves, in one request.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{State, Update};
use promptdex_wire::event::{Change, Target};
use promptdex_wire::prompt::{self, Serving, Status};
use promptdex_wire::release::{Entry, EntryTarget, Sequences};
use promptdex_wire::{Blob, Chain, Environment, Open, PromptVersion, Ref, RegistryPath, Version};

use super::environments::Environments;
use crate::model::{Prompt, Settings};
use crate::prompt_past::PromptPast;

/// The inputs of the latest documents of a prompt.
pub(super) struct LatestInputs<'a> {
    pub(super) prompt: &'a Prompt,
    pub(super) past: &'a PromptPast,
    pub(super) settings: &'a Settings,
    pub(super) environments: &'a Environments,
    /// The version documents that this build writes, among other files.
    pub(super) written: &'a [(RegistryPath, Vec<u8>)],
    /// What happened to the prompt since the last release of each chain.
    pub(super) events: &'a BTreeMap<Chain, Vec<Change>>,
}

impl LatestInputs<'_> {
    /// Writes the latest documents of a prompt: for each environment the main one, and one per track
    /// or major.
    pub(super) fn documents(
        &self,
        targets: &BTreeMap<Environment, Target>,
        served: &BTreeMap<Environment, Vec<Entry>>,
        sequences: &Sequences,
    ) -> Vec<(RegistryPath, Vec<u8>)> {
        let name = &self.prompt.name;
        let mut latest = Vec::new();
        for (environment, target) in targets {
            let sequence =
                sequences.get(&Chain::Environment(environment.clone())).copied().unwrap_or(1);
            let main = target.main();
            for entry in served.get(environment).into_iter().flatten() {
                let Some(&(version, blob)) = entry.served.documents().first() else { continue };
                let serving = self.serving(environment, target, entry, version, blob, sequence);
                let bytes = self
                    .document(version)
                    .and_then(|document| prompt::Latest::from_published(document, &serving));
                let Some(bytes) = bytes else { continue };
                if main == Some(version) {
                    let path = RegistryPath::Latest(name.clone(), environment.clone());
                    latest.push((path, bytes.clone()));
                }
                let major = version.major();
                let path = RegistryPath::LatestTrack(name.clone(), environment.clone(), major);
                latest.push((path, bytes));
            }
        }
        latest
    }

    /// Returns the bytes of a version document: those that are published, else those of this build.
    fn document(&self, version: &Version) -> Option<&[u8]> {
        let published = self.past.published.as_ref();
        if let Some(bytes) = published.and_then(|published| published.documents.get(version)) {
            return Some(bytes);
        }
        self.written.iter().find_map(|(path, bytes)| match path {
            RegistryPath::Version(_, written) if written == version => Some(bytes.as_slice()),
            _ => None,
        })
    }

    fn serving(
        &self,
        environment: &Environment,
        target: &Target,
        entry: &Entry,
        version: &Version,
        document: Blob,
        sequence: u64,
    ) -> Serving {
        let prompt = self.prompt;
        let declared = prompt.states.get(version);
        let state = declared.map_or(State::Active, |declared| declared.state);
        let status = match state {
            State::Deprecated | State::Yanked => Status::Deprecated,
            State::Active | State::Archived | State::Redacted => {
                self.environments.status(environment)
            }
        };
        let Update { updated_by, updated_at, reason } = self.update(environment);
        Serving {
            environment: environment.clone(),
            status: status.into(),
            domain: prompt.name.domain().map(str::to_owned),
            state: state.into(),
            state_reason: declared.map(|declared| declared.reason.clone()),
            replaced_by: prompt.replaced_by.as_ref().map(|name| name.value.clone()),
            track: entry.track.map(|track| track.major.to_string()),
            tracks: match target {
                Target::Tracks(tracks) => Some(tracks.clone().into()),
                Target::Version(_) | Target::Rollout(_) => None,
            },
            updated_by,
            updated_at,
            reason,
            digest: document.digest,
            size: document.size,
            sequence,
            reference: Open::Known(Ref {
                registry: self.settings.registry.clone(),
                prompt: PromptVersion { name: prompt.name.clone(), version: version.clone() },
                digest: document.digest,
            }),
            rollout: match &entry.served {
                EntryTarget::Rollout(rollout) => Some(rollout.clone().into()),
                EntryTarget::Version { .. } => None,
            },
        }
    }
}

impl LatestInputs<'_> {
    /// Returns the last update of each pointer: who, when and why, where known.
    pub(super) fn updates<'e>(
        &self,
        environments: impl Iterator<Item = &'e Environment>,
    ) -> BTreeMap<Environment, Update> {
        let updates =
            environments.map(|environment| (environment.clone(), self.update(environment)));
        updates.filter(|(_, update)| *update != Update::default()).collect()
    }

    /// Returns the last update of a pointer: who, when and why.
    fn update(&self, environment: &Environment) -> Update {
        let chain = Chain::Environment(environment.clone());
        if let Some(change) = self.events.get(&chain).and_then(|events| events.last()) {
            return Update {
                updated_by: change.by.clone(),
                updated_at: change.at.clone(),
                reason: change.reason.clone(),
            };
        }
        let published = self.past.published.as_ref();
        let event = published.and_then(|published| published.last_move(environment));
        event.map_or_else(Update::default, |event| Update {
            updated_by: event.changed_by.clone(),
            updated_at: event.changed_at.clone(),
            reason: event.reason.clone(),
        })
    }
}
