//! From a prompt to its published files, and from all prompts to the files of the registry.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{
    Case, Cases, Expect, ListedVersion, Sequences, State, Status, VersionRow, Versions,
};
use promptdex_wire::event::Target;
use promptdex_wire::prompt::{Latest, Redacted, Serving};
use promptdex_wire::release::{Entry, Served};
use promptdex_wire::rollout::{PublishedArm, PublishedRollout};
use promptdex_wire::{
    Blob, Chain, Dialect, Environment, Format, Json, Kind, Path, PromptName, PromptVersion, Ref,
    Version, VersionDocument, json,
};

use crate::checks::{self, CaseResult, Tokenizer};
use crate::diagnostic::Diagnostic;
use crate::model::{CaseFile, Prompt, Settings};
use crate::rules;
use crate::tree::{Contents, PromptFiles};

mod assemble;
mod document;
pub mod includes;
mod targets;

pub use assemble::{assemble, next_release};

use includes::Library;

/// The environments, and the number of the release of each chain that this build makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environments {
    /// The promotion path.
    pub path: Vec<Environment>,
    /// The release in which a change made now is published.
    pub next: Sequences,
}

impl Environments {
    /// Starts every chain: a build without a published registry before it.
    pub fn preview(settings: &Settings) -> Self {
        let chains =
            settings.environments.iter().cloned().map(Chain::Environment).chain([Chain::Catalog]);
        Self { path: settings.environments.clone(), next: chains.map(|chain| (chain, 1)).collect() }
    }

    fn sequence(&self, chain: &Chain) -> u64 {
        self.next.get(chain).copied().unwrap_or(1)
    }

    fn status(&self, environment: &Environment) -> Status {
        if self.path.last() == Some(environment) {
            Status::Production
        } else if self.path.first() == Some(environment) {
            Status::Draft
        } else {
            Status::Staging
        }
    }
}

/// The files of one prompt, and what the files of the registry need to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledPrompt {
    /// The files.
    pub files: Vec<(Path, Vec<u8>)>,
    /// The summary.
    pub summary: PromptSummary,
}

/// What the files of the registry say about a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSummary {
    /// The prompt.
    pub name: PromptName,
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// The prompt that took its place.
    pub replaced_by: Option<PromptName>,
    /// The highest version that is neither a pre-release nor withdrawn.
    pub highest: Option<Version>,
    /// The dialect and model of that version.
    pub highest_facts: Option<(Dialect, Option<String>)>,
    /// Its versions, highest first.
    pub versions: Vec<ListedVersion>,
    /// What each environment serves.
    pub environments: BTreeMap<Environment, Target>,
}

impl PromptSummary {
    /// Returns where a version's document is.
    pub fn document(&self, version: &Version) -> Option<Blob> {
        let listed = self.versions.iter().find(|listed| listed.version == *version)?;
        Some(Blob { digest: listed.digest, size: listed.size })
    }

    /// Returns the entries of an environment's snapshot.
    fn entries(&self, environment: &Environment) -> Vec<Entry> {
        let Some(target) = self.environments.get(environment) else { return Vec::new() };
        let entry = |track: Option<u64>, version: &Version| {
            let document = self.document(version)?;
            let served = Served::Version { track, version: version.clone(), document };
            Some(Entry { name: self.name.clone(), served })
        };
        match target {
            Target::Version(version) => entry(None, version).into_iter().collect(),
            Target::Tracks(tracks) => {
                tracks.iter().filter_map(|(major, version)| entry(Some(*major), version)).collect()
            }
            Target::Rollout(_) => self
                .rollout(target)
                .map(|rollout| Entry { name: self.name.clone(), served: Served::Rollout(rollout) })
                .into_iter()
                .collect(),
        }
    }

