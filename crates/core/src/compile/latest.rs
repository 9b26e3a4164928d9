//! Latest documents: what an environment serves, in one request.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{CatalogPrompt, State, Update};
use promptdex_wire::event::{Change, Target};
use promptdex_wire::prompt::{self, Serving, Status};
use promptdex_wire::release::{Entry, EntryTarget, Sequences};
use promptdex_wire::rollout::PublishedRollout;
use promptdex_wire::{Blob, Chain, Environment, PromptVersion, Ref, RegistryPath, Version};

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
        row: &CatalogPrompt,
        documents: &BTreeMap<&Version, Blob>,
        served: &BTreeMap<Environment, Vec<Entry>>,
        sequences: &Sequences,
    ) -> Vec<(RegistryPath, Vec<u8>)> {
        let mut latest = Vec::new();
        for (environment, target) in &row.environments {
            let sequence =
                sequences.get(&Chain::Environment(environment.clone())).copied().unwrap_or(1);
            let write = |version: &Version, rollout: Option<PublishedRollout>| {
                let blob = documents.get(version)?;
                let serving = self.serving(environment, version, *blob, sequence, rollout);
                prompt::Latest::from_published(self.document(version)?, &serving)
            };
            let track = |major: u64| {
                RegistryPath::LatestTrack(row.name.clone(), environment.clone(), major)
            };
            let main = match target {
                Target::Version(version) => {
                    let bytes = write(version, None);
                    latest.extend(bytes.clone().map(|bytes| (track(version.major()), bytes)));
                    bytes
                }
                Target::Rollout(_) => {
                    let rollout = served.get(environment).and_then(|entries| rollout(entries));
                    let bytes = target
                        .main()
                        .and_then(|version| Some((version.major(), write(version, rollout)?)));
                    latest.extend(bytes.clone().map(|(major, bytes)| (track(major), bytes)));
                    bytes.map(|(_, bytes)| bytes)
                }
                Target::Tracks(tracks) => {
                    let written: Vec<_> = tracks
                        .iter()
                        .filter_map(|(major, version)| Some((track(*major), write(version, None)?)))
                        .collect();
                    let main = written.first().map(|(_, bytes)| bytes.clone());
                    latest.extend(written);
                    main
                }
            };
            let path = RegistryPath::Latest(row.name.clone(), environment.clone());
            latest.extend(main.map(|bytes| (path, bytes)));
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
        version: &Version,
        document: Blob,
        sequence: u64,
        rollout: Option<PublishedRollout>,
    ) -> Serving {
        let state = self.prompt.states.get(version);
        let is_deprecated =
            state.is_some_and(|state| matches!(state.state, State::Deprecated | State::Yanked));
        let status =
            if is_deprecated { Status::Deprecated } else { self.environments.status(environment) };
        let Update { updated_by, updated_at, reason } = self.update(environment);
        Serving {
            environment: environment.clone(),
            status,
            updated_by,
            updated_at,
            reason,
            digest: document.digest,
            size: document.size,
            sequence,
            reference: Ref {
                registry: self.settings.registry.clone(),
                prompt: PromptVersion { name: self.prompt.name.clone(), version: version.clone() },
                digest: document.digest,
            },
            rollout,
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

fn rollout(entries: &[Entry]) -> Option<PublishedRollout> {
    match &entries.first()?.served {
        EntryTarget::Rollout(rollout) => Some(rollout.clone()),
        EntryTarget::Version { .. } => None,
    }
}
