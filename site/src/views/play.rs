//! A form for the variables of a version, and what it renders to: by the engine that CI runs, in this
//! browser. What is typed stays here.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{Cases, Registry, VersionRow, Versions};
use promptdex_wire::engine::Rendering;
use promptdex_wire::prompt::Published;
use promptdex_wire::{Path, Variable};

use super::prompt::no_version;
use crate::app::{Shown, focus};
use crate::components::rendering::rendering;
use crate::components::state::{at_work, loaded};
use crate::components::tokens::{counted, missing};
use crate::data::{Pending, PublishedVersion, Store};
use crate::engine::{Newest, Question, stop};
use crate::html::{Element, Node, el, link, live, watch};
use crate::model::prompt::{chosen, document, type_in_words};
use crate::model::values::{Control, control, object, typed};
use crate::route::{Route, View};

/// What is typed, by variable.
type Typed = ArcRwSignal<Vec<String>>;

/// The form of the version that an address names.
pub fn play(versions: &Arc<Versions>, registry: &Arc<Registry>, route: Shown) -> Node {
    let (versions, registry) = (Arc::clone(versions), Arc::clone(registry));
    live(move || {
        let choice = Route::choice(route.get());
        match chosen(&versions, &registry.environments, &choice) {
            Ok(row) => {
                // Places are at this very address: another one would be another form.
                let page = Route::Prompt(versions.name.clone(), View::Play(choice)).to_string();
                with_version(&versions, row, &registry.tokenizer, page)
            }
            Err(reason) => no_version(&versions, &reason),
        }
    })
}

fn with_version(versions: &Arc<Versions>, row: &VersionRow, tokenizer: &str, page: String) -> Node {
    let store = Store::get();
    let (path, blob) = document(versions, row);
    let version = store.verified::<PublishedVersion>(path, blob);
    let cases = (row.cases > 0)
        .then(|| store.document::<Cases>(Path::Cases(versions.name.clone(), row.version.clone())));
    let pinned = Route::play(&versions.name, &row.version).to_string();
    let title = format!("Version {}", row.version);
    let tokenizer = tokenizer.to_owned();
    // Nobody waits for what this page has asked for once it has gone.
    on_cleanup(stop);
    live(move || -> Node {
        let document = match loaded(version.get(), "text of this version") {
            Ok(document) => document,
            Err(state) => return state,
        };
        let Published::Version(version) = &document.published else {
            return el("p")
                .class("notice error")
                .with("The text of this version was withdrawn.")
                .into();
        };
        let variables: Arc<[Variable]> = version.variables.clone().into();
        let inputs = Inputs {
            typed: ArcRwSignal::new(from_address(&variables)),
            variables,
            masked: ArcRwSignal::new(Vec::new()),
            is_asked: ArcRwSignal::new(false),
            answer: Pending::default(),
        };
        let answer = &inputs.answer;
        let arrived = answer.clone();
        let newest = Newest::new(move |text| arrived.read(text));
        let is_busy = newest.is_busy.clone();
        render_as_typed(&inputs, &document, newest);
        let shown = {
            let (answer, page) = (answer.clone(), page.clone());
            live(move || match loaded(answer.get(), "rendering") {
                Ok(answer) => rendering(&answer, "r", &page),
                Err(state) => state,
            })
        };
        let at_work = live(move || is_busy.get().then(|| at_work("rendering", false)));
        let tokens = counted(answer, &tokenizer);
        let form = form(&inputs, cases.clone(), &page, &pinned);
        let output =
            el("section").with(el("h2").with("Rendered")).with(at_work).with(shown).with(tokens);
        [
            el("h2").attr("id", "version").with(title.as_str()).into(),
            el("div").class("play").with(form).with(output).into(),
        ]
        .into()
    })
}

/// What the form and the rendering share.
#[derive(Clone)]
struct Inputs {
    variables: Arc<[Variable]>,
    typed: Typed,
    /// The variables whose values a case has and does not publish.
    masked: Typed,
    /// Whether somebody wants to know what is missing.
    is_asked: ArcRwSignal<bool>,
    answer: Pending<Rendering>,
}

/// Renders whenever something is typed.
fn render_as_typed(inputs: &Inputs, document: &Arc<PublishedVersion>, newest: Newest) {
    let (inputs, document) = (inputs.clone(), Arc::clone(document));
    watch(move || {
        let values = inputs.typed.with(|typed| object(&inputs.variables, typed));
        newest.ask(Question::Render { version: document.text.clone(), values });
    });
}

