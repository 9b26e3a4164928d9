//! What happened, who did it and why; what was served on some day; and the releases of every environment, newest
//! first, with what each changed.

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, Registry};
use promptdex_wire::engine::Lists;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::history::EVENTS_PER_FILE;
use promptdex_wire::{Chain, Environment, Path, Release};

use crate::app::{Shown, use_go, use_registry, use_route};
use crate::components::pages::Part;
use crate::components::state::loaded;
use crate::components::table::table;
use crate::components::version::served;
use crate::data::{Load, Pending, Store};
use crate::engine::{Question, ask};
use crate::html::{Element, Node, data, el, link, live, nothing};
use crate::route::{Audit, Route};
use crate::text::{count, moment, short, size};

/// The most releases of an environment that are shown.
pub const SHOWN: u64 = 20;

/// The page.
pub fn history() -> Node {
    let registry = use_registry();
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    let route = use_route();
    let asked = live(move || -> Node {
        let (Some(registry), Ok(catalog)) = (registry.get(), loaded(catalog.get(), "history"))
        else {
            return nothing();
        };
        let months = months(&catalog);
        let form = form(&registry, route);
        // What is asked for is told by the worker, in the browser.
        let shown = cfg!(not(feature = "ssr")).then(|| {
            let months = months.clone();
            live(move || {
                let audit = Route::audit(route.get());
                // Releases are there without events, too.
                (!months.is_empty() || !audit.get("since").is_empty())
                    .then(|| told(&months, &audit))
            })
        });
        [form.into(), shown.into(), files(&months).into()].into()
    });
    let about =
        "Each release says what an environment serves from then on, and names the one before it.";
    let releases = live(move || {
        // They are what is asked for as long as nothing else is.
        if Route::audit(route.get()) != Audit::default() {
            return None;
        }
        let registry = registry.get()?;
        let chains = registry.environments.iter().rev().map(chain).collect::<Vec<_>>();
        Some([el("p").with(about).into(), Node::from(chains)])
    });
    [el("h1").with("History").into(), asked, releases].into()
}

/// Returns the files of the history, the newest first.
fn months(catalog: &Catalog) -> Vec<Path> {
    let mut paths = Vec::new();
    for month in &catalog.history {
        let files = size(month.events).div_ceil(EVENTS_PER_FILE).max(1);
        let files = (1..=files).rev().filter_map(|file| u32::try_from(file).ok());
        paths.extend(files.map(|file| Path::HistoryMonth(month.month.clone(), file)));
    }
    paths
}

/// Links to the files, for whoever reads them without the app.
fn files(months: &[Path]) -> Element {
    if months.is_empty() {
        return el("p")
            .class("aside")
            .with("Nothing is known of who did what: the registry was not built from Git.");
    }
    let file = |path: &Path| {
        let name = path.to_string();
        let name = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
        [Node::from(" "), data(path, name).into()]
    };
    el("p").class("aside").with("Every event is in the data:").all(months.iter().flat_map(file))
}

/// The fields by which events are looked for.
fn form(registry: &Registry, route: Shown) -> Element {
    let choice = |key: &'static str, label: &'static str, values: Vec<String>| {
        let select = control("select", key, route);
        let empty = el("option").attr("value", "").with("any");
        let options = values.into_iter().map(move |value| {
            let word = value.replace('_', " ");
            el("option").attr("value", value).with(word)
        });
        let value = move || Route::audit(route.get()).get(key).to_owned();
        field(key, label, select.property("value", value).with(empty).all(options))
    };
    let text = |key: &'static str, label: &'static str, kind: &'static str| {
        let value = move || Route::audit(route.get()).get(key).to_owned();
        field(key, label, control("input", key, route).attr("type", kind).property("value", value))
    };
    let environments = registry.environments.iter().map(ToString::to_string).collect();
    let words = Operation::ALL.map(|operation| operation.word().replace(' ', "_")).to_vec();
    el("form")
        .class("audit")
        .attr("role", "search")
        .on("submit", |event| event.prevent_default())
        .with(text("prompt", "Prompt or folder", "text"))
        .with(choice("env", "Environment", environments))
        .with(choice("type", "What", words))
        .with(text("by", "Who", "text"))
        .with(text("from", "From", "date"))
        .with(text("until", "Until", "date"))
        .with(text("as_of", "Served at the end of", "date"))
}

/// A control whose value is a text of the address.
fn control(tag: &'static str, key: &'static str, route: Shown) -> Element {
    let go = use_go();
    el(tag).attr("id", key).attr("name", key).on("change", move |event| {
        let audit = Route::audit(route.get_untracked());
        go(&Route::History(audit.with("since", "").with(key, &event_target_value(&event))), false);
    })
}

