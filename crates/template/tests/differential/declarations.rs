//! Declarations of variables that allow the values which are passed.

use promptdex_wire::Variable;
use serde_json::{Value as Json, json};

/// Returns a declaration of each value in a JSON text.
pub(crate) fn of(values: &str) -> Vec<Variable> {
    let values: Json = serde_json::from_str(values).unwrap();
    let values = values.as_object().unwrap().iter();
    let declared: Vec<Json> = values
        .filter_map(|(name, value)| {
            let mut declared = shape(value)?;
            declared["name"] = json!(name);
            declared["required"] = json!(true);
            Some(declared)
        })
        .collect();
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
        Json::Object(_) => json!({ "type": "object" }),
        Json::Array(items) => {
            let mut shapes: Vec<Option<Json>> = items.iter().map(shape).collect();
            shapes.dedup();
            match shapes.as_slice() {
                [Some(items)] => json!({ "type": "array", "items": items }),
                _ => json!({ "type": "array" }),
            }
        }
    })
}
