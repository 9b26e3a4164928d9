//! `promptdex build`.

use std::path::Path;

use promptdex_core::diagnostic::Severity;

use super::check::report;
use crate::cli::{BuildArgs, FindingsArgs};
use crate::compile;
use crate::error::Exit;
use crate::target::Staging;
use crate::tree::Tree;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &BuildArgs) -> anyhow::Result<Exit> {
    let exit = build(ui, root, &args.output, &args.findings)?;
    if exit == Exit::Done {
        ui.hint("`promptdex serve` shows it at http://127.0.0.1:8017/");
    }
    Ok(exit)
}

/// Builds a tree into a folder, which stays as it is when there is an error.
pub(crate) fn build(
    ui: &Ui,
    root: &Path,
    output: &Path,
    findings: &FindingsArgs,
) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?;
    let staging = Staging::beside(output, tree.root())?;
    let outcome = compile::run(&tree, Some(&staging))?;
    let shown = outcome.findings.is_empty();
    let exit = if shown { Exit::Done } else { report(ui, &tree, &outcome, findings, false) };
    if exit != Exit::Done || outcome.count(Severity::Error) > 0 {
        ui.status("Nothing written", &format!("to {}: fix the errors first", output.display()));
        return Ok(Exit::Findings);
    }
    staging.commit()?;
    let prompts = plural(outcome.prompts, "prompt");
    let versions = plural(outcome.versions, "version");
    ui.status(
        "Built",
        &format!("{} to {}: {prompts}, {versions}", outcome.settings.registry, output.display()),
    );
    Ok(Exit::Done)
}

/// Writes a count with its noun.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
