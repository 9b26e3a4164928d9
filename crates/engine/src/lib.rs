//! The engine of the site: it renders, compares and searches in a worker, with the very crates that CI
//! runs. The functions take published documents and return JSON; an error is `{"failed": "…"}`.
//!
//! ```
//! let document = r#"{"format":1,"kind":"version","id":"x","registry":"acme","name":"hi","version":"1.0.0",
//!     "source_digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
//!     "template":"jinja","messages":[{"role":"user","content":"Hi {{ name }}!"}],
//!     "variables":[{"name":"name","type":"string","required":true}]}"#;
//! let answer = promptdex_engine::render(document, r#"{"name":"Ada"}"#);
//! assert_eq!(answer, r#"{"messages":[{"role":"user","content":"Hi Ada!"}],"text":"Hi Ada!"}"#);
//! ```

use promptdex_compare::case_diff::{CaseDiff, compare_renderings};
use promptdex_compare::text::{Refine, Whitespace};
use promptdex_compare::{Options, compare_versions, sentence};
use promptdex_template::conversation::{
    Conversation, MessageError, MessageText, VariableProblemKind, complete, join_texts,
};
use promptdex_template::{JsonValue, Values};
use promptdex_wire::catalog::{Cases, MASK};
use promptdex_wire::engine::{Rendering, TemplateError, TextMatches, ValueProblem, answer};
use promptdex_wire::prompt::{Content, Part};
use promptdex_wire::{Digest, Document, Json, Kind, Message, VersionDocument};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;

mod document;
mod search;

use document::read;

/// The fields of a cases document that are needed here.
#[derive(Deserialize)]
struct StoredInputs {
    cases: Vec<StoredInput>,
}

impl Document for StoredInputs {
    const KIND: Kind = Cases::KIND;
}

/// The fields of a case that are needed here.
#[derive(Deserialize)]
struct StoredInput {
    name: String,
    variables: Json,
}

/// Compares two version documents: a sentence, and a `promptdex_compare::Comparison`.
#[wasm_bindgen]
pub fn compare(a: &str, b: &str, ignores_whitespace: bool, is_full: bool) -> String {
    answer(|| {
        let comparison =
            compare_versions(&read(a)?, &read(b)?, &options(ignores_whitespace, is_full));
        Ok((sentence(&comparison), comparison))
    })
}

/// Renders a version document with an object of values: a `promptdex_wire::engine::Rendering`.
#[wasm_bindgen]
pub fn render(version: &str, values: &str) -> String {
    answer(|| {
        let values = Values::parse(values).map_err(|error| error.to_string())?;
        Ok(rendering(&read(version)?, &values))
    })
}

/// Renders the cases of a cases document by two versions: a list of `promptdex_compare::CaseDiff`.
#[wasm_bindgen]
pub fn compare_cases(
    a: &str,
    b: &str,
    cases: &str,
    ignores_whitespace: bool,
    is_full: bool,
) -> String {
    answer(|| {
        let (a, b): (VersionDocument, VersionDocument) = (read(a)?, read(b)?);
        let cases: StoredInputs = read(cases)?;
        let options = options(ignores_whitespace, is_full);
        let case = |case: &StoredInput| -> CaseDiff {
            let values = Values::of(JsonValue::of(&case.variables));
            let render = |version: &VersionDocument| messages(rendering(version, &values));
            let compared = compare_renderings(&case.name, render(&a), render(&b), &options);
            CaseDiff { masked: list_masked_variables(&values, [&a, &b]), ..compared }
        };
        Ok(cases.cases.iter().map(case).collect::<Vec<_>>())
    })
}

/// Returns the digest of a file of the registry, as it stands in file names: what is named so is held to it.
#[wasm_bindgen]
pub fn digest_hex(text: &str) -> String {
    Digest::of(text.as_bytes()).hex()
}

/// Returns the paths of the shards that contain the terms of some words, as a list. `boundaries` are those
/// of the catalog.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn search_shards(words: Vec<String>, boundaries: Vec<String>) -> String {
    answer(|| Ok(search::shards(&words, &boundaries)))
}

