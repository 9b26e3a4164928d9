//! Findings as one line each.

use promptdex_core::diagnostic::Diagnostic;
use promptdex_ops::text::printable;
use promptdex_ops::tree::Tree;

pub(super) fn line(tree: &Tree, finding: &Diagnostic) -> String {
    let path = tree.display_path(&finding.path);
    let place = finding
        .place
        .as_ref()
        .map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
    let text = format!(
        "{path}{place}: {}[{}]: {}",
        finding.severity.as_str(),
        finding.rule.code,
        finding.message
    );
    printable(&text).replace('\n', " ") + "\n"
}
