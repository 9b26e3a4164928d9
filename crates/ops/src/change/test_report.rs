//! Reads the reports of test runners: promptfoo's JSON output, and JUnit XML.

use promptdex_wire::Timestamp;
use roxmltree::{Document, Node};
use serde::Deserialize;

use crate::error::{ChangeError, Result};
use crate::time_argument;

/// The results of a test run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TestRun {
    /// The number of passed tests.
    pub passed: u64,
    /// The number of failed tests.
    pub failed: u64,
    /// The average score, with four decimals.
    pub avg_score: Option<f64>,
    /// The time of the run, if the file has one.
    pub tested_at: Option<Timestamp>,
    /// The test runner, if the file names one.
    pub source: Option<String>,
}

/// Reads the report of a test runner. `name` is the display name of the file.
pub fn read(name: &str, text: &str) -> Result<TestRun> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let (tested, format) = if start.starts_with('<') {
        (junit(start), "JUnit XML")
    } else {
        (promptfoo(start), "the JSON of promptfoo")
    };
    let tested = tested.map_err(|reason| {
        let name = name.to_owned();
        ChangeError::NoTestReport { name, format, reason }
    })?;
    if tested.passed == 0 && tested.failed == 0 {
        return Err(ChangeError::NothingTested { name: name.to_owned() }.into());
    }
    Ok(tested)
}

/// The part of `promptfoo eval --output` that is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptfooOutput {
    eval_id: Option<String>,
    results: PromptfooResults,
    shareable_url: Option<String>,
}

#[derive(Deserialize)]
struct PromptfooResults {
    timestamp: Option<String>,
    #[serde(default)]
    results: Vec<PromptfooCase>,
    stats: Option<PromptfooStats>,
}

#[derive(Deserialize)]
struct PromptfooCase {
    success: bool,
    score: Option<f64>,
}

#[derive(Deserialize)]
struct PromptfooStats {
    #[serde(default)]
    successes: u64,
    #[serde(default)]
    failures: u64,
    #[serde(default)]
    errors: u64,
}

fn promptfoo(text: &str) -> Result<TestRun, String> {
    let PromptfooOutput { eval_id, results, shareable_url } =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let cases = &results.results;
    let passed = cases.iter().filter(|case| case.success).count() as u64;
    // Large runs are written without individual cases.
    let (passed, failed) = match (cases.is_empty(), &results.stats) {
        (true, Some(stats)) => (stats.successes, stats.failures.saturating_add(stats.errors)),
        _ => (passed, cases.len() as u64 - passed),
    };
    let scores: Vec<f64> = cases.iter().filter_map(|case| case.score).collect();
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 cases")]
    let avg_score = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
    Ok(TestRun {
        passed,
        failed,
        avg_score: avg_score.map(round_score),
        tested_at: results.timestamp.as_deref().and_then(time_argument::read),
        source: shareable_url.or(eval_id).filter(|source| !source.is_empty()),
    })
}

/// Rounds a score to four decimals.
fn round_score(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

fn junit(text: &str) -> Result<TestRun, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if !matches!(root.tag_name().name(), "testsuites" | "testsuite") {
        return Err(format!("its first element is `{}`", root.tag_name().name()));
    }
    let mut tested = TestRun::default();
    let is_case = |node: &Node<'_, '_>| node.tag_name().name() == "testcase";
    for case in root.descendants().filter(is_case) {
        let has =
            |names: &[&str]| case.children().any(|child| names.contains(&child.tag_name().name()));
        if has(&["failure", "error"]) {
            tested.failed += 1;
        } else if !has(&["skipped"]) {
            tested.passed += 1;
        }
    }
    let suites = || root.descendants().filter(|node| node.is_element());
    tested.tested_at =
        suites().find_map(|suite| time_argument::read(suite.attribute("timestamp")?));
    tested.source = root.attribute("name").filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(tested)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn print_test_run(text: &str) -> String {
        match read("run.json", text) {
            Ok(tested) => {
                let TestRun { passed, failed, avg_score, tested_at, source } = tested;
                let time = tested_at.map(|time| time.to_string());
                format!("{passed} {failed} {avg_score:?} {time:?} {source:?}")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn runs_of_promptfoo() {
        for (text, expected) in [
            (
                r#"{"evalId": "eval-1", "results": {"version": 3, "timestamp": "2026-05-19T22:20:39.572Z",
                    "prompts": [], "results": [{"success": true, "score": 1, "vars": {}}, {"success": false, "score": 0.25}],
                    "stats": {"successes": 1, "failures": 1, "errors": 0}}, "config": {}, "shareableUrl": null}"#,
                r#"1 1 Some(0.625) Some("2026-05-19T22:20:39Z") Some("eval-1")"#,
            ),
            (
                r#"{"results": {"results": [], "stats": {"successes": 9, "failures": 1, "errors": 2}}, "shareableUrl": "https://x.example/e"}"#,
                r#"9 3 None None Some("https://x.example/e")"#,
            ),
            (r#"{"results": {"results": []}}"#, "nothing was tested in `run.json`"),
            (
                r#"{"a": 1}"#,
                "`run.json` is not the JSON of promptfoo: missing field `results` at line 1 column 8",
            ),
        ] {
            assert_eq!(print_test_run(text), expected);
        }
    }

    #[test]
    fn runs_as_junit() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\"?>\n<testsuites name=\"evals\"><testsuite name=\"a\" timestamp=\"2026-03-01T12:00:00.1+02:00\">
                 <testcase name=\"1\"/><testcase name=\"2\"><failure message=\"no\"/></testcase><testcase name=\"3\"><skipped/></testcase>
                 <testcase name=\"4\"><error/></testcase><testcase name=\"5\"><system-out>x</system-out></testcase></testsuite></testsuites>",
                r#"2 2 None Some("2026-03-01T10:00:00Z") Some("evals")"#,
            ),
            ("<testsuite><testcase/></testsuite>", "1 0 None None None"),
            ("<html/>", "`run.json` is not JUnit XML: its first element is `html`"),
            ("<testsuite>", "`run.json` is not JUnit XML: the root node was opened but never closed"),
            (
                "<!DOCTYPE t [<!ENTITY a \"b\">]><testsuite/>",
                "`run.json` is not JUnit XML: XML with DTD detected",
            ),
        ] {
            assert_eq!(print_test_run(text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_file_ends_the_command(text in "(<testsuite|<testcase>|</|>|\\{\"results\": |\\PC){0,40}") {
            // Any input must either parse or fail with an error.
            drop(read("run", &text));
        }
    }
}
