//! Moves of pointers: what an environment serves and would serve, and for whom that changes something.

use promptdex_compare::contract::{Compatibility, ContractEffect, verdict};
use promptdex_compare::settings::ChangeKind;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};

use super::prompt_graph::Includer;
use crate::review::comparison::VersionComparison;

/// A pointer that moves.
#[derive(Debug)]
pub struct PointerMove {
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
    pub versions: Vec<VersionComparison>,
    /// What includes a version that the environment would serve and does not serve yet.
    pub included_by: Vec<Includer>,
    /// What it served before, the newest first, when somebody wants to go back.
    pub earlier: Option<Vec<EarlierVersion>>,
}

/// A version that an environment has served.
#[derive(Debug)]
pub struct EarlierVersion {
    /// The version.
    pub version: Version,
    /// What it means for the callers of today.
    pub verdict: Compatibility,
    /// The effects of going back to it on apps.
    pub effects: Vec<ContractEffect>,
    /// Why nothing may point to it any more, if that is so.
    pub withdrawn: Option<String>,
}

impl EarlierVersion {
    /// Whether nobody would notice more than another answer.
    pub fn is_safe(&self) -> bool {
        self.withdrawn.is_none() && self.verdict != Compatibility::Breaking
    }
}

/// What a version means for callers of another one.
#[derive(Debug)]
pub struct CallerImpact<'c> {
    /// Whether apps that use the one version can use the other.
    pub verdict: Compatibility,
    /// The effects on apps.
    pub effects: Vec<&'c ContractEffect>,
    /// The variables that clients leave out, because an older version does not know them.
    pub left_out: Vec<&'c str>,
}

/// Says what the second version means for callers of the first, or the other way round.
pub fn for_callers(compared: &VersionComparison, is_forward: bool) -> CallerImpact<'_> {
    let (impact, gone) = if is_forward {
        (&compared.comparison.forward, ChangeKind::Removed)
    } else {
        (&compared.comparison.backward, ChangeKind::Added)
    };
    let is_back = (compared.to.version < compared.from.version) == is_forward;
    let has = |name: &str| {
        !compared.comparison.variables.iter().any(|v| v.name == name && v.kind == gone)
    };
    let (left_out, effects): (Vec<&ContractEffect>, Vec<&ContractEffect>) =
        impact.effects.iter().partition(|effect| is_back && effect.is_left_out(has));
    let owned: Vec<ContractEffect> = effects.iter().map(|effect| (*effect).clone()).collect();
    let left_out = left_out.into_iter().filter_map(|effect| effect.variable.as_deref()).collect();
    CallerImpact { verdict: verdict(&owned), effects, left_out }
}

impl PointerMove {
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
