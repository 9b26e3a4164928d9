//! Changes to a tree: the shared part of all commands that plan, show, check, write and commit a
//! change.

use std::collections::BTreeSet;
use std::path::Path;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules;
use promptdex_ops::change::commit::{self, CommitText};
use promptdex_ops::change::commit_plan::CommittedTree;
use promptdex_ops::change::plan::{ChangePlan, PlannedChange, PlannedEffect};
use promptdex_ops::change::pointer_move::PointerMove;
use promptdex_ops::change::prompt_graph::PromptGraph;
use promptdex_ops::change::{files, refusals};
use promptdex_ops::history::gaps;
use promptdex_ops::prompts::loader::Loader;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::text::plural;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::Environment;

use crate::cli::{ChangeArgs, ChangeFormat, FindingsFormat};
use crate::exit::Exit;
use crate::help;
use crate::output;
use crate::output::change::ChangeOutcome;
use crate::time_argument;
use crate::ui::Ui;

/// Plans a change to the tree, shows it, and carries it out unless the checks refuse it.
pub(crate) fn run(
    ui: &Ui,
    root: &Path,
    args: &ChangeArgs,
    plan: impl Fn(&PromptGraph<'_>) -> anyhow::Result<ChangePlan>,
) -> anyhow::Result<Exit> {
    let tree = Tree::open(root)?.read_once();
    let loader = Loader::open(&tree)?;
    if args.commit && !args.dry_run {
        commit::check_signing(root, &loader.settings.governance)?;
    }
    let committed = if args.commit && !args.dry_run { CommittedTree::of(&tree)? } else { None };
    let on_disk = || plan(&PromptGraph::read(&loader)?);
    let Some(committed) = committed else {
        let plan = on_disk()?;
        let change = Change { written: plan.files.clone(), plan, committed: None };
        return carry_out(ui, &loader, &change, args);
    };
    // The tree on disk may have the change already, from a command without `--commit` or from one whose commit
    // failed. Then only the commit is missing.
    let of_commit = plan(&PromptGraph::read(&Loader::open(&committed.tree)?)?).ok();
    let done = of_commit.as_ref().map(|plan| committed.is_done(plan, &tree)).transpose()?;
    let (mut plan, mut written) = match of_commit {
        Some(plan) if done == Some(true) => (plan, Overlay::new()),
        of_commit => {
            let mut own = on_disk()?;
            let written = own.files.clone();
            if let Some(plan) = of_commit {
                let open = committed.files_done(&plan, &tree)?;
                if written.is_empty() && !open.is_empty() {
                    own = plan;
                    own.files.clear();
                }
                for (path, bytes) in open {
                    own.files.entry(path).or_insert(bytes);
                }
            }
            (own, written)
        }
    };
    written.retain(|path, _| plan.files.contains_key(path));
    plan.files.extend(written.clone());
    carry_out(ui, &loader, &Change { plan, written, committed: Some(committed) }, args)
}

/// Reports the errors that a commit of some files would bring, because it does not have what else is not
/// committed. Returns whether there are any.
pub(crate) fn refuse_broken_commit(
    ui: &Ui,
    committed: &CommittedTree,
    files: &Overlay,
) -> anyhow::Result<bool> {
    let found = refusals::of_commit(committed, files)?;
    if found.is_empty() {
        return Ok(false);
    }
    let tree = committed.tree.with(files.clone());
    ui.message(&output::list(&tree, &found, FindingsFormat::Human));
    ui.status("Nothing", "was changed");
    ui.hint(
        "the commit would have these errors; commit the missing files first, or remove `--commit`",
    );
    Ok(true)
}

/// A planned change, and what has to be done for it.
struct Change {
    /// The plan. With `--commit`, its files are those of the commit.
    plan: ChangePlan,
    /// The files that are written. The others are on disk as the plan has them.
    written: Overlay,
    /// The tree as of the last commit, if the change is committed and the tree has other changes.
    committed: Option<CommittedTree>,
}

impl Change {
    /// Returns the reasons to refuse the change: as a change of the files on disk, and as a commit, which does not
    /// have what else is not committed.
    fn refusals(&self, loader: &Loader<'_>, args: &ChangeArgs) -> anyhow::Result<Refusals> {
        let previous = args.previous.as_deref().map(PreviousRegistry::open).transpose()?;
        let refusals = |before: &Loader<'_>, tree: &Tree, files: &Overlay| {
            refusals::refusals(&PlannedChange {
                plan: &self.plan,
                before,
                after: &Loader::open(&tree.with(files.clone()))?,
                actor: args.actor.as_deref(),
                previous: previous.as_ref(),
                now: &time_argument::now(),
            })
        };
        let mut found = Vec::new();
        if !self.written.is_empty() {
            found = refusals(loader, loader.tree(), &self.written)?;
        }
        let mut hint = None;
        if let Some(committed) = self.committed.as_ref().filter(|_| found.is_empty()) {
            let before = Loader::open(&committed.tree)?;
            found = refusals(&before, &committed.tree, &self.plan.files)?;
            let left_out = committed.list_left_out(&self.plan, &self.plan.files);
            hint = left_out.first().filter(|_| !found.is_empty()).map(|first| {
                let files = plural(left_out.len(), "file");
                let first = loader.tree().display_path(first);
                format!("the commit would miss {files} that {} not committed, such as `{first}`; commit all files first, or remove `--commit`", if left_out.len() == 1 { "is" } else { "are" })
            });
        }
        Ok(Refusals { found, hint })
    }
}

