//! The page of a prompt: what each environment serves, one version in full, the way to the others.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{
    Case, Cases, Catalog, Registry, State, TestResult, Update, VersionRow, Versions,
};
use promptdex_wire::engine::Rendering;
use promptdex_wire::prompt::Published;
use promptdex_wire::{Environment, Json, Path, PromptName, Variable, VersionDocument};

use super::diff;
use super::not_found::nearest_prompts;
use super::play;
use crate::components::link::is_web;
use crate::components::message::{json, message};
use crate::components::rendering::rendering;
use crate::components::section::{fact, section};
use crate::components::state::loaded;
use crate::components::table::{Table, table};
use crate::components::version::{served, state, tags};
use crate::context::{CurrentRoute, use_registry, use_route};
use crate::data::{Load, Pending, PublishedVersion, Store};
use crate::engine::{Question, ask};
use crate::html::{Element, Node, data, el, external, link, live, nothing};
use crate::model::prompt::{self, EnvironmentRow, NoVersion, chosen, environments, serving};
use crate::model::query::{Field, Query};
use crate::model::snippets::{Address, Language, snippet};
use crate::route::{Audit, Choice, Route, View};
use crate::text::{count, decimal, masked_values, moment, short, size};
use promptdex_reader::parse;

/// The page.
pub fn prompt(name: PromptName) -> Node {
    let store = Store::get();
    let versions = store.document::<Versions>(Path::Versions(name.clone()));
    let registry = use_registry();
    let route = use_route();
    live(move || match versions.get() {
        Load::Absent => absent(&name),
        load => match (loaded(load, "prompt"), registry.get()) {
            (Ok(versions), Some(registry)) => page(&store, &versions, &registry, route),
            (Ok(_), None) => nothing(),
            (Err(state), _) => state,
        },
    })
}

fn absent(name: &PromptName) -> Node {
    [
        el("h1").with("There is no prompt ").with(el("code").with(name.as_str())).into(),
        el("p").with("It may have another name, or this registry may not hold it.").into(),
        nearest_prompts(name.as_str()),
        el("p").with(link("./", "All prompts")).into(),
    ]
    .into()
}

fn page(
    store: &Store,
    versions: &Arc<Versions>,
    registry: &Arc<Registry>,
    route: CurrentRoute,
) -> Node {
    // A view stays when only what it shows of itself changes.
    let view = Memo::new(move |_| match route.get() {
        Some(Route::Prompt(name, View::Compare(_))) => {
            Some(Route::compare(&name, Choice::Default, Choice::Default))
        }
        Some(Route::Prompt(name, View::Play(_))) => {
            Some(Route::Prompt(name, View::Play(Choice::Default)))
        }
        route => route.map(|route| route.of_page()),
    });
    let (store, versions, registry) = (store.clone(), Arc::clone(versions), Arc::clone(registry));
    live(move || match view.get() {
        Some(Route::Prompt(_, View::Compare(_))) => {
            let title = title(&versions, " compared");
            [title.into(), diff::compare(&versions, &registry, route)].into()
        }
        Some(Route::Prompt(_, View::Play(_))) => {
            let title = title(&versions, " rendered");
            let play = view! { <play::Play versions=Arc::clone(&versions) registry=Arc::clone(&registry) route/> };
            [title.into(), play.into_any().into()].into()
        }
        _ => one_version(&store, &versions, &registry, route),
    })
}

/// The name of the prompt: its folders, and its own part, which leads to its page.
fn title(versions: &Versions, after: &'static str) -> Element {
    let name = &versions.name;
    let leaf = name.leaf();
    let folder = name.domain().map(|domain| {
        let to = Route::Catalogue(Query::default().with_only(Field::Folder, domain));
        link(to.to_string(), format!("{domain}/")).class("folder")
    });
    let leaf: Node = if after.is_empty() {
        leaf.into()
    } else {
        link(Route::prompt(name).to_string(), leaf).class("leaf").into()
    };
    let after = (!after.is_empty()).then(|| el("span").class("folder").with(after));
    el("h1").with(folder).with(leaf).with(after)
}

