//! Packs the older releases of a published registry, for hosts that limit the number of files.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::published_registry::CorruptFile;
use promptdex_wire::catalog::VersionList;
use promptdex_wire::pack::RELEASES_PER_PACK;
use promptdex_wire::release::{CatalogEntry, Shards, Snapshot};
use promptdex_wire::{
    Chain, Digest, Document, Format, Kind, Open, PackRange, RegistryPath, Release, ReleasePack,
    json,
};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::target::Staging;

/// The newest releases of each chain stay in files of their own: so many at least.
const KEPT_RELEASES: u64 = 100;

/// What packing changes in a registry.
#[derive(Debug, Default)]
pub(super) struct Packing {
    /// The new packs.
    packs: BTreeMap<RegistryPath, Vec<u8>>,
    /// The files of the releases that they hold, and the snapshots that only packed releases name.
    removed: BTreeSet<RegistryPath>,
}

impl Packing {
    /// Plans to pack what is older than the newest 100 releases of each chain. Only full packs are written, because a
    /// pack never changes.
    pub(super) fn plan(previous: &PreviousRegistry) -> Result<Self> {
        let mut packing = Self::default();
        let mut packed = Vec::new();
        let tails = &previous.published.tails;
        for (chain, tail) in tails {
            let newest_packed = newest_packed(tail.release.sequence);
            packing.pack(chain, newest_packed, previous, &mut packed)?;
        }
        if packed.is_empty() {
            return Ok(packing);
        }
        let mut kept = Vec::new();
        for (chain, tail) in tails {
            let newest_packed = newest_packed(tail.release.sequence);
            let read = |path: &RegistryPath| previous.read(path);
            previous.published.walk(chain, read, |release, _| {
                let is_kept = release.sequence > newest_packed;
                if is_kept {
                    kept.push((chain, release.clone()));
                }
                Result::Ok(is_kept)
            })?;
        }
        let mut needed = SnapshotFiles::new(previous);
        for (chain, release) in &kept {
            needed.add(chain, release)?;
        }
        let mut named = SnapshotFiles { may_be_missing: true, ..SnapshotFiles::new(previous) };
        for (chain, release) in &packed {
            named.add(chain, release)?;
        }
        // A newer promptdex may name files that this one does not know of.
        if !needed.has_unknown {
            let removed = named.digests.difference(&needed.digests);
            packing.removed.extend(removed.map(|digest| RegistryPath::Snapshot(*digest)));
        }
        Ok(packing)
    }

    /// Plans the packs of a chain, and lists the releases that go into them.
    fn pack<'p>(
        &mut self,
        chain: &'p Chain,
        newest_packed: u64,
        previous: &PreviousRegistry,
        packed: &mut Vec<(&'p Chain, Release)>,
    ) -> Result<()> {
        let files: BTreeMap<u64, RegistryPath> = previous
            .list(&format!("api/environments/{chain}/releases"))?
            .into_iter()
            .filter_map(|path| match path {
                RegistryPath::Release(_, sequence) => Some((sequence, path)),
                _ => None,
            })
            .filter(|(sequence, path)| {
                (1..=newest_packed).contains(sequence) && previous.is_file(path)
            })
            .collect();
        let ranges: BTreeSet<PackRange> =
            files.keys().filter_map(|sequence| PackRange::holding(*sequence)).collect();
        let Some(first) = ranges.first() else { return Ok(()) };
        let mut documents: BTreeMap<PackRange, Vec<String>> = BTreeMap::new();
        let read = |path: &RegistryPath| previous.read(path);
        previous.published.walk(chain, read, |release, bytes| {
            let range = PackRange::holding(release.sequence).filter(|range| ranges.contains(range));
            if let Some(range) = range {
                let Ok(text) = String::from_utf8(bytes.to_owned()) else {
                    let path = RegistryPath::Release(chain.clone(), release.sequence);
                    return Err(
                        CorruptFile { path, problem: "is not valid UTF-8".to_owned() }.into()
                    );
                };
                documents.entry(range).or_default().push(text);
                packed.push((chain, release.clone()));
            }
            Ok(release.sequence > first.first())
        })?;
        // A chain that began anew within a hundred never has a pack of it.
        documents.retain(|_, documents| documents.len() as u64 == RELEASES_PER_PACK);
        let is_packed = |sequence: u64| {
            PackRange::holding(sequence).is_some_and(|range| documents.contains_key(&range))
        };
        packed.retain(|(own, release)| own != &chain || is_packed(release.sequence));
        self.removed.extend(
            files.into_iter().filter(|(sequence, _)| is_packed(*sequence)).map(|(_, path)| path),
        );
        for (range, mut documents) in documents {
            documents.reverse();
            let pack = ReleasePack { format: Format, kind: Kind::Releases, documents };
            self.packs.insert(RegistryPath::ReleasePack(chain.clone(), range), json::write(&pack));
        }
        Ok(())
    }

