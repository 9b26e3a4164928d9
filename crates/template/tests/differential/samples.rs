//! Values made from declarations, as `check` renders a version with: all variables, and one after the other
//! changed.

use promptdex_template::{JsonValue, Values};
use promptdex_wire::Variable;
use promptdex_wire::variables::{Member, Shape, Type};

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

/// Returns values of the declared types beside those that are given: numbers without fractions, longer lists, other
/// texts, and one or two variables with another value.
pub(crate) fn beside(given: &Values, declared: &[Variable]) -> impl Iterator<Item = Values> {
    let all = |change: &dyn Fn(&JsonValue) -> JsonValue| -> Values {
        given.iter().map(|(name, value)| (name.to_owned(), change(value))).collect()
    };
    let texts = ["", "ab", "%s", "1"].map(|text| all(&|value| with_text(value, text)));
    let changed = [all(&without_fractions), all(&lengthened)].into_iter().chain(texts);
    let mut single: Vec<(String, JsonValue)> = Vec::new();
    for variable in declared {
        let shape = variable.shape();
        let values = std::iter::once(usual(&shape)).chain(others(&shape));
        single.extend(values.map(|value| (variable.name.clone(), value)));
    }
    let given = given.clone();
    let pairs = (0..single.len()).flat_map(|first| (0..=first).map(move |second| (first, second)));
    let pairs = pairs.map(move |(first, second)| {
        let changed = [&single[first], &single[second]];
        let kept = given.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        let kept = kept.map(|(name, value)| (name.to_owned(), value.clone()));
        kept.chain(changed.into_iter().cloned()).collect::<Values>()
    });
    changed.chain(pairs)
}

/// Puts a text in place of every text.
fn with_text(value: &JsonValue, text: &str) -> JsonValue {
    match value {
        JsonValue::Text(_) => JsonValue::Text(text.to_owned()),
        JsonValue::Array(items) => {
            JsonValue::Array(items.iter().map(|item| with_text(item, text)).collect())
        }
        other => other.clone(),
    }
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
        Type::Object => {
            let properties = shape.properties.map(|properties| &properties.0);
            let property =
                |(name, member): &(String, Member)| (name.clone(), usual(&member.shape()));
            JsonValue::Object(properties.into_iter().flatten().map(property).collect())
        }
        _ => JsonValue::Text("text".to_owned()),
    }
}

fn others(shape: &Shape<'_>) -> Vec<JsonValue> {
    match shape.kind {
        Type::Boolean => vec![JsonValue::Boolean(false)],
        Type::Integer => vec![JsonValue::Integer(0), JsonValue::Integer(2)],
        Type::Number => vec![JsonValue::Integer(0), JsonValue::Integer(2), JsonValue::Float(0.5)],
        Type::Array => {
            let two = shape.items.map_or_else(Vec::new, |items| vec![usual(&items.shape()); 2]);
            vec![JsonValue::Array(Vec::new()), JsonValue::Array(two)]
        }
        Type::Object => Vec::new(),
        _ => vec![JsonValue::Text(String::new())],
    }
}
