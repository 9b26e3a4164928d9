//! The comparison of two versions of a prompt: a summary, the effects on apps, the messages, and the
//! rendered test cases.

use std::sync::Arc;

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;
use promptdex_compare::case_diff::{CaseChange, CaseDiff};
use promptdex_compare::comparison::{Comparison, Impact};
use promptdex_compare::contract::ContractEffect;
use promptdex_compare::invisible;
use promptdex_compare::messages::{FieldDiff, IncludeDiff, MessageChange, MessageDiff};
use promptdex_compare::settings::{ChangeKind, Setting, VariableDiff};
use promptdex_compare::text::TextDiff;
use promptdex_wire::catalog::{VersionRow, Versions};
use promptdex_wire::{Dialect, PromptName};

use crate::components::chosen_version::{VersionNotFound, find_in_files, find_version};
use crate::components::comparison::{VerdictWord, compare_versions, document_text};
use crate::components::diff::{DiffContext, TextDiffRows};
use crate::components::load_state::{AtWork, ready_or_view};
use crate::components::message::JsonBlock;
use crate::components::section::Section;
use crate::components::sentence::Sentence;
use crate::components::table::{Table, titles};
use crate::context::{CurrentRoute, use_go};
use crate::data::{DocumentText, LoadProblem, LoadState, Pending, Store};
use crate::engine::{Question, ask, stop};
use crate::model::page_documents::cases;
use crate::model::prompt::{NoVersion, choose_other, has_text};
use crate::model::shown_documents::ShownRegistry;
use crate::route::{Choice, Compare, Layout, Route, View};
use crate::text::{count, explain_masked_values};
use crate::view::{reactive, view, watch};

/// The comparison that an address names.
#[component]
pub fn CompareView(
    /// The versions of the prompt.
    versions: Arc<Versions>,
    /// The registry.
    registry: Arc<ShownRegistry>,
    /// What the address shows.
    route: CurrentRoute,
) -> impl IntoView {
    let name = versions.name.clone();
    let bar = {
        let (versions, registry) = (Arc::clone(&versions), Arc::clone(&registry));
        reactive(move || {
            let compare = Route::comparison(route.get());
            // Signals are read here: what a component reads is not tracked.
            let sides = find_compared_versions(&versions, &registry, &compare).ok();
            let missing = [&compare.a, &compare.b].map(|side| {
                let found = find_version(&versions, &registry.environments, side);
                !matches!(found, Ok(_) | Err(NoVersion::Unread(_)))
            });
            view! { <Bar versions=&versions registry=&registry compare=&compare sides missing/> }
        })
    };
    // What is compared depends neither on how it is shown nor on how its versions are named.
    let question = {
        let (versions, registry) = (Arc::clone(&versions), Arc::clone(&registry));
        Memo::new(move |_| {
            let compare = Compare { layout: Layout::default(), ..Route::comparison(route.get()) };
            let compare = match find_compared_versions(&versions, &registry, &compare) {
                Ok((a, b)) => compare.of(a.version, b.version),
                Err(_) => compare,
            };
            Some(Route::Prompt(versions.name.clone(), View::Compare(compare)))
        })
    };
    let layout = Memo::new(move |_| {
        let layout = Route::comparison(route.get()).layout;
        let compare = Compare { layout, ..Compare::default() };
        route.get().map(|route| match route {
            Route::Prompt(name, _) => Route::Prompt(name, View::Compare(compare)),
            route => route,
        })
    });
    let shown = Pending::<Shown>::default();
    let is_busy = ArcRwSignal::new(true);
    watch({
        let (shown, is_busy) = (shown.clone(), is_busy.clone());
        move || {
            let compare = Route::comparison(question.get());
            is_busy.set(true);
            // Nobody waits for it once something else is asked.
            on_cleanup(stop);
            match find_compared_versions(&versions, &registry, &compare) {
                Ok((a, b)) => compare_and_show(&versions, &a, &b, compare, &shown, &is_busy),
                Err(reason) => {
                    is_busy.set(false);
                    shown.arrive(Shown::NotFound(versions.name.clone(), reason));
                }
            }
        }
    });
    let at_work = {
        let is_busy = is_busy.clone();
        reactive(move || {
            let at_once = Route::comparison(question.get_untracked()).is_full;
            is_busy.get().then(|| view! { <AtWork what="Comparing… " at_once/> })
        })
    };
    let busy = move || is_busy.get().then_some("true");
    let answer = reactive(move || {
        let compare = Route::comparison(question.get_untracked());
        let layout = Route::comparison(layout.get()).layout;
        match shown.get() {
            LoadState::Ready(shown) => match &*shown {
                Shown::Compared(compared) => view! { <Answer compared layout/> },
                Shown::NotFound(name, reason) => {
                    view! { <VersionNotFound name reason=reason.clone()/> }
                }
            },
            load => {
                let is_stopped = matches!(load, LoadState::Failed(LoadProblem::Stopped));
                let by_lines = (is_stopped && compare.is_full).then(|| {
                    let capped = Compare { is_full: false, layout, ..compare }.address(&name);
                    view! { <p><a href=capped>"Use line diff"</a></p> }
                });
                let state = ready_or_view(load, "comparison").err();
                view! { {state} {by_lines} }
            }
        }
    });
    // What was compared last stays, and with it the place on the page, until the next comparison is there.
    view! {
        {bar}
        {at_work}
        <div aria-busy=busy>{answer}</div>
    }
}

