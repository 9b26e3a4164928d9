//! The start in the browser: read what the page needs, then take the place of the text that is there.

use leptos::prelude::*;
use promptdex_wire::catalog::{Registry, Versions};
use promptdex_wire::{Chain, Environment, PromptName, RegistryPath, Release};
use wasm_bindgen::JsCast as _;

use crate::app::App;
use crate::data::{LoadState, Store};
use crate::model::prompt::{choose_version, document};
use crate::route::{Route, View, query};
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
        crate::keys::listen();
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
    let folder = path.strip_prefix(base).unwrap_or_default();
    let route = Route::parse(folder, query(&location.search().unwrap_or_default()));
    let mut paths = vec![RegistryPath::Registry];
    match &route {
        Some(Route::Prompt(name, _)) => paths.push(RegistryPath::Versions(name.clone())),
        Some(Route::Catalogue(_) | Route::Environments(..) | Route::History(_)) => {
            paths.push(RegistryPath::Catalog);
        }
        Some(Route::Status) | None => {}
    }
    store.read_ahead(paths).await;
    let registry = store.document::<Registry>(RegistryPath::Registry).get_untracked().ready();
    let Some(registry) = registry else { return };
    let paths = match &route {
        Some(Route::Prompt(name, view)) => version_files(store, &registry, name, view),
        Some(Route::History(_) | Route::Status) => pointers(&registry),
        _ => Vec::new(),
    };
    store.read_ahead(paths).await;
    if let Some(Route::History(_)) = route {
        store.read_ahead(older_releases(store, &registry)).await;
    }
}

/// Returns the releases before the newest ones.
fn older_releases(store: &Store, registry: &Registry) -> Vec<RegistryPath> {
    let tail = |environment: &Environment| {
        let pointer = RegistryPath::Pointer(Chain::Environment(environment.clone()));
        let release = store.document::<Release>(pointer).get_untracked().ready();
        release.map(|release| release.sequence)
    };
    releases(registry, tail)
}

/// Returns what the page of a prompt shows besides its versions.
fn version_files(
    store: &Store,
    registry: &Registry,
    name: &PromptName,
    view: &View,
) -> Vec<RegistryPath> {
    let versions = store.document::<Versions>(RegistryPath::Versions(name.clone()));
    let (LoadState::Ready(versions), View::Version(choice) | View::Play(choice)) =
        (versions.get_untracked(), view)
    else {
        return Vec::new();
    };
    let Ok(row) = choose_version(&versions, &registry.environments, choice) else {
        return Vec::new();
    };
    let cases = RegistryPath::Cases(name.clone(), row.version.clone());
    let mut paths = vec![document(&versions, row).0];
    paths.extend((row.cases > 0).then_some(cases));
    paths
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