/// One version, and the way to the others.
fn one_version(
    store: &Store,
    versions: &Arc<Versions>,
    registry: &Arc<Registry>,
    route: CurrentRoute,
) -> Node {
    let shown = {
        let (store, versions, registry) =
            (store.clone(), Arc::clone(versions), Arc::clone(registry));
        live(move || match chosen(&versions, &registry.environments, &Route::choice(route.get())) {
            Ok(row) => version(&store, &versions, &registry, row),
            Err(reason) => no_version(&versions, &reason),
        })
    };
    [
        heading(versions, registry).into(),
        environment_table(versions, registry).into(),
        shown,
        timeline(versions, registry, route).into(),
        included_by(&versions.name),
        history(&versions.name),
    ]
    .into()
}

fn heading(versions: &Versions, registry: &Registry) -> Element {
    let name = &versions.name;
    let subtitle = versions.title.as_deref();
    let subtitle = subtitle.map(|title| el("p").class("title").attr("dir", "auto").with(title));
    let description = versions.description.as_deref().map(paragraph);
    let replaced = versions.replaced_by.as_ref().map(|by| {
        let link = link(Route::prompt(by).to_string(), by.as_str());
        el("p").class("notice warn").with("Replaced by ").with(link)
    });
    let named = [("Owned by", &versions.owners), ("Team:", &versions.teams)];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    let owners: Vec<String> =
        named.map(|(word, names)| format!("{word} {}", names.join(", "))).collect();
    let owners = (!owners.is_empty()).then(|| el("p").class("owners").with(owners.join(". ")));
    el("div")
        .class("heading")
        .with(title(versions, ""))
        .with(subtitle)
        .with(description)
        .with((!versions.tags.is_empty()).then(|| tags(&versions.tags)))
        .with(owners)
        .with(edit(registry, name))
        .with(replaced)
}

/// A link to the prompt's folder where the registry's source is.
fn edit(registry: &Registry, name: &PromptName) -> Option<Element> {
    let repository = registry.repository.as_ref()?;
    let branch = repository.branch.as_deref().unwrap_or("main");
    let folder = repository.path.as_deref().unwrap_or("").trim_matches('/');
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let url = repository.url.trim_end_matches('/').trim_end_matches(".git");
    is_web(url).then(|| {
        link(format!("{url}/tree/{branch}/{folder}{name}"), "Edit in the repository")
            .class("edit")
            .attr("rel", "external noopener")
    })
}

fn paragraph(text: &str) -> Element {
    el("p").attr("dir", "auto").with(text)
}

fn environment_table(versions: &Versions, registry: &Registry) -> Node {
    let name = &versions.name;
    let row = |row: EnvironmentRow| {
        let path = Path::Latest(name.clone(), row.name.clone());
        let target = versions.environments.get(&row.name);
        let since = row.sequence.map(|sequence| format!("release {sequence}"));
        let update = versions.updates.get(&row.name);
        let differs = row.differs_from.map(|before| {
            let here = Choice::Environment(row.name.clone());
            let href = Route::compare(name, here, Choice::Environment(before.clone())).to_string();
            link(href, format!("differs from {before}")).class("state warn")
        });
        vec![
            row.name.as_str().into(),
            served(name, target),
            [since.into(), update.filter(|_| target.is_some()).map(moved).into()].into(),
            differs.into(),
            target.map(|_| data(&path, "JSON")).into(),
        ]
    };
    let rows = environments(versions, &registry.environments).into_iter().map(row).collect();
    let titles = ["Environment", "Serves", "Since", "Drift", "Data"];
    section("environments", "Environments", table("Environments", "", &titles, rows))
}

/// Who moved a pointer, when and why.
fn moved(update: &Update) -> Node {
    let at = update.updated_at.as_ref().map(|at| moment(at.as_str()));
    let facts: Vec<String> = at.into_iter().chain(update.updated_by.clone()).collect();
    let reason = update.reason.as_ref();
    [
        el("small").class("moved").attr("dir", "auto").with(facts.join(", ")).into(),
        reason
            .map(|reason| el("small").class("moved").attr("dir", "auto").with(reason.as_str()))
            .into(),
    ]
    .into()
}

pub(super) fn no_version(versions: &Versions, reason: &NoVersion) -> Node {
    let name = &versions.name;
    let text = match reason {
        NoVersion::Unknown(version) => format!("{name} has no version {version}."),
        NoVersion::NotServed(environment) => format!("{environment} does not serve {name}."),
        NoVersion::Unreadable(text) => {
            format!("The address asks for {text:.60}, which is no version and no environment.")
        }
        NoVersion::Empty => format!("{name} has no versions."),
    };
    let way = el("p")
        .with("Choose another version, or ")
        .with(link(Route::prompt(name).to_string(), "go to the one that is served"))
        .with(".");
    el("div")
        .class("notice")
        .attr("role", "alert")
        .with(el("p").with(el("strong").with(text)))
        .with(way)
        .into()
}

