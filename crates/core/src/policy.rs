//! Applies the levels and the accepted findings of `policy.yaml`.

use crate::diagnostic::Diagnostic;
use crate::model::{Level, Settings};

/// Sets the level of each finding, drops those that are switched off or accepted, and sorts the rest
/// into file order.
pub fn apply(settings: &Settings, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = findings
        .into_iter()
        .filter_map(|mut finding| {
            match settings.checks.get(finding.rule.code) {
                Some(Level::Off) => return None,
                Some(Level::Is(severity)) => finding.severity = *severity,
                None => {}
            }
            // `a/v1.0.0/**` means the folder, too.
            let matches = |pattern: &str| {
                fast_glob::glob_match(pattern, &finding.path)
                    || fast_glob::glob_match(pattern, format!("{}/", finding.path))
            };
            let accepted = settings
                .allow
                .iter()
                .any(|allow| allow.check == finding.rule.code && matches(&allow.path));
            (!accepted).then_some(finding)
        })
        .collect();
    kept.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    kept.dedup();
    kept
}
