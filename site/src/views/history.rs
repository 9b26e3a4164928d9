//! What happened, who did it and why; what was served on some day; and the releases of every environment, newest
//! first, with what each changed.

use leptos::prelude::*;
use promptdex_wire::catalog::Catalog;
use promptdex_wire::engine::{ChangedRow, Lists, ServedRow};
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{Blob, Chain, Environment, Open, PackRange, RegistryPath};

use crate::components::audit::query_worker;
use crate::components::event::{Author, PromptLink, compare_link, list_event_cells, target_link};
use crate::components::link::{DocumentLink, ExternalLink};
use crate::components::load_state::{Failed, Loaded, ready_or_view};
use crate::components::pages::{ListPage, ShowMore, Steps};
use crate::components::table::{Table, titles};
use crate::components::version::Served;
use crate::context::{CurrentRoute, use_go, use_registry, use_route};
use crate::data::{LoadState, Store};
use crate::model::page_documents::older_releases;
use crate::model::shown_documents::{ChangePage, ShownRelease};
use crate::route::{Audit, Route};
use crate::text::{count, format_number, format_time, shorten_digest, size};
use crate::view::{reactive, view};

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let registry = use_registry();
    let catalog = Store::get().document::<Catalog>(RegistryPath::Catalog);
    let route = use_route();
    let events = reactive(move || {
        let Some(registry) = registry.get() else { return ().into_any() };
        let catalog = match ready_or_view(catalog.get(), "history") {
            Ok(catalog) => catalog,
            Err(state) => return state,
        };
        let months = months(&catalog);
        let files = months.clone();
        // What is asked for is told by the worker, in the browser.
        let shown = cfg!(not(feature = "ssr")).then(|| {
            reactive(move || {
                let audit = Route::audit(route.get());
                // Releases are there without events, too.
                (!months.is_empty() || !audit.get("since").is_empty())
                    .then(|| query_history(&months, &audit))
            })
        });
        let environments = registry.environments.iter().map(ToString::to_string).collect();
        view! {
            <Form environments route/>
            {shown}
            <Files months=files/>
        }
    });
    let releases = reactive(move || {
        // They are what is asked for as long as nothing else is.
        if Route::audit(route.get()) != Audit::default() {
            return None;
        }
        let registry = registry.get()?;
        let chains = registry.environments.iter().rev().cloned();
        let chains = chains.map(|environment| view! { <Releases environment/> }).collect_view();
        Some(view! {
            <p>
                "Each release records everything an environment serves."
            </p>
            {chains}
        })
    });
    view! {
        <h1>"History"</h1>
        {events}
        {releases}
    }
}

/// Returns the files of the history, the newest first.
fn months(catalog: &Catalog) -> Vec<RegistryPath> {
    let mut paths = Vec::new();
    for month in &catalog.history {
        let files = (1..=month.files).rev();
        paths.extend(files.map(|file| RegistryPath::HistoryMonth(month.month.clone(), file)));
    }
    paths
}

/// Links to the files, for reading them without the app.
#[component]
fn Files(months: Vec<RegistryPath>) -> impl IntoView {
    if months.is_empty() {
        return view! {
            <p class="aside">
                "No change history. Build from a Git repository to record it."
            </p>
        };
    }
    let file = |path: RegistryPath| {
        let name = path.to_string();
        let name = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
        view! { " "<DocumentLink path>{name}</DocumentLink> }
    };
    let files = months.into_iter().map(file).collect_view();
    view! { <p class="aside">"Raw data by month:" {files}</p> }
}

/// The fields by which events are looked for.
#[component]
fn Form(environments: Vec<String>, route: CurrentRoute) -> impl IntoView {
    let words = Operation::ALL.iter().map(|operation| operation.as_str().to_owned()).collect();
    view! {
        <div class="audit fields" role="search">
            <TextField key="prompt" label="Prompt or folder" route/>
            <Choice key="env" label="Environment" values=environments route/>
            <Choice key="type" label="Event" values=words route/>
            <TextField key="by" label="Author" route/>
            <TextField key="from" label="From date" kind="date" route/>
            <TextField key="until" label="To date" kind="date" route/>
            <TextField key="as_of" label="State at end of day (UTC)" kind="date" route/>
        </div>
    }
}

/// A text of the address.
#[component]
fn TextField(
    key: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    route: CurrentRoute,
) -> impl IntoView {
    view! {
        <p>
            <label for=key>{label}</label>
            <input
                id=key
                name=key
                type=kind
                prop:value=move || Route::audit(route.get()).get(key).to_owned()
                on:change=look_for(key, route)
            />
        </p>
    }
}

