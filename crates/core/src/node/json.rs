//! Strict JSON with places.

use std::collections::HashSet;

use jsonc_parser::ast::{ObjectPropName, StringLit, Value as Ast};
use jsonc_parser::common::Range;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::limits::{self, MAX_DEPTH, is_out_of_range};
use super::value::{Key, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{SourceFile, TextOrigin};

pub(super) fn parse(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let (text, base) = source.without_bom();
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &collect, &strict) {
        Ok(parsed) => match parsed.value {
            // The parser with places is more lenient about white space and control characters.
            Some(ast) => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => JsonReader { source, base, findings }.node(&ast, 0),
                Err(error) => {
                    findings.push(not_strict(source, text, base, &error));
                    None
                }
            },
            None => {
                let finding =
                    Diagnostic::at(&rules::INVALID_JSON, source, base..base, "the file is empty")
                        .help("write a JSON value, or remove the file");
                findings.push(finding);
                None
            }
        },
        Err(error) => {
            let range = error.range();
            let mut message = error.kind().to_string();
            if let Some(first) = message.get(..1) {
                message = first.to_lowercase() + &message[1..];
            }
            let finding = Diagnostic::at(
                &rules::INVALID_JSON,
                source,
                base + range.start..base + range.end,
                format!("invalid JSON: {message}"),
            )
            .help("use double quotes; remove comments and the comma after the last element");
            findings.push(finding);
            None
        }
    }
}

fn not_strict(
    source: &SourceFile,
    text: &str,
    base: usize,
    error: &serde_json::Error,
) -> Diagnostic {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = base + lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let mut message = error.to_string();
    message.truncate(message.find(" at line").unwrap_or(message.len()));
    Diagnostic::at(&rules::INVALID_JSON, source, at..at + 1, format!("invalid JSON: {message}"))
        .help("write control characters as escapes, such as `\\n`")
}

struct JsonReader<'a> {
    source: &'a SourceFile,
    /// Where the JSON begins in the file.
    base: usize,
    findings: &'a mut Vec<Diagnostic>,
}

impl JsonReader<'_> {
    fn range(&self, range: Range) -> std::ops::Range<usize> {
        self.base + range.start..self.base + range.end
    }

    fn string(&self, literal: &StringLit<'_>) -> Value {
        let range = self.range(literal.range);
        let inner = range.start + 1..range.end.saturating_sub(1);
        let origin = if self.source.text().get(inner.clone()) == Some(&literal.value) {
            TextOrigin::Runs(vec![(0, inner.start)])
        } else {
            TextOrigin::Whole(range)
        };
        Value::String(literal.value.to_string(), origin)
    }

    fn node(&mut self, ast: &Ast<'_>, depth: usize) -> Option<Node> {
        let (value, range) = match ast {
            Ast::StringLit(literal) => (self.string(literal), literal.range),
            Ast::NumberLit(literal) => {
                if is_out_of_range(literal.value) {
                    self.findings.push(limits::out_of_range(
                        self.source,
                        self.range(literal.range),
                        literal.value,
                    ));
                    return None;
                }
                (Value::Number(literal.value.to_owned()), literal.range)
            }
            Ast::BooleanLit(literal) => (Value::Bool(literal.value), literal.range),
            Ast::NullKeyword(keyword) => (Value::Null, keyword.range),
            Ast::Array(array) => {
                self.check_depth(depth, array.range)?;
                let mut nodes = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    nodes.push(self.node(element, depth + 1)?);
                }
                (Value::Sequence(nodes), array.range)
            }
            Ast::Object(object) => {
                self.check_depth(depth, object.range)?;
                let mut entries = Vec::with_capacity(object.properties.len());
                let mut seen = HashSet::with_capacity(object.properties.len());
                for property in &object.properties {
                    let (text, range) = match &property.name {
                        ObjectPropName::String(literal) => {
                            (literal.value.to_string(), literal.range)
                        }
                        ObjectPropName::Word(word) => (word.value.to_owned(), word.range),
                    };
                    let key = Key { text, range: self.range(range) };
                    if !seen.insert(key.text.clone()) {
                        self.findings.push(limits::duplicate_key(self.source, &key));
                        continue;
                    }
                    let node = self.node(&property.value, depth + 1)?;
                    entries.push((key, node));
                }
                (Value::Mapping(entries), object.range)
            }
        };
        Some(Node { value, range: self.range(range) })
    }

    fn check_depth(&mut self, depth: usize, range: Range) -> Option<()> {
        if depth < MAX_DEPTH {
            return Some(());
        }
        let start = self.base + range.start;
        self.findings.push(limits::too_deep(self.source, start..start + 1));
        None
    }
}
