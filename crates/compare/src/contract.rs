//! The contract of a version: what callers pass (variables), what they receive (`response_schema`)
//! and what they must be able to run (`tools`).

use promptdex_wire::Variable;
use promptdex_wire::variables::{Properties, Shape, Type, key_path};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema;

/// The contract of a version: what its callers depend on.
#[derive(Debug, Clone, Copy)]
pub struct Contract<'a> {
    /// What they pass.
    pub variables: &'a [Variable],
    /// JSON Schema of what they receive.
    pub response_schema: Option<&'a Value>,
    /// Definitions of what they run for the model.
    pub tools: Option<&'a Value>,
}

/// Whether callers that were written for the old version keep working with the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compatibility {
    /// They notice nothing.
    Compatible,
    /// They can do more than before.
    Additive,
    /// They may fail.
    Breaking,
}

/// One difference between two contracts, and whether it breaks callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractEffect {
    /// Whether callers keep working.
    pub verdict: Compatibility,
    /// The variable that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

impl ContractEffect {
    /// Whether it is about a variable that the version, which `has` others, does not have. A caller who sends
    /// it is not broken by going back to an older version: clients leave it out.
    pub fn is_left_out(&self, has: impl Fn(&str) -> bool) -> bool {
        self.variable.as_deref().is_some_and(|name| !has(name))
    }
}

/// Compares two contracts from the point of view of callers of `old`. Only differences that mean
/// something to them are returned.
pub fn compare(old: &Contract<'_>, new: &Contract<'_>) -> Vec<ContractEffect> {
    let mut effects = Vec::new();
    compare_variables(old.variables, new.variables, &mut effects);
    compare_responses(old.response_schema, new.response_schema, &mut effects);
    compare_tools(old.tools, new.tools, &mut effects);
    effects
}

/// Returns the gravest verdict.
pub fn verdict(effects: &[ContractEffect]) -> Compatibility {
    effects.iter().map(|effect| effect.verdict).max().unwrap_or(Compatibility::Compatible)
}

fn compare_variables(old: &[Variable], new: &[Variable], effects: &mut Vec<ContractEffect>) {
    let find = |variables: &'_ [Variable], name: &str| {
        variables.iter().position(|variable| variable.name == name)
    };
    for variable in new {
        let name = &variable.name;
        let mut report = |verdict, message| {
            effects.push(ContractEffect { verdict, variable: Some(name.clone()), message });
        };
        let Some(before) = find(old, name).map(|at| &old[at]) else {
            if variable.required {
                report(Compatibility::Breaking, format!("required variable `{name}` added"));
            } else {
                report(Compatibility::Additive, format!("optional variable `{name}` added"));
            }
            continue;
        };
        match (before.required, variable.required) {
            (false, true) => {
                report(Compatibility::Breaking, format!("the variable `{name}` became required"));
            }
            (true, false) => {
                report(Compatibility::Additive, format!("the variable `{name}` became optional"));
            }
            _ => {}
        }
        compare_shapes(name, before.shape(), variable.shape(), &mut report);
    }
    for variable in old {
        if find(new, &variable.name).is_none() {
            effects.push(ContractEffect {
                verdict: Compatibility::Breaking,
                variable: Some(variable.name.clone()),
                message: format!("the variable `{}` was removed", variable.name),
            });
        }
    }
}

/// Names a value by its path in a sentence: a variable, a key of it, or an item of either.
fn in_words(path: &str) -> String {
    match path.strip_suffix("[]") {
        Some(array) => format!("an item of {}", in_words(array)),
        None if path.contains(['.', '[']) => format!("the key `{path}`"),
        None => format!("the variable `{path}`"),
    }
}

