//! `promptdex build`.

use std::path::Path;

use promptdex_ops::build::folder::{FolderBuild, FolderOptions};
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Chain, RegistryPath};

use super::check::report;
use crate::cli::{BuildArgs, FindingsFormat};
use crate::embedded_site;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &BuildArgs) -> anyhow::Result<Exit> {
    let exit = build(ui, root, args)?;
    if exit == Exit::Done {
        let output = args.output.display();
        ui.hint(&format!("`promptdex serve {output}` shows it at http://127.0.0.1:8017/"));
    }
    Ok(exit)
}

/// Builds a tree into a folder. After an error, the folder is unchanged.
pub(crate) fn build(ui: &Ui, root: &Path, args: &BuildArgs) -> anyhow::Result<Exit> {
    let tree = Tree::at(root, args.revision.rev.as_deref())?;
    let site = if args.no_site { None } else { embedded_site::load_site() };
    let (has_site, has_previous) = (site.is_some(), args.previous.is_some());
    let options = FolderOptions {
        output: &args.output,
        previous: args.previous.clone(),
        is_cached: !args.no_cache,
        site,
    };
    let build = FolderBuild::start(&tree, options)?;
    if build.has_recovered() {
        ui.status("Finished", "a build that was killed before its end");
    }
    let outcome = build.run()?;
    let is_data = !matches!(args.findings.format, FindingsFormat::Human | FindingsFormat::Short);
    let exit = if is_data || !outcome.findings.is_empty() {
        report(ui, &tree, &outcome, &args.findings, is_data)
    } else {
        Exit::Done
    };
    let target = args.output.display();
    if exit != Exit::Done {
        ui.status("Nothing written", &format!("to {target}: fix the errors first"));
        return Ok(exit);
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
            "Redacted: purge these addresses from every cache. Caches and clones may keep the text.\n{}",
            addresses.concat()
        ));
    }
    let BuildOutcome { prompts, versions, releases, settings, cache_update, .. } = outcome;
    build.commit(cache_update)?;
    let prompts = plural(prompts, "prompt");
    let versions = plural(versions, "version");
    ui.status("Built", &format!("{} to {target}: {prompts}, {versions}", settings.registry));
    if !has_site && !args.no_site {
        ui.hint("there are no pages: this promptdex was built without the site; `cargo xtask site` makes it, before `cargo build`");
    }
    if has_previous {
        ui.status("Released", &format_releases(&releases));
    }
    Ok(Exit::Done)
}

/// Lists the new releases by chain.
fn format_releases(releases: &[(Chain, u64)]) -> String {
    if releases.is_empty() {
        return "nothing: every environment serves what it served".to_owned();
    }
    let word = |(chain, sequence): &(Chain, u64)| format!("{chain} {sequence}");
    releases.iter().map(word).collect::<Vec<_>>().join(", ")
}
