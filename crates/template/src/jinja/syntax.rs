//! How minijinja reads templates, and says where their parts are.

use std::ops::Range;

use minijinja::machinery::Span;
use minijinja::syntax::SyntaxConfig;

/// The syntax of Jinja as it comes, but nothing is trimmed that no dash asks for: a text's final
/// newline is dropped once, when its file is read.
pub(super) fn syntax() -> SyntaxConfig {
    // Only custom delimiters can be refused.
    SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap_or_default()
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}
