//! The playground: a form for the variables of a version, and its rendering by the engine that CI runs.
//! Inputs stay in this browser.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::Variable;
use promptdex_wire::catalog::{Cases, VersionRow, Versions};
use promptdex_wire::engine::Rendering;

use crate::components::chosen_version::{VersionNotFound, find_version};
use crate::components::load_state::{AtWork, Loaded};
use crate::components::rendering::Rendered;
use crate::components::tokens::{RenderingSize, describe_missing_values};
use crate::context::{CurrentRoute, focus};
use crate::data::{Pending, PublishedVersion, Store, VersionOrReason};
use crate::engine::{LatestQuestion, Question, stop};
use crate::model::form_values::{Control, control, fill_in_form, object};
use crate::model::page_documents::cases;
use crate::model::prompt::{document, type_in_words};
use crate::model::shown_documents::ShownRegistry;
use crate::route::{Route, View};
use crate::view::{reactive, view, watch};

/// The inputs, by variable.
type FormValues = ArcRwSignal<Vec<String>>;

/// The form of the version that an address names.
#[component]
pub fn Play(
    /// The versions of the prompt.
    versions: Arc<Versions>,
    /// The registry.
    registry: Arc<ShownRegistry>,
    /// What the address shows.
    route: CurrentRoute,
) -> impl IntoView {
    reactive(move || {
        let choice = Route::choice(route.get());
        let versions = Arc::clone(&versions);
        match find_version(&versions, &registry.environments, &choice) {
            Ok(row) => {
                // Places are at this very address: another one would be another form.
                let page = Route::Prompt(versions.name.clone(), View::Play(choice)).to_string();
                let tokenizer = registry.tokenizer.clone();
                view! { <WithVersion versions=Arc::clone(&versions) row tokenizer page/> }
            }
            Err(reason) => view! { <VersionNotFound name=&versions.name reason/> },
        }
    })
}

#[component]
fn WithVersion(
    versions: Arc<Versions>,
    row: VersionRow,
    tokenizer: String,
    page: String,
) -> impl IntoView {
    let store = Store::get();
    let (path, blob) = document(&versions, &row);
    let version = store.verified_document::<PublishedVersion>(path, blob);
    let cases = cases(&versions.name, &row).map(|path| store.document::<Cases>(path));
    let pinned = Route::play(&versions.name, &row.version).to_string();
    let title = format!("Version {}", row.version);
    // Nobody waits for what this page has asked for once it has gone.
    on_cleanup(stop);
    view! {
        <Loaded of=version what="text of this version" let:document>
            {
                let VersionOrReason::Version(_) = &document.published else {
                    return view! {
                        <p class="notice error">"This version was redacted."</p>
                    };
                };
                let inputs = FormState::new(&document);
                let arrived = inputs.answer.clone();
                let newest = LatestQuestion::new(move |text| arrived.read(text));
                let is_busy = newest.is_busy.clone();
                render_as_typed(&inputs, newest);
                let answer = inputs.answer.clone();
                let (shown, tokenizer) = (page.clone(), tokenizer.clone());
                view! {
                    <h2 id="version">{title.clone()}</h2>
                    <div class="play">
                        <Form inputs cases=cases.clone() page=page.clone() pinned=pinned.clone()/>
                        <section>
                            <h2>"Output"</h2>
                            {reactive(move || is_busy.get().then(|| view! { <AtWork what="Rendering… "/> }))}
                            <Loaded of=answer.clone() what="rendering" let:answer>
                                <Rendered rendering=&*answer prefix="r" page=&shown/>
                            </Loaded>
                            <RenderingSize of=answer tokenizer/>
                        </section>
                    </div>
                }
            }
        </Loaded>
    }
}

/// The state that the form and the rendering share.
#[derive(Clone)]
struct FormState {
    document: Arc<PublishedVersion>,
    values: FormValues,
    /// The variables whose values a case has and does not publish.
    masked_names: FormValues,
    /// Whether missing inputs are reported.
    is_asked: ArcRwSignal<bool>,
    answer: Pending<Rendering>,
}

