//! `promptdex build`.

use std::path::Path;

use promptdex_core::rules::Severity;
use promptdex_ops::build::folder::{FolderBuild, FolderOptions};
use promptdex_ops::build::inputs::Publisher;
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::text::{plural, printable};
use promptdex_ops::tree::Tree;
use promptdex_wire::release::{Actor, HeldBack};
use promptdex_wire::{Chain, PackRange, RegistryPath, Timestamp};

use super::check::report;
use crate::cli::{BuildArgs, Deny, FindingsFormat, PublisherArgs};
use crate::embedded_site;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &BuildArgs) -> anyhow::Result<Exit> {
    let exit = build(ui, root, args)?;
    if exit == Exit::Done {
        let output = args.output.display();
        ui.hint(&format!("run `promptdex serve {output}` and open http://127.0.0.1:8017/"));
    }
    Ok(exit)
}

/// Builds a tree into a folder. After an error that stops the build, the folder is unchanged.
pub(crate) fn build(ui: &Ui, root: &Path, args: &BuildArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let site = if args.no_site { None } else { embedded_site::load_site() };
    let (has_site, has_previous) = (site.is_some(), args.previous.is_some());
    let options = FolderOptions {
        output: &args.output,
        previous: args.previous.clone(),
        is_packed: args.pack,
        is_cached: !args.no_cache,
        site,
        publisher: publisher(&args.publisher)?,
        holds: held_severity(args),
    };
    let build = FolderBuild::start(&tree, options)?;
    let later_time = build.later_time().cloned();
    if build.has_recovered() {
        ui.status("Finished", "an interrupted build");
    }
    let outcome = build.run()?;
    let is_data = !matches!(args.findings.format, FindingsFormat::Human | FindingsFormat::Short);
    let exit = if is_data || !outcome.findings.is_empty() {
        report(ui, &tree, &outcome, &args.findings, is_data)
    } else {
        Exit::Done
    };
    let target = args.output.display();
    // A prompt with a finding that counts as an error is held back, if prompts are.
    let is_held = has_previous && !args.strict;
    if !outcome.is_written || (exit != Exit::Done && !is_held) {
        ui.status("Nothing written", &format!("to {target}: fix the errors first"));
        return Ok(exit);
    }
    if !outcome.held_back.is_empty() {
        ui.message(&format_held_prompts(&outcome.held_back));
    }
    for version in &outcome.delayed_redactions {
        ui.message(&format!(
            "Not redacted: `{version}` is still published. Fix the errors of `{}` first.\n",
            version.name
        ));
    }
    if !outcome.withdrawn.is_empty() {
        // Print this before the commit, because an interrupted build is completed by the next one.
        let base = outcome.settings.url.as_deref().unwrap_or_default();
        let mut addresses: Vec<String> =
            outcome.withdrawn.iter().map(|path| format!("  {base}{path}\n")).collect();
        // A page also has the URL of its folder.
        addresses.extend(outcome.withdrawn.iter().filter_map(|path| match path {
            RegistryPath::Page(page) => Some(format!("  {base}{}\n", page.folder())),
            _ => None,
        }));
        addresses.sort();
        ui.message(&format!(
            "Redacted: purge these URLs from every cache. Caches and clones may keep the text.\n{}",
            addresses.concat()
        ));
    }
    let exit = if outcome.held_back.is_empty() { Exit::Done } else { Exit::HeldBack };
    let BuildOutcome { prompts, versions, releases, packs, settings, cache_update, .. } = outcome;
    build.commit(cache_update)?;
    let prompts = plural(prompts, "prompt");
    let versions = plural(versions, "version");
    ui.status("Built", &format!("{} to {target}: {prompts}, {versions}", settings.registry));
    if !has_site && !args.no_site {
        ui.hint("no pages were written, because this promptdex was built without the site; run `cargo xtask site` before `cargo build`");
    }
    if !packs.is_empty() {
        let word = |(chain, range): &(Chain, PackRange)| {
            format!("{chain} {} to {}", range.first(), range.last())
        };
        ui.status("Packed", &packs.iter().map(word).collect::<Vec<_>>().join(", "));
    }
    if has_previous {
        ui.status("Released", &format_releases(&releases));
        if let Some(time) = later_time.filter(|_| !releases.is_empty()) {
            ui.hint(&format!("new releases have the time of the newest release, {time}, which is later than `--published-at`"));
        }
    }
    Ok(exit)
}

/// Returns the least severity of findings for which their prompt is held back, or `None` if errors stop the build.
fn held_severity(args: &BuildArgs) -> Option<Severity> {
    match (args.strict, args.findings.deny) {
        (true, _) => None,
        (false, Some(Deny::Warnings)) => Some(Severity::Warning),
        (false, None) => Some(Severity::Error),
    }
}

/// Lists the prompts that are held back, with the first error of each.
fn format_held_prompts(held: &[HeldBack]) -> String {
    let line =
        |held: &HeldBack| format!("  {} ({}): {}\n", held.name, held.code, printable(&held.reason));
    let stay = if held.len() == 1 { "It stays" } else { "They stay" };
    format!(
        "Held back: {}. {stay} as published until the errors are fixed.\n{}",
        plural(held.len(), "prompt"),
        held.iter().map(line).collect::<String>()
    )
}

/// Reads the options about the publication.
fn publisher(args: &PublisherArgs) -> anyhow::Result<Publisher> {
    let time = args.published_at.as_deref().map(publication_time).transpose()?;
    let (by, run) = (args.published_by.clone(), args.run.clone());
    if let Some(by) = &by
        && !is_published_text(by)
    {
        let message = format!("`{}` is not a publisher", printable(by));
        return Err(Failure::new(message, "write a `@handle`, a name or an email address").into());
    }
    if let Some(run) = &run
        && (!(run.starts_with("https://") || run.starts_with("http://"))
            || run.contains(char::is_whitespace)
            || !is_published_text(run))
    {
        let message = format!("`{}` is not the URL of a CI run", printable(run));
        return Err(Failure::new(message, "write a URL that begins with `https://`").into());
    }
    let has_actor = by.is_some() || run.is_some();
    Ok(Publisher { time, actor: has_actor.then_some(Actor { by, run }) })
}

/// Whether a text may stand in a release: it shows all that it has, and is not long.
fn is_published_text(text: &str) -> bool {
    !text.trim().is_empty()
        && text.len() <= 500
        && printable(text) == text
        && !text.contains(['\n', '\t'])
}

/// Reads the moment of a publication. A release can never be corrected, and later ones are never before it, so a moment
/// that is far ahead of this clock is refused.
fn publication_time(text: &str) -> anyhow::Result<Timestamp> {
    let Some(time) = promptdex_ops::time_argument::read(text) else {
        let message = format!("`{}` is not a time", printable(text));
        let help = "write a time such as `2026-03-01T12:00:00Z`, the output of `date -u +%Y-%m-%dT%H:%M:%SZ`";
        return Err(Failure::new(message, help).into());
    };
    if time > time_argument::tomorrow() {
        let message = format!("`--published-at {time}` is in the future");
        return Err(Failure::new(message, "correct the time, or this machine's clock").into());
    }
    Ok(time)
}

/// Lists the new releases by chain.
fn format_releases(releases: &[(Chain, u64)]) -> String {
    if releases.is_empty() {
        return "nothing: no environment changed".to_owned();
    }
    let word = |(chain, sequence): &(Chain, u64)| format!("{chain} {sequence}");
    releases.iter().map(word).collect::<Vec<_>>().join(", ")
}
