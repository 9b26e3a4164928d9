//! Moves of pointers: what an environment serves and would serve, and for whom that changes something.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::Options;
use promptdex_compare::contract::{Effect, Verdict, verdict};
use promptdex_compare::settings::Change;
use promptdex_core::compile::includes::includes_of;
use promptdex_core::compile::targets::targets;
use promptdex_core::compile::{metadata_pointers, target};
use promptdex_core::edit;
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::read::number_place;
use promptdex_core::source::Source;
use promptdex_core::tree::PromptFiles;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::rollout::{Arm, Rollout, Weight};
use promptdex_wire::{Environment, PromptName, PromptVersion, Version};

use crate::error::{ChangeError, Error, PromotionError, Result};
use crate::prompts::handle::{FlawedVersion, LoadError, Opened};
use crate::prompts::loader::{self, Found, Loader};
use crate::prompts::selector::Selected;
use crate::review::comparison::{Compared, compare, pairs};
use crate::tree::{Overlay, Tree};

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

/// A version that includes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Includer {
    /// The version that includes the other one.
    pub version: PromptVersion,
    /// The environments that serve it.
    pub served_by: Vec<Environment>,
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

/// Everything in a tree that a move is about.
pub struct Registry<'l> {
    /// The loader that read the tree.
    pub loader: &'l Loader<'l>,
    /// All prompts of the tree.
    pub prompts: BTreeMap<PromptName, Found>,
    /// What includes each version.
    includers: BTreeMap<PromptVersion, BTreeSet<PromptVersion>>,
}

impl<'l> Registry<'l> {
    /// Reads all prompts.
    pub fn read(loader: &'l Loader<'l>) -> Result<Self> {
        let mut prompts = BTreeMap::new();
        let mut includers: BTreeMap<PromptVersion, BTreeSet<PromptVersion>> = BTreeMap::new();
        for found in loader.all()? {
            let prompt = &found.prompt;
            for (version, source) in &prompt.versions {
                let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
                for (_, include) in includes_of(source) {
                    if let Ok(included) = include.name.parse() {
                        includers.entry(included).or_default().insert(own.clone());
                    }
                }
            }
            prompts.insert(prompt.name.clone(), found);
        }
        Ok(Self { loader, prompts, includers })
    }

    /// Returns the facts of the registry.
    pub fn settings(&self) -> &Settings {
        &self.loader.settings
    }

    /// Returns a prompt that must be there, and its files.
    pub fn prompt(&self, name: &PromptName) -> Result<(&PromptFiles, &Prompt)> {
        self.found(name).map(|found| (&found.files, &*found.prompt))
    }

    /// Returns a prompt that must be there, as it was loaded.
    pub fn found(&self, name: &PromptName) -> Result<&Found> {
        let unknown = || loader::unknown(self.loader.tree(), name, self.prompts.keys());
        self.prompts.get(name).ok_or_else(unknown)
    }

    /// Returns what an environment serves of a prompt.
    pub fn served(&self, name: &PromptName, environment: &Environment) -> Option<Target> {
        target(&self.prompts.get(name)?.prompt, self.settings(), environment)
    }

    /// Returns the environments that serve a version.
    pub fn served_by(&self, name: &PromptName, version: &Version) -> Vec<Environment> {
        let Some(found) = self.prompts.get(name) else { return Vec::new() };
        let served = targets(&*found.prompt, self.settings());
        let serves = |environment: &&Environment| {
            served.get(*environment).is_some_and(|target| target.versions().contains(&version))
        };
        self.settings().environments.iter().filter(serves).cloned().collect()
    }

    /// Returns what includes a version.
    pub fn included_by(&self, name: &PromptName, version: &Version) -> Vec<Includer> {
        let included = PromptVersion { name: name.clone(), version: version.clone() };
        let includers = self.includers.get(&included).into_iter().flatten();
        let includer = |own: &PromptVersion| Includer {
            version: own.clone(),
            served_by: self.served_by(&own.name, &own.version),
        };
        includers.map(includer).collect()
    }

    /// Returns what includes any version of a prompt, and is the highest version of its own or served.
    pub fn dependents(&self, name: &PromptName) -> Vec<Includer> {
        let all = self.includers.iter().filter(|(included, _)| included.name == *name);
        let own: BTreeSet<&PromptVersion> = all.flat_map(|(_, own)| own).collect();
        let includers = own.into_iter().map(|own| Includer {
            version: own.clone(),
            served_by: self.served_by(&own.name, &own.version),
        });
        let is_highest = |own: &PromptVersion| {
            let versions = self.prompts.get(&own.name).map(|found| &found.prompt.versions);
            versions.is_some_and(|versions| versions.keys().next_back() == Some(&own.version))
        };
        includers
            .filter(|includer| !includer.served_by.is_empty() || is_highest(&includer.version))
            .collect()
    }

