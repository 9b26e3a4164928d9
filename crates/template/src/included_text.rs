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
    Jinja(ParsedInclude<'s>),
}

/// A parsed `jinja` template that is included.
#[derive(Debug)]
pub struct ParsedInclude<'s> {
    pub(crate) statements: minijinja::machinery::ast::Stmt<'s>,
}
