//! Our renderer passes the vectors of `conformance/`, as every client must.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_template::conversation::{VariableProblemKind, complete};
use promptdex_template::{ErrorKind, IncludedText, IncludedTexts, Template, Values};
use promptdex_wire::{Dialect, Variable};
use serde_json::Value;

fn vectors(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Writes out `{"repeat": [text, count]}`.
fn expand(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("repeat") {
            Some(repeat) => {
                let count = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                Value::String(repeat[0].as_str().unwrap().repeat(count))
            }
            None => Value::Object(
                object.iter().map(|(key, value)| (key.clone(), expand(value))).collect(),
            ),
        },
        Value::Array(items) => Value::Array(items.iter().map(expand).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn kind(error: ErrorKind) -> &'static str {
    match error {
        ErrorKind::Syntax => "syntax",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Undefined => "undefined",
        ErrorKind::Value => "value",
        ErrorKind::Limit => "limit",
        ErrorKind::Include => "include",
        ErrorKind::Raised => "raised",
    }
}

fn render(dialect: Dialect, vector: &Value) -> Result<String, &'static str> {
    let texts: Vec<(String, Dialect, String)> = vector["includes"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, include)| {
            let dialect = serde_json::from_value(include["template"].clone()).unwrap();
            (name.clone(), dialect, include["text"].as_str().unwrap().to_owned())
        })
        .collect();
    let includes: IncludedTexts<'_> = texts
        .iter()
        .map(|(name, dialect, text)| (name.clone(), IncludedText::parse(*dialect, text).unwrap()))
        .collect();
    let text = expand(&vector["template"]);
    let template =
        Template::parse(dialect, text.as_str().unwrap()).map_err(|errors| kind(errors[0].kind))?;
    if let Some(problem) = template.problems().first() {
        return Err(kind(problem.kind));
    }
    let variables = Values::parse(&expand(&vector["variables"]).to_string()).unwrap();
    template.render(&variables, &includes).map_err(|error| kind(error.kind))
}

#[test]
fn templates_render_to_the_expected_text_or_error() {
    for (dialect, file) in [
        (Dialect::Jinja, "jinja.json"),
        (Dialect::Fstring, "fstring.json"),
        (Dialect::Curly, "curly.json"),
    ] {
        let mut wrong = Vec::new();
        for vector in vectors(file) {
            let expected = match (&vector["rendered"], &vector["error"]) {
                (Value::String(text), Value::Null) => Ok(text.as_str()),
                (Value::Null, Value::String(kind)) => Err(kind.as_str()),
                _ => panic!("{} expects nothing, or two things", vector["name"]),
            };
            let actual = render(dialect, &vector);
            if actual.as_deref().map_err(|kind| *kind) != expected {
                wrong.push(format!("{}: expected {expected:?}, got {actual:?}", vector["name"]));
            }
        }
        assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn given_values_are_completed_and_checked() {
    for vector in vectors("variables.json") {
        let declared: Vec<Variable> =
            serde_json::from_str(&vector["declared"].to_string()).unwrap();
        let given = Values::parse(&vector["given"].to_string()).unwrap();
        let (completed, problems) = complete(&declared, &given);
        let expected = Values::parse(&vector["completed"].to_string()).unwrap();
        let count = completed.iter().count();
        assert_eq!(count, expected.iter().count(), "{}: {completed:?}", vector["name"]);
        for (name, value) in completed.iter() {
            // Integers and floats are told apart here, which equality of numbers would not.
            assert_eq!(Some(value), expected.get(name), "{}: {name}", vector["name"]);
        }
        let mut problems: Vec<Value> = problems
            .iter()
            .map(|problem| {
                let kind = match problem.kind {
                    VariableProblemKind::Missing => "missing",
                    VariableProblemKind::Unknown => "unknown",
                    VariableProblemKind::Misfit => "misfit",
                };
                serde_json::json!([kind, problem.name])
            })
            .collect();
        problems.sort_by_key(Value::to_string);
        assert_eq!(
            problems,
            vector["problems"].as_array().cloned().unwrap_or_default(),
            "{}",
            vector["name"]
        );
    }
}
