//! `promptdex build`.

use std::path::Path;

use promptdex_ops::build::folder::{FolderBuild, FolderOptions};
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Chain, PackRange};

use super::check::report;
use crate::cli::{BuildArgs, FindingsFormat};
use crate::embedded_site;
use crate::exit::Exit;
use crate::publication_report;
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
        publisher: publication_report::publisher(&args.publisher)?,
        holds: publication_report::held_severity(args.strict, args.findings.deny),
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
    publication_report::print_held_prompts(ui, &outcome);
    // Print this before the commit, because an interrupted build is completed by the next one.
    publication_report::print_purge_list(ui, &outcome);
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
        ui.status("Released", &publication_report::format_releases(&releases));
        if let Some(time) = later_time.filter(|_| !releases.is_empty()) {
            ui.hint(&format!("new releases have the time of the newest release, {time}, which is later than `--published-at`"));
        }
    }
    Ok(exit)
}
