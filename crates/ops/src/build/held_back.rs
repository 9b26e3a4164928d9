//! Prompts that are held back. A publishing build goes on without a prompt that has errors: what is
//! published of it stays, and the other prompts are published.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::compile::{HeldPrompt, PromptSummary, PublishedState};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::published_registry::CorruptFile;
use promptdex_core::rules::{self, Rule, Severity};
use promptdex_core::tree::PromptFiles;
use promptdex_site::page::Pages;
use promptdex_wire::catalog::{Catalog, CatalogPrompt};
use promptdex_wire::characters::is_invisible;
use promptdex_wire::release::HeldBack;
use promptdex_wire::{Digest, Page, PromptName, PromptVersion, RegistryPath, Version, json};

use super::outcome::BuildOutcome;
use super::output::Output;
use super::prompt::{CompiledPrompts, WrittenPrompt};
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::target::Staging;

/// Rules whose findings name a prompt and are not about it alone: a collision is one of two prompts, and
/// a shallow clone lacks the commits of every prompt.
const OF_THE_WHOLE_TREE: [&Rule; 3] =
    [&rules::NAME_COLLISION, &rules::NESTED_PROMPT, &rules::SHALLOW_HISTORY];

/// A reason has at most so many characters.
const LONGEST_REASON: usize = 200;

/// The prompts that are held back, with the first error of each.
type HeldPrompts = BTreeMap<PromptName, HeldBack>;

/// Decides whether the build is written, and which prompts it holds back: puts what is published in the place of what was
/// compiled of them, and adds the findings about prompts that need one of them.
pub(super) fn decide(
    compiled: &mut CompiledPrompts,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    output: &Output<'_>,
    outcome: &mut BuildOutcome,
) -> Result<Vec<HeldPrompt>> {
    if output.staging.is_none() {
        return Ok(Vec::new());
    }
    let Some((previous, least)) = output.previous.zip(output.holds) else {
        outcome.is_written = outcome.count(Severity::Error) == 0;
        return Ok(Vec::new());
    };
    let is_prompt = |name: &PromptName| {
        prompts.contains_key(name) || previous.published.lists.contains_key(name)
    };
    let Some(mut held) = find(&outcome.findings, least, is_prompt) else {
        return Ok(Vec::new());
    };
    let includers = hold_includers(&mut held, &compiled.written);
    outcome.findings.extend(includers);
    outcome.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    if has_open_redaction(&held, &compiled.written) {
        return Ok(Vec::new());
    }
    let unchanged = &outcome.cache_update.unchanged_prompts;
    let HoldOutcome { records, delayed_redactions } =
        hold(&held, compiled, unchanged, prompts, previous)?;
    // The next build looks at each of them again, whatever its files say.
    outcome.cache_update.unchanged_prompts.retain(|name| !held.contains_key(name));
    outcome.held_back = held.into_values().collect();
    outcome.delayed_redactions = delayed_redactions;
    outcome.is_written = true;
    Ok(records)
}

/// Finds the prompts that have findings of severity `least` or worse. Returns `None` if such a finding is
/// about the registry as a whole. `is_prompt` tells whether the tree or the published registry has a prompt.
fn find(
    findings: &[Diagnostic],
    least: Severity,
    is_prompt: impl Fn(&PromptName) -> bool,
) -> Option<HeldPrompts> {
    let mut held = HeldPrompts::new();
    // The reason is the first error, also where warnings are denied.
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let others = findings.iter().filter(|finding| finding.severity != Severity::Error);
    for finding in errors.chain(others).filter(|finding| finding.severity >= least) {
        let name = owner(finding, &is_prompt)?;
        held.entry(name.clone()).or_insert_with(|| record(&name, finding));
    }
    Some(held)
}

fn record(name: &PromptName, finding: &Diagnostic) -> HeldBack {
    let (name, code) = (name.clone(), finding.rule.code.to_owned());
    HeldBack { name, code, reason: published_reason(finding) }
}

/// Returns the prompt that a finding is about.
fn owner(finding: &Diagnostic, is_prompt: impl Fn(&PromptName) -> bool) -> Option<PromptName> {
    if OF_THE_WHOLE_TREE.iter().any(|rule| rule.code == finding.rule.code) {
        return None;
    }
    finding.prompt(is_prompt)
}

