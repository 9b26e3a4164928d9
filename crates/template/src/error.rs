//! What can be wrong with a template or its rendering, and where.

use std::fmt;
use std::ops::Range;

/// The kind of a template error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The template cannot be parsed.
    Syntax,
    /// The template uses something outside its dialect.
    Unsupported,
    /// A variable or attribute has no value.
    Undefined,
    /// A value cannot be used in this way.
    Value,
    /// A limit on steps, output, memory or depth was passed.
    Limit,
    /// An include cannot be resolved.
    Include,
    /// The template itself gave up: `raise_exception`.
    Raised,
}

/// A template error with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind of a template error.
    pub kind: ErrorKind,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Bytes of the template.
    pub range: Range<usize>,
    /// The include (`name@version`) whose text `range` belongs to; absent in the template itself.
    pub inside: Option<String>,
}

impl Error {
    /// Makes an error at a place.
    pub fn new(kind: ErrorKind, range: Range<usize>, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None, range, inside: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
