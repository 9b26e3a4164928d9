//! The registry that is published already, which a build continues. It is read from its chains, never
//! from derived files, and every file of them is held to the digest that names it.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::promotion::{ServedSince, ServingStep, share};
use promptdex_wire::catalog::{ListedVersion, State, VersionList};
use promptdex_wire::event::{Change, Changes, Target};
use promptdex_wire::history::Event;
use promptdex_wire::pages::Paged;
use promptdex_wire::release::{
    CatalogEntry, ChangesFile, Entry, ReleaseOperation, Sequences, Shards, Snapshot,
    SnapshotReference,
};
use promptdex_wire::{
    Blob, Chain, Digest, Document, Environment, Json, Kind, Open, PromptName, Redacted,
    RegistryName, RegistryPath, Release, Timestamp, Version, json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::history::{self, VersionOrigin};
pub use crate::published_file::CorruptFile;
use crate::published_file::{fetch, parse, parse_known};
use crate::release_files::ReleaseFiles;

/// Clients in other languages read numbers below this one exactly.
const MAX_SEQUENCE: u64 = 1 << 53;

/// A published registry.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRegistry {
    /// Its name.
    pub registry: RegistryName,
    /// The newest release of each chain.
    pub tails: BTreeMap<Chain, LatestRelease>,
    /// Where the list of each prompt's versions is: every name that was ever published.
    pub lists: BTreeMap<PromptName, Blob>,
    /// What each environment serves.
    pub served_entries: BTreeMap<Environment, BTreeMap<PromptName, Vec<Entry>>>,
}

/// What is known of what an environment served as of a release.
#[derive(Debug, Clone, PartialEq)]
pub enum ServedAsOf {
    /// There is no release of this number.
    NoRelease,
    /// The release is packed, and its snapshot is not kept.
    NoSnapshot,
    /// The entries of its snapshot.
    Served(BTreeMap<PromptName, Vec<Entry>>),
}

/// The events of a published registry, in order per chain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublishedHistory {
    /// What happened to prompts.
    pub prompts: BTreeMap<PromptName, Vec<Event>>,
    /// When the rules changed.
    pub rules: Vec<Event>,
    /// When releases were published, where they say so.
    pub times: BTreeMap<(Chain, u64), Timestamp>,
}

/// The newest release of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestRelease {
    /// The release.
    pub release: Release,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The published state of one prompt; empty for a new prompt.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublishedPrompt {
    /// Where the list of its versions is.
    pub list: Option<Blob>,
    /// Its versions.
    pub versions: BTreeMap<Version, ListedVersion>,
    /// What each environment serves.
    pub served_entries: BTreeMap<Environment, Vec<Entry>>,
    /// What happened to it, once it was read: what is in full pages first, as it stands there; what happened in one chain in
    /// order.
    pub history: Vec<Event>,
    /// The bytes of the version documents that latest documents are made from.
    pub documents: BTreeMap<Version, Vec<u8>>,
    /// The redactions that stand in the place of documents which its list still names.
    pub withdrawn: BTreeMap<Version, Blob>,
}

impl PublishedRegistry {
    /// Reads the newest release of each of `chains` and what it serves. `read` returns a file, or `None` if
    /// it does not exist; a chain without a pointer has no releases yet.
    pub fn read<E: From<CorruptFile>>(
        chains: impl IntoIterator<Item = Chain>,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        let mut tails = BTreeMap::new();
        let mut lists = BTreeMap::new();
        let mut served = BTreeMap::new();
        for chain in chains {
            let Some(LatestRelease { release, bytes }) = tail(&chain, &read)? else { continue };
            match &chain {
                Chain::Catalog => {
                    let entries: Vec<CatalogEntry> =
                        entries(release.snapshot, Purpose::Continue, &read)?;
                    lists = entries
                        .into_iter()
                        .map(|entry| (entry.name, Blob { digest: entry.digest, size: entry.size }))
                        .collect();
                }
                Chain::Environment(environment) => {
                    let entries = read_snapshot(release.snapshot, Purpose::Continue, &read)?;
                    served.insert(environment.clone(), entries);
                }
            }
            tails.insert(chain, LatestRelease { release, bytes });
        }
        let pointer = RegistryPath::Pointer(Chain::Catalog);
        let Some(catalog) = tails.get(&Chain::Catalog) else {
            return Err(CorruptFile::new(pointer, "is missing").into());
        };
        let registry = catalog.release.registry.clone();
        if let Some((chain, tail)) = tails.iter().find(|(_, t)| t.release.registry != registry) {
            let problem = format!("belongs to the registry `{}`", tail.release.registry);
            return Err(CorruptFile::new(RegistryPath::Pointer(chain.clone()), problem).into());
        }
        Ok(Self { registry, tails, lists, served_entries: served })
    }