/// One version, once its document is there.
fn version(
    store: &Store,
    versions: &Arc<Versions>,
    registry: &Arc<Registry>,
    row: &VersionRow,
) -> Node {
    let (path, blob) = prompt::document(versions, row);
    let document = store.verified::<PublishedVersion>(path, blob);
    let cases = (row.cases > 0)
        .then(|| store.document::<Cases>(Path::Cases(versions.name.clone(), row.version.clone())));
    let (row, versions, registry) = (row.clone(), Arc::clone(versions), Arc::clone(registry));
    live(move || {
        let document = match loaded(document.get(), "text of this version") {
            Ok(document) => document,
            Err(state) => return state,
        };
        match &document.published {
            Published::Version(version) => {
                let cases = cases.clone().map(|cases| case_section(cases, Arc::clone(&document)));
                whole(version, &versions, &registry, &row, cases).into()
            }
            Published::Redacted(redacted) => {
                let text = format!("The text of this version was withdrawn: {}", redacted.reason);
                el("p").class("notice error").with(text).into()
            }
        }
    })
}

fn whole(
    document: &VersionDocument,
    versions: &Versions,
    registry: &Registry,
    row: &VersionRow,
    cases: Option<Node>,
) -> Element {
    let page = Route::version(&document.name, &document.version).to_string();
    let messages = document.messages.iter().enumerate();
    let messages: Vec<Node> = messages
        .map(|(at, element)| message(element, document.template, at + 1, "m", &page))
        .collect();
    let variables = (!document.variables.is_empty())
        .then(|| section("variables", "Variables", variable_table(&document.variables)));
    let written = |id, title, value: &Option<Json>| {
        value.as_ref().map(|value| section(id, title, json(value.text())))
    };
    let examples = document.examples.as_ref().filter(|list| !list.is_empty()).map(|list| {
        let list = el("ol").class("examples").all(list.iter().map(example));
        section("examples", "Examples", list)
    });
    let includes = (!document.includes.is_empty()).then(|| {
        let links = document.includes.0.keys().map(|included| {
            let href = Route::version(&included.name, &included.version).to_string();
            el("li").with(link(href, included.to_string()))
        });
        section("includes", "Includes", el("ul").class("names").all(links))
    });
    let reason = row.reason.as_ref().filter(|_| row.state != State::Active).map(|reason| {
        let reason = el("span").attr("dir", "auto").with(reason.as_str());
        el("p").class("notice warn").with(state(row.state)).with(" ").with(reason)
    });
    let title = format!("Version {}", document.version);
    el("div")
        .class("version")
        .with(el("h2").attr("id", "version").with(title))
        .with(origin_line(document, versions, registry, row))
        .with(document.description.as_deref().map(paragraph))
        .with(reason)
        .with(section("messages", "Messages", messages))
        .with(variables)
        .with(section("settings", "Settings", settings(document)))
        .with(written("tools", "Tools", &document.tools))
        .with(written("response", "Response schema", &document.response_schema))
        .with(examples)
        .with(cases)
        .with(includes)
        .with(section("use", "Use it", snippets(versions, registry, row)))
}

/// Where a version is served, who made it, and its bytes.
fn origin_line(
    document: &VersionDocument,
    versions: &Versions,
    registry: &Registry,
    row: &VersionRow,
) -> Element {
    let served_by = serving(versions, &registry.environments, &document.version);
    let served_by: Vec<&str> = served_by.map(Environment::as_str).collect();
    let served_by = if served_by.is_empty() {
        "served by no environment".to_owned()
    } else {
        format!("served by {}", served_by.join(", "))
    };
    let by = document.created_by.as_ref().map(|by| format!(", made by {by}"));
    let at = document.created_at.as_ref().map(|at| format!(", {}", moment(at.as_str())));
    let path = Path::Version(document.name.clone(), document.version.clone());
    let digest = row.digest.to_string();
    let here = Choice::Version(document.version.clone());
    let compare = Route::compare(&document.name, here, Choice::Default);
    el("p")
        .class("aside")
        .with(served_by)
        .with(by)
        .with(at)
        .with(", ")
        .with(data(&path, "JSON"))
        .with(", ")
        .with(link(
            Route::play(&document.name, &document.version).to_string(),
            "render it with your values",
        ))
        .with(", ")
        .with(link(compare.to_string(), "compare it"))
        .with(", digest ")
        .with(el("code").with(short(&digest)).attr("title", digest))
}

