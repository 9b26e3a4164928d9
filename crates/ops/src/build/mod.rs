//! Runs the steps of the compiler over a tree: prompts on all cores, then the prompts that include
//! others.

pub mod cache;
pub mod folder;
mod git_facts;
mod held_back;
pub mod inputs;
pub mod outcome;
pub mod output;
mod packing;
mod prompt;
mod search;
pub mod site;
mod spool;
pub mod tokens;
mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use promptdex_core::checks::{
    CaseTokenizer, check_code_owners, check_missing_commits, check_registry,
};
use promptdex_core::compile::search::TextIndex;
use promptdex_core::compile::{
    Environments, PromptSummary, Publication, RegistryInputs, assemble, check_bundles, registry,
};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::file_use::count_ignored;
use promptdex_core::model::Settings;
use promptdex_core::policy;
use promptdex_core::policy_check::check_change;
use promptdex_core::rules::Severity;
use promptdex_core::tree::{PromptFiles, REGISTRY_FILE, survey};
use promptdex_history::replay::FirstCommits;
use promptdex_site::page::Pages;
use promptdex_wire::release::Source;
use promptdex_wire::{Digest, Environment, Month, PromptName, PromptVersion, RegistryPath};
use rayon::prelude::*;

use self::cache::{CacheEntry, CacheIndex, CacheUpdate, ShardCache, WrittenMonth};
use self::git_facts::GitFacts;
use self::inputs::JudgedChange;
use self::outcome::BuildOutcome;
use self::output::Output;
use self::packing::Packing;
use self::prompt::{CompileContext, CompileProgress, CompiledPrompts, WrittenPrompt};
use self::site::write_site;
use self::spool::Spool;
use self::tokens::{TokenCount, TokenCounter};
use self::withdrawal::withdraw;
use crate::error::{Error, Result};
use crate::history::head::LazyHeadCommit;
use crate::history::in_place_versions::{
    InPlaceVersions, add_given_versions, add_in_place_versions,
};
use crate::prompts::settings;
use crate::published::trail::AuditTrail;
use crate::target::Staging;
use crate::tree::{Tree, repository};

