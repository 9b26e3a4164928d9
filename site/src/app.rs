//! The frame around every page, and which page an address shows.

use leptos::prelude::*;
use leptos_router::components::Router;
use promptdex_wire::Page;

use crate::components::frame::{Footer, Header};
use crate::context::{BasePath, use_route};
use crate::data::Store;
use crate::view::{reactive, view};
use crate::views::catalogue::Catalogue;
use crate::views::environments::Environments;
use crate::views::history::History;
use crate::views::not_found::NotFound;
use crate::views::prompt::Prompt;
use crate::views::status::Status;

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
    provide_context(BasePath(base));
    view! {
        <Router base=router_base>
            <Header/>
            <main id="main" tabindex="-1"><CurrentPage/></main>
            <Footer/>
        </Router>
    }
}

/// Puts the URL of another page into the browser, and announces the page to screen readers: by the title,
/// and by the focus.
#[cfg(feature = "csr")]
fn announce(page: crate::context::CurrentRoute) {
    use leptos::tachys::dom::document;
    use leptos_router::hooks::use_location;
    use leptos_router::location::{BrowserUrl, LocationProvider as _};

    use crate::context::{focus, use_registry};

    let registry = use_registry();
    let pathname = use_location().pathname;
    let browser = use_context::<BrowserUrl>();
    let route = use_route();
    let mut before = None;
    crate::view::watch(move || {
        pathname.track();
        // The router waits with the address until the page is there.
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
        let (page, route) = (page.get(), route.get());
        let is_first = before.is_none();
        let is_other = before.replace(page.clone()).is_some_and(|before| before != page);
        // What the compiler wrote has the title of the page that it shows.
        if !is_first || page != route {
            let what = title(route.as_ref());
            let registry = registry.get_untracked();
            let registry = registry.as_ref().map_or("", |registry| registry.registry.as_str());
            document().set_title(&[&what, " · ", registry].concat());
        }
        if is_other {
            // The browser scrolls: to the top, or on the way back to where the page was left.
            focus("main", false);
        }
    });
}

/// Names what an address shows: each view of a prompt has a title of its own.
#[cfg(feature = "csr")]
fn title(route: Option<&crate::route::Route>) -> String {
    use crate::route::{Route, View};

    let page = match route {
        Some(Route::Catalogue(_)) => "Prompts",
        Some(Route::Prompt(name, view)) => {
            let (word, of) = match view {
                View::Version(choice) => ("", choice.text()),
                View::Play(choice) => (": playground", choice.text()),
                View::Compare(compare) => {
                    (": compare", [compare.a.text(), compare.b.text()].join(" → "))
                }
            };
            return [name.as_str(), word, " ", &of].concat();
        }
        Some(Route::Environments(..)) => "Environments",
        Some(Route::History(_)) => "History",
        Some(Route::Status) => "Status",
        None => "Page not found",
    };
    page.to_owned()
}

/// The page that the address shows.
#[component]
fn CurrentPage() -> impl IntoView {
    let route = use_route();
    // A page stays when only what it shows changes: its parts look at the route themselves.
    let page = Memo::new(move |_| route.get().map(|route| route.of_page()));
    #[cfg(feature = "csr")]
    announce(page);
    reactive(move || match page.get().map(|route| route.page()) {
        Some(Page::Catalogue) => view! { <Catalogue/> },
        Some(Page::Prompt(name)) => view! { <Prompt name/> },
        Some(Page::Environments) => view! { <Environments/> },
        Some(Page::History) => view! { <History/> },
        Some(Page::Status) => view! { <Status/> },
        Some(Page::NotFound) | None => view! { <NotFound/> },
    })
}
