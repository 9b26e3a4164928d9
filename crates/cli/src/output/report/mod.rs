//! What a change means, for a comment on a pull request or for programs.

mod json;
mod markdown;

use promptdex_core::rules::Severity;
use promptdex_wire::PromptName;
use std::collections::BTreeSet;

use crate::cli::ReportFormat;
use crate::moves::Includer;
use crate::report::Report;
use crate::tree::Tree;

/// Shows a report; in Markdown in at most `limit` bytes.
pub(crate) fn show(tree: &Tree, report: &Report, format: ReportFormat, limit: usize) -> String {
    match format {
        ReportFormat::Markdown => markdown::show(tree, report, limit),
        ReportFormat::Json => json::show(tree, report),
    }
}

fn count(report: &Report, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

/// The prompts among dependents, and those of them that the last environment serves.
fn prompts<'i>(
    report: &Report,
    includers: &'i [Includer],
) -> (BTreeSet<&'i PromptName>, BTreeSet<&'i PromptName>) {
    let is_last = |includer: &&Includer| {
        report.last.as_ref().is_some_and(|last| includer.served_by.contains(last))
    };
    let served = includers.iter().filter(is_last).map(|includer| &includer.version.name);
    (includers.iter().map(|includer| &includer.version.name).collect(), served.collect())
}
