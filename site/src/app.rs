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

/// Puts the URL of another page into the browser, and announces the page to screen readers by the focus. The boot script sets the
/// title.
#[cfg(feature = "csr")]
fn announce(page: crate::context::CurrentRoute) {
    use leptos_router::hooks::use_location;
    use leptos_router::location::{BrowserUrl, LocationProvider as _};

    let pathname = use_location().pathname;
    let browser = use_context::<BrowserUrl>();
    let mut before = None;
    crate::view::watch(move || {
        pathname.track();
        // The router waits with the address until the page is there.
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
        let page = page.get();
        if before.replace(page.clone()).is_some_and(|before| before != page) {
            // The browser scrolls: to the top, or on the way back to where the page was left.
            crate::context::focus("main", false);
        }
    });
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