/// Checks the tree, and writes the registry if `output` has a place for it.
pub fn run(tree: &Tree, output: &Output<'_>) -> Result<BuildOutcome> {
    let base = output.judged_change.and_then(JudgedChange::base);
    let head = LazyHeadCommit::of(tree).onto(base);
    let mut surveyed = survey_tree(tree, &head, output)?;
    check_identity(tree, &surveyed, output)?;
    let mut findings = std::mem::take(&mut surveyed.findings);
    check_whole(tree, &surveyed, output, &mut findings)?;

    let SurveyedTree { settings, prompts, first_commits, .. } = &surveyed;
    let facts = git_facts::read(&head, settings, prompts, first_commits, output)?;
    let environments = environments(tree, settings, output, &facts)?;
    let reuse = Reuse::of(prompts, &facts, output)?;
    let trail = trail(&reuse, prompts, &facts, &environments.path, output)?;
    let pages = output.site.map(|site| (site, Pages::new(site.assets.clone(), registry(settings))));

    let mut compiled = compile_prompts(
        tree,
        &surveyed,
        &environments,
        &facts,
        &reuse,
        &trail,
        pages.as_ref().map(|(_, pages)| pages),
        output,
    )?;
    check_missing_commits(&compiled.missing_commits, &mut findings);
    let mut publication = Publication {
        source: source(tree, prompts, &facts, &compiled, &reuse)?,
        rules: facts.history.rules.clone(),
        time: output.publisher.and_then(|publisher| publisher.time.clone()),
        actor: output.publisher.and_then(|publisher| publisher.actor.clone()),
        approvals: output.publisher.and_then(|publisher| publisher.approvals.clone()),
        held_back: Vec::new(),
    };
    // A long history takes time to drop, and the following steps use one core.
    rayon::spawn(move || drop(facts));
    findings.extend(compiled.written.iter().flat_map(|prompt| &prompt.findings).cloned());
    findings.extend(reuse.unchanged.values().flat_map(|known| &known.findings).cloned());

    let mut outcome = BuildOutcome {
        prompts: 0,
        versions: 0,
        files: surveyed.files,
        ignored_files: surveyed.ignored_files,
        findings: policy::apply(settings, findings),
        earlier_findings: Vec::new(),
        settings: settings.clone(),
        source: publication.source.clone(),
        is_written: false,
        held_back: Vec::new(),
        delayed_redactions: Vec::new(),
        releases: Vec::new(),
        packs: Vec::new(),
        withdrawn: BTreeSet::new(),
        cache_update: CacheUpdate {
            unchanged_prompts: reuse.unchanged.keys().copied().cloned().collect(),
            ..CacheUpdate::default()
        },
    };
    publication.held_back = held_back::decide(&mut compiled, prompts, output, &mut outcome)?;
    let summaries = summaries(&compiled.written, &reuse);
    outcome.prompts = summaries.len();
    outcome.versions = summaries.iter().map(|summary| summary.versions).sum();
    if outcome.is_written {
        let too_large = check_bundles(settings, &summaries);
        outcome.is_written = too_large.is_empty();
        outcome.findings.extend(too_large);
    }
    let Some(staging) = output.staging.filter(|_| outcome.is_written) else {
        return Ok(outcome);
    };
    // Until here nothing was written.
    write_prompts(&compiled, staging)?;
    let packing = match output.previous.filter(|_| output.is_packed) {
        Some(previous) => Packing::plan(previous)?,
        None => Packing::default(),
    };
    outcome.withdrawn = withdraw(&compiled.written, &summaries, &packing, output)?;
    let held = publication.held_back.iter().map(|held| &held.record.name);
    let held: Vec<&PromptName> = held.filter(|name| is_listed(&summaries, name)).collect();
    held_back::carry(&held, &compiled.written, output)?;
    packing.apply(staging)?;
    outcome.packs = packing.packs();
    staging.retain(&outcome.cache_update.unchanged_prompts);
    let texts = search::texts(
        &summaries,
        &compiled.written,
        &reuse.unchanged,
        compiled.terms,
        reuse.index,
        output,
    )?;
    let collected = RegistryInputs { texts, months: trail.months };
    outcome.is_written = write_registry(
        &summaries,
        &environments,
        &publication,
        collected,
        staging,
        output,
        &mut outcome,
    )?;
    if !outcome.is_written {
        return Ok(outcome);
    }
    match &pages {
        // If no document is new, the pages are up to date.
        Some((site, pages)) if staging.has_changes() => {
            let read = |path: &RegistryPath| output.read(path);
            write_site(site, pages, &settings.tokenizer, staging, read)?;
            held_back::write_pages(&held, pages, staging, read)?;
        }
        Some(_) => {}
        None => staging.remove_site()?,
    }
    if output.clock.is_some() {
        outcome.cache_update.compiled_prompts = build_cache_entries(compiled.written, prompts);
    }
    Ok(outcome)
}

/// Writes the files of the compiled prompts, on all cores.
fn write_prompts(compiled: &CompiledPrompts, staging: &Staging) -> Result<()> {
    let Some(spool) = &compiled.spool else { return Ok(()) };
    compiled.written.par_iter().try_for_each(|prompt| match prompt.files {
        Some(files) => prompt::write(prompt.summary.name(), files, spool, staging),
        None => Ok(()),
    })
}

/// Whether a prompt is among those that are published.
fn is_listed(summaries: &[&PromptSummary], name: &PromptName) -> bool {
    summaries.binary_search_by(|summary| summary.name().cmp(name)).is_ok()
}

/// The listing and the settings of a tree.
struct SurveyedTree {
    /// The number of files listed.
    files: usize,
    /// The number of files that are ignored on purpose.
    ignored_files: usize,
    prompts: BTreeMap<PromptName, PromptFiles>,
    settings: Settings,
    /// The commits that introduced the versions of prompts that are edited in place.
    first_commits: FirstCommits,
    /// Versions of such prompts that the oldest commit of a shallow clone already has.
    shallow_versions: BTreeSet<PromptVersion>,
    findings: Vec<Diagnostic>,
}

