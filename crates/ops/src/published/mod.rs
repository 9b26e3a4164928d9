//! The published registry that a build continues, in a folder or in memory.

pub mod files;
mod store;
pub mod trail;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use promptdex_core::compile::Months;
use promptdex_core::published_registry::Published;
use promptdex_publish::{check_finished, lock_shared};
use promptdex_wire::event::Target;
use promptdex_wire::{Chain, Digest, Month, Page, Path as Address, PromptName, Version};

use self::files::Files;
use self::store::Store;
use self::trail::Trail;
use crate::build::cache::Index;
use crate::error::{Error, Result};

/// A published registry.
#[derive(Debug)]
pub struct Previous {
    store: Store,
    /// What its chains say.
    pub published: Published,
    /// Held until the build ends, so that nobody changes it meanwhile.
    _locked: Option<File>,
}

impl Previous {
    /// Opens a folder that this process has locked already.
    pub fn open_locked(folder: &Path) -> Result<Self> {
        Self::read_chains(folder, None)
    }

    /// Opens a folder and reads its chains.
    pub fn open(folder: &Path) -> Result<Self> {
        check_finished(folder)?;
        Self::read_chains(folder, lock_shared(folder)?)
    }

    fn read_chains(folder: &Path, locked: Option<File>) -> Result<Self> {
        if folder.to_str().is_some_and(|text| text.contains("://")) {
            return Err(Error::NotAFolder { folder: folder.to_owned() });
        }
        if !folder.join(Address::Pointer(Chain::Catalog).to_string()).is_file() {
            return Err(Error::NoRegistry { folder: folder.to_owned() });
        }
        Self::of(Store::Folder(folder.to_owned()), locked)
    }

    /// Takes the files of a registry and reads its chains.
    pub fn in_memory(files: impl Into<Arc<Files>>) -> Result<Self> {
        Self::of(Store::Memory(files.into()), None)
    }

    fn of(store: Store, locked: Option<File>) -> Result<Self> {
        let published = Published::read(store.chains()?, |path: &Address| store.read(path))?;
        Ok(Self { store, published, _locked: locked })
    }

    /// Reads what happened in the registry: for the prompts and months that are named from the files
    /// that the last build has written, if they are what it remembers, else by walking every chain back.
    pub fn trail(
        &self,
        index: Option<&Index>,
        names: &BTreeSet<&PromptName>,
        months: &BTreeSet<Month>,
    ) -> Result<Trail> {
        let read = |path: &Address| self.read(path);
        let names = names.iter().copied().filter(|name| self.published.lists.contains_key(*name));
        if let Some(index) = index
            && let Some(trail) = index.trail(names, months, read)?
        {
            return Ok(trail);
        }
        let history = self.published.read_history(read)?;
        Ok(Trail { months: Months::of(&history), prompts: history.prompts })
    }

    /// Returns the folders of the tree that hold published versions.
    pub fn version_folders(&self) -> Result<BTreeSet<String>> {
        let mut folders = BTreeSet::new();
        for name in self.published.lists.keys() {
            let prompt = self.published.prompt(name, |path: &Address| self.read(path))?;
            folders.extend(prompt.versions.keys().map(|version| format!("{name}/v{version}")));
        }
        Ok(folders)
    }

    /// Reads a published file, if it is there.
    pub fn read(&self, path: &Address) -> Result<Option<Vec<u8>>> {
        self.store.read(path)
    }

    /// Whether a published file is there, and is not a link to one.
    pub fn is_file(&self, path: &Address) -> bool {
        self.store.is_file(path)
    }

    /// Lists the published files below one of the folders of the registry.
    pub fn listed(&self, folder: &str) -> Result<Vec<Address>> {
        self.store.listed(folder)
    }

    /// Says that a published version is there with its size, without reading it.
    pub fn check_size(&self, path: &Address, size: u64) -> Result<()> {
        self.store.check_size(path, size)
    }

    /// Returns the derived files that may repeat what a version says.
    pub fn repeating(&self, name: &PromptName, version: &Version) -> Result<Vec<Address>> {
        let mut paths = vec![
            Address::Cases(name.clone(), version.clone()),
            Address::Versions(name.clone()),
            Address::Catalog,
            Address::Page(Page::Prompt(name.clone())),
        ];
        for (environment, entries) in &self.published.served {
            let target = entries.get(name).and_then(|entries| Target::of(entries));
            if target.is_none_or(|target| !target.versions().contains(&version)) {
                continue;
            }
            let (name, environment) = (name.clone(), environment.clone());
            paths.push(Address::Latest(name.clone(), environment.clone()));
            paths.push(Address::LatestTrack(name, environment.clone(), version.major()));
            let bundles = format!("api/environments/{environment}/bundles");
            paths.append(&mut self.listed(&bundles)?);
        }
        Ok(paths)
    }

    /// Returns the shards of the search.
    pub fn shards(&self) -> Result<Vec<(Address, Digest)>> {
        let mut shards = Vec::new();
        for path in self.listed("api/search")? {
            let digest = Digest::of(&self.read(&path)?.unwrap_or_default());
            shards.push((path, digest));
        }
        Ok(shards)
    }
}
