//! What each environment serves, prompt by prompt.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_compare::contract::Compatibility;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, Versions};
use promptdex_wire::engine::Lists;
use promptdex_wire::{Environment, PromptName, RegistryPath};

use crate::components::comparison::{VerdictWord, compare_versions};
use crate::components::event::target_link;
use crate::components::load_state::{Loaded, ready_or_view};
use crate::components::pages::{ListPage, Steps};
use crate::components::sentence::Sentence;
use crate::components::table::Table;
use crate::components::version::{Drift, Served};
use crate::context::use_route;
use crate::data::{Pending, Store};
use crate::engine::{Question, ask};
use crate::model::catalogue::{ROWS, list_drifting_environments};
use crate::model::prompt::choose_version;
use crate::model::query::{Field, Query, Term};
use crate::route::{Choice, Compare, PromotionPreview, Route};
use crate::text::count;
use crate::view::{reactive, view};

/// Prompts on one page of a look ahead: the texts of each are read and compared.
const COMPARED: usize = 20;

/// The page.
#[component]
pub fn Environments() -> impl IntoView {
    let catalog = Store::get().document::<Catalog>(RegistryPath::Catalog);
    let route = use_route();
    view! {
        <h1>"Environments"</h1>
        {reactive(move || match ready_or_view(catalog.get(), "list of prompts") {
            Ok(catalog) => match route.get() {
                Some(Route::Environments(Some(promotion), page)) => {
                    view! { <LookAhead catalog promotion page/> }
                }
                Some(Route::Environments(None, page)) => {
                    view! { <Matrix catalog page/> }
                }
                _ => ().into_any(),
            },
            Err(state) => state,
        })}
    }
}

fn ahead(from: &Environment, to: &Environment, page: usize) -> Route {
    Route::Environments(Some(PromotionPreview { from: from.clone(), to: to.clone() }), page)
}

/// The promotion preview: what an environment would serve after a promotion from another one.
#[component]
fn LookAhead(catalog: Arc<Catalog>, promotion: PromotionPreview, page: usize) -> impl IntoView {
    let PromotionPreview { from, to } = promotion;
    let all = Route::Environments(None, 0).to_string();
    let all = view! { <a href=all>"All environments"</a> };
    if let Some(unknown) =
        [&from, &to].into_iter().find(|name| !catalog.environments.contains(name))
    {
        let known: Vec<&str> = catalog.environments.iter().map(Environment::as_str).collect();
        let text = format!("There is no environment {unknown}: there are {}.", known.join(", "));
        return view! { <p class="notice" role="alert">{text}" "{all}</p> };
    }
    let changes = |prompt: &&CatalogPrompt| {
        let (new, old) = (prompt.environments.get(&from), prompt.environments.get(&to));
        new.is_some() && new != old
    };
    let changed: Vec<&CatalogPrompt> = catalog.prompts.iter().filter(changes).collect();
    let heading = view! {
        <h2>{format!("What promoting {from} to {to} would change")}</h2>
        <p>
            {all}
            ", or the other way: "
            <a href=ahead(&to, &from, 0).to_string()>{format!("{to} to {from}")}</a>
        </p>
    };
    if changed.is_empty() {
        let text = format!("Nothing: {to} serves what {from} serves.");
        return view! { {heading} <p class="notice">{text}</p> };
    }
    let part = ListPage::new(changed.len(), COMPARED, page);
    let row = |prompt: &&CatalogPrompt| {
        let name = &prompt.name;
        let [target, effects, rules] = promotion_cells(&catalog, name, &from, &to);
        let link = Route::prompt(name).to_string();
        vec![
            view! { <a href=link>{name.to_string()}</a> },
            view! { <Served name target=prompt.environments.get(&to)/> },
            target,
            effects,
            rules,
        ]
    };
    let rows = part.of(&changed).iter().map(row).collect();
    let summary = format!("{} not served alike.", count(changed.len(), "prompt"));
    let titles = [
        "Prompt".to_owned(),
        format!("{to} serves"),
        format!("{to} would serve"),
        "For callers".to_owned(),
        "Rules".to_owned(),
    ];
    view! {
        {heading}
        <p class="count">{summary}</p>
        <Table label="What would change" class="ahead" titles rows/>
        <Steps part route=|page| ahead(&from, &to, page)/>
    }
}

