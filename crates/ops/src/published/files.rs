//! Reads the files of a registry in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use promptdex_core::published_registry::CorruptFile;
use promptdex_wire::{Chain, RegistryPath};
use walkdir::WalkDir;

use crate::error::{Context as _, Result};
use crate::tree::relative_path;

/// The files of a registry in memory, keyed by published path.
pub type Files = BTreeMap<RegistryPath, Vec<u8>>;

/// Larger files are refused. Even the list of changes in the first release of a million prompts is
/// smaller.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// Reads a published file, if it exists.
pub fn read_published(folder: &Path, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
    let file = folder.join(path.to_string());
    if fs::metadata(&file).is_ok_and(|metadata| metadata.len() > MAX_FILE) {
        let problem = "is larger than the size limit of a registry file".to_owned();
        return Err(CorruptFile { path: path.clone(), problem }.into());
    }
    read(&file)
}

/// Lists the chains of the registry in a folder.
pub fn chains(folder: &Path) -> Result<Vec<Chain>> {
    let folder = folder.join("api/environments");
    let context = || format!("cannot list `{}`", folder.display());
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    // A chain has a pointer, and a folder with its releases.
    let mut chains = BTreeSet::new();
    for entry in entries {
        let name = entry.with_context(context)?.file_name();
        let name = name.to_string_lossy();
        chains.extend(name.strip_suffix(".json").unwrap_or(&name).parse::<Chain>().ok());
    }
    Ok(chains.into_iter().collect())
}

/// Reads a file, if it exists.
pub fn read(file: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// Lists the published files in a folder of a registry.
pub fn list_files(registry: &Path, folder: &str) -> Result<Vec<RegistryPath>> {
    let root = registry.join(folder);
    let mut found = Vec::new();
    if !root.is_dir() {
        return Ok(found);
    }
    for entry in WalkDir::new(&root) {
        let entry = entry.with_context(|| format!("cannot list `{}`", root.display()))?;
        if !entry.file_type().is_dir() {
            found.extend(RegistryPath::parse(&relative_path(registry, entry.path())));
        }
    }
    Ok(found)
}
