//! Holds `docs/wire.md` and the checked-in JSON Schemas to the types.
//!
//! `PROMPTDEX_REGENERATE=1 cargo test -p promptdex-wire --features schema` writes both anew.
#![cfg(feature = "schema")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read and write checked-in files")]

use std::path::{Path, PathBuf};

use promptdex_wire::catalog::{Bundle, Cases, Catalog, Registry, VersionList, Versions};
use promptdex_wire::event::Changes;
use promptdex_wire::history::{History, HistoryMonth};
use promptdex_wire::policy::Policy;
use promptdex_wire::release::{Entry, Shards, Snapshot};
use promptdex_wire::{
    Document, Kind, Latest, ReadError, Redacted, Release, ReleasePack, SearchShard,
    VersionDocument, json, schema,
};
use serde_json::Value;

/// Compares a checked-in file with what it should be, or writes it when asked to.
fn compare_or_write(path: &Path, expected: &str) {
    if std::env::var("PROMPTDEX_REGENERATE").is_ok() {
        std::fs::write(path, expected).unwrap();
    }
    let actual = std::fs::read_to_string(path).unwrap();
    assert!(actual == expected, "{} is stale: run `cargo xtask generate`", path.display());
}

fn wire_md() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/wire.md")
}

#[test]
fn schemas_are_those_of_the_types() {
    for kind in Kind::ALL {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{kind}.schema.json"));
        let mut schema = schema::generate(kind);
        let (_, example) = examples().into_iter().find(|(own, _)| *own == kind).unwrap();
        let example: Value = serde_json::from_str(&example).unwrap();
        schema.insert("examples".to_owned(), Value::Array(vec![example]));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        // Readers in other languages do not know our code.
        for foreign in ["[`", "::", "Option<", "Vec<"] {
            assert!(!text.contains(foreign), "{kind} has {foreign}");
        }
        compare_or_write(&path, &text);
    }
}

/// Names the type of a field as the tables of `docs/wire.md` do.
fn type_name(field: &Value) -> String {
    if let Some(constant) = field.get("const") {
        return format!("`{constant}`");
    }
    if let Some(reference) = field.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(options) = field.get("anyOf").and_then(Value::as_array) {
        let options: Vec<String> = options
            .iter()
            .filter(|o| o.get("type") != Some(&"null".into()))
            .map(type_name)
            .collect();
        return options.join(" or ");
    }
    let name = match field.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names[0].as_str().unwrap().to_owned(),
        _ => return "any".to_owned(),
    };
    match (name.as_str(), field.get("items"), field.get("additionalProperties")) {
        ("array", Some(items), _) => format!("list of {}", type_name(items)),
        ("object", _, values) => {
            // Of a map, the keys have a pattern.
            let patterns = field.get("patternProperties").and_then(Value::as_object);
            match patterns.and_then(|patterns| patterns.values().next()).or(values) {
                Some(values) => format!("map to {}", type_name(values)),
                None => name,
            }
        }
        _ => name,
    }
}

/// Writes the table of fields of a document, or of a type that it uses.
fn table(kind: Kind, definition: Option<&str>) -> String {
    let schema = schema::generate(kind);
    let object = match definition {
        Some(name) => schema
            .pointer(&format!("/$defs/{name}"))
            .unwrap_or_else(|| panic!("{kind} has no {name}")),
        None => schema.as_value(),
    };
    let required: Vec<&str> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut text = "| field | type | |\n| --- | --- | --- |\n".to_owned();
    for (name, field) in object["properties"].as_object().unwrap() {
        let description =
            field.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        let always = if required.contains(&name.as_str()) { ", always" } else { "" };
        text += &format!("| `{name}` | {}{always} | {description} |\n", type_name(field));
    }
    text
}

