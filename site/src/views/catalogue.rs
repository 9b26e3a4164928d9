//! The catalogue: every prompt, filtered by one line of text that facets edit.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, State};
use promptdex_wire::engine::{Excerpt, Lists, TextMatches};
use promptdex_wire::{Environment, Open, RegistryPath};

use crate::components::load_state::Loaded;
use crate::components::pages::{ListPage, ShowMore, Steps};
use crate::components::version::{Served, State, Tags, difference_badge};
use crate::context::{CurrentRoute, use_go, use_route};
use crate::data::{LoadProblem, LoadState, Pending, Store};
use crate::engine::{Question, ask, wake};
use crate::model::catalogue::{
    CatalogIndex, FacetCount, Facets, ROWS, SearchResults, TextSearchState, words,
};
use crate::model::differences::{EnvironmentDifference, list_differences};
use crate::model::query::{Field, Query, Term};
use crate::route::Route;
use crate::text::{count, format_number};
use crate::view::{reactive, view};

/// The most values of a facet that are listed at first.
const LISTED: usize = 12;

/// The page.
#[component]
pub fn Catalogue() -> impl IntoView {
    let catalog = Store::get().document::<Catalog>(RegistryPath::Catalog);
    let route = use_route();
    view! {
        <h1 class="unseen">"Prompts"</h1>
        <SearchField route/>
        <Loaded of=catalog what="list of prompts" let:catalog>
            <Listing catalog route/>
        </Loaded>
    }
}

/// The search field. The text goes into the URL at once, and into the browser's history when it is
/// complete, by the boot script.
#[component]
fn SearchField(route: CurrentRoute) -> impl IntoView {
    let go = use_go();
    let search = move |event| {
        let text = event_target_value(&event);
        go(&Route::Catalogue(Query { text, page: 0 }), true);
    };
    // No form: before the app is there, the browser would send it.
    view! {
        <div class="search" role="search">
            <label for="q">"Search prompts"</label>
            <input
                id="q"
                name="q"
                type="search"
                autocomplete="off"
                spellcheck="false"
                placeholder="refund tag:billing env:production -is:deprecated \"exact words\""
                prop:value=move || Route::query(route.get()).text
                on:focus=|_| wake()
                on:input=search
            />
        </div>
    }
}

#[component]
fn Listing(catalog: Arc<Catalog>, route: CurrentRoute) -> impl IntoView {
    if catalog.prompts.is_empty() {
        return view! { <p class="notice">"No prompts yet. Add one with "<code>"promptdex new NAME"</code>"."</p> };
    }
    let index = Arc::new(CatalogIndex::new(&catalog));
    let found = {
        let (catalog, index, last) = (Arc::clone(&catalog), Arc::clone(&index), Mutex::default());
        Memo::new(move |_| {
            let query = Route::query(route.get());
            let texts = search_texts(&last, &catalog, &query);
            let (hits, texts) = match texts.map(|hits| hits.get()) {
                None => (None, TextSearchState::Unasked),
                Some(LoadState::Ready(hits)) => (Some(hits), TextSearchState::Searched),
                Some(LoadState::Failed(LoadProblem::Format(error))) => {
                    (None, TextSearchState::Failed(error))
                }
                Some(_) => (None, TextSearchState::Searching),
            };
            let hits = hits.as_ref().map_or(&[][..], |hits| hits.as_slice());
            SearchResults { texts, ..index.find(&catalog, &query, hits) }
        })
    };
    let filters = {
        let catalog = Arc::clone(&catalog);
        reactive(move || {
            let query = Route::query(route.get());
            found.with(|found| view! { <Filters catalog=&catalog found query=&query/> })
        })
    };
    let results = reactive(move || {
        let query = &Route::query(route.get());
        found.with(|found| {
            view! {
                <Results catalog=&catalog found query/>
                <InText catalog=&catalog index=&index found query/>
            }
        })
    });
    // Opened where there is room for it; on a narrow page it stays as the reader left it.
    view! {
        <div class="catalogue">
            <aside class="rail" aria-label="Filters">
                <details class="filters">
                    <summary>"Filters"</summary>
                    {filters}
                </details>
            </aside>
            <div class="results">{results}</div>
        </div>
    }
}

/// The words that the texts were last searched for, and what was found.
type LastTextQuery = Mutex<Option<(Vec<String>, Pending<Lists>)>>;

