//! A report as one JSON object, version 1. `comparison` and the entries of `cases` have the same
//! form as in `diff --format json`. Events have the columns of `history.json`.

use promptdex_core::rules::Severity;
use promptdex_ops::change::prompt_graph::Includer;
use promptdex_ops::review::report::{self, Sizes};
use promptdex_ops::tree::Tree;
use serde::Serialize;
use serde_json::{Map, Value};

use super::counts::count;
use crate::output::diff::json::{JsonComparison as Compared, escape_hidden, pair};
use crate::output::diff::verdict;
use crate::output::json::{JsonLine, earlier_finding, finding};
use crate::output::log::columns;

/// The JSON output of a report.
#[derive(Serialize)]
struct JsonReport<'a> {
    v: u32,
    /// The base branch as it was named, and its commit.
    base: &'a str,
    base_commit: &'a str,
    /// Whether there are no errors.
    passes: bool,
    errors: usize,
    warnings: usize,
    /// The events of the change, by prompt.
    events: Vec<JsonEvent<'a>>,
    /// The versions that replace others.
    comparisons: Vec<JsonReportedPair<'a>>,
    /// The touched prompts without changed versions or pointers.
    others: Vec<&'a str>,
    /// The changed files among `registry.yaml` and `policy.yaml`.
    registry: &'a [&'a str],
    /// Those of the base, too, which are not counted.
    findings: Vec<JsonLine<'a>>,
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    #[serde(flatten)]
    columns: Map<String, Value>,
    /// The effect on apps, if versions were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonReportedPair<'a> {
    #[serde(flatten)]
    compared: Compared<'a>,
    /// The sizes of the source texts, with included texts.
    bytes: [u64; 2],
    tokens: [u64; 2],
    /// The test case with the longest rendering by the second version.
    #[serde(skip_serializing_if = "Option::is_none")]
    longest: Option<JsonLongestCase<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_budget: Option<u64>,
    /// Versions that include other versions of the prompt, if the second version is new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    included_by: Vec<JsonDependent<'a>>,
}

#[derive(Serialize)]
struct JsonLongestCase<'a> {
    case: &'a str,
    /// The tokens of both renderings, or `null` if one fails.
    tokens: [Option<u64>; 2],
}

#[derive(Serialize)]
struct JsonDependent<'a> {
    name: &'a str,
    version: String,
    /// The environments that serve the version.
    served_by: Vec<&'a str>,
}

pub(super) fn show(tree: &Tree, report: &report::ChangeReport) -> String {
    let (errors, warnings) = (count(report, Severity::Error), count(report, Severity::Warning));
    let event = |reported: &'_ report::ReportedEvent| JsonEvent {
        // Keys are strings and numbers are finite, so serialization never fails.
        columns: columns(&reported.chain, &reported.change).unwrap_or_default(),
        verdict: reported.verdict.map(verdict),
    };
    let shown = JsonReport {
        v: 1,
        base: &report.base,
        base_commit: &report.base_commit,
        passes: errors == 0,
        errors,
        warnings,
        events: report.events.iter().map(event).collect(),
        comparisons: report.pairs.iter().map(comparison).collect(),
        others: report.others.iter().map(promptdex_wire::PromptName::as_str).collect(),
        registry: &report.registry,
        findings: report
            .findings
            .iter()
            .map(|found| finding(tree, found))
            .chain(report.earlier_findings.iter().map(|found| earlier_finding(tree, found)))
            .collect(),
    };
    escape_hidden(&serde_json::to_string_pretty(&shown).unwrap_or_default()) + "\n"
}

fn comparison(own: &report::ReportedPair) -> JsonReportedPair<'_> {
    let Sizes { bytes, tokens, longest, budget } = &own.sizes;
    let longest = longest.as_ref().map(|(case, tokens)| JsonLongestCase { case, tokens: *tokens });
    let (bytes, tokens, token_budget) = (*bytes, *tokens, *budget);
    let included_by = own.dependents.iter().map(dependent).collect();
    JsonReportedPair {
        compared: pair(&own.comparison),
        bytes,
        tokens,
        longest,
        token_budget,
        included_by,
    }
}

fn dependent(includer: &Includer) -> JsonDependent<'_> {
    JsonDependent {
        name: includer.version.name.as_str(),
        version: includer.version.version.to_string(),
        served_by: includer.served_by.iter().map(promptdex_wire::Environment::as_str).collect(),
    }
}