/// What the page shows below the controls.
enum Shown {
    Compared(Compared),
    /// An address names no version.
    NotFound(PromptName, NoVersion),
}

/// A comparison that was made.
struct Compared {
    name: PromptName,
    /// What it answers: its sides are versions.
    compare: Compare,
    /// The digests of both versions.
    digests: String,
    answer: Arc<(String, Comparison)>,
    /// The renderings of the test cases, if there are any.
    cases: Option<Pending<Vec<CaseDiff>>>,
}

/// Sends a comparison to the engine, and shows it once it is there.
fn compare_and_show(
    versions: &Arc<Versions>,
    a: &VersionRow,
    b: &VersionRow,
    compare: Compare,
    shown: &Pending<Shown>,
    is_busy: &ArcRwSignal<bool>,
) {
    let answer = compare_versions(versions, a, b, &compare);
    let cases = compare_cases(versions, a, b, &compare);
    let name = versions.name.clone();
    let digests = format!("{} {} → {} {}", a.version, a.digest, b.version, b.digest);
    let (shown, is_busy) = (shown.clone(), is_busy.clone());
    watch(move || {
        match answer.get() {
            LoadState::Loading => return,
            LoadState::Ready(answer) => shown.arrive(Shown::Compared(Compared {
                name: name.clone(),
                compare: compare.clone(),
                digests: digests.clone(),
                answer,
                cases: cases.clone(),
            })),
            LoadState::Failed(problem) => shown.fail(Some(problem)),
            LoadState::Absent => shown.fail(None),
        }
        is_busy.set(false);
    });
}

/// Returns the versions that are compared.
fn find_compared_versions(
    versions: &Arc<Versions>,
    registry: &ShownRegistry,
    compare: &Compare,
) -> Result<(VersionRow, VersionRow), NoVersion> {
    let a = find_version(versions, &registry.environments, &compare.a)?;
    if compare.b != Choice::Default {
        return Ok((a, find_version(versions, &registry.environments, &compare.b)?));
    }
    let other = find_in_files(versions, &|files| choose_other(files, &a.version).cloned());
    match other {
        // The only version is compared with itself.
        Err(NoVersion::Empty) => Ok((a.clone(), a)),
        other => other.map(|other| (a, other)),
    }
}