#[test]
fn tables_of_the_documentation_are_those_of_the_types() {
    let markdown = std::fs::read_to_string(wire_md()).unwrap();
    let mut expected = String::new();
    let mut rest = markdown.as_str();
    while let Some((before, after)) = rest.split_once("<!-- fields ") {
        let (marker, after) = after.split_once(" -->").unwrap();
        let mut words = marker.split(' ');
        let kind = Kind::from_word(words.next().unwrap()).unwrap();
        expected +=
            &format!("{before}<!-- fields {marker} -->\n{}<!-- end -->", table(kind, words.next()));
        rest = after.split_once("<!-- end -->").unwrap().1;
    }
    compare_or_write(&wire_md(), &(expected + rest));
}

/// Reads an example as its kind and writes it again.
fn rewrite(example: &[u8], kind: Kind) -> Result<Vec<u8>, ReadError> {
    fn through<T: Document + serde::Serialize + serde::de::DeserializeOwned>(
        bytes: &[u8],
    ) -> Result<Vec<u8>, ReadError> {
        json::read::<T>(bytes).map(|document| json::write(&document))
    }
    match kind {
        Kind::Version => through::<VersionDocument>(example),
        Kind::Redacted => through::<Redacted>(example),
        Kind::Latest => through::<Latest>(example),
        Kind::Versions => through::<Versions>(example),
        Kind::History => through::<History>(example),
        Kind::Cases => through::<Cases>(example),
        Kind::Catalog => through::<Catalog>(example),
        Kind::Release => through::<Release>(example),
        Kind::Releases => through::<ReleasePack>(example),
        Kind::Snapshot => through::<Snapshot<Entry>>(example),
        Kind::Shards => through::<Shards>(example),
        Kind::VersionList => through::<VersionList>(example),
        Kind::Changes => through::<Changes>(example),
        Kind::Bundle => through::<Bundle>(example),
        Kind::HistoryMonth => through::<HistoryMonth>(example),
        Kind::Search => through::<SearchShard>(example),
        Kind::Registry => through::<Registry>(example),
        Kind::Policy => through::<Policy>(example),
    }
}

/// Removes the white space between tokens.
fn compact(json: &str) -> String {
    let (mut text, mut in_string, mut escaped) = (String::new(), false, false);
    for character in json.chars() {
        if in_string || !character.is_whitespace() {
            text.push(character);
        }
        in_string ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
    }
    text
}

/// Cuts the examples out of the documentation, by the heading they stand under.
fn examples() -> Vec<(Kind, String)> {
    let markdown = std::fs::read_to_string(wire_md()).unwrap();
    let mut examples = Vec::new();
    let mut kind = None;
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            kind = Kind::from_word(heading);
        }
        if line == "```json" {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            examples.push((kind.unwrap(), compact(&text.join("\n"))));
        }
    }
    examples
}

#[test]
fn every_kind_has_an_example_that_is_written_as_it_is_read() {
    let examples = examples();
    let kinds: Vec<Kind> = examples.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, Kind::ALL);
    for (kind, example) in examples {
        let written = rewrite(example.as_bytes(), kind).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), example);
    }
}

#[test]
fn what_would_lead_elsewhere_is_refused() {
    let refuses = |kind: Kind, from: &str, to: &str, expected: &str| {
        let (_, example) = examples().into_iter().find(|(k, _)| *k == kind).unwrap();
        assert!(example.contains(from), "{kind} has no {from}");
        let error =
            rewrite(example.replacen(from, to, 1).as_bytes(), kind).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    refuses(Kind::Version, r#""version":"1.1.0""#, r#""version":"../../x""#, "is not a version");
    refuses(
        Kind::Version,
        r#""name":"support/refund""#,
        r#""name":"../refund""#,
        "is not a valid name segment",
    );
    refuses(
        Kind::Release,
        r#""environment":"production""#,
        r#""environment":"/etc""#,
        "is not a valid environment name",
    );
    refuses(
        Kind::Release,
        r#""snapshot":{"#,
        r#""snapshot":[],"x":{"#,
        "expected struct SnapshotReference",
    );

    let (kind, example) = examples().swap_remove(0);
    let future = example.replacen(
        r#""format":1"#,
        r#""format":1,"invented_later":{"__proto__":[1e999]}"#,
        1,
    );
    assert_eq!(rewrite(future.as_bytes(), kind).unwrap(), example.into_bytes());
}
