//! Compares JSON Schemas structurally: whether every value that the new one allows was allowed by the old
//! one. The effect of a change in an unknown keyword cannot be determined.

use serde_json::{Map, Value};

use crate::value::{sorted, sorted_keys};

/// Keywords that do not restrict values.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "examples",
    "default",
    "$schema",
    "$id",
    "$comment",
    "deprecated",
    "readOnly",
];

/// Keywords that are compared here; the others must stay the same.
const COMPARED: [&str; 15] = [
    "type",
    "properties",
    "required",
    "enum",
    "items",
    "additionalProperties",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "const",
];

/// Schemas are compared this deep; deeper ones must be the same.
const MAX_DEPTH: usize = 32;

/// Returns what a value of `new` may be that one of `old` could not: each follows its subject in a
/// sentence. Nothing is returned when `new` only narrows `old`.
pub fn widenings(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(old, new, &mut Vec::new(), &mut found);
    found
}

/// Returns the properties that `new` names and `old` did not, where more were allowed.
pub fn additions(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let [known, named] =
        [old, new].map(|schema| schema.get("properties").and_then(Value::as_object));
    if let Some(named) = named
        && old.get("additionalProperties") != Some(&Value::Bool(false))
    {
        let is_new = |name: &str| known.is_none_or(|known| !known.contains_key(name));
        let added = sorted(named).into_iter().filter(|(name, _)| is_new(name));
        found.extend(added.map(|(name, _)| format!("names `{name}` as well")));
    }
    found
}

fn compare(old: &Value, new: &Value, path: &mut Vec<String>, found: &mut Vec<String>) {
    if old == new || *old == Value::Bool(true) || *new == Value::Bool(false) {
        return;
    }
    let place = if path.is_empty() { String::new() } else { format!(" at `{}`", path.join(".")) };
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        // Any object schema is narrower than `true`, and an empty one is `true`.
        if !(old.as_object().is_some_and(Map::is_empty)) {
            found.push(format!("may be anything{place}"));
        }
        return;
    };
    if path.len() > MAX_DEPTH {
        found.push(format!("is too deeply nested to compare{place}"));
        return;
    }
    compare_types(before, after, &place, found);
    compare_values(before, after, &place, found);
    compare_bounds(before, after, &place, found);
    compare_properties(before, after, path, found);
    if let Some(old_items) = before.get("items") {
        path.push("[]".to_owned());
        compare(old_items, after.get("items").unwrap_or(&Value::Bool(true)), path, found);
        path.pop();
    }
    for keyword in sorted_keys(before, after) {
        let understood =
            ANNOTATIONS.contains(&keyword.as_str()) || COMPARED.contains(&keyword.as_str());
        if !understood && before.get(keyword) != after.get(keyword) {
            found.push(format!("changed in `{keyword}`{place}, which cannot be compared"));
        }
    }
}

