//! Every change that a build makes to a disk. A test counts them, and ends the process at each.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Tells a child of a test which operation is its last.
#[cfg(test)]
pub(super) const CRASH_AT: &str = "PROMPTDEX_TEST_CRASH_AT";

/// Counts an operation, and ends the process at the one that a test asks for; outside of tests there is
/// nothing to count.
fn operation() {
    #[cfg(test)]
    {
        use std::sync::atomic::{AtomicUsize, Ordering};
        /// Operations of this process.
        static OPERATIONS: AtomicUsize = AtomicUsize::new(0);
        let number = OPERATIONS.fetch_add(1, Ordering::SeqCst) + 1;
        let last = std::env::var(CRASH_AT).ok().and_then(|last| last.parse().ok());
        if last == Some(number) {
            std::process::abort();
        }
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    written(path, bytes).map(drop)
}

fn written(path: &Path, bytes: &[u8]) -> io::Result<File> {
    operation();
    let mut file = File::create(path)?;
    operation();
    file.write_all(bytes)?;
    Ok(file)
}

/// Writes a file whole or not at all, and makes it durable.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    written(&temporary, bytes)?.sync_all()?;
    rename(&temporary, path)?;
    // The name is durable when its folder is; not every system can open a folder.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all()?;
    }
    Ok(())
}

pub(super) fn create_folders(path: &Path) -> io::Result<()> {
    operation();
    fs::create_dir_all(path)
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    operation();
    fs::rename(from, to)
}

/// Removes a file; one that is gone is fine.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    operation();
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a folder with all it holds; one that is gone is fine.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    operation();
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a folder that holds nothing.
pub(super) fn remove_empty(path: &Path) -> io::Result<()> {
    operation();
    fs::remove_dir(path)
}

/// Makes the files below a folder durable, all at once.
#[cfg(target_os = "linux")]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    operation();
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Makes the files below a folder durable, one by one.
#[cfg(not(target_os = "linux"))]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    operation();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    Ok(())
}

/// Swaps two folders at once where the system can, else one after the other.
pub(super) fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    operation();
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS) => {}
            result => return Ok(result?),
        }
    }
    let aside = aside(target);
    rename(target, &aside)?;
    rename(new, target)?;
    rename(&aside, new)
}

/// Brings back what an exchange that was killed half-way has put aside.
pub(super) fn recover_exchange(target: &Path) -> io::Result<()> {
    let aside = aside(target);
    if !aside.exists() {
        return Ok(());
    }
    if target.exists() { remove_folder(&aside) } else { rename(&aside, target) }
}

fn aside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".promptdex-replaced-{name}"))
}

/// Temporary folders are private; a registry is read by whoever serves it.
#[cfg(unix)]
pub(super) fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    operation();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
pub(super) fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}