    /// Whether a published file goes.
    pub(super) fn removes(&self, path: &RegistryPath) -> bool {
        self.removed.contains(path)
    }

    /// Writes the packs, and removes what they replace.
    pub(super) fn apply(&self, staging: &Staging) -> Result<()> {
        for (path, bytes) in &self.packs {
            staging.write(path, bytes)?;
        }
        self.removed.iter().for_each(|path| staging.remove(path.clone()));
        Ok(())
    }

    /// Returns the new packs.
    pub(super) fn packs(&self) -> Vec<(Chain, PackRange)> {
        let packs = self.packs.keys().filter_map(|path| match path {
            RegistryPath::ReleasePack(chain, range) => Some((chain.clone(), *range)),
            _ => None,
        });
        packs.collect()
    }
}

/// Returns the number of the newest release that is packed when a chain has so many; 0 if none is.
fn newest_packed(newest: u64) -> u64 {
    newest.saturating_sub(KEPT_RELEASES) / RELEASES_PER_PACK * RELEASES_PER_PACK
}

/// The files in `api/snapshots/` in which releases say what is served: snapshots, shards and lists of versions. Changes
/// and rules are not among them.
struct SnapshotFiles<'p> {
    previous: &'p PreviousRegistry,
    digests: BTreeSet<Digest>,
    /// Whether one of them has an entry that this promptdex does not know.
    has_unknown: bool,
    /// Whether files may be gone already.
    may_be_missing: bool,
}

impl<'p> SnapshotFiles<'p> {
    fn new(previous: &'p PreviousRegistry) -> Self {
        Self { previous, digests: BTreeSet::new(), has_unknown: false, may_be_missing: false }
    }

    /// Adds the files of a release.
    fn add(&mut self, chain: &Chain, release: &Release) -> Result<()> {
        let snapshot = release.snapshot;
        let mut lists = Vec::new();
        if snapshot.bits == 0 {
            lists.push(snapshot.digest);
        } else if let Some(shards) = self.read::<Shards>(snapshot.digest)? {
            lists.extend(shards.shards.into_iter().map(|shard| shard.digest));
        }
        for digest in lists {
            if *chain != Chain::Catalog {
                // Which documents it names does not matter.
                drop(self.read::<Snapshot<IgnoredAny>>(digest)?);
                continue;
            }
            let entries = self.read::<Snapshot<CatalogEntry>>(digest)?;
            for entry in entries.into_iter().flat_map(|snapshot| snapshot.entries) {
                match entry {
                    Open::Known(entry) => self.add_versions(entry.digest)?,
                    Open::Unknown(_) => self.has_unknown = true,
                }
            }
        }
        Ok(())
    }

    /// Adds the lists of the versions of a prompt.
    fn add_versions(&mut self, newest: Digest) -> Result<()> {
        let mut next = Some(newest);
        while let Some(digest) = next {
            next = self.read::<VersionList>(digest)?.and_then(|list| list.older).map(|b| b.digest);
        }
        Ok(())
    }

    /// Reads a file that was not read before.
    fn read<T: Document + DeserializeOwned>(&mut self, digest: Digest) -> Result<Option<T>> {
        if !self.digests.insert(digest) {
            return Ok(None);
        }
        let path = RegistryPath::Snapshot(digest);
        let corrupt = |problem: String| CorruptFile { path: path.clone(), problem };
        let Some(bytes) = self.previous.read(&path)? else {
            return if self.may_be_missing {
                Ok(None)
            } else {
                Err(corrupt("is missing".to_owned()).into())
            };
        };
        if Digest::of(&bytes) != digest {
            return Err(corrupt("does not match the digest in its name".to_owned()).into());
        }
        match json::read(&bytes) {
            Ok(document) => Ok(Some(document)),
            Err(error) => Err(corrupt(format!("cannot be read: {error}")).into()),
        }
    }
}
