//! Sections of a page, and lists of facts.

use leptos::prelude::*;

use crate::html::Node;
use crate::view::view;

/// A part of a page with a heading that can be linked to.
#[component]
pub fn Section(
    /// The place in the page.
    id: &'static str,
    /// The heading.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section id=id>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// A term and what it is.
#[component]
pub fn Fact(
    /// The term.
    term: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{term}</dt>
        <dd>{children()}</dd>
    }
}

/// As the pages that are not converted have it.
pub fn section(id: &'static str, title: &'static str, body: impl Into<Node>) -> Node {
    let body = body.into();
    view! { <Section id title>{body}</Section> }.into()
}

/// As the pages that are not converted have it.
pub fn fact(term: &'static str, text: impl Into<Node>) -> Node {
    let text = text.into();
    view! { <Fact term>{text}</Fact> }.into()
}
