//! What stands around every page: the way to the others, the theme, the facts of the registry.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use promptdex_wire::Path;

use crate::context::{use_registry, use_route};
use crate::html::{Element, Node, data, el, link, live};
use crate::keys::KEYS;
use crate::model::query::Query;
use crate::route::{Audit, Route};

/// What stands above a page.
pub fn header() -> Node {
    let registry = use_registry();
    let name = move || registry.get().map(|registry| registry.registry.to_string());
    let route = use_route();
    let path = use_location().pathname;
    // A missing page has no address below the base, and as the compiler writes it no base.
    let missing = move || if cfg!(feature = "csr") { path.get() } else { String::new() };
    let current = move || route.get().map_or_else(missing, |route| route.to_string());
    let skip = el("a")
        .class("skip")
        .live_attr("href", move || Some(format!("{}#main", current())))
        .with("Skip to the content");
    let home = link("./", el("strong").with(live(name))).class("home");
    [skip.into(), el("header").class("top").with(home).with(navigation()).into()].into()
}

/// What stands below a page.
pub fn footer() -> Node {
    let made = el("p")
        .with("Made by promptdex. The data: ")
        .with(data(&Path::Catalog, "catalog.json"))
        .with(", ")
        .with(data(&Path::Registry, "registry.json"));
    el("footer").class("bottom").with(made).with(settings()).into()
}

fn navigation() -> Element {
    let route = use_route();
    let entry = move |to: Route, label: &'static str| {
        let page = to.page();
        let is_here = move || {
            let here = route.get().map(|route| route.page());
            (here.as_ref() == Some(&page)).then(|| "page".to_owned())
        };
        el("li").with(link(to.to_string(), label).live_attr("aria-current", is_here))
    };
    el("nav").class("pages").attr("aria-label", "Pages").with(
        el("ul")
            .with(entry(Route::Catalogue(Query::default()), "Prompts"))
            .with(entry(Route::Environments(None, 0), "Environments"))
            .with(entry(Route::History(Audit::default()), "History"))
            .with(entry(Route::Status, "Status")),
    )
}

/// Preferences, which stay in this browser.
fn settings() -> Element {
    let theme = |value: &'static str, label: &'static str| {
        el("label").with(choice("radio", "theme", value, preferences::theme() == value)).with(label)
    };
    let themes = el("fieldset")
        .with(el("legend").with("Colours"))
        .with(theme("auto", "As the system"))
        .with(theme("light", "Light"))
        .with(theme("dark", "Dark"));
    let keys = el("label")
        .with(choice("checkbox", "keys", "on", preferences::has_keys()))
        .with("Single-key shortcuts");
    let list = KEYS.iter().map(|(key, text)| fact_of_key(key, text));
    let list = el("details")
        .class("keys")
        .with(el("summary").with("Keys"))
        .with(el("dl").class("facts").all(list));
    el("div").class("settings").with(themes).with(keys).with(list)
}

fn fact_of_key(key: &'static str, text: &'static str) -> Node {
    [el("dt").with(el("kbd").with(key)).into(), el("dd").with(text).into()].into()
}

fn choice(kind: &'static str, name: &'static str, value: &'static str, is_chosen: bool) -> Element {
    el("input")
        .attr("type", kind)
        .attr("name", name)
        .attr("value", value)
        .flag("checked", is_chosen)
        .on("change", move |_| preferences::change(name, value))
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
