//! A preview: a registry that is rebuilt repeatedly while its tree is edited. It continues no
//! chains. Changed files are staged, and installed once the whole tree has been checked. Files that
//! the build no longer writes are removed. Files are not synced to the disk: an interrupted preview
//! is rebuilt.

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

/// The folder of a preview, and its state.
#[derive(Debug)]
pub struct Preview {
    place: PathBuf,
    /// The files in the folder, once it is complete. Readers of the folder hold the lock, so that
    /// no file is installed while they read.
    owned_files: RwLock<Option<OwnedFiles>>,
    changes: Mutex<PreviewChanges>,
    folders: CreatedFolders,
    /// The temporary folder, if the tree could not be written to. Removed at the end.
    temporary: Mutex<Option<TempDir>>,
    /// The lock on the folder, held until the end.
    _locked: Option<File>,
}

/// The files of a registry, grouped by the prompt that they belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedFiles {
    prompts: BTreeMap<PromptName, BTreeSet<String>>,
    registry: BTreeSet<String>,
}

/// The results of a build so far.
#[derive(Debug, Default)]
struct PreviewChanges {
    /// All files that were written or kept.
    written_files: BTreeSet<String>,
    /// The staged files: those that differ from the folder.
    staged_files: BTreeSet<String>,
    /// The files of the compiled prompts.
    prompts: BTreeMap<PromptName, BTreeSet<String>>,
    /// The prompts that were removed.
    removed_prompts: BTreeSet<PromptName>,
}

/// The changes of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviewUpdate {
    /// Whether anything changed.
    pub is_new: bool,
    /// The number of prompts with changed files.
    pub prompts: usize,
    /// The number of removed prompts.
    pub removed_prompts: usize,
}

impl Preview {
    /// Opens the preview in the cache folder of a tree. Uses a temporary folder if there is no
    /// cache folder, or if another process uses it.
    pub fn open(own: Option<PathBuf>) -> Result<Self> {
        let locked = own.and_then(|own| Some((lock(&own).ok()??, own)));
        if let Some((locked, place)) = locked
            && files::create_folders(&place.join(FOLDER)).is_ok()
            // A link could lead to files of other programs.
            && fs::symlink_metadata(place.join(FOLDER)).is_ok_and(|folder| folder.is_dir())
        {
            return Ok(Self::at(place, Some(locked), None));
        }
        let folder = tempfile::Builder::new()
            .prefix("promptdex-preview-")
            .tempdir()
            .with_context(|| "cannot create a temporary folder")?;
        let place = folder.path().to_owned();
        files::create_folders(&place.join(FOLDER))
            .with_context(|| format!("cannot create a folder in `{}`", place.display()))?;
        Ok(Self::at(place, None, Some(folder)))
    }

    fn at(place: PathBuf, locked: Option<File>, temporary: Option<TempDir>) -> Self {
        Self {
            place,
            owned_files: RwLock::default(),
            changes: Mutex::default(),
            folders: CreatedFolders::default(),
            temporary: Mutex::new(temporary),
            _locked: locked,
        }
    }

    /// Returns the path of the build cache of the preview.
    pub fn cache_file(&self) -> PathBuf {
        self.place.join("preview.json")
    }

    /// Returns the folder of the registry.
    pub fn folder(&self) -> PathBuf {
        self.place.join(FOLDER)
    }

    /// Reads from the folder of the registry. No file is installed during the read.
    pub fn read_folder<T>(&self, read: impl FnOnce(&Path) -> T) -> T {
        let _held = self.lock_files();
        read(&self.folder())
    }

    /// Starts a build.
    pub fn begin(&self) -> Result<()> {
        *self.changes() = PreviewChanges::default();
        self.folders.forget();
        // The folder may have been removed since the last build.
        files::create_folders(&self.folder())
            .and_then(|()| files::remove_folder(&self.place.join(STAGED)))
            .with_context(|| format!("cannot clean up `{}`", self.place.display()))
    }

    /// Whether the folder contains a complete registry, so that only changes have to be compiled.
    pub fn is_whole(&self) -> bool {
        self.lock_files().is_some()
    }

    /// Restores the state that an earlier process left.
    pub fn restore(&self, owned_files: OwnedFiles) {
        *self.owned_files.write().unwrap_or_else(PoisonError::into_inner) = Some(owned_files);
    }

    /// Returns the files in the folder, for a later process. A temporary folder has no state to
    /// restore.
    pub fn files_to_restore(&self) -> Option<OwnedFiles> {
        let temporary = self.temporary.lock().unwrap_or_else(PoisonError::into_inner);
        self.lock_files().clone().filter(|_| temporary.is_none())
    }

    /// Removes a temporary folder.
    pub fn close(&self) {
        let temporary = self.temporary.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Files that remain in a temporary folder do no harm.
        drop(temporary);
    }

