//! The frame of every page: navigation, theme, facts of the registry.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use promptdex_wire::RegistryPath;

use crate::components::link::DocumentLink;
use crate::context::{use_registry, use_route};
use crate::keys::KEYS;
use crate::model::query::Query;
use crate::route::{Audit, Route};
use crate::view::{reactive, view};

/// The header of a page.
#[component]
pub fn Header() -> impl IntoView {
    let registry = use_registry();
    let name = move || registry.get().map(|registry| registry.registry.to_string());
    let route = use_route();
    let path = use_location().pathname;
    // A missing page has no address below the base, and as the compiler writes it no base.
    let missing = move || if cfg!(feature = "csr") { path.get() } else { String::new() };
    let current = move || route.get().map_or_else(missing, |route| route.to_string());
    view! {
        <a class="skip" href=move || format!("{}#main", current())>"Skip to content"</a>
        <header class="top">
            <a class="home" href="./"><strong>{reactive(name)}</strong></a>
            <nav class="pages" aria-label="Main">
                <ul>
                    <PageLink to=Route::Catalogue(Query::default()) label="Prompts"/>
                    <PageLink to=Route::Environments(None, 0) label="Environments"/>
                    <PageLink to=Route::History(Audit::default()) label="History"/>
                    <PageLink to=Route::Status label="Status"/>
                </ul>
            </nav>
        </header>
    }
}

/// A link to one of the main pages, marked if that page is shown.
#[component]
fn PageLink(to: Route, label: &'static str) -> impl IntoView {
    let route = use_route();
    let href = to.to_string();
    let page = to.page();
    let is_here = move || {
        let here = route.get().map(|route| route.page());
        (here.as_ref() == Some(&page)).then_some("page")
    };
    view! { <li><a href=href aria-current=is_here>{label}</a></li> }
}

/// The footer of a page.
#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="bottom">
            <p>
                "Built with promptdex. Raw data: "
                <DocumentLink path=RegistryPath::Catalog>"catalog.json"</DocumentLink>
                ", "
                <DocumentLink path=RegistryPath::Registry>"registry.json"</DocumentLink>
            </p>
            <Settings/>
        </footer>
    }
}

/// Preferences, which stay in this browser.
#[component]
fn Settings() -> impl IntoView {
    let keys = KEYS.iter().map(|(key, text)| {
        view! {
            <dt><kbd>{*key}</kbd></dt>
            <dd>{*text}</dd>
        }
    });
    view! {
        <div class="settings">
            <fieldset>
                <legend>"Theme"</legend>
                <Theme value="auto" label="System"/>
                <Theme value="light" label="Light"/>
                <Theme value="dark" label="Dark"/>
            </fieldset>
            <label>
                <input
                    type="checkbox"
                    name="keys"
                    value="on"
                    checked=preferences::has_keys()
                    on:change=|_| preferences::change("keys", "on")
                />
                "Enable shortcuts"
            </label>
            <details class="keys">
                <summary>"Keyboard shortcuts"</summary>
                <dl class="facts">{keys.collect_view()}</dl>
            </details>
        </div>
    }
}

#[component]
fn Theme(value: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <label>
            <input
                type="radio"
                name="theme"
                value=value
                checked=preferences::theme() == value
                on:change=move |_| preferences::change("theme", value)
            />
            {label}
        </label>
    }
}

#[cfg(feature = "csr")]
use crate::settings as preferences;

/// Without a browser nothing is preferred.
#[cfg(not(feature = "csr"))]
mod preferences {
    pub(super) fn theme() -> String {
        "auto".to_owned()
    }

    pub(super) fn has_keys() -> bool {
        true
    }

    pub(super) fn change(_: &str, _: &str) {}
}
