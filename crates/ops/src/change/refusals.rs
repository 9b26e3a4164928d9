//! Finds the reasons to refuse a planned change: errors that only the changed tree has, and
//! findings of the policy checks.

use promptdex_core::checks::check_promotion;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::policy;
use promptdex_core::rules::{self, Severity};

use super::commit_plan::CommittedTree;
use super::plan::{PlannedChange, PlannedEffect};
use super::policy_preflight;
use crate::build;
use crate::build::output::Output;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::tree::{Overlay, Tree};

/// Returns the errors that the change introduces, and the findings of the policy checks.
pub fn refusals(change: &PlannedChange<'_>) -> Result<Vec<Diagnostic>> {
    let mut refusals = new_errors(change)?;
    refusals.extend(policy_preflight::refusals(change)?);
    refusals.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(refusals)
}

/// Returns the errors that a commit of some files would bring to the committed tree.
pub fn of_commit(committed: &CommittedTree, files: &Overlay) -> Result<Vec<Diagnostic>> {
    let mut found = errors(&committed.tree.with(files.clone()), None)?;
    if !found.is_empty() {
        drop_known(&mut found, errors(&committed.tree, None)?);
    }
    Ok(found)
}

/// Returns the errors of the changed tree that the current tree does not have.
fn new_errors(change: &PlannedChange<'_>) -> Result<Vec<Diagnostic>> {
    let previous = change.previous;
    let mut found = errors(change.after.tree(), previous)?;
    // Without the published registry, apps are assumed to get what the tree serves now.
    if previous.is_none() {
        found.extend(broken_contracts(change)?);
    }
    if !found.is_empty() {
        drop_known(&mut found, errors(change.before.tree(), previous)?);
    }
    Ok(found)
}

/// Removes the errors that were there before.
fn drop_known(found: &mut Vec<Diagnostic>, mut known: Vec<Diagnostic>) {
    found.retain(|finding| match known.iter().position(|known| is_same(known, finding)) {
        Some(at) => {
            known.swap_remove(at);
            false
        }
        None => true,
    });
}

fn errors(tree: &Tree, previous: Option<&PreviousRegistry>) -> Result<Vec<Diagnostic>> {
    let outcome = build::run(tree, &Output { previous, ..Output::default() })?;
    Ok(outcome.findings.into_iter().filter(|f| f.severity == Severity::Error).collect())
}

/// Whether two findings are equal, apart from their lines.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.rule.code, &a.path, &a.message) == (b.rule.code, &b.path, &b.message)
}

/// Finds pointer moves of the last environment that break apps.
fn broken_contracts(change: &PlannedChange<'_>) -> Result<Vec<Diagnostic>> {
    let settings = &change.before.settings;
    let mut findings = Vec::new();
    for effect in &change.plan.effects {
        let PlannedEffect::Moved(moved) = effect else { continue };
        let (Some(from), Some(to)) = (&moved.from, &moved.to) else { continue };
        if settings.environments.last() == Some(&moved.environment)
            && let Some(prompt) = change.after.find(&moved.name, &mut Vec::new())?
        {
            check_promotion(&prompt, &moved.environment, from, to, &mut findings);
        }
    }
    let findings = policy::apply(settings, findings).into_iter();
    let is_refused = |finding: &Diagnostic| {
        finding.severity == Severity::Error && finding.rule.code == rules::BREAKING_PROMOTION.code
    };
    Ok(findings.filter(is_refused).collect())
}
