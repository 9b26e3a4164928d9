//! Tests that the engine of the site passes the same vectors as the renderer in CI.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::host::Static;
use crate::registries::{ours, workspace};
use crate::webdriver::Browser;

/// Expands `{"repeat": [text, count]}`.
fn expand(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("repeat") {
            Some(repeat) => {
                let count = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                Value::String(repeat[0].as_str().unwrap().repeat(count))
            }
            None => object.iter().map(|(key, value)| (key.clone(), expand(value))).collect(),
        },
        Value::Array(items) => items.iter().map(expand).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Returns the declaration of a variable that accepts a value.
fn declaration((name, value): (&String, &Value)) -> Value {
    let kind = match value {
        Value::Null | Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    json!({"name": name, "type": kind, "required": false})
}

/// Returns the text of the values of a vector, as it is written: the order of keys matters, and so does how a
/// number is written. Only values with a text that is repeated are written anew.
fn values_text(written: &RawValue, values: &Value) -> String {
    let text = written.get();
    if text.contains("{\"repeat\": [") { values.to_string() } else { text.to_owned() }
}

/// Returns a version document with the template of a vector.
fn document(dialect: &str, vector: &Value, values: &Map<String, Value>) -> Value {
    let digest = format!("sha256:{}", "0".repeat(64));
    let include = |(name, include): (&String, &Value)| {
        let text = include["text"].as_str().unwrap();
        let include = json!({
            "template": include["template"], "text": text, "digest": digest, "size": text.len(),
        });
        (name.clone(), include)
    };
    let includes: Map<String, Value> =
        vector["includes"].as_object().into_iter().flatten().map(include).collect();
    json!({
        "format": 1, "kind": "version", "id": "x", "registry": "acme", "name": "vector",
        "version": "1.0.0", "source_digest": digest, "template": dialect,
        "messages": [{"role": "user", "content": expand(&vector["template"])}],
        "variables": values.iter().map(declaration).collect::<Vec<_>>(), "includes": includes,
    })
}

/// Returns the packed file with this prefix and suffix.
fn asset(start: &str, end: &str) -> String {
    let files = std::fs::read_dir(ours().join("assets")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names = names.filter(|name| name.starts_with(start) && name.ends_with(end));
    names.next().unwrap()
}

#[test]
fn the_packed_engine_passes_the_vectors() {
    let host = Static::start(ours(), "/registry/");
    let browser = Browser::start();
    browser.visit(&host.base);
    let (loader, module) = (asset("engine-", ".js"), asset("engine-", ".wasm"));
    for dialect in ["jinja", "fstring", "curly"] {
        let path = workspace().join(format!("conformance/{dialect}.json"));
        let file = std::fs::read(path).unwrap();
        let vectors: Vec<Value> = serde_json::from_slice(&file).unwrap();
        let written: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_slice(&file).unwrap();
        let calls = vectors.iter().zip(&written).map(|(vector, written)| {
            let values = expand(&vector["variables"]);
            let document = document(dialect, vector, values.as_object().unwrap());
            json!([document.to_string(), values_text(&written["variables"], &values)])
        });
        let calls: Vec<Value> = calls.collect();
        let answers = browser.run_until_called(&format!(
            "const [done] = arguments, calls = {};
            import(new URL('assets/{loader}', document.baseURI)).then(async (engine) => {{
                await engine.default({{ module_or_path: new URL('assets/{module}', document.baseURI) }});
                done(calls.map(([version, values]) => JSON.parse(engine.render(version, values))));
            }}).catch((error) => done(String(error)));",
            Value::Array(calls)
        ));
        let answers = answers.as_array().unwrap_or_else(|| panic!("{answers}"));
        assert_eq!(answers.len(), vectors.len());
        for (vector, answer) in vectors.iter().zip(answers) {
            let name = &vector["name"];
            if vector["rendered"].is_null() {
                assert!(answer["messages"].is_null(), "{dialect} {name}: {answer}");
            } else {
                let expected = expand(&vector["rendered"]);
                let text = answer.get("text").cloned().unwrap_or_else(|| "".into());
                assert_eq!(text, expected, "{dialect} {name}: {answer}");
                assert!(answer["messages"].is_array(), "{dialect} {name}: {answer}");
            }
        }
    }
}
