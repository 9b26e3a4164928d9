//! A form for the variables of a version, and what it renders to: by the engine that CI runs, in this
//! browser. What is typed stays here.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{Cases, Registry, VersionRow, Versions};
use promptdex_wire::engine::Rendering;
use promptdex_wire::prompt::Published;
use promptdex_wire::{Path, Variable};

use super::prompt::no_version;
use crate::app::Shown;
use crate::components::rendering::rendering;
use crate::components::state::loaded;
use crate::data::{Pending, PublishedVersion, Store};
use crate::engine::{Question, ask};
use crate::html::{Element, Node, el, live};
use crate::model::prompt::{chosen, document, type_in_words};
use crate::model::values::{Control, control, object, typed};
use crate::route::Route;

/// What is typed, by variable.
type Typed = ArcRwSignal<Vec<String>>;

/// The form of the version that an address names.
pub fn play(versions: &Arc<Versions>, registry: &Arc<Registry>, route: Shown) -> Node {
    let (versions, registry) = (Arc::clone(versions), Arc::clone(registry));
    live(move || match chosen(&versions, &registry.environments, &Route::choice(route.get())) {
        Ok(row) => with_version(&versions, row),
        Err(reason) => no_version(&versions, &reason),
    })
}

fn with_version(versions: &Arc<Versions>, row: &VersionRow) -> Node {
    let store = Store::get();
    let (path, blob) = document(versions, row);
    let version = store.verified::<PublishedVersion>(path, blob);
    let cases = (row.cases > 0)
        .then(|| store.document::<Cases>(Path::Cases(versions.name.clone(), row.version.clone())));
    let page = Route::play(&versions.name, &row.version).to_string();
    let title = format!("Version {}", row.version);
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
        let typed: Typed = ArcRwSignal::new(from_address(&variables));
        let answer = Pending::<Rendering>::default();
        render_as_typed(&variables, &typed, &document, &answer);
        let shown = {
            let (answer, page) = (answer.clone(), page.clone());
            live(move || match loaded(answer.get(), "rendering") {
                Ok(answer) => rendering(&answer, "r", &page),
                Err(state) => state,
            })
        };
        let form = form(&variables, &typed, &answer, cases.clone(), &page);
        let output =
            el("section").attr("aria-live", "polite").with(el("h2").with("Rendered")).with(shown);
        [
            el("h2").attr("id", "version").with(title.as_str()).into(),
            el("div").class("play").with(form).with(output).into(),
        ]
        .into()
    })
}

/// Renders whenever something is typed.
fn render_as_typed(
    variables: &Arc<[Variable]>,
    typed: &Typed,
    document: &Arc<PublishedVersion>,
    answer: &Pending<Rendering>,
) {
    let (variables, typed) = (Arc::clone(variables), typed.clone());
    let (document, answer) = (Arc::clone(document), answer.clone());
    Effect::new(move |_| {
        let values = typed.with(|typed| object(&variables, typed));
        ask(Question::Render { version: document.text.clone(), values }, answer.clone());
    });
}

fn form(
    variables: &Arc<[Variable]>,
    typed: &Typed,
    answer: &Pending<Rendering>,
    cases: Option<Pending<Cases>>,
    page: &str,
) -> Element {
    let fields = variables
        .iter()
        .enumerate()
        .map(|(at, variable)| field(at, variable, typed.clone(), answer.clone()));
    let fields: Vec<Element> = fields.collect();
    let empty = fields.is_empty().then(|| el("p").with("This version has no variables."));
    let cases = cases.map(|cases| {
        let (variables, typed) = (Arc::clone(variables), typed.clone());
        live(move || {
            let cases = cases.get().ready()?;
            Some(case_picker(&cases, Arc::clone(&variables), typed.clone()))
        })
    });
    let said = ArcRwSignal::new("");
    let copy = {
        let (variables, typed, page) = (Arc::clone(variables), typed.clone(), page.to_owned());
        let said = said.clone();
        move |_| {
            copy_link(&page, &variables, &typed.get_untracked());
            said.set("Copied.");
        }
    };
    let copy = el("button").attr("type", "button").with("Copy link with inputs").on("click", copy);
    let said = el("span").attr("role", "status").with(live(move || said.get()));
    let note = "What you type stays in this browser. The link carries it in its last part, which no server sees; values of sensitive variables are left out.";
    el("form")
        .class("values")
        .on("submit", |event| event.prevent_default())
        .with(el("h2").with("Values"))
        .with(cases)
        .with(fields)
        .with(empty)
        .with(el("p").with(copy).with(" ").with(said))
        .with(el("p").class("aside").with(note))
}

/// One variable: its name, what it is, the control, and what is wrong with its value.
fn field(at: usize, variable: &Variable, typed: Typed, answer: Pending<Rendering>) -> Element {
    let (id, about, wrong) = (format!("v{at}"), format!("v{at}-about"), format!("v{at}-wrong"));
    let name = variable.name.clone();
    let required = if variable.required { "required" } else { "optional" };
    let default = variable.default.as_ref().map(|default| format!(", default {}", default.text()));
    let facts = format!("{}, {required}{}", type_in_words(variable), default.unwrap_or_default());
    let description =
        variable.description.as_deref().map(|text| el("span").attr("dir", "auto").with(text));
    let about_text =
        el("p").class("aside").attr("id", about.clone()).with(facts).with(". ").with(description);
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
    let problem = move || {
        let answer = answer.get().ready()?;
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
        .on("input", type_in);
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
fn case_picker(cases: &Arc<Cases>, variables: Arc<[Variable]>, values: Typed) -> Element {
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
            values.set(typed(&variables, case.variables.text()));
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
