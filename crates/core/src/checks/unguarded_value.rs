//! `unguarded-value`: values that the declarations allow, and that cannot be rendered.
//!
//! The version is rendered with values made from its declarations, always the same ones. What fails with one
//! of them and not with the others is told with the call, so that it does not surprise an app.

use std::collections::BTreeSet;

use promptdex_template::conversation::{Conversation, MessageError, MessageText, complete};
use promptdex_template::{ErrorKind, IncludedTexts, JsonValue, Template, Values};
use promptdex_wire::Variable;
use promptdex_wire::variables::{Shape, Type};

use super::context::VersionContext;
use super::template_syntax;
use crate::diagnostic::Diagnostic;
use crate::model::TemplateSlot;
use crate::rules;

/// A version is rendered so many times at most.
const MAX_RENDERINGS: usize = 64;

pub(super) fn check(
    context: &VersionContext<'_>,
    conversation: Conversation<'_>,
    includes: &IncludedTexts<'_>,
    variables: &[Variable],
    findings: &mut Vec<Diagnostic>,
) {
    if variables.is_empty() {
        return;
    }
    let parsed = |message: usize, text: MessageText| -> Option<&Template<'_>> {
        let slot = TemplateSlot { message, text };
        context
            .templates
            .iter()
            .find(|(source, _)| source.slot == slot)
            .map(|(_, template)| template)
    };
    let render = |given: &Values| -> Option<MessageError> {
        let (values, problems) = complete(variables, given);
        if !problems.is_empty() {
            return None;
        }
        let failed = conversation.render_parsed(&values, includes, &parsed).err()?;
        // A template that gives up by itself, and one that is too large, say nothing about guards.
        let is_told = matches!(
            failed.error.kind,
            ErrorKind::Undefined | ErrorKind::Value | ErrorKind::Unsupported
        );
        is_told.then_some(failed)
    };
    let usual: Values = variables
        .iter()
        .map(|variable| (variable.name.clone(), sample(&variable.shape())))
        .collect();
    let is_known = variables.iter().all(|variable| is_known(&variable.shape()));
    let mut told: BTreeSet<(usize, usize, String)> = BTreeSet::new();
    let mut tell = |failed: MessageError, call: String, findings: &mut Vec<Diagnostic>| {
        let key = (failed.message, failed.error.range.start, failed.error.message.clone());
        if !told.insert(key) {
            return;
        }
        let slot = TemplateSlot { message: failed.message, text: failed.text };
        let source = context.source.templates.iter().find(|source| source.slot == slot);
        let (Some(source), None) = (source, &failed.error.inside) else { return };
        let rule = &rules::UNGUARDED_VALUE;
        findings.push(Diagnostic {
            message: format!("with {call}, {}", failed.error.message),
            rule,
            severity: rule.severity,
            ..template_syntax::finding(source, &failed.error)
        });
    };
    match render(&usual) {
        None => {}
        Some(failed) if is_known => {
            tell(failed, "a value for every variable".to_owned(), findings);
            return;
        }
        // What objects and lists hold is not declared, so nothing can be said of them.
        Some(_) => return,
    }
    for (name, value) in variations(variables).into_iter().take(MAX_RENDERINGS) {
        let given: Values = usual
            .iter()
            .filter(|(known, _)| *known != name || value.is_some())
            .map(|(known, usual)| {
                let value = value.as_ref().filter(|_| known == name).unwrap_or(usual);
                (known.to_owned(), value.clone())
            })
            .collect();
        if let Some(failed) = render(&given) {
            let shown = value.map_or_else(|| "absent".to_owned(), |value| show(&value));
            tell(failed, format!("`{{\"{name}\": {shown}}}`"), findings);
        }
    }
}

/// Whether a declaration says everything about a value.
fn is_known(shape: &Shape<'_>) -> bool {
    match shape.kind {
        Type::Object => false,
        Type::Array => shape.items.is_some_and(|items| is_known(&items.shape())),
        _ => true,
    }
}

/// Returns the other values that a version is rendered with, one variable at a time.
fn variations(variables: &[Variable]) -> Vec<(&str, Option<JsonValue>)> {
    let mut variations = Vec::new();
    for variable in variables {
        let name = variable.name.as_str();
        if !variable.required && variable.default.is_none() {
            variations.push((name, None));
        }
        let shape = variable.shape();
        let allowed = shape.allowed.unwrap_or_default();
        variations.extend(allowed.iter().map(|option| (name, Some(JsonValue::of(option)))));
        if allowed.is_empty() {
            variations.extend(others(&shape).into_iter().map(|value| (name, Some(value))));
        }
    }
    variations
}

/// Returns values of a shape beside the usual one.
fn others(shape: &Shape<'_>) -> Vec<JsonValue> {
    let may_be_empty = shape.min_length.unwrap_or(0) == 0;
    match shape.kind {
        Type::String if may_be_empty => vec![JsonValue::Text(String::new())],
        Type::Array if may_be_empty => vec![JsonValue::Array(Vec::new())],
        Type::Boolean => vec![JsonValue::Boolean(false)],
        Type::Integer | Type::Number => numbers(shape).into_iter().skip(1).collect(),
        _ => Vec::new(),
    }
}

/// Returns the numbers that a shape is tried with: its bounds, and 1, 0 and 2 as far as they are within.
fn numbers(shape: &Shape<'_>) -> Vec<JsonValue> {
    let (least, most) = (shape.minimum.map(|n| n.get()), shape.maximum.map(|n| n.get()));
    let is_within = |number: &f64| {
        least.is_none_or(|least| *number >= least) && most.is_none_or(|most| *number <= most)
    };
    let mut numbers: Vec<f64> = [1.0, 0.0, 2.0].into_iter().filter(is_within).collect();
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

/// Returns the usual value of a shape.
fn sample(shape: &Shape<'_>) -> JsonValue {
    if let Some(first) = shape.allowed.and_then(<[_]>::first) {
        return JsonValue::of(first);
    }
    let length = |usual: u64| {
        let least = shape.min_length.unwrap_or(0).max(usual);
        let length = shape.max_length.map_or(least, |most| least.min(most));
        usize::try_from(length).unwrap_or(0).min(1000)
    };
    match shape.kind {
        Type::String => JsonValue::Text("text".chars().cycle().take(length(4)).collect()),
        Type::Image | Type::File | Type::Audio => {
            JsonValue::Text("https://example.com/file".to_owned())
        }
        Type::Boolean => JsonValue::Boolean(true),
        Type::Integer | Type::Number => numbers(shape).swap_remove(0),
        Type::Array => {
            let item = match shape.items {
                Some(items) => sample(&items.shape()),
                None => return JsonValue::Array(Vec::new()),
            };
            JsonValue::Array(vec![item; length(1)])
        }
        Type::Object => JsonValue::Object(Vec::new()),
    }
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
        JsonValue::Object(_) => "{}".to_owned(),
    }
}
