//! Findings as `JUnit` XML: one test case per file with findings. The test case fails if a finding
//! is an error.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::tree::Tree;

use super::short;

pub(super) fn report(tree: &Tree, findings: &[Diagnostic]) -> String {
    let mut files: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings {
        files.entry(tree.display_path(&finding.path)).or_default().push(finding);
    }
    let is_failure =
        |findings: &[&Diagnostic]| findings.iter().any(|f| f.severity == Severity::Error);
    let failures = files.values().filter(|findings| is_failure(findings)).count();
    // Some systems treat a report without a test case as missing.
    let tests = files.len().max(1);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut line = |text: String| xml.push_str(&(text + "\n"));
    line(format!("<testsuites tests=\"{tests}\" failures=\"{failures}\">"));
    line(format!(
        "  <testsuite name=\"promptdex check\" tests=\"{tests}\" failures=\"{failures}\">"
    ));
    if files.is_empty() {
        line("    <testcase name=\"all prompts\" classname=\"promptdex\"/>".to_owned());
    }
    for (path, findings) in &files {
        let mut text = String::new();
        for finding in findings {
            let help = finding.help.as_deref().unwrap_or_default();
            // Writing to a `String` cannot fail.
            writeln!(text, "{}  {help}", short::line(tree, finding)).unwrap_or_default();
        }
        line(format!("    <testcase name=\"{}\" classname=\"promptdex\">", escape(path)));
        let message = escape(&findings[0].message);
        if is_failure(findings) {
            line(format!("      <failure message=\"{message}\">{}</failure>", escape(&text)));
        } else {
            line(format!("      <system-out>{}</system-out>", escape(&text)));
        }
        line("    </testcase>".to_owned());
    }
    line("  </testsuite>".to_owned());
    line("</testsuites>".to_owned());
    xml
}

/// Escapes text for XML. Characters that XML does not allow become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                escaped.push(character);
            }
            _ => escaped.push('\u{fffd}'),
        }
    }
    escaped
}
