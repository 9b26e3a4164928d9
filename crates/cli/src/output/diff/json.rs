//! Differences as one JSON object, version 1. `comparison` and the entries of `cases` have the same
//! form as on the site.

use std::fmt::Write as _;

use promptdex_compare::Comparison;
use promptdex_compare::case_diff::CaseDiff;
use promptdex_compare::invisible::scan;
use promptdex_ops::review::comparison::{self, VersionComparison};
use promptdex_ops::review::environment_comparison::PromptComparison;
use promptdex_wire::event::Target;
use serde::Serialize;

use super::lines::hides_text;
use super::words::Difference;

/// The JSON output of a comparison. A comparison of versions has one pair, even if they are equal.
/// A comparison of environments has only the prompts with different targets.
#[derive(Serialize)]
struct JsonDiff<'a> {
    v: u32,
    /// Whether there are no differences.
    identical: bool,
    /// The environments, if environments were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    environments: Option<JsonEnvironments<'a>>,
    /// The pairs of versions.
    comparisons: Vec<JsonComparison<'a>>,
}

#[derive(Serialize)]
struct JsonEnvironments<'a> {
    from: &'a str,
    to: &'a str,
    /// The number of prompts with equal targets.
    same: usize,
    /// The prompts with different targets, in the form of the tree.
    prompts: Vec<JsonServed<'a>>,
}

#[derive(Serialize)]
struct JsonServed<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a Target>,
}

/// The comparison of two versions.
#[derive(Serialize)]
pub(in crate::output) struct JsonComparison<'a> {
    from: JsonSide<'a>,
    to: JsonSide<'a>,
    sentence: &'a str,
    comparison: &'a Comparison,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases: Vec<JsonCase<'a>>,
}

#[derive(Serialize)]
struct JsonSide<'a> {
    name: &'a str,
    version: String,
    /// The environment that selected the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    /// The version of the test case, if the other version has a different case of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(flatten)]
    diff: &'a CaseDiff,
}

pub(super) fn show(difference: &Difference) -> String {
    let report = JsonDiff {
        v: 1,
        identical: difference.is_same(),
        environments: match difference {
            Difference::Versions(_) => None,
            Difference::Environments(compared) => Some(JsonEnvironments {
                from: compared.from.as_str(),
                to: compared.to.as_str(),
                same: compared.same,
                prompts: compared.prompts.iter().map(serialize_targets).collect(),
            }),
        },
        comparisons: match difference {
            Difference::Versions(compared) => vec![pair(compared)],
            Difference::Environments(compared) => {
                compared.prompts.iter().flat_map(|prompt| &prompt.versions).map(pair).collect()
            }
        },
    };
    // Keys are strings and numbers are finite, so serialization never fails.
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    escape_hidden(&text) + "\n"
}

fn serialize_targets(prompt: &PromptComparison) -> JsonServed<'_> {
    JsonServed { name: prompt.name.as_str(), from: prompt.from.as_ref(), to: prompt.to.as_ref() }
}

pub(in crate::output) fn pair(compared: &VersionComparison) -> JsonComparison<'_> {
    let case = |case: &'_ comparison::CaseComparison| case.of.as_ref().map(ToString::to_string);
    let cases = compared.cases.iter().map(|each| JsonCase { of: case(each), diff: &each.diff });
    JsonComparison {
        from: side(&compared.from),
        to: side(&compared.to),
        sentence: &compared.sentence,
        comparison: &compared.comparison,
        cases: cases.collect(),
    }
}

fn side(side: &comparison::ComparisonSide) -> JsonSide<'_> {
    JsonSide {
        name: side.name.as_str(),
        version: side.version.to_string(),
        environment: side.environment.as_ref().map(promptdex_wire::Environment::as_str),
    }
}

/// Escapes characters that a terminal would interpret, or that hide something. They occur only in
/// strings, where JSON allows escapes.
pub(in crate::output) fn escape_hidden(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut next = 0;
    for found in scan(text).into_iter().filter(|found| hides_text(*found)) {
        escaped.push_str(&text[next..found.at]);
        next = found.at + found.character.len_utf8();
        for unit in found.character.encode_utf16(&mut [0; 2]) {
            write!(escaped, "\\u{unit:04x}").unwrap_or_default();
        }
    }
    escaped + &text[next..]
}
