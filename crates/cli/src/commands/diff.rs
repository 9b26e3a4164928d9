//! `promptdex diff`: what changed between two versions, or between what two environments serve.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use promptdex_compare::Options;
use promptdex_compare::text::Whitespace;
use promptdex_core::compile::target;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Prompt;
use promptdex_core::rules;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, Version};
use rayon::prelude::*;

use crate::cli::{DiffArgs, Format};
use crate::compared::{ComparedEnvironments, ComparedPrompt, Loaded, Side, compare};
use crate::error::{Exit, Failure};
use crate::load::Loader;
use crate::output;
use crate::output::diff::Difference;
use crate::selector::{self, Selected};
use crate::tree::Tree;
use crate::ui::{Ui, plural};

pub(crate) fn run(ui: &Ui, root: &Path, args: &DiffArgs) -> anyhow::Result<Exit> {
    let revisions = args.rev.as_deref().map(revisions);
    let (old, new) = revisions.unzip();
    let (old, new) = (Tree::at(root, old)?, Tree::at(root, new)?);
    let (old, new) = (Loader::open(&old)?, Loader::open(&new)?);
    let is_one_tree = revisions.is_none_or(|(old, new)| old == new);
    // What is compared in one tree is read once.
    let (old, new) = if is_one_tree { (&old, &old) } else { (&old, &new) };
    let whitespace =
        if args.ignore_whitespace { Whitespace::IgnoreChange } else { Whitespace::Show };
    let options = Options { whitespace, ..Options::default() };
    let difference = match environments(new, args, is_one_tree)? {
        Some((from, to)) => {
            let compared = compare_environments(ui, (old, &from), (new, &to), &options)?;
            Difference::Environments(compared)
        }
        None => {
            let (from, to) = sides(ui, (old, new), args)?;
            Difference::Versions(Box::new(compare(&from, &to, &options)))
        }
    };
    ui.data(&output::diff::show(&difference, args.format, args.context));
    let differs = args.exit_code && !difference.is_same();
    Ok(if differs { Exit::Differences } else { Exit::Done })
}

/// Splits `A..B` into two revisions; a single one is both.
fn revisions(text: &str) -> (&str, &str) {
    match text.split_once("..") {
        Some((old, "")) => (old, "HEAD"),
        Some(("", new)) => ("HEAD", new),
        Some(both) => both,
        None => (text, text),
    }
}

/// Returns the environments that are compared as a whole, if the arguments name two, or one as of two
/// revisions.
fn environments(
    loader: &Loader<'_>,
    args: &DiffArgs,
    is_one_tree: bool,
) -> anyhow::Result<Option<(Environment, Environment)>> {
    let settings = &loader.settings;
    let Some(from) = settings.environment(&args.from) else { return Ok(None) };
    let to = args.to.as_deref();
    if let Some(to) = to.and_then(|to| settings.environment(to)) {
        return Ok(Some((from.clone(), to.clone())));
    }
    // A prompt may have the name of an environment.
    let is_prompt = match args.from.parse::<PromptName>() {
        Ok(name) => loader.files(&name)?.is_some(),
        Err(_) => false,
    };
    if is_prompt {
        return Ok(None);
    }
    if to.is_none() && !is_one_tree {
        return Ok(Some((from.clone(), from.clone())));
    }
    let message = match to {
        None => format!("`{from}` is an environment, and there is none to compare it with"),
        Some(to) => format!("`{from}` is an environment, `{to}` is not"),
    };
    let known = format!("compare it with one of {}", selector::environments(settings));
    let help = selector::with_nearest(to.unwrap_or_default(), settings, &known);
    Err(Failure::new(message, help).into())
}

/// Loads the two versions that the arguments name.
fn sides(
    ui: &Ui,
    (old, new): (&Loader<'_>, &Loader<'_>),
    args: &DiffArgs,
) -> anyhow::Result<(Loaded, Loaded)> {
    let (name, selector) = selector::parse(&args.from)?;
    let from = Opened::prompt(old, &name)?;
    let first = from.select(selector)?;
    let is_one_tree = std::ptr::eq(old, new);
    let Some(to) = &args.to else {
        if !is_one_tree {
            let to = Opened::prompt(new, &name)?;
            return Ok((from.load(ui, first)?, to.load(ui, to.select(selector)?)?));
        }
        let version = selector::below(&from.prompt, &first.version)?;
        let below = Selected { version, environment: None };
        return Ok((from.load(ui, below)?, from.load(ui, first)?));
    };
    let own = match to.split_once('@') {
        Some((name, selector)) => name.is_empty().then_some(selector),
        None => is_selector(new, to)?.then_some(to.as_str()),
    };
    let second = match own {
        Some(selector) if is_one_tree => from.load(ui, from.select(Some(selector))?)?,
        Some(selector) => {
            let to = Opened::prompt(new, &name)?;
            to.load(ui, to.select(Some(selector))?)?
        }
        None => {
            let (name, selector) = selector::parse(to)?;
            let to = Opened::prompt(new, &name)?;
            to.load(ui, to.select(selector)?)?
        }
    };
    Ok((from.load(ui, first)?, second))
}

/// Whether a text without `@` is a version or an environment of the prompt that was named before it.
/// What is no prompt either is taken for one.
fn is_selector(loader: &Loader<'_>, text: &str) -> anyhow::Result<bool> {
    if selector::version(text).is_some() || loader.settings.environment(text).is_some() {
        return Ok(true);
    }
    let is_prompt = match text.parse::<PromptName>() {
        Ok(name) => name.as_str().contains('/') || loader.files(&name)?.is_some(),
        Err(_) => text.contains('/'),
    };
    Ok(!is_prompt)
}

