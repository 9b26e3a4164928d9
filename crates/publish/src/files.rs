//! All file system operations that change files. A build makes every change to a disk through this
//! module.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The function to call before every operation.
static OBSERVER: OnceLock<fn()> = OnceLock::new();

/// Sets a function that is called before every file system operation of this process. A test uses
/// it to count operations and to end the process at each of them.
pub fn observe(observer: fn()) {
    OBSERVER.get_or_init(|| observer);
}

fn notify_observer() {
    if let Some(observer) = OBSERVER.get() {
        observer();
    }
}

/// Writes a file.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new_file(path, bytes).map(drop)
}

fn write_new_file(path: &Path, bytes: &[u8]) -> io::Result<File> {
    notify_observer();
    let mut file = File::create(path)?;
    notify_observer();
    file.write_all(bytes)?;
    Ok(file)
}

/// Writes a file atomically and durably.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    write_new_file(&temporary, bytes)?.sync_all()?;
    rename(&temporary, path)?;
    // A file name is durable once its folder is synced. Not every system can open a folder.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        folder.sync_all()?;
    }
    Ok(())
}

/// Creates a folder and its parents.
pub fn create_folders(path: &Path) -> io::Result<()> {
    notify_observer();
    fs::create_dir_all(path)
}

/// Creates a folder, unless it exists.
pub fn create_folder(path: &Path) -> io::Result<()> {
    notify_observer();
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create_folders(path),
        result => result,
    }
}

/// Moves a file or a folder. An existing file is replaced.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    notify_observer();
    fs::rename(from, to)
}

/// Removes a file. A missing file is not an error.
pub fn remove(path: &Path) -> io::Result<()> {
    notify_observer();
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a folder with its contents. A missing folder is not an error.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    notify_observer();
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes an empty folder.
pub fn remove_empty(path: &Path) -> io::Result<()> {
    notify_observer();
    fs::remove_dir(path)
}

/// Syncs all files in a folder to the disk, with one system call.
#[cfg(target_os = "linux")]
pub fn sync(folder: &Path) -> io::Result<()> {
    notify_observer();
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Syncs all files in a folder to the disk, one by one.
#[cfg(not(target_os = "linux"))]
pub fn sync(folder: &Path) -> io::Result<()> {
    notify_observer();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    Ok(())
}

/// Swaps two folders, atomically if the system supports it.
pub fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    notify_observer();
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS) => {}
            result => return Ok(result?),
        }
    }
    let aside = replaced_path(target);
    rename(target, &aside)?;
    rename(new, target)?;
    rename(&aside, new)
}

/// Restores the folder that an interrupted exchange moved aside.
pub fn recover_exchange(target: &Path) -> io::Result<()> {
    let aside = replaced_path(target);
    if !aside.exists() {
        return Ok(());
    }
    if target.exists() { remove_folder(&aside) } else { rename(&aside, target) }
}

fn replaced_path(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".promptdex-replaced-{name}"))
}

/// Makes a folder readable for everyone. Temporary folders are private, but a web server has to
/// read the registry.
#[cfg(unix)]
pub fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    notify_observer();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Does nothing: temporary folders are private on Unix only.
#[cfg(not(unix))]
pub fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}
