//! `cases/{version}.yaml`: stored inputs and what their renderings must satisfy.

use std::sync::Arc;

use super::fields::{Fields, Spanned, wrong_type};
use crate::diagnostic::Diagnostic;
use crate::model::{CaseFile, CaseSource, ExpectSource};
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(super) fn read(source: Arc<SourceFile>, findings: &mut Vec<Diagnostic>) -> CaseFile {
    let mut cases: Vec<CaseSource> = Vec::new();
    if let Some(node) = super::parse(&source, findings) {
        match &node.value {
            Value::Sequence(nodes) => {
                for node in nodes {
                    let Some(case) = read_case(&source, node, findings) else { continue };
                    if cases.iter().any(|other| other.name.value == case.name.value) {
                        let message = format!("duplicate test case `{}`", case.name.value);
                        findings.push(
                            Diagnostic::at(
                                &rules::INVALID_VALUE,
                                &source,
                                case.name.range.clone(),
                                message,
                            )
                            .help("give each test case a unique name"),
                        );
                    }
                    cases.push(case);
                }
            }
            Value::Null => {}
            _ => findings.push(wrong_type(&source, &node, "a file in `cases/` must be a list")),
        }
    }
    CaseFile { source, cases }
}

fn read_case(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<CaseSource> {
    let mut fields = Fields::new(source, node, "a test case", findings)?;
    let name = fields.text("name", findings);
    if name.is_none() && fields.key_range("name").is_none() {
        fields.missing("name", findings, "add a `name` to the test case");
    }
    let mut variables = Vec::new();
    if let Some(Node { value: Value::Mapping(entries), .. }) = fields.object("variables", findings)
    {
        for (key, node) in entries {
            let key = Spanned { value: key.text.clone(), range: key.range.clone() };
            variables.push((key, Spanned { value: node.to_json(), range: node.range.clone() }));
        }
    }
    let expect = fields
        .node("expect")
        .and_then(|node| read_expect(source, node, findings))
        .unwrap_or_default();
    fields.finish(findings);
    Some(CaseSource { name: name?, variables, expect })
}

fn read_expect(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<ExpectSource> {
    let mut fields = Fields::new(source, node, "`expect`", findings)?;
    let expect = ExpectSource {
        equals: fields.text("equals", findings),
        contains: fields.texts("contains", findings),
        not_contains: fields.texts("not_contains", findings),
        matches: fields.text("matches", findings),
        max_tokens: fields.count("max_tokens", findings),
    };
    fields.finish(findings);
    Some(expect)
}
