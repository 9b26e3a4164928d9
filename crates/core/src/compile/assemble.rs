//! The files of the registry as a whole: snapshots, releases and pointers, the catalog, bundles.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::patterns::matches_name;
use promptdex_wire::catalog::{Bundle, BundleReference, Catalog, MAX_BUNDLE_BYTES, Registry};
use promptdex_wire::event::{Change, Changes};
use promptdex_wire::history::{Event, MonthEvents};
use promptdex_wire::pages::{WrittenPages, write_pages};
use promptdex_wire::release::{
    self, Actor, CatalogEntry, ChangesFile, Entry, MAX_INLINE_CHANGES, MAX_RELEASE_BYTES,
    PolicyReference, ReleaseOperation, Sequences, Snapshot, SnapshotReference, bits, shard_of,
};
use promptdex_wire::{
    Blob, BundleName, Chain, Environment, Format, Kind, Open, PromptName, RegistryPath, Release,
    Search, Timestamp, Version, json, schema,
};

use super::search::{ShardHeader, TextIndex};
use super::{Environments, Months, PromptSummary, Publication, search};
use crate::diagnostic::Diagnostic;
use crate::model::Settings;
use crate::published_file::{CorruptFile, fetch};
use crate::published_registry::{LatestRelease, PublishedRegistry};
use crate::rules;

/// What wrote a release.
const TOOL: &str = concat!("promptdex ", env!("CARGO_PKG_VERSION"));

/// A snapshot that has been written: where it is, and its files.
struct WrittenSnapshot {
    reference: SnapshotReference,
    /// The bytes of the root.
    root: Vec<u8>,
    /// The bytes of its shards, none when the root has the entries.
    shards: Vec<Vec<u8>>,
}

/// What the files about the whole registry are made from.
#[derive(Debug)]
pub struct RegistryInputs {
    /// The terms of the texts.
    pub texts: TextIndex,
    /// The published months of the history.
    pub months: Months,
}

/// Writes the files of the registry. `summaries` are those of all prompts of the tree, sorted by name;
/// `read` returns a version document that has been written, for the bundles, and a shard of the search
/// that has not been written yet. A chain of `published` gets a release only where what it says has
/// changed, and says what `publication` says of it. Returns the summary, and a finding for each bundle that is too large.
#[expect(
    clippy::too_many_arguments,
    reason = "each is an input of the step; a struct of them would have one user"
)]
pub fn assemble<E: From<CorruptFile>>(
    settings: &Settings,
    summaries: &[&PromptSummary],
    environments: &Environments,
    published: Option<&PublishedRegistry>,
    publication: &Publication,
    collected: RegistryInputs,
    read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    mut write: impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
) -> Result<(Catalog, Vec<Diagnostic>), E> {
    let RegistryInputs { texts, mut months } = collected;
    for kind in Kind::ALL {
        write(RegistryPath::Schema(kind), schema::text(kind).as_bytes().to_vec())?;
    }
    let policy = json::write(&super::policy::document(settings));
    write(RegistryPath::Policy, policy.clone())?;

    let mut chains = ReleaseChains {
        settings,
        environments,
        published,
        publication,
        policy: settings.policy.is_some().then_some(policy),
        sequences: BTreeMap::new(),
    };
    // A prompt without versions is nothing yet.
    let entries: Vec<CatalogEntry> = summaries
        .iter()
        .filter(|summary| summary.versions > 0)
        .map(|summary| {
            let Blob { digest, size } = summary.list;
            CatalogEntry { name: summary.name().clone(), digest, size }
        })
        .collect();
    let snapshot = write_snapshot(&entries, |entry| &entry.name, &mut write)?;
    // What is about no prompt sorts first.
    let rules = publication.rules.iter().cloned();
    let changes = rules.chain(list_changes(summaries, &Chain::Catalog));
    chains.publish(
        Chain::Catalog,
        snapshot.reference,
        changes.collect(),
        &mut months,
        &mut write,
    )?;

    let (mut bundles, mut findings) = (Vec::new(), Vec::new());
    for environment in &environments.path {
        let entries = list_entries(summaries, environment);
        let (release, snapshot) =
            chains.serve(environment, &entries, summaries, &mut months, &mut write)?;
        let (written, too_large) =
            write_bundles(settings, environment, &release, &snapshot, &entries, &read, &mut write)?;
        bundles.extend(written.into_iter().map(Open::Known));
        findings.extend(too_large);
    }
    // An environment that the registry no longer has serves nothing from now on, apart from prompts that are held back.
    let gone = published.into_iter().flat_map(|published| published.served_entries.keys());
    for environment in gone.filter(|environment| !environments.path.contains(environment)) {
        let entries = list_entries(summaries, environment);
        chains.serve(environment, &entries, summaries, &mut months, &mut write)?;
    }
    let search = match texts {
        TextIndex::Unchanged(search) => search,
        TextIndex::Changed { terms, reused_terms } => {
            let shards = ShardHeader {
                registry: &settings.registry,
                sequences: &chains.sequences,
                is_continued: published.is_some(),
                names: search::digest_of_names(summaries),
                rows: search::list_catalog_rows(summaries),
            };
            shards.write(terms, reused_terms, &read, &mut write)?
        }
    };
    let months = months.write(&settings.registry, &environments.path, &mut write)?;
    let catalog = catalog(settings, summaries, chains.sequences, search, months);
    write(RegistryPath::Catalog, json::write(&catalog))?;
    write(RegistryPath::Registry, json::write(&Registry { bundles, ..registry(settings) }))?;
    Ok((catalog, findings))
}