/// A prompt, where it was read, and what was found in it.
struct Opened<'l> {
    loader: &'l Loader<'l>,
    prompt: Arc<Prompt>,
    findings: Vec<Diagnostic>,
}

impl<'l> Opened<'l> {
    /// Reads a prompt that must be there.
    fn prompt(loader: &'l Loader<'l>, name: &PromptName) -> anyhow::Result<Self> {
        let mut findings = Vec::new();
        let prompt = loader.prompt(name, &mut findings)?;
        Ok(Self { loader, prompt, findings })
    }

    /// Reads a prompt, if it is there.
    fn find(loader: &'l Loader<'l>, name: &PromptName) -> anyhow::Result<Option<Self>> {
        let mut findings = Vec::new();
        let prompt = loader.find(name, &mut findings)?;
        Ok(prompt.map(|prompt| Self { loader, prompt, findings }))
    }

    fn select(&self, selector: Option<&str>) -> anyhow::Result<Selected> {
        selector::select(&self.prompt, &self.loader.settings, selector)
    }

    fn served(&self, environment: &Environment) -> Option<Target> {
        target(&self.prompt, &self.loader.settings, environment)
    }

    /// Compiles a version. What is wrong with it does not stand in the way as long as its files can be
    /// read.
    fn load(&self, ui: &Ui, selected: Selected) -> anyhow::Result<Loaded> {
        let Selected { version, environment } = selected;
        let mut findings = self.findings.clone();
        let document = self.loader.document(&self.prompt, &version, &mut findings);
        let name = self.prompt.name.clone();
        let is_read = !findings.iter().any(is_unreadable);
        let Some(document) = document.filter(|_| is_read) else {
            ui.talk(&output::list(self.loader.tree(), &findings, Format::Human));
            let message = format!("`{name}@{version}` cannot be read");
            return Err(Failure::new(message, "correct what was found in it").into());
        };
        if !findings.is_empty() {
            let errors = plural(findings.len(), "error");
            ui.hint(&format!("`{name}@{version}` has {errors}; `promptdex check` shows them"));
        }
        Ok(Loaded::new(Side { name, version, environment }, &self.prompt, document))
    }
}

/// Whether a finding says that something is missing from what was read. A template that cannot be
/// parsed is a text all the same.
fn is_unreadable(finding: &Diagnostic) -> bool {
    let of_texts = [&rules::TEMPLATE_SYNTAX, &rules::UNSUPPORTED_TEMPLATE, &rules::INVALID_INCLUDE];
    finding.rule.is_fixed && !of_texts.iter().any(|rule| rule.code == finding.rule.code)
}

/// Compares what an environment of one tree serves with what an environment of another does.
fn compare_environments(
    ui: &Ui,
    (a, from): (&Loader<'_>, &Environment),
    (b, to): (&Loader<'_>, &Environment),
    options: &Options,
) -> anyhow::Result<ComparedEnvironments> {
    let mut names = a.names()?;
    names.extend(b.names()?);
    names.sort();
    names.dedup();
    let is_one_tree = std::ptr::eq(a, b);
    let compared = |name: &PromptName| -> anyhow::Result<Option<ComparedPrompt>> {
        let (old, new) = (Opened::find(a, name)?, Opened::find(b, name)?);
        let before = old.as_ref().and_then(|old| old.served(from));
        let after = new.as_ref().and_then(|new| new.served(to));
        let mut versions = Vec::new();
        if let (Some(old), Some(new), Some(before), Some(after)) = (&old, &new, &before, &after) {
            for (x, y) in pairs(before, after) {
                if is_one_tree && x == y {
                    continue;
                }
                let x = old.load(ui, Selected { version: x, environment: Some(from.clone()) })?;
                let y = new.load(ui, Selected { version: y, environment: Some(to.clone()) })?;
                versions.push(compare(&x, &y, options));
            }
        }
        versions.retain(|pair| pair.from.version != pair.to.version || !pair.is_same());
        let is_served = before.is_some() || after.is_some();
        let name = name.clone();
        Ok(is_served.then_some(ComparedPrompt { name, from: before, to: after, versions }))
    };
    let prompts: Vec<Option<ComparedPrompt>> =
        names.par_iter().map(compared).collect::<anyhow::Result<_>>()?;
    let all = prompts.iter().flatten().count();
    let prompts: Vec<ComparedPrompt> =
        prompts.into_iter().flatten().filter(|prompt| !prompt.is_same()).collect();
    let (from, to) = (from.clone(), to.clone());
    Ok(ComparedEnvironments { from, to, same: all - prompts.len(), prompts })
}

/// Returns which versions take the place of which: where there are tracks, those of the same major.
fn pairs(before: &Target, after: &Target) -> Vec<(Version, Version)> {
    let majors = |target: &Target| -> BTreeMap<u64, Version> {
        match target {
            Target::Tracks(tracks) => tracks.clone(),
            Target::Version(_) | Target::Rollout(_) => {
                target.main().map(|main| (main.major(), main.clone())).into_iter().collect()
            }
        }
    };
    let has_tracks = [before, after].iter().any(|target| matches!(target, Target::Tracks(_)));
    let mut pairs = Vec::new();
    if has_tracks {
        let mut after = majors(after);
        let both = majors(before).into_iter();
        pairs.extend(both.filter_map(|(major, old)| Some((old, after.remove(&major)?))));
    }
    if pairs.is_empty() {
        pairs.extend(before.main().cloned().zip(after.main().cloned()));
    }
    pairs
}
