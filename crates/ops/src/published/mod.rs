//! The published registry that a build continues, in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use promptdex_core::compile::Months;
use promptdex_core::published::{Damage, Published};
use promptdex_wire::event::Target;
use promptdex_wire::history::Event;
use promptdex_wire::{Chain, Digest, Month, Page, Path as Address, PromptName, Version};

use crate::build::cache::Index;
use crate::error::Failure;
use crate::target::{self, Staging};

/// What happened in a published registry.
#[derive(Debug, Default)]
pub struct Trail {
    /// What happened to prompts.
    pub prompts: BTreeMap<PromptName, Vec<Event>>,
    /// The months.
    pub months: Months,
}

/// A folder with a published registry.
#[derive(Debug)]
pub struct Previous {
    folder: PathBuf,
    /// What its chains say.
    pub published: Published,
    /// Held until the build ends, so that nobody changes it meanwhile.
    _locked: Option<File>,
}

impl Previous {
    /// Opens a folder that this process has locked already.
    pub fn open_locked(folder: &Path) -> anyhow::Result<Self> {
        Self::read_chains(folder, None)
    }

    /// Opens a folder and reads its chains.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        target::check_finished(folder)?;
        Self::read_chains(folder, target::lock_shared(folder)?)
    }

    fn read_chains(folder: &Path, locked: Option<File>) -> anyhow::Result<Self> {
        if folder.to_str().is_some_and(|text| text.contains("://")) {
            let message = format!("`{}` is not a folder", folder.display());
            let help =
                "download the registry into a folder first: nothing is read over the network";
            return Err(Failure::new(message, help).into());
        }
        if !folder.join(Address::Pointer(Chain::Catalog).to_string()).is_file() {
            let message = format!("there is no registry in `{}`", folder.display());
            let help = "name the folder that was published; the first build has no `--previous`";
            return Err(Failure::new(message, help).into());
        }
        let read = |path: &Address| read(folder, path);
        let published = Published::read(chains(folder)?, read)?;
        Ok(Self { folder: folder.to_owned(), published, _locked: locked })
    }

    /// Reads what happened in the registry: for the prompts and months that are named from the files
    /// that the last build has written, if they are what it remembers, else by walking every chain back.
    pub fn trail(
        &self,
        index: Option<&Index>,
        names: &BTreeSet<&PromptName>,
        months: &BTreeSet<Month>,
    ) -> anyhow::Result<Trail> {
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
    pub fn version_folders(&self) -> anyhow::Result<BTreeSet<String>> {
        let mut folders = BTreeSet::new();
        for name in self.published.lists.keys() {
            let prompt = self.published.prompt(name, |path: &Address| self.read(path))?;
            folders.extend(prompt.versions.keys().map(|version| format!("{name}/v{version}")));
        }
        Ok(folders)
    }

    /// Reads a published file, if it is there.
    pub fn read(&self, path: &Address) -> anyhow::Result<Option<Vec<u8>>> {
        read(&self.folder, path)
    }

    /// Says that a published version is there with its size, without reading it.
    pub fn check_size(&self, path: &Address, size: u64) -> anyhow::Result<()> {
        match fs::symlink_metadata(self.folder.join(path.to_string())) {
            Ok(metadata) if metadata.is_file() && metadata.len() == size => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Damage { path: path.clone(), problem: "is missing".to_owned() }.into())
            }
            _ => {
                let problem = "is not what its digest says".to_owned();
                Err(Damage { path: path.clone(), problem }.into())
            }
        }
    }

    /// Returns the derived files that may repeat what a version says.
    pub fn repeating(&self, name: &PromptName, version: &Version) -> anyhow::Result<Vec<Address>> {
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
            paths.append(&mut target::listed(&self.folder, &bundles)?);
        }
        Ok(paths)
    }

    /// Returns the shards of the search.
    pub fn shards(&self) -> anyhow::Result<Vec<(Address, Digest)>> {
        let mut shards = Vec::new();
        for path in target::listed(&self.folder, "api/search")? {
            let digest = Digest::of(&self.read(&path)?.unwrap_or_default());
            shards.push((path, digest));
        }
        Ok(shards)
    }

    /// Copies the immutable files that its chains name into another folder, apart from those that
    /// are `withdrawn`.
    pub fn carry(&self, withdrawn: &BTreeSet<Address>, staging: &Staging) -> anyhow::Result<()> {
        let read = |path: &Address| self.read(path);
        for name in self.published.lists.keys() {
            let mut prompt = self.published.prompt(name, read)?;
            let path = |version: &Version| Address::Version(name.clone(), version.clone());
            prompt.versions.retain(|version, _| !withdrawn.contains(&path(version)));
            let versions: Vec<Version> = prompt.versions.keys().cloned().collect();
            prompt.load(name, &versions, read)?;
            for (version, bytes) in &prompt.documents {
                staging.write(&path(version), bytes)?;
            }
        }
        for chain in self.published.tails.keys() {
            self.published.walk(chain, read, |release, bytes| {
                staging.write(&Address::Release(chain.clone(), release.sequence), bytes)?;
                Ok(true)
            })?;
        }
        for folder in ["api/snapshots", "api/blobs"] {
            for path in target::listed(&self.folder, folder)? {
                let (Address::Snapshot(digest) | Address::Blob(digest)) = path else { continue };
                let is_file = fs::symlink_metadata(self.folder.join(path.to_string()))
                    .is_ok_and(|metadata| metadata.is_file());
                if withdrawn.contains(&path) || !is_file {
                    continue;
                }
                let bytes = self.read(&path)?.unwrap_or_default();
                if digest != Digest::of(&bytes) {
                    let problem = "is not what its name says".to_owned();
                    return Err(Damage { path, problem }.into());
                }
                staging.write(&path, &bytes)?;
            }
        }
        Ok(())
    }
}

/// No file of a registry is larger: not even the changes of a first release of a million prompts.
const MAX_FILE: u64 = 256 * 1024 * 1024;

fn read(folder: &Path, path: &Address) -> anyhow::Result<Option<Vec<u8>>> {
    let file = folder.join(path.to_string());
    if fs::metadata(&file).is_ok_and(|metadata| metadata.len() > MAX_FILE) {
        let problem = "is larger than any file of a registry".to_owned();
        return Err(Damage { path: path.clone(), problem }.into());
    }
    target::read(&file)
}

/// Lists the chains of the registry in a folder.
pub fn chains(folder: &Path) -> anyhow::Result<Vec<Chain>> {
    let folder = folder.join("api/environments");
    let context = || format!("cannot list `{}`", folder.display());
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    // A pointer, and the folder of its releases.
    let mut chains = BTreeSet::new();
    for entry in entries {
        let name = entry.with_context(context)?.file_name();
        let name = name.to_string_lossy();
        chains.extend(name.strip_suffix(".json").unwrap_or(&name).parse::<Chain>().ok());
    }
    Ok(chains.into_iter().collect())
}
