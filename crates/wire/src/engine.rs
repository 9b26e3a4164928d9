//! What the engine answers: the module that the site runs in a worker. These are not published
//! documents; the engine and the site of one build speak them with each other.

use serde::{Deserialize, Serialize};

use crate::name::Version;
use crate::prompt::Message;

/// What a version renders to with some values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rendering {
    /// The messages, when everything went well: every template is text, examples are messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Message>>,
    /// Their contents joined by one LF: what expectations see.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Values that do not fit their variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ValueProblem>,
    /// What went wrong in a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TemplateError>,
}

/// A value that does not fit its variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueProblem {
    /// The variable.
    pub name: String,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// Whether the variable is not declared: clients ignore its value.
    #[serde(default, skip_serializing_if = "crate::json::is_false")]
    pub is_unknown: bool,
}

/// What went wrong in a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateError {
    /// The message, from 1.
    pub number: usize,
    /// The line in its text, from 1.
    pub line: usize,
    /// The included version that it is in, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Where words stand in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundText {
    /// The version in which they do; without it they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The first place in each of its texts, as far as they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<FoundPlace>,
    /// Why nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// One place where a word stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPlace {
    /// Which text it is, in words: `message 2, user`.
    pub text: String,
    /// The text before it.
    pub before: String,
    /// The word as it stands there.
    pub hit: String,
    /// The text after it.
    pub after: String,
}
