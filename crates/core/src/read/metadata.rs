//! `metadata.json` and `metadata.yaml`.

use std::sync::Arc;

use promptdex_wire::json::Decimal;
use promptdex_wire::prompt::Origin;
use promptdex_wire::{Dialect, PromptName, Version};

use super::fields::{Fields, word};
use crate::diagnostic::Diagnostic;
use crate::model::Metadata;
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(super) const DIALECTS: [(&str, Dialect); 4] = [
    ("jinja", Dialect::Jinja),
    ("fstring", Dialect::Fstring),
    ("curly", Dialect::Curly),
    ("plain", Dialect::Plain),
];

/// The keys of metadata, apart from those that `prompt.yaml` has, too.
pub(super) const KEYS: [&str; 13] = [
    "name",
    "created_by",
    "created_at",
    "template",
    "variables",
    "token_budget",
    "temperature",
    "model",
    "parameters",
    "origin",
    "metadata",
    "status",
    "environment",
];

/// Reads metadata; the keys `others` belong to other readers.
pub(super) fn read(
    source: &Arc<SourceFile>,
    name: &PromptName,
    version: &Version,
    others: &[&'static str],
    findings: &mut Vec<Diagnostic>,
) -> Metadata {
    let mut metadata = Metadata { source: Some(Arc::clone(source)), ..Metadata::default() };
    let Some(node) = super::parse(source, findings) else { return metadata };
    if node.value == Value::Null {
        return metadata;
    }
    let Some(mut fields) = Fields::new(source, &node, "metadata", findings) else {
        return metadata;
    };
    check_repeated(&mut fields, name, version, findings);
    fields.leave(others);
    if !others.contains(&"description") {
        metadata.description = fields.text("description", findings).map(|text| text.value);
    }
    metadata.created_by = fields.text("created_by", findings).map(|text| text.value);
    metadata.created_at = fields.parse("created_at", findings).map(|time| time.value);
    if let Some(text) = fields.text("template", findings) {
        metadata.template = word(source, &text, &DIALECTS, findings).unwrap_or(Dialect::Plain);
    }
    if let Some(node) = fields.node("variables") {
        metadata.variables = super::variables::read(source, node, findings);
    }
    metadata.token_budget = fields.count("token_budget", findings);
    metadata.temperature =
        fields.number("temperature", findings).and_then(|number| Decimal::new(number.value));
    metadata.model = fields.text("model", findings).map(|text| text.value);
    metadata.parameters =
        fields.node("parameters").filter(|node| node.value != Value::Null).map(Node::to_json);
    if !others.contains(&"tags") {
        metadata.tags = fields.texts("tags", findings).into_iter().map(|text| text.value).collect();
    }
    metadata.origin = fields.node("origin").and_then(|node| read_origin(source, node, findings));
    metadata.metadata =
        fields.node("metadata").filter(|node| node.value != Value::Null).map(Node::to_json);
    metadata.status = fields.text("status", findings);
    metadata.environment = fields.text("environment", findings);
    fields.finish(findings);
    metadata
}

/// `name` and `version` may be repeated, and must then agree with the path.
fn check_repeated(
    fields: &mut Fields<'_>,
    name: &PromptName,
    version: &Version,
    findings: &mut Vec<Diagnostic>,
) {
    let source = fields.source;
    for (key, expected) in [("name", name.to_string()), ("version", version.to_string())] {
        let Some(node) = fields.node(key) else { continue };
        let written = match &node.value {
            Value::String(text, _) => text,
            Value::Number(number) if key == "version" => {
                findings.push(spelled_as_number(source, node, number));
                continue;
            }
            _ => {
                findings.push(super::fields::wrong_type(
                    source,
                    node,
                    &format!("`{key}` must be text"),
                ));
                continue;
            }
        };
        // A name may be repeated without its domain: folders are named after prompts.
        let agrees =
            *written == expected || (key == "name" && expected.rsplit('/').next() == Some(written));
        if !agrees {
            let message = format!("{key} `{written}` differs from `{expected}` in the path");
            findings.push(
                Diagnostic::at(&rules::NAME_MISMATCH, source, node.range.clone(), message)
                    .help(format!("write `{expected}`, or remove `{key}`")),
            );
        }
    }
}

/// Returns the version that a number is short for: `1.0` is `1.0.0`.
fn pad_version(number: &str) -> Option<Version> {
    let missing = 2usize.checked_sub(number.matches('.').count())?;
    (number.to_owned() + &".0".repeat(missing)).parse().ok()
}

/// A version that YAML and JSON read as a number would lose its zeros in other tools.
pub(super) fn spelled_as_number(source: &SourceFile, node: &Node, number: &str) -> Diagnostic {
    let help = match pad_version(number) {
        Some(version) => format!("write all three numbers: `{version}`"),
        None => "write a version, such as `1.0.0`".to_owned(),
    };
    let message = format!("version `{number}` is a number to other tools");
    Diagnostic::at(&rules::VERSION_SPELLING, source, node.range.clone(), message).help(help)
}

fn read_origin(source: &SourceFile, node: &Node, findings: &mut Vec<Diagnostic>) -> Option<Origin> {
    let mut fields = Fields::new(source, node, "`origin`", findings)?;
    let origin = Origin {
        system: fields.text("system", findings).map(|text| text.value),
        name: fields.text("name", findings).map(|text| text.value),
        version: fields.text("version", findings).map(|text| text.value),
        url: fields.text("url", findings).map(|text| text.value),
    };
    fields.finish(findings);
    (origin != Origin::default()).then_some(origin)
}