    /// Works out a move, and the file that makes it. Where nothing would change, there is none.
    pub fn propose(
        &self,
        name: &PromptName,
        environment: &Environment,
        to: Option<Target>,
        origin: Option<String>,
        files: &mut Overlay,
        flawed: &mut Vec<FlawedVersion>,
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
        let old = existing(self.loader.tree(), &path)?;
        let text = to.as_ref().map(|to| edit::pointer(old.as_ref(), to).into_bytes());
        files.insert(path, text);

        let mut versions = Vec::new();
        if let (Some(from), Some(to)) = (&from, &to) {
            let opened = Opened::of(self.loader, self.found(name)?);
            for (a, b) in replaced(from, to) {
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

/// Opens a file that is going to be edited, if it is there.
pub fn existing(tree: &Tree, path: &str) -> Result<Option<Source>> {
    if !tree.has(path) {
        return Ok(None);
    }
    match String::from_utf8(tree.read(path)?) {
        Ok(text) => Ok(Some(Source::new(path, text))),
        Err(_) => Err(ChangeError::NotText { path: tree.shown(path) }.into()),
    }
}

/// Returns the text of a file with another number in it, and nothing else changed.
pub fn with_number(tree: &Tree, source: &Source, version: &Version) -> Result<String> {
    let Some(place) = number_place(source) else {
        return Err(ChangeError::NoNumber { path: tree.shown(source.path()) }.into());
    };
    let number = edit::in_quotes(source.text(), &place, &version.to_string());
    Ok(edit::replace(source.text(), place, &number))
}

/// Returns which versions callers get instead of which.
pub fn replaced(from: &Target, to: &Target) -> BTreeSet<(Version, Version)> {
    let has_tracks = [from, to].iter().any(|target| matches!(target, Target::Tracks(_)));
    if has_tracks {
        let new = to
            .versions()
            .into_iter()
            .filter(|version| from.versions().iter().all(|old| old.major() != version.major()));
        // Nobody gets a new track without asking; who asks comes from the one below.
        let moved = new.filter_map(|new| {
            let below = from.versions().into_iter().filter(|old| *old < new).max()?;
            Some((below.clone(), new.clone()))
        });
        // Whoever asks for nothing special gets the lowest track.
        let main = from.main().cloned().zip(to.main().cloned());
        let all = pairs(from, to).into_iter().chain(moved).chain(main);
        return all.filter(|(a, b)| a != b).collect();
    }
    let (Some(main), Some(new)) = (from.main(), to.main()) else { return BTreeSet::new() };
    let others = to.versions().into_iter().filter(|version| *version != main);
    let pairs: BTreeSet<_> = others.map(|version| (main.clone(), version.clone())).collect();
    if !pairs.is_empty() {
        return pairs;
    }
    let others = from.versions().into_iter().filter(|version| *version != new);
    others.map(|version| (version.clone(), new.clone())).collect()
}

/// How a version goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To all callers.
    All,
    /// To a share of them, beside what is served.
    Share(Weight),
    /// To those that ask for its major, beside other majors.
    Track,
}

/// Returns what an environment serves once a version has gone live in it.
pub fn with_version(
    served: Option<&Target>,
    version: &Version,
    way: Way,
    environment: &Environment,
) -> Result<Target, PromotionError> {
    let whole = Weight::from_hundredths(10_000);
    let way = match way {
        Way::Share(weight) if Some(weight) == whole => Way::All,
        way => way,
    };
    let only = || Target::Version(version.clone());
    let (environment, version) = (environment.clone(), version.clone());
    match (served, way) {
        (None, Way::All) => Ok(only()),
        (None, Way::Share(_)) => Err(PromotionError::NothingToShareWith { environment, version }),
        (None, Way::Track) => Err(PromotionError::NothingBeside { environment, version }),
        (Some(Target::Tracks(tracks)), Way::All | Way::Track) => {
            let track = version.major();
            if way == Way::All && !tracks.contains_key(&track) {
                let known: Vec<String> = tracks.keys().map(u64::to_string).collect();
                let known = known.join(", ");
                return Err(PromotionError::NoTrack { environment, track, known });
            }
            let mut tracks = tracks.clone();
            tracks.insert(track, version);
            Ok(Target::Tracks(tracks))
        }
        (Some(Target::Tracks(_)), Way::Share(_)) => {
            Err(PromotionError::TracksHaveNoShare { environment })
        }
        (Some(Target::Version(old)), Way::Track) if old.major() != version.major() => {
            let tracks = [old.clone(), version].map(|version| (version.major(), version));
            Ok(Target::Tracks(tracks.into()))
        }
        (Some(Target::Version(_) | Target::Rollout(_)), Way::Track) => {
            Err(PromotionError::NoOtherMajor { environment, version })
        }
        (Some(Target::Version(_) | Target::Rollout(_)), Way::All) => Ok(only()),
        (Some(Target::Version(old)), Way::Share(_)) if *old == version => Ok(only()),
        (Some(Target::Version(old)), Way::Share(_)) if old.major() != version.major() => {
            Err(PromotionError::DifferentMajors { old: old.clone(), new: version })
        }
        (Some(Target::Version(old)), Way::Share(weight)) => {
            let arm = |key: &str, version: &Version, weight| Arm {
                key: key.to_owned(),
                version: version.clone(),
                weight,
            };
            let arms = vec![arm("current", old, rest(weight)), arm("next", &version, weight)];
            Ok(Target::Rollout(Rollout { experiment: None, arms }))
        }
        (Some(Target::Rollout(rollout)), Way::Share(weight)) => match rollout.arms.as_slice() {
            [first, second] if second.version == version => {
                let first = Arm { weight: rest(weight), ..first.clone() };
                let second = Arm { weight, ..second.clone() };
                let arms = vec![first, second];
                Ok(Target::Rollout(Rollout { experiment: rollout.experiment.clone(), arms }))
            }
            _ => Err(PromotionError::OtherRollout { environment, version, weight }),
        },
    }
}

fn rest(weight: Weight) -> Weight {
    Weight::from_hundredths(10_000 - weight.hundredths()).unwrap_or(weight)
}
