//! The text of a version under test, to find its results in a run of several prompts.

use promptdex_template::conversation::{Conversation, VariableProblemKind, complete};
use promptdex_template::json_value::{JsonValue, Values};
use promptdex_wire::prompt::Content;
use promptdex_wire::{Message, VersionDocument};
use serde_json::{Map, Value};

/// The text of a version under test.
#[derive(Debug, Clone)]
pub struct TestedText(VersionDocument);

impl TestedText {
    /// Returns the text of a version.
    pub fn new(document: VersionDocument) -> Self {
        Self(document)
    }

    /// Whether a test runner has the templates of the version: as text, or as a conversation in JSON.
    pub fn is_template(&self, text: &str) -> bool {
        is_same(&self.0.messages, text)
    }

    /// Whether a test runner has the messages of the version, rendered with these values.
    pub fn is_rendering(&self, text: &str, values: &Map<String, Value>) -> bool {
        let given: Option<Values> = values
            .iter()
            .map(|(name, value)| Some((name.clone(), JsonValue::parse(&value.to_string()).ok()?)))
            .collect();
        let Some(given) = given else { return false };
        let (values, problems) = complete(&self.0.variables, &given);
        // Test runners have variables of their own, such as the expected response.
        let is_given = problems.iter().all(|problem| problem.kind == VariableProblemKind::Unknown);
        let rendered = Conversation::of(&self.0).render(&values);
        is_given && rendered.is_ok_and(|messages| is_same(&messages, text))
    }
}

/// Whether a text is that of a conversation: of its only message, or in JSON of all its messages, which others may
/// follow.
fn is_same(messages: &[Message], text: &str) -> bool {
    let own: Option<Vec<(&str, &str)>> = messages.iter().map(turn).collect();
    let Some(own) = own.filter(|own| !own.is_empty()) else { return false };
    if let [(_, content)] = own.as_slice()
        && normalize(content) == normalize(text)
    {
        return true;
    }
    let Ok(Value::Array(theirs)) = serde_json::from_str(text) else { return false };
    theirs.len() >= own.len()
        && own.iter().zip(&theirs).all(|((role, content), message)| {
            let text = message.get("content").and_then(Value::as_str);
            message.get("role").and_then(Value::as_str) == Some(*role)
                && text.is_some_and(|text| normalize(content) == normalize(text))
        })
}

/// Returns the role and the text of a message, if it has nothing else.
fn turn(message: &Message) -> Option<(&str, &str)> {
    match message {
        Message::Turn(turn) => match &turn.content {
            Some(Content::Text(text)) => Some((turn.role.as_str(), text)),
            Some(Content::Parts(_)) | None => None,
        },
        Message::Placeholder(_) | Message::Examples(_) => None,
    }
}

/// Returns a text without what test runners change when they read files: line ends, and white space around it.
fn normalize(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}
