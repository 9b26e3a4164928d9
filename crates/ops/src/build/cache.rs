//! The build cache: facts about a tree that incremental builds and previews keep, so that the next
//! build reads only the prompts that changed. For each prompt it has the stamp of its files and the
//! summary that goes into the registry's own files. The cache is in `.promptdex/` of the tree,
//! which Git ignores, and is valid only for the registry that it was written with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use promptdex_core::compile::PromptSummary;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::tree::{POLICY_FILE, PromptFiles, REGISTRY_FILE};
use promptdex_wire::event::Change;
use promptdex_wire::history::{Event, History, HistoryMonth};
use promptdex_wire::{Chain, Digest, Month, PromptName, RegistryPath, Search, ShardName, json};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::published::files::chains;
use crate::published::trail::{AuditTrail, paged_events};
use crate::target::OwnedFiles;
use crate::tree::Tree;
use crate::tree::stamp::FileClock;

/// Name of the cache folder in a tree.
const FOLDER: &str = ".promptdex";

/// Returns the cache folder of a tree, which Git ignores, and creates it if needed. A tree that is
/// read-only or in memory has no cache folder.
pub fn folder(tree: &Tree) -> Option<PathBuf> {
    let folder = tree.folder()?.join(FOLDER);
    fs::create_dir_all(&folder).ok()?;
    // A link could lead to files of other programs.
    if !fs::symlink_metadata(&folder).ok()?.is_dir() {
        return None;
    }
    let ignore = folder.join(".gitignore");
    if fs::read(&ignore).ok().as_deref() != Some(b"*\n") {
        replace(&ignore, b"*\n").ok()?;
    }
    Some(folder)
}

/// The location of the cache of one tree and one registry, and what the cache must match to be
/// valid.
#[derive(Debug)]
pub struct BuildCache {
    file: PathBuf,
    target: PathBuf,
    /// Digest of everything that a build depends on, except the prompts.
    settings: Digest,
    /// The time of the file system when the build began.
    pub clock: FileClock,
}

/// The contents of the cache: facts about the prompts of a tree, and about the registry that was
/// built from them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CacheIndex {
    /// Digest of everything that the build depended on, except the prompts.
    settings: Option<Digest>,
    /// Digest of the state of the output.
    output_digest: Option<Digest>,
    prompts: BTreeMap<PromptName, CacheEntry>,
    /// The shards of the search index.
    search: Option<ShardCache>,
    /// The months that have events.
    #[serde(default)]
    months: BTreeMap<Month, WrittenMonth>,
    /// The files of a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_files: Option<OwnedFiles>,
}

/// The entries that a build adds to the cache.
#[derive(Debug, Default)]
pub struct CacheUpdate {
    /// The prompts that did not change.
    pub unchanged_prompts: BTreeSet<PromptName>,
    /// The entries of the prompts that were compiled. Empty if the build found errors, because then
    /// none of their files was published.
    pub compiled_prompts: BTreeMap<PromptName, CacheEntry>,
    /// The shards of the search index. Absent if the build found errors.
    pub search: Option<ShardCache>,
    /// The months that were written.
    pub months: BTreeMap<Month, WrittenMonth>,
}

/// The cache entry of a prompt that was compiled.
#[derive(Debug, Serialize, Deserialize)]
pub struct CacheEntry {
    /// The stamp of the prompt's files. Without a stamp, the next build reads the prompt again and
    /// uses only the history in this entry.
    pub stamp: Option<u64>,
    /// The prompts that this prompt includes.
    pub includes: BTreeSet<PromptName>,
    /// The facts about the prompt that go into the registry's own files.
    pub summary: PromptSummary,
    /// The findings about the prompt. On disk, only prompts without findings have a stamp.
    #[serde(skip)]
    pub findings: Vec<Diagnostic>,
    /// The stamp of the search terms of its texts.
    pub terms: u64,
    /// The stamp of its Git history, or 0 without one.
    pub git_history: u64,
    /// The stamp of its files in the current commit, if they equal the files of the tree.
    pub head_stamp: Option<u64>,
    /// Digest of its published `history.json`.
    pub history: Option<Digest>,
    /// The new events of its summary, stored on disk for previews only. A preview reports them in
    /// every build; a published registry has recorded them once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<Chain, Vec<Change>>,
}

/// A month of events that was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct WrittenMonth {
    /// The number of its events.
    pub events: u64,
    /// Digests of its files, in order.
    pub files: Vec<Digest>,
}

