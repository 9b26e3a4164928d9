//! The stored inputs of a version, as they are published.

use promptdex_wire::catalog::{Case, Cases, Expect, MASK, TestResult};
use promptdex_wire::release::Sequences;
use promptdex_wire::{Format, Json, Kind, PromptVersion};

use crate::checks::CaseResult;
use crate::model::{CaseFile, PromptVersionSource, Settings};

/// Builds the document with the test cases and the test results of a version; the values of sensitive
/// variables are masked.
pub(super) fn document(
    settings: &Settings,
    own: PromptVersion,
    source: &PromptVersionSource,
    cases: Option<&CaseFile>,
    counted: &[CaseResult],
    results: &[TestResult],
    sequences: Sequences,
) -> Cases {
    let mask = format!("\"{MASK}\"");
    let is_counted = counted.iter().any(|result| result.tokens.is_some());
    let cases =
        cases.into_iter().flat_map(|file| &file.cases).zip(counted).map(|(case, result)| {
            let sensitive = |name: &str| {
                source.metadata.variable(name).is_some_and(|variable| variable.sensitive)
            };
            let has_sensitive = case.variables.iter().any(|(name, _)| sensitive(&name.value));
            let mut variables = String::from("{");
            for (position, (name, value)) in case.variables.iter().enumerate() {
                if position > 0 {
                    variables.push(',');
                }
                // A `String` always serializes.
                variables.push_str(&serde_json::to_string(&name.value).unwrap_or_default());
                variables.push(':');
                let text = if sensitive(&name.value) { &mask } else { value.value.text() };
                variables.push_str(text);
            }
            variables.push('}');
            let texts = |texts: &[crate::read::Spanned<String>]| {
                texts.iter().map(|text| text.value.clone()).collect()
            };
            let expect = Expect {
                equals: case.expect.equals.as_ref().map(|text| text.value.clone()),
                contains: texts(&case.expect.contains),
                not_contains: texts(&case.expect.not_contains),
                matches: case.expect.matches.as_ref().map(|text| text.value.clone()),
                max_tokens: case.expect.max_tokens,
            };
            Some(Case {
                name: case.name.value.clone(),
                variables: Json::from_text(variables).ok()?,
                // What is expected of a rendering repeats its values.
                expect: (expect != Expect::default() && !has_sensitive).then_some(expect),
                tokens: result.tokens,
            })
        });
    Cases {
        format: Format,
        kind: Kind::Cases,
        registry: settings.registry.clone(),
        name: own.name,
        version: own.version,
        sequences,
        tokenizer: is_counted.then(|| settings.tokenizer.clone()),
        cases: cases.flatten().collect(),
        results: results.to_vec(),
    }
}
