//! What each environment serves, prompt by prompt.

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt};
use promptdex_wire::{Environment, Path};

use crate::components::state::loaded;
use crate::components::version::{drift, served};
use crate::data::Store;
use crate::html::{Element, Node, el, link, live};
use crate::model::catalogue::{ROWS, drifting};
use crate::model::query::{Field, Query, Term};
use crate::route::Route;
use crate::text::count;

/// The page.
pub fn environments() -> Node {
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    let matrix = live(move || match loaded(catalog.get(), "list of prompts") {
        Ok(catalog) => matrix(&catalog),
        Err(state) => state,
    });
    [el("h1").with("Environments").into(), matrix].into()
}

fn matrix(catalog: &Catalog) -> Node {
    let summaries = catalog.environments.iter().map(|environment| summary(catalog, environment));
    let summaries = el("ul").class("summaries").all(summaries);
    let head = el("tr").with(el("th").attr("scope", "col").with("Prompt")).all(
        catalog.environments.iter().map(|name| el("th").attr("scope", "col").with(name.as_str())),
    );
    let rows = catalog.prompts.iter().take(ROWS).map(|prompt| row(catalog, prompt));
    let table =
        el("table").class("matrix").with(el("thead").with(head)).with(el("tbody").all(rows));
    let more = (catalog.prompts.len() > ROWS).then(|| {
        el("p")
            .with(format!("The first {ROWS} of {}; ", count(catalog.prompts.len(), "prompt")))
            .with(link("./", "the catalogue"))
            .with(" has all.")
    });
    [summaries.into(), wide("Prompts and environments", table).into(), more.into()].into()
}

fn summary(catalog: &Catalog, environment: &Environment) -> Element {
    let served = catalog.prompts.iter().filter(|row| row.environments.contains_key(environment));
    let drift = catalog
        .prompts
        .iter()
        .filter(|prompt| drifting(&catalog.environments, prompt).any(|name| name == environment));
    let drift = drift.count();
    let filter = |field| {
        let query = Query::default().toggled(Term::new(field, environment.as_str()));
        Route::Catalogue(query).to_string()
    };
    let differs = (drift > 0).then(|| -> Node {
        let text = format!("{} differently from the environment before", count(drift, "prompt"));
        [", ".into(), link(filter(Field::Drift), text).into()].into()
    });
    el("li")
        .with(el("strong").with(environment.as_str()))
        .with(" serves ")
        .with(link(filter(Field::Environment), count(served.count(), "prompt")))
        .with(differs)
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Element {
    let drifts: Vec<&Environment> = drifting(&catalog.environments, prompt).collect();
    let cell = |environment: &Environment| {
        let cell = match prompt.environments.get(environment) {
            Some(target) => served(&prompt.name, target),
            None => el("span").class("none").with("not served").into(),
        };
        el("td").with(cell).with(drifts.contains(&environment).then(drift))
    };
    let name = link(Route::prompt(&prompt.name).to_string(), prompt.name.as_str());
    el("tr")
        .with(el("th").attr("scope", "row").with(name))
        .all(catalog.environments.iter().map(cell))
}

/// A table that may be wider than the page: it scrolls by itself, with keys too.
pub fn wide(label: &'static str, table: Element) -> Element {
    el("div")
        .class("wide")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
        .with(table)
}

/// A row of headings.
pub fn head(titles: &[&str]) -> Element {
    let titles = titles.iter().map(|title| el("th").attr("scope", "col").with(*title));
    el("thead").with(el("tr").all(titles))
}
