//! Removes the published contents of redacted versions.

use std::collections::BTreeSet;

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
    for path in &withdrawn {
        staging.remove(path.clone());
    }
    withdrawn.extend(written.iter().flat_map(|prompt| prompt.redactions.iter().cloned()));
    if let Staging::Beside(_) | Staging::InMemory(_) = staging {
        carry(previous, &withdrawn, packing, staging)?;
    }
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
        prompt.find_withdrawn(name, |path, size| previous.has_size(path, size), read)?;
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
            if !previous.is_file(&path) {
                packs.extend(PackRange::holding(release.sequence));
            } else if !packing.removes(&path) {
                staging.write(&path, bytes)?;
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
                let problem = "is not what its name says".to_owned();
                return Err(CorruptFile { path, problem }.into());
            }
            staging.write(&path, &bytes)?;
        }
    }
    Ok(())
}
