//! `promptdex check`.

use std::path::Path;

use promptdex_ops::build;
use promptdex_ops::build::inputs::JudgedChange;
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::build::output::Output;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::review::change_set::ChangeSet;
use promptdex_ops::review::{earlier_findings, file_list};
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;

use crate::baseline;
use crate::cli::{CheckArgs, Deny, FindingsArgs, FindingsFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::time_argument;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui, root: &Path, args: &CheckArgs) -> anyhow::Result<Exit> {
    let rev = args.revision.rev.as_deref();
    if args.list_files {
        return list_files(ui, &Tree::at(root, rev)?, args.findings.format);
    }
    let proposed = match &args.base {
        Some(base) => {
            let (actors, now) = (args.actors.actors(), time_argument::now());
            Some(ChangeSet::open(root, rev, base, actors, now, args.whole)?)
        }
        None => None,
    };
    let tree = match &proposed {
        Some(proposed) => proposed.tree().clone(),
        None => Tree::at(root, rev)?,
    };
    let previous = args.previous.as_deref().map(PreviousRegistry::open).transpose()?;
    let output = Output {
        previous: previous.as_ref(),
        judged_change: proposed.as_ref().map(JudgedChange::InGit),
        ..Output::default()
    };
    let mut outcome = build::run(&tree, &output)?;
    if let Some(proposed) = &proposed {
        let findings = std::mem::take(&mut outcome.findings);
        (outcome.findings, outcome.earlier_findings) =
            earlier_findings::split(proposed, findings, previous.as_ref())?;
    }
    if let Some(file) = &args.baseline {
        let recorded = baseline::read(file)?;
        let before = outcome.findings.len();
        outcome.findings =
            recorded.subtract(outcome.findings, |finding| baseline::fingerprint(&tree, finding));
        let accepted = before - outcome.findings.len();
        if accepted > 0 {
            ui.status(
                "Ignored",
                &format!("{} recorded in {}", plural(accepted, "finding"), file.display()),
            );
        }
    }
    Ok(report(ui, &tree, &outcome, &args.findings, true))
}

/// Prints every file of a tree with how it is read.
fn list_files(ui: &Ui, tree: &Tree, format: FindingsFormat) -> anyhow::Result<Exit> {
    let files = file_list::list_files(tree)?;
    ui.data(&match format {
        FindingsFormat::Human | FindingsFormat::Short => output::file_list::human(tree, &files),
        FindingsFormat::Json => output::file_list::json(tree, &files),
        FindingsFormat::Github | FindingsFormat::Sarif | FindingsFormat::Junit => {
            let message = "`--list-files` does not support this format";
            return Err(Failure::new(message, "use `--format human` or `--format json`").into());
        }
    });
    Ok(Exit::Done)
}

/// Prints the findings and returns the exit code. With `is_data`, the findings are the requested
/// output and go to stdout.
pub(crate) fn report(
    ui: &Ui,
    tree: &Tree,
    outcome: &BuildOutcome,
    args: &FindingsArgs,
    is_data: bool,
) -> Exit {
    let text = output::findings(tree, outcome, args.format);
    if is_data {
        ui.data(&text);
    } else {
        ui.message(&text);
    }
    let denied = args.deny == Some(Deny::Warnings) && !outcome.findings.is_empty();
    if denied || outcome.count(promptdex_core::rules::Severity::Error) > 0 {
        Exit::Findings
    } else {
        Exit::Done
    }
}
