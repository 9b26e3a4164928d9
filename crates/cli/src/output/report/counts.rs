//! Counts findings and prompts for a report.

use std::collections::BTreeSet;

use promptdex_core::rules::Severity;
use promptdex_ops::change::prompt_graph::Includer;
use promptdex_ops::review::report::ChangeReport;
use promptdex_wire::PromptName;

/// Counts the findings of a severity.
pub(super) fn count(report: &ChangeReport, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

/// Returns the prompts among dependents, and the ones that the last environment serves.
pub(super) fn prompts<'i>(
    report: &ChangeReport,
    includers: &'i [Includer],
) -> (BTreeSet<&'i PromptName>, BTreeSet<&'i PromptName>) {
    let is_last = |includer: &&Includer| {
        report.last.as_ref().is_some_and(|last| includer.served_by.contains(last))
    };
    let served = includers.iter().filter(is_last).map(|includer| &includer.version.name);
    (includers.iter().map(|includer| &includer.version.name).collect(), served.collect())
}
