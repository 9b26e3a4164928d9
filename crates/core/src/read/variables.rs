//! `variables`: the list, or the short map from name to type.

use promptdex_template::JsonValue;
use promptdex_wire::Variable;

use super::fields::{Fields, Spanned, word, wrong_type};
use super::value_limits::{Extent, TYPES, ValueLimits, check_limits, read_type};
use crate::diagnostic::Diagnostic;
use crate::model::DeclaredVariable;
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(super) fn read(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Vec<DeclaredVariable> {
    let mut variables: Vec<DeclaredVariable> = Vec::new();
    match &node.value {
        Value::Sequence(nodes) => {
            for node in nodes {
                if let Some(variable) = read_one(source, node, findings) {
                    push(source, variable, &mut variables, findings);
                }
            }
        }
        Value::Mapping(entries) => {
            for (key, node) in entries {
                let Some(text) = node.as_str() else {
                    findings.push(wrong_type(source, node, "each variable requires a type"));
                    continue;
                };
                let text = Spanned { value: text.to_owned(), range: node.range.clone() };
                let Some(kind) = word(source, &text, &TYPES, findings) else { continue };
                let variable = Variable {
                    name: key.text.clone(),
                    kind,
                    description: None,
                    required: true,
                    default: None,
                    allowed: None,
                    min_length: None,
                    max_length: None,
                    minimum: None,
                    maximum: None,
                    items: None,
                    properties: None,
                    sensitive: false,
                };
                let declared = DeclaredVariable { variable, range: key.range.clone() };
                push(source, declared, &mut variables, findings);
            }
        }
        _ => findings.push(wrong_type(
            source,
            node,
            "`variables` must be a list, or a map from name to type",
        )),
    }
    variables
}

/// Adds a variable whose name is legal and new.
fn push(
    source: &SourceFile,
    declared: DeclaredVariable,
    variables: &mut Vec<DeclaredVariable>,
    findings: &mut Vec<Diagnostic>,
) {
    let name = &declared.variable.name;
    let report = |message: String, help: &str| {
        Diagnostic::at(&rules::INVALID_VARIABLE, source, declared.range.clone(), message).help(help)
    };
    if !promptdex_template::is_name(name) || name.len() > 128 {
        findings.push(report(
            format!("`{name}` is not a valid variable name"),
            "begin with a letter or `_`, and use only letters, digits and `_`",
        ));
    } else if KEYWORDS.contains(&name.as_str()) {
        findings.push(report(
            format!("`{name}` is a reserved word of the template language"),
            "choose a different name",
        ));
    } else if variables.iter().any(|other| other.variable.name == *name) {
        findings
            .push(report(format!("duplicate variable `{name}`"), "keep one of the declarations"));
    } else {
        variables.push(declared);
    }
}

/// Words that templates cannot use as variables.
const KEYWORDS: [&str; 16] = [
    "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else",
    "loop", "self", "range",
];

fn read_one(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<DeclaredVariable> {
    let mut fields = Fields::new(source, node, "a variable", findings)?;
    let name = fields.text("name", findings);
    let kind = read_type(&mut fields, findings);
    let description = fields.text("description", findings).map(|text| text.value);
    let required = fields.boolean("required", findings);
    let default = fields.node("default");
    let limits = ValueLimits::read(&mut fields, &mut Extent::default(), findings);
    let sensitive = fields.boolean("sensitive", findings).unwrap_or(false);
    if name.is_none() && fields.key_range("name").is_none() {
        fields.missing("name", findings, "add a `name` to the variable");
    }
    if let (Some(true), Some(default)) = (required, default) {
        findings.push(
            Diagnostic::at(
                &rules::INVALID_VARIABLE,
                source,
                default.range.clone(),
                "a required variable must not have a default",
            )
            .help("remove `required: true` or the default"),
        );
    }
    fields.finish(findings);
    let name = name?;
    let variable = Variable {
        name: name.value,
        kind: kind?,
        description,
        required: required.unwrap_or(default.is_none()),
        default: default.filter(|node| node.value != Value::Null).map(Node::to_json),
        allowed: limits.allowed,
        min_length: limits.min_length,
        max_length: limits.max_length,
        minimum: limits.minimum,
        maximum: limits.maximum,
        items: limits.items,
        properties: limits.properties,
        sensitive,
    };
    let start = name.range.start + usize::from(source.text()[name.range].starts_with(['"', '\'']));
    let declared = DeclaredVariable { range: start..start + variable.name.len(), variable };
    check_shape(source, &declared, default, findings);
    Some(declared)
}

/// Finds limits that do not fit the type or each other, and a default that does not fit the limits.
fn check_shape(
    source: &SourceFile,
    declared: &DeclaredVariable,
    default: Option<&Node>,
    findings: &mut Vec<Diagnostic>,
) {
    let variable = &declared.variable;
    let name = &variable.name;
    let mut report = |message: String, help: &str| {
        findings.push(
            Diagnostic::at(&rules::INVALID_VARIABLE, source, declared.range.clone(), message)
                .help(help),
        );
    };
    check_limits(name, variable.shape(), &mut report);
    if let Some(node) = default
        && let Some(default) = &variable.default
        && let Err(problem) =
            promptdex_template::value::check(&JsonValue::of(default), &variable.shape())
    {
        findings.push(
            Diagnostic::at(
                &rules::INVALID_VARIABLE,
                source,
                node.range.clone(),
                format!("the default of `{name}` {problem}"),
            )
            .help("change the default or the variable's declaration"),
        );
    }
}
