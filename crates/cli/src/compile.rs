//! Drives the steps of the compiler over a tree on disk: prompts on all cores, those that include
//! others after the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::checks::{
    Tokenizer, check_code_owners, check_hidden, check_registry, hidden_versions,
};
use promptdex_core::compile::includes::{Library, has_includes};
use promptdex_core::compile::search::{self, Kept, PromptTerms, Terms, Texts};
use promptdex_core::compile::{
    Collected, CompiledPrompt, Environments, PromptSummary, assemble, compile_prompt, registry,
    served_versions,
};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::{TreeHistory, to_attribute};
use promptdex_core::judge::check_change;
use promptdex_core::model::Settings;
use promptdex_core::past::{KnownPrompt, PromptPast};
use promptdex_core::policy;
use promptdex_core::published::Damage;
use promptdex_core::read::{open, read_prompt, read_settings};
use promptdex_core::rules::Severity;
use promptdex_core::source::Source;
use promptdex_core::tree::{Contents, POLICY_FILE, PromptFiles, REGISTRY_FILE, survey};
use promptdex_history::replay::Numbers;
use promptdex_site::page::{Assets, Pages};
use promptdex_wire::history::Event;
use promptdex_wire::{
    Chain, Digest, Month, Page, Path as Address, PromptName, PromptVersion, Timestamp, Version,
    VersionDocument, json,
};
use rayon::prelude::*;
use serde::Deserialize;

use crate::cache::{Clock, Index, Remembered, Searched, WrittenMonth};
use crate::error::Failure;
use crate::previous::{Previous, Trail};
use crate::proposed::Proposed;
use crate::repository;
use crate::site;
use crate::target::Staging;
use crate::tokens::TokenCounter;
use crate::told::{Drafts, HeadFiles, LazyHead, Memo, Unfolded, unfold};
use crate::tree::Tree;

/// What a run over a tree came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The findings, in file order, at the levels of `policy.yaml`.
    pub(crate) findings: Vec<Diagnostic>,
    /// How many prompts there are.
    pub(crate) prompts: usize,
    /// How many versions there are.
    pub(crate) versions: usize,
    /// How many files were listed.
    pub(crate) files: usize,
    /// The facts of the registry.
    pub(crate) settings: Settings,
    /// The releases that were made.
    pub(crate) releases: Vec<(Chain, u64)>,
    /// Addresses that held something of a version that is redacted now.
    pub(crate) withdrawn: BTreeSet<Address>,
    /// The prompts that are as they were.
    pub(crate) unchanged: BTreeSet<PromptName>,
    /// What to remember of the others. With errors found it is nothing: no file of them was put in
    /// its place.
    pub(crate) compiled: BTreeMap<PromptName, Remembered>,
    /// What to remember of the search. With errors found there is nothing.
    pub(crate) search: Option<Searched>,
    /// What to remember of the months that were written.
    pub(crate) months: BTreeMap<Month, WrittenMonth>,
}