/// One of some texts of the address.
#[component]
fn Choice(
    key: &'static str,
    label: &'static str,
    values: Vec<String>,
    route: CurrentRoute,
) -> impl IntoView {
    let option = |value: String| {
        let word = value.replace('_', " ");
        let is_chosen = {
            let value = value.clone();
            move || Route::audit(route.get()).get(key) == value
        };
        view! { <option value=value prop:selected=is_chosen>{word}</option> }
    };
    view! {
        <p>
            <label for=key>{label}</label>
            <select id=key name=key on:change=look_for(key, route)>
                <option value="">"Any"</option>
                {values.into_iter().map(option).collect_view()}
            </select>
        </p>
    }
}

/// Puts the input of a field into the URL.
fn look_for(key: &'static str, route: CurrentRoute) -> impl Fn(leptos::ev::Event) {
    let go = use_go();
    move |event| {
        let audit = Route::audit(route.get_untracked());
        go(&Route::History(audit.with("since", "").with(key, &event_target_value(&event))), false);
    }
}

/// Sends the query of the URL to the worker, and shows its response.
fn query_history(months: &[RegistryPath], audit: &Audit) -> AnyView {
    let (environment, since, day) = (audit.get("env"), audit.get("since"), audit.get("as_of"));
    let mut filter = audit.texts[..6].to_vec();
    // A folder is written with and without a slash.
    filter[0] = filter[0].trim().trim_end_matches('/').to_owned();
    // What is not a day is before or after any day.
    if [day, &filter[4], &filter[5]].into_iter().any(|text| !is_day(text)) {
        return notice("Enter a date such as 2026-03-14.".to_owned());
    }
    let paths: Vec<String> = months.iter().map(ToString::to_string).collect();
    if !since.is_empty() {
        // An address is anybody's text: only names and numbers become paths.
        let (Ok(environment), Ok(sequence)) = (environment.parse(), since.parse()) else {
            return notice(format!("{environment} has no release `{since}`."));
        };
        let chain = Chain::Environment(environment);
        let paths =
            [RegistryPath::Release(chain.clone(), sequence), RegistryPath::Pointer(chain.clone())];
        let paths = paths.iter().map(ToString::to_string).collect();
        let audit = audit.clone();
        return query_worker("changed_since", vec![paths], move |rows| {
            changes_since(rows, &chain, sequence, &audit)
        })
        .into_any();
    }
    if !day.is_empty() {
        let audit = audit.clone();
        let lists = vec![paths, vec![day.to_owned()], filter];
        return query_worker("served_on", lists, move |rows| versions_served_on(rows, &audit))
            .into_any();
    }
    let skip = audit.page.saturating_mul(ROWS);
    let lists = vec![paths.clone(), filter.clone(), vec![skip.to_string(), ROWS.to_string()]];
    let audit = audit.clone();
    query_worker("history", lists, move |rows| {
        let [number, events @ ..] = rows else { return ().into_any() };
        list_events(number, events, &audit, &paths, &filter)
    })
}