fn variable_table(variables: &[Variable]) -> Node {
    let row = |variable: &Variable| {
        let name = el("code").class("placeholder").with(variable.name.as_str());
        let required = if variable.required { "required " } else { "optional " };
        let sensitive = variable.sensitive;
        let sensitive = sensitive.then(|| el("span").class("state warn").with("sensitive"));
        let default = variable.default.as_ref().map(|default| el("code").with(default.text()));
        let description = variable.description.as_deref();
        let description = description.map(|text| el("div").attr("dir", "auto").with(text));
        vec![
            name.into(),
            prompt::type_in_words(variable).into(),
            [required.into(), sensitive.into()].into(),
            default.into(),
            description.into(),
        ]
    };
    let titles = ["Name", "Type", "Required", "Default", "Description"];
    table("Variables", "", &titles, variables.iter().map(row).collect())
}

fn settings(document: &VersionDocument) -> Element {
    let written =
        |term, value: &Option<Json>| value.as_ref().map(|value| fact(term, json(value.text())));
    let budget = document.token_budget.map(|budget| count(size(budget), "token"));
    let temperature = document.temperature.map(|number| decimal(number.get()));
    let origin = document.origin.as_ref().map(|origin| -> Node {
        let known = [&origin.system, &origin.name, &origin.version];
        let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
        let link = origin.url.as_deref().map(external);
        fact("Imported from", [known.join(" ").into(), " ".into(), link.into()])
    });
    el("dl")
        .class("facts")
        .with(document.model.as_deref().map(|model| fact("Model", model)))
        .with(temperature.map(|temperature| fact("Temperature", temperature)))
        .with(budget.map(|budget| fact("Token budget", budget)))
        .with(fact("Template", document.template.as_str()))
        .with((!document.tags.is_empty()).then(|| fact("Tags", document.tags.join(", "))))
        .with(written("Parameters", &document.parameters))
        .with(written("Metadata", &document.metadata))
        .with(origin)
}

fn example(example: &Json) -> Element {
    let Ok(value) = parse(example.text()) else { return el("li").with(json(example.text())) };
    let side = |label: &'static str, key: &str| {
        let side = value.get(key)?;
        let shown = side.as_str().map_or_else(|| json(side.text()), |text| prose(text).into());
        Some([el("h3").with(label).into(), shown])
    };
    el("li").with(side("Input", "input")).with(side("Output", "output"))
}

fn prose(text: &str) -> Element {
    el("p").class("prose").attr("dir", "auto").with(text)
}

/// The stored inputs of a version, once they are there.
fn case_section(cases: Pending<Cases>, version: Arc<PublishedVersion>) -> Node {
    let list = live(move || match loaded(cases.get(), "cases") {
        Ok(cases) => case_list(&cases, &version),
        Err(state) => state,
    });
    section("cases", "Cases", list)
}

fn case_list(cases: &Cases, version: &Arc<PublishedVersion>) -> Node {
    let page = Route::version(&cases.name, &cases.version).to_string();
    let row = |(at, case): (usize, &Case)| {
        let tokens = case.tokens.map(|tokens| count(size(tokens), "token"));
        let summary = el("summary")
            .with(el("span").attr("dir", "auto").with(case.name.as_str()))
            .with(" ")
            .with(el("span").class("number").with(tokens));
        let answer = Pending::<Rendering>::default();
        let masked = masked(case, version);
        let shown = rendered_case(answer.clone(), masked, format!("r{}-", at + 1), page.clone());
        let (version, values) = (Arc::clone(version), case.variables.text().to_owned());
        // Rendered when somebody looks.
        let open = move |_| {
            if let Load::Loading = answer.get_untracked() {
                let (version, values) = (version.text.clone(), values.clone());
                ask(Question::Render { version, values }, answer.clone());
            }
        };
        let details = el("details")
            .on("toggle", open)
            .with(summary)
            .with(el("h3").with("Variables"))
            .with(json(case.variables.text()))
            .with(expectations(case))
            .with(shown);
        el("li").with(details)
    };
    let by = cases.tokenizer.as_ref().map(|tokenizer| {
        el("p").class("aside").with(format!("Tokens are counted by {tokenizer}."))
    });
    [by.into(), el("ul").class("cases").all(cases.cases.iter().enumerate().map(row)).into()].into()
}

