//! The output of a build.
//!
//! A new registry is written into a sibling folder and swapped in, so that a reader sees either the
//! old or the new registry. A build that continues the registry in the output folder works in
//! place, in an order in which no file names a missing one. A preview is rebuilt repeatedly, and
//! only the server of the same process reads it. A registry can also be written into memory.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_publish::{Plan, UNDER_WAY, files, lock};
use promptdex_wire::{Chain, Page, PromptName, RegistryPath, Release, json};

use self::ownership::is_site;
use crate::error::{Context as _, Result, TargetError};
use crate::published::PreviousRegistry;
use crate::published::files::{chains, list_files, read};
pub use in_memory::InMemory;
pub use incremental::IncrementalOutput;
pub use preview::{OwnedFiles, Preview, PreviewUpdate};
pub use swap::SwapFolder;

/// A file of a published folder: the last commit that was published and that no release names.
pub const LAST_COMMIT: &str = ".promptdex-published.json";

#[cfg(test)]
mod crash;
mod in_memory;
mod incremental;
mod ownership;
mod preview;
mod swap;

/// The files of a build until it is committed as the output.
#[derive(Debug)]
pub enum Staging {
    /// The whole output is rewritten, in a sibling folder.
    Beside(SwapFolder),
    /// Only changed files are written, into the output itself.
    InPlace(IncrementalOutput),
    /// Only changed files are written, into a folder that no other process reads.
    Preview(Arc<Preview>),
    /// The whole output is rewritten, in memory.
    InMemory(Arc<InMemory>),
}

impl Staging {
    /// Starts a build of the tree in `tree` into `target`. The build works in place if it continues
    /// the registry in `target`; otherwise, it writes a sibling folder. Only an empty folder or a
    /// registry is ever replaced.
    pub fn start(target: &Path, tree: Option<&Path>, previous: Option<&Path>) -> Result<Self> {
        let target = std::path::absolute(target)
            .with_context(|| format!("cannot find `{}`", target.display()))?;
        // If the path is a link, its destination is replaced, not the link.
        let target = canonical_path(&target);
        if let Some(tree) = tree {
            check_place(&target, tree)?;
        }
        check_registry(&target)?;
        let locked = lock(&target)?;
        match previous.map(canonical_path) {
            Some(previous) if previous == target => {
                IncrementalOutput::start(target, locked).map(Self::InPlace)
            }
            previous => {
                check_own(&target)?;
                if let Some(previous) = previous {
                    check_apart(&target, &previous)?;
                }
                SwapFolder::start(target, locked).map(Self::Beside)
            }
        }
    }

    /// Whether an interrupted build was completed first.
    pub fn has_recovered(&self) -> bool {
        match self {
            Self::Beside(_) | Self::Preview(_) | Self::InMemory(_) => false,
            Self::InPlace(in_place) => in_place.has_recovered(),
        }
    }

    /// Returns a folder on the disk of the output, for temporary files without a name.
    pub fn temporary_folder(&self) -> PathBuf {
        match self {
            Self::Beside(beside) => beside.folder().to_owned(),
            Self::InPlace(in_place) => in_place.folder().to_owned(),
            Self::Preview(preview) => preview.folder(),
            Self::InMemory(_) => std::env::temp_dir(),
        }
    }

    /// Whether no other process reads the output.
    pub fn is_preview(&self) -> bool {
        matches!(self, Self::Preview(_))
    }

    /// Refuses to lose releases. A registry with more than its first releases is replaced only by
    /// one that continues it.
    pub fn check_history(&self, previous: Option<&PreviousRegistry>) -> Result<()> {
        match self {
            Self::Beside(beside) => check_history(beside.target(), previous),
            Self::InPlace(_) | Self::Preview(_) | Self::InMemory(_) => Ok(()),
        }
    }

