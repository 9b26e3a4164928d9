//! Two versions of a prompt: first in a sentence, then what it means for callers, then the messages,
//! then what both render to with the same inputs.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_compare::comparison::{Comparison, Impact};
use promptdex_compare::contract::{Effect, Verdict};
use promptdex_compare::invisible;
use promptdex_compare::messages::{FieldDiff, IncludeDiff, MessageChange, MessageDiff};
use promptdex_compare::rendered::{CaseChange, CaseDiff};
use promptdex_compare::settings::{Change, Setting, VariableDiff};
use promptdex_compare::text::TextDiff;
use promptdex_wire::catalog::{Registry, State, VersionRow, Versions};
use promptdex_wire::{Dialect, Path};

use super::prompt::no_version;
use crate::components::diff::{Place, text_diff};
use crate::components::message::json;
use crate::components::section::section;
use crate::components::state::{at_work, loaded};
use crate::components::table::table;
use crate::context::{CurrentRoute, use_go};
use crate::data::{Load, Pending, Problem, Store, Text};
use crate::engine::{Question, ask, stop};
use crate::html::{Element, Node, el, link, live, nothing, with_code};
use crate::model::prompt::{NoVersion, chosen, document};
use crate::route::{Choice, Compare, Layout, Route, View};
use crate::text::{count, masked_values};
use crate::view::watch;

/// The comparison that an address names.
pub fn compare(versions: &Arc<Versions>, registry: &Arc<Registry>, route: CurrentRoute) -> Node {
    let bar = {
        let (versions, registry) = (Arc::clone(versions), Arc::clone(registry));
        live(move || bar(&versions, &registry, &Route::comparison(route.get())))
    };
    let (versions, registry) = (Arc::clone(versions), Arc::clone(registry));
    // What is compared does not depend on how it is shown.
    let question = Memo::new(move |_| match route.get() {
        Some(Route::Prompt(name, View::Compare(compare))) => {
            let compare = Compare { layout: Layout::default(), ..compare };
            Some(Route::Prompt(name, View::Compare(compare)))
        }
        route => route,
    });
    let result = live(move || {
        let question = Route::comparison(question.get());
        match sides(&versions, &registry, &question) {
            Ok((a, b)) => compared(&versions, a, b, &question, route),
            Err(reason) => no_version(&versions, &reason),
        }
    });
    [bar, result].into()
}

/// Returns the versions that are compared.
fn sides<'v>(
    versions: &'v Versions,
    registry: &Registry,
    compare: &Compare,
) -> Result<(&'v VersionRow, &'v VersionRow), NoVersion> {
    let a = chosen(versions, &registry.environments, &compare.a)?;
    if compare.b != Choice::Default {
        return Ok((a, chosen(versions, &registry.environments, &compare.b)?));
    }
    let is_other = |row: &&VersionRow| row.version != a.version && has_text(row);
    Ok((a, versions.versions.iter().find(is_other).unwrap_or(a)))
}

/// Whether a version is shown, and still has its text.
pub(super) fn has_text(row: &VersionRow) -> bool {
    !matches!(row.state, State::Archived | State::Redacted)
}

/// What is compared and how: everything here is in the address.
fn bar(versions: &Arc<Versions>, registry: &Registry, compare: &Compare) -> Node {
    let name = &versions.name;
    let route = |compare: Compare| Route::Prompt(name.clone(), View::Compare(compare));
    let sides = sides(versions, registry, compare).ok();
    let shown = sides.map(|(a, b)| (a.version.to_string(), b.version.to_string()));
    let (a, b) = shown.unwrap_or_default();
    let pinned = Compare { a: Choice::parse(&a), b: Choice::parse(&b), ..compare.clone() };
    // A side that is not in the address is swapped as what it is.
    let is_floating = compare.a == Choice::Default || compare.b == Choice::Default;
    let Compare { a: left, b: right, .. } = if is_floating { &pinned } else { compare };
    let swapped = Compare { a: right.clone(), b: left.clone(), ..compare.clone() };
    let layouts = Layout::ALL.into_iter().map(|layout| {
        let link = link(route(Compare { layout, ..compare.clone() }).to_string(), layout.as_str());
        let is_chosen = layout == compare.layout;
        let link = link.attr("id", layout.as_str()).attr("data-noscroll", "");
        el("li").with(if is_chosen { link.attr("aria-current", "true") } else { link })
    });
    let ignores_whitespace = !compare.ignores_whitespace;
    let whitespace = link(
        route(Compare { ignores_whitespace, ..compare.clone() }).to_string(),
        if ignores_whitespace { "Ignore white space" } else { "Show white space" },
    );
    let pinned = (pinned != *compare && sides.is_some()).then(|| {
        el("li").with(link(route(pinned).to_string(), "Permanent link").attr("id", "pin"))
    });
    let options = el("ul")
        .class("options")
        .attr("aria-label", "How it is shown")
        .all(layouts)
        .with(el("li").with(whitespace.attr("id", "whitespace").attr("data-noscroll", "")))
        .with(pinned);
    el("nav")
        .class("bar")
        .attr("aria-label", "Comparison")
        .with(picker("Before", versions, registry, compare, &a, false))
        .with(
            link(route(swapped).to_string(), "⇄")
                .attr("id", "swap")
                .class("swap")
                .attr("aria-label", "swap sides"),
        )
        .with(picker("After", versions, registry, compare, &b, true))
        .with(options)
        .into()
}

