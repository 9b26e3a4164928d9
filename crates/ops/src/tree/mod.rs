//! A tree of prompts: its listing, and the contents of one prompt at a time.
//!
//! A tree is on disk, as of a commit, or in memory. Each of them can be read with files laid over it that are
//! not there, and as a part: every way of reading says the same of these, wherever the tree is.

mod disk;
mod labels;
mod overlay;
mod read_cache;
pub mod repository;
pub mod revision;
pub mod stamp;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_core::source::SourceFile;
use promptdex_core::tree::{Contents, Listing, PromptFiles, Survey, TreeEntry, is_read, survey};
use promptdex_history::{Git, Oid};
use promptdex_wire::PromptName;

use self::disk::Disk;
pub use self::disk::below;
use self::labels::Labels;
pub use self::overlay::Overlay;
use self::overlay::{covers, lay_over};
use crate::error::{Error, Result};
use crate::tree::revision::{Revision, find};
use crate::tree::stamp::FileClock;

/// A folder of prompts.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Where it is, or would be as of the commit; empty for one in memory.
    root: PathBuf,
    store: TreeStore,
    /// What commits have of prompts that are edited in place.
    labels: Arc<Labels>,
    /// Files that are read as if they were there like this; what is none is read as if it were not there.
    overlay: Arc<Overlay>,
    /// The only paths that there are, with what is below them; without, all of them.
    only: Option<Arc<BTreeSet<String>>>,
}

