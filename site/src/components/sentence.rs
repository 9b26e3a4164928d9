//! Sentences with names in them.

use leptos::prelude::*;

use crate::view::view;

/// A sentence with names in backticks, shown as code.
#[component]
pub fn Sentence<'a>(
    /// The sentence.
    text: &'a str,
) -> impl IntoView {
    let piece = |(at, piece): (usize, &str)| {
        let piece = piece.to_owned();
        if at % 2 == 1 {
            view! { <code>{piece}</code> }
        } else {
            piece.into_any()
        }
    };
    text.split('`').enumerate().map(piece).collect_view()
}