/// Returns the message of a finding and its place, fit for a release, which is published and read by clients whole.
fn published_reason(finding: &Diagnostic) -> String {
    let cut = |text: &str, most: usize| {
        let is_shown = |c: char| if is_invisible(c) || c == '\n' { '\u{fffd}' } else { c };
        let mut cut: String = text.chars().take(most).map(is_shown).collect();
        if text.chars().nth(most).is_some() {
            cut.push('…');
        }
        cut
    };
    let (message, path) =
        (cut(&finding.message, LONGEST_REASON), cut(&finding.path, LONGEST_REASON));
    match &finding.place {
        Some(place) => format!("{message} ({path}, line {})", place.line),
        None => format!("{message} ({path})"),
    }
}

/// Holds back the prompts that cannot be published without one that is: a new version of theirs
/// includes a version that is not published, or not as the tree has it. Returns a finding for each of
/// these versions.
fn hold_includers(held: &mut HeldPrompts, written: &[WrittenPrompt]) -> Vec<Diagnostic> {
    let unpublished: BTreeMap<&PromptName, &BTreeSet<Version>> =
        written.iter().map(|prompt| (prompt.summary.name(), &prompt.unpublished)).collect();
    let mut findings: Vec<Diagnostic> = Vec::new();
    loop {
        let before = held.len();
        for prompt in written {
            let name = prompt.summary.name();
            if held.contains_key(name) {
                continue;
            }
            for (version, included) in &prompt.new_includes {
                let is_missing = held.contains_key(&included.name)
                    && unpublished
                        .get(&included.name)
                        .is_none_or(|versions| versions.contains(&included.version));
                if !is_missing {
                    continue;
                }
                let message = format!(
                    "version {version} includes `{included}`, but `{}` is held back",
                    included.name
                );
                let folder = format!("{name}/v{version}");
                let help = format!("fix `{}`, or include a published version", included.name);
                let finding = Diagnostic::about(&rules::INVALID_INCLUDE, folder, message);
                held.entry(name.clone()).or_insert_with(|| record(name, &finding));
                findings.push(finding.help(help));
            }
        }
        if held.len() == before {
            return findings;
        }
    }
}

/// What became of the held prompts.
#[derive(Debug, Default)]
struct HoldOutcome {
    /// The prompts as releases record them.
    records: Vec<HeldPrompt>,
    /// Versions that the tree redacts, and that stay published.
    delayed_redactions: Vec<PromptVersion>,
}

/// Puts what is published of the held prompts in the place of what was compiled, and leaves out those of
/// which nothing is published. Their redactions are published, if the tree has everything else as it is published.
fn hold(
    held: &HeldPrompts,
    compiled: &mut CompiledPrompts,
    unchanged: &BTreeSet<PromptName>,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    previous: &PreviousRegistry,
) -> Result<HoldOutcome> {
    let read = |path: &RegistryPath| previous.read(path);
    let mut outcome = HoldOutcome::default();
    let mut rows = if held.is_empty() { BTreeMap::new() } else { read_catalog(previous)? };
    let mut extra_places = Vec::new();
    for (name, record) in held {
        let published = PublishedState::read(&previous.published, name, rows.remove(name), read)?;
        let place = compiled.written.iter().position(|own| own.summary.name() == name);
        let own = place.map(|place| compiled.written.swap_remove(place));
        let tree_environments = own.iter().flat_map(|own| own.summary.served_entries.keys());
        let published_environments =
            published.iter().flat_map(|published| published.environments());
        outcome.records.push(HeldPrompt {
            record: record.clone(),
            environments: published_environments.chain(tree_environments).cloned().collect(),
        });
        let Some(PublishedState { summary, terms }) = published else { continue };
        if unchanged.contains(name) {
            continue;
        }
        let (head_stamp, redactions, only) = own.map_or_else(Default::default, |own| {
            (own.head_stamp, own.redactions, own.redactions_only)
        });
        let (written, terms) = if let Some(only) = only {
            let (written, terms) = *only;
            (WrittenPrompt { is_lasting: false, ..written }, terms)
        } else {
            outcome.delayed_redactions.extend(redactions.into_iter().filter_map(version_of));
            let history = read(&RegistryPath::History(name.clone()))?;
            let written = WrittenPrompt {
                terms: terms.stamp(),
                history: history.map(|bytes| Digest::of(&bytes)),
                head_stamp,
                ..WrittenPrompt::of_summary(summary)
            };
            (written, terms)
        };
        let place = u32::try_from(prompts.len() + extra_places.len()).unwrap_or(u32::MAX);
        compiled.terms.add(place, &terms);
        extra_places.push(name);
        compiled.written.push(written);
    }
    if !held.is_empty() {
        move_places(compiled, unchanged, prompts, &extra_places, held);
    }
    Ok(outcome)
}

