//! The output. A fresh registry is written beside it and swapped in, so that a reader sees the
//! old one or the new one, never a mixture. A build that continues the registry in that very folder
//! works in place, in an order in which nothing names what is not there yet. A preview, which is built
//! again and again, changes under the eyes of this process's own server alone. A registry can be written
//! into memory as well.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promptdex_publish::{UNDER_WAY, lock};
use promptdex_wire::{Chain, Page, PromptName, RegistryPath, Release, json};

use self::ownership::is_site;
use crate::error::{Context as _, Result, TargetError};
use crate::published::PreviousRegistry;
use crate::published::files::{chains, read};
pub use in_memory::InMemory;
pub use incremental::IncrementalOutput;
pub use preview::{OwnedFiles, Preview, PreviewUpdate};
pub use swap::SwapFolder;

#[cfg(test)]
mod crash;
mod in_memory;
mod incremental;
mod ownership;
mod preview;
mod swap;

/// Files that become the output when all are there.
#[derive(Debug)]
pub enum Staging {
    /// The whole output is written anew.
    Beside(SwapFolder),
    /// Only what changes is written.
    InPlace(IncrementalOutput),
    /// What differs is written, into a folder that nobody else reads.
    Preview(Arc<Preview>),
    /// The whole output is written anew, into memory.
    InMemory(Arc<InMemory>),
}

impl Staging {
    /// Starts a build of what is in the folder `tree` into `target`: in place if that is the registry that it
    /// continues, else beside it. Only an empty folder or a registry is ever replaced.
    pub fn start(target: &Path, tree: Option<&Path>, previous: Option<&Path>) -> Result<Self> {
        let target = std::path::absolute(target)
            .with_context(|| format!("cannot find `{}`", target.display()))?;
        // What a link names is replaced, not the link.
        let target = real(&target);
        if let Some(tree) = tree {
            check_place(&target, tree)?;
        }
        check_registry(&target)?;
        let locked = lock(&target)?;
        match previous.map(real) {
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

    /// Whether a build that was killed was brought to its end first.
    pub fn has_recovered(&self) -> bool {
        match self {
            Self::Beside(_) | Self::Preview(_) | Self::InMemory(_) => false,
            Self::InPlace(in_place) => in_place.has_recovered(),
        }
    }

    /// Whether nobody else reads what is written.
    pub fn is_preview(&self) -> bool {
        matches!(self, Self::Preview(_))
    }

    /// Refuses to lose releases: a registry with more than its first ones is only replaced by one
    /// that continues it.
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

    /// Says that a file stays as it is, which no build keeps that does not say so.
    pub fn keep(&self, path: RegistryPath) {
        match self {
            Self::Beside(_) | Self::InMemory(_) => {}
            Self::InPlace(in_place) => in_place.keep(path),
            Self::Preview(preview) => preview.keep(&path),
        }
    }

    /// Writes what takes the place of a withdrawn document.
    pub fn redact(&self, path: &RegistryPath, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Beside(beside) => beside.write(path, bytes),
            Self::InPlace(in_place) => in_place.redact(path, bytes),
            Self::Preview(preview) => preview.write(path, bytes),
            Self::InMemory(memory) => {
                memory.write(path, bytes);
                Ok(())
            }
        }
    }

    /// Removes what no build writes any more for a prompt; `written` are all its files, apart from
    /// version documents that were there.
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

    /// Says which prompts there are besides those that were compiled. What is published of others
    /// stays; in a preview it goes.
    pub fn retain(&self, unchanged: &BTreeSet<PromptName>) {
        match self {
            Self::Beside(_) | Self::InPlace(_) | Self::InMemory(_) => {}
            Self::Preview(preview) => preview.retain(unchanged),
        }
    }

    /// Whether anything was written that is not there already.
    pub fn has_changes(&self) -> bool {
        match self {
            Self::Beside(_) | Self::InMemory(_) => true,
            Self::InPlace(in_place) => in_place.has_changes(),
            Self::Preview(preview) => preview.has_changes(),
        }
    }

    /// Removes the pages and what they load: they would show what was.
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

    /// Reads a file that has been written, or that stays.
    pub fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Beside(beside) => read(&beside.file(path)),
            Self::InPlace(in_place) => in_place.read(path),
            Self::Preview(preview) => preview.read(path),
            Self::InMemory(memory) => Ok(memory.read(path)),
        }
    }

    /// Makes the output what was written.
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

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_absent| path.to_owned())
}

/// The output may not hold the tree, nor lie in it: a build would remove or read itself.
fn check_place(target: &Path, tree: &Path) -> Result<()> {
    let (target, tree) = (real(target), real(tree));
    if target.starts_with(&tree) || tree.starts_with(&target) {
        return Err(TargetError::OverlapsTree { output: target, tree }.into());
    }
    Ok(())
}

/// Lists what stands in a folder; of one that is not there, nothing.
fn entries(target: &Path) -> Result<Vec<String>> {
    let context = || format!("cannot look into `{}`", target.display());
    let entries = match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().with_context(context)
}

/// Refuses to replace what a build did not write.
fn check_own(target: &Path) -> Result<()> {
    let is_own = |name: &String| {
        ["api", UNDER_WAY].contains(&name.as_str())
            || (Page::ROOTS.contains(&name.as_str()) && is_site(target, name))
    };
    if let Some(other) = entries(target)?.into_iter().find(|name| !is_own(name)) {
        return Err(TargetError::Foreign { output: target.to_owned(), other }.into());
    }
    Ok(())
}

/// Refuses a folder that is not a registry.
fn check_registry(target: &Path) -> Result<()> {
    let is_there = |path: RegistryPath| target.join(path.to_string()).is_file();
    let is_registry =
        is_there(RegistryPath::Registry) || is_there(RegistryPath::Pointer(Chain::Catalog));
    if !is_registry && !entries(target)?.is_empty() {
        return Err(TargetError::NotARegistry { output: target.to_owned() }.into());
    }
    Ok(())
}

/// The output and the registry that it continues do not hold one another.
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
        let path = RegistryPath::Release(chain.clone(), release.sequence);
        let is_known = match previous {
            Some(previous) => {
                let tail = previous.published.tails.get(&chain);
                tail.is_some_and(|tail| tail.release.sequence >= release.sequence)
                    && previous.read(&path)?.as_ref() == Some(&bytes)
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
