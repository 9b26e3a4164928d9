//! The report about a change for reviewers: new versions, pointer moves, effects on apps, and
//! findings.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::Options;
use promptdex_compare::contract::Compatibility;
use promptdex_compare::promotion::{Replacement, replacements};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::PromptHistory;
use promptdex_core::policy_check::{self, BasePrompt};
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};
use promptdex_template::conversation::texts;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{Chain, Environment, PromptName, Version, search};
use rayon::prelude::*;

use crate::build;
use crate::build::inputs::JudgedChange;
use crate::build::output::Output;
use crate::build::tokens::TokenCounter;
use crate::change::prompt_graph::{Includer, PromptGraph};
use crate::error::Result;
use crate::history;
use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::PromptHandle;
use crate::prompts::selector::{self, VersionSelection};
use crate::published::PreviousRegistry;
use crate::review::change_set::ChangeSet;
use crate::review::comparison::{LoadedVersion, VersionComparison, compare};
use crate::review::earlier_findings;
use crate::review::environment_distance::{EnvironmentDistance, find_distance};
use crate::tree::Tree;

/// The report about a change.
#[derive(Debug)]
pub struct ChangeReport {
    /// The display name of the base branch.
    pub base: String,
    /// The commit of the base branch.
    pub base_commit: String,
    /// The events of the change, by prompt.
    pub events: Vec<ReportedEvent>,
    /// The versions that replace others, with breaking ones first.
    pub pairs: Vec<ReportedPair>,
    /// The touched prompts without an event: changed cases, results or descriptions.
    pub others: Vec<PromptName>,
    /// The touched files of the registry.
    pub registry: Vec<&'static str>,
    /// The environments that are behind or ahead of the previous one after the change, for the prompts with events.
    pub distances: Vec<(PromptName, EnvironmentDistance)>,
    /// The findings of the checks, with the policy of the base branch.
    pub findings: Vec<Diagnostic>,
    /// The findings that the base has too, in what the change does not touch.
    pub earlier_findings: Vec<Diagnostic>,
    /// The last environment of the promotion path.
    pub last: Option<Environment>,
}

/// An event of a prompt in a change.
#[derive(Debug)]
pub struct ReportedEvent {
    /// The chain that will record the event.
    pub chain: Chain,
    /// The event, as the history will record it.
    pub change: Change,
    /// The effect on apps, if there are versions to compare.
    pub verdict: Option<Compatibility>,
    /// Whether the event follows from another one, because the first environment serves new
    /// versions by default.
    pub follows: bool,
}

/// Two versions of a prompt, where the second replaces the first now or may replace it later.
#[derive(Debug)]
pub struct ReportedPair {
    /// The comparison of the two versions.
    pub comparison: VersionComparison,
    /// The sizes of both.
    pub sizes: Sizes,
    /// Versions that include other versions of the prompt. Empty unless the second version is new.
    pub dependents: Vec<Includer>,
}

/// The sizes of two versions.
#[derive(Debug)]
pub struct Sizes {
    /// The sizes of their source texts, with included texts, in bytes.
    pub bytes: [u64; 2],
    /// The sizes of their source texts, with included texts, in tokens.
    pub tokens: [u64; 2],
    /// The test case with the longest rendering by the second version, and the tokens of both
    /// renderings.
    pub longest: Option<(String, [Option<u64>; 2])>,
    /// The token budget of the second version.
    pub budget: Option<u64>,
}

