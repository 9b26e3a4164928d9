//! One JSON object, version 1. `comparison` and what is in `cases` are as `diff --format json` has them, the
//! columns of events those of `history.json`.

use promptdex_core::rules::Severity;
use promptdex_ops::change::prompt_graph::Includer;
use promptdex_ops::review::report::{self, Sizes};
use promptdex_ops::tree::Tree;
use serde::Serialize;
use serde_json::{Map, Value};

use super::counts::count;
use crate::output::diff::json::{JsonComparison as Compared, escaped, pair};
use crate::output::diff::verdict;
use crate::output::json::{JsonLine, finding};
use crate::output::log::columns;

/// What a change means.
#[derive(Serialize)]
struct JsonReport<'a> {
    v: u32,
    /// What it is going to be merged into, as it was asked for, and its commit.
    base: &'a str,
    base_commit: &'a str,
    /// Whether nothing that was found is an error.
    passes: bool,
    errors: usize,
    warnings: usize,
    /// What happens, prompt by prompt.
    events: Vec<JsonEvent<'a>>,
    /// The versions that take the place of others.
    comparisons: Vec<JsonReportedPair<'a>>,
    /// The prompts of which neither a version nor a pointer changes.
    others: Vec<&'a str>,
    /// Which of `registry.yaml` and `policy.yaml` change.
    registry: &'a [&'a str],
    findings: Vec<JsonLine<'a>>,
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    #[serde(flatten)]
    columns: Map<String, Value>,
    /// What it means for callers, where versions were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonReportedPair<'a> {
    #[serde(flatten)]
    compared: Compared<'a>,
    /// The texts as they are written, with those that they include.
    bytes: [u64; 2],
    tokens: [u64; 2],
    /// The stored case with the longest rendering by the second version.
    #[serde(skip_serializing_if = "Option::is_none")]
    longest: Option<JsonLongestCase<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_budget: Option<u64>,
    /// What includes other versions of the prompt, where the second one is new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    included_by: Vec<JsonDependent<'a>>,
}

#[derive(Serialize)]
struct JsonLongestCase<'a> {
    case: &'a str,
    /// The tokens of both renderings; `null` of one that fails.
    tokens: [Option<u64>; 2],
}

#[derive(Serialize)]
struct JsonDependent<'a> {
    name: &'a str,
    version: String,
    /// The environments that serve it.
    served_by: Vec<&'a str>,
}

pub(super) fn show(tree: &Tree, report: &report::ChangeReport) -> String {
    let (errors, warnings) = (count(report, Severity::Error), count(report, Severity::Warning));
    let event = |told: &'_ report::ReportedEvent| JsonEvent {
        // Keys are strings and numbers finite: it always serializes.
        columns: columns(&told.chain, &told.change).unwrap_or_default(),
        verdict: told.verdict.map(verdict),
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
        findings: report.findings.iter().map(|found| finding(tree, found)).collect(),
    };
    escaped(&serde_json::to_string_pretty(&shown).unwrap_or_default()) + "\n"
}

fn comparison(own: &report::ReportedPair) -> JsonReportedPair<'_> {
    let Sizes { bytes, tokens, longest, budget } = &own.sizes;
    let longest = longest.as_ref().map(|(case, tokens)| JsonLongestCase { case, tokens: *tokens });
    let (bytes, tokens, token_budget) = (*bytes, *tokens, *budget);
    let included_by = own.dependents.iter().map(dependent).collect();
    JsonReportedPair {
        compared: pair(&own.compared),
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
