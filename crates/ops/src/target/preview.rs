//! A registry that is only looked at, built again and again while its tree is edited. It has no chain
//! to continue; what differs is staged beside it and put in its place when the whole tree has been
//! checked, and what nothing writes any more is removed. Nothing is made durable: a preview that was
//! killed is written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use promptdex_publish::{CreatedFolders, files, lock};
use promptdex_wire::{PromptName, RegistryPath};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::error::{Context as _, Result};
use crate::published::files::read;

/// A folder with a registry, and what it holds.
#[derive(Debug)]
pub struct Preview {
    place: PathBuf,
    /// What the folder holds, once it is whole. Who reads from the folder holds it, so that nothing is
    /// put in place meanwhile.
    held: RwLock<Option<OwnedFiles>>,
    changes: Mutex<PreviewChanges>,
    folders: CreatedFolders,
    /// Removed at the end, when the tree could not be written to.
    temporary: Mutex<Option<TempDir>>,
    /// Held until the end.
    _locked: Option<File>,
}

/// The files of a registry by who writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedFiles {
    prompts: BTreeMap<PromptName, BTreeSet<String>>,
    registry: BTreeSet<String>,
}

/// What a build has come to so far.
#[derive(Debug, Default)]
struct PreviewChanges {
    /// All files that were written.
    written: BTreeSet<String>,
    /// Those among them that are staged: they are not there with these bytes.
    staged: BTreeSet<String>,
    /// The files of the prompts that were compiled.
    prompts: BTreeMap<PromptName, BTreeSet<String>>,
    /// The prompts that are gone.
    gone: BTreeSet<PromptName>,
}

/// What a build has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviewUpdate {
    /// Whether anything is another.
    pub is_new: bool,
    /// How many prompts have other files.
    pub prompts: usize,
    /// How many prompts are gone.
    pub gone: usize,
}

impl Preview {
    /// Opens the preview in a folder that is this command's own, or in a temporary one when another
    /// process works there, or there is none.
    pub fn open(own: Option<PathBuf>) -> Result<Self> {
        let locked = own.and_then(|own| Some((lock(&own).ok()??, own)));
        if let Some((locked, place)) = locked
            && files::create_folders(&place.join(FOLDER)).is_ok()
            // A link would lead to files that are somebody else's.
            && fs::symlink_metadata(place.join(FOLDER)).is_ok_and(|folder| folder.is_dir())
        {
            return Ok(Self::at(place, Some(locked), None));
        }
        let folder = tempfile::Builder::new()
            .prefix("promptdex-preview-")
            .tempdir()
            .with_context(|| "cannot make a temporary folder")?;
        let place = folder.path().to_owned();
        files::create_folders(&place.join(FOLDER))
            .with_context(|| format!("cannot make a folder in `{}`", place.display()))?;
        Ok(Self::at(place, None, Some(folder)))
    }

    fn at(place: PathBuf, locked: Option<File>, temporary: Option<TempDir>) -> Self {
        Self {
            place,
            held: RwLock::default(),
            changes: Mutex::default(),
            folders: CreatedFolders::default(),
            temporary: Mutex::new(temporary),
            _locked: locked,
        }
    }

    /// Returns the file for what is remembered of it.
    pub fn memory(&self) -> PathBuf {
        self.place.join("preview.json")
    }

    /// Returns the folder of the registry.
    pub fn folder(&self) -> PathBuf {
        self.place.join(FOLDER)
    }

    /// Reads from the folder of the registry, while nothing is put in place.
    pub fn look<T>(&self, read: impl FnOnce(&Path) -> T) -> T {
        let _held = self.lock_files();
        read(&self.folder())
    }

    /// Begins a build.
    pub fn begin(&self) -> Result<()> {
        *self.changes() = PreviewChanges::default();
        self.folders.forget();
        // Somebody may have cleared everything away.
        files::create_folders(&self.folder())
            .and_then(|()| files::remove_folder(&self.place.join(STAGED)))
            .with_context(|| format!("cannot clean up `{}`", self.place.display()))
    }

    /// Whether the folder holds a registry, of which only what changes has to be compiled.
    pub fn is_whole(&self) -> bool {
        self.lock_files().is_some()
    }

    /// Takes what an earlier process has left.
    pub fn restore(&self, held: OwnedFiles) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    /// Returns what the folder holds, for a later process. A temporary one has none.
    pub fn to_restore(&self) -> Option<OwnedFiles> {
        let temporary = self.temporary.lock().unwrap_or_else(PoisonError::into_inner);
        self.lock_files().clone().filter(|_| temporary.is_none())
    }

    /// Removes a temporary folder.
    pub fn close(&self) {
        let temporary = self.temporary.lock().unwrap_or_else(PoisonError::into_inner).take();
        // What is left in a folder for temporary files is in nobody's way.
        drop(temporary);
    }

