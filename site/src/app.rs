//! The frame around every page, and which page an address shows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route as RouterRoute, Router};
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::{NavigateOptions, WildcardSegment};
use promptdex_wire::catalog::Registry;
use promptdex_wire::{Page, Path};

use crate::components::frame;
use crate::data::Store;
use crate::html::{Node, live};
use crate::route::Route;
use crate::views;

/// The site.
#[component]
pub fn App(
    /// The documents of the registry.
    store: Store,
    /// The path of the registry's root on its host, `/registry/`.
    base: String,
) -> impl IntoView {
    provide_context(store);
    let router_base = base.strip_suffix('/').unwrap_or_default().to_owned();
    provide_context(Base(base));
    view! {
        <Router base=router_base>
            {frame::header()}
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=views::not_found::not_found>
                    <RouterRoute path=WildcardSegment("page") view=page/>
                </FlatRoutes>
            </main>
            {frame::footer()}
        </Router>
    }
}

/// The path of the registry's root.
#[derive(Debug, Clone)]
struct Base(String);

/// Returns what the address shows, as it changes.
pub fn use_route() -> Shown {
    let location = use_location();
    let query = use_query_map();
    let base = use_context::<Base>().map(|base| base.0).unwrap_or_default();
    Memo::new(move |_| {
        let path = location.pathname.read();
        let folder = path.strip_prefix(base.as_str()).unwrap_or(path.trim_start_matches('/'));
        Route::parse(folder, |key| query.read().get(key))
    })
}

/// What the address shows, as it changes.
pub type Shown = Memo<Option<Route>>;

/// Returns what goes to an address of the site; with `true`, in the place of the one that is shown.
pub fn use_go() -> impl Fn(&Route, bool) + Clone + Send + 'static {
    let navigate = use_navigate();
    let base = use_context::<Base>().map(|base| base.0).unwrap_or_default();
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
pub fn use_registry() -> Signal<Option<Arc<Registry>>> {
    let registry = Store::get().document::<Registry>(Path::Registry);
    Signal::derive(move || registry.get().ready())
}

/// Tells those who do not see it that another page is shown: by the title, and by the focus.
#[cfg(feature = "csr")]
fn announce(page: Shown) {
    use leptos::tachys::dom::document;

    let registry = use_registry();
    let mut before = None;
    crate::html::watch(move || {
        let page = page.get();
        if before.replace(page.clone()).is_none_or(|before| before == page) {
            return;
        }
        let what = match &page {
            Some(Route::Catalogue(_)) => "Prompts",
            Some(Route::Prompt(name, _)) => name.as_str(),
            Some(Route::Environments(_)) => "Environments",
            Some(Route::History) => "History",
            Some(Route::Status) => "Status",
            None => "Not found",
        };
        let registry = registry.get_untracked();
        let registry = registry.as_ref().map_or("", |registry| registry.registry.as_str());
        document().set_title(&format!("{what} · {registry}"));
        focus("main");
    });
}

/// Moves the focus to an element, by its `id`.
pub fn focus(id: &str) {
    #[cfg(feature = "csr")]
    {
        use wasm_bindgen::JsCast as _;
        let element = leptos::tachys::dom::document().get_element_by_id(id);
        if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            // What cannot have the focus leaves it where it was.
            drop(element.focus());
        }
    }
    #[cfg(not(feature = "csr"))]
    let _ = id;
}

fn page() -> Node {
    let route = use_route();
    // A page stays when only what it shows changes: its parts look at the route themselves.
    let page = Memo::new(move |_| route.get().map(|route| route.of_page()));
    #[cfg(feature = "csr")]
    announce(page);
    live(move || match page.get().map(|route| route.page()) {
        Some(Page::Catalogue) => views::catalogue::catalogue(),
        Some(Page::Prompt(name)) => views::prompt::prompt(name),
        Some(Page::Environments) => views::environments::environments(),
        Some(Page::History) => views::history::history(),
        Some(Page::Status) => views::status::status(),
        Some(Page::NotFound) | None => views::not_found::not_found(),
    })
}
