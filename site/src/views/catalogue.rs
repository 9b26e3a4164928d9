//! The catalogue: every prompt, filtered by one line of text that facets edit.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, State};
use promptdex_wire::{Environment, Path};

use crate::app::{Shown, use_go, use_route};
use crate::components::state::loaded;
use crate::components::version::{drift, served, state, tags};
use crate::data::Store;
use crate::html::{Element, Node, el, link, live, nothing};
use crate::model::catalogue::{Count, Facets, Found, Index, ROWS, drifting};
use crate::model::query::{Field, Query, Term};
use crate::route::Route;
use crate::text::{count, grouped};

/// The most values of a facet that are listed at first.
const LISTED: usize = 12;

/// The page.
pub fn catalogue() -> Node {
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    let route = use_route();
    let list = live(move || match loaded(catalog.get(), "list of prompts") {
        Ok(catalog) => listing(&catalog, route),
        Err(state) => state,
    });
    [el("h1").class("unseen").with("Prompts").into(), search_field(route).into(), list].into()
}

/// The search field. What is typed goes to the address at once, and to the history when it is done.
fn search_field(route: Shown) -> Element {
    let go = use_go();
    let go = move |text: String, replace: bool| {
        go(&Route::Catalogue(Query { text, page: 0 }), replace);
    };
    let typed = {
        let go = go.clone();
        move |event| go(event_target_value(&event), true)
    };
    let sent = move |event: leptos::ev::Event| {
        event.prevent_default();
        go(Route::query(route.get_untracked()).text, false);
    };
    let field = el("input")
        .attr("id", "q")
        .attr("name", "q")
        .attr("type", "search")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", "refund tag:billing env:production -draft \"exact words\"")
        .property("value", move || Route::query(route.get()).text)
        .on("input", typed);
    el("form")
        .class("search")
        .attr("role", "search")
        .on("submit", sent)
        .with(el("label").attr("for", "q").with("Find prompts"))
        .with(field)
}

fn listing(catalog: &Arc<Catalog>, route: Shown) -> Node {
    if catalog.prompts.is_empty() {
        return el("p").class("notice").with("This registry has no prompts yet.").into();
    }
    let index = Index::new(catalog);
    let (all, shown) = (Arc::clone(catalog), Arc::clone(catalog));
    let found = Memo::new(move |_| index.find(&all, &Route::query(route.get())));
    let all = Arc::clone(catalog);
    let rail = live(move || found.with(|found| rail(&all, found, &Route::query(route.get()))));
    let results =
        live(move || found.with(|found| results(&shown, found, &Route::query(route.get()))));
    el("div")
        .class("catalogue")
        .with(el("aside").class("rail").attr("aria-label", "Filters").with(rail))
        .with(el("div").class("results").with(results))
        .into()
}

fn rail(catalog: &Catalog, found: &Found, query: &Query) -> Element {
    let facets = Facets::of(catalog, found, query);
    let folder = query.terms().into_iter().find(|term| term.field == Field::Folder);
    let up = folder.map(|term| {
        let to = match term.value.rsplit_once('/') {
            Some((above, _)) => query.with_only(Field::Folder, above),
            None => query.without(&term),
        };
        el("li").with(link(Route::Catalogue(to).to_string(), format!("← {}", term.value)))
    });
    let folders: Vec<Element> = facets
        .folders
        .iter()
        .map(|(folder, number)| {
            let to = Route::Catalogue(query.with_only(Field::Folder, folder)).to_string();
            let leaf = folder.rsplit('/').next().unwrap_or(folder);
            counted(link(to, format!("{leaf}/")), *number)
        })
        .collect();
    let tree = (up.is_some() || !folders.is_empty()).then(|| {
        el("section").with(el("h2").with("Folders")).with(el("ul").with(up).with(folders))
    });
    let is = |field| move |value: &str| Term::new(field, value);
    let is_not = |value: &str| Term { is_excluded: true, ..Term::new(Field::Environment, value) };
    el("details")
        .class("filters")
        .flag("open", true)
        .with(el("summary").with("Filters"))
        .with(tree)
        .with(facet("Served by", &facets.environments, query, is(Field::Environment)))
        .with(facet("Not served by", &missing(catalog, found, &facets), query, is_not))
        .with(facet("Drifting", &facets.drift, query, is(Field::Drift)))
        .with(facet("State", &facets.states, query, is(Field::State)))
        .with(facet("Tags", &facets.tags, query, is(Field::Tag)))
        .with(facet("Owners", &facets.owners, query, is(Field::Owner)))
        .with(facet("Models", &facets.models, query, is(Field::Model)))
}

/// A row of the rail.
fn counted(link: Element, number: usize) -> Element {
    el("li").with(link).with(" ").with(el("span").class("number").with(grouped(number)))
}