fn field(key: &'static str, label: &'static str, control: Element) -> Element {
    el("p").with(el("label").attr("for", key).with(label)).with(control)
}

/// Asks the worker, and shows what it answers.
pub(super) fn asked(
    name: &'static str,
    lists: Lists,
    show: impl Fn(&[Vec<String>]) -> Node + Send + 'static,
) -> Node {
    let answer = Pending::<Lists>::default();
    ask(Question::Audit(name, lists), answer.clone());
    live(move || match loaded(answer.get(), "history") {
        Ok(rows) => show(&rows),
        Err(state) => state,
    })
}

/// What the worker is asked for once somebody wants to know: it is not loaded before.
pub(super) fn opened(
    summary: &'static str,
    ask: impl Fn() -> Node + Send + 'static,
    ways: impl Into<Node>,
) -> Element {
    let is_open = RwSignal::new(false);
    let rows = live(move || (cfg!(not(feature = "ssr")) && is_open.get()).then(&ask));
    el("details")
        .on("toggle", move |_| is_open.maybe_update(|is_open| !std::mem::replace(is_open, true)))
        .with(el("summary").with(summary))
        .with(rows)
        .with(ways)
}

/// What the address asks for.
fn told(months: &[Path], audit: &Audit) -> Node {
    let (environment, since, day) = (audit.get("env"), audit.get("since"), audit.get("as_of"));
    let mut filter = audit.texts[..6].to_vec();
    // A folder is written with and without a slash.
    filter[0] = filter[0].trim().trim_end_matches('/').to_owned();
    // What is not a day is before or after any day.
    if let Some(text) = [day, &filter[4], &filter[5]].into_iter().find(|text| !is_day(text)) {
        return wrong(format!("{text} is not a day as in 2026-03-14."));
    }
    let paths: Vec<String> = months.iter().map(ToString::to_string).collect();
    if !since.is_empty() {
        // An address is anybody's text: only names and numbers become paths.
        let (Ok(environment), Ok(sequence)) = (environment.parse(), since.parse()) else {
            return wrong(format!("{environment} has no release {since}."));
        };
        let chain = Chain::Environment(environment);
        let paths = [Path::Release(chain.clone(), sequence), Path::Pointer(chain.clone())];
        let paths = paths.iter().map(ToString::to_string).collect();
        return asked("changed_since", vec![paths], move |rows| changes(rows, &chain, sequence));
    }
    if !day.is_empty() {
        let shown = day.to_owned();
        let lists = vec![paths, vec![shown.clone()], filter];
        return asked("served_on", lists, move |rows| served_then(rows, &shown));
    }
    let skip = audit.page.saturating_mul(ROWS);
    let lists = vec![paths.clone(), filter.clone(), vec![skip.to_string(), ROWS.to_string()]];
    let audit = audit.clone();
    asked("history", lists, move |rows| {
        let [count, events @ ..] = rows else { return nothing() };
        listed(count, events, &audit, &paths, &filter)
    })
}