/// What would be served, what that means for callers, and whether the rules allow it: the worker knows.
fn promotion_cells(
    catalog: &Arc<Catalog>,
    name: &PromptName,
    from: &Environment,
    to: &Environment,
) -> [AnyView; 3] {
    let answer = Pending::<Lists>::default();
    let is_last = if catalog.environments.last() == Some(to) { "last" } else { "" };
    let asked = vec![name.to_string(), from.to_string(), to.to_string(), is_last.to_owned()];
    ask(Question::Audit("promotion_needs", vec![asked]), answer.clone());
    let cell = |show: fn(&Arc<Catalog>, &PromptName, &PromotionVerdict<'_>) -> AnyView,
                is_last: bool| {
        let (answer, catalog, name) = (answer.clone(), Arc::clone(catalog), name.clone());
        reactive(move || match ready_or_view(answer.get(), "rules") {
            Ok(lists) => PromotionVerdict::read(&lists)
                .map_or_else(|| ().into_any(), |it| show(&catalog, &name, &it)),
            // It is said once in a row.
            Err(state) if is_last => state,
            Err(_) => ().into_any(),
        })
    };
    [cell(target_cell, false), cell(effects_cell, false), cell(rules_cell, true)]
}

/// The response of the worker, as `promptdex_audit` writes it.
struct PromotionVerdict<'a> {
    verdict: &'a str,
    /// Why the prompt is left as it is.
    left: &'a str,
    target: &'a [String],
    pairs: &'a [String],
    teams: &'a [String],
    needs_reason: bool,
    lacks: &'a [Vec<String>],
}

impl<'a> PromotionVerdict<'a> {
    fn read(lists: &'a [Vec<String>]) -> Option<Self> {
        let verdict = lists.first()?;
        let list = |at: usize| lists.get(at).map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            verdict: verdict.first()?,
            left: verdict.get(1).map_or("", String::as_str),
            target: list(1),
            pairs: list(2),
            teams: list(3),
            needs_reason: !list(4).is_empty(),
            lacks: lists.get(5..).unwrap_or_default(),
        })
    }
}

fn target_cell(_: &Arc<Catalog>, name: &PromptName, verdict: &PromotionVerdict<'_>) -> AnyView {
    match verdict.target {
        [text, main] => target_link(name.as_str(), text, main),
        _ => view! { <span class="none">"the same"</span> },
    }
}

/// The effects on callers for each replaced version.
fn effects_cell(
    catalog: &Arc<Catalog>,
    name: &PromptName,
    verdict: &PromotionVerdict<'_>,
) -> AnyView {
    let one = |pair: &[String]| {
        let [old, new] = pair else { return None };
        let (before, after) = (Choice::parse(old), Choice::parse(new));
        let label = (verdict.pairs.len() > 2).then(|| format!("{old} → {new}: "));
        let (catalog, name) = (Arc::clone(catalog), name.clone());
        Some(view! { <div>{label}<Effect catalog name before after/></div> })
    };
    match verdict.pairs {
        [] => "nobody gets another version".into_any(),
        [_] => "new there".into_any(),
        pairs => pairs.chunks(2).filter_map(one).collect_view().into_any(),
    }
}

/// What the rules ask for that is not there yet, and who may do it.
fn rules_cell(_: &Arc<Catalog>, _: &PromptName, verdict: &PromotionVerdict<'_>) -> AnyView {
    let (word, class) = match verdict.verdict {
        "allowed" => ("allowed", "state ok"),
        "back" => ("a way back", "state ok"),
        "left" => ("left as it is", "state"),
        "same" => ("served already", "state"),
        _ => ("refused", "state error"),
    };
    let mut about = verdict.left.to_owned();
    if !verdict.teams.is_empty() {
        about = format!("team {} may do it", verdict.teams.join(" or "));
    }
    if verdict.needs_reason {
        about.push_str(if about.is_empty() { "it needs a reason" } else { ", with a reason" });
    }
    let lack = |lack: &Vec<String>| {
        let [level, message, help] = lack.as_slice() else { return view! { <li></li> } };
        view! {
            <li>
                {(level == "warn").then_some("warning: ")}
                <Sentence text=message.as_str()/>
                <small>" "<Sentence text=help.as_str()/></small>
            </li>
        }
    };
    let list = (!verdict.lacks.is_empty())
        .then(|| view! { <ul>{verdict.lacks.iter().map(lack).collect_view()}</ul> });
    view! {
        <span class=class>{word}</span>
        " "
        <small>{about}</small>
        {list}
    }
}

