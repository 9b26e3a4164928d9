//! Renders the test cases of two versions and compares the results.

use promptdex_wire::Message;
use serde::{Deserialize, Serialize};

use crate::messages::{MessageDiff, compare_messages};
use crate::text::Options;

/// One stored input, rendered by both versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDiff {
    /// The name of the case.
    pub name: String,
    /// How its rendering differs.
    pub kind: CaseChange,
    /// Why a version does not render it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// All messages of both renderings, when they differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageDiff>,
    /// The variables whose values in the case are not the real ones, because they are sensitive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

/// How the renderings of a test case differ between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseChange {
    /// Both versions render it to the same messages.
    Same,
    /// They render it to different messages.
    Changed,
    /// The second version does not render it, the first does.
    NowFails,
    /// The second version renders it, the first does not.
    NowRenders,
    /// Neither renders it.
    Fails,
}

/// Compares two renderings of a case; each is its messages, or the reason why there are none.
pub fn compare_renderings(
    name: &str,
    before: Result<Vec<Message>, String>,
    after: Result<Vec<Message>, String>,
    options: &Options,
) -> CaseDiff {
    let mut messages = Vec::new();
    let (kind, problem) = match (before, after) {
        (Ok(before), Ok(after)) => {
            messages = compare_messages(&before, &after, options);
            if messages.iter().all(MessageDiff::is_same) {
                messages.clear();
                (CaseChange::Same, None)
            } else {
                (CaseChange::Changed, None)
            }
        }
        (Ok(_), Err(problem)) => (CaseChange::NowFails, Some(problem)),
        (Err(_), Ok(_)) => (CaseChange::NowRenders, None),
        (Err(_), Err(problem)) => (CaseChange::Fails, Some(problem)),
    };
    CaseDiff { name: name.to_owned(), kind, problem, messages, masked: Vec::new() }
}