fn compare_types(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    let types = |schema: &Map<String, Value>| -> Option<Vec<String>> {
        match schema.get("type")? {
            Value::String(name) => Some(vec![name.clone()]),
            Value::Array(names) => {
                Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            _ => None,
        }
    };
    let Some(before) = types(old) else { return };
    let Some(after) = types(new) else {
        // Listed values are narrower than any type.
        if !new.contains_key("enum") && !new.contains_key("const") {
            found.push(format!("may have any type{place}"));
        }
        return;
    };
    for name in after {
        let covered = before.contains(&name)
            || (name == "integer" && before.iter().any(|known| known == "number"));
        if !covered {
            found.push(format!("may have the type `{name}`{place}"));
        }
    }
}

fn compare_values(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    let values = |schema: &Map<String, Value>| -> Option<Vec<Value>> {
        let listed = schema.get("enum").and_then(Value::as_array).cloned();
        schema.get("const").map(|value| vec![value.clone()]).or(listed)
    };
    let Some(before) = values(old) else { return };
    match values(new) {
        None => found.push(format!("may have any value{place}")),
        Some(after) => {
            let added: Vec<String> = after
                .iter()
                .filter(|value| !before.contains(value))
                .map(Value::to_string)
                .collect();
            if !added.is_empty() {
                found.push(format!("may be {}{place}", added.join(", ")));
            }
        }
    }
}

fn compare_bounds(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    for keyword in [
        "minimum",
        "exclusiveMinimum",
        "minLength",
        "minItems",
        "maximum",
        "exclusiveMaximum",
        "maxLength",
        "maxItems",
    ] {
        let Some(before) = old.get(keyword).and_then(Value::as_f64) else { continue };
        let is_lower = keyword.to_ascii_lowercase().contains("min");
        let narrower = new
            .get(keyword)
            .and_then(Value::as_f64)
            .is_some_and(|after| if is_lower { after >= before } else { after <= before });
        if !narrower {
            found.push(format!("has a looser `{keyword}`{place}"));
        }
    }
}

fn compare_properties(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<String>,
) {
    let empty = Map::new();
    let properties = |schema: &'_ Map<String, Value>| {
        schema.get("properties").and_then(Value::as_object).cloned()
    };
    let (before, after) =
        (properties(old).unwrap_or_else(|| empty.clone()), properties(new).unwrap_or(empty));
    let required = |schema: &Map<String, Value>| -> Vec<String> {
        let names =
            schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let place = if path.is_empty() { String::new() } else { format!(" at `{}`", path.join(".")) };
    let still_required = required(new);
    for name in required(old).into_iter().filter(|name| !still_required.contains(name)) {
        found.push(format!("may omit `{name}`{place}"));
    }
    let open = Value::Bool(true);
    let rest = |schema: &'_ Map<String, Value>| {
        schema.get("additionalProperties").unwrap_or(&open).clone()
    };
    let (old_rest, new_rest) = (rest(old), rest(new));
    for (name, schema) in &after {
        path.push(name.clone());
        match before.get(name) {
            Some(known) => compare(known, schema, path, found),
            None if old_rest == Value::Bool(false) => {
                found.push(format!("may have `{}`", path.join(".")));
            }
            None => compare(&old_rest, schema, path, found),
        }
        path.pop();
    }
    // A property that is no longer named may be whatever the rest may be.
    for (name, schema) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        path.push(name.clone());
        compare(schema, &new_rest, path, found);
        path.pop();
    }
    let says_rest =
        old.contains_key("additionalProperties") || new.contains_key("additionalProperties");
    if says_rest {
        path.push("*".to_owned());
        if old_rest == Value::Bool(false) && new_rest != Value::Bool(false) {
            found.push(format!("may have properties that are not named{place}"));
        } else {
            compare(&old_rest, &new_rest, path, found);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn widens(old: &Value, new: &Value, expected: &[&str]) {
        assert_eq!(widenings(old, new), expected);
    }

    #[test]
    fn narrowing_is_not_widening() {
        for (wide, narrow) in [
            (json!({}), json!({"type": "string"})),
            (json!(true), json!({"type": "string"})),
            (json!({"type": ["string", "null"]}), json!({"type": "string"})),
            (json!({"type": "number"}), json!({"type": "integer", "minimum": 0})),
            (json!({"enum": ["a", "b"]}), json!({"const": "a"})),
            (json!({"type": "string"}), json!({"enum": ["a"], "type": "string"})),
            (
                json!({"type": "array", "items": {"type": "number"}}),
                json!({"type": "array", "items": {"type": "integer"}, "maxItems": 3}),
            ),
            (
                json!({"properties": {"a": {}}}),
                json!({"properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}),
            ),
            (json!({"minimum": 0, "maxLength": 9}), json!({"minimum": 1, "maxLength": 8})),
            (json!({"description": "a", "title": "b"}), json!({"description": "c"})),
        ] {
            widens(&wide, &narrow, &[]);
            widens(&narrow, &narrow, &[]);
        }
    }

    #[test]
    fn every_widening_is_named_with_its_place() {
        let object = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        widens(
            &object(json!({"a": {"enum": [1]}, "b": {"type": "string"}}), json!(["a"])),
            &object(json!({"a": {"enum": [1, 2]}, "c": {}}), json!([])),
            &["may omit `a`", "may be 2 at `a`", "may have `c`"],
        );
        widens(&json!({"type": "string"}), &json!({}), &["may have any type"]);
        widens(&json!({"type": "string"}), &json!(true), &["may be anything"]);
        widens(
            &json!({"additionalProperties": false}),
            &json!({}),
            &["may have properties that are not named"],
        );
        widens(
            &json!({"items": {"minLength": 2}}),
            &json!({"items": {"minLength": 1}}),
            &["has a looser `minLength` at `[]`"],
        );
        widens(
            &json!({"pattern": "a"}),
            &json!({"pattern": "b"}),
            &["changed in `pattern`, which cannot be compared"],
        );
        widens(
            &json!({"properties": {"a": {"$ref": "#/x"}}}),
            &json!({"properties": {"a": {"$ref": "#/y"}}}),
            &["changed in `$ref` at `a`, which cannot be compared"],
        );
    }
}