    /// Returns the published state of some prompts, and of prompts with similar names.
    #[must_use]
    pub fn with_prompts(&self, names: &BTreeSet<PromptName>) -> Self {
        let folded: BTreeSet<String> = names.iter().map(PromptName::fold).collect();
        let mut part = self.clone();
        part.lists.retain(|name, _| folded.contains(&name.fold()));
        part
    }

    /// Returns when the newest release was published, if any of the newest releases says so.
    pub fn newest_time(&self) -> Option<&Timestamp> {
        self.tails.values().filter_map(|tail| tail.release.time.as_ref()).max()
    }

    /// Reads what happened to every prompt, by walking every chain back to its beginning.
    pub fn read_history<E: From<CorruptFile>>(
        &self,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<PublishedHistory, E> {
        let mut history = PublishedHistory::default();
        for chain in self.tails.keys() {
            let mut releases = Vec::new();
            self.walk(chain, &read, |release, _| {
                releases.push((release.sequence, changes(release, &read)?));
                if let Some(time) = &release.time {
                    history.times.insert((chain.clone(), release.sequence), time.clone());
                }
                Ok(true)
            })?;
            for (sequence, changes) in releases.into_iter().rev() {
                for change in changes {
                    let name = change.name.clone();
                    let event = Event::new(change, chain, sequence);
                    match name {
                        Some(name) => history.prompts.entry(name).or_default().push(event),
                        None => history.rules.push(event),
                    }
                }
            }
        }
        Ok(history)
    }

    /// Visits the releases of a chain with their bytes, the newest first, until `visit` returns
    /// false. Each is held to the digest that the one after it names, in a file of its own or in a pack.
    pub fn walk<E: From<CorruptFile>>(
        &self,
        chain: &Chain,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
        mut visit: impl FnMut(&Release, &[u8]) -> Result<bool, E>,
    ) -> Result<(), E> {
        let Some(tail) = self.tails.get(chain) else { return Ok(()) };
        let mut files = ReleaseFiles::new(chain, &read);
        let mut path = RegistryPath::Release(chain.clone(), tail.release.sequence);
        let (mut release, mut bytes) = (tail.release.clone(), tail.bytes.clone());
        while visit(&release, &bytes)? {
            let number = release.sequence;
            let previous = match release.previous {
                None if number == 1
                    || release.operation.known() == Some(&ReleaseOperation::Restart) =>
                {
                    break;
                }
                Some(previous) if number > 1 => previous,
                previous => {
                    let does = if previous.is_some() { "has" } else { "does not have" };
                    let problem =
                        format!("{does} a link to the release before {number} (`previous`)");
                    return Err(CorruptFile::new(path, problem).into());
                }
            };
            (path, bytes) = files.named(number - 1, previous)?;
            release = self::release(chain, &path, &bytes)?;
            if release.sequence != number - 1 || release.registry != self.registry {
                let problem = format!(
                    "has release {} of `{}` instead of release {} of `{}`",
                    release.sequence,
                    release.registry,
                    number - 1,
                    self.registry
                );
                return Err(CorruptFile::new(path, problem).into());
            }
        }
        Ok(())
    }

    /// Reads what an environment served as of one of its releases.
    pub fn served_as_of<E: From<CorruptFile>>(
        &self,
        environment: &Environment,
        sequence: u64,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<ServedAsOf, E> {
        let chain = Chain::Environment(environment.clone());
        let mut snapshot = None;
        self.walk(&chain, &read, |release, _| {
            if release.sequence == sequence {
                snapshot = Some(release.snapshot);
            }
            Ok(release.sequence > sequence)
        })?;
        let Some(snapshot) = snapshot else { return Ok(ServedAsOf::NoRelease) };
        // What packed releases served may have gone with them; anything else that is missing is damage.
        let is_packed = read(&RegistryPath::Release(chain, sequence))?.is_none();
        if is_packed && read(&RegistryPath::Snapshot(snapshot.digest))?.is_none() {
            return Ok(ServedAsOf::NoSnapshot);
        }
        Ok(ServedAsOf::Served(read_snapshot(snapshot, Purpose::LookBack, &read)?))
    }

    /// Finds the releases that changed the share of the traffic that an environment serves a version to, since
    /// it went live there; the oldest first. Empty if it is not live.
    pub fn serving_steps<E: From<CorruptFile>>(
        &self,
        environment: &Environment,
        name: &PromptName,
        version: &Version,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Vec<ServingStep>, E> {
        let share_of = |target: Option<&Target>| target.map_or(0, |target| share(target, version));
        let served = self.served_entries.get(environment).and_then(|served| served.get(name));
        let mut buckets = share_of(served.and_then(|entries| Target::of(entries)).as_ref());
        let mut steps = Vec::new();
        if buckets == 0 {
            return Ok(steps);
        }
        self.walk(&Chain::Environment(environment.clone()), &read, |release, _| {
            let changes = changes(release, &read)?;
            let own = changes.iter().filter(|change| change.name.as_ref() == Some(name));
            for change in own {
                let before = share_of(change.before());
                if before != buckets {
                    let release_time = release.time.clone();
                    let since = release_time.map(|time| ServedSince {
                        time,
                        release: Some(release.sequence),
                        commit: None,
                    });
                    steps.push(ServingStep { buckets, since });
                    buckets = before;
                }
            }
            Ok(buckets != 0)
        })?;
        if buckets != 0 {
            steps.push(ServingStep { buckets, since: None });
        }
        steps.reverse();
        Ok(steps)
    }

    /// Returns the published state of a prompt; empty if it is not published.
    pub fn prompt<E: From<CorruptFile>>(
        &self,
        name: &PromptName,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<PublishedPrompt, E> {
        let Some(list) = self.lists.get(name) else { return Ok(PublishedPrompt::default()) };
        let mut versions = BTreeMap::new();
        for (path, list) in read_files::<VersionList, E>(Some(*list), &read, parse_known)? {
            if list.name != *name {
                return Err(CorruptFile::new(
                    path,
                    format!("belongs to the prompt `{}`", list.name),
                )
                .into());
            }
            for row in list.versions {
                if let Open::Unknown(state) = &row.state {
                    return Err(unknown_form(&path, state).into());
                }
                versions.insert(row.version.clone(), row);
            }
        }
        let served = self.served_entries.iter().filter_map(|(environment, entries)| {
            Some((environment.clone(), entries.get(name)?.clone()))
        });
        Ok(PublishedPrompt {
            list: Some(*list),
            versions,
            served_entries: served.collect(),
            history: Vec::new(),
            documents: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
        })
    }
}

impl PublishedPrompt {
    /// Returns, for each chain, the release in which the prompt last changed.
    pub fn sequences(&self) -> Sequences {
        history::sequences(&self.history)
    }

    /// Returns the newest event of what an environment serves.
    pub fn last_move(&self, environment: &Environment) -> Option<&Event> {
        self.history.iter().rev().find(|event| event.environment.as_ref() == Some(environment))
    }

    /// Reads who made versions, and when, from those `documents` that were read.
    pub fn version_origin(&self, version: &Version) -> Option<VersionOrigin> {
        /// The fields of a document that are needed here.
        #[derive(serde::Deserialize)]
        struct Authorship {
            created_by: Option<String>,
            created_at: Option<Timestamp>,
        }

        let document: Authorship = serde_json::from_slice(self.documents.get(version)?).ok()?;
        Some(VersionOrigin { by: document.created_by, at: document.created_at })
    }

    /// Finds redactions in the place of documents that are still listed: a publication ended between
    /// the two. `is_there` says whether what is at a path begins as a version document and has a size; whatever
    /// else is there is read. A redaction may have the size of the document that it replaced.
    pub fn find_withdrawn<E: From<CorruptFile>>(
        &mut self,
        name: &PromptName,
        is_there: impl Fn(&RegistryPath, u64) -> bool,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        for (version, listed) in &self.versions {
            let path = RegistryPath::Version(name.clone(), version.clone());
            let is_redacted = listed.state == State::Redacted;
            if !is_redacted && is_there(&path, listed.size) {
                continue;
            }
            let Some(bytes) = read(&path)? else {
                return Err(CorruptFile::new(path, "is missing").into());
            };
            let blob = Blob::of(&bytes);
            if blob == (Blob { digest: listed.digest, size: listed.size }) {
                continue;
            }
            let problem = match json::read::<Redacted>(&bytes) {
                Ok(redaction) if redaction.withdraws(name, version, listed.digest) => {
                    self.withdrawn.insert(version.clone(), blob);
                    continue;
                }
                Ok(_) if !is_redacted => {
                    "is a redaction of a different document (`replaced`)".to_owned()
                }
                Err(error) if is_redaction(&bytes) => format!("cannot be read: {error}"),
                Ok(_) | Err(_) => "does not match its digest".to_owned(),
            };
            return Err(CorruptFile::new(path, problem).into());
        }
        Ok(())
    }

    /// Whether a version was redacted, whatever the files of its prompt say now.
    pub fn is_redacted(&self, version: &Version) -> bool {
        self.withdrawn.contains_key(version)
            || self.versions.get(version).is_some_and(|listed| listed.state == State::Redacted)
    }

    /// Reads the documents of those `versions` that are published.
    pub fn load<'v, E: From<CorruptFile>>(
        &mut self,
        name: &PromptName,
        versions: impl IntoIterator<Item = &'v Version>,
        read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        for version in versions {
            let Some(listed) = self.versions.get(version) else { continue };
            if self.withdrawn.contains_key(version) {
                continue;
            }
            let path = RegistryPath::Version(name.clone(), version.clone());
            let bytes = fetch(&path, listed.digest, Some(listed.size), &read)?;
            self.documents.insert(version.clone(), bytes);
        }
        Ok(())
    }
}

/// Whether what stands in the place of a version says that it is a redaction: if it cannot be read, a newer promptdex
/// wrote it.
fn is_redaction(bytes: &[u8]) -> bool {
    let document = serde_json::from_slice::<serde_json::Value>(bytes);
    document.is_ok_and(|document| document["kind"] == Kind::Redacted.as_str())
}

/// Reads the newest release of a chain. The pointer repeats one of its releases; a release after it was
/// published by a run that ended before it wrote the pointer.
fn tail<E: From<CorruptFile>>(
    chain: &Chain,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<LatestRelease>, E> {
    let pointer = RegistryPath::Pointer(chain.clone());
    let path = |sequence| RegistryPath::Release(chain.clone(), sequence);
    let Some(bytes) = read(&pointer)? else {
        return match ReleaseFiles::new(chain, read).release(1)? {
            Some(_) => Err(CorruptFile::missing_pointer(chain).into()),
            None => Ok(None),
        };
    };
    let mut tail = LatestRelease { release: release(chain, &pointer, &bytes)?, bytes };
    match ReleaseFiles::new(chain, read).release(tail.release.sequence)? {
        Some((_, bytes)) if bytes == tail.bytes => {}
        Some((path, _)) => {
            let problem = format!("does not have the release of `{pointer}`");
            return Err(CorruptFile::new(path, problem).into());
        }
        None => {
            let problem = format!("is missing, but `{pointer}` has its content");
            return Err(CorruptFile::new(path(tail.release.sequence), problem).into());
        }
    }
    loop {
        let next = path(tail.release.sequence + 1);
        let Some(bytes) = read(&next)? else { break };
        let release = release(chain, &next, &bytes)?;
        if release.previous != Some(Digest::of(&tail.bytes)) {
            let problem = format!("does not follow `{}`", path(tail.release.sequence));
            return Err(CorruptFile::new(next, problem).into());
        }
        tail = LatestRelease { release, bytes };
    }
    if !tail.release.holds.is_empty() {
        let problem = "blocks versions (`holds`), which this version of promptdex cannot continue";
        return Err(CorruptFile::new(path(tail.release.sequence), problem).into());
    }
    Ok(Some(tail))
}

/// Reads a release of a chain.
fn release(chain: &Chain, path: &RegistryPath, bytes: &[u8]) -> Result<Release, CorruptFile> {
    let release: Release = parse(path, bytes)?;
    if release.environment != *chain {
        let problem = format!("belongs to the environment `{}`", release.environment);
        return Err(CorruptFile::new(path.clone(), problem));
    }
    if !(1..MAX_SEQUENCE).contains(&release.sequence) {
        let problem = format!("has the wrong sequence number {}", release.sequence);
        return Err(CorruptFile::new(path.clone(), problem));
    }
    Ok(release)
}

/// Returns what a release changed.
fn changes<E: From<CorruptFile>>(
    release: &Release,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Change>, E> {
    if let Some(ChangesFile { digest, size, .. }) = release.changes_file {
        let pages = read_pages::<Changes, E>(Some(Blob { digest, size }), read)?;
        return Ok(pages.into_iter().rev().flat_map(|(_, page)| page.into_rows()).collect());
    }
    Ok(release.changes.clone().unwrap_or_default())
}

/// Reads the files of a list in `api/snapshots/`, from the newest one to the oldest page, each with its path.
pub fn read_pages<T: Paged + DeserializeOwned, E: From<CorruptFile>>(
    newest: Option<Blob>,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<(RegistryPath, T)>, E> {
    read_files(newest, read, parse)
}

/// Reads the files of a list, each by `parse`.
fn read_files<T: Paged, E: From<CorruptFile>>(
    newest: Option<Blob>,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    parse: impl Fn(&RegistryPath, &[u8]) -> Result<T, CorruptFile>,
) -> Result<Vec<(RegistryPath, T)>, E> {
    let mut pages: Vec<(RegistryPath, T)> = Vec::new();
    let mut next = newest;
    while let Some(blob) = next {
        let path = RegistryPath::Snapshot(blob.digest);
        let page: T = parse(&path, &fetch(&path, blob.digest, Some(blob.size), read)?)?;
        next = page.older();
        pages.push((path, page));
    }
    Ok(pages)
}

/// What a snapshot is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The next release has one in its place, with everything that did not change.
    Continue,
    /// To know what was served.
    LookBack,
}

impl Purpose {
    fn parse<T: Document + Serialize + DeserializeOwned>(
        self,
        path: &RegistryPath,
        bytes: &[u8],
    ) -> Result<T, CorruptFile> {
        match self {
            Self::Continue => parse_known(path, bytes),
            Self::LookBack => parse(path, bytes),
        }
    }
}

/// Reads what an environment serves from a snapshot.
fn read_snapshot<E: From<CorruptFile>>(
    reference: SnapshotReference,
    purpose: Purpose,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<BTreeMap<PromptName, Vec<Entry>>, E> {
    let mut by_name: BTreeMap<PromptName, Vec<Entry>> = BTreeMap::new();
    for entry in entries::<Entry, E>(reference, purpose, read)? {
        by_name.entry(entry.name.clone()).or_default().push(entry);
    }
    Ok(by_name)
}

/// Reads the entries of a snapshot, through its shards if it has any.
fn entries<T: Serialize + DeserializeOwned, E: From<CorruptFile>>(
    reference: SnapshotReference,
    purpose: Purpose,
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<T>, E> {
    let open = |blob: Blob| -> Result<(RegistryPath, Vec<u8>), E> {
        let path = RegistryPath::Snapshot(blob.digest);
        let bytes = fetch(&path, blob.digest, Some(blob.size), read)?;
        Ok((path, bytes))
    };
    let (path, bytes) = open(Blob { digest: reference.digest, size: reference.size })?;
    if reference.bits == 0 {
        return Ok(known_entries(&path, purpose.parse::<Snapshot<T>>(&path, &bytes)?)?);
    }
    let mut entries = Vec::new();
    for shard in purpose.parse::<Shards>(&path, &bytes)?.shards {
        let (path, bytes) = open(shard)?;
        let snapshot = purpose.parse::<Snapshot<T>>(&path, &bytes)?;
        entries.append(&mut known_entries(&path, snapshot)?);
    }
    Ok(entries)
}

/// Returns the entries of a snapshot. Whoever continues a registry has to know each of them, else it would take back what
/// a newer promptdex published.
fn known_entries<T>(path: &RegistryPath, snapshot: Snapshot<T>) -> Result<Vec<T>, CorruptFile> {
    let known = |entry| match entry {
        Open::Known(entry) => Ok(entry),
        Open::Unknown(json) => Err(unknown_form(path, &json)),
    };
    snapshot.entries.into_iter().map(known).collect()
}

/// Says that a file has something that only a newer promptdex knows.
fn unknown_form(path: &RegistryPath, json: &Json) -> CorruptFile {
    let text: String = json.text().chars().take(200).collect();
    let problem =
        format!("has `{text}` of a newer promptdex: continue the registry with that version");
    CorruptFile::new(path.clone(), problem)
}
