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
mod variables;

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

/// Parses a file, and checks texts that are written with escapes for invisible characters.
fn parse(source: &SourceFile, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let node = node::parse(source, findings)?;
    let mut pending = vec![&node];
    while let Some(node) = pending.pop() {
        match &node.value {
            Value::String(text, origin @ TextOrigin::Whole(_)) => {
                let text = SourceText { text: text.clone(), origin: origin.clone() };
                // An escaped carriage return is meant; what cannot be seen is not.
                let mut found = Vec::new();
                characters::check(source, &text, &mut found);
                findings.extend(found.into_iter().filter(|f| f.rule.code != rules::LONE_CR.code));
                secrets::check_escaped(source, &text, findings);
            }
            Value::Sequence(nodes) => pending.extend(nodes),
            Value::Mapping(entries) => pending.extend(entries.iter().map(|(_, node)| node)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(..) => {}
        }
    }
    Some(node)
}
