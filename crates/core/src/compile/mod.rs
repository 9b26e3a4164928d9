//! From a prompt to its published files, and from all prompts to the files of the registry.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::catalog::{CatalogPrompt, ListedVersion, State, VersionRow};
use promptdex_wire::event::{Change, Target};
use promptdex_wire::history::{Event, History};
use promptdex_wire::pages::{WrittenPages, rows_in_full_pages, write_pages};
use promptdex_wire::release::{Entry, Sequences};
use promptdex_wire::{
    Blob, Chain, Environment, Format, Kind, PromptName, PromptVersion, RegistryPath, Version,
    VersionDocument, json,
};

use crate::checks::{self, CaseResult, CaseTokenizer};
use crate::diagnostic::Diagnostic;
use crate::history;
use crate::history::PointerPast;
use crate::model::{Prompt, PromptVersionSource, Settings};
use crate::prompt_past::{PromptPast, PromptWithPast};
use crate::published_registry::PublishedPrompt;
use crate::tree::{Contents, PromptFiles};

mod assemble;
mod cases;
mod document;
mod environments;
pub mod includes;
mod latest;
mod months;
mod policy;
mod publication;
mod published_state;
mod redaction_only;
mod resolved_include;
pub mod search;
mod summary;
pub mod targets;
mod versions;

pub use assemble::{RegistryInputs, assemble, check_bundles, registry};
pub use environments::Environments;
pub use months::Months;
pub use publication::{HeldPrompt, Publication};
pub use published_state::PublishedState;
pub use redaction_only::with_redactions_only;
pub(crate) use resolved_include::{ResolvedInclude, build_includes};
pub use summary::PromptSummary;

use includes::IncludeLibrary;

/// The compiled files of one prompt, and its part of the registry's files.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledPrompt {
    /// The files. Version documents that are published already are not among them.
    pub files: Vec<(RegistryPath, Vec<u8>)>,
    /// The documents that replace redacted versions, even if a file is already there.
    pub redactions: Vec<(RegistryPath, Vec<u8>)>,
    /// The prompts that it includes, transitively.
    pub includes: BTreeSet<PromptName>,
    /// The versions of the tree that are not published as they are.
    pub unpublished: BTreeSet<Version>,
    /// What its new versions include, transitively: each pair has such a version first.
    pub new_includes: BTreeSet<(Version, PromptVersion)>,
    /// The summary.
    pub summary: PromptSummary,
}

