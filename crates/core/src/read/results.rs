//! `results/{version}/{test}.json`: the results of a test of a version.

use std::sync::Arc;

use promptdex_wire::catalog::TestResult;
use promptdex_wire::json::Decimal;
use promptdex_wire::{Digest, Timestamp};

use super::fields::Fields;
use super::open;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::Prompt;
use crate::rules;
use crate::source::SourceFile;
use crate::tree::{Contents, PromptFiles};

/// Reads the test results of a prompt whose versions are read.
pub(super) fn read_all(
    files: &PromptFiles,
    contents: &Contents,
    prompt: &mut Prompt,
    findings: &mut Vec<Diagnostic>,
) {
    for (version, test) in &files.results {
        let path = files.results_file(version, test);
        if !files.versions.contains_key(version) {
            let message = format!("`{}` has no version {version} for this result", prompt.name);
            let known: Vec<String> = files.versions.keys().map(ToString::to_string).collect();
            let help = did_you_mean(&version.to_string(), known.iter().map(String::as_str));
            findings.push(
                Diagnostic::about(&rules::MISSING_VERSION, path, message)
                    .help("move the file to the folder of an existing version, or remove it")
                    .maybe_help(help),
            );
            continue;
        }
        let source = contents.get(&path).and_then(|bytes| open(&path, bytes, findings));
        let Some(source) = source.map(Arc::new) else { continue };
        super::secrets::check(&source, findings);
        let Some(result) = read_result(&source, test, findings) else { continue };
        prompt.results.entry(version.clone()).or_default().push(result);
    }
}

/// Reads the result of a test, which is `test` by the name of its file.
pub fn read_result(
    source: &SourceFile,
    test: &str,
    findings: &mut Vec<Diagnostic>,
) -> Option<TestResult> {
    let node = super::parse(source, findings)?;
    let mut fields = Fields::new(source, &node, "a test result", findings)?;
    let test_name = fields.text("test_name", findings);
    let source_digest = fields.parse::<Digest>("source_digest", findings);
    let passed = fields.count("passed", findings);
    let failed = fields.count("failed", findings);
    let avg_score = fields.number("avg_score", findings);
    let avg_score = avg_score.and_then(|score| Decimal::new(score.value));
    let tested_at = fields.parse::<Timestamp>("tested_at", findings);
    let origin = fields.text("source", findings).map(|text| text.value);
    for key in ["test_name", "source_digest", "passed", "failed", "tested_at"] {
        if fields.key_range(key).is_none() {
            let help = "write `test_name`, `source_digest`, `passed`, `failed` and `tested_at`";
            fields.missing(key, findings, help);
        }
    }
    fields.finish(findings);
    let test_name = test_name?;
    if test_name.value != test {
        let message =
            format!("the file name has the test `{test}`, `test_name` has `{}`", test_name.value);
        findings.push(
            Diagnostic::at(&rules::NAME_MISMATCH, source, test_name.range, message)
                .help(format!("write `{test}`, or rename the file")),
        );
        return None;
    }
    Some(TestResult {
        test_name: test_name.value,
        source_digest: source_digest?.value,
        passed: passed?,
        failed: failed?,
        avg_score,
        tested_at: tested_at?.value,
        source: origin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_strictly() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let fields = |fields: &str| {
            format!(
                r#"{{"test_name": "smoke", "source_digest": "{digest}", "tested_at": "2026-03-01T12:00:00Z", {fields}}}"#
            )
        };
        let read = |text: &str| {
            let source = SourceFile::new("a/results/1.0.0/smoke.json", text);
            let mut findings = Vec::new();
            let result = read_result(&source, "smoke", &mut findings);
            let shown = findings.iter().map(|f| format!("{}: {}", f.rule.code, f.message));
            (result, shown.collect::<Vec<_>>())
        };
        let (result, findings) =
            read(&fields(r#""passed": 9, "failed": 1, "avg_score": 4.5, "source": "run 7""#));
        let expected = TestResult {
            test_name: "smoke".to_owned(),
            source_digest: digest.parse().unwrap(),
            passed: 9,
            failed: 1,
            avg_score: Decimal::new(4.5),
            tested_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            source: Some("run 7".to_owned()),
        };
        assert_eq!((result, findings), (Some(expected), Vec::new()));
        for (text, expected) in [
            (fields(r#""passed": 9"#), "missing-key: missing key `failed`"),
            (
                fields(r#""passed": -1, "failed": 1"#),
                "wrong-type: `passed` must be a whole number of 0 or more, not a number",
            ),
            (fields(r#""passed": 9, "failed": 1, "score": 1"#), "unknown-key: unknown key `score`"),
            (
                fields(r#""passed": 9, "failed": 1"#).replace("smoke", "other"),
                "name-mismatch: the file name has the test `smoke`, `test_name` has `other`",
            ),
            ("[]".to_owned(), "wrong-type: a test result must be a map, not a list"),
        ] {
            assert_eq!(read(&text).1, [expected], "{text}");
        }
    }
}