/// Compares what values are allowed: fewer is breaking, more is additive.
fn compare_shapes(
    path: &str,
    old: Shape<'_>,
    new: Shape<'_>,
    report: &mut dyn FnMut(Compatibility, String),
) {
    let name = &in_words(path);
    if old.kind != new.kind {
        let verdict = if (old.kind, new.kind) == (Type::Integer, Type::Number) {
            Compatibility::Additive
        } else {
            Compatibility::Breaking
        };
        report(
            verdict,
            format!("{name} was of type `{}` and is `{}`", old.kind.as_str(), new.kind.as_str()),
        );
        return;
    }
    let texts = |allowed: Option<&[promptdex_wire::Json]>| -> Option<Vec<String>> {
        allowed.map(|values| values.iter().map(|value| value.text().to_owned()).collect())
    };
    match (texts(old.allowed), texts(new.allowed)) {
        (None, Some(_)) => {
            report(Compatibility::Breaking, format!("{name} is now restricted to listed values"));
        }
        (Some(_), None) => report(Compatibility::Additive, format!("{name} now allows any value")),
        (Some(before), Some(after)) => {
            let gone: Vec<&str> =
                before.iter().filter(|value| !after.contains(value)).map(String::as_str).collect();
            let added: Vec<&str> =
                after.iter().filter(|value| !before.contains(value)).map(String::as_str).collect();
            if !gone.is_empty() {
                report(
                    Compatibility::Breaking,
                    format!("{name} no longer allows {}", gone.join(", ")),
                );
            }
            if !added.is_empty() {
                report(
                    Compatibility::Additive,
                    format!("{name} allows {} as well", added.join(", ")),
                );
            }
        }
        (None, None) => {}
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let number = |length: Option<u64>| length.map(|length| length as f64);
    for (what, before, after) in [
        ("a higher minimum length", number(old.min_length), number(new.min_length)),
        ("a higher minimum", old.minimum.map(|n| n.get()), new.minimum.map(|n| n.get())),
    ] {
        compare_bounds(name, what, before, after, report);
    }
    for (what, before, after) in [
        ("a lower maximum length", number(old.max_length), number(new.max_length)),
        ("a lower maximum", old.maximum.map(|n| n.get()), new.maximum.map(|n| n.get())),
    ] {
        compare_bounds(name, what, before.map(|n| -n), after.map(|n| -n), report);
    }
    match (old.items, new.items) {
        (None, Some(_)) => {
            report(Compatibility::Breaking, format!("{name} now restricts its items"));
        }
        (Some(_), None) => report(Compatibility::Additive, format!("{name} now allows any items")),
        (Some(before), Some(after)) => {
            compare_shapes(&format!("{path}[]"), before.shape(), after.shape(), report);
        }
        (None, None) => {}
    }
    match (old.properties, new.properties) {
        (None, Some(_)) => {
            report(Compatibility::Breaking, format!("{name} now restricts its keys"));
        }
        (Some(_), None) => {
            report(Compatibility::Additive, format!("{name} now allows any values of its keys"));
        }
        (Some(before), Some(after)) => compare_properties(path, before, after, report),
        (None, None) => {}
    }
}

/// Compares the keys of an object. One that is no longer declared may still be passed, as any other.
fn compare_properties(
    path: &str,
    old: &Properties,
    new: &Properties,
    report: &mut dyn FnMut(Compatibility, String),
) {
    let known = old.positions();
    for (name, property) in &new.0 {
        let path = key_path(path, name);
        let before = known.get(name.as_str()).map(|at| &old.0[*at].1);
        let change = match (before.map(|before| before.required), property.required) {
            (None, true) => Some((Compatibility::Breaking, format!("required key `{path}` added"))),
            (None, false) => {
                Some((Compatibility::Additive, format!("optional key `{path}` added")))
            }
            (Some(false), true) => {
                Some((Compatibility::Breaking, format!("the key `{path}` became required")))
            }
            (Some(true), false) => {
                Some((Compatibility::Additive, format!("the key `{path}` became optional")))
            }
            _ => None,
        };
        if let Some((verdict, change)) = change {
            report(verdict, change);
        }
        if let Some(before) = before {
            compare_shapes(&path, before.shape(), property.shape(), report);
        }
    }
    let kept = new.positions();
    for (name, _) in old.0.iter().filter(|(name, _)| !kept.contains_key(name.as_str())) {
        let path = key_path(path, name);
        report(Compatibility::Additive, format!("the key `{path}` is no longer declared"));
    }
}

/// Compares a lower bound; upper bounds are passed negated.
fn compare_bounds(
    name: &str,
    what: &str,
    old: Option<f64>,
    new: Option<f64>,
    report: &mut dyn FnMut(Compatibility, String),
) {
    let (before, after) = (old.unwrap_or(f64::NEG_INFINITY), new.unwrap_or(f64::NEG_INFINITY));
    if after > before {
        report(Compatibility::Breaking, format!("{name} has {what}"));
    } else if after < before {
        report(Compatibility::Additive, format!("{name} has wider limits"));
    }
}

fn compare_responses(old: Option<&Value>, new: Option<&Value>, effects: &mut Vec<ContractEffect>) {
    let mut report = |verdict, message: String| {
        effects.push(ContractEffect { verdict, variable: None, message });
    };
    match (old, new) {
        (None, None) => {}
        (None, Some(_)) => {
            report(Compatibility::Additive, "response schema added".to_owned());
        }
        (Some(_), None) => {
            report(Compatibility::Breaking, "response schema removed".to_owned());
        }
        (Some(old), Some(new)) => {
            for problem in schema::widenings(old, new) {
                report(Compatibility::Breaking, format!("the response {problem}"));
            }
            for addition in schema::additions(old, new) {
                report(Compatibility::Additive, format!("the response {addition}"));
            }
        }
    }
}

fn compare_tools(old: Option<&Value>, new: Option<&Value>, effects: &mut Vec<ContractEffect>) {
    let (old, new) = (tools(old), tools(new));
    let mut report = |verdict, message: String| {
        effects.push(ContractEffect { verdict, variable: None, message });
    };
    for (name, parameters) in &new {
        let Some((_, before)) = old.iter().find(|(known, _)| known == name) else {
            report(
                Compatibility::Breaking,
                format!("tool `{name}` added, unknown to existing apps"),
            );
            continue;
        };
        for problem in schema::widenings(before, parameters) {
            report(Compatibility::Breaking, format!("a call of the tool `{name}` {problem}"));
        }
    }
    for (name, _) in old.iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name)) {
        report(Compatibility::Additive, format!("the tool `{name}` is no longer called"));
    }
}