/// Checks a prompt and writes its files. Files are only meant to be published when there is no
/// finding of severity error.
#[expect(
    clippy::too_many_arguments,
    reason = "each is an input of the step; a struct of them would have one user"
)]
pub fn compile_prompt<L: FnMut(&PromptName) -> Option<std::sync::Arc<PromptWithPast>>>(
    prompt_with_past: &PromptWithPast,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    contents: &Contents,
    settings: &Settings,
    environments: &Environments,
    library: &mut IncludeLibrary<'_, L>,
    tokenizer: Option<CaseTokenizer<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> CompiledPrompt {
    checks::check_prompt(prompt_with_past, settings, prompts, findings);
    let PromptWithPast { prompt, past } = prompt_with_past;
    let targets = targets::targets(prompt, settings);
    let published = past.published.as_ref();
    let mut written: Vec<(RegistryPath, Vec<u8>)> = Vec::new();
    let mut redactions = Vec::new();
    let mut counted: BTreeMap<&Version, Vec<CaseResult>> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut blobs = BTreeSet::new();
    let mut included: BTreeMap<&Version, Vec<PromptVersion>> = BTreeMap::new();
    for version in all_versions(prompt_with_past).into_iter().rev() {
        let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
        let path = RegistryPath::Version(prompt.name.clone(), version.clone());
        let state = prompt.states.get(version);
        let listed = published.and_then(|published| published.versions.get(version));
        let withdrawn = published.and_then(|published| published.withdrawn.get(version));
        let source = prompt.versions.get(version);
        if let Some(state) = state.filter(|state| state.state == State::Redacted) {
            let document = || {
                let source = source?;
                let resolved = library.includes(&own, source, &mut Vec::new());
                let created = past.version_origin(version, &source.metadata);
                let document =
                    document::version_document(settings, &own, source, created, &resolved);
                Some(Blob::of(&json::write(&document)))
            };
            let of_list = |row: &ListedVersion| Blob { digest: row.digest, size: row.size };
            let blob = match (listed, withdrawn) {
                (Some(listed), _) if listed.state == State::Redacted => of_list(listed),
                // A redaction is never written again, even if its list was not written yet.
                (_, Some(redaction)) => *redaction,
                (listed, None) => {
                    let replaced = listed.map(of_list).or_else(document);
                    let Some(replaced) = replaced else { continue };
                    let git_changes = past.history.of(&Chain::Catalog);
                    let redaction =
                        document::build_redaction(settings, &own, replaced, state, git_changes);
                    let bytes = json::write(&redaction);
                    let file = prompt.source.as_deref();
                    document::check_redaction_size(&bytes, file, state, findings);
                    let blob = Blob::of(&bytes);
                    redactions.push((path, bytes));
                    blob
                }
            };
            let digest = listed.map(|listed| listed.source_digest);
            let digest = digest.or_else(|| source.map(|source| source.source_digest));
            let Some(source_digest) = digest else { continue };
            rows.push(versions::row(version, blob, source_digest, Some(state), None, 0, &[]));
            continue;
        }
        // What is gone is a finding.
        let Some(source) = source else { continue };
        let before = findings.len();
        let resolved = library.includes(&own, source, findings);
        let includes_resolved = findings.len() == before;
        included.insert(version, resolved.keys().cloned().collect());
        let context = checks::VersionContext::parse(
            prompt_with_past,
            version,
            source,
            &resolved,
            includes_resolved,
            findings,
        );
        let is_current = past.is_new(version)
            || targets.values().any(|target| target.versions().contains(&version));
        counted.insert(version, checks::check_version(&context, is_current, tokenizer, findings));
        blobs.extend(source.blobs.keys().copied());
        let created = past.version_origin(version, &source.metadata);
        let blob = if let Some(redaction) = withdrawn {
            // That the tree still has the text is a finding.
            *redaction
        } else if let Some(listed) = listed {
            Blob { digest: listed.digest, size: listed.size }
        } else {
            let created = created.clone();
            let document = document::version_document(settings, &own, source, created, &resolved);
            let bytes = json::write(&document);
            document::check_size(&bytes, &format!("{}/v{version}", prompt.name), findings);
            let blob = Blob::of(&bytes);
            written.push((path, bytes));
            blob
        };
        for (digest, file) in &source.blobs {
            let path = prompts.get(&prompt.name).map(|files| files.version_file(version, file));
            if let Some(bytes) = path.and_then(|path| contents.get(&path)) {
                written.push((RegistryPath::Blob(*digest), bytes.clone()));
            }
        }
        rows.push(versions::row(
            version,
            blob,
            source.source_digest,
            state,
            Some((&source.metadata, created)),
            prompt.cases.get(version).map_or(0, |file| file.cases.len()),
            &prompt.own_results(version),
        ));
    }

    let documents = locate_documents(&rows);
    let served: BTreeMap<Environment, Vec<Entry>> = targets
        .iter()
        .map(|(environment, target)| {
            (environment.clone(), targets::entries(&prompt.name, target, &documents))
        })
        .collect();
    let events = events(prompt_with_past, environments, &rows, &served);
    let history = sort_events(prompt_with_past, environments, &events);
    let row_count = rows.len();
    let version_count = rows.iter().filter(|row| row.state != State::Archived).count() as u64;
    let rows = versions::sort_by_age(rows, &history);
    let lists = versions::write_lists(&prompt.name, &rows);
    let list = lists.last().map_or_else(|| Blob::of(b""), |(blob, _)| *blob);
    let sequences = sequences(published, environments, list, &served, &events);
    let highest = targets::highest(prompt);
    let highest_source = highest.and_then(|version| prompt.versions.get(version));
    let shown: BTreeSet<&Version> =
        targets.values().flat_map(Target::versions).chain(highest).collect();
    let shown_includes: BTreeSet<&PromptVersion> =
        shown.into_iter().filter_map(|version| included.get(version)).flatten().collect();
    let states = targets.values().flat_map(Target::versions).filter_map(|version| {
        prompt.states.get(version).map(|state| (version.clone(), state.state.into()))
    });
    let states = states.collect();
    let row = CatalogPrompt {
        name: prompt.name.clone(),
        title: prompt.title.clone(),
        about: prompt.description.clone(),
        tags: prompt.tags.clone(),
        owners: prompt.owners.clone(),
        replaced_by: prompt.replaced_by.as_ref().map(|name| name.value.clone()),
        version_count,
        highest: highest.cloned(),
        template: highest_source.map(|source| source.metadata.template.into()),
        model: highest_source.and_then(|source| source.metadata.model.clone()),
        variable_names: highest_source
            .map(|source| source.metadata.variables.iter())
            .into_iter()
            .flatten()
            .map(|declared| declared.variable.name.clone())
            .collect(),
        includes: shown_includes.into_iter().cloned().collect(),
        pointers: targets
            .iter()
            .map(|(name, target)| (name.clone(), target.clone().into()))
            .collect(),
        states,
    };

    let latest = latest::LatestInputs {
        prompt,
        past,
        settings,
        environments,
        written: &written,
        events: &events,
    };
    let updates = latest.updates(targets.keys());
    let latest = latest.documents(&targets, &served, &sequences);
    written.extend(latest);
    let catalog = sequences.get(&Chain::Catalog).map(|sequence| (Chain::Catalog, *sequence));
    let catalog: Sequences = catalog.into_iter().collect();
    for (version, counted) in &counted {
        let (cases, results) = (prompt.cases.get(version), prompt.own_results(version));
        let Some(source) = prompt.versions.get(version) else { continue };
        if cases.is_none() && results.is_empty() {
            continue;
        }
        let own = PromptVersion { name: prompt.name.clone(), version: (*version).clone() };
        let catalog = catalog.clone();
        let document = cases::document(settings, own, source, cases, counted, &results, catalog);
        let path = RegistryPath::Cases(prompt.name.clone(), (*version).clone());
        written.push((path, json::write(&document)));
    }
    let (history_pages, history) = write_history(&prompt.name, settings, history);
    written.push((RegistryPath::History(prompt.name.clone()), json::write(&history)));
    let summary = PromptSummary {
        versions: row_count,
        list,
        served_entries: served,
        events,
        sequences,
        blobs,
        row,
    };
    let (version_pages, versions) = versions::write_documents(settings, &summary, updates, rows);
    written.push((RegistryPath::Versions(prompt.name.clone()), json::write(&versions)));
    let pages = lists.into_iter().chain(history_pages).chain(version_pages);
    written.extend(pages.map(|(blob, bytes)| (RegistryPath::Snapshot(blob.digest), bytes)));
    if row_count == 0 {
        // A prompt without versions is nothing yet.
        written.clear();
    }
    let is_new = |version: &Version| {
        published.is_none_or(|published| !published.versions.contains_key(version))
    };
    let new = included.iter().filter(|(version, _)| is_new(version));
    let pair = |version: &Version, included: &PromptVersion| (version.clone(), included.clone());
    let new_includes =
        new.flat_map(|(version, included)| included.iter().map(|own| pair(version, own))).collect();
    let includes = included.into_values().flatten().map(|included| included.name).collect();
    let unpublished = list_unpublished_versions(prompt_with_past);
    CompiledPrompt { files: written, redactions, includes, unpublished, new_includes, summary }
}

/// Returns the versions of the tree that are not published as they are.
fn list_unpublished_versions(
    PromptWithPast { prompt, past }: &PromptWithPast,
) -> BTreeSet<Version> {
    let is_published = |version: &Version, source: &PromptVersionSource| {
        past.published.as_ref().is_some_and(|published| {
            let listed = published.versions.get(version);
            !published.is_redacted(version)
                && listed.is_some_and(|listed| listed.source_digest == source.source_digest)
        })
    };
    let versions = prompt.versions.iter();
    versions
        .filter(|(version, source)| !is_published(version, source))
        .map(|(version, _)| version.clone())
        .collect()
}

/// Returns where the documents of versions are.
fn locate_documents(rows: &[VersionRow]) -> BTreeMap<&Version, Blob> {
    rows.iter().map(|row| (&row.version, Blob { digest: row.digest, size: row.size })).collect()
}

/// Returns the versions of the tree, and the published ones whose folder is gone.
fn all_versions(PromptWithPast { prompt, past }: &PromptWithPast) -> BTreeSet<&Version> {
    let published = past.published.iter().flat_map(|published| published.versions.keys());
    prompt.versions.keys().chain(published).collect()
}

/// Returns what happened to a prompt since the last release of each chain.
fn events(
    PromptWithPast { prompt, past }: &PromptWithPast,
    environments: &Environments,
    rows: &[VersionRow],
    served: &BTreeMap<Environment, Vec<Entry>>,
) -> BTreeMap<Chain, Vec<Change>> {
    let nothing = PublishedPrompt::default();
    let published = past.published.as_ref().unwrap_or(&nothing);
    let git_changes = past.history.of(&Chain::Catalog);
    let of_versions = history::of_versions(&prompt.name, &published.versions, rows, git_changes);
    let all: BTreeSet<&Environment> =
        published.served_entries.keys().chain(served.keys()).chain(&environments.path).collect();
    let past_targets = history::served_in(&published.history);
    let of_environments = all.into_iter().map(|environment| {
        let target = |served: &BTreeMap<Environment, Vec<Entry>>| {
            served.get(environment).and_then(|entries| Target::of(entries))
        };
        let chain = Chain::Environment(environment.clone());
        let (from, to) = (target(&published.served_entries), target(served));
        let git_changes = past.history.of(&chain);
        let is_first = environments.is_first(&chain);
        // An environment comes and goes with registry.yaml.
        let is_listed = environments.path.contains(environment);
        let settings = environments.settings.as_ref();
        let settings = settings.filter(|_| (is_first || !is_listed) && !past.is_uncommitted);
        let pointer = PointerPast { environment, served: &past_targets, is_first, settings };
        let events = history::of_pointer(&prompt.name, from, to, git_changes, &pointer);
        (chain, events)
    });
    let events = std::iter::once((Chain::Catalog, of_versions)).chain(of_environments);
    events.filter(|(_, events)| !events.is_empty()).collect()
}

/// Returns the published events of a prompt and the new ones. Those in full pages stay where they are.
fn sort_events(
    PromptWithPast { past, .. }: &PromptWithPast,
    environments: &Environments,
    events: &BTreeMap<Chain, Vec<Change>>,
) -> Vec<Event> {
    let new = events.iter().flat_map(|(chain, changes)| {
        let sequence = environments.sequence(chain);
        changes
            .iter()
            .map(move |change| Event { name: None, ..Event::new(change.clone(), chain, sequence) })
    });
    let published = past.published.iter().flat_map(|published| published.history.iter());
    let mut sorted: Vec<Event> =
        published.map(|event| Event { name: None, ..event.clone() }).collect();
    let rest = sorted.split_off(rows_in_full_pages(sorted.len()));
    sorted.extend(history::merge_events(rest.into_iter().chain(new).collect(), &environments.path));
    sorted
}

/// Writes the full pages of a prompt's `history.json`, and returns the file itself.
fn write_history(
    name: &PromptName,
    settings: &Settings,
    events: Vec<Event>,
) -> (Vec<(Blob, Vec<u8>)>, History) {
    let sequences = history::sequences(&events);
    let page = |events, older| History {
        format: Format,
        kind: Kind::History,
        registry: settings.registry.clone(),
        name: name.clone(),
        sequences: Sequences::new(),
        events,
        older,
    };
    let WrittenPages { pages, newest, older } = write_pages(events, page);
    (pages, History { sequences, ..page(newest, older) })
}

/// Returns, for each chain, the release in which a prompt last changed: the next release if it changes now.
fn sequences(
    published: Option<&PublishedPrompt>,
    environments: &Environments,
    list: Blob,
    served: &BTreeMap<Environment, Vec<Entry>>,
    events: &BTreeMap<Chain, Vec<Change>>,
) -> Sequences {
    let known = published.map(PublishedPrompt::sequences).unwrap_or_default();
    let sequence = |chain: Chain, is_unchanged: bool| {
        let known = known.get(&chain).copied();
        let sequence = known.filter(|_| is_unchanged);
        (chain.clone(), sequence.unwrap_or_else(|| environments.sequence(&chain)))
    };
    let catalog = published.is_some_and(|published| published.list == Some(list));
    // The environments that serve it, and those that once did.
    let environments: BTreeSet<&Environment> = known
        .keys()
        .chain(events.keys())
        .filter_map(|chain| match chain {
            Chain::Environment(environment) => Some(environment),
            Chain::Catalog => None,
        })
        .chain(served.keys())
        .collect();
    std::iter::once(sequence(Chain::Catalog, catalog))
        .chain(environments.into_iter().map(|environment| {
            let before = published.and_then(|published| published.served_entries.get(environment));
            let is_unchanged = before == served.get(environment);
            sequence(Chain::Environment(environment.clone()), is_unchanged)
        }))
        .collect()
}

/// Returns the document of one version and its findings, except for those of its test cases.
pub fn compiled_document<L: FnMut(&PromptName) -> Option<std::sync::Arc<PromptWithPast>>>(
    prompt: &Prompt,
    version: &Version,
    settings: &Settings,
    library: &mut IncludeLibrary<'_, L>,
    findings: &mut Vec<Diagnostic>,
) -> Option<VersionDocument> {
    let source = prompt.versions.get(version)?;
    let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
    let resolved = library.includes(&own, source, findings);
    checks::check_templates(source, findings);
    let created = PromptPast::default().version_origin(version, &source.metadata);
    Some(document::version_document(settings, &own, source, created, &resolved))
}

/// Returns the versions whose documents are repeated in latest documents.
pub fn served_versions(prompt: &Prompt, settings: &Settings) -> BTreeSet<Version> {
    let targets = targets::targets(prompt, settings);
    targets.values().flat_map(Target::versions).cloned().collect()
}

/// Returns what an environment serves.
pub fn target(prompt: &Prompt, settings: &Settings, environment: &Environment) -> Option<Target> {
    targets::targets(prompt, settings).remove(environment)
}

/// Returns the main version that an environment serves.
pub fn served_main_version(
    prompt: &Prompt,
    settings: &Settings,
    environment: &Environment,
) -> Option<Version> {
    target(prompt, settings, environment)?.main().cloned()
}

/// Returns the pointers that the metadata of a prompt without `environments/` declares, to move them into
/// files.
pub fn metadata_pointers(prompt: &Prompt, settings: &Settings) -> BTreeMap<Environment, Version> {
    if prompt.has_environments {
        return BTreeMap::new();
    }
    let targets = targets::metadata_targets(prompt, settings).into_iter();
    targets
        .filter_map(|(environment, target)| Some((environment, target.main()?.clone())))
        .collect()
}