impl Outcome {
    /// Counts the findings of a severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Reads the facts of the registry without a listing; what is wrong with them is for `check` to say.
pub(crate) fn facts(tree: &Tree) -> anyhow::Result<Settings> {
    Ok(settings(tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?.0)
}

/// Reads the facts of the registry.
pub(crate) fn settings(
    tree: &Tree,
    has_registry: bool,
    has_policy: bool,
) -> anyhow::Result<(Settings, Vec<Diagnostic>)> {
    let mut findings = Vec::new();
    let mut open = |there: bool, path: &str| -> anyhow::Result<Option<Source>> {
        if there { Ok(open(path, &tree.read(path)?, &mut findings)) } else { Ok(None) }
    };
    let registry = open(has_registry, REGISTRY_FILE)?;
    let policy = open(has_policy, POLICY_FILE)?;
    let (settings, found) = read_settings(registry.as_ref(), policy.as_ref());
    findings.extend(found);
    Ok((settings, findings))
}

/// What a run continues and where it writes.
#[derive(Debug, Default)]
pub(crate) struct Output<'a> {
    /// Where the files go; without it, the tree is only checked.
    pub(crate) staging: Option<&'a Staging>,
    /// The published registry that the tree continues.
    pub(crate) previous: Option<&'a Previous>,
    /// Makes stamps, for what is remembered.
    pub(crate) clock: Option<Clock>,
    /// What is remembered of the last build.
    pub(crate) index: Option<&'a Index>,
    /// The files of the site; without them there are no pages.
    pub(crate) assets: Option<Assets>,
    /// What Git has said before; only a preview has it.
    pub(crate) memo: Option<&'a Memo>,
    /// What becomes of drafts.
    pub(crate) drafts: Drafts,
    /// The change that the tree is, when one is judged.
    pub(crate) proposed: Option<&'a Proposed>,
}

impl Output<'_> {
    /// Reads a file that this run has written, or that is published.
    fn read(&self, path: &Address) -> anyhow::Result<Option<Vec<u8>>> {
        let staged = self.staging.map_or(Ok(None), |staging| staging.read(path))?;
        match (staged, self.previous) {
            (None, Some(previous)) => previous.read(path),
            (bytes, _) => Ok(bytes),
        }
    }
}

