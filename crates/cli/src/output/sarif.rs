//! Findings as SARIF 2.1.0, limited to what code scanning needs.

use std::collections::BTreeMap;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::{self, Severity};
use promptdex_ops::tree::Tree;
use promptdex_wire::Digest;
use serde_json::{Value, json};

use super::pages;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn report(tree: &Tree, findings: &[Diagnostic]) -> String {
    let used: Vec<_> = rules::ALL
        .iter()
        .filter(|rule| findings.iter().any(|f| f.rule.code == rule.code))
        .collect();
    let rules: Vec<Value> = used
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": {"text": rule.summary},
                "help": {"text": pages::find(rule.code).unwrap_or(rule.summary)},
                "defaultConfiguration": {"level": level(rule.severity)},
            })
        })
        .collect();
    let mut occurrences: BTreeMap<Digest, usize> = BTreeMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let path = tree.display_path(&finding.path);
            let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
            let mut location = json!({"artifactLocation": {"uri": uri(&path)}});
            if let Some(place) = &finding.place {
                location["region"] = json!({
                    "startLine": place.line,
                    "startColumn": place.column,
                    "endLine": place.end_line,
                    "endColumn": place.end_column,
                });
            }
            // Equal findings in one file are numbered, because a fingerprint stands for one result.
            let fingerprint = finding.fingerprint(&path);
            let occurrence = occurrences.entry(fingerprint).or_default();
            *occurrence += 1;
            json!({
                "ruleId": finding.rule.code,
                "ruleIndex": used.iter().position(|rule| rule.code == finding.rule.code),
                "level": level(finding.severity),
                "message": {"text": format!("{}{help}", finding.message)},
                "locations": [{"physicalLocation": location}],
                "partialFingerprints": {
                    "promptdex/v2": format!("{}:{occurrence}", fingerprint.hex()),
                },
            })
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "promptdex",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true}],
            "results": results,
        }],
    });
    // Strings and numbers always serialize.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Formats a path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
