//! What can be wrong with a template or its rendering, and where.

use std::fmt;
use std::ops::{Deref, DerefMut, Range};

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

/// A template error with its place. It is one pointer wide, because almost everything can return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorDetails>);

/// What an error says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDetails {
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

/// What messages and remedies are made of.
pub trait Sentence {
    /// Returns the text.
    fn own(self) -> String;
}

impl Sentence for String {
    fn own(self) -> String {
        self
    }
}

impl Sentence for &str {
    #[inline(never)]
    fn own(self) -> String {
        self.to_owned()
    }
}

impl Sentence for &String {
    fn own(self) -> String {
        self.as_str().own()
    }
}

impl Error {
    /// Makes an error at a place.
    pub fn new(kind: ErrorKind, range: Range<usize>, message: impl Sentence) -> Self {
        Self::of(kind, range, message.own())
    }

    // Hundreds of places make errors; inlined there, this would be a tenth of the browser's engine.
    #[inline(never)]
    fn of(kind: ErrorKind, range: Range<usize>, message: String) -> Self {
        Self(Box::new(ErrorDetails { kind, message, help: None, range, inside: None }))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(self, help: impl Sentence) -> Self {
        self.with_help(help.own())
    }

    #[inline(never)]
    fn with_help(mut self, help: String) -> Self {
        self.0.help = Some(help);
        self
    }

    /// Returns what it says.
    pub fn into_details(self) -> ErrorDetails {
        *self.0
    }
}

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
