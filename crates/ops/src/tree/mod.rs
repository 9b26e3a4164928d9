//! A prompt tree: its listing, and the contents of its files.
//!
//! A tree is on disk, in a commit, or in memory. An overlay replaces some of its files, and a scope
//! limits it to some paths. Every read honors both, wherever the tree is.

mod disk;
mod labels;
mod overlay;
mod read_cache;
pub mod repository;
pub mod revision;
mod root_link;
pub mod stamp;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_core::source::SourceFile;
use promptdex_core::tree::{Contents, Listing, PromptFiles, Survey, TreeEntry, is_read, survey};
use promptdex_history::{Git, Oid};
use promptdex_wire::PromptName;

use self::disk::Disk;
pub use self::disk::relative_path;
use self::labels::Labels;
pub use self::overlay::Overlay;
use self::overlay::{covers, lay_over};
use crate::error::{Error, Result};
use crate::tree::revision::{Revision, find};
use crate::tree::stamp::FileClock;

/// A prompt tree.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The folder of the tree, or the folder where the commit has it. Empty for a tree in memory.
    root: PathBuf,
    store: TreeStore,
    /// Files of prompts in place from Git history.
    labels: Arc<Labels>,
    /// Files that are read instead of those of the tree. `None` hides a file.
    overlay: Arc<Overlay>,
    /// The scope: the only paths to read, including everything below them. `None` means all paths.
    only: Option<Arc<BTreeSet<String>>>,
}

/// The place where the files of a tree are stored.
#[derive(Debug, Clone)]
enum TreeStore {
    /// In a folder.
    Disk(Disk),
    /// In a commit.
    Commit(Arc<Revision>),
    /// In a map, by path.
    Memory(Arc<BTreeMap<String, Vec<u8>>>),
}

impl Tree {
    /// Opens a tree on disk. The path must be a folder.
    pub fn open(root: &Path) -> Result<Self> {
        if root.is_dir() {
            root_link::refuse_link(root)?;
            return Ok(Self::of(root, TreeStore::Disk(Disk::new(root))));
        }
        Err(Error::NoTree { root: root.to_owned() })
    }

    /// Opens a tree as of a commit, or on disk if no revision is named.
    pub fn at(root: &Path, revision: Option<&str>) -> Result<Self> {
        match revision {
            Some(revision) => Ok(Self::of_commit(root, Revision::open(root, revision)?)),
            None => Self::open(root),
        }
    }

    /// Creates a tree from a commit that has the tree in `root`.
    pub fn of_commit(root: &Path, revision: Revision) -> Self {
        Self::of(root, TreeStore::Commit(Arc::new(revision)))
    }

    /// Creates a tree from files in memory, by path. It belongs to no repository.
    pub fn in_memory(files: impl Into<Arc<BTreeMap<String, Vec<u8>>>>) -> Self {
        Self::of(Path::new(""), TreeStore::Memory(files.into()))
    }

    fn of(root: &Path, store: TreeStore) -> Self {
        Self {
            root: root.to_owned(),
            store,
            labels: Arc::default(),
            overlay: Arc::default(),
            only: None,
        }
    }

    /// Returns the tree with a cache in memory. Each file is read once, and every later read
    /// returns the same contents.
    #[must_use]
    pub fn read_once(mut self) -> Self {
        self.store = match self.store {
            TreeStore::Disk(disk) => TreeStore::Disk(disk.with_cache()),
            store @ (TreeStore::Commit(_) | TreeStore::Memory(_)) => store,
        };
        self
    }

    /// Returns the tree limited to some paths and everything below them.
    #[must_use]
    pub fn limit_to_paths(mut self, paths: BTreeSet<String>) -> Self {
        let paths = match &self.only {
            Some(only) => {
                let (inner, outer) = (paths.iter(), only.iter());
                let inner = inner.filter(|path| covers(only, path));
                inner.chain(outer.filter(|path| covers(&paths, path))).cloned().collect()
            }
            None => paths,
        };
        self.only = Some(Arc::new(paths));
        self
    }

    /// Returns the tree with more files in its overlay.
    #[must_use]
    pub fn with(&self, files: Overlay) -> Self {
        let mut overlay = Overlay::clone(&self.overlay);
        overlay.extend(files);
        Self { overlay: Arc::new(overlay), labels: Arc::default(), ..self.clone() }
    }

