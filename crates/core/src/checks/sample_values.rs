//! The values that a version is rendered with: made from its declarations, always the same ones.

use promptdex_template::JsonValue;
use promptdex_wire::variables::{Member, Properties, Shape, Type};

/// A value beside the usual one.
pub(super) struct OtherValue {
    pub(super) value: JsonValue,
    /// What differs from the usual value, as an app would write it: `{"nickname": absent}`.
    pub(super) shown: String,
}

/// Whether a declaration says everything about a value.
pub(super) fn is_known(shape: &Shape<'_>) -> bool {
    match shape.kind {
        Type::Object => shape.properties.is_some_and(|Properties(properties)| {
            properties.iter().all(|(_, property)| is_known(&property.shape()))
        }),
        Type::Array => shape.items.is_some_and(|items| is_known(&items.shape())),
        _ => true,
    }
}

/// Counts the values that the usual value of a shape consists of, which is made only if they are not too many:
/// a declaration can ask for long lists of long lists.
pub(super) fn size(shape: &Shape<'_>) -> usize {
    let inner = match shape.kind {
        Type::String => length(shape, 4) / 16,
        Type::Array => {
            shape.items.map_or(0, |items| length(shape, 1).saturating_mul(size(&items.shape())))
        }
        Type::Object => properties(shape)
            .map(|(_, property)| size(&property.shape()))
            .fold(0, usize::saturating_add),
        _ => 0,
    };
    inner.saturating_add(1)
}

/// Returns the usual value of a shape: with all of its keys, and lists of one item.
pub(super) fn usual_value(shape: &Shape<'_>) -> JsonValue {
    if let Some(first) = shape.allowed.and_then(<[_]>::first) {
        return JsonValue::of(first);
    }
    match shape.kind {
        Type::String => JsonValue::Text("text".chars().cycle().take(length(shape, 4)).collect()),
        Type::Image | Type::File | Type::Audio => {
            JsonValue::Text("https://example.com/file".to_owned())
        }
        Type::Boolean => JsonValue::Boolean(true),
        Type::Integer | Type::Number => numbers(shape).swap_remove(0),
        Type::Array => JsonValue::Array(match shape.items {
            Some(items) => vec![usual_value(&items.shape()); length(shape, 1)],
            None => Vec::new(),
        }),
        Type::Object => {
            let entry = |(name, property): (&str, &Member)| {
                (name.to_owned(), usual_value(&property.shape()))
            };
            JsonValue::Object(properties(shape).map(entry).collect())
        }
    }
}

/// Returns values of a shape beside the usual one, each of which differs from it in one place; and an object
/// with its required keys alone.
pub(super) fn other_values(shape: &Shape<'_>, limit: usize) -> Vec<OtherValue> {
    let plain = |value: JsonValue| OtherValue { shown: show(&value), value };
    if let Some([_usual, others @ ..]) = shape.allowed {
        return others.iter().take(limit).map(|option| plain(JsonValue::of(option))).collect();
    }
    let may_be_empty = shape.min_length.unwrap_or(0) == 0;
    let mut others: Vec<OtherValue> = match shape.kind {
        Type::String if may_be_empty => vec![plain(JsonValue::Text(String::new()))],
        Type::Boolean => vec![plain(JsonValue::Boolean(false))],
        Type::Integer | Type::Number => numbers(shape).into_iter().skip(1).map(plain).collect(),
        Type::Array => other_lists(shape, limit),
        Type::Object => other_objects(shape, limit),
        _ => Vec::new(),
    };
    others.truncate(limit);
    others
}

fn other_lists(shape: &Shape<'_>, limit: usize) -> Vec<OtherValue> {
    let mut others = Vec::new();
    if shape.min_length.unwrap_or(0) == 0 {
        others.push(OtherValue { value: JsonValue::Array(Vec::new()), shown: "[]".to_owned() });
    }
    // Items are compared and added up only where there are two.
    if let JsonValue::Array(usual) = usual_value(shape)
        && let [item] = usual.as_slice()
        && shape.max_length.is_none_or(|most| most > 1)
    {
        let value = JsonValue::Array(vec![item.clone(), item.clone()]);
        others.push(OtherValue { shown: show(&value), value });
    }
    // What templates do with the items is most often told by the keys that these have.
    let items = shape.items.filter(|items| items.kind == Type::Object || items.allowed.is_some());
    if let Some(items) = items {
        others.extend(other_values(&items.shape(), limit).into_iter().map(|item| OtherValue {
            value: JsonValue::Array(vec![item.value; length(shape, 1)]),
            shown: format!("[{}]", item.shown),
        }));
    }
    others
}

