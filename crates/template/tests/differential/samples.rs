//! Values made from declarations, as `check` renders a version with: all variables, and one after the other
//! changed.

use promptdex_template::{JsonValue, Values};
use promptdex_wire::Variable;
use promptdex_wire::variables::{Shape, Type};

/// Returns the values of each rendering.
pub(crate) fn of(declared: &[Variable]) -> Vec<Values> {
    let usual: Vec<(&str, JsonValue)> = declared
        .iter()
        .map(|variable| (variable.name.as_str(), usual(&variable.shape())))
        .collect();
    let all = |changed: Option<(&str, Option<JsonValue>)>| -> Values {
        let values = usual.iter().filter_map(|(name, value)| match &changed {
            Some((other, value)) if other == name => Some((*name, value.clone()?)),
            _ => Some((*name, value.clone())),
        });
        values.map(|(name, value)| (name.to_owned(), value)).collect()
    };
    let mut samples = vec![all(None)];
    for variable in declared {
        let name = variable.name.as_str();
        if !variable.required {
            samples.push(all(Some((name, None))));
        }
        samples.extend(
            others(&variable.shape()).into_iter().map(|value| all(Some((name, Some(value))))),
        );
    }
    samples
}

/// Returns values of the declared types beside those that are given: one variable after the other has another one,
/// and numbers lose their fractions.
pub(crate) fn beside(given: &Values, declared: &[Variable]) -> Vec<Values> {
    let whole: Values =
        given.iter().map(|(name, value)| (name.to_owned(), without_fractions(value))).collect();
    let long: Values =
        given.iter().map(|(name, value)| (name.to_owned(), lengthened(value))).collect();
    let mut found = vec![whole, long];
    for variable in declared {
        let shape = variable.shape();
        let values = std::iter::once(usual(&shape)).chain(others(&shape));
        found.extend(values.map(|value| {
            let others = given.iter().filter(|(name, _)| *name != variable.name);
            let others = others.map(|(name, value)| (name.to_owned(), value.clone()));
            others.chain([(variable.name.clone(), value)]).collect::<Values>()
        }));
    }
    found
}

fn without_fractions(value: &JsonValue) -> JsonValue {
    match value {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is too large becomes the largest"
        )]
        JsonValue::Float(number) => JsonValue::Integer((*number as i64).clamp(-100, 100)),
        JsonValue::Array(items) => JsonValue::Array(items.iter().map(without_fractions).collect()),
        other => other.clone(),
    }
}

/// Repeats the items of lists, so that there are more of them than templates ask for.
fn lengthened(value: &JsonValue) -> JsonValue {
    match value {
        JsonValue::Array(items) if !items.is_empty() => {
            JsonValue::Array(items.iter().cycle().take(items.len() + 12).cloned().collect())
        }
        other => other.clone(),
    }
}

fn usual(shape: &Shape<'_>) -> JsonValue {
    match shape.kind {
        Type::Boolean => JsonValue::Boolean(true),
        Type::Integer | Type::Number => JsonValue::Integer(1),
        Type::Array => {
            let items = shape.items.map(|items| usual(&items.shape()));
            JsonValue::Array(items.into_iter().collect())
        }
        Type::Object => JsonValue::Object(Vec::new()),
        _ => JsonValue::Text("text".to_owned()),
    }
}

fn others(shape: &Shape<'_>) -> Vec<JsonValue> {
    match shape.kind {
        Type::Boolean => vec![JsonValue::Boolean(false)],
        Type::Integer | Type::Number => vec![JsonValue::Integer(0), JsonValue::Integer(2)],
        Type::Array => vec![JsonValue::Array(Vec::new())],
        Type::Object => Vec::new(),
        _ => vec![JsonValue::Text(String::new())],
    }
}
