//! Reports about a change, as a comment on a pull request or as JSON.

mod counts;
mod json;
mod markdown;

use promptdex_ops::review::report::ChangeReport;
use promptdex_ops::tree::Tree;

use crate::cli::ReportFormat;

/// Formats a report. Markdown takes at most `limit` bytes.
pub(crate) fn show(
    tree: &Tree,
    report: &ChangeReport,
    format: ReportFormat,
    limit: usize,
) -> String {
    match format {
        ReportFormat::Markdown => markdown::show(tree, report, limit),
        ReportFormat::Json => json::show(tree, report),
    }
}