/// Says that values of a case are not the real ones, if that is so.
fn masked(case: &Case, version: &PublishedVersion) -> Option<String> {
    let Published::Version(version) = &version.published else { return None };
    let values = parse(case.variables.text()).ok()?;
    let is_masked =
        |variable: &&Variable| variable.sensitive && values.get(&variable.name).is_some();
    let masked = version.variables.iter().filter(is_masked);
    masked_values(masked.map(|variable| variable.name.as_str()))
}

/// What a case renders to, which the browser adds.
fn rendered_case(
    answer: Pending<Rendering>,
    masked: Option<String>,
    prefix: String,
    page: String,
) -> Node {
    if cfg!(feature = "ssr") {
        return nothing();
    }
    live(move || -> Node {
        let shown = match loaded(answer.get(), "rendering") {
            Ok(answer) => rendering(&answer, &prefix, &page),
            Err(state) => state,
        };
        [
            el("h3").with("Rendered").into(),
            masked.clone().map(|text| el("p").class("notice").with(text)).into(),
            shown,
        ]
        .into()
    })
}

fn expectations(case: &Case) -> Option<[Node; 2]> {
    let expect = case.expect.as_ref()?;
    let text = |term, text: &String| fact(term, prose(text));
    let list = el("dl")
        .class("facts")
        .all(expect.equals.iter().map(|equal| text("equals", equal)))
        .all(expect.contains.iter().map(|part| text("contains", part)))
        .all(expect.not_contains.iter().map(|part| text("does not contain", part)))
        .all(expect.matches.iter().map(|pattern| text("matches", pattern)))
        .all(expect.max_tokens.iter().map(|most| fact("has at most", format!("{most} tokens"))));
    Some([el("h3").with("The rendered text").into(), list.into()])
}

fn snippets(versions: &Versions, registry: &Registry, row: &VersionRow) -> Element {
    let name = &versions.name;
    let base = registry.url.as_deref().unwrap_or("https://prompts.example.com/");
    let mut environments = registry.environments.iter().rev();
    let environment = environments.find(|name| versions.environments.contains_key(*name));
    let group = |title: String, address: &Address| -> Node {
        let block = |language: Language| {
            let text = snippet(language, address, base);
            let label = format!("{}: {title}", language.name());
            let text = el("pre").attr("tabindex", "0").attr("aria-label", label).with(text);
            el("details")
                .attr("name", title.clone())
                .flag("open", language == Language::Curl)
                .with(el("summary").with(language.name()))
                .with(text)
        };
        let blocks: Vec<Element> = Language::ALL.into_iter().map(block).collect();
        [el("h3").with(title.as_str()).into(), blocks.into()].into()
    };
    let floating = environment.map(|environment| {
        let address = Address::Environment(name.clone(), environment.clone());
        group(format!("What {environment} serves"), &address)
    });
    let address = Address::Pinned(name.clone(), row.version.clone(), row.digest);
    let pinned = group(format!("Version {} for ever", row.version), &address);
    el("div").class("snippets").with(floating).with(pinned)
}

fn timeline(versions: &Arc<Versions>, registry: &Arc<Registry>, route: CurrentRoute) -> Node {
    let (versions, registry) = (Arc::clone(versions), Arc::clone(registry));
    let rows = live(move || {
        let shown = chosen(&versions, &registry.environments, &Route::choice(route.get())).ok();
        let rows = versions.versions.iter().filter(|row| row.state != State::Archived);
        rows.map(|row| timeline_row(&versions, &registry, row, shown)).collect::<Vec<_>>()
    });
    section("versions", "Versions", el("ol").class("timeline").with(rows))
}