/// Returns the name and the parameters of each tool; both forms in use are read: the definition
/// itself, or wrapped in `function`.
fn tools(tools: Option<&Value>) -> Vec<(String, Value)> {
    let list = tools.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .enumerate()
        .map(|(position, tool)| {
            let definition = tool.get("function").unwrap_or(tool);
            let name = definition.get("name").and_then(Value::as_str);
            let parameters =
                ["parameters", "input_schema"].into_iter().find_map(|key| definition.get(key));
            let name = name.map_or_else(|| format!("number {}", position + 1), str::to_owned);
            (name, parameters.cloned().unwrap_or(Value::Bool(true)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(old: (&str, Value, Value), new: (&str, Value, Value)) -> Vec<String> {
        let read = |text: &str| serde_json::from_str::<Vec<Variable>>(text).unwrap();
        let (a, b) = (read(old.0), read(new.0));
        let some = |value: &'static Value| Some(value).filter(|value| !value.is_null());
        let leak = |value: Value| -> &'static Value { Box::leak(Box::new(value)) };
        let old = Contract {
            variables: &a,
            response_schema: some(leak(old.1)),
            tools: some(leak(old.2)),
        };
        let new = Contract {
            variables: &b,
            response_schema: some(leak(new.1)),
            tools: some(leak(new.2)),
        };
        compare(&old, &new)
            .into_iter()
            .map(|effect| format!("{:?}: {}", effect.verdict, effect.message))
            .collect()
    }

    #[test]
    fn variables_may_be_added_and_widened_but_not_narrowed() {
        let variables =
            |old, new| effects((old, Value::Null, Value::Null), (new, Value::Null, Value::Null));
        let a = r#"[{"name":"a","type":"integer","required":true,"enum":[1,2],"minimum":0}]"#;
        assert_eq!(variables(a, a), [""; 0]);
        assert_eq!(
            variables(
                a,
                r#"[{"name":"a","type":"integer","required":true,"enum":[2,3],"minimum":1},{"name":"b","type":"string","required":true}]"#
            ),
            [
                "Breaking: the variable `a` no longer allows 1",
                "Additive: the variable `a` allows 3 as well",
                "Breaking: the variable `a` has a higher minimum",
                "Breaking: required variable `b` added",
            ]
        );
        assert_eq!(
            variables(a, r#"[{"name":"a","type":"number","required":false}]"#),
            [
                "Additive: the variable `a` became optional",
                "Additive: the variable `a` was of type `integer` and is `number`"
            ]
        );
        assert_eq!(variables(a, "[]"), ["Breaking: the variable `a` was removed"]);
        let list = |items: &str| {
            format!(r#"[{{"name":"l","type":"array","required":false,"items":{items}}}]"#)
        };
        assert_eq!(
            variables(
                &list(r#"{"type":"string","max_length":9}"#),
                &list(r#"{"type":"string","max_length":5}"#)
            ),
            ["Breaking: an item of the variable `l` has a lower maximum length"]
        );
    }

    #[test]
    fn keys_of_objects_are_judged_as_variables_are() {
        let compare = |old: &str, new: &str| {
            let object =
                |keys: &str| format!(r#"[{{"name":"o","type":"object","required":true{keys}}}]"#);
            effects(
                (&object(old), Value::Null, Value::Null),
                (&object(new), Value::Null, Value::Null),
            )
        };
        let declared = r#","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"object","properties":{"c":{"type":"integer","enum":[1,2]}}}}}"#;
        assert_eq!(compare(declared, declared), [""; 0]);
        assert_eq!(compare("", declared), ["Breaking: the variable `o` now restricts its keys"]);
        assert_eq!(
            compare(declared, ""),
            ["Additive: the variable `o` now allows any values of its keys"]
        );
        assert_eq!(
            compare(
                declared,
                r#","properties":{"d":{"type":"string"},"e f":{"type":"string","required":false},"a":{"type":"string","required":false},"b":{"type":"array","items":{"type":"object","properties":{"c":{"type":"integer","enum":[1]}}}}}"#
            ),
            [
                "Breaking: required key `o.d` added",
                "Additive: optional key `o[\"e f\"]` added",
                "Additive: the key `o.a` became optional",
                "Breaking: the key `o.b[].c` no longer allows 2",
            ]
        );
        assert_eq!(
            compare(
                r#","properties":{"a":{"type":"string","required":false},"b":{"type":"array","items":{"type":"string"}},"c":{"type":"string"}}"#,
                r#","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"integer"}}}"#
            ),
            [
                "Breaking: the key `o.a` became required",
                "Breaking: an item of the key `o.b` was of type `string` and is `integer`",
                "Additive: the key `o.c` is no longer declared",
            ]
        );
    }

    #[test]
    fn what_is_received_may_only_narrow_and_no_unknown_tool_is_called() {
        let old = serde_json::json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
        let new = serde_json::json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}}});
        assert_eq!(
            effects(("[]", old.clone(), Value::Null), ("[]", new, Value::Null)),
            [
                "Breaking: the response may omit `a`",
                "Breaking: the response may have the type `null` at `a`"
            ]
        );
        let tool = |name: &str, parameters: Value| serde_json::json!([{"type": "function", "function": {"name": name, "parameters": parameters}}]);
        assert_eq!(
            effects(
                ("[]", Value::Null, tool("f", old.clone())),
                ("[]", Value::Null, tool("f", old.clone()))
            ),
            [""; 0]
        );
        assert_eq!(
            effects(
                ("[]", Value::Null, tool("f", old.clone())),
                ("[]", Value::Null, tool("g", old))
            ),
            [
                "Breaking: tool `g` added, unknown to existing apps",
                "Additive: the tool `f` is no longer called"
            ]
        );
    }
}
