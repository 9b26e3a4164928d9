//! Drives the steps of the compiler over a tree on disk: prompts on all cores, those that include
//! others after the rest.

pub mod cache;
pub mod folder;
mod git_facts;
pub mod outcome;
pub mod output;
mod prompt;
mod search;
pub mod site;
pub mod tokens;
mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use promptdex_core::checks::{Tokenizer, check_code_owners, check_hidden, check_registry};
use promptdex_core::compile::search::Texts;
use promptdex_core::compile::{Collected, Environments, PromptSummary, assemble, registry};
use promptdex_core::judge::check_change;
use promptdex_core::policy;
use promptdex_core::rules::Severity;
use promptdex_core::tree::{PromptFiles, survey};
use promptdex_site::page::Pages;
use promptdex_wire::{Digest, Month, Path as Address, PromptName};
use rayon::prelude::*;

use self::cache::{Memory, Remembered, Searched, WrittenMonth};
use self::outcome::Outcome;
use self::output::Output;
use self::prompt::{Compiled, Step, Written};
use self::site::write_site;
use self::tokens::TokenCounter;
use self::withdrawal::withdraw;
use crate::error::{Error, Result};
use crate::history::head::LazyHead;
use crate::history::in_place::{Unfolded, unfold};
use crate::prompts::settings;
use crate::published::trail::Trail;
use crate::review::change_set::Proposed;
use crate::target::Staging;
use crate::tree::{Tree, repository};