/// Looks for the words of a query in the texts, unless that is what was looked for last.
fn search_texts(last: &LastTextQuery, catalog: &Catalog, query: &Query) -> Option<Pending<Lists>> {
    let search = catalog.search.as_ref()?;
    let words: Vec<String> = words(query).map(|term| term.value).collect();
    if words.is_empty() {
        return None;
    }
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, answer)) = last.as_ref().filter(|(before, _)| *before == words) {
        return Some(answer.clone());
    }
    let answer = Pending::default();
    ask(Question::Search { words: words.clone(), search: search.clone() }, answer.clone());
    *last = Some((words, answer.clone()));
    Some(answer)
}

/// Links that add terms to the query and take them out.
#[component]
fn Filters<'a>(catalog: &'a Catalog, found: &'a SearchResults, query: &'a Query) -> AnyView {
    let facets = Facets::of(catalog, found, query);
    let up = query.folder().map(|term| {
        let to = match term.value.rsplit_once('/') {
            Some((above, _)) => query.with_only(Field::Folder, above),
            None => query.without(&term),
        };
        let href = Route::Catalogue(to).to_string();
        view! { <li><a href=href>{format!("← {}", term.value)}</a></li> }
    });
    let folders = facets.folders.iter().map(|(folder, number)| {
        let to = query.with_only(Field::Folder, folder);
        let leaf = folder.rsplit('/').next().unwrap_or(folder);
        view! { <FilterRow to label=format!("{leaf}/") number=*number/> }
    });
    let folders: Vec<AnyView> = up.into_iter().chain(folders).collect();
    let folders = (!folders.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Folders"</h2>
                <ul>{folders}</ul>
            </section>
        }
    });
    let is = |field| move |value: &str| Term::new(field, value);
    let is_not = |value: &str| Term { is_excluded: true, ..Term::new(Field::Environment, value) };
    let missing = &count_absent(catalog, found, &facets);
    view! {
        {folders}
        <Facet title="In environment" values=&facets.environments query term=is(Field::Environment)/>
        <Facet title="Not in environment" values=missing query term=is_not/>
        <Facet title="Differs from previous environment" values=&facets.drift query term=is(Field::Drift)/>
        <Facet title="State" values=&facets.states query term=is(Field::State)/>
        <Facet title="Tags" values=&facets.tags query term=is(Field::Tag)/>
        <Facet title="Owners" values=&facets.owners query term=is(Field::Owner)/>
        <Facet title="Models" values=&facets.models query term=is(Field::Model)/>
    }
}

/// A link that adds a term to the query, with the number of matching rows.
#[component]
fn FilterRow(
    to: Query,
    label: String,
    number: usize,
    #[prop(optional)] is_chosen: bool,
) -> impl IntoView {
    let current = is_chosen.then_some("true");
    view! {
        <li>
            <a href=Route::Catalogue(to).to_string() aria-current=current>{label}</a>
            " "
            <span class="number">{format_number(number)}</span>
        </li>
    }
}

/// Counts the results that each environment does not serve.
fn count_absent(catalog: &Catalog, found: &SearchResults, facets: &Facets) -> Vec<FacetCount> {
    let count = |environment: &Environment| {
        let is_it = |count: &&FacetCount| count.0 == environment.as_str();
        let serving = facets.environments.iter().find(is_it).map_or(0, |(_, serving)| *serving);
        (environment.to_string(), found.all().count() - serving)
    };
    catalog.environments.iter().map(count).filter(|(_, number)| *number > 0).collect()
}

/// The values of a facet, as links that switch a term on and off.
#[component]
fn Facet<'a, T>(
    title: &'static str,
    values: &'a [FacetCount],
    query: &'a Query,
    term: T,
) -> impl IntoView
where
    T: Fn(&str) -> Term,
{
    if values.is_empty() {
        return None;
    }
    let chosen = query.terms();
    let value = |(value, number): &FacetCount| {
        let term = term(value);
        let is_chosen = chosen.contains(&term);
        let to = query.with_toggled(term);
        view! { <FilterRow to label=value.clone() number=*number is_chosen/> }
    };
    let (first, rest) = values.split_at(values.len().min(LISTED));
    let rest = (!rest.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("Show {} more", format_number(rest.len()))}</summary>
                <ul>{rest.iter().map(value).collect_view()}</ul>
            </details>
        }
    });
    Some(view! {
        <section>
            <h2>{title}</h2>
            <ul>{first.iter().map(value).collect_view()}</ul>
            {rest}
        </section>
    })
}

