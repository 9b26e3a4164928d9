//! Pointer moves: the old and the new target of an environment, and the effects on apps.

use promptdex_compare::contract::{Compatibility, ContractEffect, verdict};
use promptdex_compare::settings::ChangeKind;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};

use super::prompt_graph::Includer;
use crate::review::comparison::VersionComparison;
use crate::review::environment_distance::EnvironmentDistance;

/// A pointer move: one environment gets a different target for one prompt.
#[derive(Debug)]
pub struct PointerMove {
    /// The prompt.
    pub name: PromptName,
    /// The environment whose pointer moves.
    pub environment: Environment,
    /// The old target, or `None` if the environment does not serve the prompt.
    pub from: Option<Target>,
    /// The new target, or `None` if the environment stops serving the prompt.
    pub to: Option<Target>,
    /// Where the version comes from, if the user did not name it.
    pub origin: Option<String>,
    /// Comparisons of the versions that apps get with the versions that they replace.
    pub versions: Vec<VersionComparison>,
    /// Versions that include a version that the environment newly serves.
    pub included_by: Vec<Includer>,
    /// How far the environment is from the previous one before the move. Present for promotions only.
    pub distance: Option<EnvironmentDistance>,
    /// The versions served before, newest first. Present for rollbacks only.
    pub earlier_versions: Option<Vec<EarlierVersion>>,
}

/// A version that an environment has served before.
#[derive(Debug)]
pub struct EarlierVersion {
    /// The version.
    pub version: Version,
    /// The effect on current apps.
    pub verdict: Compatibility,
    /// The effects on apps of going back to it.
    pub effects: Vec<ContractEffect>,
    /// Whether the version is yanked or redacted, with the reason, so that no pointer may name it.
    pub withdrawn: Option<(State, String)>,
}

impl EarlierVersion {
    /// Whether apps can use this version without changes.
    pub fn is_safe(&self) -> bool {
        self.withdrawn.is_none() && self.verdict != Compatibility::Breaking
    }
}

/// The effects of one version on apps that use another one.
#[derive(Debug)]
pub struct CallerImpact<'c> {
    /// Whether apps that use the one version can use the other.
    pub verdict: Compatibility,
    /// The effects on apps.
    pub effects: Vec<&'c ContractEffect>,
    /// The variables that clients drop, because an older version does not declare them.
    pub dropped_variables: Vec<&'c str>,
}

/// Returns the effects of the second version on apps that use the first. With `is_forward` false,
/// returns the opposite direction.
pub fn impact_on_callers(compared: &VersionComparison, is_forward: bool) -> CallerImpact<'_> {
    let (impact, gone) = if is_forward {
        (&compared.comparison.forward, ChangeKind::Removed)
    } else {
        (&compared.comparison.backward, ChangeKind::Added)
    };
    let is_back = (compared.to.version < compared.from.version) == is_forward;
    let has = |name: &str| {
        !compared.comparison.variables.iter().any(|v| v.name == name && v.kind == gone)
    };
    let (dropped, effects): (Vec<&ContractEffect>, Vec<&ContractEffect>) =
        impact.effects.iter().partition(|effect| is_back && effect.is_left_out(has));
    let owned: Vec<ContractEffect> = effects.iter().map(|effect| (*effect).clone()).collect();
    let dropped_variables =
        dropped.into_iter().filter_map(|effect| effect.variable.as_deref()).collect();
    CallerImpact { verdict: verdict(&owned), effects, dropped_variables }
}

impl PointerMove {
    /// Returns the main version that is served and the new version, if the new one could go live as
    /// a separate track.
    pub fn find_new_track(&self) -> Option<(&Version, &Version)> {
        let (Some(from), Some(Target::Version(to))) = (&self.from, &self.to) else { return None };
        let main = from.main()?;
        (to.major() > main.major()).then_some((main, to))
    }

    /// Returns the newest earlier version that apps can use without changes, unless the move
    /// already selects it.
    pub fn find_safe_version(&self) -> Option<&Version> {
        let safe = self.earlier_versions.iter().flatten().find(|earlier| earlier.is_safe())?;
        let is_it = self.to.as_ref().is_some_and(|to| to.versions() == [&safe.version]);
        (!is_it).then_some(&safe.version)
    }
}
