//! The responses of the modules that the site runs in workers. They are not published documents: modules
//! and site of one build exchange them.

use serde::{Deserialize, Serialize};

use crate::prompt::Message;

mod promotion_check;
mod rows;
mod text_matches;

pub use promotion_check::{
    MissingRequirement, PromotionCheck, PromotionEffect, PromotionVerdict, ReplacedVersion,
};
pub use rows::{ChangedRow, EventRow, ServedRow, TeamRow};
pub use text_matches::{Excerpt, FoundVersion, TextMatches};

/// The result of rendering a version with some values.
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
    /// An error in a template.
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

/// An error in a template.
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

/// What is answered to a search and to questions of an audit: lists of texts. One type for all of them keeps the app
/// small.
///
/// For a search there is a list for each word, of the numbers of rows. The types beside this one write everything else:
/// [`TextMatches`] for each prompt, rows of tables such as [`EventRow`], and a [`PromotionCheck`] as a whole.
pub type Lists = Vec<Vec<String>>;

/// Writes a response in JSON; an error as `{"failed": "…"}`.
pub fn answer<T: Serialize>(work: impl FnOnce() -> Result<T, String>) -> String {
    #[derive(Serialize)]
    struct WorkerFailure {
        failed: String,
    }

    let written = match work() {
        Ok(result) => serde_json::to_string(&result),
        Err(failed) => serde_json::to_string(&WorkerFailure { failed }),
    };
    // Answers have string keys and finite numbers: they always serialize.
    written.unwrap_or_default()
}
