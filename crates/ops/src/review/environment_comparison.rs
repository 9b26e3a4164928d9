//! What two environments serve, compared prompt by prompt.

use promptdex_compare::Options;
use promptdex_compare::promotion::counterparts;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName};
use rayon::prelude::*;

use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::{FlawedVersion, LoadError, PromptHandle};
use crate::prompts::selector::VersionSelection;
use crate::review::comparison::{VersionComparison, compare};

/// What two environments serve.
#[derive(Debug)]
pub struct EnvironmentComparison {
    /// The first environment.
    pub from: Environment,
    /// The second environment.
    pub to: Environment,
    /// The prompts for which they do not serve the same, by name.
    pub prompts: Vec<PromptComparison>,
    /// How many prompts both serve in the same way.
    pub same: usize,
}

/// What two environments serve of a prompt.
#[derive(Debug)]
pub struct PromptComparison {
    /// The prompt.
    pub name: PromptName,
    /// What the first environment serves of it.
    pub from: Option<Target>,
    /// What the second environment serves of it.
    pub to: Option<Target>,
    /// The versions that take the place of one another: one pair, or one for each major.
    pub versions: Vec<VersionComparison>,
}

impl PromptComparison {
    /// Whether both environments serve the same of it.
    pub fn is_same(&self) -> bool {
        self.from == self.to && self.versions.is_empty()
    }
}

/// Compares what an environment of one tree serves with what an environment of another one serves.
///
/// Returns the versions with errors that were compared all the same, too.
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
        let before = old.as_ref().and_then(|old| old.served(from));
        let after = new.as_ref().and_then(|new| new.served(to));
        let mut versions = Vec::new();
        if let (Some(old), Some(new), Some(before), Some(after)) = (&old, &new, &before, &after) {
            for (x, y) in counterparts(before, after) {
                if is_one_tree && x == y {
                    continue;
                }
                let x = VersionSelection { version: x, environment: Some(from.clone()) };
                let y = VersionSelection { version: y, environment: Some(to.clone()) };
                let (x, y) = (old.load(x, &mut flawed)?, new.load(y, &mut flawed)?);
                versions.push(compare(&x, &y, options));
            }
        }
        versions.retain(|pair| pair.from.version != pair.to.version || !pair.is_same());
        let is_served = before.is_some() || after.is_some();
        let name = name.clone();
        let prompt = PromptComparison { name, from: before, to: after, versions };
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
