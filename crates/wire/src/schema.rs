//! The JSON Schemas of every document, as published under `api/schemas/`.
//!
//! The files in `schemas/` are generated from the types (feature `schema`, `cargo xtask generate`)
//! and checked in, so that building a registry needs no generator.

use crate::Kind;

/// Returns the published JSON Schema of a kind of document, as JSON text.
pub fn text(kind: Kind) -> &'static str {
    match kind {
        Kind::Version => include_str!("../schemas/version.schema.json"),
        Kind::Redacted => include_str!("../schemas/redacted.schema.json"),
        Kind::Latest => include_str!("../schemas/latest.schema.json"),
        Kind::Versions => include_str!("../schemas/versions.schema.json"),
        Kind::History => include_str!("../schemas/history.schema.json"),
        Kind::Cases => include_str!("../schemas/cases.schema.json"),
        Kind::Catalog => include_str!("../schemas/catalog.schema.json"),
        Kind::Release => include_str!("../schemas/release.schema.json"),
        Kind::Releases => include_str!("../schemas/releases.schema.json"),
        Kind::Snapshot => include_str!("../schemas/snapshot.schema.json"),
        Kind::Shards => include_str!("../schemas/shards.schema.json"),
        Kind::VersionList => include_str!("../schemas/version_list.schema.json"),
        Kind::Changes => include_str!("../schemas/changes.schema.json"),
        Kind::Bundle => include_str!("../schemas/bundle.schema.json"),
        Kind::HistoryMonth => include_str!("../schemas/history_month.schema.json"),
        Kind::Search => include_str!("../schemas/search.schema.json"),
        Kind::Registry => include_str!("../schemas/registry.schema.json"),
        Kind::Policy => include_str!("../schemas/policy.schema.json"),
    }
}

/// Generates the JSON Schema of a kind of document from its type.
#[cfg(feature = "schema")]
pub fn generate(kind: Kind) -> schemars::Schema {
    use crate::{catalog, event, history, pack, policy, prompt, release, search};

    /// A snapshot's entries are an environment's or the catalog's.
    #[derive(schemars::JsonSchema)]
    #[schemars(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum AnyEntry {
        Environment(release::Entry),
        Catalog(release::CatalogEntry),
    }

    let mut schema = match kind {
        Kind::Version => schemars::schema_for!(prompt::VersionDocument),
        Kind::Redacted => schemars::schema_for!(prompt::Redacted),
        Kind::Latest => schemars::schema_for!(prompt::Latest),
        Kind::Versions => schemars::schema_for!(catalog::Versions),
        Kind::History => schemars::schema_for!(history::History),
        Kind::Cases => schemars::schema_for!(catalog::Cases),
        Kind::Catalog => schemars::schema_for!(catalog::Catalog),
        Kind::Release => schemars::schema_for!(release::Release),
        Kind::Releases => schemars::schema_for!(pack::ReleasePack),
        Kind::Snapshot => schemars::schema_for!(release::Snapshot<AnyEntry>),
        Kind::Shards => schemars::schema_for!(release::Shards),
        Kind::VersionList => schemars::schema_for!(catalog::VersionList),
        Kind::Changes => schemars::schema_for!(event::Changes),
        Kind::Bundle => schemars::schema_for!(catalog::Bundle),
        Kind::HistoryMonth => schemars::schema_for!(history::HistoryMonth),
        Kind::Search => schemars::schema_for!(search::SearchShard),
        Kind::Registry => schemars::schema_for!(catalog::Registry),
        Kind::Policy => schemars::schema_for!(policy::Policy),
    };
    without_null(schema.as_object_mut());
    schema.insert("$id".to_owned(), format!("urn:promptdex:format-1:{kind}").into());
    schema.insert("title".to_owned(), format!("promptdex {kind} document, format 1").into());
    if let Some(field) = schema.pointer_mut("/properties/kind") {
        *field =
            serde_json::json!({"const": kind.as_str(), "description": "The kind of the document."});
    }
    if let Some(definitions) = schema.get_mut("$defs").and_then(serde_json::Value::as_object_mut) {
        definitions.remove("Kind");
    }
    schema.as_object_mut().into_iter().for_each(say_since);
    schema
}

/// Says of every field since which minor state of the format there are documents with it: 1 for those that the format
/// began with.
#[cfg(feature = "schema")]
fn say_since(object: &mut serde_json::Map<String, serde_json::Value>) {
    use serde_json::Value;

    for (key, value) in object {
        match value {
            // Comments of the types are wrapped.
            Value::String(text) if key == "description" => *text = text.replace('\n', " "),
            // A map of fields, one of which may have that name, too.
            Value::Object(fields) if key == "properties" => {
                for field in fields.values_mut() {
                    // A field that can have any value.
                    if *field == Value::Bool(true) {
                        *field = serde_json::json!({});
                    }
                    if let Value::Object(field) = field {
                        field.entry("since").or_insert(1.into());
                        say_since(field);
                    }
                }
            }
            Value::Object(inner) if key != "examples" => say_since(inner),
            Value::Array(values) if key != "examples" => {
                values.iter_mut().filter_map(Value::as_object_mut).for_each(say_since);
            }
            _ => {}
        }
    }
}

/// Removes `null` wherever it is an alternative: an absent field is left out, never null.
#[cfg(feature = "schema")]
fn without_null(object: Option<&mut serde_json::Map<String, serde_json::Value>>) {
    use serde_json::Value;

    fn clean(value: &mut Value) {
        match value {
            Value::Object(object) => without_null(Some(object)),
            Value::Array(values) => values.iter_mut().for_each(clean),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    let Some(object) = object else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let null = serde_json::json!({"type": "null"});
    if let Some(Value::Array(alternatives)) = object.get_mut("anyOf")
        && alternatives.contains(&null)
    {
        alternatives.retain(|alternative| *alternative != null);
        if let [Value::Object(only)] = alternatives.as_mut_slice() {
            let only = std::mem::take(only);
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
    object.values_mut().for_each(clean);
}
