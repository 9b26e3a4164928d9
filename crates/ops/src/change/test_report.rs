//! Reads the reports of test runners: promptfoo's JSON output, and JUnit XML.

use promptdex_wire::Timestamp;
use roxmltree::{Document, Node};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::tested_text::TestedText;
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
    /// The label of the prompt that was chosen by the text of the version, in a run of several prompts.
    pub matched_prompt: Option<String>,
}

/// What decides which results of a run of several prompts count.
#[derive(Debug, Clone, Copy, Default)]
pub struct PromptChoice<'a> {
    /// The label of a prompt. It decides alone.
    pub label: Option<&'a str>,
    /// The text of the version under test, if the version can be compiled.
    pub text: Option<&'a TestedText>,
}

/// Why a report is not taken over.
enum Refusal {
    /// It is not in the format, with the reason.
    Format(String),
    /// What it says of itself is not what it has, with both.
    Totals(String),
    /// It has the results of several prompts, with their labels.
    Prompts(Vec<String>),
    /// Its only prompt, with its label, does not have the text of the version.
    DifferentText(String),
}

/// Reads the report of a test runner. `name` is the display name of the file.
pub fn read(name: &str, text: &str, choice: PromptChoice<'_>) -> Result<TestRun> {
    let start = text.trim_start();
    let (tested, format) = if start.starts_with('<') {
        (junit(start), "JUnit XML")
    } else {
        (promptfoo(start, choice), "promptfoo JSON")
    };
    let tested = tested.map_err(|refusal| {
        let name = name.to_owned();
        match refusal {
            Refusal::Format(reason) => ChangeError::NoTestReport { name, format, reason },
            Refusal::Totals(reason) => ChangeError::DifferentTotals { name, reason },
            Refusal::Prompts(labels) => ChangeError::SeveralPrompts { name, labels },
            Refusal::DifferentText(label) => ChangeError::DifferentTestedText { name, label },
        }
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
    /// The prompts as they were written: in version 3 here, before that in the head of the table.
    #[serde(default)]
    prompts: Vec<PromptfooPrompt>,
    table: Option<PromptfooTable>,
    #[serde(default)]
    results: Vec<PromptfooCase>,
    stats: Option<PromptfooStats>,
}

#[derive(Deserialize)]
struct PromptfooTable {
    head: PromptfooHead,
}

#[derive(Deserialize)]
struct PromptfooHead {
    #[serde(default)]
    prompts: Vec<PromptfooPrompt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptfooCase {
    success: bool,
    score: Option<f64>,
    #[serde(default)]
    prompt_idx: u64,
    prompt: Option<PromptfooPrompt>,
    #[serde(default)]
    vars: Map<String, Value>,
}

/// A prompt. In a row, `raw` is the rendered text.
#[derive(Deserialize)]
struct PromptfooPrompt {
    raw: Option<String>,
    label: Option<String>,
    /// The name of `label` in old releases.
    display: Option<String>,
}

impl PromptfooPrompt {
    fn label(&self) -> Option<&str> {
        self.label.as_deref().or(self.display.as_deref())
    }
}

impl PromptfooCase {
    /// Returns what the run calls the prompt: its label, else its position.
    fn label(&self) -> String {
        let label = self.prompt.as_ref().and_then(PromptfooPrompt::label);
        label.map_or_else(|| self.prompt_idx.to_string(), str::to_owned)
    }

    /// Whether the row has a rendering of a version, or its unrendered text.
    fn is_of(&self, text: &TestedText) -> bool {
        let raw = self.prompt.as_ref().and_then(|prompt| prompt.raw.as_deref());
        raw.is_some_and(|raw| text.is_template(raw) || text.is_rendering(raw, &self.vars))
    }
}

impl PromptfooResults {
    /// Whether the report has the text of any prompt.
    fn has_texts(&self) -> bool {
        let prompts = self.results.iter().filter_map(|case| case.prompt.as_ref());
        prompts.chain(&self.prompts).any(|prompt| prompt.raw.is_some())
    }

    /// Returns the labels of the prompts that have the text of a version.
    fn labels_of(&self, text: &TestedText, labels: &[String]) -> Vec<String> {
        let table = self.table.iter().flat_map(|table| &table.head.prompts);
        let mut prompts: Vec<(String, &str)> = Vec::new();
        for prompts_of_run in [self.prompts.iter().collect::<Vec<_>>(), table.collect()] {
            for (position, prompt) in prompts_of_run.into_iter().enumerate() {
                let label = prompt.label().map_or_else(|| position.to_string(), str::to_owned);
                prompts.extend(prompt.raw.as_deref().map(|raw| (label, raw)));
            }
        }
        let is_of = |label: &&String| {
            let mut raws =
                prompts.iter().filter(|(of, _)| of == *label).map(|(_, raw)| *raw).peekable();
            let mut rows = self.results.iter().filter(|case| case.label() == **label);
            (raws.peek().is_some() && raws.all(|raw| text.is_template(raw)))
                || rows.all(|case| case.is_of(text))
        };
        labels.iter().filter(is_of).cloned().collect()
    }
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

fn promptfoo(text: &str, choice: PromptChoice<'_>) -> Result<TestRun, Refusal> {
    let PromptfooOutput { eval_id, mut results, shareable_url } =
        serde_json::from_str(text).map_err(|error| Refusal::Format(error.to_string()))?;
    let passed_of =
        |cases: &[PromptfooCase]| cases.iter().filter(|case| case.success).count() as u64;
    if let Some(stats) = results.stats.as_ref().filter(|_| !results.results.is_empty()) {
        let (passed, of) = (passed_of(&results.results), results.results.len() as u64);
        let failed = stats.failures.saturating_add(stats.errors);
        if (stats.successes, failed) != (passed, of - passed) {
            return Err(Refusal::Totals(format!(
                "`stats` has {} passed and {failed} failed; the rows have {passed} and {}",
                stats.successes,
                of - passed
            )));
        }
    }
    let mut labels: Vec<String> = Vec::new();
    for case in &results.results {
        let label = case.label();
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let mut matched_prompt = None;
    match choice.label {
        Some(label) if labels.iter().any(|known| known == label) => {
            results.results.retain(|case| case.label() == label);
        }
        Some(_) => return Err(Refusal::Prompts(labels)),
        None if labels.len() > 1 => {
            let matching = choice.text.map(|text| results.labels_of(text, &labels));
            let Some([label]) = matching.as_deref() else { return Err(Refusal::Prompts(labels)) };
            results.results.retain(|case| case.label() == *label);
            matched_prompt = Some(label.clone());
        }
        // Reports without texts are taken on trust.
        None if results.has_texts() => {
            if let (Some(text), [label]) = (choice.text, labels.as_slice())
                && results.labels_of(text, &labels).is_empty()
            {
                return Err(Refusal::DifferentText(label.clone()));
            }
        }
        None => {}
    }
    let cases = results.results;
    let passed = passed_of(&cases);
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
        matched_prompt,
    })
}

/// Rounds a score to four decimals.
fn round_score(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

fn junit(text: &str) -> Result<TestRun, Refusal> {
    let document = Document::parse(text).map_err(|error| Refusal::Format(error.to_string()))?;
    let root = document.root_element();
    if !matches!(root.tag_name().name(), "testsuites" | "testsuite") {
        let reason = format!("the first element is `{}`", root.tag_name().name());
        return Err(Refusal::Format(reason));
    }
    let is_suite =
        |node: &Node<'_, '_>| matches!(node.tag_name().name(), "testsuites" | "testsuite");
    for suite in root.descendants().filter(is_suite) {
        check_totals(suite)?;
    }
    let counts = Outcomes::of(root)?;
    let mut tested = TestRun { passed: counts.passed, failed: counts.failed, ..TestRun::default() };
    let suites = || root.descendants().filter(|node| node.is_element());
    tested.tested_at =
        suites().find_map(|suite| time_argument::read(suite.attribute("timestamp")?));
    tested.source = root.attribute("name").filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(tested)
}

fn plural_cases(count: u64) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

/// What became of the cases in a suite.
#[derive(Default)]
struct Outcomes {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// Failures and errors, of which a case can have several.
    problems: u64,
    /// Elements that belong to the case before them.
    repeated: u64,
}

impl Outcomes {
    fn of(suite: Node<'_, '_>) -> Result<Self, Refusal> {
        let mut counts = Self::default();
        let mut failed_case = None;
        for case in suite.descendants().filter(|node| node.tag_name().name() == "testcase") {
            let count = |name: &str| {
                let named = |child: &Node<'_, '_>| child.tag_name().name() == name;
                case.children().filter(named).count() as u64
            };
            let (failures, errors) = (count("failure"), count("error"));
            // What gtest does not run has a status, what it skips has a result, and before 1.11 nothing else. What
            // runners repeat until it passes has `flakyFailure`.
            let words = ["status", "result"].into_iter().filter_map(|name| case.attribute(name));
            let outcome = words.map(read_outcome).collect::<Result<Vec<_>, _>>()?;
            let is_left_out = outcome.contains(&Outcome::Skipped);
            let is_failed = outcome.contains(&Outcome::Failed);
            let name = (case.attribute("classname"), case.attribute("name"));
            // pytest writes a test twice that fails and cannot be cleaned up either.
            let is_repeated =
                failures == 0 && errors > 0 && name.1.is_some() && failed_case == Some(name);
            failed_case = (failures > 0).then_some(name);
            counts.problems += (failures + errors).max(u64::from(is_failed));
            if is_repeated {
                counts.repeated += 1;
            } else if failures + errors > 0 || is_failed {
                counts.failed += 1;
            } else if is_left_out || count("skipped") > 0 {
                counts.skipped += 1;
            } else {
                counts.passed += 1;
            }
        }
        Ok(counts)
    }
}

/// What a word says of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Reads the `status` or the `result` of a case: words of gtest, Bazel, Behave and others. A word that is not known
/// is refused, because it may mean a failure.
fn read_outcome(word: &str) -> Result<Outcome, Refusal> {
    Ok(match word.to_ascii_lowercase().as_str() {
        "" | "run" | "completed" | "passed" | "pass" | "success" | "ok" => Outcome::Passed,
        "failed" | "failure" | "fail" | "error" | "undefined" | "interrupted" | "timeout" => {
            Outcome::Failed
        }
        "notrun" | "disabled" | "skipped" | "suppressed" | "ignored" | "pending" | "untested" => {
            Outcome::Skipped
        }
        _ => return Err(Refusal::Format(format!("unknown outcome `{word}` of a test case"))),
    })
}

/// Holds what a suite says of itself to its cases: one that crashed has errors and no cases.
fn check_totals(suite: Node<'_, '_>) -> Result<(), Refusal> {
    let counts = Outcomes::of(suite)?;
    let total = |name: &str| suite.attribute(name).and_then(|text| text.parse::<u64>().ok());
    let name = suite.attribute("name").map_or_else(String::new, |name| format!(" `{name}`"));
    let what = suite.tag_name().name();
    let (failures, errors) = (total("failures"), total("errors"));
    if failures.or(errors).is_some() {
        let said = failures.unwrap_or(0).saturating_add(errors.unwrap_or(0));
        if !(counts.failed..=counts.problems).contains(&said) {
            return Err(Refusal::Totals(format!(
                "`failures` plus `errors` of {what}{name} is {said}; {} failed",
                plural_cases(counts.failed)
            )));
        }
    }
    let of = counts.passed + counts.failed;
    if let Some(said) = total("tests")
        && !(of..=of + counts.skipped + counts.repeated).contains(&said)
    {
        return Err(Refusal::Totals(format!(
            "`tests` of {what}{name} is {said}; the file has {}",
            plural_cases(of + counts.skipped)
        )));
    }
    // Of a suite that failed before its first case, some tools give no totals.
    let is_failed = |child: Node<'_, '_>| matches!(child.tag_name().name(), "error" | "failure");
    if suite.children().any(is_failed) {
        return Err(Refusal::Totals(format!(
            "{what}{name} failed outside of its {}",
            plural_cases(of + counts.skipped)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn print_test_run(text: &str) -> String {
        match read("run.json", text, PromptChoice::default()) {
            Ok(tested) => {
                let TestRun { passed, failed, avg_score, tested_at, source, .. } = tested;
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
            (
                r#"{"results": {"results": [{"success": true}], "stats": {"successes": 4, "failures": 1}}}"#,
                "inconsistent totals in `run.json`: `stats` has 4 passed and 1 failed; the rows have 1 and 0",
            ),
            (
                r#"{"results": {"results": [{"success": true, "promptIdx": 0, "prompt": {"label": "a"}}, {"success": true, "promptIdx": 1}]}}"#,
                "`run.json` has the results of 2 prompts: `a`, `1`",
            ),
            (r#"{"results": {"results": []}}"#, "`run.json` has no test results"),
            (
                r#"{"a": 1}"#,
                "`run.json` is not promptfoo JSON: missing field `results` at line 1 column 8",
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
            (
                "<testsuites tests=\"4\" errors=\"3\"><testsuite name=\"crashed\" tests=\"3\" errors=\"3\"><error/></testsuite>
                 <testsuite tests=\"1\"><testcase/></testsuite></testsuites>",
                "inconsistent totals in `run.json`: `failures` plus `errors` of testsuites is 3; 0 cases failed",
            ),
            (
                "<testsuite name=\"s\" tests=\"2\" failures=\"0\" errors=\"0\"><testcase/></testsuite>",
                "inconsistent totals in `run.json`: `tests` of testsuite `s` is 2; the file has 1 case",
            ),
            // A failure and an error of one case, and cases that gtest and surefire leave out or repeat.
            (
                "<testsuite tests=\"3\" failures=\"1\" errors=\"1\"><testcase><failure/><error/></testcase><testcase status=\"notrun\"/>
                 <testcase><flakyFailure/></testcase></testsuite>",
                "1 1 None None None",
            ),
            // What failed without an element, before its first case, or in a way that is not known.
            (
                "<testsuite><testcase status=\"failed\"/><testcase status=\"passed\"/><testcase status=\"run\" result=\"interrupted\"/>
                 <testcase status=\"Untested\"/></testsuite>",
                "1 2 None None None",
            ),
            (
                "<testsuites><testsuite name=\"a\"><error>no key</error></testsuite><testsuite><testcase/></testsuite></testsuites>",
                "inconsistent totals in `run.json`: testsuite `a` failed outside of its 0 cases",
            ),
            (
                "<testsuite><testcase status=\"inconclusive\"/></testsuite>",
                "`run.json` is not JUnit XML: unknown outcome `inconclusive` of a test case",
            ),
            ("<html/>", "`run.json` is not JUnit XML: the first element is `html`"),
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
            drop(read("run", &text, PromptChoice::default()));
        }
    }
}
