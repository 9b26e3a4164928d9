//! The files of the registry as a whole: snapshots, releases and pointers, the catalog, bundles.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{
    Bundle, Catalog, CatalogPrompt, ListedVersion, MAX_BUNDLE_BYTES, Registry, State,
    VERSIONS_PER_LIST, VersionList,
};
use promptdex_wire::event::{Change, Changes, Operation, Target};
use promptdex_wire::release::{
    CatalogEntry, ChangesFile, Entry, MAX_INLINE_CHANGES, MAX_RELEASE_BYTES, ReleaseOperation,
    Served, Shards, Snapshot, SnapshotReference, bits, shard_of,
};
use promptdex_wire::{
    Blob, BundleName, Chain, Environment, Format, Kind, Path, PromptName, RegistryName, Release,
    Version, json, schema,
};

use super::{Environments, PromptSummary};
use crate::model::Settings;

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

/// Writes the files of the registry. `summaries` are sorted by name; `read` returns a version
/// document that has been written, for the bundles.
pub fn assemble<E>(
    settings: &Settings,
    summaries: &[PromptSummary],
    environments: &Environments,
    read: impl Fn(&Path) -> Result<Option<Vec<u8>>, E>,
    mut write: impl FnMut(Path, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    for kind in Kind::ALL {
        write(Path::Schema(kind), schema::text(kind).as_bytes().to_vec())?;
    }
    write(Path::Registry, json::write(&registry(settings)))?;
    write(Path::Catalog, json::write(&catalog(settings, summaries, environments)))?;

    let mut entries = Vec::with_capacity(summaries.len());
    for summary in summaries {
        entries.push(write_version_lists(summary, &mut write)?);
    }
    let snapshot = write_snapshot(&entries, |entry| &entry.name, &mut write)?;
    let created = summaries.iter().flat_map(|summary| {
        summary.versions.iter().rev().map(|listed| Change {
            name: summary.name.clone(),
            operation: Operation::Created,
            from: None,
            to: Some(Target::Version(listed.version.clone())),
            by: None,
            at: None,
            commit: None,
            reason: None,
        })
    });
    publish(
        settings,
        Chain::Catalog,
        environments,
        snapshot.reference,
        created.collect(),
        &mut write,
    )?;

    for environment in &environments.path {
        let entries: Vec<Entry> =
            summaries.iter().flat_map(|summary| summary.entries(environment)).collect();
        let snapshot = write_snapshot(&entries, |entry| &entry.name, &mut write)?;
        let promoted = summaries.iter().filter_map(|summary| {
            Some(Change {
                name: summary.name.clone(),
                operation: Operation::Promoted,
                from: None,
                to: Some(summary.environments.get(environment)?.clone()),
                by: None,
                at: None,
                commit: None,
                reason: None,
            })
        });
        let chain = Chain::Environment(environment.clone());
        let release = publish(
            settings,
            chain,
            environments,
            snapshot.reference,
            promoted.collect(),
            &mut write,
        )?;
        write_bundles(settings, environment, &release, &snapshot, &entries, &read, &mut write)?;
    }
    Ok(())
}

fn registry(settings: &Settings) -> Registry {
    Registry {
        format: Format,
        kind: Kind::Registry,
        registry: settings.registry.clone(),
        url: settings.url.clone(),
        visibility: settings.visibility,
        environments: settings.environments.clone(),
        tokenizer: settings.tokenizer.clone(),
        repository: settings.repository.clone(),
        bundles: std::iter::once(BundleName::all())
            .chain(settings.bundles.keys().cloned())
            .collect(),
    }
}

fn catalog(
    settings: &Settings,
    summaries: &[PromptSummary],
    environments: &Environments,
) -> Catalog {
    let prompts = summaries.iter().map(|summary| CatalogPrompt {
        name: summary.name.clone(),
        title: summary.title.clone(),
        description: summary.description.clone(),
        tags: summary.tags.clone(),
        owners: summary.owners.clone(),
        replaced_by: summary.replaced_by.clone(),
        versions: summary.versions.iter().filter(|listed| listed.state != State::Archived).count()
            as u64,
        highest: summary.highest.clone(),
        template: summary.highest_facts.as_ref().map(|(template, _)| *template),
        model: summary.highest_facts.as_ref().and_then(|(_, model)| model.clone()),
        environments: summary.environments.clone(),
    });
    Catalog {
        format: Format,
        kind: Kind::Catalog,
        registry: settings.registry.clone(),
        sequences: environments.next.clone(),
        environments: settings.environments.clone(),
        prompts: prompts.filter(|prompt| prompt.versions > 0).collect(),
    }
}

/// Writes a prompt's list of versions, the oldest file first because the next one names it.
fn write_version_lists<E>(
    summary: &PromptSummary,
    write: &mut impl FnMut(Path, Vec<u8>) -> Result<(), E>,
) -> Result<CatalogEntry, E> {
    let mut older: Option<Blob> = None;
    let empty: [&[ListedVersion]; 1] = [&[]];
    let chunks: Vec<&[ListedVersion]> = if summary.versions.is_empty() {
        empty.to_vec()
    } else {
        summary.versions.chunks(VERSIONS_PER_LIST).collect()
    };
    let mut newest = Blob::of(b"");
    for chunk in chunks.into_iter().rev() {
        let list = VersionList {
            format: Format,
            kind: Kind::VersionList,
            name: summary.name.clone(),
            versions: chunk.to_vec(),
            older,
        };
        let bytes = json::write(&list);
        newest = Blob::of(&bytes);
        older = Some(newest);
        write(Path::Snapshot(newest.digest), bytes)?;
    }
    Ok(CatalogEntry { name: summary.name.clone(), digest: newest.digest, size: newest.size })
}

/// Writes the entries of a chain: in one file, or in shards by name. `entries` are sorted by name.
fn write_snapshot<T: Clone + serde::Serialize, E>(
    entries: &[T],
    name: impl Fn(&T) -> &PromptName,
    write: &mut impl FnMut(Path, Vec<u8>) -> Result<(), E>,
) -> Result<WrittenSnapshot, E> {
    // With tracks a prompt has several entries; its name counts once.
    let repeated = entries.windows(2).filter(|pair| name(&pair[0]) == name(&pair[1])).count();
    let count = entries.len() - repeated;
    let bits = bits(count);
    let snapshot =
        |entries: Vec<T>| json::write(&Snapshot { format: Format, kind: Kind::Snapshot, entries });
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
        json::write(&Shards { format: Format, kind: Kind::Shards, shards: list })
    };
    for bytes in shards.iter().chain([&root]) {
        write(Path::Snapshot(Blob::of(bytes).digest), bytes.clone())?;
    }
    let blob = Blob::of(&root);
    let reference =
        SnapshotReference { digest: blob.digest, size: blob.size, count: count as u64, bits };
    Ok(WrittenSnapshot { reference, root, shards })
}

