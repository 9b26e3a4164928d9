//! Prompts with errors in the tree, which stay as they are published: the newest release of the catalog lists them.

use leptos::prelude::*;
use promptdex_wire::{Chain, PromptName, RegistryPath};

use crate::data::Store;
use crate::model::shown_documents::ShownRelease;
use crate::route::Route;
use crate::view::{reactive, view};

/// A notice for each prompt that is held back, or for `name` alone.
#[component]
pub fn HeldBack(
    /// The prompt that the page is about.
    #[prop(optional_no_strip)]
    name: Option<PromptName>,
) -> impl IntoView {
    let pointer = RegistryPath::Pointer(Chain::Catalog);
    let catalog = Store::get().document::<ShownRelease>(pointer);
    reactive(move || {
        let release = catalog.get().ready();
        let held = release.iter().flat_map(|release| &release.held_back);
        let held = held.filter(|held| name.as_ref().is_none_or(|name| *name == held.name));
        let notices = held.map(|held| {
            let href = Route::prompt(&held.name).to_string();
            view! {
                <p class="notice warn">
                    <strong>"Held back: "</strong>
                    <a href=href>{held.name.to_string()}</a>
                    " stays as it is published until an error is fixed: "
                    <span dir="auto">{held.reason.clone()}</span>
                </p>
            }
        });
        notices.collect_view().into_any()
    })
}