/// Whether a text is empty or has the form of a day.
fn is_day(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| {
        if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    text.is_empty() || text.len() == 10 && text.bytes().enumerate().all(fits)
}

fn wrong(text: String) -> Node {
    el("p").class("notice").attr("role", "alert").with(text).into()
}

/// Events on one page.
const ROWS: usize = 50;

/// The events that fit, and a way to have them as a file.
fn listed(
    number: &[String],
    events: &[Vec<String>],
    audit: &Audit,
    paths: &[String],
    filter: &[String],
) -> Node {
    let [all, more] = number else { return nothing() };
    let all = all.parse().unwrap_or_default();
    let least = if more.is_empty() { "" } else { "at least " };
    let summary = format!("{least}{}.", count(all, "event"));
    let part = Part::new(all, ROWS, audit.page);
    let steps = part.steps(|page| Route::History(Audit { page, ..audit.clone() }));
    let is_open = RwSignal::new(false);
    let lists = vec![paths.to_vec(), filter.to_vec()];
    let file = live(move || -> Node {
        if !is_open.get() {
            let label = "Make a CSV file of them";
            return el("button")
                .attr("type", "button")
                .on("click", move |_| is_open.set(true))
                .with(label)
                .into();
        }
        asked("history_csv", lists.clone(), |answer| {
            let url = answer.first().and_then(|urls| urls.first()).cloned().unwrap_or_default();
            link(url, "Save the CSV file")
                .attr("download", "history.csv")
                .attr("rel", "external")
                .into()
        })
    });
    let titles = ["When", "What", "Prompt", "From", "To", "Who", "Why"];
    let rows = events.iter().map(|cells| event(cells, None)).collect();
    let table = (all > 0).then(|| table("Events", "audit", &titles, rows));
    [
        el("p").class("count").attr("role", "status").with(summary).with(" ").with(file).into(),
        table.into(),
        steps.into(),
    ]
    .into()
}

/// The cells of an event, as the worker writes them; on the page of a prompt, whose events do not repeat its name,
/// without one for it.
pub fn event(cells: &[String], of: Option<&str>) -> Vec<Node> {
    let [at, what, environment, name, from, from_main, to, to_main, by, reason, commit, about] =
        cells
    else {
        return Vec::new();
    };
    let name = of.unwrap_or(name);
    let preposition = match what.as_str() {
        "promoted" => "to",
        "retired" => "from",
        _ => "in",
    };
    let place = (!environment.is_empty()).then(|| format!(" {preposition} {environment}"));
    let why = [reason.as_str(), about.as_str()];
    let why: Vec<Node> = why
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| el("p").attr("dir", "auto").with(text).into())
        .collect();
    let at = if at.is_empty() { "not known".to_owned() } else { moment(at) };
    let prompt =
        of.is_none().then(|| (!name.is_empty()).then(|| link(format!("p/{name}/"), name)).into());
    let compared = compare(name, from_main, to_main);
    let compared = compared.map(|link| -> Node { [" ".into(), link.into()].into() });
    let rest = [
        version(name, from, from_main),
        [version(name, to, to_main), compared.into()].into(),
        who(by, commit),
        why.into(),
    ];
    let what = [el("span").class("state").with(what.as_str()).into(), place.into()];
    [at.into(), what.into()].into_iter().chain(prompt).chain(rest).collect()
}

/// Who did it, and in which commit.
fn who(by: &str, commit: &str) -> Node {
    let commit = commit.get(..7).map(|commit| [" ".into(), el("code").with(commit).into()]);
    [el("span").attr("dir", "auto").with(by).into(), commit.map(Node::from).into()].into()
}

/// A link to what differs between the main versions of what was served, if they do.
fn compare(name: &str, from: &str, to: &str) -> Option<Element> {
    (!from.is_empty() && !to.is_empty() && from != to)
        .then(|| link(format!("p/{name}/?view=diff&a={from}&b={to}"), "compare"))
}

/// What was served, as a link to its main version.
pub(super) fn version(name: &str, text: &str, main: &str) -> Node {
    if main.is_empty() {
        return text.into();
    }
    link(format!("p/{name}/?v={main}"), text).into()
}

/// What was served at the end of a day.
fn served_then(rows: &[Vec<String>], day: &str) -> Node {
    let row = |cells: &Vec<String>| {
        let [name, environment, value, main, since, by, reason, commit] = cells.as_slice() else {
            return Vec::new();
        };
        vec![
            link(format!("p/{name}/"), name.as_str()).into(),
            environment.as_str().into(),
            version(name, value, main),
            moment(since).into(),
            who(by, commit),
            (!reason.is_empty())
                .then(|| el("span").attr("dir", "auto").with(reason.as_str()))
                .into(),
        ]
    };
    let summary = format!("{} served at the end of {day} (UTC).", count(rows.len(), "pointer"));
    let titles = ["Prompt", "Environment", "Served", "Since", "Who", "Why"];
    let rows: Vec<Vec<Node>> = rows.iter().map(row).collect();
    let table = (!rows.is_empty()).then(|| table("Served then", "audit", &titles, rows));
    [el("p").class("count").attr("role", "status").with(summary).into(), table.into()].into()
}

/// What an environment serves now and did not serve as of a release.
fn changes(rows: &[Vec<String>], environment: &Chain, since: u64) -> Node {
    let row = |cells: &Vec<String>| {
        let [name, then, then_main, now, now_main] = cells.as_slice() else { return Vec::new() };
        vec![
            link(format!("p/{name}/"), name.as_str()).into(),
            version(name, then, then_main),
            version(name, now, now_main),
            compare(name, then_main, now_main).into(),
        ]
    };
    let title = format!("{environment}: release {since} and now");
    let summary = format!("{} served otherwise.", count(rows.len(), "prompt"));
    let titles = ["Prompt", "Served then", "Serves now", "Compare"];
    let rows: Vec<Vec<Node>> = rows.iter().map(row).collect();
    let table = (!rows.is_empty()).then(|| table("What changed", "audit", &titles, rows));
    [
        el("h2").with(title).into(),
        el("p").class("count").attr("role", "status").with(summary).into(),
        table.into(),
    ]
    .into()
}

