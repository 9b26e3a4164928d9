//! The tree, on disk or as of a commit: its listing, and the contents of one prompt at a time.

pub mod repository;
pub mod revision;
pub mod stamp;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use promptdex_core::source::Source;
use promptdex_core::tree::{
    Contents, Entry, Listing, PromptFiles, Survey, is_ignored_folder, survey,
};
use promptdex_history::{Git, Oid};
use promptdex_wire::PromptName;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::error::{Context as _, Error, Result};
use crate::tree::revision::{Blobs, Revision};
use crate::tree::stamp::Clock;

/// Returns a path below a folder as trees and registries write it, with `/`.
pub fn below(folder: &Path, path: &Path) -> String {
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

/// Describes what stands at a path.
fn entry(metadata: &fs::Metadata, clock: Option<Clock>) -> Entry {
    if !metadata.is_file() {
        return Entry::Other;
    }
    let stamp = clock.and_then(|clock| clock.stamp(metadata));
    Entry::File { size: metadata.len(), stamp }
}

/// Whether there is nothing at a path.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// A folder of prompts.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    /// The commit as of which it is read, instead of the files on disk.
    revision: Option<Arc<Revision>>,
    /// What commits have of prompts that are edited in place.
    committed: Arc<Committed>,
    /// Files that are read as if they were there like this; what is none is read as if it were not there.
    overlay: Arc<Overlay>,
    /// The only paths that are listed, with what is below them; without, all of them.
    only: Option<Arc<BTreeSet<String>>>,
}

/// Files that are going to be written, and those that are going to be removed.
pub type Overlay = BTreeMap<String, Option<Vec<u8>>>;

/// Contents of commits, by labels that no file has.
#[derive(Debug, Default)]
struct Committed {
    blobs: OnceLock<Blobs>,
    ids: RwLock<BTreeMap<String, Oid>>,
}

impl Committed {
    fn ids(&self) -> RwLockReadGuard<'_, BTreeMap<String, Oid>> {
        self.ids.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    /// Opens a tree; it must be a folder.
    pub fn open(root: &Path) -> Result<Self> {
        if root.is_dir() {
            return Ok(Self::of(root, None));
        }
        Err(Error::NoTree { root: root.to_owned() })
    }

    /// Opens a tree as of a commit, if one is named.
    pub fn at(root: &Path, revision: Option<&str>) -> Result<Self> {
        let Some(revision) = revision else { return Self::open(root) };
        let revision = Arc::new(Revision::open(root, revision)?);
        Ok(Self::of(root, Some(revision)))
    }

    fn of(root: &Path, revision: Option<Arc<Revision>>) -> Self {
        Self {
            root: root.to_owned(),
            revision,
            committed: Arc::default(),
            overlay: Arc::default(),
            only: None,
        }
    }

    /// Returns a tree of which only some paths are listed, with what is below them. That of a commit is
    /// listed so already.
    pub fn part(root: &Path, revision: Option<Revision>, paths: Option<BTreeSet<String>>) -> Self {
        Self { only: paths.map(Arc::new), ..Self::of(root, revision.map(Arc::new)) }
    }

    /// Returns the tree as it would be with these files.
    pub fn with(&self, overlay: Overlay) -> Self {
        Self { overlay: Arc::new(overlay), committed: Arc::default(), ..self.clone() }
    }

    /// Lists files as they would be.
    fn lay_over(&self, listing: &mut Listing, is_listed: impl Fn(&str) -> bool) {
        for (path, bytes) in self.overlay.iter().filter(|(path, _)| is_listed(path)) {
            match bytes {
                Some(bytes) => {
                    listing.insert(path.clone(), Entry::file(bytes.len() as u64));
                }
                None => {
                    listing.remove(path);
                }
            }
        }
    }

    /// Returns the commit as of which it is read.
    pub fn revision(&self) -> Option<&Revision> {
        self.revision.as_deref()
    }

    /// Takes what commits have of prompts that are edited in place.
    pub fn label(&self, git: &Git, mut ids: BTreeMap<String, Oid>) {
        self.committed.blobs.get_or_init(|| Blobs::new(git.clone()));
        let mut known = self.committed.ids.write().unwrap_or_else(PoisonError::into_inner);
        known.append(&mut ids);
    }

    /// Whether a path is a label of what a commit has.
    pub fn is_label(&self, path: &str) -> bool {
        self.committed.ids().contains_key(path)
    }

    /// Whether there is a file.
    pub fn has(&self, path: &str) -> bool {
        if let Some(laid) = self.overlay.get(path) {
            return laid.is_some();
        }
        match &self.revision {
            Some(revision) => revision.files().get(path).is_some_and(|file| file.size.is_some()),
            None => self.root.join(path).is_file(),
        }
    }

    /// Returns the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns how a path of the tree is shown to people.
    pub fn shown(&self, path: &str) -> String {
        let root = self.root.to_string_lossy().replace('\\', "/");
        let root = root.trim_start_matches("./").trim_end_matches('/');
        if root.is_empty() || root == "." { path.to_owned() } else { format!("{root}/{path}") }
    }

    /// Lists all files, without reading them and without following links.
    pub fn listing(&self) -> Result<Listing> {
        self.stamped_listing(None)
    }

