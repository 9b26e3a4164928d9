//! The start in the browser: read what the page needs, then take the place of the text that is there.

use leptos::prelude::*;
use promptdex_wire::{Chain, RegistryPath};
use wasm_bindgen::JsCast as _;

use crate::app::App;
use crate::data::Store;
use crate::model::page_documents::{KnownDocuments, page_documents};
use crate::model::shown_documents::ShownRelease;
use crate::route::{Route, query};

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
    let mut known = KnownDocuments::default();
    let mut asked: Vec<RegistryPath> = Vec::new();
    loop {
        let mut paths = page_documents(route.as_ref(), &known);
        paths.retain(|path| !asked.contains(path));
        if paths.is_empty() {
            return;
        }
        asked.extend_from_slice(&paths);
        store.read_ahead(paths.clone()).await;
        for path in paths {
            learn(&mut known, store, path);
        }
    }
}

/// Notes what a document that was read ahead says about others.
fn learn(known: &mut KnownDocuments, store: &Store, path: RegistryPath) {
    match &path {
        RegistryPath::Registry => known.registry = store.document(path).get_untracked().ready(),
        RegistryPath::Versions(_) => {
            known.versions.extend(store.document(path).get_untracked().ready());
        }
        RegistryPath::Snapshot(_) => {
            let older = known.versions.last().and_then(|file| file.older);
            let file = older.and_then(|page| store.older_versions(page).get_untracked().ready());
            known.versions.extend(file);
        }
        RegistryPath::Pointer(Chain::Environment(environment)) => {
            let environment = environment.clone();
            let release = store.document::<ShownRelease>(path).get_untracked().ready();
            known.newest.extend(release.map(|release| (environment, release.sequence)));
        }
        _ => {}
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
    // Both are in the document for no time at all. The boot script keeps what was typed.
    drop(written.replace_with_with_node_1(&root));
    drop(root.set_attribute("data-ready", ""));
}
