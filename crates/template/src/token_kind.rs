//! The kinds of pieces that highlighting distinguishes in a template.

/// The kind of a piece of a template, for highlighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// A placeholder that prints a value, with its braces.
    Placeholder,
    /// A statement, with its braces.
    Statement,
    /// A comment.
    Comment,
}