/// Returns for each word the rows of the catalog whose texts have it: `promptdex_wire::engine::Lists`.
/// `names` is the digest in the catalog, `shards` are the files that [`search_shards`] listed.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn search_rows(words: Vec<String>, names: &str, shards: Vec<String>) -> String {
    answer(|| search::search(&words, names, &shards))
}

/// Returns the versions of a prompt whose texts are searched, best one first: a list of texts.
#[wasm_bindgen]
pub fn shown_versions(versions: &str) -> String {
    answer(|| search::shown_versions(versions))
}

/// Looks for words in documents of a prompt, of which `versions` has the digests:
/// `promptdex_wire::engine::TextMatches` as a list.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "what comes from JavaScript is owned")]
pub fn find_in(words: Vec<String>, versions: &str, documents: Vec<String>) -> String {
    answer(|| search::find(&words, versions, &documents).map(TextMatches::into_list))
}

/// Returns the variables whose values are published masked, because one of the two versions declares them
/// sensitive: test cases belong to one version.
fn list_masked_variables(values: &Values, versions: [&VersionDocument; 2]) -> Vec<String> {
    let sensitive = |name: &String| {
        let mut variables = versions.iter().flat_map(|version| &version.variables);
        variables.any(|variable| variable.sensitive && variable.name == *name)
    };
    values
        .iter()
        .filter(|(_, value)| value.as_str() == Some(MASK))
        .map(|(name, _)| name.to_owned())
        .filter(|name| sensitive(name))
        .collect()
}

fn options(ignores_whitespace: bool, is_full: bool) -> Options {
    Options {
        whitespace: if ignores_whitespace { Whitespace::IgnoreChange } else { Whitespace::Show },
        refine: if is_full { Refine::Full } else { Refine::Capped },
    }
}

/// Renders a version. As at run time, the value of a variable that is not declared is ignored, and
/// reported.
fn rendering(version: &VersionDocument, values: &Values) -> Rendering {
    let (values, problems) = complete(&version.variables, values);
    let stops = problems.iter().any(|problem| problem.kind != VariableProblemKind::Unknown);
    let problems = problems.into_iter().map(|problem| ValueProblem {
        is_unknown: problem.kind == VariableProblemKind::Unknown,
        name: problem.name,
        message: problem.message,
    });
    let mut rendering = Rendering { problems: problems.collect(), ..Rendering::default() };
    if stops {
        return rendering;
    }
    match Conversation::of(version).render(&values) {
        Ok(messages) => {
            rendering.text = join_texts(&messages);
            rendering.messages = Some(messages);
        }
        Err(failed) => rendering.error = Some(template_error(version, &failed)),
    }
    rendering
}

fn template_error(version: &VersionDocument, failed: &MessageError) -> TemplateError {
    let text = match &failed.error.inside {
        Some(name) => name
            .parse()
            .ok()
            .and_then(|name| version.includes.0.get(&name))
            .map(|include| include.text.as_str()),
        None => template(version, failed.message, failed.text),
    };
    let before = text.and_then(|text| text.get(..failed.error.range.start)).unwrap_or_default();
    TemplateError {
        number: failed.message + 1,
        line: before.matches('\n').count() + 1,
        inside: failed.error.inside.clone(),
        message: failed.error.message.clone(),
        help: failed.error.help.clone(),
    }
}

/// Returns one of the texts of a version.
fn template(version: &VersionDocument, message: usize, place: MessageText) -> Option<&str> {
    match (version.messages.get(message)?, place) {
        (Message::Turn(turn), MessageText::Content) => match turn.content.as_ref()? {
            Content::Text(text) => Some(text),
            Content::Parts(_) => None,
        },
        (Message::Turn(turn), MessageText::Part(part)) => match turn.content.as_ref()? {
            Content::Parts(parts) => match parts.get(part)? {
                Part::Text { text } => Some(text),
                Part::Image(_) | Part::Audio(_) | Part::File(_) => None,
            },
            Content::Text(_) => None,
        },
        (Message::Examples(examples), MessageText::ExampleUser) => Some(&examples.examples.user),
        (Message::Examples(examples), MessageText::ExampleAssistant) => {
            Some(&examples.examples.assistant)
        }
        _ => None,
    }
}

