//! `invalid-schema`: `response_schema.json` and the parameters in `tools.json` are JSON Schemas that
//! work without a network and without backtracking.

use std::ops::Range;

use jsonschema::PatternOptions;

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

/// Checks a schema, or every schema in a list of tools.
pub(super) fn check(source: &SourceFile, node: &Node, findings: &mut Vec<Diagnostic>) {
    let Value::Sequence(tools) = &node.value else {
        check_schema(source, node, findings);
        return;
    };
    for tool in tools {
        let definition = tool.get("function").unwrap_or(tool);
        if let Some(parameters) =
            ["parameters", "input_schema"].into_iter().find_map(|key| definition.get(key))
        {
            check_schema(source, parameters, findings);
        }
    }
}

fn check_schema(source: &SourceFile, node: &Node, findings: &mut Vec<Diagnostic>) {
    if let Some((range, reference)) = remote_reference(node) {
        let finding = Diagnostic::at(
            &rules::INVALID_SCHEMA,
            source,
            range,
            format!("reference `{reference}` leads outside this file"),
        );
        findings.push(finding.help("copy the schema under `$defs` and refer to it as `#/$defs/…`"));
        return;
    }
    let value = node.to_json().value();
    let built =
        jsonschema::options().offline().with_pattern_options(PatternOptions::regex()).build(&value);
    if let Err(error) = built {
        let range = locate(node, error.instance_path().as_str());
        let mut message = error.to_string();
        // A message can repeat the whole schema.
        if let Some((end, _)) = message.char_indices().nth(200) {
            message.truncate(end);
            message.push('…');
        }
        findings.push(
            Diagnostic::at(
                &rules::INVALID_SCHEMA,
                source,
                range,
                format!("invalid JSON Schema: {message}"),
            )
            .help("correct the schema (see json-schema.org); avoid look-around and back-references in patterns"),
        );
    }
}

/// Finds a `$ref` or `$dynamicRef` that leaves the file, or a `$schema` that is not a draft.
fn remote_reference(node: &Node) -> Option<(Range<usize>, String)> {
    match &node.value {
        Value::Mapping(entries) => entries.iter().find_map(|(key, value)| {
            let text = value.as_str();
            match (key.text.as_str(), text) {
                ("$ref" | "$dynamicRef" | "$recursiveRef", Some(text))
                    if !text.starts_with('#') =>
                {
                    Some((value.range.clone(), text.to_owned()))
                }
                ("$schema", Some(text)) if !text.contains("json-schema.org/draft") => {
                    Some((value.range.clone(), text.to_owned()))
                }
                _ => remote_reference(value),
            }
        }),
        Value::Sequence(nodes) => nodes.iter().find_map(remote_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(..) => None,
    }
}

/// Finds what a JSON pointer names; as much of it as there is.
fn locate(node: &Node, pointer: &str) -> Range<usize> {
    let mut node = node;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = match &node.value {
            Value::Sequence(nodes) => token.parse::<usize>().ok().and_then(|at| nodes.get(at)),
            _ => node.get(&token),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.range.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_findings(schema: &str) -> Vec<String> {
        let source = SourceFile::new("response_schema.json", schema);
        let mut findings = Vec::new();
        let node = crate::node::parse(&source, &mut findings).unwrap();
        check(&source, &node, &mut findings);
        findings
            .iter()
            .map(|f| schema[f.place.as_ref().unwrap().range.clone()].to_owned())
            .collect()
    }

    #[test]
    fn schemas_that_validators_cannot_use_are_found_in_their_place() {
        assert_eq!(list_findings(r#"{"type": "strng"}"#), [r#""strng""#]);
        assert_eq!(list_findings(r#"{"properties": {"a": {"minimum": "1"}}}"#), [r#""1""#]);
        assert_eq!(list_findings(r#"{"required": "a"}"#), [r#""a""#]);
        assert_eq!(list_findings(r#"[{"name": "f", "parameters": {"type": 1}}]"#).len(), 1);
        for text in [
            "http://169.254.169.254/x",
            "file:///etc/passwd",
            "other.json#/a",
            "https://example.com/s",
        ] {
            assert_eq!(
                list_findings(&format!(r#"{{"properties": {{"a": {{"$ref": "{text}"}}}}}}"#)),
                [format!("\"{text}\"")]
            );
        }
        assert_eq!(
            list_findings(r#"{"$schema": "https://example.com/mine"}"#),
            [r#""https://example.com/mine""#]
        );
        assert_eq!(list_findings(r##"{"$ref": "#/$defs/missing"}"##).len(), 1);
        assert_eq!(list_findings(r#"{"pattern": "(?=a)b"}"#).len(), 1);
        assert_eq!(list_findings(r#"{"pattern": "("}"#).len(), 1);
    }

    #[test]
    fn schemas_that_work_are_not() {
        for schema in [
            "true",
            "{}",
            r##"{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, "$ref": "#/definitions/a"}"##,
            r##"{"$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"}"##,
            r#"{"pattern": "(a+)+$", "type": "string", "x-note": 1}"#,
            r#"[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]"#,
        ] {
            assert_eq!(list_findings(schema), [""; 0], "{schema}");
        }
    }
}
