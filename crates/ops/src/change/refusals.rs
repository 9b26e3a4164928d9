//! Why a planned change is refused: what the checks find in the changed tree and do not find in the tree as it
//! is, and the rules of `policy.yaml`.

use promptdex_core::checks::check_promotion;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Settings;
use promptdex_core::policy;
use promptdex_core::rules::{self, Severity};
use promptdex_wire::Timestamp;

use super::plan::{Effect, Proposal};
use super::policy_preflight;
use crate::build;
use crate::build::output::Output;
use crate::error::Result;
use crate::prompts::loader::Loader;
use crate::published::Previous;
use crate::tree::Tree;

/// Returns why a proposal is refused: by the checks of the changed tree, and by the rules of `policy.yaml`.
pub fn refusals(
    loader: &Loader<'_>,
    changed: &Tree,
    proposal: &Proposal,
    actor: Option<&str>,
    previous: Option<&Previous>,
    now: Timestamp,
) -> Result<Vec<Diagnostic>> {
    let mut refused = refused(loader, changed, proposal, previous)?;
    refused.extend(policy_preflight::refused(loader, changed, proposal, actor, previous, now)?);
    refused.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(refused)
}

/// Returns what the checks find in the changed tree that they do not find in the tree as it is.
fn refused(
    loader: &Loader<'_>,
    changed: &Tree,
    proposal: &Proposal,
    previous: Option<&Previous>,
) -> Result<Vec<Diagnostic>> {
    let mut found = errors(changed, previous)?;
    // Without what is published, callers get what the tree says now.
    if previous.is_none() {
        found.extend(broken(loader, changed, proposal)?);
    }
    if !found.is_empty() {
        let mut known = errors(loader.tree(), previous)?;
        found.retain(|finding| match known.iter().position(|known| is_same(known, finding)) {
            Some(at) => {
                known.swap_remove(at);
                false
            }
            None => true,
        });
    }
    Ok(found)
}

fn errors(tree: &Tree, previous: Option<&Previous>) -> Result<Vec<Diagnostic>> {
    let outcome = build::run(tree, &Output { previous, ..Output::default() })?;
    Ok(outcome.findings.into_iter().filter(|f| f.severity == Severity::Error).collect())
}

/// Whether two findings say the same; lines move.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.rule.code, &a.path, &a.message) == (b.rule.code, &b.path, &b.message)
}

/// Finds the callers of the last environment that moves would break.
fn broken(loader: &Loader<'_>, changed: &Tree, proposal: &Proposal) -> Result<Vec<Diagnostic>> {
    let settings: &Settings = &loader.settings;
    let after = Loader::open(changed)?;
    let mut findings = Vec::new();
    for effect in &proposal.effects {
        let Effect::Moved(moved) = effect else { continue };
        let (Some(from), Some(to)) = (&moved.from, &moved.to) else { continue };
        if settings.environments.last() == Some(&moved.environment)
            && let Some(prompt) = after.find(&moved.name, &mut Vec::new())?
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
