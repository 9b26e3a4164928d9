//! Sections of a page, and lists of facts.

use leptos::prelude::*;

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

/// A term and its description.
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