/// Lists the tree and reads its settings. For a change, the policy comes from the base.
fn survey_tree(
    tree: &Tree,
    head: &LazyHeadCommit<'_>,
    output: &Output<'_>,
) -> Result<SurveyedTree> {
    let listing = tree.stamped_listing(output.clock)?;
    let files = listing.len();
    let mut survey = survey(&listing);
    drop(listing);
    let (settings, mut findings) =
        settings::read_with_findings(tree, survey.has_registry_file, survey.has_policy_file)?;
    let InPlaceVersions { first_commits, mut shallow_versions } = match output.past {
        Some(past) => add_given_versions(tree, &past.in_place, output.drafts, &mut survey)?,
        None => add_in_place_versions(tree, head, output.drafts, &mut survey)?,
    };
    if output.staging.is_some_and(Staging::is_preview) {
        shallow_versions.clear();
    }
    let ignored_files = count_ignored(&survey);
    findings.append(&mut survey.findings);
    let settings = match output.judged_change {
        Some(proposed) => settings.with_rules_of(&proposed.proposal().settings),
        None => settings,
    };
    Ok(SurveyedTree {
        files,
        ignored_files,
        prompts: survey.prompts,
        settings,
        first_commits,
        shallow_versions,
        findings,
    })
}

/// Returns an error for a tree without prompts, and for a tree whose registry name differs from the
/// published one.
fn check_identity(tree: &Tree, surveyed: &SurveyedTree, output: &Output<'_>) -> Result<()> {
    let SurveyedTree { prompts, settings, findings, .. } = surveyed;
    if prompts.is_empty() && findings.is_empty() && output.judged_change.is_none() {
        let example = tree.display_path("greeting/v1.0.0/system_prompt.txt");
        return Err(Error::NoPrompts { root: tree.root().to_owned(), example });
    }
    // A registry.yaml that cannot be read does not say another name: its findings stop the build.
    let is_unread =
        |finding: &Diagnostic| finding.path == REGISTRY_FILE && finding.severity == Severity::Error;
    match output.published_registry().filter(|_| !findings.iter().any(is_unread)) {
        Some(published) if published.registry != settings.registry => Err(Error::OtherRegistry {
            published: published.registry.clone(),
            own: settings.registry.clone(),
            root: tree.root().to_owned(),
            has_file: settings.file.is_some(),
        }),
        _ => Ok(()),
    }
}

/// Runs the checks of the tree as a whole.
fn check_whole(
    tree: &Tree,
    surveyed: &SurveyedTree,
    output: &Output<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Result<()> {
    let SurveyedTree { prompts, settings, .. } = surveyed;
    let proposal = output.judged_change.map(JudgedChange::proposal);
    let published = output.published_registry();
    let touched = proposal.zip(published).map(|(proposal, published)| {
        let names = proposal.prompts.keys().chain(prompts.keys());
        published.with_prompts(&names.cloned().collect())
    });
    check_registry(settings, prompts, touched.as_ref().or(published), findings);
    if settings.policy.is_some()
        && proposal.is_none()
        && let Some(file) = repository::code_owners(tree)?
    {
        check_code_owners(settings, prompts.keys(), &file, findings);
    }
    if let Some(proposal) = proposal {
        check_change(settings, prompts, proposal, findings);
    }
    Ok(())
}

/// Returns the environments with the releases that they continue and the history of the tree.
fn environments(
    tree: &Tree,
    settings: &Settings,
    output: &Output<'_>,
    facts: &GitFacts,
) -> Result<Environments> {
    let first = output.publisher.and_then(|publisher| publisher.first_sequence);
    let environments = match (output.published_registry(), first) {
        (Some(published), _) => Environments::continue_chains(settings, published),
        (None, Some(first)) => Environments::restart_chains(settings, first),
        (None, None) => Environments::start_chains(settings),
    };
    // What is not committed in registry.yaml is no commit's doing.
    let is_committed = match &facts.files {
        Some(files) => files.has_registry_file(tree, REGISTRY_FILE)?,
        None => true,
    };
    Ok(if is_committed { environments.with_history(&facts.history) } else { environments })
}

/// The parts of the last build that this build reuses.
struct Reuse<'i> {
    index: Option<&'i CacheIndex>,
    /// The prompts that did not change.
    unchanged: BTreeMap<&'i PromptName, &'i CacheEntry>,
}