/// Whether a text is empty or has the form of a day.
fn is_day(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| {
        if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    text.is_empty() || text.len() == 10 && text.bytes().enumerate().all(fits)
}

fn notice(text: String) -> AnyView {
    view! { <p class="notice" role="alert">{text}</p> }
}

/// Events on one page.
const ROWS: usize = 50;

/// The events that fit, and a way to have them as a file.
fn list_events(
    number: &[String],
    events: &[Vec<String>],
    audit: &Audit,
    paths: &[String],
    filter: &[String],
) -> AnyView {
    let [all, more] = number else { return ().into_any() };
    let all = all.parse().unwrap_or_default();
    let summary = if more.is_empty() {
        count(all, "event")
    } else {
        [&format_number(all), "+ events"].concat()
    };
    let part = ListPage::new(all, ROWS, audit.page);
    let lists = vec![paths.to_vec(), filter.to_vec()];
    let titles = titles(["Time", "Event", "Prompt", "Before", "After", "Author", "Reason"]);
    let rows = list_event_cells(events, None);
    view! {
        <p class="count" role="status">
            {summary}
            " "
            <CsvFile lists/>
        </p>
        {(all > 0).then(|| view! { <Table label="Events" class="audit" titles rows/> })}
        {steps(part, audit)}
    }
}

fn steps(part: ListPage, audit: &Audit) -> AnyView {
    view! { <Steps part route=|page| Route::History(Audit { page, ..audit.clone() })/> }
}

#[component]
fn CsvFile(lists: Lists) -> impl IntoView {
    let is_open = RwSignal::new(false);
    reactive(move || {
        if !is_open.get() {
            return view! {
                <button type="button" on:click=move |_| is_open.set(true)>
                    "Export CSV"
                </button>
            };
        }
        query_worker("history_csv", lists.clone(), |answer| {
            let url = answer.first().and_then(|urls| urls.first()).cloned().unwrap_or_default();
            view! { <a href=url download="history.csv" rel="external">"Download CSV"</a> }
        })
    })
}

/// What was served at the end of a day.
fn versions_served_on(rows: &[Vec<String>], audit: &Audit) -> AnyView {
    let row = |cells: &Vec<String>| {
        let Some(row) = ServedRow::from_list(cells) else { return Vec::new() };
        let ServedRow { name, environment, target, main, since, by, reason, commit } = row;
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        vec![
            view! { <PromptLink name/> },
            environment.to_owned().into_any(),
            target_link(name, target, main),
            format_time(since).into_any(),
            view! { <Author by commit/> },
            reason.map(|reason| view! { <span dir="auto">{reason}</span> }).into_any(),
        ]
    };
    let entries = if rows.len() == 1 { " entry" } else { " entries" };
    let number = format_number(rows.len());
    let day = audit.get("as_of");
    let summary = ["Live at the end of ", day, " (UTC): ", &number, entries].concat();
    let part = ListPage::new(rows.len(), ROWS, audit.page);
    let titles = titles(["Prompt", "Environment", "Version", "Live since", "Author", "Reason"]);
    let rows: Vec<Vec<AnyView>> = part.of(rows).iter().map(row).collect();
    let table = (!rows.is_empty())
        .then(|| view! { <Table label="Live versions" class="audit" titles rows/> });
    view! { <p class="count" role="status">{summary}</p> {table} {steps(part, audit)} }
}

/// What an environment serves now and did not serve as of a release.
fn changes_since(rows: &[Vec<String>], environment: &Chain, since: u64, audit: &Audit) -> AnyView {
    let row = |cells: &Vec<String>| {
        let Some(row) = ChangedRow::from_list(cells) else { return Vec::new() };
        let ChangedRow { name, then, then_main, now, now_main } = row;
        vec![
            view! { <PromptLink name/> },
            target_link(name, then, then_main),
            target_link(name, now, now_main),
            compare_link(name, then_main, now_main, "").into_any(),
        ]
    };
    let summary = count(rows.len(), "prompt") + " changed";
    let titles =
        ["Prompt".to_owned(), format!("Release {since}"), "Now".to_owned(), "Diff".to_owned()];
    let part = ListPage::new(rows.len(), ROWS, audit.page);
    let rows: Vec<Vec<AnyView>> = part.of(rows).iter().map(row).collect();
    let table =
        (!rows.is_empty()).then(|| view! { <Table label="Changes" class="audit" titles rows/> });
    view! {
        <h2>{format!("{environment}: changes since release {since}")}</h2>
        <p class="count" role="status">{summary}</p>
        {table}
        {steps(part, audit)}
    }
}

#[component]
fn Releases(environment: Environment) -> impl IntoView {
    let store = Store::get();
    let title = format!("{environment} releases");
    let chain = Chain::Environment(environment);
    let pointer = store.document::<ShownRelease>(RegistryPath::Pointer(chain.clone()));
    let rows = reactive(move || {
        let newest = match pointer.get() {
            LoadState::Ready(newest) => newest,
            LoadState::Failed(problem) => return view! { <Failed what="releases" problem/> },
            LoadState::Loading | LoadState::Absent => return ().into_any(),
        };
        let is_first_shown = RwSignal::new(newest.previous.is_none());
        let row = view! { <Row release=&*newest is_older=false/> };
        list_releases(&chain, newest.sequence, row, is_first_shown)
    });
    view! {
        <section>
            <h2>{title}</h2>
            {rows}
        </section>
    }
}

/// The releases below one, after the row of that one if it is not shown yet, and the way to older ones. Below the first
/// release of the chain there is nothing.
fn list_releases(
    chain: &Chain,
    below: u64,
    newest: AnyView,
    is_first_shown: RwSignal<bool>,
) -> AnyView {
    let store = Store::get();
    let shown = older_releases(below);
    let left = shown.start - 1;
    let rows = shown.rev().map(|sequence| {
        let release =
            store.document::<ShownRelease>(RegistryPath::Release(chain.clone(), sequence));
        let chain = chain.clone();
        reactive(move || match release.get() {
            LoadState::Ready(release) => {
                if release.previous.is_none() {
                    is_first_shown.set(true);
                }
                Some(view! { <Row release=&*release is_older=true/> })
            }
            LoadState::Absent if !is_first_shown.get() => packed_release(&chain, sequence),
            LoadState::Failed(problem) => Some(view! { <Failed what="release" problem/> }),
            LoadState::Absent | LoadState::Loading => None,
        })
    });
    let rows = rows.collect_view();
    let more = (left > 0).then(|| {
        let label = move || {
            let text = format!("Show older releases ({})", format_number(size(left)));
            (!is_first_shown.get()).then_some(text)
        };
        let file = RegistryPath::Release(chain.clone(), left);
        let id = format!("{chain}-{left}");
        let chain = chain.clone();
        let show = move || list_releases(&chain, left + 1, ().into_any(), is_first_shown);
        view! { <ShowMore id file label=Box::new(label) show=Box::new(show)/> }
    });
    view! { <ol class="releases">{newest} {rows}</ol> {more} }
}

/// The row of a release that has no file of its own any more.
fn packed_release(chain: &Chain, sequence: u64) -> Option<AnyView> {
    let path = RegistryPath::ReleasePack(chain.clone(), PackRange::holding(sequence)?);
    let title = format!("Release {sequence}");
    Some(
        view! { <li><h3>{title} " " <small><DocumentLink path>"in a pack"</DocumentLink></small></h3></li> },
    )
}

#[component]
fn Row<'a>(release: &'a ShownRelease, is_older: bool) -> impl IntoView {
    let path = RegistryPath::Release(release.environment.clone(), release.sequence);
    let title = format!("Release {}", release.sequence);
    let time = release.time.as_ref().map(|time| format!("{} ", format_time(time.as_str())));
    let actor = release.actor.clone();
    let by = actor.by.map(|by| format!("by {by} "));
    let run = actor.run.map(|url| view! { "in " <ExternalLink url/> " " });
    let note = release.note.as_ref().map(|note| view! { <p dir="auto">{note.clone()}</p> });
    let changes = match (&release.changes, &release.changes_file) {
        (Some(changes), _) => {
            let changes = changes.iter().map(|change| view! { <OneChange change/> });
            view! { <ul class="changes">{changes.collect_view()}</ul> }
        }
        (None, Some(file)) => {
            let blob = Blob { digest: file.digest, size: file.size };
            show_changes(&release.environment, blob, size(file.count), "Show changes")
        }
        (None, None) => {
            view! { <p class="aside">"No changes"</p> }
        }
    };
    let audit = Audit::default().with("env", &release.environment.to_string());
    let since = Route::History(audit.with("since", &release.sequence.to_string())).to_string();
    let compare = is_older.then(|| view! { " "<a href=since>"Changes since"</a> });
    view! {
        <li>
            <h3>
                <DocumentLink path>{title}</DocumentLink>
                " "
                <small>
                    {time}
                    {by}
                    {run}
                    {format!("{} · snapshot ", count(size(release.snapshot.count), "prompt"))}
                    <code>{shorten_digest(&release.snapshot.digest.to_string())}</code>
                </small>
                {compare}
            </h3>
            {note}
            {changes}
        </li>
    }
}

