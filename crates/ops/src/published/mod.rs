//! The published registry that a build continues, in a folder or in memory.

pub mod files;
mod store;
pub mod trail;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use promptdex_core::published_registry::{CorruptFile, PublishedHistory, PublishedRegistry};
use promptdex_core::release_files::ReleaseFiles;
use promptdex_history::replay::HeldSince;
use promptdex_publish::{check_finished, lock_shared};
use promptdex_wire::event::Target;
use promptdex_wire::{Chain, Digest, Environment, Month, Page, PromptName, RegistryPath, Version};

use self::files::Files;
use self::store::RegistryStore;
use self::trail::AuditTrail;
use crate::build::cache::CacheIndex;
use crate::error::{Error, Result};

/// Whether a folder has a published registry.
pub fn is_registry_folder(folder: &Path) -> bool {
    folder.join(RegistryPath::Pointer(Chain::Catalog).to_string()).is_file()
}

/// A published registry.
#[derive(Debug)]
pub struct PreviousRegistry {
    store: RegistryStore,
    /// The state of its chains.
    pub published: PublishedRegistry,
    /// The lock on the folder, held until the build ends.
    _locked: Option<File>,
}

impl PreviousRegistry {
    /// Opens a folder that this process has already locked.
    pub fn open_locked(folder: &Path) -> Result<Self> {
        Self::read_chains(folder, None)
    }

    /// Opens and locks a folder, and reads its chains.
    pub fn open(folder: &Path) -> Result<Self> {
        check_finished(folder)?;
        Self::read_chains(folder, lock_shared(folder)?)
    }

    fn read_chains(folder: &Path, locked: Option<File>) -> Result<Self> {
        if folder.to_str().is_some_and(|text| text.contains("://")) {
            return Err(Error::NotAFolder { folder: folder.to_owned() });
        }
        if !is_registry_folder(folder) {
            return Err(Error::NoRegistry { folder: folder.to_owned() });
        }
        Self::of(RegistryStore::Folder(folder.to_owned()), locked)
    }

    /// Reads the chains of a registry in memory.
    pub fn in_memory(files: impl Into<Arc<Files>>) -> Result<Self> {
        Self::of(RegistryStore::Memory(files.into()), None)
    }

    fn of(store: RegistryStore, locked: Option<File>) -> Result<Self> {
        let chains = store.chains()?;
        let published =
            PublishedRegistry::read(chains.clone(), |path: &RegistryPath| store.read(path))?;
        // Without its pointer a chain would begin again, although its releases are there.
        for chain in chains.iter().filter(|chain| !published.tails.contains_key(chain)) {
            if !store.list(&format!("api/environments/{chain}/releases"))?.is_empty() {
                return Err(CorruptFile::missing_pointer(chain).into());
            }
        }
        Ok(Self { store, published, _locked: locked })
    }

    /// Reads the published events of some prompts and months. Uses the files that the last build
    /// wrote if they match the build cache; otherwise, walks every chain back. `path` is the promotion path.
    pub fn trail(
        &self,
        index: Option<&CacheIndex>,
        names: &BTreeSet<&PromptName>,
        months: &BTreeSet<Month>,
        path: &[Environment],
    ) -> Result<AuditTrail> {
        let read = |path: &RegistryPath| self.read(path);
        let names = names.iter().copied().filter(|name| self.published.lists.contains_key(*name));
        if let Some(index) = index
            && let Some(trail) = index.trail(names.clone(), months, read)?
        {
            return Ok(trail);
        }
        let history = self.published.read_history(read)?;
        AuditTrail::of_chains(history, names, path, read)
    }