impl<'i> Reuse<'i> {
    /// Finds the prompts that did not change. Returns none if their texts could not be searched
    /// without reading them.
    fn of(
        prompts: &BTreeMap<PromptName, PromptFiles>,
        facts: &GitFacts,
        output: &Output<'i>,
    ) -> Result<Self> {
        let Some(index) = output.index else {
            return Ok(Self { index: None, unchanged: BTreeMap::new() });
        };
        let is_continued = output.previous.is_some();
        let mut unchanged = index.unchanged_prompts(prompts);
        unchanged.retain(|name, known| match facts.history.prompts.get(name) {
            Some(history) => !is_continued && history.stamp() == known.git_history,
            None => is_continued || known.git_history == 0,
        });
        let read = |path: &RegistryPath| output.read(path);
        if index.is_searchable(unchanged.len(), prompts.len(), read)? {
            Ok(Self { index: Some(index), unchanged })
        } else {
            Ok(Self { index: None, unchanged: BTreeMap::new() })
        }
    }
}

/// Reads the published events of the prompts that are compiled.
fn trail(
    reuse: &Reuse<'_>,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    facts: &GitFacts,
    path: &[Environment],
    output: &Output<'_>,
) -> Result<AuditTrail> {
    match output.previous.filter(|_| output.staging.is_some()) {
        Some(previous) => {
            let names = prompts.keys().filter(|name| !reuse.unchanged.contains_key(name));
            previous.trail(reuse.index, &names.collect(), &facts.months(), path)
        }
        None => Ok(AuditTrail::default()),
    }
}

/// Compiles the prompts that changed, on all cores. Prompts that include others come last.
#[expect(clippy::too_many_arguments, reason = "each is what an earlier step came to")]
fn compile_prompts(
    tree: &Tree,
    surveyed: &SurveyedTree,
    environments: &Environments,
    facts: &GitFacts,
    reuse: &Reuse<'_>,
    trail: &AuditTrail,
    pages: Option<&Pages>,
    output: &Output<'_>,
) -> Result<CompiledPrompts> {
    let SurveyedTree { settings, prompts, shallow_versions, .. } = surveyed;
    // The first case that renders loads the vocabulary, so trees without cases do not pay for it.
    let counter = OnceLock::new();
    let count = |text: &str| match output.count {
        Some(TokenCount(count)) => count(text),
        None => counter.get_or_init(|| TokenCounter::new(&settings.tokenizer)).count(text),
    };
    let tokenizer = CaseTokenizer { count: &count, is_published: output.staging.is_some() };
    let step = CompileContext {
        tree,
        settings,
        prompts,
        environments,
        tokenizer,
        pages,
        output,
        facts,
        trail: &trail.prompts,
        terms: Mutex::default(),
        spool: output.staging.map(|staging| Spool::in_folder(&staging.temporary_folder())),
        shallow_versions,
        missing_commits: Mutex::default(),
    };
    let changed: Vec<(u32, (&PromptName, &PromptFiles))> =
        (0..).zip(prompts).filter(|(_, (name, _))| !reuse.unchanged.contains_key(name)).collect();
    let compiled: Vec<Result<CompileProgress>> = changed
        .par_iter()
        .map(|(place, (name, files))| step.read_and_compile(*place, name, files))
        .collect();
    let mut written = Vec::with_capacity(compiled.len());
    let mut waiting = Vec::new();
    for compiled in compiled {
        match compiled? {
            CompileProgress::Done(prompt) => written.push(*prompt),
            CompileProgress::Includes(prompt) => waiting.push(prompt),
        }
    }
    written.append(&mut step.compile_includers(waiting)?);
    let terms = step.terms.into_inner().unwrap_or_else(PoisonError::into_inner);
    let missing_commits = step.missing_commits.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(CompiledPrompts { written, terms, missing_commits, spool: step.spool })
}

/// Returns the current commit if the tree equals it.
fn source(
    tree: &Tree,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    facts: &GitFacts,
    compiled: &CompiledPrompts,
    reuse: &Reuse<'_>,
) -> Result<Option<Source>> {
    let Some(files) = &facts.files else { return Ok(facts.source.clone()) };
    let is_committed = |(name, known): (&&PromptName, &&CacheEntry)| {
        let own = prompts.get(*name).and_then(|own| files.stamp(own));
        known.head_stamp.is_some() && known.head_stamp == own
    };
    let is_commit = compiled.written.iter().all(|prompt| prompt.head_stamp.is_some())
        && reuse.unchanged.iter().all(is_committed)
        && files.has_registry(tree, prompts)?;
    Ok(is_commit.then(|| files.source.clone()))
}

