//! The tree on disk: its listing, and the contents of one prompt at a time.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use promptdex_core::source::Source;
use promptdex_core::tree::{Contents, Entry, Listing, PromptFiles, is_ignored_folder, survey};
use promptdex_wire::PromptName;
use walkdir::WalkDir;

use crate::error::Failure;

/// A folder of prompts.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Opens a tree; it must be a folder.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        if root.is_dir() {
            return Ok(Self { root: root.to_owned() });
        }
        let message = format!("there is no folder `{}`", root.display());
        Err(Failure::new(
            message,
            "`promptdex init` starts one; another folder is named with `--root DIR`",
        )
        .into())
    }

    /// Returns the folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns how a path of the tree is shown to people.
    pub(crate) fn shown(&self, path: &str) -> String {
        let root = self.root.to_string_lossy().replace('\\', "/");
        let root = root.trim_start_matches("./").trim_end_matches('/');
        if root.is_empty() || root == "." { path.to_owned() } else { format!("{root}/{path}") }
    }

    /// Lists all files, without reading them and without following links.
    pub(crate) fn listing(&self) -> anyhow::Result<Listing> {
        self.listing_below(&self.root)
    }

    /// Lists the files of one prompt, and nothing else.
    pub(crate) fn prompt_files(&self, name: &PromptName) -> anyhow::Result<Option<PromptFiles>> {
        let folder = self.root.join(name.as_str());
        if !folder.is_dir() {
            return Ok(None);
        }
        Ok(survey(&self.listing_below(&folder)?).prompts.remove(name))
    }

    fn listing_below(&self, folder: &Path) -> anyhow::Result<Listing> {
        let mut listing = Listing::new();
        let walk = WalkDir::new(folder).follow_links(false).into_iter().filter_entry(|entry| {
            entry.depth() == 0
                || !(entry.file_type().is_dir()
                    && is_ignored_folder(&entry.file_name().to_string_lossy()))
        });
        for entry in walk {
            let entry = entry.with_context(|| format!("cannot list `{}`", folder.display()))?;
            if entry.file_type().is_dir() {
                continue;
            }
            let below = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
            let segments: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            let path = segments.join("/");
            let what = if entry.file_type().is_file() {
                let metadata = entry
                    .metadata()
                    .with_context(|| format!("cannot look at `{}`", entry.path().display()))?;
                Entry::File(metadata.len())
            } else {
                Entry::Other
            };
            listing.insert(path, what);
        }
        Ok(listing)
    }

    /// Reads one file as text to show; bytes that are not UTF-8 are replaced.
    pub(crate) fn source(&self, path: &str) -> anyhow::Result<Source> {
        let bytes = self.read(path)?;
        Ok(Source::new(path, String::from_utf8_lossy(&bytes)))
    }

    /// Reads the files of a prompt.
    pub(crate) fn contents(&self, files: &PromptFiles) -> anyhow::Result<Contents> {
        files.paths().into_iter().map(|path| self.read(&path).map(|bytes| (path, bytes))).collect()
    }

    /// Reads one file.
    pub(crate) fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let full = self.root.join(path);
        let read = |file: &Path| -> io::Result<Vec<u8>> { std::fs::read(file) };
        read(&full).with_context(|| format!("cannot read `{}`", full.display()))
    }
}