    /// Finds, for each prompt that the newest release of a chain holds back, the commit of the last release of that chain that
    /// did not; absent if there is none, or if it names no commit.
    pub fn held_since(&self) -> Result<HeldSince> {
        let mut since = HeldSince::new();
        for (chain, tail) in &self.published.tails {
            let held = tail.release.held_back.iter().map(|held| &held.name);
            let mut open: BTreeSet<&PromptName> = held.collect();
            let mut record = |name: &PromptName, commit: Option<String>| {
                since.entry(name.clone()).or_default().insert(chain.clone(), commit);
            };
            if open.is_empty() {
                continue;
            }
            self.published.walk(
                chain,
                |path: &RegistryPath| self.read(path),
                |release, _| {
                    open.retain(|name| {
                        let is_held = release.held_back.iter().any(|held| held.name == **name);
                        if !is_held {
                            let source = release.source.as_ref();
                            record(name, source.map(|source| source.commit.clone()));
                        }
                        is_held
                    });
                    Result::Ok(!open.is_empty())
                },
            )?;
            open.into_iter().for_each(|name| record(name, None));
        }
        Ok(since)
    }

    /// Reads everything that is published of what happened, by walking every chain back.
    pub fn history(&self) -> Result<PublishedHistory> {
        self.published.read_history(|path: &RegistryPath| self.read(path))
    }

    /// Returns the folders of the tree that contain published versions.
    pub fn version_folders(&self) -> Result<BTreeSet<String>> {
        let mut folders = BTreeSet::new();
        for name in self.published.lists.keys() {
            let prompt = self.published.prompt(name, |path: &RegistryPath| self.read(path))?;
            folders.extend(prompt.versions.keys().map(|version| format!("{name}/v{version}")));
        }
        Ok(folders)
    }

    /// Reads a published file, if it exists.
    pub fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        self.store.read(path)
    }

    /// Reads a release, from its own file or from its pack.
    pub fn release(&self, chain: &Chain, sequence: u64) -> Result<Option<Vec<u8>>> {
        let mut files = ReleaseFiles::new(chain, |path: &RegistryPath| self.read(path));
        Ok(files.release(sequence)?.map(|(_, bytes)| bytes))
    }

    /// Whether a published file exists and is not a link.
    pub fn is_file(&self, path: &RegistryPath) -> bool {
        self.store.is_file(path)
    }

    /// Lists the published files in a folder of the registry.
    pub fn list(&self, folder: &str) -> Result<Vec<RegistryPath>> {
        self.store.list(folder)
    }

    /// Whether a published file begins as a version document and has the given size, without reading more
    /// of it. A redaction may have the size of the document that it replaced.
    pub fn is_version_document(&self, path: &RegistryPath, size: u64) -> bool {
        self.store.is_version_document(path, size)
    }

    /// Returns the derived files that may repeat contents of a version.
    pub fn list_derived_files(
        &self,
        name: &PromptName,
        version: &Version,
    ) -> Result<Vec<RegistryPath>> {
        let mut paths = vec![
            RegistryPath::Cases(name.clone(), version.clone()),
            RegistryPath::Versions(name.clone()),
            RegistryPath::Catalog,
            RegistryPath::Page(Page::Prompt(name.clone())),
        ];
        for (environment, entries) in &self.published.served_entries {
            let target = entries.get(name).and_then(|entries| Target::of(entries));
            if target.is_none_or(|target| !target.versions().contains(&version)) {
                continue;
            }
            let (name, environment) = (name.clone(), environment.clone());
            paths.push(RegistryPath::Latest(name.clone(), environment.clone()));
            paths.push(RegistryPath::LatestTrack(name, environment.clone(), version.major()));
            let bundles = format!("api/environments/{environment}/bundles");
            paths.append(&mut self.list(&bundles)?);
        }
        Ok(paths)
    }

    /// Returns the shards of the search index, with their digests.
    pub fn shards(&self) -> Result<Vec<(RegistryPath, Digest)>> {
        let mut shards = Vec::new();
        for path in self.list("api/search")? {
            let digest = Digest::of(&self.read(&path)?.unwrap_or_default());
            shards.push((path, digest));
        }
        Ok(shards)
    }
}
