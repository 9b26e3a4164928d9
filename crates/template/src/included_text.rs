//! Included texts that are parsed, for whatever renders a text that includes them.

use std::collections::BTreeMap;

/// An included text, by `name@version`.
pub type IncludedTexts<'s> = BTreeMap<String, IncludedText<'s>>;

/// An included text.
#[derive(Debug)]
pub enum IncludedText<'s> {
    /// A `plain` text.
    Plain(&'s str),
    /// A `jinja` template.
    Jinja(ParsedInclude),
}

/// A parsed `jinja` template that is included.
#[derive(Debug)]
pub struct ParsedInclude {
    pub(crate) program: crate::jinja::program::Program,
}
