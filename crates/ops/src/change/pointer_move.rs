//! Moves of pointers: what an environment serves and would serve, and for whom that changes something.

use promptdex_compare::Options;
use promptdex_compare::contract::{Effect, Verdict, verdict};
use promptdex_compare::promotion::{Replacement, replacements};
use promptdex_compare::settings::Change;
use promptdex_core::compile::metadata_pointers;
use promptdex_core::edit;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};

use super::files::text_to_edit;
use super::plan::Proposal;
use super::prompt_graph::{Includer, PromptGraph};
use crate::error::{ChangeError, Error};
use crate::prompts::handle::{FlawedVersion, LoadError, Opened};
use crate::prompts::selector::Selected;
use crate::review::comparison::{Compared, compare};

/// A pointer that moves.
#[derive(Debug)]
pub struct Move {
    /// The prompt.
    pub name: PromptName,
    /// The environment whose pointer moves.
    pub environment: Environment,
    /// The target now; without it, the environment serves nothing of the prompt.
    pub from: Option<Target>,
    /// The new target; without it, the environment serves nothing of the prompt any more.
    pub to: Option<Target>,
    /// Why it moves there, where nobody named the version.
    pub origin: Option<String>,
    /// The versions that callers get instead of others.
    pub versions: Vec<Compared>,
    /// What includes a version that the environment would serve and does not serve yet.
    pub included_by: Vec<Includer>,
    /// What it served before, the newest first, when somebody wants to go back.
    pub earlier: Option<Vec<Earlier>>,
}

/// A version that an environment has served.
#[derive(Debug)]
pub struct Earlier {
    /// The version.
    pub version: Version,
    /// What it means for the callers of today.
    pub verdict: Verdict,
    /// The effects of going back to it on apps.
    pub effects: Vec<Effect>,
    /// Why nothing may point to it any more, if that is so.
    pub withdrawn: Option<String>,
}

impl Earlier {
    /// Whether nobody would notice more than another answer.
    pub fn is_safe(&self) -> bool {
        self.withdrawn.is_none() && self.verdict != Verdict::Breaking
    }
}

/// What a version means for callers of another one.
#[derive(Debug)]
pub struct ForCallers<'c> {
    /// Whether apps that use the one version can use the other.
    pub verdict: Verdict,
    /// The effects on apps.
    pub effects: Vec<&'c Effect>,
    /// The variables that clients leave out, because an older version does not know them.
    pub left_out: Vec<&'c str>,
}

/// Says what the second version means for callers of the first, or the other way round.
pub fn for_callers(compared: &Compared, is_forward: bool) -> ForCallers<'_> {
    let (impact, gone) = if is_forward {
        (&compared.comparison.forward, Change::Removed)
    } else {
        (&compared.comparison.backward, Change::Added)
    };
    let is_back = (compared.to.version < compared.from.version) == is_forward;
    let has = |name: &str| {
        !compared.comparison.variables.iter().any(|v| v.name == name && v.kind == gone)
    };
    let (left_out, effects): (Vec<&Effect>, Vec<&Effect>) =
        impact.effects.iter().partition(|effect| is_back && effect.is_left_out(has));
    let owned: Vec<Effect> = effects.iter().map(|effect| (*effect).clone()).collect();
    let left_out = left_out.into_iter().filter_map(|effect| effect.variable.as_deref()).collect();
    ForCallers { verdict: verdict(&owned), effects, left_out }
}

impl Move {
    /// Returns the version beside which the new one can go live as a track of its own, and the new one.
    pub fn as_track(&self) -> Option<(&Version, &Version)> {
        let (Some(from), Some(Target::Version(to))) = (&self.from, &self.to) else { return None };
        let main = from.main()?;
        (to.major() > main.major()).then_some((main, to))
    }

    /// Returns the newest version that can be gone back to, if that is not what was meant.
    pub fn safe(&self) -> Option<&Version> {
        let safe = self.earlier.iter().flatten().find(|earlier| earlier.is_safe())?;
        let is_it = self.to.as_ref().is_some_and(|to| to.versions() == [&safe.version]);
        (!is_it).then_some(&safe.version)
    }
}

impl PromptGraph<'_> {
    /// Works out a move, and adds the file that makes it to a plan. Where nothing would change, there is none.
    pub fn plan_move(
        &self,
        name: &PromptName,
        environment: &Environment,
        to: Option<Target>,
        origin: Option<String>,
        plan: &mut Proposal,
    ) -> Result<Option<Move>, LoadError> {
        let (own, prompt) = self.prompt(name)?;
        let from = self.served(name, environment);
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
            let opened = Opened::of(self.loader, self.found(name)?);
            for Replacement { from: a, to: b, .. } in replacements(from, to) {
                let flawed = &mut plan.flawed;
                let mut load =
                    |version| opened.load(Selected { version, environment: None }, flawed);
                // What is gone cannot be compared.
                if prompt.versions.contains_key(&a) && prompt.versions.contains_key(&b) {
                    versions.push(compare(&load(a)?, &load(b)?, &Options::default()));
                }
            }
        }
        let known = from.as_ref().map(Target::versions).unwrap_or_default();
        let new = to.as_ref().map(Target::versions).unwrap_or_default();
        let new = new.into_iter().filter(|version| !known.contains(version));
        let included_by = new.flat_map(|version| self.included_by(name, version)).collect();
        let (name, environment) = (name.clone(), environment.clone());
        Ok(Some(Move { name, environment, from, to, origin, versions, included_by, earlier: None }))
    }

    /// Says of versions that were served before what they mean for the callers of today.
    pub fn earlier(
        &self,
        name: &PromptName,
        served: &Target,
        versions: Vec<Version>,
        flawed: &mut Vec<FlawedVersion>,
    ) -> Result<Vec<Earlier>, LoadError> {
        let found = self.found(name)?;
        let (prompt, opened) = (&found.prompt, Opened::of(self.loader, found));
        let mut load =
            |version: Version| opened.load(Selected { version, environment: None }, flawed);
        let mut earlier = Vec::new();
        for version in versions {
            let own = match served {
                Target::Tracks(tracks) => tracks.get(&version.major()).or_else(|| served.main()),
                Target::Version(_) | Target::Rollout(_) => served.main(),
            };
            let Some(own) = own.filter(|own| **own != version) else { continue };
            if !prompt.versions.contains_key(&version) || !prompt.versions.contains_key(own) {
                continue;
            }
            let compared =
                compare(&load(own.clone())?, &load(version.clone())?, &Options::default());
            let ForCallers { verdict, effects, .. } = for_callers(&compared, true);
            let state = prompt.states.get(&version);
            let state =
                state.filter(|state| matches!(state.state, State::Yanked | State::Redacted));
            let effects = effects.into_iter().cloned().collect();
            let withdrawn = state.map(|state| state.reason.clone());
            earlier.push(Earlier { version, verdict, effects, withdrawn });
        }
        Ok(earlier)
    }
}
