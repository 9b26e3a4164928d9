//! What `build --previous` and `publish` have in common: options about the publication, and what is
//! reported of it.

use promptdex_core::rules::Severity;
use promptdex_ops::build::inputs::Publisher;
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::text::{plural, printable};
use promptdex_wire::release::{Actor, HeldBack};
use promptdex_wire::{Chain, RegistryPath, Timestamp};

use crate::cli::{Deny, PublisherArgs};
use crate::failure::Failure;
use crate::time_argument;
use crate::ui::Ui;

/// Returns the least severity of findings for which their prompt is held back, or `None` if errors
/// stop the publication.
pub(crate) fn held_severity(is_strict: bool, deny: Option<Deny>) -> Option<Severity> {
    match (is_strict, deny) {
        (true, _) => None,
        (false, Some(Deny::Warnings)) => Some(Severity::Warning),
        (false, None) => Some(Severity::Error),
    }
}

/// Prints the prompts that are held back, and the redactions that wait for them.
pub(crate) fn print_held_prompts(ui: &Ui, outcome: &BuildOutcome) {
    if !outcome.held_back.is_empty() {
        ui.message(&format_held_prompts(&outcome.held_back));
    }
    for version in &outcome.delayed_redactions {
        ui.message(&format!(
            "Not redacted: `{version}` is still published. Fix the errors of `{}` first.\n",
            version.name
        ));
    }
}

/// Prints the URLs that had contents of a version that is now redacted.
pub(crate) fn print_purge_list(ui: &Ui, outcome: &BuildOutcome) {
    if outcome.withdrawn.is_empty() {
        return;
    }
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
pub(crate) fn publisher(args: &PublisherArgs) -> anyhow::Result<Publisher> {
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
    Ok(Publisher { time, actor: has_actor.then_some(Actor { by, run }), ..Publisher::default() })
}

/// Whether a text may stand in a release: it shows all that it has, and is not long.
pub(crate) fn is_published_text(text: &str) -> bool {
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
pub(crate) fn format_releases(releases: &[(Chain, u64)]) -> String {
    if releases.is_empty() {
        return "nothing: no environment changed".to_owned();
    }
    let word = |(chain, sequence): &(Chain, u64)| format!("{chain} {sequence}");
    releases.iter().map(word).collect::<Vec<_>>().join(", ")
}
