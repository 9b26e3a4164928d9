//! Sections of a page, and lists of facts.

use crate::html::{Element, Node, el};

/// A part of a page with a heading that can be linked to.
pub fn section(id: &'static str, title: &'static str, body: impl Into<Node>) -> Element {
    el("section").attr("id", id).with(el("h2").with(title)).with(body)
}

/// A term and what it is.
pub fn fact(term: &'static str, text: impl Into<Node>) -> Node {
    [el("dt").with(term).into(), el("dd").with(text).into()].into()
}