/// The controls of the comparison; all of them are part of the URL.
#[component]
fn Bar<'a>(
    versions: &'a Versions,
    registry: &'a ShownRegistry,
    compare: &'a Compare,
    /// The versions that are compared, once they are found.
    sides: Option<(VersionRow, VersionRow)>,
    /// Which of the sides there is no version for.
    missing: [bool; 2],
) -> AnyView {
    let href = |compare: Compare| compare.address(&versions.name);
    let named = sides.as_ref().map(|(a, b)| (a.version.to_string(), b.version.to_string()));
    let (a, b) = named.unwrap_or_default();
    let pinned = Compare { a: Choice::parse(&a), b: Choice::parse(&b), ..compare.clone() };
    // A side that is not in the address is swapped as what it is.
    let is_floating = compare.a == Choice::Default || compare.b == Choice::Default;
    let Compare { a: left, b: right, .. } = if is_floating { &pinned } else { compare };
    let swapped = href(Compare { a: right.clone(), b: left.clone(), ..compare.clone() });
    let layouts = Layout::ALL.into_iter().map(|layout| {
        let href = href(Compare { layout, ..compare.clone() });
        let current = (layout == compare.layout).then_some("true");
        let (id, name) = (layout.as_str(), layout.title());
        view! { <li><a href=href id=id data-noscroll="" aria-current=current>{name}</a></li> }
    });
    let layouts = layouts.collect_view();
    let ignores_whitespace = !compare.ignores_whitespace;
    let whitespace = href(Compare { ignores_whitespace, ..compare.clone() });
    let pinned = (pinned != *compare && sides.is_some()).then(
        || view! { <li><a href=href(pinned) id="pin" data-noscroll="">"Pin versions"</a></li> },
    );
    view! {
        <nav class="bar" aria-label="Comparison">
            <Picker versions registry compare version=a is_missing=missing[0] is_after=false/>
            <a href=swapped id="swap" class="swap" data-noscroll="" aria-label="Swap sides">"⇄"</a>
            <Picker versions registry compare version=b is_missing=missing[1] is_after=true/>
            <ul class="options" aria-label="Display options">
                {layouts}
                <li>
                    <a href=whitespace id="whitespace" data-noscroll="">
                        {if ignores_whitespace { "Ignore whitespace" } else { "Show whitespace" }}
                    </a>
                </li>
                {pinned}
            </ul>
        </nav>
    }
}

/// A list to choose a side from: environments by what they serve, and the versions that were published last. Older ones
/// are typed.
#[component]
fn Picker<'a>(
    versions: &'a Versions,
    registry: &'a ShownRegistry,
    compare: &'a Compare,
    /// The version that is shown.
    version: String,
    /// Whether there is no version for what the address says.
    is_missing: bool,
    is_after: bool,
) -> AnyView {
    let side = if is_after { &compare.b } else { &compare.a };
    let chosen_text = match side {
        Choice::Default => version,
        side => side.text(),
    };
    let environments = registry.environments.iter().filter_map(|environment| {
        let main = versions.target(environment)?.main()?;
        Some((format!("@{environment}"), format!("{environment} ({main})")))
    });
    let environments: Vec<(String, String)> = environments.collect();
    let rows = versions.versions.iter().filter(|row| has_text(row));
    let rows: Vec<String> = rows.map(|row| row.version.to_string()).collect();
    let is_listed =
        rows.contains(&chosen_text) || environments.iter().any(|(value, _)| *value == chosen_text);
    let unlisted = (!is_listed && !chosen_text.is_empty()).then(|| {
        let mark = if is_missing { " (not found)" } else { "" };
        let text = format!("{chosen_text:.40}{mark}");
        view! { <option value=chosen_text.clone() selected=true>{text}</option> }
    });
    let option = |value: String, text: String| {
        let is_chosen = value == chosen_text;
        view! { <option value=value selected=is_chosen prop:selected=is_chosen>{text}</option> }
    };
    let environments = environments.into_iter().map(|(value, text)| option(value, text));
    let environments = environments.collect_view();
    let rows = rows.into_iter().map(|version| option(version.clone(), version)).collect_view();
    let go = use_go();
    let (name, compare) = (versions.name.clone(), compare.clone());
    let choose = move |event: Event| {
        let choice = Choice::parse(event_target_value(&event).trim());
        let mut compare = compare.clone();
        *(if is_after { &mut compare.b } else { &mut compare.a }) = choice;
        go(&Route::Prompt(name.clone(), View::Compare(compare)), false);
    };
    let typed = versions.older.map(|_| {
        let choose = choose.clone();
        let choose = move |event: Event| {
            choose(event.clone());
            event_target::<HtmlInputElement>(&event).set_value("");
        };
        let label = if is_after { "After: type a version" } else { "Before: type a version" };
        view! { <input type="text" placeholder="or type a version" aria-label=label on:change=choose/> }
    });
    view! {
        <label>
            <span class="label">{if is_after { "After" } else { "Before" }}</span>
            <select id=if is_after { "after" } else { "before" } on:change=choose>
                {unlisted}
                <optgroup label="Environments">{environments}</optgroup>
                <optgroup label="Versions">{rows}</optgroup>
            </select>
        </label>
        {typed}
    }
}

