//! What is under way in a folder, written down before it begins. A build that was killed is finished or
//! dropped by the next one: dropped while its new files could still be missing after a power cut, finished
//! from then on.
//!
//! The journal and the files that wait stand in `.promptdex/` of the output folder, and are gone
//! when the build is done.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use promptdex_wire::RegistryPath;
use serde::{Deserialize, Serialize};

use crate::error::{FolderError, Result};
use crate::files;
use crate::plan::{Phase, Plan};

/// The folder for what is under way, in the output folder.
pub const UNDER_WAY: &str = ".promptdex";

/// A plan on disk. Paths are published paths; the new bytes of each wait in `.promptdex/staged/`. Journals
/// outlive the promptdex that wrote them, so their form stays.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// Whether the new files are durable: then the rest is done, whatever happens.
    is_durable: bool,
    /// The phases up to the releases: files that are new.
    create: Vec<String>,
    /// The phases from the redactions to the pointers.
    replace: Vec<String>,
    /// The removals.
    remove: Vec<String>,
}

impl Journal {
    /// Writes down a plan.
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

    /// Does everything that the journal says in `target`.
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

    /// Finishes or drops what an earlier build left under way, and returns whether it was finished.
    pub(crate) fn recover(target: &Path) -> Result<bool> {
        let folder = target.join(UNDER_WAY);
        if !folder.exists() {
            return Ok(false);
        }
        let failed = |source| {
            let action =
                format!("cannot clean up what an earlier build left in `{}`", target.display());
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
            files::remove(&inside(target, path)?)?;
        }
        // A folder that still holds something stays.
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
        files::remove(&place(target))
    }

    /// Removes the new files that were put in place: nothing names them.
    fn undo(&self, target: &Path) -> io::Result<()> {
        for path in self.create.iter().filter(|path| !staged_path(target, path).exists()) {
            files::remove(&inside(target, path)?)?;
        }
        files::remove(&place(target))
    }

    fn write(&self, target: &Path) -> io::Result<()> {
        let folder = target.join(UNDER_WAY);
        if !folder.is_dir() {
            files::create_folders(&folder)?;
        }
        files::replace(&place(target), &serde_json::to_vec(self)?)
    }

    /// Reads the journal; one that names anything but published paths is refused.
    fn read(target: &Path) -> io::Result<Option<Self>> {
        let bytes = match fs::read(place(target)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let is_own = |journal: &Self| {
            let mut paths = journal.create.iter().chain(&journal.replace).chain(&journal.remove);
            paths.all(|path| RegistryPath::parse(path).is_some())
        };
        let journal = serde_json::from_slice::<Self>(&bytes).ok().filter(is_own);
        let Some(journal) = journal else {
            let shown = place(target).display().to_string();
            let message = format!(
                "`{shown}` is not a journal of this promptdex: restore the registry from where it is published, without the folder `{UNDER_WAY}`"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        Ok(Some(journal))
    }
}

/// Whether there is a journal of what is under way.
pub(crate) fn is_there(target: &Path) -> bool {
    place(target).exists()
}

fn place(target: &Path) -> PathBuf {
    target.join(UNDER_WAY).join("journal.json")
}

/// Returns where the new bytes of a file wait.
pub(crate) fn staged_path(target: &Path, path: &str) -> PathBuf {
    target.join(UNDER_WAY).join("staged").join(path)
}

/// Returns where a file stands in the output. A link on the way would lead out of it.
pub(crate) fn inside(target: &Path, path: &str) -> io::Result<PathBuf> {
    let mut place = target.to_owned();
    for segment in path.split('/') {
        if fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_symlink()) {
            let message = format!("`{}` is a link: put the folder itself there", place.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        place.push(segment);
    }
    Ok(place)
}

/// Puts a waiting file in its place; one that no longer waits is there already.
fn install(target: &Path, path: &str) -> io::Result<()> {
    let (from, to) = (staged_path(target, path), inside(target, path)?);
    inside(target, &format!("{UNDER_WAY}/staged/{path}"))?;
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
        files::create_folders(folder)?;
    }
    files::rename(&from, &to)
}

/// Refuses a folder in which a build was killed, and which is not going to be recovered.
pub fn check_finished(folder: &Path) -> Result<()> {
    if !is_there(folder) {
        return Ok(());
    }
    Err(FolderError::Unfinished { folder: folder.to_owned() })
}
