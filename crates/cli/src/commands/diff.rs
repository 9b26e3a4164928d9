//! `promptdex diff`: the differences between two versions, or between the targets of two
//! environments.

use std::path::Path;

use promptdex_compare::Options;
use promptdex_compare::text::Whitespace;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::prompts::prompt_handle::{FlawedVersion, PromptHandle};
use promptdex_ops::prompts::selector::{self, VersionSelection};
use promptdex_ops::review::comparison::{LoadedVersion, compare};
use promptdex_ops::review::environment_comparison::compare_environments;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Environment, PromptName};

use crate::cli::DiffArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::output::diff::Difference;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &DiffArgs) -> anyhow::Result<Exit> {
    let revisions = args.rev.as_deref().map(revisions);
    let (old, new) = revisions.unzip();
    let (old, new) = (Tree::at(root, old)?, Tree::at(root, new)?);
    let (old, new) = (Loader::open(&old)?, Loader::open(&new)?);
    let is_one_tree = revisions.is_none_or(|(old, new)| old == new);
    // A single tree is read once.
    let (old, new) = if is_one_tree { (&old, &old) } else { (&old, &new) };
    let whitespace =
        if args.ignore_whitespace { Whitespace::IgnoreChange } else { Whitespace::Show };
    let options = Options { whitespace, ..Options::default() };
    let difference = match environments(new, args, is_one_tree)? {
        Some((from, to)) => {
            let compared = compare_environments((old, &from), (new, &to), &options)?;
            let (compared, flawed) = compared;
            ui.report_flawed(&flawed);
            Difference::Environments(compared)
        }
        None => {
            let mut flawed = Vec::new();
            let (from, to) = sides((old, new), args, &mut flawed)?;
            ui.report_flawed(&flawed);
            Difference::Versions(Box::new(compare(&from, &to, &options)))
        }
    };
    ui.data(&output::diff::show(&difference, args.format, args.context));
    let differs = args.exit_code && !difference.is_same();
    Ok(if differs { Exit::Differences } else { Exit::Done })
}

/// Splits `A..B` into two revisions. A single revision is used for both.
fn revisions(text: &str) -> (&str, &str) {
    match text.split_once("..") {
        Some((old, "")) => (old, "HEAD"),
        Some(("", new)) => ("HEAD", new),
        Some(both) => both,
        None => (text, text),
    }
}

/// Returns the two environments to compare as a whole. The arguments name two environments, or one
/// environment and two revisions.
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
        None => format!("`{from}` is an environment and requires a second environment"),
        Some(to) => format!("`{from}` is an environment, but `{to}` is not"),
    };
    let known = format!("compare it with one of {}", selector::environments(settings));
    let help = match selector::suggest_environment(to.unwrap_or_default(), settings) {
        Some(nearest) => format!("{nearest} {known}"),
        None => known,
    };
    Err(Failure::new(message, help).into())
}

/// Loads the two versions that the arguments name.
fn sides(
    (old, new): (&Loader<'_>, &Loader<'_>),
    args: &DiffArgs,
    flawed: &mut Vec<FlawedVersion>,
) -> anyhow::Result<(LoadedVersion, LoadedVersion)> {
    let (name, selector) = selector::parse(&args.from)?;
    let from = PromptHandle::prompt(old, &name)?;
    let first = from.select(selector)?;
    let is_one_tree = std::ptr::eq(old, new);
    let Some(to) = &args.to else {
        if !is_one_tree {
            let to = PromptHandle::prompt(new, &name)?;
            return Ok((from.load(first, flawed)?, to.load(to.select(selector)?, flawed)?));
        }
        let version = selector::next_lower_version(&from.prompt, &first.version)?;
        let below = VersionSelection { version, environment: None };
        return Ok((from.load(below, flawed)?, from.load(first, flawed)?));
    };
    let own = match to.split_once('@') {
        Some((name, selector)) => name.is_empty().then_some(selector),
        None => is_selector(new, to)?.then_some(to.as_str()),
    };
    let second = match own {
        Some(selector) if is_one_tree => from.load(from.select(Some(selector))?, flawed)?,
        Some(selector) => {
            let to = PromptHandle::prompt(new, &name)?;
            to.load(to.select(Some(selector))?, flawed)?
        }
        None => {
            let (name, selector) = selector::parse(to)?;
            let to = PromptHandle::prompt(new, &name)?;
            to.load(to.select(selector)?, flawed)?
        }
    };
    Ok((from.load(first, flawed)?, second))
}

/// Whether a text without `@` selects a version or environment of the first prompt, and is not a
/// prompt name. A text that names no prompt counts as a selector.
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
