//! The publication of a registry that a build has written into another folder.

use std::collections::BTreeMap;
use std::path::Path;

use promptdex_core::published_registry::CorruptFile;
use promptdex_history::Oid;
use promptdex_history::ancestry::{Ancestry, follow};
use promptdex_wire::catalog::Registry;
use promptdex_wire::{Chain, Digest, FileClass, Redacted, RegistryPath, json};

use super::order::read_last_commit;
use super::plan::PublicationPlan;
use super::target::{CreatedTarget, PublishTarget};
use crate::error::{PublishError, Result};
use crate::published::PreviousRegistry;
use crate::published::files::list_files;
use crate::target::Staging;
use crate::tree::revision::{find, of_head};

/// The publication of a registry that a build has written into another folder. The target does not change until it is
/// committed.
#[derive(Debug)]
pub struct RegistryCopy {
    staging: Staging,
    /// What will be written.
    pub plan: PublicationPlan,
    /// The registry in the folder.
    pub registry: PreviousRegistry,
    _created: CreatedTarget,
}

impl RegistryCopy {
    /// Compares the registry in `from` with the one at the target, which it has to continue. An empty target needs
    /// `is_first`.
    ///
    /// `root` is the tree, whose repository tells the order of commits. With `is_dry_run`, nothing is going to be written.
    pub fn start(
        from: &Path,
        target: &PublishTarget,
        root: &Path,
        is_first: bool,
        is_dry_run: bool,
    ) -> Result<Self> {
        let registry = PreviousRegistry::open(from)?;
        let folder = target.folder();
        let has_registry = target.has_registry();
        target.check_first(has_registry, is_first)?;
        let created = CreatedTarget::of(target, is_dry_run)?;
        let staging = Staging::start(folder, Some(from), has_registry.then_some(folder))?;
        // Until the target was locked, another run may have published to it.
        if target.has_registry() != has_registry {
            return Err(PublishError::LostRace { target: target.to_string() }.into());
        }
        staging.check_history(has_registry.then_some(&registry))?;
        let mut releases: Vec<(Chain, u64)> = Vec::new();
        let live = match has_registry {
            true => Some(PreviousRegistry::open_locked(folder)?),
            false => None,
        };
        if let Some(live) = &live {
            check_continued(live, &registry, target)?;
            check_recorded_commit(&registry, target, root)?;
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
        let digests = FileDigests::read(&registry, &all)?;
        // Pointers are written in the order in which they are planned.
        let pointers: Vec<RegistryPath> = chains.into_iter().map(RegistryPath::Pointer).collect();
        let others = all.iter().filter(|path| !matches!(path, RegistryPath::Pointer(_)));
        for path in others.chain(&pointers) {
            let Some(bytes) = registry.read(path)? else { continue };
            digests.check(path, &bytes)?;
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
        Ok(Self { staging, plan, registry, _created: created })
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

/// The digests of the version documents of a registry, as its catalog lists them.
struct FileDigests(BTreeMap<RegistryPath, Digest>);

impl FileDigests {
    /// Reads the digests, and holds all releases to those that name them. `files` are all files of the registry, sorted.
    fn read(registry: &PreviousRegistry, files: &[RegistryPath]) -> Result<Self> {
        let read = |path: &RegistryPath| registry.read(path);
        for chain in registry.published.tails.keys() {
            registry.published.walk(chain, read, |_, _| Result::Ok(true))?;
        }
        let mut digests = BTreeMap::new();
        for name in registry.published.lists.keys() {
            for (version, listed) in registry.published.prompt(name, read)?.versions {
                digests.insert(RegistryPath::Version(name.clone(), version), listed.digest);
            }
        }
        match digests.keys().find(|path| files.binary_search(path).is_err()) {
            Some(path) => {
                Err(CorruptFile { path: path.clone(), problem: "is missing".to_owned() }.into())
            }
            None => Ok(Self(digests)),
        }
    }

    /// Holds a file that never changes to the digest that names it. A redaction stands in the place of the document that it
    /// replaced.
    fn check(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        let named = match path {
            RegistryPath::Snapshot(digest) | RegistryPath::Blob(digest) => Some(digest),
            path => self.0.get(path),
        };
        let Some(named) = named.filter(|named| Digest::of(bytes) != **named) else { return Ok(()) };
        let is_redaction = matches!(path, RegistryPath::Version(..))
            && json::read::<Redacted>(bytes).is_ok_and(|own| own.replaced.digest == *named);
        if is_redaction {
            return Ok(());
        }
        let problem = "does not have the digest that names it".to_owned();
        Err(CorruptFile { path: path.clone(), problem }.into())
    }
}

/// Returns an error if the target has published a commit that changed nothing, and the registry may be older.
fn check_recorded_commit(
    registry: &PreviousRegistry,
    target: &PublishTarget,
    root: &Path,
) -> Result<()> {
    let Some(recorded) = read_last_commit(target.folder())? else { return Ok(()) };
    let tails = registry.published.tails.values();
    let sources = tails.filter_map(|tail| tail.release.source.as_ref());
    let newest = sources.max_by(|one, other| one.time.cmp(&other.time));
    let own = newest.map_or_else(|| "an unknown commit".to_owned(), |source| source.commit.clone());
    if own == recorded.commit {
        return Ok(());
    }
    let git = find(root)?;
    let commit = Oid::parse(&own);
    let ancestry = match (&git, commit) {
        (Some(git), Some(commit)) => follow(git, commit, &recorded.commit).map_err(of_head)?,
        _ => Ancestry::Unknown,
    };
    let published = recorded.commit;
    match ancestry {
        Ancestry::Follows => Ok(()),
        Ancestry::IsOlder => {
            Err(PublishError::Superseded { chain: Chain::Catalog, published, own }.into())
        }
        Ancestry::Diverged | Ancestry::Unknown => {
            let target = target.to_string();
            Err(PublishError::UnknownOrder { target, published, own }.into())
        }
    }
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