impl FormState {
    fn new(document: &Arc<PublishedVersion>) -> Self {
        Self {
            document: Arc::clone(document),
            values: ArcRwSignal::new(from_address(variables(document))),
            masked_names: ArcRwSignal::new(Vec::new()),
            is_asked: ArcRwSignal::new(false),
            answer: Pending::default(),
        }
    }
}

/// Returns the variables of a version; a redacted one has none.
fn variables(document: &PublishedVersion) -> &[Variable] {
    match &document.published {
        VersionOrReason::Version(version) => &version.variables,
        VersionOrReason::Redacted(_) => &[],
    }
}

/// Renders whenever something is typed.
fn render_as_typed(inputs: &FormState, newest: LatestQuestion) {
    let inputs = inputs.clone();
    watch(move || {
        let document = &inputs.document;
        let values = inputs.values.with(|typed| object(variables(document), typed));
        newest.ask(Question::Render { version: document.text.clone(), values });
    });
}

#[component]
fn Form(
    inputs: FormState,
    cases: Option<Pending<Cases>>,
    page: String,
    pinned: String,
) -> impl IntoView {
    let fields = variables(&inputs.document).iter().enumerate();
    let fields = fields
        .map(|(at, variable)| view! { <Field at variable inputs=inputs.clone()/> })
        .collect::<Vec<_>>();
    let empty = fields.is_empty();
    let filled = inputs.clone();
    let cases = cases.map(|cases| {
        reactive(move || {
            let cases = cases.get().ready()?;
            Some(view! { <CasePicker cases inputs=filled.clone()/> })
        })
    });
    let is_copied = RwSignal::new(false);
    let copied = inputs.clone();
    let copy = move |_| {
        copy_link(&pinned, variables(&copied.document), &copied.values.get_untracked());
        is_copied.set(true);
    };
    let is_asked = inputs.is_asked.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        is_asked.set(true);
        focus(PROBLEMS, true);
    };
    view! {
        <form class="values" on:submit=submit>
            <div>
                <h2>"Inputs"</h2>
                <Problems inputs page/>
            </div>
            {cases}
            {fields}
            {empty.then(|| view! { <p>"This version has no variables."</p> })}
            <p>
                {(!empty).then(|| view! { <button type="submit">"Render"</button> })}
                " "
                <button type="button" on:click=copy>"Copy link"</button>
                " "
                <span role="status">{reactive(move || is_copied.get().then_some("Copied."))}</span>
            </p>
            <p class="aside">
                "Inputs stay in your browser. A copied link keeps them after "<code>"#"</code>", which is not sent to a server. Sensitive values are left out."
            </p>
        </form>
    }
}

/// Where the problems of all fields are listed.
const PROBLEMS: &str = "problems";

/// The problems of the inputs, each with a link to its field.
#[component]
fn Problems(inputs: FormState, page: String) -> impl IntoView {
    let list = reactive(move || {
        let answer = inputs.answer.get().ready().filter(|_| inputs.is_asked.get())?;
        let variables = variables(&inputs.document).iter().enumerate();
        let problem = |(at, variable): (usize, &Variable)| {
            let problem = answer.problems.iter().find(|problem| problem.name == variable.name)?;
            let text = problem.message.clone();
            Some(view! { <li><a href=format!("{page}#v{at}")>{text}</a></li> })
        };
        let list: Vec<_> = variables.filter_map(problem).collect();
        (!list.is_empty()).then(|| {
            view! {
                <div class="notice error">
                    <p>{describe_missing_values(&answer)}</p>
                    <ul>{list}</ul>
                </div>
            }
        })
    });
    view! { <div id=PROBLEMS tabindex="-1">{list}</div> }
}