fn form(inputs: &Inputs, cases: Option<Pending<Cases>>, page: &str, pinned: &str) -> Element {
    let fields = inputs.variables.iter().enumerate();
    let fields: Vec<Element> =
        fields.map(|(at, variable)| field(at, variable, inputs.clone())).collect();
    let empty = fields.is_empty().then(|| el("p").with("This version has no variables."));
    let cases = cases.map(|cases| {
        let inputs = inputs.clone();
        live(move || {
            let cases = cases.get().ready()?;
            Some(case_picker(&cases, inputs.clone()))
        })
    });
    let is_copied = ArcRwSignal::new(false);
    let copy = {
        let (inputs, pinned) = (inputs.clone(), pinned.to_owned());
        let is_copied = is_copied.clone();
        move |_| {
            copy_link(&pinned, &inputs.variables, &inputs.typed.get_untracked());
            is_copied.set(true);
        }
    };
    let copy = el("button").attr("type", "button").with("Copy link with inputs").on("click", copy);
    let said =
        el("span").attr("role", "status").with(live(move || is_copied.get().then_some("Copied.")));
    let render = el("button").attr("type", "submit").with("Render");
    let render = (!fields.is_empty()).then_some(render);
    let note = "What you type stays in this browser, and is rendered as you type. The link carries it in its last part, which no server sees; values of sensitive variables are left out.";
    let is_asked = inputs.is_asked.clone();
    el("form")
        .class("values")
        .on("submit", move |event| {
            event.prevent_default();
            is_asked.set(true);
            focus(PROBLEMS, true);
        })
        .with(el("div").with(el("h2").with("Values")).with(problems(inputs.clone(), page)))
        .with(cases)
        .with(fields)
        .with(empty)
        .with(el("p").with(render).with(" ").with(copy).with(" ").with(said))
        .with(el("p").class("aside").with(note))
}

/// Where the problems of all fields are listed.
const PROBLEMS: &str = "problems";

/// What is wrong, with the way to each field, once somebody wants to know.
fn problems(inputs: Inputs, page: &str) -> Element {
    let page = page.to_owned();
    let list = live(move || {
        let answer = inputs.answer.get().ready().filter(|_| inputs.is_asked.get())?;
        let variables = inputs.variables.iter().enumerate();
        let problem = |(at, variable): (usize, &Variable)| {
            let problem = answer.problems.iter().find(|problem| problem.name == variable.name)?;
            Some(el("li").with(link(format!("{page}#v{at}"), problem.message.as_str())))
        };
        let list: Vec<Element> = variables.filter_map(problem).collect();
        let title = el("p").with(missing(&answer));
        let notice = el("div").class("notice error").with(title);
        (!list.is_empty()).then(|| notice.with(el("ul").with(list)))
    });
    el("div").attr("id", PROBLEMS).attr("tabindex", "-1").with(list)
}