/// The response of the engine.
#[component]
fn Answer<'a>(compared: &'a Compared, layout: Layout) -> AnyView {
    let Compared { name, compare, digests, answer, cases } = compared;
    let (sentence, comparison) = &**answer;
    let compare = Compare { layout, ..compare.clone() };
    let appearance = &Appearance {
        page: compare.clone().address(name),
        full: Compare { is_full: true, ..compare.clone() }.address(name),
        layout,
        dialect: comparison.template,
        titles: (compare.a.text(), compare.b.text()),
        is_back: matches!((&compare.a, &compare.b), (Choice::Version(a), Choice::Version(b)) if b < a),
    };
    let cases = cases.clone().map(|cases| view! { <RenderedCases cases appearance/> });
    // The digests are shown on paper.
    view! {
        <p class="sentence" role="status" data-sides=digests.clone()>
            <Sentence text=sentence.as_str()/>
        </p>
        <Impacts comparison appearance/>
        <Invisible comparison/>
        <Facts comparison appearance/>
        <Messages comparison appearance/>
        <Includes comparison appearance/>
        {cases}
    }
}

/// Lets the engine render the test cases of the newer version with both versions, or those of the older one
/// if only it has some.
fn compare_cases(
    versions: &Versions,
    a: &VersionRow,
    b: &VersionRow,
    compare: &Compare,
) -> Option<Pending<Vec<CaseDiff>>> {
    let path = [b, a].into_iter().find_map(|row| cases(&versions.name, row))?;
    let cases = Store::get().document::<DocumentText>(path);
    let [a, b] = [a, b].map(|row| document_text(versions, row));
    let answer = Pending::default();
    let pending = answer.clone();
    let (ignores_whitespace, is_full) = (compare.ignores_whitespace, compare.is_full);
    watch(move || match (a.get(), b.get(), cases.get()) {
        (LoadState::Ready(a), LoadState::Ready(b), LoadState::Ready(cases)) => {
            let (a, b, cases) = (a.0.clone(), b.0.clone(), cases.0.clone());
            let question = Question::CompareCases { a, b, cases, ignores_whitespace, is_full };
            ask(question, pending.clone());
        }
        (_, _, LoadState::Failed(problem)) => pending.fail(Some(problem)),
        (_, _, LoadState::Absent) => pending.fail(None),
        _ => {}
    });
    Some(answer)
}

/// The display options of a comparison.
#[derive(Clone)]
struct Appearance {
    /// The address that places are added to.
    page: String,
    /// The address at which words are compared however long it takes.
    full: String,
    layout: Layout,
    dialect: Dialect,
    /// The versions.
    titles: (String, String),
    /// Whether the second version is the older one.
    is_back: bool,
}