/// The number of results, the query, and the rows.
#[component]
fn Results<'a>(catalog: &'a Catalog, found: &'a SearchResults, query: &'a Query) -> impl IntoView {
    let (all, number) = (catalog.prompts.len(), found.rows.len());
    let summary = if number == all {
        count(all, "prompt")
    } else {
        format!("{} of {}", format_number(number), count(all, "prompt"))
    };
    let chips = query.terms().into_iter().map(|term| {
        let href = Route::Catalogue(query.without(&term)).to_string();
        let label = format!("Remove filter {term}");
        view! { <li><a class="chip" href=href aria-label=label>{format!("{term} ×")}</a></li> }
    });
    let chips = chips.collect_view();
    let rows = if number > 0 {
        view! { <Rows catalog found query/> }
    } else if found.in_text.is_empty() && found.texts != TextSearchState::Searching {
        view! { <NothingFits query/> }
    } else {
        ().into_any()
    };
    view! {
        <p class="count" role="status">{summary}</p>
        {(!chips.is_empty()).then(|| view! { <ul class="chips">{chips}</ul> })}
        {rows}
    }
}

/// The rows of one page.
#[component]
fn Rows<'a>(catalog: &'a Catalog, found: &'a SearchResults, query: &'a Query) -> impl IntoView {
    let part = ListPage::new(found.rows.len(), ROWS, query.page);
    let rows = part.of(&found.rows).iter();
    let rows = rows.map(|at| view! { <Row catalog prompt=&catalog.prompts[*at]/> });
    let rows = rows.collect_view();
    view! {
        <ul class="rows">{rows}</ul>
        <Steps part route=|page| Route::Catalogue(query.on_page(page))/>
    }
}

/// What to do when no row fits.
#[component]
fn NothingFits<'a>(query: &'a Query) -> impl IntoView {
    let unknown = query.unknown_field().map(|name| {
        let fields = Field::NAMED.map(|(_, word)| format!("{word}:")).join(", ");
        format!("Unknown filter `{name}:`. Available: {fields}. ")
    });
    view! {
        <p class="notice">
            {unknown}
            "No matching prompts. Remove a filter or "
            <a href="./">"clear the search"</a>
            "."
        </p>
    }
}

/// The rows that fit by their texts, with the places that do.
#[component]
fn InText<'a>(
    catalog: &'a Arc<Catalog>,
    index: &'a Arc<CatalogIndex>,
    found: &'a SearchResults,
    query: &'a Query,
) -> impl IntoView {
    match &found.texts {
        TextSearchState::Searching => {
            view! { <p class="aside" role="status">"Searching prompt text…"</p> }
        }
        TextSearchState::Failed(error) => {
            let text = format!("Full-text search failed: {error}");
            view! { <p class="notice warn" role="status">{text}</p> }
        }
        TextSearchState::Searched if !found.in_text.is_empty() => {
            let group = TextGroup {
                catalog: Arc::clone(catalog),
                index: Arc::clone(index),
                query: query.clone(),
                rows: found.in_text.clone(),
            };
            view! { <section class="in-text"><Batch group=Arc::new(group) from=0/></section> }
        }
        TextSearchState::Searched | TextSearchState::Unasked => ().into_any(),
    }
}

/// Rows that fit by their texts.
struct TextGroup {
    catalog: Arc<Catalog>,
    index: Arc<CatalogIndex>,
    query: Query,
    rows: Vec<usize>,
}

/// Rows whose places are looked up together.
const BATCH: usize = 20;

