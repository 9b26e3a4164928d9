//! Annotations for GitHub Actions.

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::tree::Tree;

pub(super) fn line(tree: &Tree, finding: &Diagnostic) -> String {
    let place = finding.place.as_ref().map_or_else(String::new, |place| {
        format!(
            ",line={},col={},endLine={},endColumn={}",
            place.line, place.column, place.end_line, place.end_column
        )
    });
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    format!(
        "::{} file={}{place},title={}::{}\n",
        finding.severity.as_str(),
        property(&tree.display_path(&finding.path)),
        property(finding.rule.code),
        message(&format!("{}{help}", finding.message)),
    )
}

/// Annotates a finding that the base of a change has too: it fails no job.
pub(super) fn earlier_line(tree: &Tree, finding: &Diagnostic) -> String {
    let message = format!("already in the base branch: {}", finding.message);
    line(tree, &Diagnostic { severity: Severity::Warning, message, ..finding.clone() })
}

/// Escapes the characters that would end a message.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the characters that would end a property.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