impl Appearance {
    fn diff(&self, id: &str, diff: &TextDiff) -> AnyView {
        let Self { page, layout, dialect, .. } = self.clone();
        let place = &DiffContext { id: id.to_owned(), page, layout, dialect };
        view! { <TextDiffRows diff place/> }
    }
}

/// What each direction means for apps: the upgrade, and the rollback.
#[component]
fn Impacts<'a>(comparison: &'a Comparison, appearance: &'a Appearance) -> impl IntoView {
    if comparison.identical {
        return None;
    }
    let (a, b) = &appearance.titles;
    let [forward, backward] =
        if appearance.is_back { ["Rollback", "Upgrade"] } else { ["Upgrade", "Rollback"] };
    let forward = format!("{forward} {a} → {b}: ");
    let backward = format!("{backward} {b} → {a}: ");
    let list = view! {
        <ul class="impacts">
            <ImpactRow impact=&comparison.forward title=forward/>
            <ImpactRow impact=&comparison.backward title=backward/>
        </ul>
    };
    Some(view! { <Section id="callers" title="Compatibility">{list}</Section> })
}

#[component]
fn ImpactRow<'a>(impact: &'a Impact, title: String) -> impl IntoView {
    let effects = impact.effects.iter().map(|effect| view! { <li>{effect_text(effect)}</li> });
    let effects = effects.collect_view();
    view! {
        <li>
            {title}
            <VerdictWord of=impact.verdict/>
            {(!effects.is_empty()).then(|| view! { <ul>{effects}</ul> })}
        </li>
    }
}

fn effect_text(effect: &ContractEffect) -> AnyView {
    view! {
        <VerdictWord of=effect.verdict/>
        " "
        <Sentence text=effect.message.as_str()/>
    }
}

/// Invisible characters that came in.
#[component]
fn Invisible<'a>(comparison: &'a Comparison) -> impl IntoView {
    let labels = comparison.invisible.iter().map(|hidden| {
        let name = invisible::name(hidden.character);
        format!("{} {} ({name})", hidden.count, invisible::label(hidden.character))
    });
    let labels: Vec<String> = labels.collect();
    (!labels.is_empty()).then(|| {
        let text = format!("Invisible characters added: {}.", labels.join(", "));
        view! { <p class="notice error" role="alert">{text}</p> }
    })
}

#[component]
fn ChangeWord(of: ChangeKind) -> impl IntoView {
    let word = match of {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    };
    view! { <span class="state">{word}</span> }
}

/// The variables and settings that differ.
#[component]
fn Facts<'a>(comparison: &'a Comparison, appearance: &'a Appearance) -> impl IntoView {
    let is_back = appearance.is_back;
    let variables = comparison.variables.iter().map(|variable| variable_row(variable, is_back));
    let settings = comparison.settings.iter().map(setting_row);
    let rows: Vec<Vec<AnyView>> = variables.chain(settings).collect();
    (!rows.is_empty()).then(|| {
        let title = "Variables and settings";
        view! { <Section id="facts" title>{facts_table(title, rows)}</Section> }
    })
}

fn facts_table(label: &'static str, rows: Vec<Vec<AnyView>>) -> AnyView {
    let titles = titles(["Field", "Change", "Before", "After", "Compatibility"]);
    view! { <Table label class="facts-table" titles rows/> }
}

