//! What builds in place and previews remember of a tree, so that the next build reads only what
//! changed: for each prompt the stamp of its files and what the files of the registry say of it. It is
//! kept in `.promptdex/` of the tree, which Git ignores, and only used on the very registry it was made
//! with.

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
use crate::published::trail::AuditTrail;
use crate::target::OwnedFiles;
use crate::tree::Tree;
use crate::tree::stamp::FileClock;

/// The folder in the tree.
const FOLDER: &str = ".promptdex";

/// Returns the folder of a tree for what belongs to this command, which Git ignores; it is made when it
/// is not there. A tree that cannot be written to, or that is in memory, has none.
pub fn folder(tree: &Tree) -> Option<PathBuf> {
    let folder = tree.folder()?.join(FOLDER);
    fs::create_dir_all(&folder).ok()?;
    // A link would lead to files that are somebody else's.
    if !fs::symlink_metadata(&folder).ok()?.is_dir() {
        return None;
    }
    let ignore = folder.join(".gitignore");
    if fs::read(&ignore).ok().as_deref() != Some(b"*\n") {
        replace(&ignore, b"*\n").ok()?;
    }
    Some(folder)
}

/// The memory of one tree and one registry.
#[derive(Debug)]
pub struct BuildCache {
    file: PathBuf,
    target: PathBuf,
    /// Digest of everything but the prompts that a build depends on.
    settings: Digest,
    /// The time of the file system when the build began.
    pub clock: FileClock,
}

/// What is remembered of the prompts of a tree, and of the registry that was made of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CacheIndex {
    /// What a build depends on besides the prompts.
    settings: Option<Digest>,
    /// The state of the output.
    output: Option<Digest>,
    prompts: BTreeMap<PromptName, CacheEntry>,
    /// The shards of the search.
    search: Option<ShardCache>,
    /// The months in which something happened.
    #[serde(default)]
    months: BTreeMap<Month, WrittenMonth>,
    /// The files of a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<OwnedFiles>,
}

/// What a build has to add to an index.
#[derive(Debug, Default)]
pub struct CacheUpdate {
    /// The prompts that are as they were.
    pub unchanged: BTreeSet<PromptName>,
    /// What to remember of the others. With errors found it is nothing: no file of them was put in
    /// its place.
    pub compiled: BTreeMap<PromptName, CacheEntry>,
    /// What to remember of the search. With errors found there is nothing.
    pub search: Option<ShardCache>,
    /// What to remember of the months that were written.
    pub months: BTreeMap<Month, WrittenMonth>,
}

/// A prompt that was compiled.
#[derive(Debug, Serialize, Deserialize)]
pub struct CacheEntry {
    /// The stamp of its files; without it the prompt is read again, and only its history is known.
    pub stamp: Option<u64>,
    /// The prompts that it includes.
    pub includes: BTreeSet<PromptName>,
    /// What the files of the registry say of it.
    pub summary: PromptSummary,
    /// What was found in it. On disk there are only prompts without findings.
    #[serde(skip)]
    pub findings: Vec<Diagnostic>,
    /// The stamp of the terms of its texts.
    pub terms: u64,
    /// The stamp of what Git said of it.
    pub told: u64,
    /// The stamp of its files in the commit that they are the same as, if they are.
    pub committed: Option<u64>,
    /// Digest of what happened to it, as published.
    pub history: Option<Digest>,
    /// What its summary says that happened, on disk. A preview says it again with every build; what is
    /// published has said it once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<Chain, Vec<Change>>,
}

/// A month that was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct WrittenMonth {
    /// How many events it has.
    pub events: u64,
    /// Digests of its files, in order.
    pub files: Vec<Digest>,
}

/// The shards of the search that a build has written.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShardCache {
    /// Where they are, unless there was nothing to search.
    search: Option<Search>,
    /// Digest of their digests.
    digest: Digest,
}

impl ShardCache {
    /// Remembers shards by their digests, in order.
    pub fn new(search: Option<Search>, shards: &[Digest]) -> Self {
        let shards: String = shards.iter().map(Digest::hex).collect();
        Self { search, digest: Digest::of(shards.as_bytes()) }
    }

    /// Whether the shards are still those that were written.
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
    /// Opens what builds in place into `target` remember. A tree that cannot be written to has nothing.
    pub fn open(tree: &Tree, target: &Path, has_site: bool) -> Option<Self> {
        Self::open_file(&folder(tree)?.join("index.json"), tree, target, has_site)
    }

    /// Does the same with a file of another name. Its folder holds nothing but what is this command's.
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
        // Another build of this command may write other files.
        let own = fs::metadata(std::env::current_exe().ok()?).ok()?;
        facts.extend_from_slice(&FileClock::END.stamp(&own)?.to_le_bytes());
        Some(Self { file: file.to_owned(), target, settings: Digest::of(&facts), clock })
    }

    /// Returns what is remembered, if it is of this registry as it is.
    pub fn load(&self) -> Option<CacheIndex> {
        let bytes = fs::read(&self.file).ok()?;
        let mut index: CacheIndex = serde_json::from_slice(&bytes).ok()?;
        for known in index.prompts.values_mut() {
            known.summary.events.append(&mut known.events);
        }
        self.is_current(&index).then_some(index)
    }

    /// Whether something remembered is of this registry as it is.
    pub fn is_current(&self, index: &CacheIndex) -> bool {
        index.settings == Some(self.settings) && index.output == self.output()
    }

    /// Forgets everything: the output is about to change.
    pub fn clear(&self) {
        // What cannot be removed no longer fits the output, and is not used.
        drop(fs::remove_file(&self.file));
    }

    /// Brings an index up to date with a build.
    pub fn update(&self, index: &mut CacheIndex, memory: CacheUpdate) {
        index.settings = Some(self.settings);
        index.output = self.output();
        let CacheUpdate { unchanged, mut compiled, search, mut months } = memory;
        index.prompts.retain(|name, _| unchanged.contains(name));
        index.prompts.append(&mut compiled);
        // With errors found, no shard was written.
        index.search = search.or(index.search.take());
        index.months.append(&mut months);
    }

    /// Keeps an index for the next build. Without it that one reads everything.
    pub fn save(&self, index: &mut CacheIndex) {
        for known in index.prompts.values_mut() {
            if !known.findings.is_empty() {
                known.stamp = None;
            }
            if index.held.is_some() {
                known.events.clone_from(&known.summary.events);
            }
        }
        // An index that is not there, or not whole, is not used.
        drop(replace(&self.file, &serde_json::to_vec(index).unwrap_or_default()));
    }

    /// Describes the output: the bytes of every pointer, and which very file its summary is.
    fn output(&self) -> Option<Digest> {
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
    /// Returns what is said of the prompts whose files, and those of all they include, are as they
    /// were.
    pub fn unchanged(
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

    /// Whether the prompts that are `unchanged` can be searched without being read: there are no others,
    /// or the shards have their terms.
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

    /// Returns where the terms of all texts are, if they are what they were: those of the prompts in the
    /// catalog, by the digest of their names, and those of the prompts that were compiled, by their
    /// stamps.
    pub fn same_search<'p>(
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

    /// Returns the shards of the search.
    pub fn shards(&self) -> Vec<ShardName> {
        self.search.iter().flat_map(ShardCache::shards).collect()
    }

    /// Returns what happened to prompts and in months, unless the files that say so are not those that
    /// were written.
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
            let named = |event| Event { name: Some(name.clone()), ..event };
            trail.prompts.insert(name.clone(), history.events.into_iter().map(named).collect());
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

/// Writes a file anew: what stands there may be a link.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
}