/// One variable: its name, what it is, the control, and what is wrong with its value.
fn field(at: usize, variable: &Variable, inputs: Inputs) -> Element {
    let Inputs { typed, masked, is_asked, answer, .. } = inputs;
    let (id, about, wrong) = (format!("v{at}"), format!("v{at}-about"), format!("v{at}-wrong"));
    let name = variable.name.clone();
    let required = if variable.required { "required" } else { "optional" };
    let default = variable.default.as_ref().map(|default| format!(", default {}", default.text()));
    let facts = format!("{}, {required}{}", type_in_words(variable), default.unwrap_or_default());
    let description =
        variable.description.as_deref().map(|text| el("span").attr("dir", "auto").with(text));
    let mask = {
        let (typed, name) = (typed.clone(), name.clone());
        let is_masked = move || masked.with(|masked| masked.contains(&name));
        live(move || {
            let is_empty = typed.with(|typed| typed.get(at).is_none_or(String::is_empty));
            (is_empty && is_masked())
                .then_some(" The value of the case is sensitive and not published: type one.")
        })
    };
    let about_text = el("p")
        .class("aside")
        .attr("id", about.clone())
        .with(facts)
        .with(". ")
        .with(description)
        .with(mask);
    let value = {
        let typed = typed.clone();
        move || typed.with(|typed| typed.get(at).cloned().unwrap_or_default())
    };
    let type_in = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        typed.update(|typed| {
            if let Some(there) = typed.get_mut(at) {
                *there = text;
            }
        });
    };
    // What is missing is no news before somebody has been here.
    let is_touched = ArcRwSignal::new(false);
    let leave = {
        let is_touched = is_touched.clone();
        move |_| is_touched.set(true)
    };
    let is_typed = value.clone();
    let problem = move || {
        let is_due = is_asked.get() || is_touched.get() || !is_typed().is_empty();
        let answer = answer.get().ready().filter(|_| is_due)?;
        answer.problems.iter().find(|problem| problem.name == name).map(|p| p.message.clone())
    };
    let is_wrong = {
        let problem = problem.clone();
        move || problem().map(|_| "true".to_owned())
    };
    let control: Element = match control(variable) {
        Control::Choice(values) => {
            let option = |value: String| {
                let label = value.trim_matches('"').to_owned();
                el("option").attr("value", value).with(label)
            };
            el("select")
                .with(el("option").attr("value", "").with("—"))
                .all(values.into_iter().map(option))
        }
        Control::Line => el("input").attr("type", "text"),
        Control::Text | Control::Json => el("textarea").attr("rows", "3"),
    };
    let control = control
        .attr("id", id.clone())
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("dir", "auto")
        .attr("aria-describedby", format!("{about} {wrong}"))
        .live_attr("aria-invalid", is_wrong)
        .property("value", value)
        .on("input", type_in)
        .on("blur", leave);
    let sensitive = variable.sensitive.then(|| el("span").class("state warn").with("sensitive"));
    let label = el("label").attr("for", id).with(el("code").with(variable.name.as_str()));
    el("div")
        .class("field")
        .with(label)
        .with(" ")
        .with(sensitive)
        .with(control)
        .with(el("p").class("wrong").attr("id", wrong).with(live(problem)))
        .with(about_text)
}

/// A list of the stored inputs, to fill the form in.
fn case_picker(cases: &Arc<Cases>, inputs: Inputs) -> Element {
    let options = cases
        .cases
        .iter()
        .enumerate()
        .map(|(at, case)| el("option").attr("value", at.to_string()).with(case.name.as_str()));
    let options: Vec<Element> = options.collect();
    let cases = Arc::clone(cases);
    let choose = move |event| {
        let at: Option<usize> = event_target_value(&event).parse().ok();
        if let Some(case) = at.and_then(|at| cases.cases.get(at)) {
            let variables = &inputs.variables;
            let mut values = typed(variables, case.variables.text());
            let mut masked = Vec::new();
            for (value, variable) in values.iter_mut().zip(variables.iter()) {
                if variable.sensitive && !value.is_empty() {
                    value.clear();
                    masked.push(variable.name.clone());
                }
            }
            inputs.masked.set(masked);
            inputs.typed.set(values);
        }
    };
    let select = el("select")
        .attr("id", "case")
        .on("change", choose)
        .with(el("option").attr("value", "").with("—"))
        .with(options);
    el("div")
        .class("field")
        .with(el("label").attr("for", "case").with("Fill in from a case"))
        .with(select)
}

/// Reads the values that a link carries.
fn from_address(variables: &[Variable]) -> Vec<String> {
    #[cfg(feature = "csr")]
    let object = {
        let hash = leptos::tachys::dom::window().location().hash().unwrap_or_default();
        let values = hash.strip_prefix("#values=").map(js_sys::decode_uri_component);
        values.and_then(Result::ok).and_then(|text| text.as_string()).unwrap_or_default()
    };
    #[cfg(not(feature = "csr"))]
    let object = String::new();
    typed(variables, &object)
}

/// Puts a link with the values on the clipboard, without those that must not be logged.
fn copy_link(page: &str, variables: &[Variable], values: &[String]) {
    let open = variables.iter().zip(values);
    let open = open.map(|(variable, value)| match variable.sensitive {
        true => String::new(),
        false => value.clone(),
    });
    let object = object(variables, &open.collect::<Vec<_>>());
    #[cfg(feature = "csr")]
    {
        let base = leptos::tachys::dom::document().base_uri().ok().flatten().unwrap_or_default();
        let values = String::from(js_sys::encode_uri_component(&object));
        let link = format!("{base}{page}#values={values}");
        // A browser that refuses says so itself.
        drop(leptos::tachys::dom::window().navigator().clipboard().write_text(&link));
    }
    #[cfg(not(feature = "csr"))]
    drop((page, object));
}