fn variable_row(variable: &VariableDiff, is_back: bool) -> Vec<AnyView> {
    let [forward, backward] = if is_back { ["rollback: ", ""] } else { ["", "rollback: "] };
    let side = |value: fn(&Setting) -> Option<&String>| {
        let values = variable.attributes.iter().filter_map(|attribute| {
            let text = format!("{}: {}", attribute.field, value(attribute)?);
            Some(view! { <div>{text}</div> })
        });
        values.collect_view().into_any()
    };
    let effects = |word: &'static str, effects: &[ContractEffect]| {
        let effects =
            effects.iter().map(|effect| view! { <div>{word} {effect_text(effect)}</div> });
        effects.collect_view()
    };
    vec![
        view! { <code class="placeholder">{variable.name.clone()}</code> },
        view! { <ChangeWord of=variable.kind/> },
        side(|setting| setting.before.as_ref()),
        side(|setting| setting.after.as_ref()),
        view! { {effects(forward, &variable.forward)} {effects(backward, &variable.backward)} },
    ]
}

fn setting_row(setting: &Setting) -> Vec<AnyView> {
    let value = |value: &Option<String>| {
        let Some(value) = value else { return ().into_any() };
        // Values inside free JSON are JSON on one line.
        let value = if value.len() > 60 && value.starts_with(['{', '[']) {
            view! { <JsonBlock text=value/> }
        } else {
            value.clone().into_any()
        };
        view! { <div class="prose" dir="auto">{value}</div> }
    };
    vec![
        setting.field.clone().into_any(),
        view! { <ChangeWord of=setting.kind/> },
        value(&setting.before),
        value(&setting.after),
        ().into_any(),
    ]
}

#[component]
fn Messages<'a>(comparison: &'a Comparison, appearance: &'a Appearance) -> impl IntoView {
    let messages = comparison.messages.iter();
    let messages = messages.map(|diff| view! { <MessageRow diff prefix="m" appearance/> });
    let messages = messages.collect_view();
    view! { <Section id="messages" title="Messages">{messages}</Section> }
}

/// One message of both sides. Its places are named by `prefix` and its number.
#[component]
fn MessageRow<'a>(
    diff: &'a MessageDiff,
    prefix: &'a str,
    appearance: &'a Appearance,
) -> impl IntoView {
    let number = diff.after.or(diff.before).unwrap_or_default();
    let (word, class) = match diff.kind {
        MessageChange::Same => ("unchanged", "aside"),
        MessageChange::Changed => ("changed", "state"),
        MessageChange::Added => ("added", "state"),
        MessageChange::Removed => ("removed", "state"),
    };
    let moved = match (diff.moved, diff.before, diff.after) {
        (true, Some(before), Some(after)) => {
            let text = format!("moved from {before} to {after}");
            Some(view! { <span class="state">{text}</span> })
        }
        _ => None,
    };
    let side = if diff.after.is_some() { "" } else { "a" };
    let id = format!("{prefix}{side}{number}");
    let href = format!("{}#{id}", appearance.page);
    let fields = (!diff.fields.is_empty())
        .then(|| facts_table("Message fields", diff.fields.iter().map(setting_row).collect()));
    let texts = diff.texts.iter().enumerate().map(|(at, field)| {
        let id = if at == 0 { id.clone() } else { format!("{id}-t{at}") };
        let is_named = diff.texts.len() > 1;
        view! { <MessageText id field is_named appearance/> }
    });
    let texts = texts.collect_view();
    view! {
        <section class="message" id=id>
            <h3>
                <a class="number" href=href>{number.to_string()}</a>
                {format!(" {} ", diff.role)}
                <span class=class>{word}</span>
                " "
                {moved}
            </h3>
            {fields}
            {texts}
        </section>
    }
}

#[component]
fn MessageText<'a>(
    id: String,
    field: &'a FieldDiff,
    is_named: bool,
    appearance: &'a Appearance,
) -> impl IntoView {
    let title = (is_named || field.field != "content").then(|| {
        view! { <h4>{field.field.clone()} " " <ChangeWord of=field.kind/></h4> }
    });
    let note = (!field.diff.rewritten.is_empty()).then(|| {
        let full = appearance.full.clone();
        view! {
            <p class="notice">
                "Mostly rewritten, so compared by line. "
                <a href=full>"Show word diff"</a>
            </p>
        }
    });
    view! { {title} {note} {appearance.diff(&id, &field.diff)} }
}

