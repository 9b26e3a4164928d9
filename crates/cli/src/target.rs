//! The output folder: written beside the target and swapped in, so that a reader sees the old
//! registry or the new one, never a mixture.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context as _;
use promptdex_wire::Path as Published;
use tempfile::TempDir;

use crate::error::Failure;

/// A folder that becomes the output when it is complete.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: TempDir,
    target: PathBuf,
    /// Folders that exist already.
    made: Mutex<HashSet<PathBuf>>,
}

impl Staging {
    /// Starts beside `target`. Only an empty folder or a registry is ever replaced.
    pub(crate) fn beside(target: &Path, tree: &Path) -> anyhow::Result<Self> {
        let target = std::path::absolute(target)
            .with_context(|| format!("cannot find `{}`", target.display()))?;
        check_place(&target, tree)?;
        check_replaceable(&target)?;
        let parent = target.parent().unwrap_or(&target);
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot make `{}`", parent.display()))?;
        let folder = tempfile::Builder::new()
            .prefix(".promptdex-")
            .tempdir_in(parent)
            .with_context(|| format!("cannot make a folder in `{}`", parent.display()))?;
        Ok(Self { folder, target, made: Mutex::default() })
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &Published, bytes: &[u8]) -> anyhow::Result<()> {
        let file = self.folder.path().join(path.to_string());
        if let Some(parent) = file.parent() {
            self.make(parent).with_context(|| format!("cannot make `{}`", parent.display()))?;
        }
        fs::write(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))
    }

    /// Reads a file that has been written.
    pub(crate) fn read(&self, path: &Published) -> anyhow::Result<Option<Vec<u8>>> {
        let file = self.folder.path().join(path.to_string());
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
        }
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        if self.made.lock().is_ok_and(|made| made.contains(folder)) {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        if let Ok(mut made) = self.made.lock() {
            made.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Puts the folder in the place of the target, and removes what was there.
    pub(crate) fn commit(self) -> anyhow::Result<()> {
        let Self { folder, target, .. } = self;
        let context = || format!("cannot replace `{}`", target.display());
        sync(folder.path()).with_context(context)?;
        open_to_all(folder.path()).with_context(context)?;
        if target.exists() {
            // After this the temporary folder holds the old registry, and is removed when it drops.
            exchange(folder.path(), &target).with_context(context)?;
            return folder
                .close()
                .with_context(|| "cannot remove the registry that was replaced".to_owned());
        }
        fs::rename(folder.path(), &target).with_context(context)?;
        // There is nothing left to remove.
        let _moved = folder.keep();
        Ok(())
    }
}

/// The output may not hold the tree, nor lie in it: a build would remove or read itself.
fn check_place(target: &Path, tree: &Path) -> anyhow::Result<()> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_absent| path.to_owned());
    let (target, tree) = (real(target), real(tree));
    if target.starts_with(&tree) || tree.starts_with(&target) {
        let message =
            format!("the output `{}` and the tree `{}` overlap", target.display(), tree.display());
        return Err(Failure::new(
            message,
            "choose an output folder beside the tree with `--output`",
        )
        .into());
    }
    Ok(())
}

/// Refuses to replace a folder that is not a registry.
fn check_replaceable(target: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot look into `{}`", target.display()));
        }
    };
    if entries && !target.join(Published::Registry.to_string()).is_file() {
        let message = format!("`{}` is not empty, and not a registry", target.display());
        return Err(Failure::new(
            message,
            "choose another folder with `--output`, or remove this one",
        )
        .into());
    }
    Ok(())
}

/// Makes the written files durable, all at once.
#[cfg(target_os = "linux")]
fn sync(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(folder)?)?)
}

/// Makes the written files durable, one by one.
#[cfg(not(target_os = "linux"))]
fn sync(folder: &Path) -> io::Result<()> {
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            fs::File::open(entry.path())?.sync_all()?;
        }
    }
    Ok(())
}

/// Temporary folders are private; a registry is read by whoever serves it.
#[cfg(unix)]
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Swaps two folders at once where the system can, else one after the other.
fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS) => {}
            result => return Ok(result?),
        }
    }
    let aside = new.with_extension("old");
    fs::rename(target, &aside)?;
    fs::rename(new, target)?;
    fs::rename(&aside, new)
}
