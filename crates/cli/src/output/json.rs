//! Findings as JSON lines, version 1: one object per finding, followed by a summary.

use promptdex_core::diagnostic::Diagnostic;
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::tree::Tree;
use promptdex_wire::release::HeldBack;
use serde::Serialize;

use crate::baseline::fingerprint;

/// One finding. Lines and columns start at 1. Columns count Unicode scalar values, and `range` is
/// in bytes.
#[derive(Serialize)]
pub(super) struct JsonLine<'a> {
    v: u32,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    /// The identity of the finding, by which `check --baseline` finds it again.
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    /// Whether the base of a change has the finding too, so that it does not count for the change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_base: bool,
}

#[derive(Serialize)]
struct FindingSummary<'a> {
    v: u32,
    summary: FindingCounts<'a>,
}

#[derive(Serialize)]
struct FindingCounts<'a> {
    errors: usize,
    warnings: usize,
    files: usize,
    /// The files that are ignored on purpose.
    #[serde(skip_serializing_if = "is_zero")]
    ignored: usize,
    /// The prompts that a publishing build holds back.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    held_back: &'a [HeldBack],
}

pub(super) fn line(tree: &Tree, finding: &Diagnostic) -> String {
    write(&self::finding(tree, finding))
}

pub(super) fn finding<'a>(tree: &Tree, finding: &'a Diagnostic) -> JsonLine<'a> {
    let place = finding.place.as_ref();
    JsonLine {
        v: 1,
        fingerprint: fingerprint(tree, finding),
        path: tree.display_path(&finding.path),
        range: place.map(|place| [place.range.start, place.range.end]),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        end_line: place.map(|place| place.end_line),
        end_column: place.map(|place| place.end_column),
        code: finding.rule.code,
        severity: finding.severity.as_str(),
        message: &finding.message,
        help: finding.help.as_deref(),
        in_base: false,
    }
}

/// A finding that the base of a change has too.
pub(super) fn earlier_finding<'a>(tree: &Tree, finding: &'a Diagnostic) -> JsonLine<'a> {
    JsonLine { in_base: true, ..self::finding(tree, finding) }
}

pub(super) fn earlier_line(tree: &Tree, finding: &Diagnostic) -> String {
    write(&earlier_finding(tree, finding))
}

pub(super) fn summary(errors: usize, warnings: usize, outcome: &BuildOutcome) -> String {
    let BuildOutcome { files, ignored_files, held_back, .. } = outcome;
    let summary =
        FindingCounts { errors, warnings, files: *files, ignored: *ignored_files, held_back };
    write(&FindingSummary { v: 1, summary })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn write(value: &impl Serialize) -> String {
    // Strings and numbers always serialize.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
