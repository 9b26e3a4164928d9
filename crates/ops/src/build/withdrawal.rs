//! Removes the published contents of redacted versions.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::compile::PromptSummary;
use promptdex_core::published_registry::CorruptFile;
use promptdex_wire::{Digest, PackRange, RegistryPath, Version};

use super::output::Output;
use super::packing::Packing;
use super::prompt::WrittenPrompt;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::target::Staging;

/// Removes published files that only redacted versions used. A build that writes a whole new
/// registry copies the other immutable files and leaves these out. Returns the paths that had
/// contents of a redacted version.
pub(super) fn withdraw(
    written: &[WrittenPrompt],
    summaries: &[&PromptSummary],
    packing: &Packing,
    output: &Output<'_>,
) -> Result<BTreeSet<RegistryPath>> {
    let (Some(staging), Some(previous)) = (output.staging, output.previous) else {
        return Ok(BTreeSet::new());
    };
    let used: BTreeSet<&Digest> = summaries.iter().flat_map(|summary| &summary.blobs).collect();
    let blobs = written.iter().flat_map(|prompt| &prompt.withdrawn_blobs);
    let blobs =
        blobs.filter(|digest| !used.contains(digest)).map(|digest| RegistryPath::Blob(*digest));
    let pages = written.iter().flat_map(|prompt| prompt.withdrawn_pages.iter().cloned());
    let mut withdrawn: BTreeSet<RegistryPath> = blobs.chain(pages).collect();
    let continued = written.iter().flat_map(|prompt| prompt.continued_redactions.iter().cloned());
    let continued: Vec<RegistryPath> = continued.collect();
    if !continued.is_empty() {
        withdrawn.append(&mut unnamed_blobs(previous, &used)?);
    }
    for path in &withdrawn {
        staging.remove(path.clone());
    }
    withdrawn.extend(written.iter().flat_map(|prompt| prompt.redactions.iter().cloned()));
    if let Staging::Beside(_) | Staging::InMemory(_) = staging {
        carry(previous, &withdrawn, packing, staging)?;
    }
    withdrawn.extend(continued);
    for path in withdrawn.clone() {
        let RegistryPath::Version(name, version) = path else { continue };
        for derived in previous.list_derived_files(&name, &version)? {
            if previous.read(&derived)?.is_some() {
                withdrawn.insert(derived);
            }
        }
    }
    Ok(withdrawn)
}

/// Returns the files of messages that no published document names: of a document that is gone nobody can say any more
/// what it named. A newer promptdex may name files in ways that this one does not know, so that any mention counts.
fn unnamed_blobs(
    previous: &PreviousRegistry,
    used: &BTreeSet<&Digest>,
) -> Result<BTreeSet<RegistryPath>> {
    let mut blobs: BTreeMap<String, RegistryPath> = BTreeMap::new();
    for path in previous.list("api/blobs")? {
        match path {
            RegistryPath::Blob(digest) if !used.contains(&digest) => {
                blobs.insert(digest.hex(), path);
            }
            _ => {}
        }
    }
    let read = |path: &RegistryPath| previous.read(path);
    for name in previous.published.lists.keys() {
        if blobs.is_empty() {
            break;
        }
        for version in previous.published.prompt(name, read)?.versions.into_keys() {
            let document = previous.read(&RegistryPath::Version(name.clone(), version))?;
            let text =
                String::from_utf8_lossy(document.as_deref().unwrap_or_default()).into_owned();
            blobs.retain(|hex, _| !text.contains(hex.as_str()));
        }
    }
    Ok(blobs.into_values().collect())
}

/// Copies the immutable files that the chains of a registry name into another registry, except
/// those in `withdrawn` and those that packing removes.
fn carry(
    previous: &PreviousRegistry,
    withdrawn: &BTreeSet<RegistryPath>,
    packing: &Packing,
    staging: &Staging,
) -> Result<()> {
    let read = |path: &RegistryPath| previous.read(path);
    for name in previous.published.lists.keys() {
        let mut prompt = previous.published.prompt(name, read)?;
        let path = |version: &Version| RegistryPath::Version(name.clone(), version.clone());
        prompt.versions.retain(|version, _| !withdrawn.contains(&path(version)));
        let versions: Vec<Version> = prompt.versions.keys().cloned().collect();
        let is_there = |path: &RegistryPath, size| previous.is_version_document(path, size);
        prompt.find_withdrawn(name, is_there, read)?;
        prompt.load(name, &versions, read)?;
        for (version, bytes) in &prompt.documents {
            staging.write(&path(version), bytes)?;
        }
        for version in prompt.withdrawn.keys() {
            let redaction = previous.read(&path(version))?.unwrap_or_default();
            staging.write(&path(version), &redaction)?;
        }
    }
    for chain in previous.published.tails.keys() {
        let mut packs = BTreeSet::new();
        previous.published.walk(chain, read, |release, bytes| {
            let path = RegistryPath::Release(chain.clone(), release.sequence);
            let range = PackRange::holding(release.sequence);
            let is_packed = |range: &PackRange| {
                let pack = RegistryPath::ReleasePack(chain.clone(), *range);
                !previous.is_file(&path) && previous.is_file(&pack)
            };
            match range.filter(is_packed) {
                Some(range) => drop(packs.insert(range)),
                None if packing.removes(&path) => {}
                None => staging.write(&path, bytes)?,
            }
            Ok(true)
        })?;
        // The walk has read every release in them.
        for range in packs {
            let path = RegistryPath::ReleasePack(chain.clone(), range);
            staging.write(&path, &previous.read(&path)?.unwrap_or_default())?;
        }
    }
    for folder in ["api/snapshots", "api/blobs"] {
        for path in previous.list(folder)? {
            let (RegistryPath::Snapshot(digest) | RegistryPath::Blob(digest)) = path else {
                continue;
            };
            if withdrawn.contains(&path) || packing.removes(&path) || !previous.is_file(&path) {
                continue;
            }
            let bytes = previous.read(&path)?.unwrap_or_default();
            if digest != Digest::of(&bytes) {
                let problem = "does not match the digest in its name".to_owned();
                return Err(CorruptFile { path, problem }.into());
            }
            staging.write(&path, &bytes)?;
        }
    }
    Ok(())
}