/// Checks the tree, and writes its files when there is somewhere to.
pub fn run(tree: &Tree, output: &Output<'_>) -> Result<Outcome> {
    let listing = tree.stamped_listing(output.clock)?;
    let files = listing.len();
    let mut survey = survey(&listing);
    drop(listing);
    let (settings, mut findings) =
        settings::read(tree, survey.has_registry_file, survey.has_policy_file)?;
    let head = LazyHead::of(tree);
    let Unfolded { numbers, mut cut } = unfold(tree, &head, output.drafts, &mut survey)?;
    if output.staging.is_some_and(Staging::is_preview) {
        cut.clear();
    }
    findings.append(&mut survey.findings);
    let proposal = output.proposed.map(Proposed::proposal);
    let settings = match proposal {
        Some(proposal) => settings.judged_by(&proposal.settings),
        None => settings,
    };
    if survey.prompts.is_empty() && findings.is_empty() && proposal.is_none() {
        let example = tree.shown("greeting/v1.0.0/system_prompt.txt");
        return Err(Error::NoPrompts { root: tree.root().to_owned(), example });
    }
    let published = output.previous.map(|previous| &previous.published);
    if let Some(published) = published.filter(|known| known.registry != settings.registry) {
        return Err(Error::OtherRegistry {
            published: published.registry.clone(),
            own: settings.registry.clone(),
            root: tree.root().to_owned(),
            has_file: settings.file.is_some(),
        });
    }
    let touched = proposal.zip(published).map(|(proposal, published)| {
        let prompts = proposal.prompts.keys().chain(survey.prompts.keys());
        published.with_prompts(&prompts.cloned().collect())
    });
    check_registry(&settings, &survey.prompts, touched.as_ref().or(published), &mut findings);
    if settings.policy.is_some()
        && proposal.is_none()
        && let Some(file) = repository::code_owners(tree)?
    {
        check_code_owners(&settings, survey.prompts.keys(), &file, &mut findings);
    }
    if let Some(proposal) = proposal {
        check_change(&settings, &survey.prompts, proposal, &mut findings);
    }

    let facts = git_facts::read(&head, &settings, &survey.prompts, &numbers, output)?;
    let environments = published.map_or_else(
        || Environments::preview(&settings),
        |published| Environments::after(&settings, published),
    );
    let mut environments = environments.told(&facts.history);
    let read = |path: &Address| output.read(path);
    let mut index = output.index;
    let mut unchanged = index.map(|index| index.unchanged(&survey.prompts)).unwrap_or_default();
    unchanged.retain(|name, known| match facts.history.prompts.get(name) {
        Some(told) => published.is_none() && told.stamp() == known.told,
        None => published.is_some() || known.told == 0,
    });
    if let Some(known) = index
        && !known.is_searchable(unchanged.len(), survey.prompts.len(), read)?
    {
        index = None;
        unchanged.clear();
    }
    let prompts: Vec<(u32, (&PromptName, &PromptFiles))> =
        (0..).zip(&survey.prompts).filter(|(_, (name, _))| !unchanged.contains_key(name)).collect();
    let trail = match output.previous.filter(|_| output.staging.is_some()) {
        Some(previous) => {
            let names = prompts.iter().map(|(_, (name, _))| *name).collect();
            previous.trail(index, &names, &facts.months())?
        }
        None => Trail::default(),
    };
    // The first case that renders loads the vocabulary; trees without cases never pay for it.
    let counter = std::sync::OnceLock::new();
    let count =
        |text: &str| counter.get_or_init(|| TokenCounter::new(&settings.tokenizer)).count(text);
    let tokenizer = Tokenizer { count: &count, is_published: output.staging.is_some() };
    let pages =
        output.site.map(|site| (site, Pages::new(site.assets.clone(), registry(&settings))));
    let planned = environments.clone();
    let step = Step {
        tree,
        settings: &settings,
        prompts: &survey.prompts,
        environments: &planned,
        tokenizer,
        pages: pages.as_ref().map(|(_, pages)| pages),
        output,
        facts: &facts,
        trail: &trail.prompts,
        terms: Mutex::default(),
        cut: &cut,
        hidden: Mutex::default(),
    };

    let compiled: Vec<Result<Compiled>> =
        prompts.par_iter().map(|(place, (name, files))| step.first(*place, name, files)).collect();
    let mut written = Vec::with_capacity(compiled.len());
    let mut waiting = Vec::new();
    for compiled in compiled {
        match compiled? {
            Compiled::Done(prompt) => written.push(*prompt),
            Compiled::Includes(prompt) => waiting.push(prompt),
        }
    }
    written.append(&mut step.including(waiting)?);
    let terms = step.terms.into_inner().unwrap_or_else(PoisonError::into_inner);
    let hidden = step.hidden.into_inner().unwrap_or_else(PoisonError::into_inner);
    check_hidden(&hidden, &mut findings);
    if let Some(files) = &facts.files {
        let is_committed = |(name, known): (&&PromptName, &&Remembered)| {
            let files_of = survey.prompts.get(*name);
            known.committed.is_some() && known.committed == files_of.and_then(|f| files.stamp(f))
        };
        let is_commit = written.iter().all(|prompt| prompt.committed.is_some())
            && unchanged.iter().all(is_committed)
            && files.has_registry(tree, &survey.prompts)?;
        environments.source = Some(files.source.clone()).filter(|_| is_commit);
    }
    // A long history takes its time to be freed, and what follows is on one core.
    rayon::spawn(move || drop(facts));
    let known = unchanged.values().map(|known| &known.findings);
    findings.extend(written.iter().map(|prompt| &prompt.findings).chain(known).flatten().cloned());
    let known = unchanged.values().map(|known| &known.summary);
    let mut summaries: Vec<&PromptSummary> =
        written.iter().map(|prompt| &prompt.summary).chain(known).collect();
    summaries.sort_by(|a, b| a.name().cmp(b.name()));

    let mut outcome = Outcome {
        prompts: summaries.len(),
        versions: summaries.iter().map(|summary| summary.versions).sum(),
        files,
        findings: policy::apply(&settings, findings),
        settings: settings.clone(),
        releases: Vec::new(),
        withdrawn: BTreeSet::new(),
        memory: Memory {
            unchanged: unchanged.keys().copied().cloned().collect(),
            ..Memory::default()
        },
    };
    if let Some(staging) = output.staging.filter(|_| outcome.count(Severity::Error) == 0) {
        outcome.withdrawn = withdraw(&written, &summaries, output)?;
        staging.retain(&outcome.memory.unchanged);
        let texts = search::texts(&summaries, &written, &unchanged, terms, index, output)?;
        let is_searched_anew = matches!(texts, Texts::Changed { .. });
        let mut shards: Vec<(Address, Digest)> = Vec::new();
        let mut months: BTreeMap<Month, Vec<Digest>> = BTreeMap::new();
        let write = |path: Address, bytes: Vec<u8>| {
            staging.write(&path, &bytes)?;
            match path {
                Address::Release(chain, sequence) => outcome.releases.push((chain, sequence)),
                Address::Search(_) => shards.push((path, Digest::of(&bytes))),
                Address::HistoryMonth(month, _) => {
                    months.entry(month).or_default().push(Digest::of(&bytes));
                }
                _ => {}
            }
            Result::Ok(())
        };
        let collected = Collected { texts, months: trail.months };
        let assembled =
            assemble(&settings, &summaries, &environments, published, collected, read, write)?;
        let search = assembled.search;
        let counts: BTreeMap<Month, u64> =
            assembled.history.into_iter().map(|month| (month.month, month.events)).collect();
        let remember = |(month, files): (Month, Vec<Digest>)| {
            let events = counts.get(&month).copied().unwrap_or_default();
            (month, WrittenMonth { events, files })
        };
        outcome.memory.months = months.into_iter().map(remember).collect();
        if is_searched_anew {
            if let Some(previous) = output.previous.filter(|_| !outcome.withdrawn.is_empty()) {
                // Somewhere in what is another now stood the terms of a redacted text.
                let is_there = |old: &(Address, Digest)| shards.contains(old);
                let old = previous.shards()?.into_iter().filter(|old| !is_there(old));
                outcome.withdrawn.extend(old.map(|(path, _)| path));
            }
            let shards: Vec<Digest> = shards.into_iter().map(|(_, digest)| digest).collect();
            outcome.memory.search = Some(Searched::new(search, &shards));
        }
        match pages {
            // Where nothing else is new, they are as they were.
            Some((site, pages)) if staging.has_changes() => {
                write_site(site, &pages, &settings.tokenizer, staging, read)?;
            }
            Some(_) => {}
            None => staging.remove_site()?,
        }
        if output.clock.is_some() {
            let remember = |prompt: Written| {
                let files = survey.prompts.get(prompt.summary.name());
                let stamp = files.filter(|_| prompt.is_lasting).and_then(|files| files.stamp.get());
                let Written {
                    summary, includes, findings, terms, told, committed, history, ..
                } = prompt;
                let events = BTreeMap::new();
                let name = summary.name().clone();
                let remembered = Remembered {
                    stamp,
                    includes,
                    summary,
                    findings,
                    terms,
                    told,
                    committed,
                    history,
                    events,
                };
                (name, remembered)
            };
            outcome.memory.compiled = written.into_iter().map(remember).collect();
        }
    }
    Ok(outcome)
}