/// Where the files of a tree are.
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
    /// Opens a tree on disk; it must be a folder.
    pub fn open(root: &Path) -> Result<Self> {
        if root.is_dir() {
            return Ok(Self::of(root, TreeStore::Disk(Disk::new(root))));
        }
        Err(Error::NoTree { root: root.to_owned() })
    }

    /// Opens a tree as of a commit, if one is named.
    pub fn at(root: &Path, revision: Option<&str>) -> Result<Self> {
        match revision {
            Some(revision) => Ok(Self::of_commit(root, Revision::open(root, revision)?)),
            None => Self::open(root),
        }
    }

    /// Takes the tree that a commit has in `root`.
    pub fn of_commit(root: &Path, revision: Revision) -> Self {
        Self::of(root, TreeStore::Commit(Arc::new(revision)))
    }

    /// Takes the files of a tree, by path. It is in no repository.
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

    /// Returns the tree with everything that is read of it kept in memory, so that each file is read once however
    /// often the tree is looked at, and is the same every time.
    #[must_use]
    pub fn read_once(mut self) -> Self {
        self.store = match self.store {
            TreeStore::Disk(disk) => TreeStore::Disk(disk.cached()),
            store @ (TreeStore::Commit(_) | TreeStore::Memory(_)) => store,
        };
        self
    }

    /// Returns the tree with nothing but some paths and what is below them.
    #[must_use]
    pub fn only(mut self, paths: BTreeSet<String>) -> Self {
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

    /// Returns the tree as it would be with these files. They are laid over what is laid over it already.
    #[must_use]
    pub fn with(&self, files: Overlay) -> Self {
        let mut overlay = Overlay::clone(&self.overlay);
        overlay.extend(files);
        Self { overlay: Arc::new(overlay), labels: Arc::default(), ..self.clone() }
    }

    /// Returns the folder as it was named, for people to know the tree by; that of a tree in memory is empty.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder that a tree is in, or was in as of a commit. One in memory is in none.
    pub fn folder(&self) -> Option<&Path> {
        match &self.store {
            TreeStore::Disk(_) | TreeStore::Commit(_) => Some(&self.root),
            TreeStore::Memory(_) => None,
        }
    }

    /// Returns the commit as of which the tree is read; files that are laid over it are not in the commit.
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

    /// Takes what the repository has of prompts that are edited in place, by labels that no file has.
    pub fn label(&self, git: &Git, ids: BTreeMap<String, Oid>) {
        self.labels.add_objects(git, ids);
    }

    /// Takes contents of prompts that are edited in place, by labels that no file has.
    pub fn label_contents(&self, contents: Contents) {
        self.labels.add_contents(contents);
    }

    /// Whether a path is a label of what a commit has.
    pub fn is_label(&self, path: &str) -> bool {
        self.labels.has(path)
    }

    /// Whether a path belongs to the tree, and not only to what it is a part of.
    fn is_within(&self, path: &str) -> bool {
        self.only.as_ref().is_none_or(|only| covers(only, path))
    }

    /// Whether there is a file.
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

    /// Returns how a path of the tree is shown to people.
    pub fn shown(&self, path: &str) -> String {
        let root = self.root.to_string_lossy().replace('\\', "/");
        let root = root.trim_start_matches("./").trim_end_matches('/');
        if root.is_empty() || root == "." { path.to_owned() } else { format!("{root}/{path}") }
    }

    /// Lists all files, without reading them and without following links. What is in folders whose names
    /// begin with `.` or `_` is left out.
    pub fn listing(&self) -> Result<Listing> {
        self.stamped_listing(None)
    }

    /// Lists all files, and stamps those that were not changed after `clock`.
    pub fn stamped_listing(&self, clock: Option<FileClock>) -> Result<Listing> {
        let mut listing = match (&self.store, &self.only) {
            (TreeStore::Disk(disk), Some(only)) => disk.list_some(only, clock)?,
            (TreeStore::Disk(disk), None) => disk.list(clock)?,
            (TreeStore::Commit(revision), _) => self.within(revision.entries("")),
            (TreeStore::Memory(files), _) => self.within(entries(files, "")),
        };
        lay_over(&self.overlay, &mut listing, |path| self.is_within(path));
        Ok(listing)
    }

    fn within(&self, entries: impl Iterator<Item = (String, TreeEntry)>) -> Listing {
        entries.filter(|(path, _)| self.is_within(path)).collect()
    }

    /// Looks at the files of one prompt, and nothing else.
    pub fn survey(&self, name: &PromptName) -> Result<Survey> {
        let (folder, document) = (format!("{name}/"), format!("{name}.md"));
        let mut listing = match &self.store {
            TreeStore::Disk(disk) => self.within(disk.list_prompt(name)?.into_iter()),
            TreeStore::Commit(revision) => self.within(revision.prompt_entries(name)),
            TreeStore::Memory(files) => {
                let own = entries(files, &document).filter(|(path, _)| *path == document);
                self.within(entries(files, &folder).chain(own))
            }
        };
        lay_over(&self.overlay, &mut listing, |path| {
            (path.starts_with(&folder) || path == document) && self.is_within(path)
        });
        Ok(survey(&listing))
    }

    /// Lists the files of one prompt; the versions of one that is edited in place are not among them.
    pub fn prompt_files(&self, name: &PromptName) -> Result<Option<PromptFiles>> {
        Ok(self.survey(name)?.prompts.remove(name))
    }

    /// Reads one file as text to show; bytes that are not UTF-8 are replaced.
    pub fn source(&self, path: &str) -> Result<SourceFile> {
        let bytes = self.read(path)?;
        Ok(SourceFile::new(path, String::from_utf8_lossy(&bytes)))
    }

    /// Reads the files of a prompt.
    pub fn contents(&self, files: &PromptFiles) -> Result<Contents> {
        self.read_all(files.paths())
    }

    /// Reads files, those that commits have together.
    pub fn read_all(&self, paths: Vec<String>) -> Result<Contents> {
        let mut contents = Contents::new();
        let (mut labels, mut stored) = (Vec::new(), Vec::with_capacity(paths.len()));
        for path in paths {
            if self.labels.has(&path) {
                labels.push(path);
            } else if let Some(laid) = self.laid_over(&path)? {
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
                    let bytes = files.get(&path).ok_or_else(|| self.missing(&path))?.clone();
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
        if let Some(laid) = self.laid_over(path)? {
            return Ok(laid.to_owned());
        }
        match &self.store {
            TreeStore::Disk(disk) => disk.read(path),
            TreeStore::Commit(revision) => {
                Ok(revision.read(&[path.to_owned()])?.pop().unwrap_or_default())
            }
            TreeStore::Memory(files) => files.get(path).cloned().ok_or_else(|| self.missing(path)),
        }
    }

    /// Returns what is laid over a path, if anything is; there must be a file then.
    fn laid_over(&self, path: &str) -> Result<Option<&[u8]>> {
        if !self.is_within(path) {
            return Err(self.missing(path));
        }
        match self.overlay.get(path) {
            Some(Some(laid)) => Ok(Some(laid)),
            Some(None) => Err(self.missing(path)),
            None => Ok(None),
        }
    }

    fn missing(&self, path: &str) -> Error {
        Error::NoFile { path: self.shown(path) }
    }

    /// Writes a file that must not be there.
    pub fn write_new(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.writable(path)?.write_new(path, bytes)
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<()> {
        self.writable(path)?.remove(path)
    }

    /// Replaces a file as a whole: it is the old or the new one, whenever the command ends.
    pub fn replace(&self, path: &str, text: impl AsRef<[u8]>) -> Result<()> {
        self.writable(path)?.replace(path, text.as_ref())
    }

    /// Returns the folder that a file is written to. A tree that is read otherwise than it stands there would
    /// not show what was written.
    fn writable(&self, path: &str) -> Result<&Disk> {
        match &self.store {
            TreeStore::Disk(disk) if self.overlay.is_empty() && self.is_within(path) => Ok(disk),
            _ => Err(Error::NotWritable { path: self.shown(path) }),
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
