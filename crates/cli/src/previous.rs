//! The published registry that a build continues, in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use promptdex_core::published::{Damage, Published};
use promptdex_wire::event::Target;
use promptdex_wire::{Blob, Chain, Path as Address, PromptName, Version};
use walkdir::WalkDir;

use crate::error::Failure;
use crate::target::{self, Staging};

/// A folder with a published registry.
#[derive(Debug)]
pub(crate) struct Previous {
    folder: PathBuf,
    /// What its chains say.
    pub(crate) published: Published,
}

impl Previous {
    /// Opens a folder and reads its chains.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
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
        let read = |path: &Address| target::read(&folder.join(path.to_string()));
        let published = Published::read(chains(folder)?, read)?;
        Ok(Self { folder: folder.to_owned(), published })
    }

    /// Walks the chains back for the releases in which each prompt last changed.
    pub(crate) fn find_changes(&mut self) -> anyhow::Result<()> {
        let folder = &self.folder;
        self.published.find_changes(|path| target::read(&folder.join(path.to_string())))
    }

    /// Reads a published file, if it is there.
    pub(crate) fn read(&self, path: &Address) -> anyhow::Result<Option<Vec<u8>>> {
        target::read(&self.folder.join(path.to_string()))
    }

    /// Returns the derived files that may repeat what a version says.
    pub(crate) fn repeating(&self, name: &PromptName, version: &Version) -> Vec<Address> {
        let mut paths = vec![Address::Cases(name.clone(), version.clone())];
        for (environment, entries) in &self.published.served {
            let target = entries.get(name).and_then(|entries| Target::of(entries));
            if target.is_none_or(|target| !target.versions().contains(&version)) {
                continue;
            }
            let (name, environment) = (name.clone(), environment.clone());
            paths.push(Address::Latest(name.clone(), environment.clone()));
            paths.push(Address::LatestTrack(name, environment.clone(), version.major()));
            let folder = self.folder.join(format!("api/environments/{environment}/bundles"));
            for bundle in fs::read_dir(folder).into_iter().flatten().flatten() {
                let bundle = bundle.file_name();
                let path =
                    format!("api/environments/{environment}/bundles/{}", bundle.to_string_lossy());
                paths.extend(Address::parse(&path));
            }
        }
        paths
    }

    /// Copies the immutable files that its chains name into another folder, apart from those that
    /// are `withdrawn`.
    pub(crate) fn carry(
        &self,
        withdrawn: &BTreeSet<Address>,
        staging: &Staging,
    ) -> anyhow::Result<()> {
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
        for entry in WalkDir::new(self.folder.join("api")) {
            let entry =
                entry.with_context(|| format!("cannot list `{}`", self.folder.display()))?;
            let below = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path());
            let segments: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            let Some(path) = Address::parse(&segments.join("/")) else { continue };
            let digest = match &path {
                Address::Release(chain, sequence) => {
                    let tail = self.published.tails.get(chain);
                    if tail.is_none_or(|tail| *sequence > tail.release.sequence) {
                        continue;
                    }
                    None
                }
                Address::Snapshot(digest) | Address::Blob(digest) => Some(*digest),
                _ => continue,
            };
            if withdrawn.contains(&path) {
                continue;
            }
            let Some(bytes) = self.read(&path)? else { continue };
            if digest.is_some_and(|digest| digest != Blob::of(&bytes).digest) {
                let problem = "is not what its name says".to_owned();
                return Err(Damage { path, problem }.into());
            }
            staging.write(&path, &bytes)?;
        }
        Ok(())
    }
}

/// Lists the chains of the registry in a folder.
pub(crate) fn chains(folder: &Path) -> anyhow::Result<Vec<Chain>> {
    let folder = folder.join("api/environments");
    let context = || format!("cannot list `{}`", folder.display());
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let mut chains = Vec::new();
    for entry in entries {
        let name = entry.with_context(context)?.file_name();
        let path = format!("api/environments/{}", name.to_string_lossy());
        if let Some(Address::Pointer(chain)) = Address::parse(&path) {
            chains.push(chain);
        }
    }
    chains.sort();
    Ok(chains)
}