/// Some of the rows, and a button for the next ones.
#[component]
fn Batch(group: Arc<TextGroup>, from: usize) -> impl IntoView {
    let to = group.rows.len().min(from + BATCH);
    let answer = Pending::<Lists>::default();
    let wanted = |at: &usize| {
        let mut wanted = group.index.words_only_in_text(*at, &group.query);
        wanted.push(group.catalog.prompts[*at].name.to_string());
        wanted
    };
    let wanted = group.rows[from..to].iter().map(wanted).collect();
    ask(Question::Find(wanted), answer.clone());
    // The rows come with their places, so that nothing below them moves.
    reactive(move || {
        let found = match answer.get() {
            LoadState::Ready(found) => found,
            LoadState::Loading => {
                return view! { <p class="aside" role="status">"Searching prompt text…"</p> };
            }
            // Without the places, the rows are still what was found.
            LoadState::Absent | LoadState::Failed(_) => Arc::default(),
        };
        let found: Vec<TextMatches> =
            found.iter().map(|list| TextMatches::from_list(list)).collect();
        let gone = found.iter().filter(|found| **found == TextMatches::Nowhere).count();
        let heading = (from == 0).then(|| {
            let number = format!("({})", format_number(group.rows.len() - gone));
            view! {
                <h2>
                    "Matches in prompt text "
                    <span class="number" role="status">{number}</span>
                </h2>
            }
        });
        let rows = group.rows[from..to].iter().enumerate().filter_map(|(number, at)| {
            let found = found.get(number);
            let places = found.map_or_else(Vec::new, places);
            let prompt = &group.catalog.prompts[*at];
            found
                .is_none_or(|found| *found != TextMatches::Nowhere)
                .then(|| view! { <Row catalog=&group.catalog prompt places/> })
        });
        let rows = rows.collect_view();
        let left = group.rows.len() - to;
        let more = (left > 0).then(|| {
            let group = Arc::clone(&group);
            let label = move || Some(format!("Show {} more", BATCH.min(left)));
            let show = move || view! { <Batch group=Arc::clone(&group) from=to/> };
            view! { <ShowMore id=format!("found-{to}") label=Box::new(label) show=Box::new(show)/> }
        });
        view! { {heading} <ul class="rows">{rows}</ul> {more} }
    })
}

/// Returns the places in a version that have what was looked for, or why they are not known.
fn places(found: &TextMatches) -> Vec<AnyView> {
    let found = match found {
        TextMatches::Nowhere => return Vec::new(),
        TextMatches::Unknown(reason) => return vec![view! { <Place at=reason.clone()/> }],
        TextMatches::Found(found) => found,
    };
    let place = |excerpt: &Excerpt| {
        let Excerpt { place, before, words, after } = excerpt.clone();
        let text = view! { {before} <mark>{words}</mark> {after} };
        view! { <Place at=format!("{}, {place}", found.version) text/> }
    };
    found.excerpts.iter().map(place).collect()
}

/// A place in a text, with an excerpt.
#[component]
fn Place(at: String, #[prop(optional)] text: Option<AnyView>) -> impl IntoView {
    view! { <p class="found" dir="auto"><small>{at}</small>" "{text}</p> }
}

/// A prompt, and where it has what was looked for.
#[component]
fn Row<'a>(
    catalog: &'a Catalog,
    prompt: &'a CatalogPrompt,
    #[prop(optional)] places: Vec<AnyView>,
) -> AnyView {
    let name = &prompt.name;
    let folder = name.domain();
    let folder = folder.map(|domain| view! { <span class="folder">{format!("{domain}/")}</span> });
    let differences: Vec<EnvironmentDifference<'_>> =
        list_differences(&catalog.environments, &prompt.pointers).collect();
    let environments = catalog.environments.iter().filter_map(|environment| {
        let target = prompt.pointers.get(environment)?;
        let differs = differences.iter().find(|own| own.environment == environment);
        let differs = differs.map(|own| difference_badge(own, 0, None));
        Some(view! {
            <li>
                <span class="label">{environment.to_string()}</span>
                " "
                <Served name target=Some(target)/>
                {differs}
            </li>
        })
    });
    let environments = environments.collect_view();
    let mut states: Vec<&Open<State>> = Vec::new();
    for state in prompt.states.values() {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    let states = states.into_iter().map(|state| view! { <State of=state/> }).collect_view();
    let replaced = prompt.replaced_by.as_ref();
    let replaced =
        replaced.map(|by| view! { <span class="state">{format!("replaced by {by}")}</span> });
    let about = prompt.title.as_ref().or(prompt.about.as_ref()).cloned();
    let about = about.map(|about| view! { <p class="about" dir="auto">{about}</p> });
    let tags = (!prompt.tags.is_empty()).then(|| view! { <Tags tags=&prompt.tags/> });
    view! {
        <li class="row">
            <a class="name" href=Route::prompt(name).to_string()>
                {folder}
                <strong>{name.leaf().to_owned()}</strong>
            </a>
            {states}
            {replaced}
            {about}
            {tags}
            <ul class="environments">{environments}</ul>
            {places}
        </li>
    }
}