    /// Returns the folder as the user named it, for messages. Empty for a tree in memory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder that contains the tree, or contains it as of a commit. Returns `None` for
    /// a tree in memory.
    pub fn folder(&self) -> Option<&Path> {
        match &self.store {
            TreeStore::Disk(_) | TreeStore::Commit(_) => Some(&self.root),
            TreeStore::Memory(_) => None,
        }
    }

    /// Returns the commit that the tree is read from. Files of the overlay are not in the commit.
    pub fn revision(&self) -> Option<&Revision> {
        match &self.store {
            TreeStore::Commit(revision) => Some(revision),
            TreeStore::Disk(_) | TreeStore::Memory(_) => None,
        }
    }

    /// Finds the repository that the tree is in.
    pub fn git(&self) -> Result<Option<Git>> {
        match &self.store {
            TreeStore::Disk(_) => find(&self.root),
            TreeStore::Commit(revision) => Ok(Some(revision.git().clone())),
            TreeStore::Memory(_) => Ok(None),
        }
    }

    /// Adds files of prompts in place from Git history, under labels.
    pub fn label_objects(&self, git: &Git, ids: BTreeMap<String, Oid>) {
        self.labels.add_objects(git, ids);
    }

    /// Adds contents of files of prompts in place, under labels.
    pub fn label_contents(&self, contents: Contents) {
        self.labels.add_contents(contents);
    }

    /// Whether a path is a label of a file in Git history.
    pub fn is_label(&self, path: &str) -> bool {
        self.labels.has(path)
    }

    /// Whether a path is in the scope of the tree.
    fn is_within(&self, path: &str) -> bool {
        self.only.as_ref().is_none_or(|only| covers(only, path))
    }

    /// Whether a file exists.
    pub fn has(&self, path: &str) -> bool {
        if !self.is_within(path) {
            return false;
        }
        if let Some(laid) = self.overlay.get(path) {
            return laid.is_some();
        }
        match &self.store {
            TreeStore::Disk(disk) => disk.has(path),
            TreeStore::Commit(revision) => {
                revision.files().get(path).is_some_and(|file| file.size.is_some())
            }
            TreeStore::Memory(files) => files.contains_key(path),
        }
    }

    /// Returns a path of the tree in the form for users.
    pub fn display_path(&self, path: &str) -> String {
        let root = self.root.to_string_lossy().replace('\\', "/");
        let root = root.trim_start_matches("./").trim_end_matches('/');
        if root.is_empty() || root == "." { path.to_owned() } else { format!("{root}/{path}") }
    }

    /// Lists all files, without reading them and without following links. Folders whose names begin
    /// with `.` or `_` are skipped.
    pub fn listing(&self) -> Result<Listing> {
        self.stamped_listing(None)
    }

    /// Lists all files. Files that did not change after `clock` get a stamp.
    pub fn stamped_listing(&self, clock: Option<FileClock>) -> Result<Listing> {
        let mut listing = match (&self.store, &self.only) {
            (TreeStore::Disk(disk), Some(only)) => disk.list_some(only, clock)?,
            (TreeStore::Disk(disk), None) => disk.list(clock)?,
            (TreeStore::Commit(revision), _) => self.limit_to_scope(revision.entries("")),
            (TreeStore::Memory(files), _) => self.limit_to_scope(entries(files, "")),
        };
        lay_over(&self.overlay, &mut listing, |path| self.is_within(path));
        Ok(listing)
    }

    fn limit_to_scope(&self, entries: impl Iterator<Item = (String, TreeEntry)>) -> Listing {
        entries.filter(|(path, _)| self.is_within(path)).collect()
    }

    /// Surveys the files of one prompt, without listing the rest of the tree.
    pub fn survey(&self, name: &PromptName) -> Result<Survey> {
        let (folder, document) = (format!("{name}/"), format!("{name}.md"));
        let mut listing = match &self.store {
            TreeStore::Disk(disk) => self.limit_to_scope(disk.list_prompt(name)?.into_iter()),
            TreeStore::Commit(revision) => self.limit_to_scope(revision.prompt_entries(name)),
            TreeStore::Memory(files) => {
                let own = entries(files, &document).filter(|(path, _)| *path == document);
                self.limit_to_scope(entries(files, &folder).chain(own))
            }
        };
        lay_over(&self.overlay, &mut listing, |path| {
            (path.starts_with(&folder) || path == document) && self.is_within(path)
        });
        Ok(survey(&listing))
    }

    /// Lists the files of one prompt. Versions from Git history are not included.
    pub fn prompt_files(&self, name: &PromptName) -> Result<Option<PromptFiles>> {
        Ok(self.survey(name)?.prompts.remove(name))
    }

