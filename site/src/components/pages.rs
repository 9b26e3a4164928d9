//! Lists that are longer than a page.

use leptos::prelude::*;
use promptdex_wire::RegistryPath;

use crate::context::focus;
use crate::data::Store;
use crate::route::Route;
use crate::text::format_number;
use crate::view::{reactive, view};

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
            <nav class="steps" aria-label="Pagination">
                {(page > 0).then(|| step(page - 1, format!("← Previous {size}")))}
                <span>{format!("Page {} of {}", page + 1, format_number(last + 1))}</span>
                {(page < last).then(|| step(page + 1, format!("Next {size} →")))}
            </nav>
        }
    })
}

/// The way to the rest of a list: a button, in whose place the app shows it. Where there is no app, a link leads to the file
/// with the next rows.
#[component]
pub fn ShowMore(
    /// The place of the rest on the page.
    id: String,
    /// The file, if one has just these rows.
    #[prop(optional)]
    file: Option<RegistryPath>,
    /// Says what there is; nothing if there is no more.
    label: Box<dyn Fn() -> Option<String> + Send>,
    /// Shows the next rows, and the way to those after them.
    show: Box<dyn Fn() -> AnyView + Send>,
) -> impl IntoView {
    let store = Store::get();
    let is_open = RwSignal::new(file.as_ref().is_some_and(|file| store.is_shown(file)));
    let place = id.clone();
    let rest = reactive(move || {
        if is_open.get() {
            return show();
        }
        let Some(label) = label() else { return ().into_any() };
        if cfg!(feature = "ssr") {
            let href = file.as_ref().map(ToString::to_string);
            return view! { <a href=href rel="external">{label}</a> };
        }
        let (store, file, place) = (store.clone(), file.clone(), place.clone());
        let open = move |_| {
            file.iter().for_each(|file| store.show(file.clone()));
            is_open.set(true);
            // The button goes, and takes the focus with it.
            focus(&place, false);
        };
        view! { <button type="button" on:click=open>{label}</button> }
    });
    view! { <div class="more" id=id tabindex="-1">{rest}</div> }
}
