//! Lists that are longer than a page.

use leptos::prelude::*;

use crate::route::Route;
use crate::text::format_number;
use crate::view::view;

/// The part of a list that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPage {
    /// Rows in all.
    rows: usize,
    /// Rows on one page.
    size: usize,
    /// The page that is shown, from 0.
    page: usize,
}

impl ListPage {
    /// The page that an address asks for, or the last one.
    pub fn new(rows: usize, size: usize, page: usize) -> Self {
        Self { rows, size, page: page.min(rows.saturating_sub(1) / size) }
    }

    /// Returns the rows of a list that are on the page.
    pub fn of<T>(self, rows: &[T]) -> &[T] {
        let start = self.page * self.size;
        &rows[start..rows.len().min(start + self.size)]
    }
}

/// Links to the other pages.
#[component]
pub fn Steps<R>(
    /// The shown page of the list.
    part: ListPage,
    /// The address of a page.
    route: R,
) -> impl IntoView
where
    R: Fn(usize) -> Route,
{
    let ListPage { rows, size, page } = part;
    let last = rows.saturating_sub(1) / size;
    let step = |to: usize, label: String| view! { <a href=route(to).to_string()>{label}</a> };
    (last > 0).then(|| {
        view! {
            <nav class="steps" aria-label="Pages of the list">
                {(page > 0).then(|| step(page - 1, format!("← Previous {size}")))}
                <span>{format!("Page {} of {}", page + 1, format_number(last + 1))}</span>
                {(page < last).then(|| step(page + 1, format!("Next {size} →")))}
            </nav>
        }
    })
}