/// One variable: its name, its description, its control, and the problem of its value.
#[component]
fn Field<'a>(at: usize, variable: &'a Variable, inputs: FormState) -> impl IntoView {
    let FormState { values: typed, masked_names: masked, is_asked, answer, .. } = inputs;
    let (id, about, wrong) = (format!("v{at}"), format!("v{at}-about"), format!("v{at}-wrong"));
    let name = variable.name.clone();
    let required = if variable.required { "required" } else { "optional" };
    let default = variable.default.as_ref().map(|default| format!(", default {}", default.text()));
    let facts =
        format!("{}, {required}{}", type_in_words(&variable.shape()), default.unwrap_or_default());
    let description =
        variable.description.clone().map(|text| view! { <span dir="auto">{text}</span> });
    let value = {
        let typed = typed.clone();
        move || typed.with(|typed| typed.get(at).cloned().unwrap_or_default())
    };
    let mask = {
        let (name, value) = (name.clone(), value.clone());
        reactive(move || {
            (value().is_empty() && masked.with(|masked| masked.contains(&name)))
                .then_some(" Sensitive value not published. Enter one.")
        })
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
    let is_touched = RwSignal::new(false);
    let leave = move |_| is_touched.set(true);
    let is_typed = value.clone();
    let problem = move || {
        let is_due = is_asked.get() || is_touched.get() || !is_typed().is_empty();
        let answer = answer.get().ready().filter(|_| is_due)?;
        answer.problems.iter().find(|problem| problem.name == name).map(|p| p.message.clone())
    };
    let is_wrong = {
        let problem = problem.clone();
        move || problem().map(|_| "true")
    };
    let chosen = untrack(&value);
    let described = format!("{about} {wrong}");
    let control = match control(variable) {
        Control::Choice(values) => {
            // The property comes before the options: what is chosen at first is said by them.
            let option = |value: String| {
                let label = value.trim_matches('"').to_owned();
                let is_chosen = value == chosen;
                view! { <option value=value selected=is_chosen>{label}</option> }
            };
            let options = values.into_iter().map(option).collect::<Vec<_>>();
            view! { <select id=id.clone() autocomplete="off" spellcheck="false" dir="auto" aria-describedby=described aria-invalid=is_wrong prop:value=value on:input=type_in on:blur=leave><option value="">"—"</option>{options}</select> }
        }
        Control::Line => {
            view! { <input type="text" id=id.clone() autocomplete="off" spellcheck="false" dir="auto" aria-describedby=described aria-invalid=is_wrong prop:value=value on:input=type_in on:blur=leave/> }
        }
        Control::Text | Control::Json => {
            view! { <textarea rows="3" id=id.clone() autocomplete="off" spellcheck="false" dir="auto" aria-describedby=described aria-invalid=is_wrong prop:value=value on:input=type_in on:blur=leave/> }
        }
    };
    let sensitive =
        variable.sensitive.then(|| view! { <span class="state warn">"sensitive"</span> });
    view! {
        <div class="field">
            <label for=id><code>{variable.name.clone()}</code></label>
            " "
            {sensitive}
            {control}
            <p class="wrong" id=wrong>{reactive(problem)}</p>
            <p class="aside" id=about>
                {facts} ". " {description} {mask}
            </p>
        </div>
    }
}

/// A list of the stored inputs, to fill the form in.
#[component]
fn CasePicker(cases: Arc<Cases>, inputs: FormState) -> impl IntoView {
    let options = cases.cases.iter().enumerate();
    let options = options
        .map(|(at, case)| view! { <option value=at.to_string()>{case.name.clone()}</option> })
        .collect::<Vec<_>>();
    let choose = move |event: leptos::ev::Event| {
        let at: Option<usize> = event_target_value(&event).parse().ok();
        if let Some(case) = at.and_then(|at| cases.cases.get(at)) {
            let variables = variables(&inputs.document);
            let mut values = fill_in_form(variables, case.variables.text());
            let mut masked = Vec::new();
            for (value, variable) in values.iter_mut().zip(variables.iter()) {
                if variable.sensitive && !value.is_empty() {
                    value.clear();
                    masked.push(variable.name.clone());
                }
            }
            inputs.masked_names.set(masked);
            inputs.values.set(values);
        }
    };
    view! {
        <div class="field">
            <label for="case">"Load test case"</label>
            <select id="case" on:change=choose>
                <option value="">"—"</option>
                {options}
            </select>
        </div>
    }
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
    fill_in_form(variables, &object)
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
