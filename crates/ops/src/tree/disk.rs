//! Reads and writes a tree in a folder on disk.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_core::tree::{Listing, TreeEntry, is_ignored_folder, is_read};
use promptdex_wire::PromptName;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::error::{Context as _, Error, Result};
use crate::tree::read_cache::ReadCache;
use crate::tree::stamp::FileClock;

/// Returns a path relative to a folder, with `/` as in trees and registries.
pub fn relative_path(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let mut text = String::with_capacity(path.as_os_str().len());
    for part in path.components() {
        if !text.is_empty() {
            text.push('/');
        }
        text.push_str(&part.as_os_str().to_string_lossy());
    }
    text
}

/// Returns the listing entry for a path.
fn entry(metadata: &fs::Metadata, clock: Option<FileClock>) -> TreeEntry {
    if !metadata.is_file() {
        return TreeEntry::Other;
    }
    let stamp = clock.and_then(|clock| clock.stamp(metadata));
    TreeEntry::File { size: metadata.len(), stamp, is_executable: is_executable(metadata) }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// Takes away that a file can be executed.
#[cfg(unix)]
fn make_plain(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o111))
}

#[cfg(not(unix))]
fn make_plain(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads a file without asking for its size first. Most files of a tree fit into the first read, so
/// this saves a system call per file.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match file.read(&mut part) {
            Ok(0) => return Ok(bytes),
            Ok(length) => bytes.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether an error means that a path does not exist.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A folder on disk.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    root: PathBuf,
    /// The cache of contents, if each file is to be read only once.
    cache: Option<Arc<ReadCache>>,
}

impl Disk {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), cache: None }
    }

    /// Returns the folder with a cache of everything that is read.
    pub(super) fn with_cache(self) -> Self {
        Self { cache: Some(Arc::default()), ..self }
    }

    /// Whether a file exists.
    pub(super) fn has(&self, path: &str) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.has_file(path))
            || self.root.join(path).is_file()
    }

    /// Reads a file.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>> {
        if let Some(bytes) = self.cache.as_ref().and_then(|cache| cache.file(path)) {
            return Ok(bytes);
        }
        let full = self.root.join(path);
        let bytes =
            read_file(&full).with_context(|| format!("cannot read `{}`", full.display()))?;
        if let Some(cache) = &self.cache {
            cache.keep_file(path, &bytes);
        }
        Ok(bytes)
    }

    /// Lists all files, without following links. Files that did not change after `clock` get a
    /// stamp.
    pub(super) fn list(&self, clock: Option<FileClock>) -> Result<Listing> {
        // The cached listing has no stamps, so it serves only requests without a clock.
        let Some(cache) = self.cache.as_ref().filter(|_| clock.is_none()) else {
            return self.walk_all(clock);
        };
        if let Some(listing) = cache.listing() {
            return Ok(listing);
        }
        let listing = self.walk_all(None)?;
        cache.keep_listing(&listing);
        Ok(listing)
    }

    fn walk_all(&self, clock: Option<FileClock>) -> Result<Listing> {
        // Folders near the root are walked separately, on all cores.
        let mut entries = Vec::new();
        let mut folders = vec![self.root.clone()];
        for _ in 0..2 {
            let mut below = Vec::new();
            for folder in &folders {
                below.append(&mut self.walk(folder, 1, clock, &mut entries)?);
            }
            folders = below;
        }
        let parts: Vec<Result<Vec<_>>> = folders
            .par_iter()
            .map(|folder| {
                let mut part = Vec::new();
                self.walk(folder, usize::MAX, clock, &mut part)?;
                Ok(part)
            })
            .collect();
        for part in parts {
            entries.append(&mut part?);
        }
        Ok(entries.into_iter().collect())
    }

    /// Lists the files at some paths, and in folders at these paths.
    pub(super) fn list_some(
        &self,
        paths: &BTreeSet<String>,
        clock: Option<FileClock>,
    ) -> Result<Listing> {
        let mut entries = Vec::new();
        for path in paths {
            let full = self.root.join(path);
            match fs::symlink_metadata(&full) {
                Ok(metadata) if metadata.is_dir() => {
                    self.walk(&full, usize::MAX, clock, &mut entries)?;
                }
                Ok(metadata) => entries.push((path.clone(), entry(&metadata, clock))),
                Err(error) if is_absent(&error) => {}
                Err(error) => {
                    let action = format!("cannot access `{}`", full.display());
                    return Err(Error::Io { action, source: error });
                }
            }
        }
        // A requested path may be in an ignored folder.
        Ok(entries.into_iter().filter(|(path, _)| is_read(path)).collect())
    }

    /// Lists the folder of one prompt, and the single file with the same name.
    pub(super) fn list_prompt(&self, name: &PromptName) -> Result<Listing> {
        if let Some(listing) = self.cache.as_ref().and_then(|cache| cache.prompt(name)) {
            return Ok(listing);
        }
        let mut entries = Vec::new();
        let root = self.root.join(name.as_str());
        if root.is_dir() {
            self.walk(&root, usize::MAX, None, &mut entries)?;
        }
        let document = format!("{name}.md");
        if let Ok(metadata) = fs::symlink_metadata(self.root.join(&document))
            && !metadata.is_dir()
        {
            entries.push((document, entry(&metadata, None)));
        }
        Ok(entries.into_iter().collect())
    }

    /// Lists the files in a folder down to a depth. Returns the folders at that depth.
    fn walk(
        &self,
        folder: &Path,
        depth: usize,
        clock: Option<FileClock>,
        entries: &mut Vec<(String, TreeEntry)>,
    ) -> Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        let walk = WalkDir::new(folder).max_depth(depth).follow_links(false).into_iter();
        let walk = walk.filter_entry(|entry| {
            entry.depth() == 0
                || !(entry.file_type().is_dir()
                    && is_ignored_folder(&entry.file_name().to_string_lossy()))
        });
        for entry in walk {
            let entry = entry.with_context(|| format!("cannot list `{}`", folder.display()))?;
            if entry.file_type().is_dir() {
                if entry.depth() == depth {
                    folders.push(entry.into_path());
                }
                continue;
            }
            let path = relative_path(&self.root, entry.path());
            let metadata = entry
                .metadata()
                .with_context(|| format!("cannot access `{}`", entry.path().display()))?;
            entries.push((path, self::entry(&metadata, clock)));
        }
        Ok(folders)
    }

    fn forget(&self, path: &str) {
        if let Some(cache) = &self.cache {
            cache.forget(path);
        }
    }

    /// Writes a file that must not exist.
    pub(super) fn write_new(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.forget(path);
        let path = self.root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot create `{}`", parent.display()))?;
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(bytes))
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Removes a file.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        self.forget(path);
        let path = self.root.join(path);
        fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))
    }

    /// Takes away that a file can be executed.
    pub(super) fn make_plain(&self, path: &str) -> Result<()> {
        self.forget(path);
        let path = self.root.join(path);
        make_plain(&path).with_context(|| format!("cannot change the mode of `{}`", path.display()))
    }

    /// Replaces a file atomically, so that an interrupted command leaves the old or the new file.
    pub(super) fn replace(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.forget(path);
        let path = self.root.join(path);
        let context = || format!("cannot write `{}`", path.display());
        let parent = path.parent().unwrap_or(&self.root);
        let file = tempfile::NamedTempFile::new_in(parent).with_context(context)?;
        fs::write(file.path(), bytes).with_context(context)?;
        if let Ok(metadata) = fs::metadata(&path) {
            fs::set_permissions(file.path(), metadata.permissions()).with_context(context)?;
        }
        file.persist(&path).map(drop).with_context(context)
    }
}