/// Whether a side is something that can be chosen.
fn shown_is(side: &Choice, versions: &Versions, registry: &Registry) -> bool {
    *side == Choice::Default || chosen(versions, &registry.environments, side).is_ok()
}

/// A list to choose a side from: environments by what they serve, and versions.
fn picker(
    label: &'static str,
    versions: &Versions,
    registry: &Registry,
    compare: &Compare,
    shown: &str,
    is_after: bool,
) -> Element {
    let side = if is_after { &compare.b } else { &compare.a };
    let chosen = match side {
        Choice::Default => shown.to_owned(),
        side => side.text(),
    };
    let is_known = shown_is(side, versions, registry);
    let missing = (!is_known).then(|| {
        let text = format!("{chosen:.40} (missing)");
        el("option").attr("value", chosen.clone()).flag("selected", true).with(text)
    });
    let option = |value: String, text: String| {
        let is_chosen = value == chosen;
        el("option").attr("value", value).flag("selected", is_chosen).with(text)
    };
    let environments = registry.environments.iter().filter_map(|environment| {
        let main = versions.environments.get(environment)?.main()?;
        Some(option(format!("@{environment}"), format!("{environment} ({main})")))
    });
    let rows = versions.versions.iter().filter(|row| has_text(row));
    let rows = rows.map(|row| option(row.version.to_string(), row.version.to_string()));
    let go = use_go();
    let (name, compare) = (versions.name.clone(), compare.clone());
    let choose = move |event| {
        let choice = Choice::parse(&event_target_value(&event));
        let mut compare = compare.clone();
        *(if is_after { &mut compare.b } else { &mut compare.a }) = choice;
        go(&Route::Prompt(name.clone(), View::Compare(compare)), false);
    };
    let group = |label: &'static str| el("optgroup").attr("label", label);
    let select = el("select")
        .attr("id", if is_after { "after" } else { "before" })
        .on("change", choose)
        .with(missing)
        .with(group("Environments").all(environments))
        .with(group("Versions").all(rows));
    el("label").with(el("span").class("label").with(label)).with(select)
}

/// The text of a version's document.
fn text(versions: &Versions, row: &VersionRow) -> Pending<Text> {
    let (path, blob) = document(versions, row);
    Store::get().verified(path, blob)
}

/// Asks the engine to compare two versions: a sentence, and everything in which they differ.
pub(super) fn comparison(
    versions: &Versions,
    a: &VersionRow,
    b: &VersionRow,
    compare: &Compare,
) -> Pending<(String, Comparison)> {
    let [a, b] = [a, b].map(|row| text(versions, row));
    let answer = Pending::default();
    let asked = answer.clone();
    let (ignores_whitespace, is_full) = (compare.ignores_whitespace, compare.is_full);
    watch(move || match (a.get(), b.get()) {
        (Load::Ready(a), Load::Ready(b)) => {
            let (a, b) = (a.0.clone(), b.0.clone());
            ask(Question::Compare { a, b, ignores_whitespace, is_full }, asked.clone());
        }
        (Load::Failed(problem), _) | (_, Load::Failed(problem)) => asked.fail(Some(problem)),
        (Load::Absent, _) | (_, Load::Absent) => asked.fail(None),
        (Load::Loading, _) | (_, Load::Loading) => {}
    });
    answer
}

