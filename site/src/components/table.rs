//! Tables.

use leptos::prelude::*;

use crate::view::view;

/// A table with a row of headings; the first cell of each row names it. One that is wider than the page
/// scrolls by itself, with keys too; on a narrow page each row is a list of its cells, each below its
/// heading.
#[component]
pub fn Table(
    /// Its content, for screen readers.
    label: &'static str,
    /// How it is laid out.
    #[prop(optional)]
    class: &'static str,
    /// The headings of the columns.
    #[prop(into)]
    titles: Vec<String>,
    /// The cells of each row.
    rows: Vec<Vec<AnyView>>,
) -> impl IntoView {
    let cell = |(at, cell): (usize, AnyView)| match titles.get(at) {
        Some(title) if at > 0 => view! { <td data-label=title.clone()>{cell}</td> },
        _ => view! { <th scope="row">{cell}</th> },
    };
    let row = |cells: Vec<AnyView>| {
        let cells: Vec<AnyView> = cells.into_iter().enumerate().map(cell).collect();
        view! { <tr>{cells}</tr> }
    };
    let rows = rows.into_iter().map(row).collect::<Vec<_>>();
    let head = titles.into_iter().map(|title| view! { <th scope="col">{title}</th> });
    view! {
        <div class="wide" tabindex="0" role="region" aria-label=label>
            <table class=class>
                <thead>
                    <tr>{head.collect::<Vec<_>>()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The headings of a table.
pub fn titles<const N: usize>(titles: [&str; N]) -> Vec<String> {
    titles.map(str::to_owned).into()
}