/// Counts what is found that an environment does not serve.
fn missing(catalog: &Catalog, found: &Found, facets: &Facets) -> Vec<Count> {
    let count = |environment: &Environment| {
        let is_it = |count: &&Count| count.0 == environment.as_str();
        let serving = facets.environments.iter().find(is_it).map_or(0, |(_, serving)| *serving);
        (environment.to_string(), found.rows.len() - serving)
    };
    catalog.environments.iter().map(count).filter(|(_, number)| *number > 0).collect()
}

/// The values of a facet, as links that switch a term on and off.
fn facet(
    title: &'static str,
    values: &[Count],
    query: &Query,
    term: impl Fn(&str) -> Term,
) -> Option<Element> {
    if values.is_empty() {
        return None;
    }
    let chosen = query.terms();
    let value = |(value, number): &Count| {
        let term = term(value);
        let is_chosen = chosen.contains(&term);
        let link = link(Route::Catalogue(query.toggled(term)).to_string(), value.as_str());
        counted(if is_chosen { link.attr("aria-current", "true") } else { link }, *number)
    };
    let (first, rest) = values.split_at(values.len().min(LISTED));
    let rest = (!rest.is_empty()).then(|| {
        el("details")
            .with(el("summary").with(format!("{} more", grouped(rest.len()))))
            .with(el("ul").all(rest.iter().map(value)))
    });
    let list = el("ul").all(first.iter().map(value));
    Some(el("section").with(el("h2").with(title)).with(list).with(rest))
}

fn results(catalog: &Catalog, found: &Found, query: &Query) -> Node {
    let (all, number) = (catalog.prompts.len(), found.rows.len());
    let summary = if number == all {
        count(all, "prompt")
    } else {
        format!("{} of {}", grouped(number), count(all, "prompt"))
    };
    let summary = el("p").class("count").attr("role", "status").with(summary);
    let chips = query.terms().into_iter().map(|term| {
        let to = Route::Catalogue(query.without(&term)).to_string();
        let chip = link(to, format!("{term} ×")).class("chip");
        el("li").with(chip.attr("aria-label", format!("remove {term}")))
    });
    let chips: Vec<Element> = chips.collect();
    let chips = (!chips.is_empty()).then(|| el("ul").class("chips").with(chips));
    if number == 0 {
        let advice = el("p")
            .class("notice")
            .with("No prompt fits. Take a part of the filter out, or ")
            .with(link("./", "show all prompts"))
            .with(".");
        return [summary.into(), chips.into(), advice.into()].into();
    }
    let last = (number - 1) / ROWS;
    let page = query.page.min(last);
    let shown = found.rows.iter().skip(page * ROWS).take(ROWS);
    let rows = el("ul").class("rows").all(shown.map(|at| row(catalog, &catalog.prompts[*at])));
    let step = |to: usize, label: &'static str| {
        link(Route::Catalogue(query.on_page(to)).to_string(), label)
    };
    let pages = if last > 0 {
        el("nav")
            .class("steps")
            .attr("aria-label", "Pages of the list")
            .with((page > 0).then(|| step(page - 1, "← Previous 100")))
            .with(el("span").with(format!("Page {} of {}", page + 1, grouped(last + 1))))
            .with((page < last).then(|| step(page + 1, "Next 100 →")))
            .into()
    } else {
        nothing()
    };
    [summary.into(), chips.into(), rows.into(), pages].into()
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Element {
    let name = &prompt.name;
    let folder = name.domain();
    let folder = folder.map(|domain| el("span").class("folder").with(format!("{domain}/")));
    let title = el("a")
        .class("name")
        .attr("href", Route::prompt(name).to_string())
        .with(folder)
        .with(el("strong").with(name.leaf()));
    let drifts: Vec<&Environment> = drifting(&catalog.environments, prompt).collect();
    let environments = catalog.environments.iter().filter_map(|environment| {
        let target = prompt.environments.get(environment)?;
        let label = el("span").class("label").with(environment.as_str());
        let is_drifting = drifts.contains(&environment);
        Some(
            el("li")
                .with(label)
                .with(" ")
                .with(served(name, Some(target)))
                .with(is_drifting.then(drift)),
        )
    });
    let tags = (!prompt.tags.is_empty()).then(|| tags(&prompt.tags));
    let states = [State::Deprecated, State::Yanked, State::Redacted];
    let states = states.into_iter().filter(|state| prompt.states.values().any(|is| is == state));
    let about = prompt.title.as_ref().or(prompt.description.as_ref());
    let about = about.map(|about| el("p").class("about").attr("dir", "auto").with(about.as_str()));
    let replaced = prompt.replaced_by.as_ref();
    let replaced = replaced.map(|by| el("span").class("state").with(format!("replaced by {by}")));
    el("li")
        .class("row")
        .with(title)
        .all(states.filter_map(state))
        .with(replaced)
        .with(about)
        .with(tags)
        .with(el("ul").class("environments").all(environments))
}
