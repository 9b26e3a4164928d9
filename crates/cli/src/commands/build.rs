//! `promptdex build`.

use std::path::Path;

use super::check::report;
use crate::cli::{BuildArgs, FindingsArgs};
use crate::compile;
use crate::error::Exit;
use crate::target::Staging;
use crate::tree::Tree;
use crate::ui::{Ui, plural};

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
    let silent = outcome.findings.is_empty();
    let exit = if silent { Exit::Done } else { report(ui, &tree, &outcome, findings, false) };
    if exit != Exit::Done {
        ui.status("Nothing written", &format!("to {}: fix the errors first", output.display()));
        return Ok(exit);
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