/// Makes the release that follows `previous`, or the first one.
pub fn next_release(
    registry: &RegistryName,
    chain: Chain,
    sequence: u64,
    previous: Option<Blob>,
    snapshot: SnapshotReference,
    changes: Vec<Change>,
) -> (Release, Option<Changes>) {
    let mut release = Release {
        format: Format,
        kind: Kind::Release,
        registry: registry.clone(),
        environment: chain,
        sequence,
        operation: ReleaseOperation::Publish,
        snapshot,
        previous: previous.map(|blob| blob.digest),
        source: None,
        changes: None,
        changes_file: None,
        actor: None,
        approvals: Vec::new(),
        policy: None,
        tool: Some(TOOL.to_owned()),
        time: None,
        rule_override: None,
        holds: Vec::new(),
        note: None,
        expires: None,
        signature: None,
    };
    let count = changes.len();
    release.changes = Some(changes).filter(|changes| !changes.is_empty());
    if count <= MAX_INLINE_CHANGES && json::write(&release).len() <= MAX_RELEASE_BYTES {
        return (release, None);
    }
    let changes = Changes {
        format: Format,
        kind: Kind::Changes,
        changes: release.changes.take().unwrap_or_default(),
    };
    let blob = Blob::of(&json::write(&changes));
    release.changes_file =
        Some(ChangesFile { digest: blob.digest, size: blob.size, count: count as u64 });
    (release, Some(changes))
}