fn timeline_row(
    versions: &Versions,
    registry: &Registry,
    row: &VersionRow,
    shown: Option<&VersionRow>,
) -> Element {
    let is_shown = shown.is_some_and(|shown| shown.version == row.version);
    // The one that is shown, with what it changed; another one, with the one that is shown.
    let position = versions.versions.iter().position(|other| other.version == row.version);
    let below = position.and_then(|at| versions.versions.get(at + 1));
    let (other, word) = if is_shown { (below, "changes since") } else { (shown, "compare with") };
    let other = other.filter(|other| diff::has_text(other) && diff::has_text(row));
    let compared = other.map(|other| -> Node {
        let choice = |row: &VersionRow| Choice::Version(row.version.clone());
        let to = Route::compare(&versions.name, choice(other), choice(row)).to_string();
        [" ".into(), link(to, format!("{word} {}", other.version)).class("compare").into()].into()
    });
    let href = Route::version(&versions.name, &row.version).to_string();
    let version = link(href, row.version.to_string());
    let version = if is_shown { version.attr("aria-current", "true") } else { version };
    let flags = serving(versions, &registry.environments, &row.version);
    let flags = flags.map(|name| -> Node {
        [el("span").class("flag").with(name.as_str()).into(), " ".into()].into()
    });
    let at = row.created_at.as_ref().map(|at| moment(at.as_str()));
    let made: Vec<String> = at.into_iter().chain(row.created_by.clone()).collect();
    let line = el("p")
        .with(version)
        .with(" ")
        .all(flags)
        .with(state(row.state))
        .with(" ")
        .with(el("span").class("aside").with(made.join(", ")))
        .with(compared);
    let results = (!row.results.is_empty()).then(|| {
        el("ul").class("results-of").all(row.results.iter().map(|result| tested(row, result)))
    });
    el("li").with(line).with(row.description.as_deref().map(paragraph)).with(results)
}

/// What a test of a version came to.
fn tested(row: &VersionRow, result: &TestResult) -> Element {
    let all = result.passed.saturating_add(result.failed);
    let class = if result.failed > 0 { "state error" } else { "state ok" };
    let score = result.avg_score.map(|score| format!(", average score {}", decimal(score.get())));
    let is_own = result.source_digest == row.source_digest;
    let other = (!is_own).then(|| el("span").class("state warn").with("of other files"));
    let source = result
        .source
        .as_deref()
        .map(|source| -> Node { [", ".into(), external_or_text(source)].into() });
    el("li")
        .with(el("span").class(class).with(format!("{} of {all} passed", result.passed)))
        .with(format!(" {}", result.test_name))
        .with(score)
        .with(format!(", {}", moment(result.tested_at.as_str())))
        .with(source)
        .with(other)
}

/// A link, if it is the address of a page, else the text.
fn external_or_text(text: &str) -> Node {
    if is_web(text) { external(text).into() } else { text.into() }
}

/// What happened to the prompt, which the worker reads.
fn history(name: &PromptName) -> Node {
    let path = Path::History(name.clone());
    let audit = Audit::default().with("prompt", name.as_str());
    let all = link(Route::History(audit).to_string(), "in the history of the registry");
    let ways =
        el("p").class("aside").with(all).with(", or ").with(data(&path, "as data")).with(".");
    let name = name.clone();
    let rows = move || {
        let lists =
            vec![vec![path.to_string()], Vec::new(), vec!["0".to_owned(), SHOWN.to_owned()]];
        let name = name.clone();
        super::history::asked("history", lists, move |rows| {
            let titles = ["When", "What", "From", "To", "Who", "Why"];
            let titles = crate::components::table::titles(titles);
            let row = |cells: &Vec<String>| super::history::event(cells, Some(name.as_str()));
            let rows = rows.iter().skip(1).map(row).collect();
            view! { <Table label="History" class="audit" titles rows/> }.into_any()
        })
    };
    let events = view! {
        <super::history::Opened summary="Who changed what, and why" ask=rows>
            {Node::from(ways)}
        </super::history::Opened>
    };
    section("history", "History", events.into_any()).into()
}

/// The events of a prompt that its page shows.
const SHOWN: &str = "20";

/// The prompts that include this one, once the catalogue is there.
fn included_by(name: &PromptName) -> Node {
    // The page of a prompt depends on nothing that belongs to others; the browser adds it.
    if cfg!(feature = "ssr") {
        return nothing();
    }
    let name = name.clone();
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    live(move || {
        let catalog = catalog.get().ready()?;
        let rows = catalog.prompts.iter().filter_map(|prompt| {
            let included = prompt.includes.iter().filter(|included| included.name == name);
            let versions: Vec<String> =
                included.map(|included| included.version.to_string()).collect();
            let aside = format!(" includes {}", versions.join(", "));
            (!versions.is_empty()).then(|| {
                el("li")
                    .with(link(Route::prompt(&prompt.name).to_string(), prompt.name.as_str()))
                    .with(el("span").class("aside").with(aside))
            })
        });
        let rows: Vec<Element> = rows.collect();
        (!rows.is_empty())
            .then(|| section("included-by", "Included by", el("ul").class("names").with(rows)))
    })
}
