//! Tables.

use crate::html::{Element, el};

/// A table that may be wider than the page: it scrolls by itself, with keys too.
pub fn wide(label: &'static str, table: Element) -> Element {
    el("div")
        .class("wide")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
        .with(table)
}

/// A row of headings.
pub fn head(titles: &[&str]) -> Element {
    let titles = titles.iter().map(|title| el("th").attr("scope", "col").with(*title));
    el("thead").with(el("tr").all(titles))
}
