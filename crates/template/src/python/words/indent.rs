//! Lines that are moved to the right.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::text::{TextBuilder, lines};
use crate::python::unicode::is_line_boundary;

/// What stands before a line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Indention<'a> {
    /// That many spaces; none, if the number is negative.
    Spaces(i64),
    Text(&'a str),
}

/// Indents the lines after the first: if `first`, that one too; if `blank`, also those without text. Every
/// line ends with LF then.
pub(crate) fn indent(
    text: &str,
    indention: Indention<'_>,
    first: bool,
    blank: bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    let mut indented = TextBuilder::new(text.len(), range, budget)?;
    // Jinja2 adds a LF and cuts into lines then, so that a boundary at the end makes one more line. After CR
    // it is the other half of the boundary.
    let ends_with_boundary =
        text.chars().next_back().is_none_or(|last| last != '\r' && is_line_boundary(last));
    let last = ends_with_boundary.then_some("");
    for (number, line) in lines(text).map(|line| line.text).chain(last).enumerate() {
        if number > 0 {
            indented.push('\n')?;
        }
        if if number == 0 { first } else { blank || !line.is_empty() } {
            match indention {
                Indention::Spaces(count) => {
                    indented.push_repeated(' ', u64::try_from(count).unwrap_or(0))?;
                }
                Indention::Text(text) => indented.push_str(text)?,
            }
        }
        indented.push_str(line)?;
    }
    Ok(indented.finish())
}
