//! Takes the values of a map one by one, so that what is missing, of the wrong type or unknown
//! becomes a finding with its place.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use crate::diagnostic::{Diagnostic, did_you_mean, only_near};
use crate::node::{Key, Node, Value};
use crate::rules;
use crate::source::{SourceFile, TextOrigin};

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

/// A map whose values are being taken.
pub(crate) struct Fields<'a> {
    pub(crate) source: &'a SourceFile,
    /// The place of the whole map.
    pub(crate) range: Range<usize>,
    entries: &'a [(Key, Node)],
    requested_keys: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Starts on a map; anything else is a finding.
    pub(crate) fn new(
        source: &'a SourceFile,
        node: &'a Node,
        what: &str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        match &node.value {
            Value::Mapping(entries) => Some(Self {
                source,
                range: node.range.clone(),
                entries,
                requested_keys: Vec::with_capacity(16),
            }),
            _ => {
                findings.push(wrong_type(source, node, &format!("{what} must be a map")));
                None
            }
        }
    }

    /// Leaves keys to other readers of the map.
    pub(crate) fn leave(&mut self, keys: &[&'static str]) {
        self.requested_keys.extend_from_slice(keys);
    }

    /// Takes the value of a key as it is.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.requested_keys.push(key);
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    /// Returns the place of a key.
    pub(crate) fn key_range(&self, key: &str) -> Option<Range<usize>> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(k, _)| k.range.clone())
    }

    /// Takes a text.
    pub(crate) fn text(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<String>> {
        let node = self.node(key)?;
        match &node.value {
            Value::String(text, _) => {
                Some(Spanned { value: text.clone(), range: node.range.clone() })
            }
            _ => {
                findings.push(wrong_type(self.source, node, &format!("`{key}` must be text")));
                None
            }
        }
    }

    /// Takes a text with the origin of its bytes.
    pub(crate) fn text_with_origin(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<(&'a str, &'a TextOrigin)> {
        let node = self.node(key)?;
        match &node.value {
            Value::String(text, origin) => Some((text, origin)),
            _ => {
                findings.push(wrong_type(self.source, node, &format!("`{key}` must be text")));
                None
            }
        }
    }

    /// Takes a text that is parsed into `T`.
    pub(crate) fn parse<T>(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(key, findings)?;
        parse(self.source, &text.value, text.range, findings)
    }

    /// Takes a boolean.
    pub(crate) fn boolean(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<bool> {
        let node = self.node(key)?;
        match node.value {
            Value::Bool(value) => Some(value),
            _ => {
                findings.push(wrong_type(
                    self.source,
                    node,
                    &format!("`{key}` must be `true` or `false`"),
                ));
                None
            }
        }
    }

    /// Takes a number.
    pub(crate) fn number(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<f64>> {
        let node = self.node(key)?;
        let number = match &node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        };
        match number {
            Some(value) => Some(Spanned { value, range: node.range.clone() }),
            None => {
                findings.push(wrong_type(self.source, node, &format!("`{key}` must be a number")));
                None
            }
        }
    }

    /// Takes a whole number that is not negative.
    pub(crate) fn count(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<u64> {
        let node = self.node(key)?;
        let number = match &node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            findings.push(wrong_type(
                self.source,
                node,
                &format!("`{key}` must be a whole number of 0 or more"),
            ));
        }
        number
    }

    /// Takes a list.
    pub(crate) fn list(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<&'a [Node]> {
        let node = self.node(key)?;
        match &node.value {
            Value::Sequence(nodes) => Some(nodes),
            _ => {
                findings.push(wrong_type(self.source, node, &format!("`{key}` must be a list")));
                None
            }
        }
    }

    /// Takes a list of texts.
    pub(crate) fn texts(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<Spanned<String>> {
        let mut texts = Vec::new();
        for node in self.list(key, findings).unwrap_or_default() {
            match &node.value {
                Value::String(text, _) => {
                    texts.push(Spanned { value: text.clone(), range: node.range.clone() });
                }
                _ => findings.push(wrong_type(
                    self.source,
                    node,
                    &format!("`{key}` must be a list of texts"),
                )),
            }
        }
        texts
    }

    /// Takes a map as it is.
    pub(crate) fn object(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<&'a Node> {
        let node = self.node(key)?;
        if matches!(node.value, Value::Mapping(_)) {
            return Some(node);
        }
        findings.push(wrong_type(self.source, node, &format!("`{key}` must be a map")));
        None
    }

    /// Reports that a key must be there.
    pub(crate) fn missing(&self, key: &str, findings: &mut Vec<Diagnostic>, help: &str) {
        // A slip of the pen is reported as an unknown key, once.
        if self.entries.iter().any(|(written, _)| did_you_mean(&written.text, [key]).is_some()) {
            return;
        }
        self.missing_among_others(key, findings, help);
    }

    /// Reports that a key must be there, in a map in which other keys are allowed.
    pub(crate) fn missing_among_others(
        &self,
        key: &str,
        findings: &mut Vec<Diagnostic>,
        help: &str,
    ) {
        let start = self.range.start;
        let first = self.source.text()[start..].chars().next().map_or(0, char::len_utf8);
        let finding = Diagnostic::at(
            &rules::MISSING_KEY,
            self.source,
            start..start + first,
            format!("missing key `{key}`"),
        );
        findings.push(finding.help(help));
    }

    /// Reports the unknown keys.
    pub(crate) fn finish(self, findings: &mut Vec<Diagnostic>) {
        for (key, _) in self.entries {
            if self.requested_keys.contains(&key.text.as_str()) {
                continue;
            }
            let known = || {
                self.requested_keys
                    .iter()
                    .copied()
                    .filter(|known| !self.entries.iter().any(|(k, _)| k.text == *known))
            };
            let help = did_you_mean(&key.text, known()).unwrap_or_else(|| {
                let known: Vec<&str> = known().collect();
                if known.is_empty() {
                    "remove it".to_owned()
                } else {
                    format!("remove it, or write one of {}", known.join(", "))
                }
            });
            let mut finding = Diagnostic::at(
                &rules::UNKNOWN_KEY,
                self.source,
                key.range.clone(),
                format!("unknown key `{}`", key.text),
            );
            if let Some(meant) = only_near(&key.text, known()) {
                finding = finding.fix(strip_quotes(self.source, &key.range), meant);
            }
            findings.push(finding.help(help));
        }
    }
}

/// Returns the range between the quotes of a text, or all of it when it has none.
fn strip_quotes(source: &SourceFile, range: &Range<usize>) -> Range<usize> {
    let quoted = source.text()[range.clone()].starts_with(['"', '\'']) && range.len() >= 2;
    if quoted { range.start + 1..range.end - 1 } else { range.clone() }
}

/// Parses a text into a name, a version, a time …; its rule is the help.
pub(crate) fn parse<T>(
    source: &SourceFile,
    text: &str,
    range: Range<usize>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Spanned<T>>
where
    T: FromStr,
    T::Err: Display,
{
    match text.parse() {
        Ok(value) => Some(Spanned { value, range }),
        Err(error) => {
            findings.push(Diagnostic::at(&rules::INVALID_VALUE, source, range, error.to_string()));
            None
        }
    }
}

/// Takes one word of a fixed set.
pub(crate) fn word<T: Copy>(
    source: &SourceFile,
    text: &Spanned<String>,
    words: &[(&'static str, T)],
    findings: &mut Vec<Diagnostic>,
) -> Option<T> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
        return Some(*value);
    }
    let known = words.iter().map(|(word, _)| *word);
    let list: Vec<String> = known.clone().map(|word| format!("`{word}`")).collect();
    let help = did_you_mean(&text.value, known)
        .unwrap_or_else(|| format!("write one of {}", list.join(", ")));
    let message = format!("`{}` is not one of {}", text.value, list.join(", "));
    let mut finding =
        Diagnostic::at(&rules::INVALID_VALUE, source, text.range.clone(), message).help(help);
    if let Some(meant) = only_near(&text.value, words.iter().map(|(word, _)| *word)) {
        finding = finding.fix(strip_quotes(source, &text.range), meant);
    }
    findings.push(finding);
    None
}

/// Makes the finding of a value of the wrong type.
pub(crate) fn wrong_type(source: &SourceFile, node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::at(
        &rules::WRONG_TYPE,
        source,
        node.range.clone(),
        format!("{expected}, not {}", node.describe()),
    )
    .help("change the value")
}