    /// Does the same, and stamps the files that were not changed after `clock`.
    pub fn stamped_listing(&self, clock: Option<Clock>) -> Result<Listing> {
        if let Some(revision) = &self.revision {
            return Ok(revision.entries("").collect());
        }
        if let Some(only) = &self.only {
            let mut listed = Vec::new();
            for path in only.iter() {
                let full = self.root.join(path);
                match fs::symlink_metadata(&full) {
                    Ok(metadata) if metadata.is_dir() => {
                        self.walk(&full, usize::MAX, clock, &mut listed)?;
                    }
                    Ok(metadata) => listed.push((path.clone(), entry(&metadata, clock))),
                    Err(error) if is_absent(&error) => {}
                    Err(error) => {
                        let action = format!("cannot look at `{}`", full.display());
                        return Err(Error::Io { action, source: error });
                    }
                }
            }
            return Ok(listed.into_iter().collect());
        }
        // Each folder near the root is walked by itself, on all cores.
        let mut listed = Vec::new();
        let mut folders = vec![self.root.clone()];
        for _ in 0..2 {
            let mut below = Vec::new();
            for folder in &folders {
                below.append(&mut self.walk(folder, 1, clock, &mut listed)?);
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
            listed.append(&mut part?);
        }
        let mut listing = listed.into_iter().collect();
        self.lay_over(&mut listing, |_| true);
        Ok(listing)
    }

    /// Looks at the files of one prompt, and nothing else.
    pub fn survey(&self, name: &PromptName) -> Result<Survey> {
        if let Some(revision) = &self.revision {
            return Ok(revision.survey(name));
        }
        let (folder, document) = (format!("{name}/"), format!("{name}.md"));
        let mut listed = Vec::new();
        let root = self.root.join(name.as_str());
        if root.is_dir() {
            self.walk(&root, usize::MAX, None, &mut listed)?;
        }
        if let Ok(metadata) = fs::symlink_metadata(self.root.join(&document))
            && metadata.is_file()
        {
            listed.push((document.clone(), Entry::file(metadata.len())));
        }
        let mut listing = listed.into_iter().collect();
        self.lay_over(&mut listing, |path| path.starts_with(&folder) || path == document);
        Ok(survey(&listing))
    }

    /// Lists the files of one prompt; the versions of one that is edited in place are not among them.
    pub fn prompt_files(&self, name: &PromptName) -> Result<Option<PromptFiles>> {
        Ok(self.survey(name)?.prompts.remove(name))
    }

    /// Lists the files below a folder, down to a depth, and returns the folders there.
    fn walk(
        &self,
        folder: &Path,
        depth: usize,
        clock: Option<Clock>,
        listed: &mut Vec<(String, Entry)>,
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
            let path = below(&self.root, entry.path());
            let metadata = entry
                .metadata()
                .with_context(|| format!("cannot look at `{}`", entry.path().display()))?;
            listed.push((path, self::entry(&metadata, clock)));
        }
        Ok(folders)
    }

    /// Reads one file as text to show; bytes that are not UTF-8 are replaced.
    pub fn source(&self, path: &str) -> Result<Source> {
        let bytes = self.read(path)?;
        Ok(Source::new(path, String::from_utf8_lossy(&bytes)))
    }

    /// Reads the files of a prompt.
    pub fn contents(&self, files: &PromptFiles) -> Result<Contents> {
        self.read_all(files.paths())
    }

    /// Reads files, those that commits have together.
    pub fn read_all(&self, paths: Vec<String>) -> Result<Contents> {
        let (labelled, paths): (Vec<String>, Vec<String>) =
            paths.into_iter().partition(|path| self.is_label(path));
        let mut contents = Contents::new();
        if let Some(blobs) = self.committed.blobs.get().filter(|_| !labelled.is_empty()) {
            let known = self.committed.ids();
            let ids: Vec<Oid> =
                labelled.iter().filter_map(|path| known.get(path)).copied().collect();
            drop(known);
            contents.extend(labelled.into_iter().zip(blobs.read(&ids)?));
        }
        if let Some(revision) = &self.revision {
            let read = revision.read(&paths)?;
            contents.extend(paths.into_iter().zip(read));
            return Ok(contents);
        }
        for path in paths {
            let bytes = self.read(&path)?;
            contents.insert(path, bytes);
        }
        Ok(contents)
    }

    /// Reads one file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        if self.is_label(path) {
            return Ok(self.read_all(vec![path.to_owned()])?.remove(path).unwrap_or_default());
        }
        if let Some(revision) = &self.revision {
            return Ok(revision.read(&[path.to_owned()])?.pop().unwrap_or_default());
        }
        if let Some(Some(laid)) = self.overlay.get(path) {
            return Ok(laid.clone());
        }
        let full = self.root.join(path);
        fs::read(&full).with_context(|| format!("cannot read `{}`", full.display()))
    }

    /// Writes a file that must not be there.
    pub fn write_new(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make `{}`", parent.display()))?;
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(bytes))
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<()> {
        let path = self.root.join(path);
        fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))
    }

    /// Replaces a file as a whole: it is the old or the new one, whenever the command ends.
    pub fn replace(&self, path: &str, text: impl AsRef<[u8]>) -> Result<()> {
        let path = self.root.join(path);
        let context = || format!("cannot write `{}`", path.display());
        let parent = path.parent().unwrap_or(&self.root);
        let file = tempfile::NamedTempFile::new_in(parent).with_context(context)?;
        fs::write(file.path(), text).with_context(context)?;
        if let Ok(metadata) = fs::metadata(&path) {
            fs::set_permissions(file.path(), metadata.permissions()).with_context(context)?;
        }
        file.persist(&path).map(drop).with_context(context)
    }
}