/// The shards of the search index that a build wrote.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShardCache {
    /// The list of shards. Absent if there was no text to search.
    search: Option<Search>,
    /// Digest of the digests of the shards.
    digest: Digest,
}

impl ShardCache {
    /// Creates the entry for shards from their digests, in order.
    pub fn new(search: Option<Search>, shards: &[Digest]) -> Self {
        let shards: String = shards.iter().map(Digest::hex).collect();
        Self { search, digest: Digest::of(shards.as_bytes()) }
    }

    /// Whether the shards in the registry are the ones that were written.
    fn is_intact(&self, read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>) -> Result<bool> {
        let mut shards = Vec::new();
        for shard in self.shards() {
            let Some(bytes) = read(&RegistryPath::Search(shard))? else { return Ok(false) };
            shards.push(Digest::of(&bytes));
        }
        Ok(Self::new(None, &shards).digest == self.digest)
    }

    fn shards(&self) -> impl Iterator<Item = ShardName> {
        self.search.iter().flat_map(Search::files)
    }
}

impl BuildCache {
    /// Opens the cache of incremental builds into `target`. A tree that is read-only has no cache.
    pub fn open(tree: &Tree, target: &Path, has_site: bool) -> Option<Self> {
        Self::open_file(&folder(tree)?.join("index.json"), tree, target, has_site)
    }

    /// Opens the cache in `file`. Its folder must belong to promptdex.
    pub fn open_file(file: &Path, tree: &Tree, target: &Path, has_site: bool) -> Option<Self> {
        let now = file.with_file_name("now");
        replace(&now, b"").ok()?;
        let clock = FileClock::of(&fs::symlink_metadata(&now).ok()?)?;
        let target = fs::canonicalize(target).ok()?;
        let mut facts = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
        for file in [REGISTRY_FILE, POLICY_FILE] {
            let bytes = tree.read(file).unwrap_or_default();
            facts.extend_from_slice(Digest::of(&bytes).to_string().as_bytes());
        }
        facts.push(u8::from(has_site));
        facts.extend_from_slice(target.as_os_str().as_encoded_bytes());
        // A different build of the program may write different files.
        let own = fs::metadata(std::env::current_exe().ok()?).ok()?;
        facts.extend_from_slice(&FileClock::END.stamp(&own)?.to_le_bytes());
        Some(Self { file: file.to_owned(), target, settings: Digest::of(&facts), clock })
    }

    /// Returns the contents of the cache, if they match the current output and settings.
    pub fn load(&self) -> Option<CacheIndex> {
        let bytes = fs::read(&self.file).ok()?;
        let mut index: CacheIndex = serde_json::from_slice(&bytes).ok()?;
        for known in index.prompts.values_mut() {
            known.summary.events.append(&mut known.events);
        }
        self.is_current(&index).then_some(index)
    }

    /// Whether a cache index matches the current output and settings.
    pub fn is_current(&self, index: &CacheIndex) -> bool {
        index.settings == Some(self.settings) && index.output_digest == self.output_digest()
    }

    /// Removes the cache, because the output is about to change.
    pub fn clear(&self) {
        // If the file cannot be removed, it no longer matches the output and is ignored.
        drop(fs::remove_file(&self.file));
    }

    /// Updates an index with the results of a build.
    pub fn update(&self, index: &mut CacheIndex, cache_update: CacheUpdate) {
        index.settings = Some(self.settings);
        index.output_digest = self.output_digest();
        let CacheUpdate { unchanged_prompts, mut compiled_prompts, search, mut months } =
            cache_update;
        index.prompts.retain(|name, _| unchanged_prompts.contains(name));
        index.prompts.append(&mut compiled_prompts);
        // A build with errors writes no shards.
        index.search = search.or(index.search.take());
        index.months.append(&mut months);
    }

    /// Saves an index for the next build. If that fails, the next build reads everything.
    pub fn save(&self, index: &mut CacheIndex) {
        for known in index.prompts.values_mut() {
            if !known.findings.is_empty() {
                known.stamp = None;
            }
            if index.owned_files.is_some() {
                known.events.clone_from(&known.summary.events);
            }
        }
        // A missing or incomplete index is ignored.
        drop(replace(&self.file, &serde_json::to_vec(index).unwrap_or_default()));
    }