fn other_objects(shape: &Shape<'_>, limit: usize) -> Vec<OtherValue> {
    let JsonValue::Object(usual) = usual_value(shape) else { return Vec::new() };
    let mut others: Vec<OtherValue> = Vec::new();
    for (at, (name, property)) in properties(shape).enumerate() {
        let key = serde_json::Value::from(name);
        if !property.required {
            let mut entries = usual.clone();
            entries.remove(at);
            let value = JsonValue::Object(entries);
            others.push(OtherValue { value, shown: format!("{{{key}: absent}}") });
        }
        for other in other_values(&property.shape(), limit.saturating_sub(others.len())) {
            let mut entries = usual.clone();
            entries[at].1 = other.value;
            let value = JsonValue::Object(entries);
            others.push(OtherValue { value, shown: format!("{{{key}: {}}}", other.shown) });
        }
        if others.len() >= limit {
            return others;
        }
    }
    let optional = || properties(shape).filter(|(_, property)| !property.required);
    if optional().nth(1).is_some() {
        let is_required = properties(shape).map(|(_, property)| property.required);
        let kept = usual.into_iter().zip(is_required).filter(|(_, is_required)| *is_required);
        let value = JsonValue::Object(kept.map(|(entry, _)| entry).collect());
        let mut absent: Vec<String> = optional()
            .take(5)
            .map(|(name, _)| format!("{}: absent", serde_json::Value::from(name)))
            .collect();
        if optional().nth(5).is_some() {
            absent.push("…".to_owned());
        }
        others.push(OtherValue { value, shown: format!("{{{}}}", absent.join(", ")) });
    }
    others
}

fn properties<'a>(shape: &Shape<'a>) -> impl Iterator<Item = (&'a str, &'a Member)> {
    let properties = shape.properties.into_iter().flat_map(|properties| &properties.0);
    properties.map(|(name, property)| (name.as_str(), property))
}

/// Returns a length within the limits of a shape.
fn length(shape: &Shape<'_>, usual: u64) -> usize {
    let least = shape.min_length.unwrap_or(0).max(usual);
    let length = shape.max_length.map_or(least, |most| least.min(most));
    usize::try_from(length).unwrap_or(0).min(1000)
}

/// Returns the numbers that a shape is tried with: its bounds, and 1, 0 and 2, or a half where numbers need not be
/// whole, as far as they are within.
fn numbers(shape: &Shape<'_>) -> Vec<JsonValue> {
    let (least, most) = (shape.minimum.map(|n| n.get()), shape.maximum.map(|n| n.get()));
    let is_within = |number: &f64| {
        least.is_none_or(|least| *number >= least) && most.is_none_or(|most| *number <= most)
    };
    let mut numbers: Vec<f64> = [1.0, 0.0, 2.0, 0.5].into_iter().filter(is_within).collect();
    numbers.extend([least, most].into_iter().flatten());
    let whole = |number: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and far within 64 bits")]
        if number.fract() == 0.0 && number.abs() < 1e15 {
            JsonValue::Integer(number as i64)
        } else {
            JsonValue::Float(number)
        }
    };
    let is_integer = shape.kind == Type::Integer;
    let values =
        numbers.into_iter().filter(|number| !is_integer || number.fract() == 0.0).map(whole);
    let mut distinct: Vec<JsonValue> = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    if distinct.is_empty() {
        distinct.push(JsonValue::Integer(1));
    }
    distinct
}

fn show(value: &JsonValue) -> String {
    match value {
        JsonValue::Null => "null".to_owned(),
        JsonValue::Boolean(value) => value.to_string(),
        JsonValue::Integer(number) => number.to_string(),
        JsonValue::Float(number) => number.to_string(),
        JsonValue::Text(text) => format!("{text:?}"),
        JsonValue::Array(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        JsonValue::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", serde_json::Value::from(&**key), show(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}