    fn lock_files(&self) -> RwLockReadGuard<'_, Option<OwnedFiles>> {
        self.owned_files.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self) -> MutexGuard<'_, PreviewChanges> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stages a file, unless the folder has the same bytes already.
    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        let path = path.to_string();
        let is_there = self.lock_files().is_some()
            && read(&self.folder().join(&path))?.is_some_and(|there| there == bytes);
        if !is_there {
            self.folders.write(&self.place.join(STAGED).join(&path), bytes)?;
            self.changes().staged_files.insert(path.clone());
        }
        self.changes().written_files.insert(path);
        Ok(())
    }

    pub(super) fn keep(&self, path: &RegistryPath) {
        self.changes().written_files.insert(path.to_string());
    }

    /// Records the files of a prompt.
    pub(super) fn tidy<'p>(
        &self,
        prompt: &PromptName,
        written: impl IntoIterator<Item = &'p RegistryPath>,
    ) {
        let written = written.into_iter().map(RegistryPath::to_string).collect();
        self.changes().prompts.insert(prompt.clone(), written);
    }

    /// Sets the prompts that did not change. Prompts that were neither compiled nor unchanged are
    /// removed.
    pub(super) fn retain(&self, unchanged: &BTreeSet<PromptName>) {
        let owned_files = self.lock_files();
        let mut changes = self.changes();
        let gone = owned_files
            .iter()
            .flat_map(|owned_files| owned_files.prompts.keys())
            .filter(|name| !unchanged.contains(*name) && !changes.prompts.contains_key(*name));
        changes.removed_prompts = gone.cloned().collect();
    }

    pub(super) fn has_changes(&self) -> bool {
        let owned_files = self.lock_files();
        let changes = self.changes();
        owned_files.as_ref().is_none_or(|owned_files| changes.differs_from(owned_files))
    }

    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        let path = path.to_string();
        if self.changes().staged_files.contains(&path) {
            return read(&self.place.join(STAGED).join(path));
        }
        read(&self.folder().join(path))
    }

    /// Installs the staged files into the folder, and removes old ones.
    pub fn commit(&self) -> Result<PreviewUpdate> {
        let changes = std::mem::take(&mut *self.changes());
        let mut owned_files = self.owned_files.write().unwrap_or_else(PoisonError::into_inner);
        let update = changes.to_update(owned_files.as_ref());
        if !update.is_new {
            return Ok(update);
        }
        let of_prompts: BTreeSet<&String> = changes.prompts.values().flatten().collect();
        let registry = changes
            .written_files
            .iter()
            .filter(|path| !of_prompts.contains(path))
            .cloned()
            .collect();
        let context = || format!("cannot write to `{}`", self.folder().display());
        // If the state is unknown, after a failure, the whole folder is replaced.
        let Some(mut new) = owned_files.take() else {
            let staged = self.place.join(STAGED);
            files::remove_folder(&self.folder()).with_context(context)?;
            files::rename(&staged, &self.folder()).with_context(context)?;
            *owned_files = Some(OwnedFiles { prompts: changes.prompts, registry });
            return Ok(update);
        };
        let mut dropped: BTreeSet<String> = std::mem::replace(&mut new.registry, registry);
        for name in &changes.removed_prompts {
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
            // Two prompts may share a file: a picture, or the same list of versions.
            for path in new.prompts.values().flatten() {
                dropped.remove(path);
            }
        }
        for path in &changes.staged_files {
            self.install(path).with_context(context)?;
        }
        for path in &dropped {
            self.remove(path).with_context(context)?;
        }
        *owned_files = Some(new);
        // Only folders are left. If this fails, the next build removes them.
        drop(files::remove_folder(&self.place.join(STAGED)));
        Ok(update)
    }

    /// Installs a staged file.
    fn install(&self, path: &str) -> std::io::Result<()> {
        let to = self.folder().join(path);
        if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
            files::create_folders(folder)?;
        }
        files::rename(&self.place.join(STAGED).join(path), &to)
    }

    /// Removes a file, and the folders that are empty then.
    fn remove(&self, path: &str) -> std::io::Result<()> {
        let root = self.folder();
        let file = root.join(path);
        files::remove(&file)?;
        let above = file.ancestors().skip(1).take_while(|folder| *folder != root);
        for folder in above {
            // A folder that contains other files stays.
            if files::remove_empty(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl PreviewChanges {
    /// Whether any file differs from the folder.
    fn differs_from(&self, owned_files: &OwnedFiles) -> bool {
        !self.staged_files.is_empty()
            || !self.removed_prompts.is_empty()
            || self
                .prompts
                .iter()
                .any(|(name, written)| owned_files.prompts.get(name) != Some(written))
    }

    fn to_update(&self, owned_files: Option<&OwnedFiles>) -> PreviewUpdate {
        let is_new = |(name, written): &(&PromptName, &BTreeSet<String>)| {
            owned_files.is_none_or(|owned_files| owned_files.prompts.get(*name) != Some(*written))
                || written.iter().any(|path| self.staged_files.contains(path))
        };
        PreviewUpdate {
            is_new: owned_files.is_none_or(|owned_files| self.differs_from(owned_files)),
            prompts: self.prompts.iter().filter(is_new).count(),
            removed_prompts: self.removed_prompts.len(),
        }
    }
}

/// Name of the folder with the registry.
const FOLDER: &str = "preview";

/// Name of the folder with staged files.
const STAGED: &str = "preview-staged";