/// The chains that a build continues or begins.
struct ReleaseChains<'a> {
    settings: &'a Settings,
    environments: &'a Environments,
    published: Option<&'a PublishedRegistry>,
    publication: &'a Publication,
    /// The document with the rules, if the tree has any.
    policy: Option<Vec<u8>>,
    /// The newest release of each chain that was dealt with.
    sequences: Sequences,
}

impl ReleaseChains<'_> {
    /// Writes the snapshot of an environment, and a release of it if it is new. Returns the bytes of
    /// the newest release.
    fn serve<E>(
        &mut self,
        environment: &Environment,
        entries: &[Entry],
        summaries: &[&PromptSummary],
        months: &mut Months,
        write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
    ) -> Result<(Vec<u8>, WrittenSnapshot), E> {
        let snapshot = write_snapshot(entries, |entry| &entry.name, write)?;
        let chain = Chain::Environment(environment.clone());
        let changes = list_changes(summaries, &chain).collect();
        let release = self.publish(chain, snapshot.reference, changes, months, write)?;
        Ok((release, snapshot))
    }

    /// Returns when the releases are published.
    fn time(&self) -> Option<Timestamp> {
        let newest = self.published.and_then(PublishedRegistry::newest_time);
        self.publication
            .time
            .as_ref()
            .map(|time| newest.map_or(time, |newest| newest.max(time)).clone())
    }

    /// Returns what is published of the publisher.
    fn actor(&self) -> Option<Actor> {
        let mut actor = self.publication.actor.clone()?;
        actor.by = actor.by.filter(|by| self.settings.people.publishes(by));
        (actor != Actor::default()).then_some(actor)
    }

    /// Writes the next release of a chain and its pointer, unless the newest release has the same content.
    /// Returns the bytes of the newest release.
    fn publish<E>(
        &mut self,
        chain: Chain,
        snapshot: SnapshotReference,
        changes: Vec<Change>,
        months: &mut Months,
        write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
    ) -> Result<Vec<u8>, E> {
        let tail = self.published.and_then(|published| published.tails.get(&chain));
        let held_back = self.publication.held_back(&chain);
        let is_same = |tail: &&LatestRelease| {
            tail.release.snapshot == snapshot && tail.release.held_back == held_back
        };
        if let Some(tail) = tail.filter(is_same) {
            self.sequences.insert(chain.clone(), tail.release.sequence);
            write(RegistryPath::Pointer(chain), tail.bytes.clone())?;
            return Ok(tail.bytes.clone());
        }
        let previous = tail.map(|tail| Blob::of(&tail.bytes));
        let sequence = self.environments.sequence(&chain);
        self.sequences.insert(chain.clone(), sequence);
        for change in &changes {
            months.add(Event::new(change.clone(), &chain, sequence));
        }
        let is_restart = previous.is_none() && sequence > 1;
        let operation =
            if is_restart { ReleaseOperation::Restart } else { ReleaseOperation::Publish };
        let approvals = self.publication.approvals(&changes, self.settings.people);
        let policy = match &self.policy {
            Some(bytes) => {
                let Blob { digest, size } = Blob::of(bytes);
                write(RegistryPath::Snapshot(digest), bytes.clone())?;
                Some(PolicyReference { digest, size, verdict: None })
            }
            None => None,
        };
        let release = Release {
            format: Format,
            kind: Kind::Release,
            registry: self.settings.registry.clone(),
            environment: chain.clone(),
            sequence,
            operation: operation.into(),
            snapshot,
            previous: previous.map(|blob| blob.digest),
            source: self.publication.source.clone(),
            changes: None,
            changes_file: None,
            actor: self.actor(),
            approvals,
            policy,
            held_back,
            tool: Some(TOOL.to_owned()),
            time: self.time(),
            rule_override: None,
            holds: Vec::new(),
            note: None,
            expires: None,
            signature: None,
        };
        let (release, changes) = with_changes(release, changes);
        for (blob, bytes) in changes {
            write(RegistryPath::Snapshot(blob.digest), bytes)?;
        }
        let bytes = json::write(&release);
        write(RegistryPath::Release(chain.clone(), sequence), bytes.clone())?;
        write(RegistryPath::Pointer(chain), bytes.clone())?;
        Ok(bytes)
    }
}

