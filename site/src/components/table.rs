//! Tables.

use crate::html::{Element, Node, el};

/// A table with a row of headings; the first cell of each row names it. One that is wider than the page
/// scrolls by itself, with keys too; on a narrow page each row is a list of its cells, each below its
/// heading.
pub fn table(
    label: &'static str,
    class: &'static str,
    titles: &[&str],
    rows: Vec<Vec<Node>>,
) -> Element {
    let cell = |(at, cell): (usize, Node)| match (at, titles.get(at)) {
        (0, _) | (_, None) => el("th").attr("scope", "row").with(cell),
        (_, Some(title)) => el("td").attr("data-label", (*title).to_owned()).with(cell),
    };
    let row = |cells: Vec<Node>| el("tr").all(cells.into_iter().enumerate().map(cell));
    let titles = titles.iter().map(|title| el("th").attr("scope", "col").with(*title));
    let table = el("table")
        .class(class)
        .with(el("thead").with(el("tr").all(titles)))
        .with(el("tbody").all(rows.into_iter().map(row)));
    el("div")
        .class("wide")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
        .with(table)
}
