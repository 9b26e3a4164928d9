//! The store of a published registry: a folder or memory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_wire::{Chain, RegistryPath, VersionDocument};

use super::files::{Files, chains, list_files, read_published};
use crate::error::Result;

/// The place where the files of a published registry are stored.
#[derive(Debug)]
pub(super) enum RegistryStore {
    /// In a folder.
    Folder(PathBuf),
    /// In memory.
    Memory(Arc<Files>),
}

impl RegistryStore {
    /// Lists the chains of the registry.
    pub(super) fn chains(&self) -> Result<Vec<Chain>> {
        match self {
            Self::Folder(folder) => chains(folder),
            Self::Memory(files) => {
                // A chain has a pointer, and releases.
                let chains = files.keys().filter_map(|path| match path {
                    RegistryPath::Pointer(chain)
                    | RegistryPath::Release(chain, _)
                    | RegistryPath::ReleasePack(chain, _) => Some(chain.clone()),
                    _ => None,
                });
                Ok(chains.collect::<BTreeSet<_>>().into_iter().collect())
            }
        }
    }

    /// Reads a file, if it exists.
    pub(super) fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => read_published(folder, path),
            Self::Memory(files) => Ok(files.get(path).cloned()),
        }
    }

    /// Whether a file begins as a version document and has the given size, without reading more of it.
    pub(super) fn is_version_document(&self, path: &RegistryPath, size: u64) -> bool {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(path.to_string());
                fs::symlink_metadata(&file)
                    .is_ok_and(|found| found.is_file() && found.len() == size)
                    && begins_as_version_document(&file)
            }
            Self::Memory(files) => files.get(path).is_some_and(|bytes| {
                bytes.len() as u64 == size && bytes.starts_with(VersionDocument::START)
            }),
        }
    }

    /// Whether a file exists and is not a link.
    pub(super) fn is_file(&self, path: &RegistryPath) -> bool {
        match self {
            Self::Folder(folder) => fs::symlink_metadata(folder.join(path.to_string()))
                .is_ok_and(|metadata| metadata.is_file()),
            Self::Memory(files) => files.contains_key(path),
        }
    }

    /// Lists the published files in a folder of the registry.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<RegistryPath>> {
        match self {
            Self::Folder(root) => list_files(root, folder),
            Self::Memory(files) => {
                let is_below = |path: &&RegistryPath| {
                    let path = path.to_string();
                    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
                };
                Ok(files.keys().filter(is_below).cloned().collect())
            }
        }
    }
}

fn begins_as_version_document(file: &Path) -> bool {
    let mut start = [0; VersionDocument::START.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == VersionDocument::START
}