/// Returns what an environment serves, sorted by name.
fn list_entries(summaries: &[&PromptSummary], environment: &Environment) -> Vec<Entry> {
    let entries = summaries.iter().filter_map(|summary| summary.served_entries.get(environment));
    entries.flatten().cloned().collect()
}

/// Returns what happened in a chain since its last release, sorted by name.
fn list_changes<'s>(
    summaries: &'s [&PromptSummary],
    chain: &'s Chain,
) -> impl Iterator<Item = Change> + 's {
    summaries.iter().filter_map(|summary| summary.events.get(chain)).flatten().cloned()
}

/// Builds the root document of the registry, `api/registry.json`, without the bundles: they change with every release.
pub fn registry(settings: &Settings) -> Registry {
    Registry {
        format: Format,
        kind: Kind::Registry,
        registry: settings.registry.clone(),
        url: settings.url.clone(),
        visibility: settings.visibility.into(),
        environments: settings.environments.clone(),
        tokenizer: settings.tokenizer.clone(),
        repository: settings.repository.clone(),
        bundles: Vec::new(),
    }
}

fn catalog(
    settings: &Settings,
    summaries: &[&PromptSummary],
    sequences: Sequences,
    search: Option<Search>,
    history: Vec<MonthEvents>,
) -> Catalog {
    let shown = summaries.iter().filter(|summary| summary.is_shown());
    Catalog {
        format: Format,
        kind: Kind::Catalog,
        registry: settings.registry.clone(),
        sequences,
        environments: settings.environments.clone(),
        search,
        history,
        prompts: shown.map(|summary| summary.row.clone()).collect(),
        parts: Vec::new(),
    }
}

/// Writes the entries of a chain: in one file, or in shards by name. `entries` are sorted by name.
fn write_snapshot<T: Clone + serde::Serialize, E>(
    entries: &[T],
    name: impl Fn(&T) -> &PromptName,
    write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
) -> Result<WrittenSnapshot, E> {
    // With tracks a prompt has several entries; its name counts once.
    let repeated = entries.windows(2).filter(|pair| name(&pair[0]) == name(&pair[1])).count();
    let count = entries.len() - repeated;
    let bits = bits(count);
    let snapshot = |entries: Vec<T>| {
        let entries = entries.into_iter().map(Open::Known).collect();
        json::write(&Snapshot { format: Format, kind: Kind::Snapshot, entries })
    };
    let mut shards = Vec::new();
    let root = if bits == 0 {
        snapshot(entries.to_vec())
    } else {
        let mut sorted: Vec<Vec<T>> = vec![Vec::new(); 1 << bits];
        for entry in entries {
            sorted[shard_of(name(entry), bits)].push(entry.clone());
        }
        shards = sorted.into_iter().map(snapshot).collect();
        let list = shards.iter().map(|bytes| Blob::of(bytes)).collect();
        json::write(&release::Shards { format: Format, kind: Kind::Shards, shards: list })
    };
    for bytes in shards.iter().chain([&root]) {
        write(RegistryPath::Snapshot(Blob::of(bytes).digest), bytes.clone())?;
    }
    let blob = Blob::of(&root);
    let reference =
        SnapshotReference { digest: blob.digest, size: blob.size, count: count as u64, bits };
    Ok(WrittenSnapshot { reference, root, shards })
}

/// Adds the changes to a release, or to files that it leads to when they are many.
fn with_changes(mut release: Release, changes: Vec<Change>) -> (Release, Vec<(Blob, Vec<u8>)>) {
    let count = changes.len();
    release.changes = Some(changes).filter(|changes| !changes.is_empty());
    if count <= MAX_INLINE_CHANGES && json::write(&release).len() <= MAX_RELEASE_BYTES {
        return (release, Vec::new());
    }
    let page = |changes, older| Changes { format: Format, kind: Kind::Changes, changes, older };
    let changes = release.changes.take().unwrap_or_default();
    let WrittenPages { mut pages, newest, older } = write_pages(changes, page);
    let bytes = json::write(&page(newest, older));
    let blob = Blob::of(&bytes);
    release.changes_file =
        Some(ChangesFile { digest: blob.digest, size: blob.size, count: count as u64 });
    pages.push((blob, bytes));
    (release, pages)
}