/// Writes the release of a chain and its pointer, and returns its bytes.
fn publish<E>(
    settings: &Settings,
    chain: Chain,
    environments: &Environments,
    snapshot: SnapshotReference,
    changes: Vec<Change>,
    write: &mut impl FnMut(Path, Vec<u8>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let sequence = environments.sequence(&chain);
    let (release, changes) =
        next_release(&settings.registry, chain.clone(), sequence, None, snapshot, changes);
    if let Some(changes) = changes {
        let bytes = json::write(&changes);
        write(Path::Snapshot(Blob::of(&bytes).digest), bytes)?;
    }
    let bytes = json::write(&release);
    write(Path::Release(chain.clone(), sequence), bytes.clone())?;
    write(Path::Pointer(chain), bytes.clone())?;
    Ok(bytes)
}

/// Writes the bundles of an environment that are not too large.
fn write_bundles<E>(
    settings: &Settings,
    environment: &Environment,
    release: &[u8],
    snapshot: &WrittenSnapshot,
    entries: &[Entry],
    read: &impl Fn(&Path) -> Result<Option<Vec<u8>>, E>,
    write: &mut impl FnMut(Path, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let everything = ["**".to_owned()];
    let all = BundleName::all();
    let bundles = std::iter::once((&all, everything.as_slice()))
        .chain(settings.bundles.iter().map(|(name, patterns)| (name, patterns.as_slice())));
    for (bundle, patterns) in bundles {
        let mut chosen: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                patterns.iter().any(|pattern| fast_glob::glob_match(pattern, entry.name.as_str()))
            })
            .collect();
        // In the order of the snapshot: shard by shard, and by name within each.
        chosen.sort_by_key(|entry| shard_of(&entry.name, snapshot.reference.bits));
        // Escaping only makes it larger: what is too large already is not read.
        let size: u64 =
            chosen.iter().flat_map(|entry| documents(entry)).map(|(_, blob)| blob.size).sum();
        if size > MAX_BUNDLE_BYTES as u64 {
            continue;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut documents_text: Vec<String> = Vec::new();
        if snapshot.reference.bits > 0 {
            let needed: std::collections::BTreeSet<usize> =
                chosen.iter().map(|entry| shard_of(&entry.name, snapshot.reference.bits)).collect();
            documents_text.extend(needed.into_iter().map(|shard| text(&snapshot.shards[shard])));
        }
        let mut seen: BTreeMap<(&PromptName, Version), ()> = BTreeMap::new();
        for entry in chosen {
            for (version, _) in documents(entry) {
                if seen.insert((&entry.name, version.clone()), ()).is_none()
                    && let Some(bytes) = read(&Path::Version(entry.name.clone(), version))?
                {
                    documents_text.push(text(&bytes));
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
        if bytes.len() <= MAX_BUNDLE_BYTES {
            write(Path::Bundle(environment.clone(), bundle.clone()), bytes)?;
        }
    }
    Ok(())
}

/// Returns the documents that an entry serves.
fn documents(entry: &Entry) -> Vec<(Version, Blob)> {
    match &entry.served {
        Served::Version { version, document, .. } => vec![(version.clone(), *document)],
        Served::Rollout(rollout) => rollout
            .arms
            .iter()
            .map(|arm| (arm.version.clone(), Blob { digest: arm.digest, size: arm.size }))
            .collect(),
    }
}
