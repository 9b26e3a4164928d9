//! Compares what is not text: settings and variables as tables of fields, by what their values mean.

use promptdex_wire::variables::{Member, Shape, key_path};
use promptdex_wire::{Json, Variable, VersionDocument};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::ContractEffect;
use crate::value::{compact, read, sorted};

/// Whether something named was added, removed or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The second version has it, the first does not.
    Added,
    /// The first version has it, the second does not.
    Removed,
    /// Both have it, and it differs.
    Changed,
}

impl ChangeKind {
    /// Returns what happened to something, or nothing if neither version has it.
    pub(crate) fn of<T>(before: Option<&T>, after: Option<&T>) -> Option<Self> {
        match (before, after) {
            (None, None) => None,
            (None, Some(_)) => Some(Self::Added),
            (Some(_), None) => Some(Self::Removed),
            (Some(_), Some(_)) => Some(Self::Changed),
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Where it is, such as `model` or `parameters.stop`. Items of lists count from 0; tools go by
    /// their names: `tools.lookup.description`.
    pub field: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Its value in the first version: JSON on one line inside free JSON, else plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Its value in the second version; absent where the version does not set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A variable that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableDiff {
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Its attributes that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Setting>,
    /// The effects on callers of the first version that get the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forward: Vec<ContractEffect>,
    /// The effects on callers of the second version that get the first: a rollback.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backward: Vec<ContractEffect>,
}

/// Compares everything of two versions but their texts, their variables and who made them when.
pub fn compare_settings(a: &VersionDocument, b: &VersionDocument) -> Vec<Setting> {
    let mut rows = Vec::new();
    let texts = |document: &VersionDocument| {
        let origin = document.origin.clone().unwrap_or_default();
        [
            ("description", document.description.clone()),
            ("template", Some(document.template.as_str().to_owned())),
            ("model", document.model.clone()),
            ("temperature", document.temperature.map(|number| number.get().to_string())),
            ("token_budget", document.token_budget.map(|tokens| tokens.to_string())),
            ("origin.system", origin.system),
            ("origin.name", origin.name),
            ("origin.version", origin.version),
            ("origin.url", origin.url),
        ]
    };
    for ((field, before), (_, after)) in texts(a).into_iter().zip(texts(b)) {
        push(&mut rows, field, before, after);
    }
    let values = |document: &VersionDocument| {
        let list = |items: &Vec<Json>| Value::Array(items.iter().map(read).collect());
        [
            ("parameters", document.parameters.as_ref().map(read)),
            ("response_schema", document.response_schema.as_ref().map(read)),
            ("examples", document.examples.as_ref().map(list)),
            ("metadata", document.metadata.as_ref().map(read)),
        ]
    };
    for ((field, before), (_, after)) in values(a).into_iter().zip(values(b)) {
        compare_values(&mut rows, field, before.as_ref(), after.as_ref());
    }
    let [before, after] = [a, b].map(|document| document.tools.as_ref().map(read));
    compare_tools(&mut rows, before.as_ref(), after.as_ref());
    for tag in a.tags.iter().filter(|tag| !b.tags.contains(tag)) {
        push(&mut rows, "tags", Some(tag.clone()), None);
    }
    for tag in b.tags.iter().filter(|tag| !a.tags.contains(tag)) {
        push(&mut rows, "tags", None, Some(tag.clone()));
    }
    rows
}

/// Compares the variables of two versions. `forward` and `backward` are the effects of the change and
/// of its rollback; each row gets those of its variable.
pub fn compare_variables(
    a: &[Variable],
    b: &[Variable],
    forward: &[ContractEffect],
    backward: &[ContractEffect],
) -> Vec<VariableDiff> {
    let find = |variables: &'_ [Variable], name: &str| {
        variables.iter().position(|variable| variable.name == name)
    };
    let gone = a.iter().filter(|variable| find(b, &variable.name).is_none());
    let mut rows = Vec::new();
    for Variable { name, .. } in b.iter().chain(gone) {
        let before = find(a, name).map(|at| attributes(&a[at]));
        let after = find(b, name).map(|at| attributes(&b[at]));
        let Some(kind) = ChangeKind::of(before.as_ref(), after.as_ref()) else { continue };
        let attributes = compare_fields(&before.unwrap_or_default(), &after.unwrap_or_default());
        if attributes.is_empty() {
            continue;
        }
        let own = |effects: &[ContractEffect]| -> Vec<ContractEffect> {
            let is_own = |effect: &&ContractEffect| effect.variable.as_ref() == Some(name);
            effects.iter().filter(is_own).cloned().collect()
        };
        let (forward, backward) = (own(forward), own(backward));
        rows.push(VariableDiff { name: name.clone(), kind, attributes, forward, backward });
    }
    rows
}

/// Appends a row, if the texts differ.
pub(crate) fn push(
    rows: &mut Vec<Setting>,
    field: &str,
    before: Option<String>,
    after: Option<String>,
) {
    if let Some(kind) = ChangeKind::of(before.as_ref(), after.as_ref())
        && before != after
    {
        rows.push(Setting { field: field.to_owned(), kind, before, after });
    }
}

/// Compares two lists of fields and their texts.
pub(crate) fn compare_fields(a: &[(String, String)], b: &[(String, String)]) -> Vec<Setting> {
    let find = |fields: &[(String, String)], name: &str| {
        fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.clone())
    };
    let mut rows = Vec::new();
    for (field, text) in a {
        push(&mut rows, field, Some(text.clone()), find(b, field));
    }
    for (field, text) in b.iter().filter(|(field, _)| find(a, field).is_none()) {
        push(&mut rows, field, None, Some(text.clone()));
    }
    rows
}

/// Compares two values of JSON: a row for each place where they differ, as deep as both go.
pub(crate) fn compare_values(
    rows: &mut Vec<Setting>,
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) {
    match (before, after) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let added = sorted(b).into_iter().filter(|(key, _)| !a.contains_key(*key));
            for (key, _) in sorted(a).into_iter().chain(added) {
                compare_values(rows, &entry(field, key), a.get(key), b.get(key));
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if is_deep(a) || is_deep(b) => {
            let is_same = |(a, b): &(&Value, &Value)| compact(a) == compact(b);
            let start = a.iter().zip(b).take_while(is_same).count();
            let (a, b) = (&a[start..], &b[start..]);
            let end = a.iter().rev().zip(b.iter().rev()).take_while(is_same).count();
            let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
            for index in 0..a.len().max(b.len()) {
                let place = format!("{field}[{}]", start + index);
                compare_values(rows, &place, a.get(index), b.get(index));
            }
        }
        _ => push(rows, field, before.map(compact), after.map(compact)),
    }
}

/// Whether a list is worth a row for each of its items. A list of plain values is one value.
fn is_deep(items: &[Value]) -> bool {
    items.iter().any(|item| item.is_object() || item.is_array())
}

fn entry(field: &str, key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '$';
    if !key.is_empty() && key.chars().all(is_plain) {
        format!("{field}.{key}")
    } else {
        format!("{field}[{}]", Value::from(key))
    }
}

fn compare_tools(rows: &mut Vec<Setting>, before: Option<&Value>, after: Option<&Value>) {
    let names = |tools: Option<&Value>| tools.map_or(Some(Vec::new()), tool_names);
    let (Some(a), Some(b)) = (names(before), names(after)) else {
        compare_values(rows, "tools", before, after);
        return;
    };
    let place = |names: &[String], name: &String| names.iter().position(|known| known == name);
    for name in a.iter().chain(b.iter().filter(|name| !a.contains(name))) {
        let old = before.zip(place(&a, name)).and_then(|(tools, at)| tools.get(at));
        let new = after.zip(place(&b, name)).and_then(|(tools, at)| tools.get(at));
        compare_values(rows, &entry("tools", name), old, new);
    }
    let shared = |names: &[String], others: &[String]| -> String {
        let names: Vec<&str> =
            names.iter().filter(|name| others.contains(name)).map(String::as_str).collect();
        names.join(", ")
    };
    push(rows, "tools", Some(shared(&a, &b)), Some(shared(&b, &a)));
}

/// Returns the name of each tool, if each has one of its own.
fn tool_names(tools: &Value) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for tool in tools.as_array()? {
        let name = tool.get("function").unwrap_or(tool).get("name")?.as_str()?;
        if names.iter().any(|known| known == name) {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

fn attributes(variable: &Variable) -> Vec<(String, String)> {
    let mut fields = vec![("required".to_owned(), variable.required.to_string())];
    limits("", variable.shape(), &mut fields);
    let default = variable.default.as_ref().map(|value| compact(&read(value)));
    let sensitive = variable.sensitive.then(|| "true".to_owned());
    let more = [
        ("default", default),
        ("sensitive", sensitive),
        ("description", variable.description.clone()),
    ];
    for (field, text) in more {
        fields.extend(text.map(|text| (field.to_owned(), text)));
    }
    fields
}

fn member(prefix: &str, member: &Member, fields: &mut Vec<(String, String)>) {
    limits(prefix, member.shape(), fields);
    let description = member.description.clone();
    fields.extend(description.map(|text| (format!("{prefix}description"), text)));
}

fn limits(prefix: &str, shape: Shape<'_>, fields: &mut Vec<(String, String)>) {
    let allowed = shape.allowed.map(|values| {
        let values: Vec<String> = values.iter().map(|value| compact(&read(value))).collect();
        values.join(", ")
    });
    let texts = [
        ("type", Some(shape.kind.as_str().to_owned())),
        ("enum", allowed),
        ("min_length", shape.min_length.map(|length| length.to_string())),
        ("max_length", shape.max_length.map(|length| length.to_string())),
        ("minimum", shape.minimum.map(|number| number.get().to_string())),
        ("maximum", shape.maximum.map(|number| number.get().to_string())),
    ];
    for (field, text) in texts {
        fields.extend(text.map(|text| (format!("{prefix}{field}"), text)));
    }
    if let Some(items) = shape.items {
        member(&format!("{prefix}items."), items, fields);
    }
    for (name, property) in shape.properties.into_iter().flat_map(|properties| &properties.0) {
        let path = key_path(&format!("{prefix}properties"), name);
        if !property.required {
            fields.push((format!("{path}.required"), "false".to_owned()));
        }
        member(&format!("{path}."), property, fields);
    }
}