    /// Writes a file.
    pub fn write(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Beside(beside) => beside.write(path, bytes),
            Self::InPlace(in_place) => in_place.write(path, bytes),
            Self::Preview(preview) => preview.write(path, bytes),
            Self::InMemory(memory) => {
                memory.write(path, bytes);
                Ok(())
            }
        }
    }

    /// Marks a file as unchanged. A file that is neither written nor marked is removed.
    pub fn keep(&self, path: RegistryPath) {
        match self {
            Self::Beside(_) | Self::InMemory(_) => {}
            Self::InPlace(in_place) => in_place.keep(path),
            Self::Preview(preview) => preview.keep(&path),
        }
    }

    /// Writes the replacement of a redacted document.
    pub fn redact(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Beside(beside) => beside.write(path, bytes),
            Self::InPlace(in_place) => in_place.replace(path, bytes),
            Self::Preview(preview) => preview.write(path, bytes),
            Self::InMemory(memory) => {
                memory.write(path, bytes);
                Ok(())
            }
        }
    }

    /// Removes files of a prompt that no build writes any more. `written` are all its current
    /// files, except for version documents that already existed.
    pub fn tidy<'p>(
        &self,
        prompt: &PromptName,
        written: impl IntoIterator<Item = &'p RegistryPath>,
    ) -> Result<()> {
        match self {
            Self::Beside(_) | Self::InMemory(_) => Ok(()),
            Self::InPlace(in_place) => in_place.tidy(prompt, written),
            Self::Preview(preview) => {
                preview.tidy(prompt, written);
                Ok(())
            }
        }
    }

    /// Sets the prompts that exist besides the compiled ones. Published files of all others stay in
    /// a registry, and are removed from a preview.
    pub fn retain(&self, unchanged: &BTreeSet<PromptName>) {
        match self {
            Self::Beside(_) | Self::InPlace(_) | Self::InMemory(_) => {}
            Self::Preview(preview) => preview.retain(unchanged),
        }
    }

    /// Whether any written file differs from the output.
    pub fn has_changes(&self) -> bool {
        match self {
            Self::Beside(_) | Self::InMemory(_) => true,
            Self::InPlace(in_place) => in_place.has_changes(),
            Self::Preview(preview) => preview.has_changes(),
        }
    }

    /// Removes the pages and their assets, because they would be out of date.
    pub fn remove_site(&self) -> Result<()> {
        match self {
            Self::Beside(_) | Self::Preview(_) | Self::InMemory(_) => Ok(()),
            Self::InPlace(in_place) => in_place.remove_site(),
        }
    }

    /// Removes a published file.
    pub fn remove(&self, path: RegistryPath) {
        match self {
            Self::Beside(_) | Self::Preview(_) | Self::InMemory(_) => {}
            Self::InPlace(in_place) => in_place.remove(path),
        }
    }

    /// Reads a file that was written or kept.
    pub fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Beside(beside) => read(&beside.file(path)),
            Self::InPlace(in_place) => in_place.read(path),
            Self::Preview(preview) => preview.read(path),
            Self::InMemory(memory) => Ok(memory.read(path)),
        }
    }

    /// Returns what [`commit`](Self::commit) will do.
    pub fn plan(&self) -> Result<Plan> {
        let paths = match self {
            Self::Beside(beside) => list_files(beside.folder(), "")?,
            Self::InPlace(in_place) => return in_place.plan(),
            Self::Preview(_) | Self::InMemory(_) => Vec::new(),
        };
        let mut plan = Plan::default();
        paths.into_iter().for_each(|path| plan.write(path));
        Ok(plan)
    }

    /// Returns the size of a file that was written.
    pub fn size(&self, path: &RegistryPath) -> Result<u64> {
        let file = match self {
            Self::Beside(beside) => beside.file(path),
            Self::InPlace(in_place) => in_place.staged_path(path),
            Self::Preview(_) | Self::InMemory(_) => return Ok(0),
        };
        let metadata = fs::metadata(&file);
        let metadata = metadata.with_context(|| format!("cannot read `{}`", file.display()))?;
        Ok(metadata.len())
    }

    /// Writes the record of a commit, [`LAST_COMMIT`]: into the output, or into what replaces it.
    pub fn record_commit(&self, bytes: &[u8]) -> Result<()> {
        let folder = match self {
            Self::Beside(beside) => beside.folder(),
            Self::InPlace(in_place) => in_place.folder(),
            Self::Preview(_) | Self::InMemory(_) => return Ok(()),
        };
        let file = folder.join(LAST_COMMIT);
        files::replace(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))
    }

    /// Installs the written files as the output.
    pub fn commit(self) -> Result<()> {
        match self {
            Self::Beside(beside) => beside.commit(),
            Self::InPlace(in_place) => in_place.commit(),
            Self::Preview(preview) => preview.commit().map(drop),
            Self::InMemory(memory) => {
                memory.commit();
                Ok(())
            }
        }
    }
}