/// Asks the engine, and shows its answer.
fn compared(
    versions: &Arc<Versions>,
    a: &VersionRow,
    b: &VersionRow,
    compare: &Compare,
    route: CurrentRoute,
) -> Node {
    let store = Store::get();
    let [before, after] = [a, b].map(|row| text(versions, row));
    let case_row = [b, a].into_iter().find(|row| row.cases > 0);
    let cases = case_row
        .map(|row| store.document::<Text>(Path::Cases(versions.name.clone(), row.version.clone())));
    let answer = comparison(versions, a, b, compare);
    let rendered = Pending::<Vec<CaseDiff>>::default();
    let asked_rendered = rendered.clone();
    let (ignores_whitespace, is_full) = (compare.ignores_whitespace, compare.is_full);
    let has_cases = cases.is_some();
    // Nobody waits for it once something else is shown.
    on_cleanup(stop);
    watch(move || {
        let Some(cases) = &cases else { return };
        match (before.get(), after.get(), cases.get()) {
            (Load::Ready(a), Load::Ready(b), Load::Ready(cases)) => {
                let (a, b, cases) = (a.0.clone(), b.0.clone(), cases.0.clone());
                let question = Question::CompareCases { a, b, cases, ignores_whitespace, is_full };
                ask(question, asked_rendered.clone());
            }
            (_, _, Load::Failed(problem)) => asked_rendered.fail(Some(problem)),
            (_, _, Load::Absent) => asked_rendered.fail(None),
            _ => {}
        }
    });
    let name = versions.name.clone();
    let titles = (a.version.to_string(), b.version.to_string());
    let digests = format!("{} {} → {} {}", a.version, a.digest, b.version, b.digest);
    live(move || -> Node {
        let load = answer.get();
        let is_stopped = matches!(load, Load::Failed(Problem::Stopped));
        let at_work = matches!(load, Load::Loading).then(|| at_work("comparison", is_full));
        let answer = match loaded(load, "comparison") {
            Ok(answer) => answer,
            Err(state) => {
                let capped = Compare { is_full: false, ..Route::comparison(route.get()) };
                let capped = Route::Prompt(name.clone(), View::Compare(capped)).to_string();
                let by_lines = (is_stopped && is_full)
                    .then(|| el("p").with(link(capped, "Compare rewritten texts by lines")));
                return [state, at_work.into(), by_lines.into()].into();
            }
        };
        let (sentence, comparison) = &*answer;
        let compare = Route::comparison(route.get());
        let page = Route::Prompt(name.clone(), View::Compare(compare.clone())).to_string();
        let (layout, dialect) = (compare.layout, comparison.template);
        let shown = Appearance { page: &page, layout, dialect, titles: &titles };
        let full = Compare { is_full: true, ..compare };
        let full = Route::Prompt(name.clone(), View::Compare(full)).to_string();
        let rendered = has_cases.then(|| rendered_section(&rendered, &shown, &full));
        [
            el("p")
                .class("sentence")
                .attr("role", "status")
                // CurrentRoute on paper.
                .attr("data-sides", digests.clone())
                .with(with_code(sentence))
                .into(),
            impacts(comparison, &shown).into(),
            hidden(comparison).into(),
            facts(comparison).into(),
            messages(comparison, &shown, &full).into(),
            includes(comparison, &shown).into(),
            rendered.into(),
        ]
        .into()
    })
}

/// How a comparison is shown.
struct Appearance<'a> {
    page: &'a str,
    layout: Layout,
    dialect: Dialect,
    titles: &'a (String, String),
}

impl Appearance<'_> {
    fn diff(&self, id: &str, diff: &TextDiff) -> Node {
        let Self { page, layout, dialect, .. } = *self;
        text_diff(diff, Place { id, page, layout, dialect })
    }
}

/// What each direction means for callers: the promotion, and the way back.
fn impacts(comparison: &Comparison, shown: &Appearance<'_>) -> Option<Node> {
    if comparison.identical {
        return None;
    }
    let (a, b) = shown.titles;
    let list = el("ul")
        .class("impacts")
        .with(impact(&comparison.forward, &format!("Callers of {a} that get {b}: ")))
        .with(impact(
            &comparison.backward,
            &format!("Callers of {b} that get {a}, in a rollback: "),
        ));
    Some(section("callers", "For callers", list))
}

fn impact(impact: &Impact, title: &str) -> Element {
    let effects = impact.effects.iter().map(|effect| el("li").with(effect_text(effect)));
    let effects: Vec<Element> = effects.collect();
    let effects = (!effects.is_empty()).then(|| el("ul").with(effects));
    el("li").with(title).with(verdict(impact.verdict)).with(effects)
}