    /// Reads one file as text for display. Bytes that are not UTF-8 are replaced, one by one.
    pub fn read_source(&self, path: &str) -> Result<SourceFile> {
        Ok(SourceFile::lossy(path, &self.read(path)?))
    }

    /// Reads the files of a prompt.
    pub fn read_prompt_files(&self, files: &PromptFiles) -> Result<Contents> {
        self.read_all(files.paths())
    }

    /// Reads files. Those from Git history are read in one batch.
    pub fn read_all(&self, paths: Vec<String>) -> Result<Contents> {
        let mut contents = Contents::new();
        let (mut labels, mut stored) = (Vec::new(), Vec::with_capacity(paths.len()));
        for path in paths {
            if self.labels.has(&path) {
                labels.push(path);
            } else if let Some(laid) = self.overlay_file(&path)? {
                contents.insert(path, laid.to_owned());
            } else {
                stored.push(path);
            }
        }
        if !labels.is_empty() {
            contents.append(&mut self.labels.read(labels)?);
        }
        match &self.store {
            TreeStore::Disk(disk) => {
                for path in stored {
                    let bytes = disk.read(&path)?;
                    contents.insert(path, bytes);
                }
            }
            TreeStore::Commit(revision) => {
                let read = revision.read(&stored)?;
                contents.extend(stored.into_iter().zip(read));
            }
            TreeStore::Memory(files) => {
                for path in stored {
                    let bytes =
                        files.get(&path).ok_or_else(|| self.missing_file_error(&path))?.clone();
                    contents.insert(path, bytes);
                }
            }
        }
        Ok(contents)
    }

    /// Reads one file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        if self.labels.has(path) {
            let label = path.to_owned();
            return Ok(self.labels.read(vec![label])?.remove(path).unwrap_or_default());
        }
        if let Some(laid) = self.overlay_file(path)? {
            return Ok(laid.to_owned());
        }
        match &self.store {
            TreeStore::Disk(disk) => disk.read(path),
            TreeStore::Commit(revision) => {
                Ok(revision.read(&[path.to_owned()])?.pop().unwrap_or_default())
            }
            TreeStore::Memory(files) => {
                files.get(path).cloned().ok_or_else(|| self.missing_file_error(path))
            }
        }
    }

    /// Returns the overlay's contents of a path, or `None` if the overlay does not have the path. A
    /// path that the overlay hides is an error.
    fn overlay_file(&self, path: &str) -> Result<Option<&[u8]>> {
        if !self.is_within(path) {
            return Err(self.missing_file_error(path));
        }
        match self.overlay.get(path) {
            Some(Some(laid)) => Ok(Some(laid)),
            Some(None) => Err(self.missing_file_error(path)),
            None => Ok(None),
        }
    }

    fn missing_file_error(&self, path: &str) -> Error {
        Error::NoFile { path: self.display_path(path) }
    }

    /// Writes a file that must not exist.
    pub fn write_new(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.writable(path)?.write_new(path, bytes)
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<()> {
        self.writable(path)?.remove(path)
    }

    /// Replaces a file atomically, so that an interrupted command leaves the old or the new file.
    pub fn replace(&self, path: &str, text: impl AsRef<[u8]>) -> Result<()> {
        self.writable(path)?.replace(path, text.as_ref())
    }

    /// Takes away that a file can be executed.
    pub fn make_plain(&self, path: &str) -> Result<()> {
        self.writable(path)?.make_plain(path)
    }

    /// Returns the folder to write a file to. A tree that is not read directly from disk would not
    /// show the written file, so it returns an error.
    fn writable(&self, path: &str) -> Result<&Disk> {
        match &self.store {
            TreeStore::Disk(disk) if self.overlay.is_empty() && self.is_within(path) => Ok(disk),
            _ => Err(Error::NotWritable { path: self.display_path(path) }),
        }
    }
}

/// Lists the files of a map whose paths begin with `below`.
fn entries<'f>(
    files: &'f BTreeMap<String, Vec<u8>>,
    below: &str,
) -> impl Iterator<Item = (String, TreeEntry)> + use<'f> {
    let start = below.to_owned();
    files
        .range(start.clone()..)
        .take_while(move |(path, _)| path.starts_with(&start))
        .filter(|(path, _)| is_read(path))
        .map(|(path, bytes)| (path.clone(), TreeEntry::file(bytes.len() as u64)))
}