/// Checks the tree, and writes its files when there is somewhere to.
pub(crate) fn run(tree: &Tree, mut output: Output<'_>) -> anyhow::Result<Outcome> {
    let assets = output.assets.take();
    let listing = tree.stamped_listing(output.clock)?;
    let files = listing.len();
    let mut survey = survey(&listing);
    drop(listing);
    let (settings, mut findings) =
        settings(tree, survey.has_registry_file, survey.has_policy_file)?;
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
        let message = format!("there are no prompts in `{}`", tree.root().display());
        let help = format!(
            "write the first one, such as `{}`",
            tree.shown("greeting/v1.0.0/system_prompt.txt")
        );
        return Err(Failure::new(message, help).into());
    }
    let published = output.previous.map(|previous| &previous.published);
    if let Some(published) = published.filter(|known| known.registry != settings.registry) {
        let (old, new) = (&published.registry, &settings.registry);
        let root = tree.root().display();
        let message = format!("the published registry is `{old}`, the tree `{root}` is `{new}`");
        let help = if settings.file.is_some() {
            "a registry keeps its name for ever: correct `registry` in registry.yaml, or `--previous`"
        } else {
            "the tree has no registry.yaml: is it the right one? another is named with `--root DIR`"
        };
        return Err(Failure::new(message, help).into());
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

    let told = told(&head, &settings, &survey.prompts, &numbers, &output)?;
    let environments = published.map_or_else(
        || Environments::preview(&settings),
        |published| Environments::after(&settings, published),
    );
    let mut environments = environments.told(&told.history);
    let read = |path: &Address| output.read(path);
    let mut index = output.index;
    let mut unchanged = index.map(|index| index.unchanged(&survey.prompts)).unwrap_or_default();
    unchanged.retain(|name, known| match told.history.prompts.get(name) {
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
            previous.trail(index, &names, &told.months())?
        }
        None => Trail::default(),
    };
    // The first case that renders loads the vocabulary; trees without cases never pay for it.
    let counter = std::sync::OnceLock::new();
    let count =
        |text: &str| counter.get_or_init(|| TokenCounter::new(&settings.tokenizer)).count(text);
    let tokenizer = Tokenizer { count: &count, is_published: output.staging.is_some() };
    let pages = assets.map(|assets| Pages::new(assets, registry(&settings)));
    let planned = environments.clone();
    let step = Step {
        tree,
        settings: &settings,
        prompts: &survey.prompts,
        environments: &planned,
        tokenizer,
        pages: pages.as_ref(),
        output: &output,
        told: &told,
        trail: &trail.prompts,
        terms: Mutex::default(),
        cut: &cut,
        hidden: Mutex::default(),
    };

    let compiled: Vec<anyhow::Result<Compiled>> =
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
    if let Some(files) = &told.files {
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
    rayon::spawn(move || drop(told));
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
        unchanged: unchanged.keys().copied().cloned().collect(),
        compiled: BTreeMap::new(),
        search: None,
        months: BTreeMap::new(),
    };
    if let Some(staging) = output.staging.filter(|_| outcome.count(Severity::Error) == 0) {
        outcome.withdrawn = withdraw(&written, &summaries, &output)?;
        staging.retain(&outcome.unchanged);
        let texts = texts(&summaries, &written, &unchanged, terms, index, &output)?;
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
            anyhow::Ok(())
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
        outcome.months = months.into_iter().map(remember).collect();
        if is_searched_anew {
            if let Some(previous) = output.previous.filter(|_| !outcome.withdrawn.is_empty()) {
                // Somewhere in what is another now stood the terms of a redacted text.
                let is_there = |old: &(Address, Digest)| shards.contains(old);
                let old = previous.shards()?.into_iter().filter(|old| !is_there(old));
                outcome.withdrawn.extend(old.map(|(path, _)| path));
            }
            let shards: Vec<Digest> = shards.into_iter().map(|(_, digest)| digest).collect();
            outcome.search = Some(Searched::new(search, &shards));
        }
        match pages {
            // Where nothing else is new, they are as they were.
            Some(pages) if staging.has_changes() => {
                write_site(&pages, &settings.tokenizer, staging, read)?;
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
            outcome.compiled = written.into_iter().map(remember).collect();
        }
    }
    Ok(outcome)
}

/// Says what is new in the texts. What the index has of prompts that were not compiled is taken over.
fn texts(
    summaries: &[&PromptSummary],
    written: &[Written],
    unchanged: &BTreeMap<&PromptName, &Remembered>,
    terms: Terms,
    index: Option<&Index>,
    output: &Output<'_>,
) -> anyhow::Result<Texts> {
    /// What is needed of a catalog.
    #[derive(Deserialize)]
    struct Names {
        prompts: Vec<Named>,
    }

    #[derive(Deserialize)]
    struct Named {
        name: PromptName,
    }

    let compiled = written.iter().map(|prompt| (prompt.summary.name(), prompt.terms));
    let Some((index, staging)) = index.zip(output.staging) else {
        return Ok(Texts::Changed { terms, kept: Kept::default() });
    };
    if let Some(search) = index.same_search(search::names(summaries), compiled) {
        for shard in index.shards() {
            staging.keep(Address::Search(shard));
        }
        return Ok(Texts::Unchanged(search));
    }
    if unchanged.is_empty() {
        return Ok(Texts::Changed { terms, kept: Kept::default() });
    }
    let catalog = output.read(&Address::Catalog)?.unwrap_or_default();
    let catalog: Names = serde_json::from_slice(&catalog)
        .map_err(|error| Damage { path: Address::Catalog, problem: error.to_string() })?;
    let places: BTreeMap<&PromptName, u32> =
        summaries.iter().map(|summary| summary.name()).zip(0..).collect();
    let place = |row: Named| {
        let is_kept = unchanged.contains_key(&row.name);
        is_kept.then(|| places.get(&row.name).copied()).flatten()
    };
    let places = catalog.prompts.into_iter().map(place).collect();
    Ok(Texts::Changed { terms, kept: Kept { shards: index.shards(), places } })
}

/// Writes the pages of the registry as a whole, and what all pages load.
fn write_site(
    pages: &Pages,
    tokenizer: &str,
    staging: &Staging,
    read: impl Fn(&Address) -> anyhow::Result<Option<Vec<u8>>>,
) -> anyhow::Result<()> {
    for (path, bytes) in site::files(tokenizer) {
        staging.write(&path, bytes)?;
    }
    for (page, html) in pages.registry(read)? {
        staging.write(&Address::Page(page), html.as_bytes())?;
    }
    Ok(())
}

/// Removes or leaves behind what redacted versions alone used, and brings over the rest of what is
/// published. Returns the addresses that held something of a redacted version.
fn withdraw(
    written: &[Written],
    summaries: &[&PromptSummary],
    output: &Output<'_>,
) -> anyhow::Result<BTreeSet<Address>> {
    let (Some(staging), Some(previous)) = (output.staging, output.previous) else {
        return Ok(BTreeSet::new());
    };
    let used: BTreeSet<&Digest> = summaries.iter().flat_map(|summary| &summary.blobs).collect();
    let blobs = written.iter().flat_map(|prompt| &prompt.withdrawn_blobs);
    let blobs = blobs.filter(|digest| !used.contains(digest)).map(|digest| Address::Blob(*digest));
    let mut withdrawn: BTreeSet<Address> = blobs.collect();
    for path in &withdrawn {
        staging.remove(path.clone());
    }
    withdrawn.extend(written.iter().flat_map(|prompt| prompt.redacted.iter().cloned()));
    if let Staging::Beside(_) = staging {
        previous.carry(&withdrawn, staging)?;
    }
    for path in withdrawn.clone() {
        let Address::Version(name, version) = path else { continue };
        for derived in previous.repeating(&name, &version)? {
            if previous.read(&derived)?.is_some() {
                withdrawn.insert(derived);
            }
        }
    }
    Ok(withdrawn)
}

/// What Git says of the tree that is compiled.
#[derive(Default)]
struct Told {
    history: Arc<TreeHistory>,
    /// What the commit has, where releases are made that could name it.
    files: Option<HeadFiles>,
}

impl Told {
    /// Returns the months in which something happened.
    fn months(&self) -> BTreeSet<Month> {
        let prompts = self.history.prompts.values().flat_map(|prompt| prompt.events.values());
        let all = prompts.flatten().chain(&self.history.rules).chain(&self.history.settings);
        all.filter_map(|change| change.at.as_ref()).map(Timestamp::month).collect()
    }
}

/// Asks Git about a tree, as far as it matters: of one that is only checked, whether something new was
/// made by a commit that is missing.
fn told(
    head: &LazyHead<'_>,
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    numbers: &Numbers,
    output: &Output<'_>,
) -> anyhow::Result<Told> {
    let is_asked = output.staging.is_some() || output.previous.is_some();
    let Some(head) = (if is_asked { head.get()? } else { None }) else {
        return Ok(Told::default());
    };
    let published = output.previous.map(|previous| &previous.published);
    let makes_releases = output.staging.is_some_and(|staging| !staging.is_preview());
    let (history, files) = rayon::join(
        || head.history(settings, prompts, numbers, published, output.memo),
        || makes_releases.then(|| head.files()).transpose(),
    );
    Ok(Told { history: history?, files: files? })
}

/// What compiling a prompt needs.
struct Step<'a> {
    tree: &'a Tree,
    settings: &'a Settings,
    prompts: &'a BTreeMap<PromptName, PromptFiles>,
    environments: &'a Environments,
    tokenizer: Tokenizer<'a>,
    pages: Option<&'a Pages>,
    output: &'a Output<'a>,
    told: &'a Told,
    /// What happened to published prompts.
    trail: &'a BTreeMap<PromptName, Vec<Event>>,
    /// The terms of what was compiled.
    terms: Mutex<Terms>,
    /// The numbers of prompts in place that the first commit of a shallow clone has.
    cut: &'a BTreeSet<PromptVersion>,
    /// New versions whose commit is missing.
    hidden: Mutex<BTreeSet<PromptVersion>>,
}