/// The way to the changes of a release that lie in files of their own, of which the last ones come first.
fn show_changes(chain: &Chain, page: Blob, left: usize, words: &'static str) -> AnyView {
    let path = RegistryPath::Snapshot(page.digest);
    let file = path.clone();
    let id = format!("{chain}-{}", page.digest.hex());
    let chain = chain.clone();
    let show = move || {
        let chain = chain.clone();
        let changes = Store::get().verified_document::<ChangePage>(path.clone(), page);
        view! {
            <Loaded of=changes what="list of changes" let:file>
                {
                    let rows = file.changes.iter().map(|change| view! { <OneChange change/> });
                    let rows = rows.collect_view();
                    let left = left.saturating_sub(file.changes.len());
                    let older = file.older;
                    let older = older.map(|page| show_changes(&chain, page, left, "Show more changes"));
                    view! { <ul class="changes">{rows}</ul> {older} }
                }
            </Loaded>
        }
    };
    let label = move || Some(format!("{words} ({})", format_number(left)));
    view! { <ShowMore id file label=Box::new(label) show=Box::new(show)/> }
}

#[component]
fn OneChange<'a>(change: &'a Change) -> impl IntoView {
    let arrow = (change.from.is_some() && change.to.is_some()).then_some(" → ");
    let about = change.name.as_ref().map(|name| {
        let target = |target: &Option<Open<Target>>| {
            target.as_ref().map(|target| view! { <Served name target=Some(target)/> })
        };
        view! {
            " "
            <a href=Route::prompt(name).to_string()>{name.to_string()}</a>
            " "
            {target(&change.from)}
            {arrow}
            {target(&change.to)}
        }
    });
    let reason = change.reason.as_ref();
    let reason = reason.map(|text| view! { ": "<span dir="auto">{text.clone()}</span> });
    let at = change.at.as_ref().map(|at| format!(" {}", format_time(at.as_str())));
    let by = change.by.as_ref();
    let by = by.map(|by| view! { " by "<span dir="auto">{by.clone()}</span> });
    view! {
        <li>
            <span class="state">{change.operation.in_words()}</span>
            {about}
            {reason}
            <small>{at} {by}</small>
        </li>
    }
}