    /// Returns a digest of the state of the output: the bytes of every pointer, and the identity of
    /// the catalog file.
    fn output_digest(&self) -> Option<Digest> {
        let mut facts = Vec::new();
        for chain in chains(&self.target).ok()? {
            let pointer = self.target.join(RegistryPath::Pointer(chain).to_string());
            facts.extend_from_slice(Digest::of(&fs::read(pointer).ok()?).to_string().as_bytes());
        }
        let summary = fs::metadata(self.target.join(RegistryPath::Catalog.to_string())).ok()?;
        facts.extend_from_slice(FileClock::END.stamp(&summary)?.to_string().as_bytes());
        Some(Digest::of(&facts))
    }
}

impl CacheIndex {
    /// Returns the entries of the prompts whose own files, and the files of every prompt they
    /// include, did not change.
    pub fn unchanged_prompts(
        &self,
        prompts: &BTreeMap<PromptName, PromptFiles>,
    ) -> BTreeMap<&PromptName, &CacheEntry> {
        let is_same = |name: &PromptName, known: &CacheEntry| {
            known.stamp.is_some()
                && prompts.get(name).is_some_and(|files| files.stamp.get() == known.stamp)
        };
        let same: BTreeMap<&PromptName, &CacheEntry> =
            self.prompts.iter().filter(|(name, known)| is_same(name, known)).collect();
        let includes_same =
            |known: &CacheEntry| known.includes.iter().all(|included| same.contains_key(included));
        same.iter()
            .filter(|(_, known)| includes_same(known))
            .map(|(name, known)| (*name, *known))
            .collect()
    }

    /// Whether the `unchanged` prompts can be searched without reading them. That is so if every
    /// prompt is unchanged, or if the shards have their terms.
    pub fn is_searchable(
        &self,
        unchanged: usize,
        prompts: usize,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
    ) -> Result<bool> {
        match &self.search {
            Some(_) if unchanged == prompts && unchanged == self.prompts.len() => Ok(true),
            Some(search) => search.is_intact(read),
            None => Ok(false),
        }
    }

    /// Returns the search index if no text changed. `names` is the digest of the names in the
    /// catalog, and `compiled` has the stamp of the terms of each prompt that was compiled.
    pub fn search_if_unchanged<'p>(
        &self,
        names: Digest,
        mut compiled: impl Iterator<Item = (&'p PromptName, u64)>,
    ) -> Option<Option<Search>> {
        let search = &self.search.as_ref()?.search;
        let is_same = search.as_ref().is_none_or(|search| search.names == names)
            && compiled.all(|(name, terms)| {
                self.prompts.get(name).is_some_and(|known| known.terms == terms)
            });
        is_same.then(|| search.clone())
    }

    /// Returns the names of the shards of the search index.
    pub fn shards(&self) -> Vec<ShardName> {
        self.search.iter().flat_map(ShardCache::shards).collect()
    }

    /// Returns the published events of some prompts and months, or `None` if their files are not
    /// the ones that were written.
    pub fn trail<'n>(
        &self,
        names: impl Iterator<Item = &'n PromptName>,
        months: &BTreeSet<Month>,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
    ) -> Result<Option<AuditTrail>> {
        let open = |path: &RegistryPath, digest: Digest| -> Result<Option<Vec<u8>>> {
            Ok(read(path)?.filter(|bytes| Digest::of(bytes) == digest))
        };
        let mut trail = AuditTrail::default();
        for name in names {
            let digest = self.prompts.get(name).and_then(|known| known.history);
            let path = RegistryPath::History(name.clone());
            let bytes = digest.map_or(Ok(None), |digest| open(&path, digest))?;
            let Some(history) = bytes.and_then(|bytes| json::read::<History>(&bytes).ok()) else {
                return Ok(None);
            };
            let paged = paged_events(&history, &read);
            if paged.is_empty() && history.older.is_some() {
                return Ok(None);
            }
            let named = |event| Event { name: Some(name.clone()), ..event };
            let events = paged.into_iter().chain(history.events).map(named).collect();
            trail.prompts.insert(name.clone(), events);
        }
        for (month, written) in &self.months {
            trail.months.counts.insert(month.clone(), written.events);
            if !months.contains(month) {
                continue;
            }
            let events = trail.months.events.entry(month.clone()).or_default();
            for (part, digest) in (1..).zip(&written.files) {
                let bytes = open(&RegistryPath::HistoryMonth(month.clone(), part), *digest)?;
                let document = bytes.and_then(|bytes| json::read::<HistoryMonth>(&bytes).ok());
                let Some(document) = document else { return Ok(None) };
                events.extend(document.events);
            }
        }
        Ok(Some(trail))
    }
}

/// Replaces a file by a new one, because the existing path may be a link.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
}
