//! Plans pointer moves: the edited file, and the facts that apps and reviewers need.

use promptdex_compare::Options;
use promptdex_compare::promotion::{Replacement, replacements};
use promptdex_core::compile::metadata_pointers;
use promptdex_core::edit;
use promptdex_wire::catalog::State;
use promptdex_wire::event::{Target, TrackTarget};
use promptdex_wire::{Environment, PromptName, Version};

use super::files::text_to_edit;
use super::plan::ChangePlan;
use super::pointer_move::{CallerImpact, EarlierVersion, PointerMove, impact_on_callers};
use super::prompt_graph::PromptGraph;
use crate::error::{ChangeError, Error};
use crate::prompts::prompt_handle::{FlawedVersion, LoadError, PromptHandle};
use crate::prompts::selector::VersionSelection;
use crate::review::comparison::compare;

impl PromptGraph<'_> {
    /// Plans a pointer move, and adds the edited file to `plan`. Returns `None` if the target does
    /// not change.
    pub fn plan_move(
        &self,
        name: &PromptName,
        environment: &Environment,
        to: Option<Target>,
        origin: Option<String>,
        plan: &mut ChangePlan,
    ) -> Result<Option<PointerMove>, LoadError> {
        let (own, prompt) = self.prompt(name)?;
        let from = self.target_in(name, environment);
        if from == to {
            return Ok(None);
        }
        if !metadata_pointers(prompt, self.settings()).is_empty() {
            return Err(Error::from(ChangeError::MetadataPointers { name: name.clone() }).into());
        }
        let path = own.environment_file(environment);
        let old = text_to_edit(self.loader.tree(), &path)?;
        let text = to.as_ref().map(|to| edit::pointer(old.as_ref(), to).into_bytes());
        plan.files.insert(path, text);

        let mut versions = Vec::new();
        if let (Some(from), Some(to)) = (&from, &to) {
            let opened = PromptHandle::of(self.loader, self.loaded_prompt(name)?);
            for Replacement { from: a, to: b, .. } in replacements(from, to) {
                let flawed = &mut plan.flawed_versions;
                let mut load =
                    |version| opened.load(VersionSelection { version, environment: None }, flawed);
                // A removed version cannot be compared.
                if prompt.versions.contains_key(&a) && prompt.versions.contains_key(&b) {
                    versions.push(compare(&load(a)?, &load(b)?, &Options::default()));
                }
            }
        }
        let known = from.as_ref().map(Target::versions).unwrap_or_default();
        let new = to.as_ref().map(Target::versions).unwrap_or_default();
        let new = new.into_iter().filter(|version| !known.contains(version));
        let included_by = new.flat_map(|version| self.includers_of(name, version)).collect();
        let (name, environment) = (name.clone(), environment.clone());
        Ok(Some(PointerMove {
            name,
            environment,
            from,
            to,
            origin,
            versions,
            included_by,
            distance: None,
            earlier_versions: None,
        }))
    }

    /// Returns the effects on current apps of going back to each of some earlier versions.
    pub fn compare_earlier(
        &self,
        name: &PromptName,
        served: &Target,
        versions: Vec<Version>,
        flawed: &mut Vec<FlawedVersion>,
    ) -> Result<Vec<EarlierVersion>, LoadError> {
        let found = self.loaded_prompt(name)?;
        let (prompt, opened) = (&found.prompt, PromptHandle::of(self.loader, found));
        let mut load =
            |version: Version| opened.load(VersionSelection { version, environment: None }, flawed);
        let mut earlier = Vec::new();
        for version in versions {
            let own = match served {
                Target::Tracks(tracks) => {
                    let track = tracks.targets.get(&version.major());
                    track.and_then(TrackTarget::main).or_else(|| served.main())
                }
                Target::Version(_) | Target::Rollout(_) => served.main(),
            };
            let Some(own) = own.filter(|own| **own != version) else { continue };
            if !prompt.versions.contains_key(&version) || !prompt.versions.contains_key(own) {
                continue;
            }
            let compared =
                compare(&load(own.clone())?, &load(version.clone())?, &Options::default());
            let CallerImpact { verdict, effects, .. } = impact_on_callers(&compared, true);
            let state = prompt.states.get(&version);
            let state =
                state.filter(|state| matches!(state.state, State::Yanked | State::Redacted));
            let effects = effects.into_iter().cloned().collect();
            let withdrawn = state.map(|state| (state.state, state.reason.clone()));
            earlier.push(EarlierVersion { version, verdict, effects, withdrawn });
        }
        Ok(earlier)
    }
}
