//! A registry that is written into a sibling folder of the output, and replaces the output as a
//! whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use promptdex_publish::{CreatedFolders, files, lock};
use promptdex_wire::RegistryPath;
use tempfile::TempDir;

use crate::error::{Context as _, Result};

/// The name prefix of unfinished folders.
const UNFINISHED: &str = ".promptdex-build-";

/// A sibling folder that becomes the output.
#[derive(Debug)]
pub struct SwapFolder {
    folder: TempDir,
    target: PathBuf,
    folders: CreatedFolders,
    /// The locks on the folders, held until the build ends.
    _locked: [Option<File>; 2],
}

impl SwapFolder {
    pub(super) fn start(target: PathBuf, locked: Option<File>) -> Result<Self> {
        let parent = target.parent().unwrap_or(&target);
        files::create_folders(parent)
            .with_context(|| format!("cannot create `{}`", parent.display()))?;
        files::recover_exchange(&target)
            .with_context(|| format!("cannot restore `{}`", target.display()))?;
        remove_unfinished(parent);
        let folder = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(parent)
            .with_context(|| format!("cannot create a folder in `{}`", parent.display()))?;
        let own = lock(folder.path())?;
        Ok(Self { folder, target, folders: CreatedFolders::default(), _locked: [locked, own] })
    }

    /// Returns the output.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the folder that becomes the output.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path to write a file to.
    pub(super) fn file(&self, path: &RegistryPath) -> PathBuf {
        self.folder.path().join(path.to_string())
    }

    pub(super) fn write(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        Ok(self.folders.write(&self.file(path), bytes)?)
    }

    pub(super) fn commit(self) -> Result<()> {
        let Self { folder, target, .. } = self;
        let context = || format!("cannot replace `{}`", target.display());
        files::sync(folder.path()).with_context(context)?;
        files::open_to_all(folder.path()).with_context(context)?;
        if target.exists() {
            // From here on, the temporary folder contains the old registry.
            files::exchange(folder.path(), &target).with_context(context)?;
            return files::remove_folder(&folder.keep())
                .with_context(|| "cannot remove the replaced registry".to_owned());
        }
        files::rename(folder.path(), &target).with_context(context)?;
        // The folder has been moved, so there is nothing to remove.
        let _moved = folder.keep();
        Ok(())
    }
}

/// Removes the folders of interrupted builds. The folder of a running build is locked and stays. A
/// folder that cannot be removed does no harm.
fn remove_unfinished(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_unfinished && matches!(lock(&entry.path()), Ok(Some(_))) {
            drop(files::remove_folder(&entry.path()));
        }
    }
}
