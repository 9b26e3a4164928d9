//! The catalogue: every prompt, filtered by one line of text that facets edit.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, State};
use promptdex_wire::engine::Lists;
use promptdex_wire::{Environment, Path};

use crate::components::pages::Part;
use crate::components::state::loaded;
use crate::components::version::{drift, served, state, tags};
use crate::context::{CurrentRoute, use_go, use_route};
use crate::data::{Load, Pending, Problem, Store};
use crate::engine::{Question, ask, wake};
use crate::html::{Element, Node, el, link, live, nothing};
use crate::model::catalogue::{Count, Facets, Found, Index, ROWS, Texts, drifting, words};
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
fn search_field(route: CurrentRoute) -> Element {
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
        .on("focus", |_| wake())
        .on("input", typed);
    el("form")
        .class("search")
        .attr("role", "search")
        .on("submit", sent)
        .with(el("label").attr("for", "q").with("Find prompts"))
        .with(field)
}

fn listing(catalog: &Arc<Catalog>, route: CurrentRoute) -> Node {
    if catalog.prompts.is_empty() {
        return el("p").class("notice").with("This registry has no prompts yet.").into();
    }
    let index = Arc::new(Index::new(catalog));
    let (all, shown) = (Arc::clone(catalog), Arc::clone(catalog));
    let known = Arc::clone(&index);
    let asked = Mutex::default();
    let found = Memo::new(move |_| {
        let query = Route::query(route.get());
        let texts = texts(&asked, &all, &query);
        let (hits, texts) = match texts.map(|hits| hits.get()) {
            None => (None, Texts::Unasked),
            Some(Load::Ready(hits)) => (Some(hits), Texts::Searched),
            Some(Load::Failed(Problem::Format(error))) => (None, Texts::Failed(error)),
            Some(_) => (None, Texts::Searching),
        };
        let hits = hits.as_ref().map_or(&[][..], |hits| hits.as_slice());
        Found { texts, ..known.find(&all, &query, hits) }
    });
    let all = Arc::clone(catalog);
    let rail = live(move || found.with(|found| rail(&all, found, &Route::query(route.get()))));
    let results = live(move || {
        let query = Route::query(route.get());
        found.with(|found| -> Node {
            let in_text = in_text(&shown, &index, found, &query);
            [results(&shown, found, &query), in_text].into()
        })
    });
    // Opened where there is room for it; on a narrow page it stays as the reader left it.
    let filters = el("details").class("filters").with(el("summary").with("Filters")).with(rail);
    el("div")
        .class("catalogue")
        .with(el("aside").class("rail").attr("aria-label", "Filters").with(filters))
        .with(el("div").class("results").with(results))
        .into()
}

/// What was last asked of the texts.
type Asked = Mutex<Option<(Vec<String>, Pending<Lists>)>>;

/// Looks for the words of a query in the texts, unless that is what was asked last.
fn texts(asked: &Asked, catalog: &Catalog, query: &Query) -> Option<Pending<Lists>> {
    let search = catalog.search.as_ref()?;
    let words: Vec<String> = words(query).map(|term| term.value).collect();
    if words.is_empty() {
        return None;
    }
    let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, answer)) = asked.as_ref().filter(|(before, _)| *before == words) {
        return Some(answer.clone());
    }
    let answer = Pending::default();
    ask(Question::Search { words: words.clone(), search: search.clone() }, answer.clone());
    *asked = Some((words, answer.clone()));
    Some(answer)
}

fn rail(catalog: &Catalog, found: &Found, query: &Query) -> Node {
    let facets = Facets::of(catalog, found, query);
    let folder = query.folder();
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
    [
        tree,
        facet("Served by", &facets.environments, query, is(Field::Environment)),
        facet("Not served by", &missing(catalog, found, &facets), query, is_not),
        facet("Drifting", &facets.drift, query, is(Field::Drift)),
        facet("State", &facets.states, query, is(Field::State)),
        facet("Tags", &facets.tags, query, is(Field::Tag)),
        facet("Owners", &facets.owners, query, is(Field::Owner)),
        facet("Models", &facets.models, query, is(Field::Model)),
    ]
    .map(Node::from)
    .into()
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
        (environment.to_string(), found.all().count() - serving)
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
    if number == 0 && (!found.in_text.is_empty() || found.texts == Texts::Searching) {
        return [summary.into(), chips.into()].into();
    }
    if number == 0 {
        let slip = query.unknown_field().map(|name| {
            let fields = Field::NAMED.map(|(_, word)| format!("{word}:")).join(" ");
            format!("There is no filter {name}: here, but {fields}. ")
        });
        let advice = el("p")
            .class("notice")
            .with(slip)
            .with("No prompt fits. Take a part of the filter out, or ")
            .with(link("./", "show all prompts"))
            .with(".");
        return [summary.into(), chips.into(), advice.into()].into();
    }
    let part = Part::new(number, ROWS, query.page);
    let shown = part.of(&found.rows).iter().map(|at| row(catalog, &catalog.prompts[*at]));
    let rows = el("ul").class("rows").all(shown);
    let steps = part.steps(|page| Route::Catalogue(query.on_page(page)));
    [summary.into(), chips.into(), rows.into(), steps.into()].into()
}