pub(super) fn verdict(verdict: Verdict) -> Element {
    let (word, class) = match verdict {
        Verdict::Compatible => ("compatible", "state ok"),
        Verdict::Additive => ("additive", "state"),
        Verdict::Breaking => ("breaking", "state error"),
    };
    el("strong").class(class).with(word)
}

fn effect_text(effect: &Effect) -> Node {
    [verdict(effect.verdict).into(), " ".into(), with_code(&effect.message)].into()
}

/// Invisible characters that came in.
fn hidden(comparison: &Comparison) -> Option<Element> {
    let labels = comparison.invisible.iter().map(|hidden| {
        let name = invisible::name(hidden.character);
        format!("{} {} ({name})", hidden.count, invisible::label(hidden.character))
    });
    let labels: Vec<String> = labels.collect();
    (!labels.is_empty()).then(|| {
        let text = format!("Invisible characters came in: {}.", labels.join(", "));
        el("p").class("notice error").attr("role", "alert").with(text)
    })
}

fn change_word(change: Change) -> Element {
    let word = match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
    };
    el("span").class("state").with(word)
}

fn facts(comparison: &Comparison) -> Option<Node> {
    let variables = comparison.variables.iter().map(variable_row);
    let settings = comparison.settings.iter().map(setting_row);
    let rows: Vec<Vec<Node>> = variables.chain(settings).collect();
    let title = "Variables and settings";
    (!rows.is_empty()).then(|| section("facts", title, facts_table(title, rows)))
}

fn facts_table(label: &'static str, rows: Vec<Vec<Node>>) -> Node {
    table(label, "facts-table", &["What", "Change", "Before", "After", "For callers"], rows)
}

fn variable_row(variable: &VariableDiff) -> Vec<Node> {
    let name = el("code").class("placeholder").with(variable.name.as_str());
    let side = |value: fn(&Setting) -> Option<&String>| -> Node {
        let values = variable.attributes.iter().filter_map(|attribute| {
            Some(el("div").with(format!("{}: {}", attribute.field, value(attribute)?)))
        });
        values.collect::<Vec<_>>().into()
    };
    let effects = |word: &'static str, effects: &[Effect]| -> Node {
        let effects = effects.iter().map(|effect| el("div").with(word).with(effect_text(effect)));
        effects.collect::<Vec<_>>().into()
    };
    vec![
        name.into(),
        change_word(variable.kind).into(),
        side(|setting| setting.before.as_ref()),
        side(|setting| setting.after.as_ref()),
        [effects("", &variable.forward), effects("rollback: ", &variable.backward)].into(),
    ]
}

fn setting_row(setting: &Setting) -> Vec<Node> {
    let value = |value: &Option<String>| -> Node {
        let Some(value) = value else { return nothing() };
        let cell = el("div").class("prose").attr("dir", "auto");
        // Values inside free JSON are JSON on one line.
        if value.len() > 60 && value.starts_with(['{', '[']) {
            cell.with(json(value)).into()
        } else {
            cell.with(value.as_str()).into()
        }
    };
    vec![
        setting.field.as_str().into(),
        change_word(setting.kind).into(),
        value(&setting.before),
        value(&setting.after),
    ]
}

fn messages(comparison: &Comparison, shown: &Appearance<'_>, full: &str) -> Node {
    let messages: Vec<Element> =
        comparison.messages.iter().map(|diff| message(diff, "m", shown, full)).collect();
    section("messages", "Messages", messages)
}

/// One message of both sides. Its places are named by `prefix` and its number.
fn message(diff: &MessageDiff, prefix: &str, shown: &Appearance<'_>, full: &str) -> Element {
    let number = diff.after.or(diff.before).unwrap_or_default();
    let (word, class) = match diff.kind {
        MessageChange::Same => ("unchanged", "aside"),
        MessageChange::Changed => ("changed", "state"),
        MessageChange::Added => ("added", "state"),
        MessageChange::Removed => ("removed", "state"),
    };
    let moved = match (diff.moved, diff.before, diff.after) {
        (true, Some(before), Some(after)) => {
            Some(el("span").class("state").with(format!("moved from {before} to {after}")))
        }
        _ => None,
    };
    let side = if diff.after.is_some() { "" } else { "a" };
    let id = format!("{prefix}{side}{number}");
    let title = el("h3")
        .with(link(format!("{}#{id}", shown.page), number.to_string()).class("number"))
        .with(format!(" {} ", diff.role))
        .with(el("span").class(class).with(word))
        .with(" ")
        .with(moved);
    let fields = (!diff.fields.is_empty()).then(|| {
        facts_table("Fields of the message", diff.fields.iter().map(setting_row).collect())
    });
    let texts = diff.texts.iter().enumerate().map(|(at, field)| {
        let id = if at == 0 { id.clone() } else { format!("{id}-t{at}") };
        message_text(&id, field, diff.texts.len() > 1, shown, full)
    });
    let texts: Vec<Node> = texts.collect();
    el("section").class("message").attr("id", id).with(title).with(fields).with(texts)
}

