//! What every page can ask of the app: where it is, the way elsewhere, and the facts of the registry.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use promptdex_wire::RegistryPath;

use crate::data::Store;
use crate::model::shown_documents::ShownRegistry;
use crate::route::{Route, query};

/// The path of the registry's root on its host, `/registry/`.
#[derive(Debug, Clone)]
pub struct BasePath(pub String);

/// What the address shows, as it changes; nothing for an address that leads nowhere.
pub type CurrentRoute = Memo<Option<Route>>;

/// Returns what the address shows, as it changes.
pub fn use_route() -> CurrentRoute {
    let location = use_location();
    let base = use_context::<BasePath>().map(|base| base.0).unwrap_or_default();
    Memo::new(move |_| {
        let path = location.pathname.read();
        let folder = path.strip_prefix(base.as_str()).unwrap_or(path.trim_start_matches('/'));
        // The router's own map decodes what is decoded already.
        Route::parse(folder, query(&location.search.read()))
    })
}

/// Returns a function that goes to an address of the site; with `true`, in the place of the one that is shown.
pub fn use_go() -> impl Fn(&Route, bool) + Clone + Send + 'static {
    let navigate = use_navigate();
    let base = use_context::<BasePath>().map(|base| base.0).unwrap_or_default();
    move |route, replace| {
        // Resolved here: the router would resolve it below the page that is shown.
        let to = format!("{base}{}", route.to_string().trim_start_matches("./"));
        let options = NavigateOptions {
            resolve: false,
            replace,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&to, options);
    }
}

/// Returns the facts of the registry, once they are there.
pub fn use_registry() -> Signal<Option<Arc<ShownRegistry>>> {
    let registry = Store::get().document::<ShownRegistry>(RegistryPath::Registry);
    Signal::derive(move || registry.get().ready())
}

/// Moves the focus to an element, by its `id`, and scrolls there if asked to.
pub fn focus(id: &str, scrolls: bool) {
    #[cfg(feature = "csr")]
    {
        use wasm_bindgen::JsCast as _;
        let element = leptos::tachys::dom::document().get_element_by_id(id);
        if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(!scrolls);
            // What cannot have the focus leaves it where it was.
            drop(element.focus_with_options(&options));
        }
    }
    #[cfg(not(feature = "csr"))]
    let _ = (id, scrolls);
}