/// Returns a finding for each bundle of `registry.yaml` whose documents alone are too large. Only when it is written is it known
/// how large a bundle is, but most that are too large are found here, before anything is written.
pub fn check_bundles(settings: &Settings, summaries: &[&PromptSummary]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for environment in &settings.environments {
        for (bundle, patterns) in &settings.bundles {
            let matches = |name: &PromptName| {
                patterns.iter().any(|pattern| matches_name(&pattern.value, name))
            };
            let served = summaries.iter().filter(|summary| matches(summary.name()));
            let served = served.filter_map(|summary| summary.served_entries.get(environment));
            let size = size_of_documents(served.flatten());
            if size > MAX_BUNDLE_BYTES as u64 {
                findings.extend(report_large_bundle(settings, environment, bundle, size));
            }
        }
    }
    findings
}

/// Returns how many bytes the documents of entries have.
fn size_of_documents<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> u64 {
    let documents = entries.into_iter().flat_map(|entry| entry.served.documents());
    documents.map(|(_, blob)| blob.size).sum()
}

/// Writes the bundles of an environment that are not too large. Returns them, and a finding for each other one that
/// `registry.yaml` names.
fn write_bundles<E: From<CorruptFile>>(
    settings: &Settings,
    environment: &Environment,
    release: &[u8],
    snapshot: &WrittenSnapshot,
    entries: &[Entry],
    read: &impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>, E>,
    write: &mut impl FnMut(RegistryPath, Vec<u8>) -> Result<(), E>,
) -> Result<(Vec<BundleReference>, Vec<Diagnostic>), E> {
    let (mut written, mut findings) = (Vec::new(), Vec::new());
    let all = BundleName::all();
    let named = settings.bundles.iter().map(|(name, patterns)| {
        (name, patterns.iter().map(|pattern| pattern.value.as_str()).collect())
    });
    let bundles = std::iter::once((&all, vec!["**"])).chain(named);
    for (bundle, patterns) in bundles {
        let mut chosen: Vec<&Entry> = entries
            .iter()
            .filter(|entry| patterns.iter().any(|pattern| matches_name(pattern, &entry.name)))
            .collect();
        // In the order of the snapshot: shard by shard, and by name within each.
        chosen.sort_by_key(|entry| shard_of(&entry.name, snapshot.reference.bits));
        // Escaping only makes it larger: what is too large already is not read.
        let size = size_of_documents(chosen.iter().copied());
        if size > MAX_BUNDLE_BYTES as u64 {
            findings.extend(report_large_bundle(settings, environment, bundle, size));
            continue;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut documents_text: Vec<String> = Vec::new();
        if snapshot.reference.bits > 0 {
            let needed: BTreeSet<usize> =
                chosen.iter().map(|entry| shard_of(&entry.name, snapshot.reference.bits)).collect();
            documents_text.extend(needed.into_iter().map(|shard| text(&snapshot.shards[shard])));
        }
        let mut seen: BTreeSet<(&PromptName, &Version)> = BTreeSet::new();
        for entry in chosen {
            for (version, blob) in entry.served.documents() {
                if seen.insert((&entry.name, version)) {
                    let path = RegistryPath::Version(entry.name.clone(), version.clone());
                    documents_text.push(text(&fetch(&path, blob.digest, Some(blob.size), read)?));
                }
            }
        }
        let bundle_document = Bundle {
            format: Format,
            kind: Kind::Bundle,
            release: text(release),
            snapshot: text(&snapshot.root),
            documents: documents_text,
        };
        let bytes = json::write(&bundle_document);
        let Blob { digest, size } = Blob::of(&bytes);
        if size > MAX_BUNDLE_BYTES as u64 {
            findings.extend(report_large_bundle(settings, environment, bundle, size));
            continue;
        }
        let (environment, bundle) = (environment.clone(), bundle.clone());
        write(RegistryPath::Bundle(environment.clone(), bundle.clone()), bytes)?;
        written.push(BundleReference { environment, bundle, digest, size });
    }
    Ok((written, findings))
}

/// Reports that a bundle which `registry.yaml` names would be too large. Nobody asked for `all`: it is left out.
fn report_large_bundle(
    settings: &Settings,
    environment: &Environment,
    bundle: &BundleName,
    size: u64,
) -> Option<Diagnostic> {
    let (source, pattern) = (settings.file.as_ref()?, settings.bundles.get(bundle)?.first()?);
    let message =
        format!("bundle `{bundle}` of {environment} has at least {size} bytes; the limit is 4 MiB");
    let finding = Diagnostic::at(&rules::FILE_SIZE, source, pattern.range.clone(), message);
    Some(finding.help("list fewer prompts in the bundle, or split it"))
}
