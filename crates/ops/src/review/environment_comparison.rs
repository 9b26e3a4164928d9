//! Compares the targets of two environments prompt by prompt.

use promptdex_compare::Options;
use promptdex_compare::promotion::counterparts;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName};
use rayon::prelude::*;

use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::{FlawedVersion, LoadError, PromptHandle};
use crate::prompts::selector::VersionSelection;
use crate::review::comparison::{VersionComparison, compare};
use crate::review::environment_distance::{EnvironmentDistance, find_distance};

/// The differences between the targets of two environments.
#[derive(Debug)]
pub struct EnvironmentComparison {
    /// The first environment.
    pub from: Environment,
    /// The second environment.
    pub to: Environment,
    /// The prompts with different targets, sorted by name.
    pub prompts: Vec<PromptComparison>,
    /// The number of prompts with equal targets.
    pub same: usize,
}

/// The targets of two environments for one prompt.
#[derive(Debug)]
pub struct PromptComparison {
    /// The prompt.
    pub name: PromptName,
    /// The target of the first environment.
    pub from: Option<Target>,
    /// The target of the second environment.
    pub to: Option<Target>,
    /// Comparisons of corresponding versions: one pair, or one pair per major version.
    pub versions: Vec<VersionComparison>,
    /// How far the first environment is from the second, if one of them follows the other on the promotion path.
    pub distance: Option<EnvironmentDistance>,
}

impl PromptComparison {
    /// Whether both environments have the same target and the same contents.
    pub fn is_same(&self) -> bool {
        self.from == self.to && self.versions.is_empty()
    }
}

/// Compares the targets of two environments, which may be in different trees.
///
/// Also returns the compared versions that have errors.
pub fn compare_environments(
    (a, from): (&Loader<'_>, &Environment),
    (b, to): (&Loader<'_>, &Environment),
    options: &Options,
) -> Result<(EnvironmentComparison, Vec<FlawedVersion>), LoadError> {
    let mut names = a.names()?;
    names.extend(b.names()?);
    names.sort();
    names.dedup();
    let is_one_tree = std::ptr::eq(a, b);
    let compared = |name: &PromptName| {
        let mut flawed = Vec::new();
        let (old, new) = (PromptHandle::find(a, name)?, PromptHandle::find(b, name)?);
        let before = old.as_ref().and_then(|old| old.target_in(from));
        let after = new.as_ref().and_then(|new| new.target_in(to));
        let mut versions = Vec::new();
        if let (Some(old), Some(new), Some(before), Some(after)) = (&old, &new, &before, &after) {
            for (x, y) in counterparts(before, after) {
                if is_one_tree && x == y {
                    continue;
                }
                let x = VersionSelection { version: x.clone(), environment: Some(from.clone()) };
                let y = VersionSelection { version: y.clone(), environment: Some(to.clone()) };
                let (x, y) = (old.load(x, &mut flawed)?, new.load(y, &mut flawed)?);
                versions.push(compare(&x, &y, options));
            }
        }
        versions.retain(|pair| pair.from.version != pair.to.version || !pair.is_same());
        let is_served = before.is_some() || after.is_some();
        let name = name.clone();
        let distance = new.as_ref().filter(|_| is_one_tree).and_then(|new| {
            let own = [from, to]
                .into_iter()
                .map(|environment| find_distance(&new.prompt, &a.settings, environment, None));
            own.flatten().find(|own| [from, to].contains(&&own.previous))
        });
        let prompt = PromptComparison { name, from: before, to: after, versions, distance };
        Ok((is_served.then_some(prompt), flawed))
    };
    let compared: Vec<(Option<PromptComparison>, Vec<FlawedVersion>)> =
        names.par_iter().map(compared).collect::<Result<_, LoadError>>()?;
    let (prompts, flawed): (Vec<_>, Vec<_>) = compared.into_iter().unzip();
    let all = prompts.iter().flatten().count();
    let prompts: Vec<PromptComparison> =
        prompts.into_iter().flatten().filter(|prompt| !prompt.is_same()).collect();
    let (from, to) = (from.clone(), to.clone());
    let same = all - prompts.len();
    let compared = EnvironmentComparison { from, to, same, prompts };
    Ok((compared, flawed.into_iter().flatten().collect()))
}
