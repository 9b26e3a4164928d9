//! The journal of a plan that is being carried out in a folder, written before the first change.
//! The next build handles an interrupted plan: it rolls the plan back if new files may be lost in a
//! power cut, and completes it otherwise.
//!
//! The journal and the staged files are in `.promptdex/` of the output folder, and are removed at
//! the end of the build.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use promptdex_wire::RegistryPath;
use serde::{Deserialize, Serialize};

use crate::error::{FolderError, Result};
use crate::files;
use crate::plan::{Phase, Plan};

/// Name of the folder with the journal and the staged files, in the output folder.
pub const UNDER_WAY: &str = ".promptdex";

/// A plan on disk. Paths are published paths, and the new contents of each file are in
/// `.promptdex/staged/`. A different version of promptdex may read the journal, so its format is
/// stable.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// Whether the new files are synced to the disk. From then on, the plan has to be completed.
    is_durable: bool,
    /// The new files: all phases up to the releases.
    create: Vec<String>,
    /// The replaced files: all phases from the replacements to the pointers.
    replace: Vec<String>,
    /// The removed files.
    remove: Vec<String>,
}

impl Journal {
    /// Creates the journal of a plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        let files = |is_in: fn(Phase) -> bool| {
            let phases = Phase::ALL.into_iter().filter(|phase| is_in(*phase));
            phases.flat_map(|phase| plan.paths(phase)).map(RegistryPath::to_string).collect()
        };
        Self {
            is_durable: false,
            create: files(|phase| phase <= Phase::Releases),
            replace: files(|phase| phase > Phase::Releases && phase < Phase::Removals),
            remove: files(|phase| phase == Phase::Removals),
        }
    }

    /// Carries out the journal in `target`.
    pub(crate) fn run(mut self, target: &Path) -> Result<()> {
        if self == Self::default() {
            return Ok(());
        }
        let failed = |source| {
            let action = format!("cannot write to `{}`", target.display());
            FolderError::Io { action, source }
        };
        self.write(target).map_err(failed)?;
        for path in &self.create {
            install(target, path).map_err(failed)?;
        }
        files::sync(target).map_err(failed)?;
        self.is_durable = true;
        self.write(target).map_err(failed)?;
        self.finish(target).map_err(failed)
    }

    /// Completes or rolls back an interrupted plan. Returns whether the plan was completed.
    pub(crate) fn recover(target: &Path) -> Result<bool> {
        let folder = target.join(UNDER_WAY);
        if !folder.exists() {
            return Ok(false);
        }
        let failed = |source| {
            let action =
                format!("cannot clean up after an earlier build in `{}`", target.display());
            FolderError::Io { action, source }
        };
        let journal = Self::read(target).map_err(failed)?;
        let is_durable = journal.as_ref().is_some_and(|journal| journal.is_durable);
        match journal {
            Some(journal) if is_durable => journal.finish(target),
            Some(journal) => journal.undo(target),
            None => Ok(()),
        }
        .map_err(failed)?;
        files::remove_folder(&folder).map_err(failed)?;
        Ok(is_durable)
    }

    fn finish(&self, target: &Path) -> io::Result<()> {
        for path in &self.replace {
            install(target, path)?;
        }
        for path in &self.remove {
            files::remove(&path_in_output(target, path)?)?;
        }
        // A folder that still contains files stays.
        let folders: BTreeSet<PathBuf> = self
            .remove
            .iter()
            .filter_map(|path| Some(target.join(path).parent()?.to_owned()))
            .collect();
        for folder in folders.iter().rev() {
            if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()) {
                files::remove_folder(folder)?;
            }
        }
        files::remove(&journal_path(target))
    }

    /// Removes the new files that were installed. No file names them yet.
    fn undo(&self, target: &Path) -> io::Result<()> {
        for path in self.create.iter().filter(|path| !staged_path(target, path).exists()) {
            files::remove(&path_in_output(target, path)?)?;
        }
        files::remove(&journal_path(target))
    }

    fn write(&self, target: &Path) -> io::Result<()> {
        let folder = target.join(UNDER_WAY);
        if !folder.is_dir() {
            files::create_folders(&folder)?;
        }
        files::replace(&journal_path(target), &serde_json::to_vec(self)?)
    }

    /// Reads the journal. A path that is not a published path is an error.
    fn read(target: &Path) -> io::Result<Option<Self>> {
        let bytes = match fs::read(journal_path(target)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let is_own = |journal: &Self| {
            let mut paths = journal.create.iter().chain(&journal.replace).chain(&journal.remove);
            paths.all(|path| RegistryPath::parse(path).is_some())
        };
        let journal = serde_json::from_slice::<Self>(&bytes).ok().filter(is_own);
        let Some(journal) = journal else {
            let shown = journal_path(target).display().to_string();
            let message = format!(
                "`{shown}` is not a journal of this version of promptdex: restore the published registry without the folder `{UNDER_WAY}`"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        Ok(Some(journal))
    }
}

/// Whether a journal of an unfinished plan exists.
pub(crate) fn is_there(target: &Path) -> bool {
    journal_path(target).exists()
}

fn journal_path(target: &Path) -> PathBuf {
    target.join(UNDER_WAY).join("journal.json")
}

/// Returns the path of the staged contents of a file.
pub(crate) fn staged_path(target: &Path, path: &str) -> PathBuf {
    target.join(UNDER_WAY).join("staged").join(path)
}

/// Returns the path of a published file in the output. A link on the way is an error, because it
/// would lead out of the output.
pub(crate) fn path_in_output(target: &Path, path: &str) -> io::Result<PathBuf> {
    let mut place = target.to_owned();
    for segment in path.split('/') {
        if fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_symlink()) {
            let message =
                format!("`{}` is a link: replace it with the folder itself", place.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        place.push(segment);
    }
    Ok(place)
}

/// Installs a staged file. A file that is no longer staged has been installed already.
fn install(target: &Path, path: &str) -> io::Result<()> {
    let (from, to) = (staged_path(target, path), path_in_output(target, path)?);
    path_in_output(target, &format!("{UNDER_WAY}/staged/{path}"))?;
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
        files::create_folders(folder)?;
    }
    files::rename(&from, &to)
}

/// Returns an error if the folder has an interrupted build that will not be completed.
pub fn check_finished(folder: &Path) -> Result<()> {
    if !is_there(folder) {
        return Ok(());
    }
    Err(FolderError::Unfinished { folder: folder.to_owned() })
}