/// Returns the summaries of all prompts, sorted by name.
fn summaries<'s>(written: &'s [WrittenPrompt], reuse: &Reuse<'s>) -> Vec<&'s PromptSummary> {
    let known = reuse.unchanged.values().map(|known| &known.summary);
    let mut summaries: Vec<&PromptSummary> =
        written.iter().map(|prompt| &prompt.summary).chain(known).collect();
    summaries.sort_by(|a, b| a.name().cmp(b.name()));
    summaries
}

/// Writes the files of the registry as a whole, and adds the results to `outcome`. Returns whether there was no error.
fn write_registry(
    summaries: &[&PromptSummary],
    environments: &Environments,
    publication: &Publication,
    collected: RegistryInputs,
    staging: &Staging,
    output: &Output<'_>,
    outcome: &mut BuildOutcome,
) -> Result<bool> {
    let is_searched_anew = matches!(collected.texts, TextIndex::Changed { .. });
    let mut shards: Vec<(RegistryPath, Digest)> = Vec::new();
    let mut months: BTreeMap<Month, Vec<Digest>> = BTreeMap::new();
    let mut releases = Vec::new();
    let read = |path: &RegistryPath| output.read(path);
    let write = |path: RegistryPath, bytes: Vec<u8>| {
        staging.write(&path, &bytes)?;
        match path {
            RegistryPath::Release(chain, sequence) => releases.push((chain, sequence)),
            RegistryPath::Search(_) => shards.push((path, Digest::of(&bytes))),
            RegistryPath::HistoryMonth(month, _) => {
                months.entry(month).or_default().push(Digest::of(&bytes));
            }
            _ => {}
        }
        Result::Ok(())
    };
    let published = output.published_registry();
    let (assembled, findings) = assemble(
        &outcome.settings,
        summaries,
        environments,
        published,
        publication,
        collected,
        read,
        write,
    )?;
    outcome.releases = releases;
    // The rule of these is fixed: no policy changes what it means.
    let is_right = findings.iter().all(|finding| finding.severity < Severity::Error);
    outcome.findings.extend(findings);
    let counts: BTreeMap<Month, u64> =
        assembled.history.into_iter().map(|month| (month.month, month.count)).collect();
    let remember = |(month, files): (Month, Vec<Digest>)| {
        let events = counts.get(&month).copied().unwrap_or_default();
        (month, WrittenMonth { events, files })
    };
    outcome.cache_update.months = months.into_iter().map(remember).collect();
    if is_searched_anew {
        if let Some(previous) = output.previous.filter(|_| !outcome.withdrawn.is_empty()) {
            // A shard that changed may have had terms of a redacted text.
            let is_there = |old: &(RegistryPath, Digest)| shards.contains(old);
            let old = previous.shards()?.into_iter().filter(|old| !is_there(old));
            outcome.withdrawn.extend(old.map(|(path, _)| path));
        }
        let shards: Vec<Digest> = shards.into_iter().map(|(_, digest)| digest).collect();
        outcome.cache_update.search = Some(ShardCache::new(assembled.search, &shards));
    }
    Ok(is_right)
}

/// Returns the cache entries of the prompts that were compiled.
fn build_cache_entries(
    written: Vec<WrittenPrompt>,
    prompts: &BTreeMap<PromptName, PromptFiles>,
) -> BTreeMap<PromptName, CacheEntry> {
    let remember = |prompt: WrittenPrompt| {
        let files = prompts.get(prompt.summary.name());
        let stamp = files.filter(|_| prompt.is_lasting).and_then(|files| files.stamp.get());
        let WrittenPrompt {
            summary,
            includes,
            findings,
            terms,
            git_history,
            head_stamp,
            history,
            ..
        } = prompt;
        let events = BTreeMap::new();
        let name = summary.name().clone();
        let remembered = CacheEntry {
            stamp,
            includes,
            summary,
            findings,
            terms,
            git_history,
            head_stamp,
            history,
            events,
        };
        (name, remembered)
    };
    written.into_iter().map(remember).collect()
}
