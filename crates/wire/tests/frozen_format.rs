//! Holds the format to what it was when it was frozen: deployed readers cannot be taken back.
//!
//! `frozen/` has the shape of every document (its JSON Schema without explanations) and an example, byte for byte.
//! `cargo xtask generate` does not write them. Something is added to the format in this way: give the new field
//! `#[schemars(extend("since" = 2))]`, a line in the section "Since" of `docs/wire.md`, and a row in
//! `conformance/extensions.json`, so that it is known what older readers make of it; then run this test with
//! `PROMPTDEX_EXTEND_FORMAT=1`, and look at what changed in `frozen/`: lines may come, none may go.
#![cfg(feature = "schema")]
#![expect(clippy::disallowed_methods, reason = "tests read and write checked-in files")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use promptdex_wire::{Kind, schema};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen")
}

/// Returns a schema without what explains it to people.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let is_shape = |key: &str| !matches!(key, "description" | "title" | "examples");
            let own = object.iter().filter(|(key, value)| is_shape(key) || value.is_object());
            own.map(|(key, value)| (key.clone(), shape(value))).collect()
        }
        Value::Array(values) => values.iter().map(shape).collect(),
        other => other.clone(),
    }
}

#[test]
fn documents_have_the_shape_and_the_bytes_that_they_had() {
    let is_extended = std::env::var("PROMPTDEX_EXTEND_FORMAT").is_ok();
    for kind in Kind::ALL {
        let published: Value = serde_json::from_str(schema::text(kind)).unwrap();
        let example = serde_json::to_string_pretty(&published["examples"][0]).unwrap() + "\n";
        let shape = serde_json::to_string_pretty(&shape(&published)).unwrap() + "\n";
        for (name, text) in [("example", example), ("shape", shape)] {
            let path = folder().join(format!("{kind}.{name}.json"));
            if is_extended {
                std::fs::write(&path, &text).unwrap();
            }
            let frozen = std::fs::read_to_string(&path).unwrap();
            let lines: BTreeSet<&str> = text.lines().collect();
            let gone = frozen.lines().find(|line| !lines.contains(line));
            assert_eq!(gone, None, "the {name} of `{kind}` lost a line that readers rely on");
            assert!(
                frozen == text,
                "the {name} of `{kind}` is another one: the format is frozen, and the first lines of {} say how it is extended",
                file!()
            );
        }
    }
}

#[test]
fn every_addition_is_documented() {
    fn collect(value: &Value, found: &mut Vec<(String, u64)>) {
        let Value::Object(object) = value else {
            return value.as_array().into_iter().flatten().for_each(|value| collect(value, found));
        };
        if let Some(Value::Object(fields)) = object.get("properties") {
            let since = |(name, field): (&String, &Value)| {
                Some((name.clone(), field.get("since").and_then(Value::as_u64)?))
            };
            found.extend(fields.iter().filter_map(since));
        }
        object.values().for_each(|value| collect(value, found));
    }

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/wire.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("\n## Since\n").unwrap();
    for kind in Kind::ALL {
        let mut fields = Vec::new();
        collect(&serde_json::from_str(schema::text(kind)).unwrap(), &mut fields);
        assert!(fields.len() >= 3, "{kind} has {} fields", fields.len());
        for (field, since) in fields.into_iter().filter(|(_, since)| *since > 1) {
            let line = format!("| {since} | `{kind}` | `{field}` |");
            assert!(section.contains(&line), "docs/wire.md says nothing of it: {line}");
        }
    }
}