/// The reasons to refuse a change.
struct Refusals {
    found: Vec<Diagnostic>,
    /// What is missing in the commit.
    hint: Option<String>,
}

/// Shows a plan, and carries it out unless the checks refuse it.
fn carry_out(
    ui: &Ui,
    loader: &Loader<'_>,
    change: &Change,
    args: &ChangeArgs,
) -> anyhow::Result<Exit> {
    let tree = loader.tree();
    let plan = &change.plan;
    let is_human = args.format == ChangeFormat::Human;
    ui.report_flawed(&plan.flawed_versions);
    if is_human {
        ui.data(&output::change::human(plan));
    }
    let changed = match &change.committed {
        Some(committed) => committed.tree.with(plan.files.clone()),
        None => tree.with(plan.files.clone()),
    };
    let added: BTreeSet<&String> = plan.files.keys().filter(|path| !tree.has(path)).collect();
    // The error of a requested commit is kept, because machine-readable output has to list the
    // written files first.
    let mut failed = None;
    let mut hint = None;
    let outcome = if plan.files.is_empty() {
        ChangeOutcome::Nothing
    } else {
        let refused = change.refusals(loader, args)?;
        hint = refused.hint;
        if !refused.found.is_empty() {
            ChangeOutcome::Refused(refused.found)
        } else if args.dry_run {
            ChangeOutcome::Shown
        } else {
            files::write(tree, &change.written)?;
            if is_human {
                report(ui, tree, &change.written, ["Wrote", "Removed"]);
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
            ChangeOutcome::Shown => report(ui, tree, &plan.files, ["Would write", "Would remove"]),
            ChangeOutcome::Refused(findings) => {
                ui.message(&output::list(&changed, &findings, FindingsFormat::Human));
                ui.status("Nothing", "was changed");
                plan.effects
                    .iter()
                    .filter_map(|effect| suggest_alternative(effect, &findings))
                    .chain(hint)
                    .for_each(|hint| ui.hint(&hint));
            }
            ChangeOutcome::Done(Some(id)) => {
                ui.status("Committed", &format!("{id} {}", plan.subject));
                if let Some(gap) = gaps::of_commit(tree)? {
                    ui.hint(&help::of_gap(&gap));
                }
            }
            ChangeOutcome::Done(None) => {
                ui.hint("not committed yet: commit these files, or run the command again with `--commit`");
            }
        }
    }
    Ok(exit)
}

fn report(ui: &Ui, tree: &Tree, files: &Overlay, [wrote, removed]: [&str; 2]) {
    for (path, bytes) in files {
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
    Ok(Some(commit::commit(tree, &paths, &CommitText { subject, reason })?))
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
                "move {environment} to a different version first with `promptdex promote` or `promptdex rollback {} --in {environment}`",
                change.name
            ))
        }
        PlannedEffect::Moved(moved) => suggest_rollback(moved),
        PlannedEffect::State(_) | PlannedEffect::IncludesUpdated(_) => None,
    }
}

/// Suggests serving a version of a higher major version as a separate track.
fn suggest_track(moved: &PointerMove) -> Option<String> {
    let (main, to) = moved.find_new_track()?;
    let PointerMove { name, environment, .. } = moved;
    Some(format!(
        "run `promptdex promote {name}@{to} --to {environment} --track` to serve it as a new track next to {main}"
    ))
}

/// Suggests the newest earlier version that apps can use without changes.
fn suggest_rollback(moved: &PointerMove) -> Option<String> {
    let version = moved.find_safe_version()?;
    let PointerMove { name, environment, .. } = moved;
    Some(format!(
        "run `promptdex rollback {name} --in {environment} --to {version}` for a compatible rollback"
    ))
}
