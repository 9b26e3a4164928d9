//! Changes to a tree: the shared part of all commands that plan, show, check, write and commit a
//! change.

use std::collections::BTreeSet;
use std::path::Path;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules;
use promptdex_ops::change::commit::{self, CommitText};
use promptdex_ops::change::plan::{ChangePlan, PlannedChange, PlannedEffect};
use promptdex_ops::change::pointer_move::PointerMove;
use promptdex_ops::change::prompt_graph::PromptGraph;
use promptdex_ops::change::{files, refusals};
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::tree::Tree;
use promptdex_wire::Environment;

use crate::cli::{ChangeArgs, ChangeFormat, FindingsFormat};
use crate::exit::Exit;
use crate::output;
use crate::output::change::ChangeOutcome;
use crate::time_argument;
use crate::ui::Ui;

/// Plans a change to the tree, shows it, and carries it out unless the checks refuse it.
pub(crate) fn run(
    ui: &Ui,
    root: &Path,
    args: &ChangeArgs,
    plan: impl FnOnce(&PromptGraph<'_>) -> anyhow::Result<ChangePlan>,
) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?.read_once();
    let loader = Loader::open(&tree)?;
    if args.commit && !args.dry_run {
        commit::check(root, &loader.settings.governance)?;
    }
    let graph = PromptGraph::read(&loader)?;
    carry_out(ui, &loader, &plan(&graph)?, args)
}

/// Shows a plan, and carries it out unless the checks refuse it.
fn carry_out(
    ui: &Ui,
    loader: &Loader<'_>,
    plan: &ChangePlan,
    args: &ChangeArgs,
) -> anyhow::Result<Exit> {
    let tree = loader.tree();
    let is_human = args.format == ChangeFormat::Human;
    ui.report_flawed(&plan.flawed_versions);
    if is_human {
        ui.data(&output::change::human(plan));
    }
    let changed = tree.with(plan.files.clone());
    let added: BTreeSet<&String> = plan.files.keys().filter(|path| !tree.has(path)).collect();
    // The error of a requested commit is kept, because machine-readable output has to list the
    // written files first.
    let mut failed = None;
    let outcome = if plan.files.is_empty() {
        ChangeOutcome::Nothing
    } else {
        let previous = args.previous.as_deref().map(PreviousRegistry::open).transpose()?;
        let refused = refusals::refusals(&PlannedChange {
            plan,
            before: loader,
            after: &Loader::open(&changed)?,
            actor: args.actor.as_deref(),
            previous: previous.as_ref(),
            now: &time_argument::now(),
        })?;
        if !refused.is_empty() {
            ChangeOutcome::Refused(refused)
        } else if args.dry_run {
            ChangeOutcome::Shown
        } else {
            files::write(tree, &plan.files)?;
            if is_human {
                report(ui, tree, plan, ["Wrote", "Removed"]);
            }
            let commit = commit_if_asked(tree, plan, args).unwrap_or_else(|error| {
                failed = Some(error);
                None
            });
            ChangeOutcome::Done(commit)
        }
    };
    if !is_human {
        let is_added = |path: &str| added.iter().any(|added| *added == path);
        ui.data(&output::change::json(tree, plan, &outcome, is_added));
    }
    if let Some(failed) = failed {
        return Err(failed);
    }
    let exit = match &outcome {
        ChangeOutcome::Refused(_) => Exit::Findings,
        ChangeOutcome::Nothing | ChangeOutcome::Shown | ChangeOutcome::Done(_) => Exit::Done,
    };
    if is_human {
        match outcome {
            ChangeOutcome::Nothing => ui.status("Nothing", "to change"),
            ChangeOutcome::Shown => report(ui, tree, plan, ["Would write", "Would remove"]),
            ChangeOutcome::Refused(findings) => {
                ui.message(&output::list(&changed, &findings, FindingsFormat::Human));
                ui.status("Nothing", "was changed");
                plan.effects
                    .iter()
                    .filter_map(|effect| suggest_alternative(effect, &findings))
                    .for_each(|hint| ui.hint(&hint));
            }
            ChangeOutcome::Done(Some(id)) => {
                ui.status("Committed", &format!("{id} {}", plan.subject));
            }
            ChangeOutcome::Done(None) => {
                ui.hint("it counts once it is committed: `--commit` does that");
            }
        }
    }
    Ok(exit)
}

fn report(ui: &Ui, tree: &Tree, plan: &ChangePlan, [wrote, removed]: [&str; 2]) {
    for (path, bytes) in &plan.files {
        ui.status(if bytes.is_some() { wrote } else { removed }, &tree.display_path(path));
    }
}

fn commit_if_asked(
    tree: &Tree,
    plan: &ChangePlan,
    args: &ChangeArgs,
) -> anyhow::Result<Option<String>> {
    if !args.commit {
        return Ok(None);
    }
    let paths: Vec<String> = plan.files.keys().cloned().collect();
    let (subject, reason) = (plan.subject.clone(), plan.reason.as_deref());
    Ok(Some(commit::commit(tree.root(), &paths, &CommitText { subject, reason })?))
}

/// Suggests an alternative to a refused effect, if there is one.
fn suggest_alternative(effect: &PlannedEffect, findings: &[Diagnostic]) -> Option<String> {
    let is_broken = |rule: &rules::Rule| findings.iter().any(|f| f.rule.code == rule.code);
    match effect {
        PlannedEffect::Moved(moved) if is_broken(&rules::BREAKING_PROMOTION) => {
            suggest_track(moved).or_else(|| suggest_rollback(moved))
        }
        PlannedEffect::State(change) if is_broken(&rules::YANKED_POINTER) => {
            // Environments without a pointer file follow the highest version, so they move without
            // a command.
            let has_pointer = |environment: &&Environment| {
                let pointer = format!("/environments/{environment}.yaml");
                findings.iter().any(|finding| finding.path.ends_with(&pointer))
            };
            let environment = change.served_by.iter().find(has_pointer)?;
            Some(format!(
                "move {environment} first, with `promptdex promote` or `promptdex rollback {} --in {environment}`",
                change.name
            ))
        }
        PlannedEffect::Moved(moved) => suggest_rollback(moved),
        PlannedEffect::State(_) | PlannedEffect::Bumped(_) => None,
    }
}

/// Suggests serving a version of a higher major version as a separate track.
fn suggest_track(moved: &PointerMove) -> Option<String> {
    let (main, to) = moved.find_new_track()?;
    let PointerMove { name, environment, .. } = moved;
    Some(format!(
        "`promptdex promote {name}@{to} --to {environment} --track` serves it as a new track, beside {main}"
    ))
}

/// Suggests the newest earlier version that apps can use without changes.
fn suggest_rollback(moved: &PointerMove) -> Option<String> {
    let version = moved.find_safe_version()?;
    let PointerMove { name, environment, .. } = moved;
    Some(format!("`promptdex rollback {name} --in {environment} --to {version}` is safe"))
}
