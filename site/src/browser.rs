//! The start in the browser: read what the page needs, then take the place of the text that is there.

use futures::future::join_all;
use leptos::prelude::*;
use promptdex_wire::catalog::{Cases, Catalog, Registry, Versions};
use promptdex_wire::{Chain, Environment, Page, Path, PromptName, Release};
use wasm_bindgen::JsCast as _;

use crate::app::App;
use crate::data::{Load, PublishedVersion, Store};
use crate::model::prompt::{chosen, document};
use crate::route::{Choice, Route, View};
use crate::views::history::{pointers, releases};

/// The element that the build has filled and that the app takes over.
const ROOT: &str = "app";

/// Starts the app.
pub fn start() {
    wasm_bindgen_futures::spawn_local(async {
        let base = freeze_base();
        let store = Store::default();
        read_ahead(&store, &base).await;
        mount(store, base);
    });
}

/// Writes the base of the page as an absolute address, which stays when the address changes, and
/// returns its path.
fn freeze_base() -> String {
    let document = leptos::tachys::dom::document();
    let uri = document.base_uri().ok().flatten().unwrap_or_default();
    if let Ok(Some(base)) = document.query_selector("base") {
        // An element that cannot be changed stays as it is, and so do links.
        drop(base.set_attribute("href", &uri));
    }
    web_sys::Url::new(&uri).map_or_else(|_| "/".to_owned(), |url| url.pathname())
}

/// Reads what the first page shows, so that nothing moves when the app takes over.
async fn read_ahead(store: &Store, base: &str) {
    let location = leptos::tachys::dom::window().location();
    let path = location.pathname().unwrap_or_default();
    let query = location
        .search()
        .ok()
        .and_then(|query| web_sys::UrlSearchParams::new_with_str(&query).ok());
    let get = |key: &str| query.as_ref().and_then(|query| query.get(key));
    let folder = path.strip_prefix(base).unwrap_or_default();
    match Route::parse(folder, get) {
        Some(Route::Prompt(name, View::Version(choice))) => {
            read_prompt(store, &name, &choice).await;
        }
        Some(route) => {
            let registry = store.wait::<Registry>(Path::Registry, None).await;
            match route.page() {
                Page::Catalogue | Page::Environments => {
                    store.wait::<Catalog>(Path::Catalog, None).await;
                }
                Page::History | Page::Status => {
                    if let Some(registry) = registry.ready() {
                        read_releases(store, &registry, route == Route::History).await;
                    }
                }
                Page::Prompt(_) | Page::NotFound => {}
            }
        }
        None => drop(store.wait::<Registry>(Path::Registry, None).await),
    }
}

async fn read_releases(store: &Store, registry: &Registry, with_older: bool) {
    let read = |path| store.wait::<Release>(path, None);
    let newest = join_all(pointers(registry).into_iter().map(read)).await;
    let newest: Vec<_> = newest.into_iter().filter_map(Load::ready).collect();
    let tail = |environment: &Environment| {
        let chain = Chain::Environment(environment.clone());
        newest.iter().find(|release| release.environment == chain).map(|release| release.sequence)
    };
    let older = if with_older { releases(registry, tail) } else { Vec::new() };
    join_all(older.into_iter().map(read)).await;
}

async fn read_prompt(store: &Store, name: &PromptName, choice: &Choice) {
    let (registry, versions) = futures::join!(
        store.wait::<Registry>(Path::Registry, None),
        store.wait::<Versions>(Path::Versions(name.clone()), None)
    );
    let (Load::Ready(registry), Load::Ready(versions)) = (registry, versions) else { return };
    if let Ok(row) = chosen(&versions, &registry.environments, choice) {
        let (path, blob) = document(&versions, row);
        let cases = async {
            if row.cases > 0 {
                let path = Path::Cases(name.clone(), row.version.clone());
                store.wait::<Cases>(path, None).await;
            }
        };
        futures::join!(store.wait::<PublishedVersion>(path, Some(blob)), cases);
    }
}

/// Puts the app in the place of the text that the build wrote.
fn mount(store: Store, base: String) {
    let document = leptos::tachys::dom::document();
    let Some(written) = document.get_element_by_id(ROOT) else { return };
    let Ok(root) = document.create_element("div") else { return };
    root.set_id(ROOT);
    let Ok(root) = root.dyn_into::<web_sys::HtmlElement>() else { return };
    mount_to(root.clone(), move || view! { <App store base/> }).forget();
    // Both are in the document for no time at all.
    drop(written.replace_with_with_node_1(&root));
    drop(root.set_attribute("data-ready", ""));
    // The place that the address names was in what has gone.
    let location = leptos::tachys::dom::window().location();
    if location.hash().is_ok_and(|place| !place.is_empty())
        && let Ok(address) = location.href()
    {
        drop(location.replace(&address));
    }
}