/// Creates the report about a change. `tree` is the whole tree with the change.
pub fn report(
    tree: &Tree,
    proposed: &ChangeSet,
    previous: Option<&PreviousRegistry>,
) -> Result<ChangeReport> {
    let output = Output {
        previous,
        judged_change: Some(JudgedChange::InGit(proposed)),
        ..Output::default()
    };
    let checked = build::run(proposed.tree(), &output)?;
    let (findings, earlier_findings) =
        earlier_findings::split(proposed, checked.findings, previous)?;
    let loader = Loader::open(tree)?;
    let graph = PromptGraph::read(&loader)?;
    let proposal = proposed.proposal();
    let settings = &loader.settings;
    let counter = TokenCounter::new(&settings.tokenizer);

    let mut touched: BTreeSet<PromptName> = proposal.prompts.keys().cloned().collect();
    touched.extend(Loader::open(proposed.tree())?.names()?);
    let mut events = Vec::new();
    let mut others = Vec::new();
    let mut wanted: BTreeMap<(PromptName, Version, Version), bool> = BTreeMap::new();
    let mut of_events = Vec::new();
    for name in &touched {
        let Some(found) = graph.prompts.get(name) else { continue };
        let prompt = &found.prompt;
        // Only a move to what was served before is a rollback.
        let goes_down = |base: &BasePrompt| {
            policy_check::may_be_rollback(prompt, base, settings, &proposal.settings)
        };
        let base = proposed.base_of(prompt, previous, goes_down)?;
        let changes = policy_check::list_events(prompt, &base, settings, proposal);
        if changes.is_empty() && proposed.touches(name) {
            others.push(name.clone());
        }
        let is_new =
            |version: &Version| changes.iter().any(|(_, change)| is_created(change, version));
        for (chain, change) in &changes {
            let pairs: Vec<(Version, Version)> = match (chain, change.before(), change.after()) {
                (Chain::Catalog, None, Some(Target::Version(version)))
                    if change.operation == Operation::Created =>
                {
                    let below = selector::next_lower_version(prompt, version).ok();
                    below.map(|below| (below, version.clone())).into_iter().collect()
                }
                (Chain::Environment(_), Some(from), Some(to)) => {
                    let all = replacements(from, to).into_iter();
                    all.map(|Replacement { from, to, .. }| (from, to)).collect()
                }
                _ => Vec::new(),
            };
            let is_there = |version: &Version| prompt.versions.contains_key(version);
            let pairs: Vec<_> =
                pairs.into_iter().filter(|(a, b)| is_there(a) && is_there(b)).collect();
            for (a, b) in &pairs {
                let created = change.operation == Operation::Created;
                *wanted.entry((name.clone(), a.clone(), b.clone())).or_default() |= created;
            }
            let follows = matches!(chain, Chain::Environment(environment)
                if settings.environments.first() == Some(environment))
                && change.after().and_then(Target::main).is_some_and(is_new);
            of_events.push(pairs);
            let (chain, change) = (chain.clone(), change.clone());
            events.push(ReportedEvent { chain, change, verdict: None, follows });
        }
    }

    let compared = wanted.into_par_iter().map(|((name, a, b), is_created)| {
        let opened = PromptHandle::of(&loader, graph.loaded_prompt(&name)?);
        let load = |version| opened.compile(VersionSelection { version, environment: None }).0;
        // Unreadable versions have findings.
        let Some((a, b)) = load(a).zip(load(b)) else { return Ok(None) };
        let sizes = sizes(&a, &b, &counter);
        let dependents = if is_created { graph.dependents(&name) } else { Vec::new() };
        let comparison = compare(&a, &b, &Options::default());
        Result::Ok(Some(ReportedPair { comparison, sizes, dependents }))
    });
    let compared: Vec<Option<ReportedPair>> = compared.collect::<Result<_>>()?;
    let mut pairs: Vec<ReportedPair> = compared.into_iter().flatten().collect();
    for (event, own) in events.iter_mut().zip(of_events) {
        let of = |pair: &&ReportedPair| {
            let VersionComparison { from, to, .. } = &pair.comparison;
            event.change.name.as_ref() == Some(&from.name)
                && own.iter().any(|(a, b)| (a, b) == (&from.version, &to.version))
        };
        let verdicts =
            pairs.iter().filter(of).map(|pair| pair.comparison.comparison.forward.verdict);
        event.verdict = verdicts.max();
    }
    let rank =
        |pair: &ReportedPair| pair.comparison.comparison.forward.verdict != Compatibility::Breaking;
    pairs.sort_by_key(rank);
    let distances = list_distances(tree, &graph, &events);
    let files = [REGISTRY_FILE, POLICY_FILE].into_iter();
    Ok(ChangeReport {
        base: proposal.base.clone().unwrap_or_default(),
        base_commit: proposed.base().to_string(),
        events,
        pairs,
        others,
        registry: files.filter(|file| proposed.has_changed(file)).collect(),
        distances,
        findings,
        earlier_findings,
        last: settings.environments.last().cloned(),
    })
}

/// Returns the distances between environments for the prompts of some events.
fn list_distances(
    tree: &Tree,
    graph: &PromptGraph<'_>,
    events: &[ReportedEvent],
) -> Vec<(PromptName, EnvironmentDistance)> {
    let settings = graph.settings();
    let list = |name: &PromptName, history: Option<&PromptHistory>| {
        let prompt = graph.prompts.get(name).map(|found| &found.prompt);
        let environments = settings.environments.iter();
        let distances = environments
            .filter_map(|environment| find_distance(prompt?, settings, environment, history));
        distances.map(|distance| (name.clone(), distance)).collect::<Vec<_>>()
    };
    let names = events.iter().filter_map(|event| event.change.name.as_ref());
    let names: BTreeSet<PromptName> =
        names.filter(|name| !list(name, None).is_empty()).cloned().collect();
    if names.is_empty() {
        return Vec::new();
    }
    // Without a history, the distances have no age.
    let history = history::events::read_histories(tree, settings, &names).ok().flatten();
    let of = |name| history.as_ref().and_then(|history| history.prompts.get(name));
    names.iter().flat_map(|name| list(name, of(name))).collect()
}

/// Whether a change is the creation of a version.
fn is_created(change: &Change, version: &Version) -> bool {
    change.operation == Operation::Created && change.after().and_then(Target::main) == Some(version)
}

fn sizes(a: &LoadedVersion, b: &LoadedVersion, counter: &TokenCounter) -> Sizes {
    let measure = |version: &LoadedVersion| {
        let mut size = [0; 2];
        let mut add = |text: &str| {
            size[0] += text.len() as u64;
            size[1] += counter.count(text);
        };
        let document = &version.document;
        let examples = document.examples.as_deref();
        search::texts(&document.messages, examples, |_, text| add(&text));
        document.includes.0.values().for_each(|included| add(&included.text));
        size
    };
    let rendered =
        |version: &LoadedVersion, case: &crate::review::comparison::StoredCase| -> Option<u64> {
            let messages = version.render(case).ok()?;
            Some(texts(&messages).into_iter().map(|text| counter.count(text)).sum())
        };
    let cases = b.cases.iter().map(|case| (case, rendered(b, case)));
    let longest = cases.max_by_key(|(_, tokens)| *tokens);
    let [[old_bytes, old_tokens], [new_bytes, new_tokens]] = [a, b].map(measure);
    Sizes {
        bytes: [old_bytes, new_bytes],
        tokens: [old_tokens, new_tokens],
        longest: longest.map(|(case, tokens)| (case.name.clone(), [rendered(a, case), tokens])),
        budget: b.document.token_budget,
    }
}
