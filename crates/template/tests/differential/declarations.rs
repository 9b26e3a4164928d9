//! Declarations of variables that allow the values which are passed.

use promptdex_template::Template;
use promptdex_wire::Variable;
use promptdex_wire::variables::{Shape, Type};
use serde_json::{Value as Json, json};

/// Returns a declaration of each value in a JSON text, and of what a template reads besides.
pub(crate) fn of(values: &str, template: &Template<'_>) -> Vec<Variable> {
    let values: Json = serde_json::from_str(values).unwrap();
    let values = values.as_object().unwrap();
    let mut declared: Vec<Json> = values
        .iter()
        .map(|(name, value)| match shape(value) {
            Some(mut declared) => {
                declared["name"] = json!(name);
                declared["required"] = json!(true);
                declared
            }
            None => json!({ "name": name, "type": "string", "required": false }),
        })
        .collect();
    let mut absent: Vec<String> = template.uses().iter().map(|used| used.path[0].clone()).collect();
    absent.sort();
    absent.dedup();
    absent.retain(|name| !values.contains_key(name));
    declared.extend(absent.iter().map(|name| {
        let kind = match name.as_str() {
            "n" | "m" | "i" | "j" => json!({ "type": "integer" }),
            "w" | "e" => json!({ "type": "array", "items": { "type": "string" } }),
            _ => json!({ "type": "string" }),
        };
        let mut declared = kind;
        declared["name"] = json!(name);
        declared["required"] = json!(false);
        declared
    }));
    serde_json::from_value(Json::Array(declared)).unwrap()
}

/// Returns the type of a value, unless it is null.
fn shape(value: &Json) -> Option<Json> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(_) => json!({ "type": "boolean" }),
        Json::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Json::Number(_) => json!({ "type": "integer" }),
        Json::String(_) => json!({ "type": "string" }),
        Json::Object(entries) => {
            let property = |(name, value): (&String, &Json)| match shape(value) {
                Some(mut declared) => {
                    declared["required"] = json!(true);
                    (name.clone(), declared)
                }
                None => (name.clone(), json!({ "type": "string" })),
            };
            let properties: serde_json::Map<String, Json> = entries.iter().map(property).collect();
            json!({ "type": "object", "properties": properties })
        }
        Json::Array(items) => {
            let number = json!({ "type": "number" });
            let mut shapes: Vec<Option<Json>> = items.iter().map(shape).collect();
            if items.iter().all(Json::is_number) && shapes.contains(&Some(number.clone())) {
                shapes = vec![Some(number)];
            }
            shapes.dedup();
            match shapes.as_slice() {
                // What nothing contradicts.
                [] => json!({ "type": "array", "items": { "type": "string" } }),
                [Some(items)] => json!({ "type": "array", "items": items }),
                _ => json!({ "type": "array" }),
            }
        }
    })
}

/// Whether the declarations say everything about the values that a template reads.
pub(crate) fn are_complete(declared: &[Variable], template: &Template<'_>) -> bool {
    template.uses().iter().all(|used| {
        let declared = declared.iter().find(|variable| variable.name == used.path[0]);
        declared.is_some_and(|variable| is_complete(&variable.shape()))
    })
}

fn is_complete(shape: &Shape<'_>) -> bool {
    match shape.kind {
        Type::Object => shape.properties.is_some_and(|properties| {
            properties.0.iter().all(|(_, member)| is_complete(&member.shape()))
        }),
        Type::Array => shape.items.is_some_and(|items| is_complete(&items.shape())),
        _ => true,
    }
}