/// Whether the redaction of a version of a prompt is on its way: its document is replaced, and the lists do not say so yet.
/// Such a publication has to be completed before anything else.
fn has_open_redaction(held: &HeldPrompts, written: &[WrittenPrompt]) -> bool {
    let is_open = |prompt: &WrittenPrompt| {
        !prompt.continued_redactions.is_empty() && held.contains_key(prompt.summary.name())
    };
    written.iter().any(is_open)
}

fn version_of(path: RegistryPath) -> Option<PromptVersion> {
    match path {
        RegistryPath::Version(name, version) => Some(PromptVersion { name, version }),
        _ => None,
    }
}

/// Tells the search terms where the prompts stand among those that are published.
fn move_places(
    compiled: &mut CompiledPrompts,
    unchanged: &BTreeSet<PromptName>,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    extra_places: &[&PromptName],
    held: &HeldPrompts,
) {
    let written = compiled.written.iter().map(|prompt| prompt.summary.name());
    let names: BTreeSet<&PromptName> = written.chain(unchanged).collect();
    let places: BTreeMap<&PromptName, u32> = names.into_iter().zip(0..).collect();
    let of_tree = prompts.keys().map(|name| {
        let is_compiled = !held.contains_key(name) || unchanged.contains(name);
        places.get(name).copied().filter(|_| is_compiled)
    });
    let of_held = extra_places.iter().map(|name| places.get(*name).copied());
    let moved = of_tree.chain(of_held).collect();
    compiled.terms.move_places(moved);
}

/// Reads the rows of the published catalog.
fn read_catalog(previous: &PreviousRegistry) -> Result<BTreeMap<PromptName, CatalogPrompt>> {
    let path = RegistryPath::Catalog;
    let bytes = previous.read(&path)?.unwrap_or_default();
    let catalog: Catalog = json::read(&bytes)
        .map_err(|error| CorruptFile { path, problem: format!("cannot be read: {error}") })?;
    Ok(catalog.prompts.into_iter().map(|row| (row.name.clone(), row)).collect())
}

/// Copies the derived files of the held prompts, in a build that writes a whole new registry. Their
/// immutable files are copied with those of all others.
pub(super) fn carry(
    held: &[&PromptName],
    written: &[WrittenPrompt],
    output: &Output<'_>,
) -> Result<()> {
    let (Some(previous), Some(staging @ (Staging::Beside(_) | Staging::InMemory(_)))) =
        (output.previous, output.staging)
    else {
        return Ok(());
    };
    let has_files = |name: &PromptName| {
        written.iter().any(|own| own.summary.name() == name && own.files.is_some())
    };
    for name in held.iter().copied().filter(|name| !has_files(name)) {
        let folder = format!("api/prompts/{name}");
        let mut paths =
            vec![RegistryPath::Versions(name.clone()), RegistryPath::History(name.clone())];
        for part in ["latest", "cases"] {
            paths.append(&mut previous.list(&format!("{folder}/{part}"))?);
        }
        for path in paths {
            if let Some(bytes) = previous.read(&path)? {
                staging.write(&path, &bytes)?;
            }
        }
    }
    Ok(())
}

/// Writes the pages of prompts that are held back, which say so: the newest releases have to be there.
pub(super) fn write_pages(
    held: &[&PromptName],
    pages: &Pages,
    staging: &Staging,
    read: impl Fn(&RegistryPath) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    for name in held {
        if let Some(html) = pages.prompt(name, &read)? {
            let page = RegistryPath::Page(Page::Prompt((*name).clone()));
            staging.write(&page, html.as_bytes())?;
        }
    }
    Ok(())
}

impl WrittenPrompt {
    /// Makes the record of a prompt of which nothing was compiled.
    fn of_summary(summary: PromptSummary) -> Self {
        Self {
            summary,
            files: None,
            includes: BTreeSet::new(),
            unpublished: BTreeSet::new(),
            new_includes: BTreeSet::new(),
            findings: Vec::new(),
            is_lasting: false,
            terms: 0,
            git_history: 0,
            head_stamp: None,
            history: None,
            redactions: Vec::new(),
            continued_redactions: Vec::new(),
            withdrawn_blobs: Vec::new(),
            withdrawn_pages: Vec::new(),
            redactions_only: None,
        }
    }
}
