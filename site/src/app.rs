//! The frame around every page, and which page an address shows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use promptdex_wire::catalog::Registry;
use promptdex_wire::{Page, Path};

use crate::components::frame;
use crate::data::Store;
use crate::html::{Node, live};
use crate::route::{Route, query};
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
            <main id="main" tabindex="-1">{page()}</main>
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
    let base = use_context::<Base>().map(|base| base.0).unwrap_or_default();
    Memo::new(move |_| {
        let path = location.pathname.read();
        let folder = path.strip_prefix(base.as_str()).unwrap_or(path.trim_start_matches('/'));
        // The router's own map decodes what is decoded already.
        Route::parse(folder, query(&location.search.read()))
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

/// Puts the address of another page into the browser, and tells those who do not see it that it is
/// shown: by the title, and by the focus.
#[cfg(feature = "csr")]
fn announce(page: Shown) {
    use leptos::tachys::dom::document;
    use leptos_router::location::{BrowserUrl, LocationProvider as _};

    let registry = use_registry();
    let pathname = use_location().pathname;
    let browser = use_context::<BrowserUrl>();
    let mut before = None;
    crate::html::watch(move || {
        pathname.track();
        // The router waits with the address until the page is there.
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
        let page = page.get();
        if before.replace(page.clone()).is_none_or(|before| before == page) {
            return;
        }
        let what = match &page {
            Some(Route::Catalogue(_)) => "Prompts",
            Some(Route::Prompt(name, _)) => name.as_str(),
            Some(Route::Environments(..)) => "Environments",
            Some(Route::History(_)) => "History",
            Some(Route::Status) => "Status",
            None => "Not found",
        };
        let registry = registry.get_untracked();
        let registry = registry.as_ref().map_or("", |registry| registry.registry.as_str());
        document().set_title(&format!("{what} · {registry}"));
        // The browser scrolls: to the top, or on the way back to where the page was left.
        focus("main", false);
    });
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

fn page() -> Node {
    let route = use_route();
    // A page stays when only what it shows changes: its parts look at the route themselves.
    let page = Memo::new(move |_| route.get().map(|route| route.of_page()));
    #[cfg(feature = "csr")]
    announce(page);
    live(move || match page.get().map(|route| route.page()) {
        Some(Page::Catalogue) => views::catalogue::catalogue(),
        Some(Page::Prompt(name)) => views::prompt::prompt(name),
        Some(Page::Environments) => {
            view! { <views::environments::Environments/> }.into_any().into()
        }
        Some(Page::History) => view! { <views::history::History/> }.into_any().into(),
        Some(Page::Status) => view! { <views::status::Status/> }.into_any().into(),
        Some(Page::NotFound) | None => views::not_found::not_found(),
    })
}
