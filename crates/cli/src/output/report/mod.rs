//! What a change means, for a comment on a pull request or for programs.

mod json;
mod markdown;

use std::collections::BTreeSet;

use promptdex_core::diagnostic::Severity;
use promptdex_ops::change::pointer_move::Includer;
use promptdex_ops::review::report::Report;
use promptdex_ops::tree::Tree;
use promptdex_wire::PromptName;

use crate::cli::ReportFormat;

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
