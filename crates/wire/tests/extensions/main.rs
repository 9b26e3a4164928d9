//! The types read what a newer promptdex may write as `conformance/extensions.json` says, and the table is complete.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

mod our_objects;
#[expect(dead_code, reason = "other tests use the rest")]
mod table;
mod types;

use std::collections::BTreeSet;

use promptdex_wire::{Digest, Document, Kind, PromptName, Ref, RegistryPath, json, schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use our_objects::OurObjects;
use table::{Extension, Outcome, extensions, put, table};
use types::{DocumentReader, rewrite};

/// Reads documents by `serde_json`.
struct Types;

impl DocumentReader for Types {
    fn read<T: Document + DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        json::read(text.as_bytes()).map_err(|error| error.to_string())
    }
}

fn read(extension: &Extension, document: &Value) -> Result<Value, String> {
    let text = rewrite(&extension.document, extension.kind, &document.to_string(), &Types)?;
    Ok(serde_json::from_str(&text).unwrap())
}

/// Whether a part of a document is carried without being understood: then a field in it that nobody knows is kept, too.
fn is_carried(extension: &Extension, document: &Value, place: &str) -> bool {
    let probe = format!("{place}/probe");
    let mut probed = document.clone();
    put(&mut probed, &probe, true.into());
    read(extension, &probed).is_ok_and(|read| read.pointer(&probe).is_some())
}

/// Returns the places beside a part of a document at which objects are.
fn siblings(document: &Value, place: &str) -> Vec<String> {
    let (parent, _) = place.rsplit_once('/').unwrap();
    let all: Vec<(String, &Value)> = match document.pointer(parent).unwrap() {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => (0..).map(|at: usize| at.to_string()).zip(items).collect(),
        other => panic!("{other} has no parts"),
    };
    let objects = all.into_iter().filter(|(_, value)| value.is_object());
    objects.map(|(key, _)| format!("{parent}/{key}")).filter(|own| own != place).collect()
}

#[test]
fn the_types_read_what_a_newer_promptdex_writes_as_documented() {
    for extension in extensions(&Kind::ALL) {
        let Extension { name, today, extended, .. } = &extension;
        assert_eq!(read(&extension, today).as_ref(), Ok(today), "{name}");
        let result = read(&extension, extended);
        match &extension.outcome {
            Outcome::Read => {
                let kept = if extension.is_addition() { today } else { extended };
                assert_eq!(result.as_ref(), Ok(kept), "{name}");
            }
            Outcome::PartRefused(part) => {
                assert_eq!(result.as_ref(), Ok(extended), "{name}");
                if extended.pointer(part).unwrap().is_object() {
                    assert!(is_carried(&extension, extended, part), "{name}");
                }
                for sibling in siblings(extended, part) {
                    let is_author = is_carried(&extension, today, &sibling);
                    let is_carried = is_carried(&extension, extended, &sibling);
                    assert_eq!(is_carried, is_author, "{name}: {sibling}");
                }
            }
            Outcome::Refused => {
                let error = result.unwrap_err();
                assert!(error.contains("needs a newer reader"), "{name}: {error}");
            }
        }
    }
}

#[test]
fn unknown_fields_are_at_every_place_where_one_can_be_added() {
    let extensions = extensions(&Kind::ALL);
    for kind in Kind::ALL {
        let schema: Value = serde_json::from_str(schema::text(kind)).unwrap();
        let mut types = BTreeSet::new();
        let fields = extensions.iter().filter(|extension| {
            extension.kind == kind && extension.name.ends_with(": unknown fields")
        });
        for extension in fields {
            let objects = OurObjects::of(&extension.today, &schema);
            let places = objects.places.iter().map(|place| format!("{place}/invented_later"));
            let own: BTreeSet<String> = extension.places.iter().cloned().collect();
            assert_eq!(own, places.collect(), "{}", extension.name);
            types.extend(objects.types);
        }
        let definitions = schema.get("$defs").and_then(Value::as_object).into_iter().flatten();
        let ours = definitions.filter(|(_, definition)| definition.get("properties").is_some());
        for (name, _) in ours {
            assert!(types.contains(name), "no document of kind {kind} has a {name}");
        }
    }
}

#[test]
fn what_is_reserved_is_nothing_of_today() {
    let table = table();
    let texts = |key: &str| {
        let texts = table[key].as_array().unwrap().iter();
        texts.map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for path in texts("reserved_paths") {
        assert_eq!(RegistryPath::parse(&path), None, "{path}");
    }
    for path in [
        "api/catalog.json?environment=production",
        "api/prompts/support/refund/versions/1.0.0.json?edition=de",
    ] {
        assert_eq!(RegistryPath::parse(path), None, "{path}");
    }
    assert!("-".parse::<PromptName>().is_err());
    for text in texts("reserved_refs") {
        let (known, _) = text.split_once('~').unwrap();
        assert!(known.parse::<Ref>().is_ok() && text.parse::<Ref>().is_err(), "{text}");
    }
    assert!(format!("blake3:{}", "0".repeat(64)).parse::<Digest>().is_err());
}
