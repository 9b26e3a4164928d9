//! Findings: problems in a user's tree, with their place and a remedy. They are data, never `Err`: a run
//! collects all of them.

use std::ops::Range;

use promptdex_wire::{Digest, PromptName};

pub use promptdex_template::suggest::{did_you_mean, nearest, only_near};

use crate::rules::{Rule, Severity};
use crate::source::{Place, SourceFile};

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file or folder, below the root of the tree.
    pub path: String,
    /// The place in the file; absent when the finding is about the file itself.
    pub place: Option<Place>,
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// Its severity in this tree.
    pub severity: Severity,
    /// One sentence: lower case, no full stop, the user's own text in backticks.
    pub message: String,
    /// The text that the finding is about, which tells it from similar ones in the same file, whatever the wording of
    /// the message.
    pub subject: String,
    /// Next action to fix it.
    pub help: Option<String>,
    /// More places in the same file that explain the finding.
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
            subject: String::new(),
            help: None,
            related: Vec::new(),
            fix: Vec::new(),
        }
    }

    /// Makes a finding about a range of bytes of a file.
    pub fn at(
        rule: &'static Rule,
        source: &SourceFile,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        let subject = source.text().get(range.clone()).unwrap_or_default();
        Self {
            place: Some(source.place(range)),
            subject: subject.to_owned(),
            ..Self::about(rule, source.path(), message)
        }
    }

    /// Sets the text that the finding is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Returns the identity of the finding in recordings: the check, the displayed path of the file, and the subject.
    /// Neither lines nor the wording of the message are part of it.
    pub fn fingerprint(&self, path: &str) -> Digest {
        Digest::of(format!("{}\n{path}\n{}", self.rule.code, self.subject).as_bytes())
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

    /// Adds a related place in the same file.
    #[must_use]
    pub fn related(
        mut self,
        source: &SourceFile,
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

    /// Returns the prompt that the finding is about, by its path. `is_prompt` tells whether there is a prompt.
    pub fn prompt(&self, is_prompt: impl Fn(&PromptName) -> bool) -> Option<PromptName> {
        let path = self.path.trim_end_matches('/');
        let folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        // A document, or one of its committed versions, such as `menu.md@1.0.0`.
        let document = path.split_once(".md@").map(|(stem, _)| stem);
        let names = folders.chain([path]).chain(document.or(path.strip_suffix(".md")));
        names.filter_map(|name| name.parse().ok()).find(|name| is_prompt(name))
    }

    /// Returns the order in which findings are shown: by file, then by place, then by code.
    pub fn sort_key(&self) -> (&str, usize, usize, &str, &str) {
        let (start, end) =
            self.place.as_ref().map_or((0, 0), |place| (place.range.start, place.range.end));
        (&self.path, start, end, self.rule.code, &self.message)
    }
}