/// Returns the messages of a rendering, or the reason why it has none.
fn messages(rendering: Rendering) -> Result<Vec<Message>, String> {
    if let Some(messages) = rendering.messages {
        return Ok(messages);
    }
    let problems = rendering.problems.into_iter().filter(|problem| !problem.is_unknown);
    let error = rendering.error.map(|error| error.message);
    Err(problems.map(|problem| problem.message).chain(error).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: &str, content: &str, variables: &str) -> String {
        format!(
            r#"{{"format":1,"kind":"version","id":"x","registry":"acme","name":"hi","version":"{number}",
            "source_digest":"sha256:{}","template":"jinja",
            "messages":[{{"role":"system","content":"Be kind.\n{content}"}}],"variables":[{variables}]}}"#,
            "0".repeat(64)
        )
    }

    const NAME: &str = r#"{"name":"name","type":"string","required":true}"#;

    #[test]
    fn a_problem_and_a_place_are_told() {
        let values = r#"{"name":1,"other":"x"}"#;
        assert_eq!(
            render(&version("1.0.0", "Hi {{ name }}", NAME), values),
            r#"{"problems":[{"name":"name","message":"`name` is a number, not of type `string`"},{"name":"other","message":"`other` is not declared","is_unknown":true}]}"#
        );
        assert_eq!(
            render(&version("1.0.0", "Hi {{ nam }}", NAME), r#"{"name":"Ada"}"#),
            r#"{"error":{"number":1,"line":2,"message":"`nam` is undefined","help":"pass a value, or guard it with `{% if … is defined %}` or `| default(…)`"}}"#
        );
        assert_eq!(render("{}", "{}"), r#"{"failed":"this is not a document of a registry"}"#);
    }

    #[test]
    fn every_case_says_what_became_of_it() {
        let (a, b) = (
            version(
                "1.0.0",
                "Hi {{ name }}{{ 1 / n }}",
                &format!(r#"{NAME},{{"name":"n","type":"integer","required":true}}"#),
            ),
            version(
                "1.1.0",
                "{% if name == 'Ada' %}Hello{% else %}Hi{% endif %} {{ name }}{{ 1 / n }}",
                &format!(r#"{NAME},{{"name":"n","type":"integer","required":true}}"#),
            ),
        );
        let cases = r#"{"format":1,"kind":"cases","registry":"acme","name":"hi","version":"1.0.0","sequences":{},
            "cases":[{"name":"same","variables":{"name":"Bo","n":1}},{"name":"changed","variables":{"name":"Ada","n":1}},
              {"name":"fails","variables":{"name":"Ada","n":0}},{"name":"missing","variables":{}}]}"#;
        let kinds = |text: &str| -> Vec<String> {
            let list: Vec<CaseDiff> = serde_json::from_str(text).unwrap();
            list.iter()
                .map(|case| format!("{} {:?} {:?}", case.name, case.kind, case.problem))
                .collect()
        };
        assert_eq!(
            kinds(&compare_cases(&a, &b, cases, false, false)),
            [
                "same Same None",
                "changed Changed None",
                "fails Fails Some(\"division by zero\")",
                "missing Fails Some(\"`name` is required and has no value; `n` is required and has no value\")",
            ]
        );
    }

    #[test]
    fn a_comparison_begins_with_its_sentence() {
        let (a, b) =
            (version("1.0.0", "Hi {{ name }}", NAME), version("1.1.0", "Hello {{ name }}", NAME));
        let answer: (String, promptdex_compare::Comparison) =
            serde_json::from_str(&compare(&a, &b, false, false)).unwrap();
        assert_eq!(answer.0, "1 message changed (1 word added, 1 removed).");
    }
}
