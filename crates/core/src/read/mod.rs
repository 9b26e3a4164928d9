//! Reads files into the model: each reader takes a parsed file and adds its problems to the findings.

mod cases;
mod change_policy;
mod characters;
mod environment;
mod fields;
mod in_place_prompt;
mod messages;
mod metadata;
mod parts;
mod prompt;
mod results;
#[cfg(feature = "json-schema")]
mod schemas;
mod secrets;
mod settings;
mod source_digest;
mod text_file;
mod value_limits;
mod variables;

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::node::{self, Node, Value};
use crate::rules;
use crate::source::{SourceFile, SourceText, TextOrigin};

pub(crate) use environment::read as read_environment;
pub use fields::Spanned;
pub use in_place_prompt::{
    CommittedFiles, FrontMatterVersion, add_in_place_prompt, number_place,
    read_front_matter_version,
};
pub use parts::{read_claims, read_pointer, read_states};
pub use prompt::read_prompt;
pub use results::read_result;
pub use settings::read_settings;
pub use text_file::open;

/// Parses a file, and looks through all of its texts and keys for invisible characters, and through those
/// that are written with escapes for secrets. Nearly all of them are published.
fn parse(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let node = node::parse(source, findings)?;
    let mut pending = vec![&node];
    while let Some(node) = pending.pop() {
        match &node.value {
            Value::String(text, origin) => {
                let text = SourceText { text: text.clone(), origin: origin.clone() };
                check_text(source, &text, findings);
                if let Some(range) = cut_text(source, &node.range) {
                    let message = "unquoted text ends before ` #`, the start of a comment";
                    let finding = Diagnostic::at(&rules::YAML_COMMENT, source, range, message);
                    findings.push(finding.help(
                        "put the text in quotes, or write a space after the `#` of a comment",
                    ));
                }
                if let TextOrigin::Whole(_) = origin {
                    secrets::check_escaped(source, &text, findings);
                }
            }
            Value::Sequence(nodes) => pending.extend(nodes),
            Value::Mapping(entries) => {
                for (key, node) in entries {
                    let origin = TextOrigin::Whole(key.range.clone());
                    check_text(source, &SourceText { text: key.text.clone(), origin }, findings);
                    pending.push(node);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Some(node)
}

/// Finds what seems to be the rest of a text that stands without quotes in YAML, where ` #` begins a comment: `Name
/// the #1 reason`. People write comments with a space after the sign.
fn cut_text(source: &SourceFile, text: &Range<usize>) -> Option<Range<usize>> {
    let written = source.text().get(text.clone())?;
    if source.path().ends_with(".json") || written.starts_with(['"', '\'', '|', '>']) {
        return None;
    }
    let rest = source.text().get(text.end..)?.lines().next()?;
    let comment = rest.trim_start();
    let first = comment.strip_prefix('#')?.chars().next()?;
    let start = text.end + rest.len() - comment.len();
    let is_cut = rest.starts_with([' ', '\t']) && first.is_alphanumeric();
    is_cut.then(|| start..start + comment.trim_end().len())
}

/// Checks a text of a YAML or JSON file. A carriage return in it was escaped, so it is meant.
fn check_text(source: &SourceFile, text: &SourceText, findings: &mut Vec<Diagnostic>) {
    let mut found = Vec::new();
    characters::check(source, text, &mut found);
    findings.extend(found.into_iter().filter(|f| f.rule.code != rules::LONE_CR.code));
}
