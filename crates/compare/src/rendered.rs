//! What two versions render to with the same values.

use serde::{Deserialize, Serialize};

use crate::text::{Options, TextDiff, compare_texts};

/// One stored input, rendered by both versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDiff {
    /// The name of the case.
    pub name: String,
    /// What became of its rendering.
    pub kind: CaseChange,
    /// Why a version does not render it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The lines of both renderings, when they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<TextDiff>,
    /// The variables whose values in the case are not the real ones, because they are sensitive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

/// What became of a rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseChange {
    /// Both versions render it to the same text.
    Same,
    /// They render it to different texts.
    Changed,
    /// The second version does not render it, the first does.
    NowFails,
    /// The second version renders it, the first does not.
    NowRenders,
    /// Neither renders it.
    Fails,
}

/// Compares two renderings of a case; each is a text, or the reason why there is none.
pub fn compare_renderings(
    name: &str,
    before: Result<String, String>,
    after: Result<String, String>,
    options: &Options,
) -> CaseDiff {
    let (kind, problem, diff) = match (before, after) {
        (Ok(before), Ok(after)) if before == after => (CaseChange::Same, None, None),
        (Ok(before), Ok(after)) => {
            (CaseChange::Changed, None, Some(compare_texts(&before, &after, options)))
        }
        (Ok(_), Err(problem)) => (CaseChange::NowFails, Some(problem), None),
        (Err(_), Ok(_)) => (CaseChange::NowRenders, None, None),
        (Err(_), Err(problem)) => (CaseChange::Fails, Some(problem), None),
    };
    CaseDiff { name: name.to_owned(), kind, problem, diff, masked: Vec::new() }
}