enum Compiled {
    /// The prompt is compiled and written.
    Done(Box<Written>),
    /// The prompt includes others and has to wait for them.
    Includes(Waiting),
}

/// A prompt that waits for what it includes.
struct Waiting {
    place: u32,
    known: Arc<KnownPrompt>,
    contents: Contents,
    /// What was found when it was read.
    findings: Vec<Diagnostic>,
}

/// A prompt whose files are written.
struct Written {
    summary: PromptSummary,
    /// The prompts that it includes.
    includes: BTreeSet<PromptName>,
    /// What was found in it.
    findings: Vec<Diagnostic>,
    /// Whether what was found stays true until its files, or those of what it includes, change.
    is_lasting: bool,
    /// The stamp of the terms of its texts.
    terms: u64,
    /// The stamp of what Git said of it.
    told: u64,
    /// The stamp of its files in the commit that they are the same as, if they are.
    committed: Option<u64>,
    /// Digest of what happened to it.
    history: Option<Digest>,
    /// The published documents that are withdrawn.
    redacted: Vec<Address>,
    /// The files that those used.
    withdrawn_blobs: Vec<Digest>,
}

impl Step<'_> {
    /// Reads a prompt, and compiles it unless it includes others.
    fn first(
        &self,
        place: u32,
        name: &PromptName,
        files: &PromptFiles,
    ) -> anyhow::Result<Compiled> {
        let contents = self.tree.contents(files)?;
        let mut findings = Vec::new();
        let known = self.read(name, files, &contents, &mut findings)?;
        if has_includes(&known.prompt) {
            let known = Arc::new(known);
            return Ok(Compiled::Includes(Waiting { place, known, contents, findings }));
        }
        let mut library = Library::new(self.settings, |_: &PromptName| None);
        let written = self.compile(place, &known, &contents, &mut library, findings)?;
        Ok(Compiled::Done(Box::new(written)))
    }

    /// Reads a prompt, and what is published of it.
    fn read(
        &self,
        name: &PromptName,
        files: &PromptFiles,
        contents: &Contents,
        findings: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<KnownPrompt> {
        let prompt = read_prompt(name, files, contents, findings);
        let mut past = PromptPast::default();
        if let Some(previous) = self.output.previous {
            let read = |path: &Address| previous.read(path);
            let mut published = previous.published.prompt(name, read)?;
            if self.output.staging.is_some() {
                for (version, listed) in &published.versions {
                    let path = Address::Version(name.clone(), version.clone());
                    previous.check_size(&path, listed.size)?;
                }
                let served = served_versions(&prompt, self.settings);
                published.load(name, served.iter().chain(&to_attribute(&prompt)), read)?;
                published.history = self.trail.get(name).cloned().unwrap_or_default();
            }
            past.published = Some(published);
        }
        if let Some(proposed) = self.output.proposed {
            let base = proposed.judge(&prompt, self.settings, self.output.previous, findings)?;
            past.base = Some(base);
        }
        past.history = self.told.history.prompts.get(name).cloned().unwrap_or_default();
        if let Some(there) = &self.told.files {
            // Nobody made what no commit has.
            past.history.retain(|version| there.has_version(self.tree, files, version, contents));
        }
        let known = KnownPrompt { prompt, past };
        // Nobody keeps a preview.
        if !self.output.staging.is_some_and(Staging::is_preview) {
            let published = known.past.published.as_ref();
            let is_new = |version: &Version| {
                published.is_none_or(|published| !published.versions.contains_key(version))
            };
            let cut = self.cut.iter().filter(|cut| cut.name == *name && is_new(&cut.version));
            let hidden = hidden_versions(&known, &self.told.history);
            let hidden = hidden.into_iter().chain(cut.cloned());
            self.hidden.lock().unwrap_or_else(PoisonError::into_inner).extend(hidden);
        }
        Ok(known)
    }

    /// Compiles the prompts that include others; an included prompt is read once more when it is
    /// asked for, and kept.
    fn including(&self, waiting: Vec<Waiting>) -> anyhow::Result<Vec<Written>> {
        let failed: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        let mut loaded: BTreeMap<PromptName, Option<Arc<KnownPrompt>>> = waiting
            .iter()
            .map(|waiting| (waiting.known.prompt.name.clone(), Some(Arc::clone(&waiting.known))))
            .collect();
        let load = |name: &PromptName| {
            let load = || {
                let files = self.prompts.get(name)?;
                // Its findings are reported where it is compiled itself.
                let read = self
                    .tree
                    .contents(files)
                    .and_then(|contents| self.read(name, files, &contents, &mut Vec::new()));
                match read {
                    Ok(known) => Some(Arc::new(known)),
                    Err(error) => {
                        if let Ok(mut failed) = failed.lock() {
                            failed.get_or_insert(error);
                        }
                        None
                    }
                }
            };
            loaded.entry(name.clone()).or_insert_with(load).clone()
        };
        let mut library = Library::new(self.settings, load);
        let mut written = Vec::with_capacity(waiting.len());
        for Waiting { place, known, contents, findings } in waiting {
            let compiled = self.compile(place, &known, &contents, &mut library, findings)?;
            // What is included and not there is not among what it includes.
            let is_lasting = compiled.is_lasting && compiled.findings.is_empty();
            written.push(Written { is_lasting, ..compiled });
        }
        match failed.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(written),
        }
    }

    fn compile<L: FnMut(&PromptName) -> Option<Arc<KnownPrompt>>>(
        &self,
        place: u32,
        known: &KnownPrompt,
        contents: &Contents,
        library: &mut Library<'_, L>,
        mut findings: Vec<Diagnostic>,
    ) -> anyhow::Result<Written> {
        let KnownPrompt { prompt, past } = known;
        let CompiledPrompt { files, redacted, includes, summary } = compile_prompt(
            known,
            self.prompts,
            contents,
            self.settings,
            self.environments,
            library,
            Some(self.tokenizer),
            &mut findings,
        );
        let find_history = |(path, bytes): &(Address, Vec<u8>)| {
            matches!(path, Address::History(_)).then(|| Digest::of(bytes))
        };
        let history = files.iter().find_map(find_history);
        let committed = match (&self.told.files, self.prompts.get(&prompt.name)) {
            (Some(there), Some(own))
                if there.has_prompt(self.tree, &prompt.name, own, contents) =>
            {
                there.stamp(own)
            }
            _ => None,
        };
        let mut withdrawn_blobs = Vec::new();
        let mut stamp = 0;
        if let Some(staging) = self.output.staging {
            let terms = PromptTerms::of(prompt, self.settings);
            stamp = terms.stamp();
            self.terms.lock().unwrap_or_else(PoisonError::into_inner).add(place, &terms);
            for (path, bytes) in &files {
                staging.write(path, bytes)?;
            }
            for (path, bytes) in &redacted {
                if let Some(old) = self.output.previous.map(|previous| previous.read(path)) {
                    withdrawn_blobs.extend(blobs(&old?.unwrap_or_default()));
                }
                staging.redact(path, bytes)?;
            }
            let page = match self.pages.filter(|_| !files.is_empty()) {
                Some(pages) => {
                    self.write_page(pages, &prompt.name, &[&files, &redacted], staging)?
                }
                None => None,
            };
            let written = files.iter().chain(&redacted).map(|(path, _)| path).chain(&page);
            staging.tidy(&prompt.name, written)?;
        }
        let redacted = redacted.into_iter().map(|(path, _)| path).collect();
        // Whether the prompt that replaces it exists is looked at each time.
        let is_lasting = prompt.replaced_by.is_none();
        let terms = stamp;
        let told = past.history.stamp();
        Ok(Written {
            summary,
            includes,
            findings,
            is_lasting,
            terms,
            told,
            committed,
            history,
            redacted,
            withdrawn_blobs,
        })
    }

    /// Writes the page of a prompt. What it shows of published versions is not among its files.
    fn write_page(
        &self,
        pages: &Pages,
        name: &PromptName,
        written: &[&[(Address, Vec<u8>)]],
        staging: &Staging,
    ) -> anyhow::Result<Option<Address>> {
        let all = written.iter().copied().flatten();
        let find = |path: &Address| all.clone().find(|(written, _)| written == path);
        let read = |path: &Address| match find(path) {
            Some((_, bytes)) => Ok(Some(bytes.clone())),
            None => self.output.previous.map_or(Ok(None), |previous| previous.read(path)),
        };
        let Some(html) = pages.prompt(name, read)? else { return Ok(None) };
        let page = Address::Page(Page::Prompt(name.clone()));
        staging.write(&page, html.as_bytes())?;
        Ok(Some(page))
    }
}

/// Returns the files that the parts of a version document name.
fn blobs(document: &[u8]) -> Vec<Digest> {
    json::read::<VersionDocument>(document).map(|document| document.blobs()).unwrap_or_default()
}