    fn lock_files(&self) -> RwLockReadGuard<'_, Option<OwnedFiles>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self) -> MutexGuard<'_, PreviewChanges> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stages a file, unless it is there with these bytes.
    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        let path = path.to_string();
        let is_there = self.lock_files().is_some()
            && read(&self.folder().join(&path))?.is_some_and(|there| there == bytes);
        if !is_there {
            self.folders.write(&self.place.join(STAGED).join(&path), bytes)?;
            self.changes().staged.insert(path.clone());
        }
        self.changes().written.insert(path);
        Ok(())
    }

    pub(super) fn keep(&self, path: &RegistryPath) {
        self.changes().written.insert(path.to_string());
    }

    /// Says which files of a prompt there are.
    pub(super) fn tidy<'p>(
        &self,
        prompt: &PromptName,
        written: impl IntoIterator<Item = &'p RegistryPath>,
    ) {
        let written = written.into_iter().map(RegistryPath::to_string).collect();
        self.changes().prompts.insert(prompt.clone(), written);
    }

    /// Says that besides the prompts that were compiled there are these, as they were.
    pub(super) fn retain(&self, unchanged: &BTreeSet<PromptName>) {
        let held = self.lock_files();
        let mut changes = self.changes();
        let gone = held
            .iter()
            .flat_map(|held| held.prompts.keys())
            .filter(|name| !unchanged.contains(*name) && !changes.prompts.contains_key(*name));
        changes.gone = gone.cloned().collect();
    }

    pub(super) fn has_changes(&self) -> bool {
        let held = self.lock_files();
        let changes = self.changes();
        held.as_ref().is_none_or(|held| changes.differ(held))
    }

    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        let path = path.to_string();
        if self.changes().staged.contains(&path) {
            return read(&self.place.join(STAGED).join(path));
        }
        read(&self.folder().join(path))
    }

    /// Makes the folder what was written.
    pub fn commit(&self) -> Result<PreviewUpdate> {
        let changes = std::mem::take(&mut *self.changes());
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let rebuilt = changes.rebuilt(held.as_ref());
        if !rebuilt.is_new {
            return Ok(rebuilt);
        }
        let of_prompts: BTreeSet<&String> = changes.prompts.values().flatten().collect();
        let registry =
            changes.written.iter().filter(|path| !of_prompts.contains(path)).cloned().collect();
        let context = || format!("cannot write to `{}`", self.folder().display());
        // Without what it holds, after a failure, everything is written anew.
        let Some(mut new) = held.take() else {
            let staged = self.place.join(STAGED);
            files::remove_folder(&self.folder()).with_context(context)?;
            files::rename(&staged, &self.folder()).with_context(context)?;
            *held = Some(OwnedFiles { prompts: changes.prompts, registry });
            return Ok(rebuilt);
        };
        let mut dropped: BTreeSet<String> = std::mem::replace(&mut new.registry, registry);
        for name in &changes.gone {
            dropped.extend(new.prompts.remove(name).into_iter().flatten());
        }
        for (name, written) in changes.prompts {
            if let Some(old) = new.prompts.get(&name) {
                dropped.extend(old.difference(&written).cloned());
            }
            new.prompts.insert(name, written);
        }
        dropped.retain(|path| !new.registry.contains(path));
        if !dropped.is_empty() {
            // Two prompts may have a file in common: a picture, the same list of versions.
            for path in new.prompts.values().flatten() {
                dropped.remove(path);
            }
        }
        for path in &changes.staged {
            self.install(path).with_context(context)?;
        }
        for path in &dropped {
            self.remove(path).with_context(context)?;
        }
        *held = Some(new);
        // Nothing but folders is left; the next build would remove them as well.
        drop(files::remove_folder(&self.place.join(STAGED)));
        Ok(rebuilt)
    }

    /// Puts a staged file in its place.
    fn install(&self, path: &str) -> std::io::Result<()> {
        let to = self.folder().join(path);
        if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
            files::create_folders(folder)?;
        }
        files::rename(&self.place.join(STAGED).join(path), &to)
    }

    /// Removes a file, and the folders that held nothing else.
    fn remove(&self, path: &str) -> std::io::Result<()> {
        let root = self.folder();
        let file = root.join(path);
        files::remove(&file)?;
        let above = file.ancestors().skip(1).take_while(|folder| *folder != root);
        for folder in above {
            // One that holds something stays.
            if files::remove_empty(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl PreviewChanges {
    /// Whether anything is not as the folder holds it.
    fn differ(&self, held: &OwnedFiles) -> bool {
        !self.staged.is_empty()
            || !self.gone.is_empty()
            || self.prompts.iter().any(|(name, written)| held.prompts.get(name) != Some(written))
    }

    fn rebuilt(&self, held: Option<&OwnedFiles>) -> PreviewUpdate {
        let is_new = |(name, written): &(&PromptName, &BTreeSet<String>)| {
            held.is_none_or(|held| held.prompts.get(*name) != Some(*written))
                || written.iter().any(|path| self.staged.contains(path))
        };
        PreviewUpdate {
            is_new: held.is_none_or(|held| self.differ(held)),
            prompts: self.prompts.iter().filter(is_new).count(),
            gone: self.gone.len(),
        }
    }
}

/// The registry.
const FOLDER: &str = "preview";

/// What is going to be put in its place.
const STAGED: &str = "preview-staged";
