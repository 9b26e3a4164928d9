//! `unguarded-value`: values that the declarations allow, and that cannot be rendered.
//!
//! The version is rendered with values made from its declarations, always the same ones. What fails with one
//! of them and not with the others is told with the call, so that it does not surprise an app.

use std::collections::BTreeSet;

use promptdex_template::conversation::{Conversation, MessageError, MessageText, complete};
use promptdex_template::{ErrorKind, IncludedTexts, JsonValue, Template, Values};
use promptdex_wire::Variable;

use super::context::VersionContext;
use super::sample_values::{is_known, other_values, size, usual_value};
use super::template_syntax;
use crate::diagnostic::Diagnostic;
use crate::model::TemplateSlot;
use crate::rules;

/// A version is rendered so many times at most.
const MAX_RENDERINGS: usize = 64;

/// A version whose values consist of more is not rendered: what declarations ask for has no bound.
const MAX_VALUES: usize = 10_000;

pub(super) fn check(
    context: &VersionContext<'_>,
    conversation: Conversation<'_>,
    includes: &IncludedTexts<'_>,
    variables: &[Variable],
    findings: &mut Vec<Diagnostic>,
) {
    let sizes = variables.iter().map(|variable| size(&variable.shape()));
    if variables.is_empty() || sizes.fold(0, usize::saturating_add) > MAX_VALUES {
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
        .map(|variable| (variable.name.clone(), usual_value(&variable.shape())))
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
            message: format!("rendering fails with {call}: {}", failed.error.message),
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
    for (name, shown, value) in variations(variables).take(MAX_RENDERINGS) {
        let given: Values = usual
            .iter()
            .filter(|(known, _)| *known != name || value.is_some())
            .map(|(known, usual)| {
                let value = value.as_ref().filter(|_| known == name).unwrap_or(usual);
                (known.to_owned(), value.clone())
            })
            .collect();
        if let Some(failed) = render(&given) {
            tell(failed, format!("`{{\"{name}\": {shown}}}`"), findings);
        }
    }
}

/// Returns the other values that a version is rendered with, one variable at a time: its name, what differs from
/// the usual value, and the value, if there is one.
fn variations(variables: &[Variable]) -> impl Iterator<Item = (&str, String, Option<JsonValue>)> {
    variables.iter().flat_map(|variable| {
        let name = variable.name.as_str();
        let may_be_absent = !variable.required && variable.default.is_none();
        let absent = may_be_absent.then(|| (name, "absent".to_owned(), None));
        let others = other_values(&variable.shape(), MAX_RENDERINGS);
        absent
            .into_iter()
            .chain(others.into_iter().map(move |other| (name, other.shown, Some(other.value))))
    })
}
