//! Lists that are longer than a page.

use crate::html::{Element, el, link};
use crate::route::Route;
use crate::text::grouped;

/// The part of a list that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Rows in all.
    rows: usize,
    /// Rows on one page.
    size: usize,
    /// The page that is shown, from 0.
    page: usize,
}

impl Part {
    /// The page that an address asks for, or the last one.
    pub fn new(rows: usize, size: usize, page: usize) -> Self {
        Self { rows, size, page: page.min(rows.saturating_sub(1) / size) }
    }

    /// Returns what is shown of a list.
    pub fn of<T>(self, rows: &[T]) -> &[T] {
        let start = self.page * self.size;
        &rows[start..rows.len().min(start + self.size)]
    }

    /// Links to the other pages.
    pub fn steps(self, route: impl Fn(usize) -> Route) -> Option<Element> {
        let last = self.rows.saturating_sub(1) / self.size;
        let step = |to: usize, label: String| link(route(to).to_string(), label);
        let (page, size) = (self.page, self.size);
        (last > 0).then(|| {
            el("nav")
                .class("steps")
                .attr("aria-label", "Pages of the list")
                .with((page > 0).then(|| step(page - 1, format!("← Previous {size}"))))
                .with(el("span").with(format!("Page {} of {}", page + 1, grouped(last + 1))))
                .with((page < last).then(|| step(page + 1, format!("Next {size} →"))))
        })
    }
}
