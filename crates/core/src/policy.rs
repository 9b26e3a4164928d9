//! Applies the levels and the accepted findings of `policy.yaml`.

use promptdex_compare::patterns::matches_path;

use crate::diagnostic::Diagnostic;
use crate::model::{RuleLevel, Settings};
use crate::rules;

/// Sets the level of each finding, drops those that are switched off or accepted, and sorts the rest into
/// file order. An entry of `allow` that matches no finding is a finding itself, unless its rule needs a
/// base or a registry, which may be absent.
pub fn apply(settings: &Settings, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut used = vec![false; settings.allow.len()];
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        let mut accepted = false;
        for (allow, used) in settings.allow.iter().zip(&mut used) {
            if allow.check == finding.rule.code && matches_path(&allow.path, &finding.path) {
                *used = true;
                accepted = true;
            }
        }
        if !accepted {
            kept.push(finding);
        }
    }
    if let Some(policy) = &settings.policy {
        let unused = settings.allow.iter().zip(&used).filter(|(_, used)| !**used);
        let unused = unused
            .map(|(allow, _)| allow)
            .filter(|allow| rules::find(&allow.check).is_none_or(|rule| !rule.is_compared));
        kept.extend(unused.map(|allow| {
            let message = format!(
                "`allow` entry for `{}` at `{}` matches no finding",
                allow.check, allow.path
            );
            Diagnostic::at(&rules::UNUSED_ALLOW, policy, allow.range.clone(), message)
                .help("remove the entry, or correct its path")
        }));
    }
    kept.retain_mut(|finding| match settings.checks.get(finding.rule.code) {
        Some(RuleLevel::Off) => false,
        Some(RuleLevel::Is(severity)) => {
            finding.severity = *severity;
            true
        }
        None => true,
    });
    kept.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    kept.dedup();
    kept
}