fn message_text(
    id: &str,
    field: &FieldDiff,
    is_named: bool,
    shown: &Appearance<'_>,
    full: &str,
) -> Node {
    let title = (is_named || field.field != "content")
        .then(|| el("h4").with(field.field.as_str()).with(" ").with(change_word(field.kind)));
    let note = (!field.diff.rewritten.is_empty()).then(|| {
        el("p")
            .class("notice")
            .with("This text was rewritten; it is compared by lines only. ")
            .with(link(full.to_owned(), "Compare words anyway"))
    });
    [title.into(), note.into(), shown.diff(id, &field.diff).into()].into()
}

fn includes(comparison: &Comparison, shown: &Appearance<'_>) -> Option<Node> {
    let include = |(at, include): (usize, &IncludeDiff)| {
        let version = |version: &Option<promptdex_wire::Version>| {
            version.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        let arrow = if include.kind == Change::Changed { " → " } else { "" };
        let versions = format!(" {}{arrow}{} ", version(&include.before), version(&include.after));
        let title = el("h3")
            .with(link(Route::prompt(&include.name).to_string(), include.name.as_str()))
            .with(versions)
            .with(change_word(include.kind));
        let diff = shown.diff(&format!("i{}", at + 1), &include.diff);
        el("section").class("message").with(title).with(diff)
    };
    let list: Vec<Element> = comparison.includes.iter().enumerate().map(include).collect();
    (!list.is_empty()).then(|| section("includes", "Included texts", list))
}

/// What both versions render to with the same inputs, case by case.
fn rendered_section(rendered: &Pending<Vec<CaseDiff>>, shown: &Appearance<'_>, full: &str) -> Node {
    let rendered = rendered.clone();
    let (page, layout, titles) = (shown.page.to_owned(), shown.layout, shown.titles.clone());
    let full = full.to_owned();
    let list = live(move || -> Node {
        // What was rendered has no tags.
        let dialect = Dialect::Plain;
        let shown = Appearance { page: &page, layout, dialect, titles: &titles };
        let load = rendered.get();
        let at_work = matches!(load, Load::Loading).then(|| at_work("renderings", false));
        let cases = match loaded(load, "renderings") {
            Ok(cases) => cases,
            Err(state) => return [state, at_work.into()].into(),
        };
        let changed = cases.iter().filter(|case| case.kind != CaseChange::Same).count();
        let summary = if changed == 0 {
            format!("Same in both versions: {}.", count(cases.len(), "case"))
        } else {
            format!("Different: {changed} of {}.", count(cases.len(), "case"))
        };
        let rows = cases.iter().enumerate().map(|(at, case)| {
            rendered_case(case, &format!("c{}m", at + 1), &shown, &full, changed <= 3)
        });
        let list = el("ul").class("cases").all(rows);
        [el("p").with(summary).into(), list.into()].into()
    });
    section("rendered", "Rendered with the same inputs", list)
}

fn rendered_case(
    case: &CaseDiff,
    prefix: &str,
    shown: &Appearance<'_>,
    full: &str,
    is_open: bool,
) -> Element {
    let (word, class) = match case.kind {
        CaseChange::Same => ("same", "aside"),
        CaseChange::Changed => ("changed", "state"),
        CaseChange::NowFails => ("now fails", "state error"),
        CaseChange::NowRenders => ("now renders", "state ok"),
        CaseChange::Fails => ("fails", "state warn"),
    };
    let title = [
        el("span").attr("dir", "auto").with(case.name.as_str()).into(),
        " ".into(),
        el("span").class(class).with(word).into(),
    ];
    let problem =
        case.problem.as_ref().map(|problem| el("p").class("aside").with(problem.as_str()));
    if case.messages.is_empty() {
        return el("li").with(title).with(problem);
    }
    let masked = masked_values(case.masked.iter().map(String::as_str));
    let masked = masked.map(|text| el("p").class("notice").with(text));
    let messages = case.messages.iter().map(|diff| message(diff, prefix, shown, full));
    let summary = el("summary").with(title);
    el("li").with(el("details").flag("open", is_open).with(summary).with(masked).all(messages))
}
