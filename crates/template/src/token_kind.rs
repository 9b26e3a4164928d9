//! What highlighting tells apart in the text of a template.

/// What a piece of a template is, for highlighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// A placeholder that prints a value, with its braces.
    Placeholder,
    /// A statement, with its braces.
    Statement,
    /// A comment.
    Comment,
}