/// Returns the pointers of the environments and of the catalogue.
pub fn pointers(registry: &Registry) -> Vec<Path> {
    let chains = registry.environments.iter().cloned().map(Chain::Environment);
    chains.chain([Chain::Catalog]).map(Path::Pointer).collect()
}

/// Returns the documents that the page shows besides the pointers.
pub fn releases(registry: &Registry, tail: impl Fn(&Environment) -> Option<u64>) -> Vec<Path> {
    let of = |environment: &Environment| {
        let tail = tail(environment).unwrap_or(0);
        let first = tail.saturating_sub(SHOWN) + 1;
        let chain = Chain::Environment(environment.clone());
        (first..tail)
            .map(move |sequence| Path::Release(chain.clone(), sequence))
            .collect::<Vec<_>>()
    };
    registry.environments.iter().flat_map(of).collect()
}

fn chain(environment: &Environment) -> Element {
    let store = Store::get();
    let chain = Chain::Environment(environment.clone());
    let pointer = store.document::<Release>(Path::Pointer(chain.clone()));
    let rows = live(move || -> Node {
        let Load::Ready(newest) = pointer.get() else { return nothing() };
        let first = newest.sequence.saturating_sub(SHOWN) + 1;
        let older = (first..newest.sequence).rev().map(|sequence| {
            let release = store.document::<Release>(Path::Release(chain.clone(), sequence));
            live(move || release.get().ready().map(|release| row(&release, true)))
        });
        let more = (first > 1).then(|| {
            el("p").class("aside").with(format!("{} older releases are in the data.", first - 1))
        });
        [el("ol").class("releases").with(row(&newest, false)).all(older).into(), more.into()].into()
    });
    el("section").with(el("h2").with(format!("Releases of {environment}"))).with(rows)
}

fn row(release: &Release, is_older: bool) -> Element {
    let path = Path::Release(release.environment.clone(), release.sequence);
    let time = release.time.as_ref().map(|time| format!("{} ", moment(time.as_str())));
    let actor = release.actor.as_ref().map(|actor| format!("by {} ", actor.by));
    let note = release.note.as_ref().map(|note| el("p").attr("dir", "auto").with(note.as_str()));
    let changes = match (&release.changes, &release.changes_file) {
        (Some(changes), _) => el("ul").class("changes").all(changes.iter().map(change)),
        (None, Some(file)) => {
            el("p").with(data(&Path::Snapshot(file.digest), count(size(file.count), "change")))
        }
        (None, None) => el("p").class("aside").with("Nothing that is served changed."),
    };
    let facts = el("small")
        .with(time)
        .with(actor)
        .with(format!("serves {}, snapshot ", count(size(release.snapshot.count), "prompt")))
        .with(el("code").with(short(&release.snapshot.digest.to_string())));
    let title = data(&path, format!("Release {}", release.sequence));
    let audit = Audit::default().with("env", &release.environment.to_string());
    let since = Route::History(audit.with("since", &release.sequence.to_string())).to_string();
    let compare = is_older.then(|| [" ".into(), link(since, "compare with now").into()]);
    let heading = el("h3").with(title).with(" ").with(facts).with(compare.map(Node::from));
    el("li").with(heading).with(note).with(changes)
}

fn change(change: &Change) -> Element {
    let arrow = (change.from.is_some() && change.to.is_some()).then_some(" → ");
    let about = change.name.as_ref().map(|name| -> Node {
        let target =
            |target: &Option<Target>| target.as_ref().map(|target| served(name, Some(target)));
        [
            " ".into(),
            link(Route::prompt(name).to_string(), name.as_str()).into(),
            " ".into(),
            target(&change.from).into(),
            arrow.into(),
            target(&change.to).into(),
        ]
        .into()
    });
    let reason = change.reason.as_ref().map(|reason| -> Node {
        [": ".into(), el("span").attr("dir", "auto").with(reason.as_str()).into()].into()
    });
    let at = change.at.as_ref().map(|at| format!(" {}", moment(at.as_str())));
    let by = change.by.as_ref().map(|by| -> Node {
        [" by ".into(), el("span").attr("dir", "auto").with(by.as_str()).into()].into()
    });
    el("li")
        .with(el("span").class("state").with(change.operation.word()))
        .with(about)
        .with(reason)
        .with(el("small").with(at).with(by))
}
