//! The publication of a registry that a build has written into another folder.

use std::path::Path;

use promptdex_wire::catalog::Registry;
use promptdex_wire::{Chain, FileClass, RegistryPath, json};

use super::plan::PublicationPlan;
use super::target::PublishTarget;
use crate::error::{PublishError, Result};
use crate::published::PreviousRegistry;
use crate::published::files::list_files;
use crate::target::Staging;

/// The publication of a registry that a build has written into another folder. The target does not change until it is
/// committed.
#[derive(Debug)]
pub struct RegistryCopy {
    staging: Staging,
    /// What will be written.
    pub plan: PublicationPlan,
    /// The registry in the folder.
    pub registry: PreviousRegistry,
}

impl RegistryCopy {
    /// Compares the registry in `from` with the one at the target, which it has to continue. An empty target needs
    /// `is_first`.
    pub fn start(from: &Path, target: &PublishTarget, is_first: bool) -> Result<Self> {
        let registry = PreviousRegistry::open(from)?;
        let folder = target.folder();
        let has_registry = target.has_registry();
        match (has_registry, is_first) {
            (false, false) => {
                return Err(PublishError::EmptyTarget { target: target.to_string() }.into());
            }
            (true, true) => {
                return Err(PublishError::NotEmpty { target: target.to_string() }.into());
            }
            _ => {}
        }
        let staging = Staging::start(folder, Some(from), has_registry.then_some(folder))?;
        staging.check_history(has_registry.then_some(&registry))?;
        let mut releases: Vec<(Chain, u64)> = Vec::new();
        let live = match has_registry {
            true => Some(PreviousRegistry::open_locked(folder)?),
            false => None,
        };
        if let Some(live) = &live {
            check_continued(live, &registry, target)?;
        }
        let chains = chains_in_order(&registry)?;
        for chain in &chains {
            let Some(tail) = registry.published.tails.get(chain) else { continue };
            let known = live.as_ref().and_then(|live| live.published.tails.get(chain));
            let known = known.map_or(0, |known| known.release.sequence);
            if tail.release.sequence > known {
                releases.push((chain.clone(), tail.release.sequence));
            }
        }
        let mut all = list_files(from, "")?;
        all.sort();
        // Pointers are written in the order in which they are planned.
        let pointers: Vec<RegistryPath> = chains.into_iter().map(RegistryPath::Pointer).collect();
        let others = all.iter().filter(|path| !matches!(path, RegistryPath::Pointer(_)));
        for path in others.chain(&pointers) {
            let Some(bytes) = registry.read(path)? else { continue };
            staging.write(path, &bytes)?;
        }
        if has_registry {
            let gone =
                list_files(folder, "")?.into_iter().filter(|path| all.binary_search(path).is_err());
            // What never changes stays: older releases lead to it.
            gone.filter(|path| path.class() == FileClass::Derived)
                .for_each(|path| staging.remove(path));
        }
        let plan = PublicationPlan::of(&staging, &releases)?;
        Ok(Self { staging, plan, registry })
    }

    /// Carries out the plan.
    pub fn commit(self) -> Result<()> {
        self.staging.commit()
    }
}

/// Returns the chains of a registry in the order in which they are published: the catalog, the environments as
/// `registry.json` lists them, and then those that it no longer has.
fn chains_in_order(registry: &PreviousRegistry) -> Result<Vec<Chain>> {
    let root = registry.read(&RegistryPath::Registry)?;
    let root = root.and_then(|bytes| json::read::<Registry>(&bytes).ok());
    let environments = root.map_or_else(Vec::new, |root| root.environments);
    let path = environments.into_iter().map(Chain::Environment);
    let mut chains: Vec<Chain> = [Chain::Catalog].into_iter().chain(path).collect();
    let others = registry.published.tails.keys().filter(|chain| !chains.contains(chain));
    let others: Vec<Chain> = others.cloned().collect();
    chains.extend(others);
    Ok(chains)
}

/// Returns an error unless every chain of the target is continued, release by release.
fn check_continued(
    live: &PreviousRegistry,
    own: &PreviousRegistry,
    target: &PublishTarget,
) -> Result<()> {
    if live.published.registry != own.published.registry {
        return Err(PublishError::OtherRegistry {
            target: target.to_string(),
            published: live.published.registry.clone(),
            own: own.published.registry.clone(),
        }
        .into());
    }
    for (chain, tail) in &live.published.tails {
        let sequence = tail.release.sequence;
        let own_tail = own.published.tails.get(chain).map(|tail| tail.release.sequence);
        let error = |is_older: bool| {
            let (chain, target) = (chain.clone(), target.to_string());
            if is_older {
                PublishError::OlderRegistry { chain, target, sequence }
            } else {
                PublishError::ForkedRegistry { chain, target, sequence }
            }
        };
        // The folder was built before the newest publication.
        if own_tail.is_none_or(|own| own < sequence) {
            let last = own_tail.unwrap_or_default();
            let is_known = last == 0 || own.release(chain, last)? == live.release(chain, last)?;
            return Err(error(is_known).into());
        }
        if own.release(chain, sequence)?.as_ref() != Some(&tail.bytes) {
            return Err(error(false).into());
        }
    }
    Ok(())
}