    /// Returns a rollout as it is published.
    fn rollout(&self, target: &Target) -> Option<PublishedRollout> {
        let Target::Rollout(rollout) = target else { return None };
        let arms = rollout.arms.iter().map(|arm| {
            let document = self.document(&arm.version)?;
            Some(PublishedArm {
                key: arm.key.clone(),
                version: arm.version.clone(),
                weight: arm.weight,
                digest: document.digest,
                size: document.size,
            })
        });
        Some(PublishedRollout {
            experiment: rollout.experiment.clone(),
            salt: rollout.experiment.clone().unwrap_or_else(|| self.name.to_string()),
            arms: arms.collect::<Option<_>>()?,
        })
    }
}

/// Checks a prompt and writes its files. Files are only meant to be published when there is no
/// finding of severity error.
#[expect(
    clippy::too_many_arguments,
    reason = "each is an input of the step; a struct of them would have one user"
)]
pub fn compile_prompt<L: FnMut(&PromptName) -> Option<std::sync::Arc<Prompt>>>(
    prompt: &Prompt,
    files: &PromptFiles,
    contents: &Contents,
    settings: &Settings,
    environments: &Environments,
    library: &mut Library<'_, L>,
    tokenizer: Option<Tokenizer<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> CompiledPrompt {
    checks::check_prompt(prompt, &environments.path, findings);
    let mut published: Vec<(Path, Vec<u8>)> = Vec::new();
    let mut documents: BTreeMap<Version, VersionDocument> = BTreeMap::new();
    let mut rows = Vec::new();
    let sequences = |chains: &[Chain]| -> Sequences {
        chains.iter().map(|chain| (chain.clone(), environments.sequence(chain))).collect()
    };
    for (version, source) in prompt.versions.iter().rev() {
        let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
        let state = prompt.states.get(version);
        let redaction = state.filter(|state| state.state == State::Redacted);
        // Of a redacted version only the digest of its document is published.
        let mut unheard = Vec::new();
        let findings = if redaction.is_some() { &mut unheard } else { &mut *findings };
        let before = findings.len();
        let resolved = library.includes(&own, source, findings);
        let includes_resolved = findings.len() == before;
        let context =
            checks::context(prompt, version, source, &resolved, includes_resolved, findings);
        let results = checks::check_version(&context, tokenizer, findings);
        let document = document::version_document(settings, &own, source, &resolved);
        let mut bytes = json::write(&document);
        if bytes.len() > document::MAX_DOCUMENT {
            let folder = format!("{}/v{version}", files.folder);
            let message =
                format!("the version document would have {} bytes, 4 MiB are allowed", bytes.len());
            findings.push(
                Diagnostic::about(&rules::FILE_SIZE, folder, message)
                    .help("shorten texts or examples"),
            );
        }
        if let Some(state) = redaction {
            let redacted = Redacted {
                format: Format,
                kind: Kind::Redacted,
                name: prompt.name.clone(),
                version: version.clone(),
                digest: Blob::of(&bytes).digest,
                at: None,
                by: None,
                reason: state.reason.clone(),
            };
            bytes = json::write(&redacted);
        } else {
            for (digest, file) in &source.blobs {
                if let Some(blob) = contents.get(&files.version_file(version, file)) {
                    published.push((Path::Blob(*digest), blob.clone()));
                }
            }
            if let Some(cases) = prompt.cases.get(version) {
                let document = cases_document(
                    settings,
                    &own,
                    &document,
                    cases,
                    &results,
                    sequences(&[Chain::Catalog]),
                );
                published.push((
                    Path::Cases(prompt.name.clone(), version.clone()),
                    json::write(&document),
                ));
            }
        }
        let blob = Blob::of(&bytes);
        // What its author wrote about a redacted version is withdrawn with it.
        let told = redaction.is_none().then_some(&document);
        rows.push(VersionRow {
            version: version.clone(),
            digest: blob.digest,
            size: blob.size,
            source_digest: source.source_digest,
            state: state.map_or(State::Active, |state| state.state),
            reason: state.map(|state| state.reason.clone()),
            created_by: told.and_then(|document| document.created_by.clone()),
            created_at: told.and_then(|document| document.created_at.clone()),
            description: told.and_then(|document| document.description.clone()),
            template: document.template,
            model: told.and_then(|document| document.model.clone()),
            tags: told.map(|document| document.tags.clone()).unwrap_or_default(),
        });
        published.push((Path::Version(prompt.name.clone(), version.clone()), bytes));
        documents.insert(version.clone(), document);
    }
    let highest = targets::highest(prompt).cloned();
    let summary = PromptSummary {
        name: prompt.name.clone(),
        title: prompt.title.clone(),
        description: prompt.description.clone(),
        tags: prompt.tags.clone(),
        owners: prompt.owners.clone(),
        replaced_by: prompt.replaced_by.clone(),
        highest_facts: highest
            .as_ref()
            .and_then(|version| documents.get(version))
            .map(|document| (document.template, document.model.clone())),
        highest,
        versions: rows.iter().map(listed).collect(),
        environments: targets::targets(prompt, settings),
    };
    for (environment, target) in &summary.environments {
        publish_latest(
            settings,
            environments,
            &summary,
            environment,
            target,
            prompt,
            &documents,
            &mut published,
        );
    }
    let mut chains = vec![Chain::Catalog];
    chains.extend(summary.environments.keys().cloned().map(Chain::Environment));
    let versions = Versions {
        format: Format,
        kind: Kind::Versions,
        registry: settings.registry.clone(),
        name: prompt.name.clone(),
        sequences: sequences(&chains),
        title: summary.title.clone(),
        description: summary.description.clone(),
        tags: summary.tags.clone(),
        owners: summary.owners.clone(),
        replaced_by: summary.replaced_by.clone(),
        environments: summary.environments.clone(),
        versions: rows,
    };
    published.push((Path::Versions(prompt.name.clone()), json::write(&versions)));
    CompiledPrompt { files: published, summary }
}

/// Returns the document of one version, and what is wrong with it short of its cases.
pub fn compiled_document<L: FnMut(&PromptName) -> Option<std::sync::Arc<Prompt>>>(
    prompt: &Prompt,
    version: &Version,
    settings: &Settings,
    library: &mut Library<'_, L>,
    findings: &mut Vec<Diagnostic>,
) -> Option<VersionDocument> {
    let source = prompt.versions.get(version)?;
    let own = PromptVersion { name: prompt.name.clone(), version: version.clone() };
    let resolved = library.includes(&own, source, findings);
    checks::context(prompt, version, source, &resolved, true, findings);
    Some(document::version_document(settings, &own, source, &resolved))
}

/// Returns the main version that an environment serves.
pub fn serves(prompt: &Prompt, settings: &Settings, environment: &Environment) -> Option<Version> {
    targets::targets(prompt, settings).get(environment).and_then(Target::main).cloned()
}

/// Returns what the metadata of a prompt without `environments/` says about where it is served, for
/// moving it into files.
pub fn metadata_pointers(prompt: &Prompt, settings: &Settings) -> BTreeMap<Environment, Version> {
    if prompt.has_environments {
        return BTreeMap::new();
    }
    let targets = targets::metadata_targets(prompt, settings).into_iter();
    targets
        .filter_map(|(environment, target)| Some((environment, target.main()?.clone())))
        .collect()
}

fn listed(row: &VersionRow) -> ListedVersion {
    ListedVersion {
        version: row.version.clone(),
        digest: row.digest,
        size: row.size,
        source_digest: row.source_digest,
        state: row.state,
        reason: row.reason.clone(),
    }
}

/// Writes the latest documents of one environment: the main one, and one per track or major.
#[expect(clippy::too_many_arguments, reason = "called once, with what the caller has at hand")]
fn publish_latest(
    settings: &Settings,
    environments: &Environments,
    summary: &PromptSummary,
    environment: &Environment,
    target: &Target,
    prompt: &Prompt,
    documents: &BTreeMap<Version, VersionDocument>,
    published: &mut Vec<(Path, Vec<u8>)>,
) {
    let sequence = environments.sequence(&Chain::Environment(environment.clone()));
    let latest = |version: &Version, rollout: Option<PublishedRollout>| {
        let document = documents.get(version)?;
        let blob = summary.document(version)?;
        let deprecated =
            prompt.states.get(version).is_some_and(|state| state.state == State::Deprecated);
        let serving = Serving {
            environment: environment.clone(),
            status: if deprecated { Status::Deprecated } else { environments.status(environment) },
            updated_by: None,
            updated_at: None,
            reason: None,
            digest: blob.digest,
            size: blob.size,
            sequence,
            reference: Ref {
                registry: settings.registry.clone(),
                prompt: PromptVersion { name: summary.name.clone(), version: version.clone() },
                digest: blob.digest,
            },
            rollout,
        };
        let document = VersionDocument { kind: Kind::Latest, ..document.clone() };
        Some(json::write(&Latest { document, serving }))
    };
    let name = &summary.name;
    let Some(main) = target.main() else { return };
    let Some(bytes) = latest(main, summary.rollout(target)) else { return };
    let track = |major: u64| Path::LatestTrack(name.clone(), environment.clone(), major);
    match target {
        Target::Version(_) | Target::Rollout(_) => {
            published.push((track(main.major()), bytes.clone()));
        }
        Target::Tracks(tracks) => {
            for (major, version) in tracks {
                published.extend(latest(version, None).map(|bytes| (track(*major), bytes)));
            }
        }
    }
    published.push((Path::Latest(name.clone(), environment.clone()), bytes));
}

/// What stands for a sensitive value in published cases.
const MASK: &str = "\"***\"";

fn cases_document(
    settings: &Settings,
    own: &PromptVersion,
    document: &VersionDocument,
    cases: &CaseFile,
    results: &[CaseResult],
    sequences: Sequences,
) -> Cases {
    let counted = results.iter().any(|result| result.tokens.is_some());
    let cases = cases.cases.iter().zip(results).map(|(case, result)| {
        let sensitive = |name: &str| {
            document.variables.iter().any(|variable| variable.name == name && variable.sensitive)
        };
        let has_sensitive = case.variables.iter().any(|(name, _)| sensitive(&name.value));
        let mut variables = String::from("{");
        for (position, (name, value)) in case.variables.iter().enumerate() {
            if position > 0 {
                variables.push(',');
            }
            // A `String` always serializes.
            variables.push_str(&serde_json::to_string(&name.value).unwrap_or_default());
            variables.push(':');
            variables.push_str(if sensitive(&name.value) { MASK } else { value.value.text() });
        }
        variables.push('}');
        let texts = |texts: &[crate::read::Placed<String>]| {
            texts.iter().map(|text| text.value.clone()).collect()
        };
        let expect = Expect {
            equals: case.expect.equals.as_ref().map(|text| text.value.clone()),
            contains: texts(&case.expect.contains),
            not_contains: texts(&case.expect.not_contains),
            matches: case.expect.matches.as_ref().map(|text| text.value.clone()),
            max_tokens: case.expect.max_tokens,
        };
        Some(Case {
            name: case.name.value.clone(),
            variables: Json::from_text(variables).ok()?,
            // What is expected of a rendering repeats its values.
            expect: (expect != Expect::default() && !has_sensitive).then_some(expect),
            tokens: result.tokens,
        })
    });
    Cases {
        format: Format,
        kind: Kind::Cases,
        registry: settings.registry.clone(),
        name: own.name.clone(),
        version: own.version.clone(),
        sequences,
        tokenizer: counted.then(|| settings.tokenizer.clone()),
        cases: cases.flatten().collect(),
    }
}