/// The rows that fit by their texts, with the places that do.
fn in_text(catalog: &Arc<Catalog>, index: &Arc<Index>, found: &Found, query: &Query) -> Node {
    let state =
        |text: &'static str| el("p").class("aside").attr("role", "status").with(text).into();
    match &found.texts {
        Texts::Searching => state("Searching in the texts …"),
        Texts::Failed(error) => el("p")
            .class("notice warn")
            .attr("role", "status")
            .with(format!("The texts were not searched: {error}."))
            .into(),
        Texts::Searched if !found.in_text.is_empty() => {
            let group = Group {
                catalog: Arc::clone(catalog),
                index: Arc::clone(index),
                query: query.clone(),
                rows: found.in_text.clone(),
            };
            el("section").class("in-text").with(batch(Arc::new(group), 0)).into()
        }
        Texts::Searched | Texts::Unasked => nothing(),
    }
}

/// Rows that fit by their texts.
struct Group {
    catalog: Arc<Catalog>,
    index: Arc<Index>,
    query: Query,
    rows: Vec<usize>,
}

/// Rows whose places are looked up together.
const BATCH: usize = 20;

/// Some of the rows, and a button for the next ones.
fn batch(group: Arc<Group>, from: usize) -> Node {
    let to = group.rows.len().min(from + BATCH);
    let answer = Pending::<Lists>::default();
    let wanted = |at: &usize| {
        let mut wanted = group.index.missing(*at, &group.query);
        wanted.push(group.catalog.prompts[*at].name.to_string());
        wanted
    };
    let wanted = group.rows[from..to].iter().map(wanted).collect();
    ask(Question::Find(wanted), answer.clone());
    let shown = Arc::clone(&group);
    let rows = live(move || -> Node {
        let found = answer.get().ready();
        let found = found.as_ref().map_or(&[][..], |found| found.as_slice());
        let gone = found.iter().filter(|found| found.is_empty()).count();
        let heading = (from == 0).then(|| {
            let number = format!("({})", grouped(shown.rows.len() - gone));
            let number = el("span").class("number").attr("role", "status").with(number);
            el("h2").with("In prompt text ").with(number)
        });
        let rows = shown.rows[from..to].iter().enumerate().filter_map(|(number, at)| {
            let row = row(&shown.catalog, &shown.catalog.prompts[*at]);
            match found.get(number) {
                None => Some(row),
                Some(found) => (!found.is_empty()).then(|| row.all(places(found))),
            }
        });
        [heading.into(), el("ul").class("rows").all(rows).into()].into()
    });
    if to == group.rows.len() {
        return rows;
    }
    let is_open = RwSignal::new(false);
    let more = live(move || -> Node {
        if is_open.get() {
            return batch(Arc::clone(&group), to);
        }
        let label = format!("Show {} more", BATCH.min(group.rows.len() - to));
        el("button")
            .attr("type", "button")
            .on("click", move |_| is_open.set(true))
            .with(label)
            .into()
    });
    [rows, more].into()
}

/// The places in a version that have what was looked for, or why they are not known.
fn places(found: &[String]) -> Vec<Element> {
    let line = |text: String| {
        el("p").class("found").attr("dir", "auto").with(el("small").with(text)).with(" ")
    };
    let [version, places @ ..] = found else { return Vec::new() };
    if places.is_empty() {
        return vec![line(version.clone())];
    }
    let place = |place: &[String]| {
        let [text, before, hit, after] = place else { return line(String::new()) };
        line(format!("{version}, {text}"))
            .with(before.as_str())
            .with(el("mark").with(hit.as_str()))
            .with(after.as_str())
    };
    places.chunks(4).map(place).collect()
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
        .all(states.map(state))
        .with(replaced)
        .with(about)
        .with(tags)
        .with(el("ul").class("environments").all(environments))
}