/// What one version instead of another means for callers, and what changes in it, once both are there.
#[component]
fn Effect(catalog: Arc<Catalog>, name: PromptName, before: Choice, after: Choice) -> impl IntoView {
    let compare = Route::compare(&name, before.clone(), after.clone()).to_string();
    let versions = Store::get().document::<Versions>(RegistryPath::Versions(name));
    view! {
        <Loaded of=versions what="versions" let:versions>
            {
                let side = |side: &Choice| choose_version(&versions, &catalog.environments, side);
                let (Ok(a), Ok(b)) = (side(&before), side(&after)) else { return ().into_any() };
                let answer = compare_versions(&versions, a, b, &Compare::default());
                let is_back = b.version < a.version;
                view! {
                    <Loaded of=answer what="comparison" let:answer>
                        {
                            let (sentence, comparison) = &*answer;
                            let said = comparison.forward.verdict;
                            // Going back, clients leave out what the older version does not know.
                            if is_back && said == Compatibility::Breaking && comparison.is_left_out() {
                                view! {
                                    <VerdictWord of=Compatibility::Compatible/>
                                    " clients leave out what it does not know"
                                }
                            } else {
                                view! {
                                    <VerdictWord of=said/>
                                    " "
                                    <Sentence text=sentence.as_str()/>
                                }
                            }
                        }
                    </Loaded>
                }
            }
        </Loaded>
        " "
        <a href=compare>"compare"</a>
    }
}

#[component]
fn Matrix(catalog: Arc<Catalog>, page: usize) -> impl IntoView {
    let summaries = catalog
        .environments
        .iter()
        .map(|environment| view! { <Summary catalog=&catalog environment/> })
        .collect_view();
    let environments = catalog.environments.iter().map(ToString::to_string);
    let titles: Vec<String> = ["Prompt".to_owned()].into_iter().chain(environments).collect();
    let part = ListPage::new(catalog.prompts.len(), ROWS, page);
    let rows = part.of(&catalog.prompts).iter().map(|prompt| row(&catalog, prompt)).collect();
    view! {
        <ul class="summaries">{summaries}</ul>
        <p class="aside">
            "An environment drifts where it serves something else than the environment before it."
        </p>
        <Table label="Prompts and environments" class="matrix" titles rows/>
        <Steps part route=|page| Route::Environments(None, page)/>
    }
}

#[component]
fn Summary<'a>(catalog: &'a Catalog, environment: &'a Environment) -> impl IntoView {
    let served = catalog.prompts.iter().filter(|row| row.environments.contains_key(environment));
    let drift = catalog.prompts.iter().filter(|prompt| {
        list_drifting_environments(&catalog.environments, prompt).any(|name| name == environment)
    });
    let drift = drift.count();
    let filter = |field| {
        let query = Query::default().toggled(Term::new(field, environment.as_str()));
        Route::Catalogue(query).to_string()
    };
    let differs = (drift > 0).then(|| {
        let text = format!("{} differently from the environment before", count(drift, "prompt"));
        view! { ", "<a href=filter(Field::Drift)>{text}</a> }
    });
    let before = catalog.environments.iter().position(|name| name == environment);
    let before = before.and_then(|at| at.checked_sub(1)).map(|at| &catalog.environments[at]);
    let promotion = before.filter(|_| drift > 0).map(|before| {
        let to = ahead(before, environment, 0).to_string();
        view! { ": "<a href=to>{format!("what promoting {before} would change")}</a> }
    });
    view! {
        <li>
            <strong>{environment.to_string()}</strong>
            " serves "
            <a href=filter(Field::Environment)>{count(served.count(), "prompt")}</a>
            {differs}
            {promotion}
        </li>
    }
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Vec<AnyView> {
    let drifts: Vec<&Environment> =
        list_drifting_environments(&catalog.environments, prompt).collect();
    let cell = |environment: &Environment| {
        let target = prompt.environments.get(environment);
        let drift = drifts.contains(&environment).then(|| view! { <Drift/> });
        view! { <Served name=&prompt.name target/> {drift} }
    };
    let link = Route::prompt(&prompt.name).to_string();
    let name = view! { <a href=link>{prompt.name.to_string()}</a> };
    std::iter::once(name).chain(catalog.environments.iter().map(cell)).collect()
}