fn canonical_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_absent| path.to_owned())
}

/// Refuses an output that contains the tree or is inside it, because a build would remove or read
/// itself.
fn check_place(target: &Path, tree: &Path) -> Result<()> {
    let (target, tree) = (canonical_path(target), canonical_path(tree));
    if target.starts_with(&tree) || tree.starts_with(&target) {
        return Err(TargetError::OverlapsTree { output: target, tree }.into());
    }
    Ok(())
}

/// Lists the entries of a folder. A missing folder has none.
fn list_entries(target: &Path) -> Result<Vec<String>> {
    let context = || format!("cannot access `{}`", target.display());
    let entries = match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().with_context(context)
}

/// Refuses to replace files that no build wrote.
fn check_own(target: &Path) -> Result<()> {
    let is_own = |name: &String| {
        ["api", UNDER_WAY, LAST_COMMIT].contains(&name.as_str())
            || (Page::ROOTS.contains(&name.as_str()) && is_site(target, name))
    };
    if let Some(other) = list_entries(target)?.into_iter().find(|name| !is_own(name)) {
        return Err(TargetError::Foreign { output: target.to_owned(), other }.into());
    }
    Ok(())
}

/// Refuses a folder that is not a registry.
fn check_registry(target: &Path) -> Result<()> {
    let is_there = |path: RegistryPath| target.join(path.to_string()).is_file();
    let is_registry =
        is_there(RegistryPath::Registry) || is_there(RegistryPath::Pointer(Chain::Catalog));
    if !is_registry && !list_entries(target)?.is_empty() {
        return Err(TargetError::NotARegistry { output: target.to_owned() }.into());
    }
    Ok(())
}

/// Refuses an output that contains the registry that it continues, or is inside it.
fn check_apart(target: &Path, previous: &Path) -> Result<()> {
    if target.starts_with(previous) || previous.starts_with(target) {
        let (output, previous) = (target.to_owned(), previous.to_owned());
        return Err(TargetError::OverlapsPrevious { output, previous }.into());
    }
    Ok(())
}

fn check_history(target: &Path, previous: Option<&PreviousRegistry>) -> Result<()> {
    for chain in chains(target)? {
        let pointer = RegistryPath::Pointer(chain.clone());
        let release = match read(&target.join(pointer.to_string()))? {
            Some(bytes) => json::read::<Release>(&bytes).ok().map(|release| (release, bytes)),
            None => None,
        };
        let output = target.to_owned();
        let Some((release, bytes)) = release else {
            return Err(TargetError::UnreadablePointer { pointer, output }.into());
        };
        let is_known = match previous {
            Some(previous) => {
                let tail = previous.published.tails.get(&chain);
                tail.is_some_and(|tail| tail.release.sequence >= release.sequence)
                    && previous.release(&chain, release.sequence)?.as_ref() == Some(&bytes)
            }
            None => false,
        };
        if release.sequence > 1 && !is_known {
            let sequence = release.sequence;
            return Err(TargetError::LosesRelease { output, sequence, chain }.into());
        }
    }
    Ok(())
}