#[component]
fn Includes<'a>(comparison: &'a Comparison, appearance: &'a Appearance) -> impl IntoView {
    let include = |(at, include): (usize, &IncludeDiff)| {
        let version = |version: &Option<promptdex_wire::Version>| {
            version.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        let arrow = if include.kind == ChangeKind::Changed { " → " } else { "" };
        let versions = format!(" {}{arrow}{} ", version(&include.before), version(&include.after));
        let href = Route::prompt(&include.name).to_string();
        view! {
            <section class="message">
                <h3>
                    <a href=href>{include.name.to_string()}</a>
                    {versions}
                    <ChangeWord of=include.kind/>
                </h3>
                {appearance.diff(&format!("i{}", at + 1), &include.diff)}
            </section>
        }
    };
    let list = comparison.includes.iter().enumerate().map(include).collect_view();
    (!list.is_empty()).then(|| view! { <Section id="includes" title="Includes">{list}</Section> })
}

/// The renderings of both versions with the same inputs, case by case.
#[component]
fn RenderedCases<'a>(cases: Pending<Vec<CaseDiff>>, appearance: &'a Appearance) -> impl IntoView {
    // What was rendered has no tags.
    let appearance = Appearance { dialect: Dialect::Plain, ..appearance.clone() };
    let list = reactive(move || {
        let load = cases.get();
        let at_work =
            matches!(load, LoadState::Loading).then(|| view! { <AtWork what="Rendering… "/> });
        let cases = match ready_or_view(load, "renderings") {
            Ok(cases) => cases,
            Err(state) => return view! { {state} {at_work} },
        };
        let changed = cases.iter().filter(|case| case.kind != CaseChange::Same).count();
        let summary = if changed == 0 {
            format!("All {} render the same.", count(cases.len(), "test case"))
        } else {
            let differ = if changed == 1 { "differs" } else { "differ" };
            format!("{changed} of {} {differ}.", count(cases.len(), "test case"))
        };
        let rows = cases.iter().enumerate().map(|(at, case)| {
            let prefix = format!("c{}m", at + 1);
            view! { <RenderedCase case prefix appearance=&appearance is_open=changed <= 3/> }
        });
        let rows = rows.collect_view();
        view! {
            <p>{summary}</p>
            <ul class="cases">{rows}</ul>
        }
    });
    view! { <Section id="rendered" title="Rendered test cases">{list}</Section> }
}

#[component]
fn RenderedCase<'a>(
    case: &'a CaseDiff,
    prefix: String,
    appearance: &'a Appearance,
    is_open: bool,
) -> impl IntoView {
    let (word, class) = match case.kind {
        CaseChange::Same => ("unchanged", "aside"),
        CaseChange::Changed => ("changed", "state"),
        CaseChange::NowFails => ("now fails", "state error"),
        CaseChange::NowRenders => ("now renders", "state ok"),
        CaseChange::Fails => ("fails in both", "state warn"),
    };
    let title = view! {
        <span dir="auto">{case.name.clone()}</span>
        " "
        <span class=class>{word}</span>
    };
    if case.messages.is_empty() {
        let problem = case.problem.clone();
        let problem = problem.map(|problem| view! { <p class="aside">{problem}</p> });
        return view! { <li>{title} {problem}</li> };
    }
    let masked = explain_masked_values(case.masked.iter().map(String::as_str));
    let masked = masked.map(|text| view! { <p class="notice">{text}</p> });
    let messages = case.messages.iter();
    let messages = messages.map(|diff| view! { <MessageRow diff prefix=&prefix appearance/> });
    let messages = messages.collect_view();
    view! {
        <li>
            <details open=is_open>
                <summary>{title}</summary>
                {masked}
                {messages}
            </details>
        </li>
    }
}
