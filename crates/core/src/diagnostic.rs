//! Findings: what is wrong in a user's tree, where, and what to do about it. They are data, never
//! `Err`: a run collects all of them.

use std::ops::Range;

use crate::rules::Rule;
use crate::source::Source;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The tree compiles; somebody should look.
    Warning,
    /// The tree does not compile.
    Error,
}

impl Severity {
    /// Returns the word in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Bytes in the file as it is on disk.
    pub range: Range<usize>,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in Unicode scalars, from 1.
    pub column: usize,
    /// Line after the last byte, from 1.
    pub end_line: usize,
    /// Column after the last byte, from 1.
    pub end_column: usize,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file or folder, below the root of the tree.
    pub path: String,
    /// The place in the file; absent when the finding is about the file itself.
    pub place: Option<Place>,
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// One sentence: lower case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places in the same file that explain the finding.
    pub related: Vec<(Place, String)>,
    /// Replacements in the same file that correct it, when there is only one way to.
    pub fix: Vec<(Range<usize>, String)>,
}

impl Diagnostic {
    /// Makes a finding about a whole file or folder.
    pub fn about(rule: &'static Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            place: None,
            rule,
            severity: rule.severity,
            message: message.into(),
            help: None,
            related: Vec::new(),
            fix: Vec::new(),
        }
    }

    /// Makes a finding about a range of bytes of a file.
    pub fn at(
        rule: &'static Rule,
        source: &Source,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self { place: Some(source.place(range)), ..Self::about(rule, source.path(), message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do about it, when there is something to suggest.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        if help.is_some() {
            self.help = help;
        }
        self
    }

    /// Adds another place in the same file.
    #[must_use]
    pub fn related(
        mut self,
        source: &Source,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        self.related.push((source.place(range), message.into()));
        self
    }

    /// Adds a replacement that corrects it.
    #[must_use]
    pub fn fix(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.fix.push((range, text.into()));
        self
    }

    /// Returns the order in which findings are shown: by file, then by place, then by code.
    pub fn sort_key(&self) -> (&str, usize, usize, &str, &str) {
        let (start, end) =
            self.place.as_ref().map_or((0, 0), |place| (place.range.start, place.range.end));
        (&self.path, start, end, self.rule.code, &self.message)
    }
}

/// Returns the candidate that `text` most likely meant, or nothing if none is near.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != text)
        .map(|candidate| (edit_distance(text, candidate, limit), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the candidate that `text` must have meant: the only one near.
pub fn only_near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    let mut near =
        candidates.into_iter().filter(|candidate| edit_distance(text, candidate, limit) <= limit);
    let only = near.next().filter(|candidate| *candidate != text)?;
    near.next().is_none().then_some(only)
}

/// Says `did you mean` with the nearest candidate.
pub fn did_you_mean<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(text, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Counts insertions, deletions, substitutions and swaps of neighbours, letters compared without
/// case; returns more than `limit` as soon as the lengths alone say so.
fn edit_distance(a: &str, b: &str, limit: usize) -> usize {
    // Longer texts than any name: hostile input must not cost a quadratic comparison.
    if a.len() > 200 || b.len() > 200 {
        return usize::MAX;
    }
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    if a.len().abs_diff(b.len()) > limit {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut current = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost =
                (previous[j] + usize::from(x != y)).min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let names = ["user_name", "user_role", "history"];
        assert_eq!(nearest("user_nmae", names), Some("user_name"));
        assert_eq!(nearest("userrole", names), Some("user_role"));
        assert_eq!(nearest("HISTORY", names), Some("history"));
        assert_eq!(nearest("x", names), None);
        assert_eq!(nearest("question", names), None);
        assert_eq!(nearest(&"a".repeat(100_000), names), None);
        assert_eq!(only_near("hstory", names), Some("history"));
        assert_eq!(only_near("user_rame", names), None);
    }
}
