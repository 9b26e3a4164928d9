//! What each environment serves, prompt by prompt.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_compare::promotion::TargetDifference;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, Versions};
use promptdex_wire::engine::{
    Lists, MissingRequirement, PromotionCheck, PromotionEffect, PromotionVerdict, ReplacedVersion,
};
use promptdex_wire::{Environment, PromptName, RegistryPath};

use crate::components::chosen_version::{VersionNotFound, find_version};
use crate::components::comparison::{VerdictWord, compare_versions};
use crate::components::event::target_link;
use crate::components::load_state::{Loaded, ready_or_view};
use crate::components::pages::{ListPage, Steps};
use crate::components::sentence::Sentence;
use crate::components::table::Table;
use crate::components::version::{Served, difference_badge};
use crate::context::use_route;
use crate::data::{Pending, Store};
use crate::engine::{Question, ask};
use crate::model::catalogue::{ROWS, list_drifting_environments};
use crate::model::differences::{EnvironmentDifference, compare_pointers, list_differences};
use crate::model::query::{Field, Query, Term};
use crate::route::{Choice, Compare, PromotionPreview, Route};
use crate::text::{count, format_number};
use crate::view::{reactive, view};

/// Prompts on one page of a promotion preview: the texts of each are read and compared.
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
                    view! { <Preview catalog promotion page/> }
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

fn preview_route(from: &Environment, to: &Environment, page: usize) -> Route {
    Route::Environments(Some(PromotionPreview { from: from.clone(), to: to.clone() }), page)
}

/// The promotion preview: what an environment would serve after a promotion from another one.
#[component]
fn Preview(catalog: Arc<Catalog>, promotion: PromotionPreview, page: usize) -> impl IntoView {
    let PromotionPreview { from, to } = promotion;
    let all = Route::Environments(None, 0).to_string();
    let all = view! { <a href=all>"All environments"</a> };
    if let Some(unknown) =
        [&from, &to].into_iter().find(|name| !catalog.environments.contains(name))
    {
        let known: Vec<&str> = catalog.environments.iter().map(Environment::as_str).collect();
        let text = format!("Unknown environment `{unknown}`. Choose {}.", known.join(", "));
        return view! { <p class="notice" role="alert">{text}" "{all}</p> };
    }
    let changes = |prompt: &&CatalogPrompt| {
        let Some(promoted) = prompt.pointers.get(&from) else { return false };
        let served = prompt.pointers.get(&to);
        served.is_none_or(|served| {
            compare_pointers(promoted, served) == Some(TargetDifference::Versions)
        })
    };
    let changed: Vec<&CatalogPrompt> = catalog.prompts.iter().filter(changes).collect();
    let heading = view! {
        <h2>{format!("Promotion preview: {from} → {to}")}</h2>
        <p>
            {all}
            " · Reverse: "
            <a href=preview_route(&to, &from, 0).to_string()>{format!("{to} → {from}")}</a>
        </p>
    };
    if changed.is_empty() {
        let text = format!("Nothing to promote from {from} to {to}.");
        return view! { {heading} <p class="notice">{text}</p> };
    }
    let part = ListPage::new(changed.len(), COMPARED, page);
    let row = |prompt: &&CatalogPrompt| {
        let name = &prompt.name;
        let [target, effects, rules] = promotion_cells(&catalog, name, &from, &to);
        let link = Route::prompt(name).to_string();
        vec![
            view! { <a href=link>{name.to_string()}</a> },
            view! { <Served name target=prompt.pointers.get(&to)/> },
            target,
            effects,
            rules,
        ]
    };
    let rows = part.of(&changed).iter().map(row).collect();
    // As the page of the environments counts: there is nothing that a new prompt differs from.
    let new = changed.iter().filter(|prompt| !prompt.pointers.contains_key(&to)).count();
    let number = changed.len() - new;
    let differ = if number == 1 { "differs" } else { "differ" };
    let mut summary = [&count(number, "prompt"), " ", differ].concat();
    if new > 0 {
        summary = [&summary, " · ", &new.to_string(), " new in ", to.as_str()].concat();
    }
    let titles = [
        "Prompt".to_owned(),
        "Now".to_owned(),
        "After promotion".to_owned(),
        "Compatibility".to_owned(),
        "Policy".to_owned(),
    ];
    view! {
        {heading}
        <p class="count">{summary}</p>
        <Table label="Changes" class="ahead" titles rows/>
        <Steps part route=|page| preview_route(&from, &to, page)/>
    }
}

/// Shows a part of what a promotion does.
type PromotionCell = fn(&Arc<Catalog>, &PromptName, &Environment, &PromotionCheck) -> AnyView;

/// What would be served, what that means for apps, and whether the rules allow it: the worker knows.
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
    let cell = |show: PromotionCell, is_last: bool| {
        let (answer, catalog) = (answer.clone(), Arc::clone(catalog));
        let (name, to) = (name.clone(), to.clone());
        reactive(move || match ready_or_view(answer.get(), "rules") {
            Ok(lists) => PromotionCheck::from_lists(&lists)
                .map_or_else(|| ().into_any(), |it| show(&catalog, &name, &to, &it)),
            // It is said once in a row.
            Err(state) if is_last => state,
            Err(_) => ().into_any(),
        })
    };
    [cell(target_cell, false), cell(effects_cell, false), cell(rules_cell, true)]
}

fn target_cell(
    _: &Arc<Catalog>,
    name: &PromptName,
    _: &Environment,
    check: &PromotionCheck,
) -> AnyView {
    match check {
        PromotionCheck::Change(effect) => target_link(name.as_str(), &effect.target, &effect.main),
        PromotionCheck::Same | PromotionCheck::Left(_) => {
            view! { <span class="none">"no change"</span> }
        }
    }
}

/// The effects on apps for each replaced version.
fn effects_cell(
    catalog: &Arc<Catalog>,
    name: &PromptName,
    to: &Environment,
    check: &PromotionCheck,
) -> AnyView {
    let replaced = match check {
        PromotionCheck::Same | PromotionCheck::Left(_) => &[][..],
        PromotionCheck::Change(PromotionEffect { replaced: None, .. }) => {
            return format!("new in {to}").into_any();
        }
        PromotionCheck::Change(PromotionEffect { replaced: Some(replaced), .. }) => replaced,
    };
    let one = |ReplacedVersion { from, to }: &ReplacedVersion| {
        let (before, after) = (Choice::parse(from), Choice::parse(to));
        let label = (replaced.len() > 1).then(|| format!("{from} → {to}: "));
        let (catalog, name) = (Arc::clone(catalog), name.clone());
        view! { <div>{label}<Effect catalog name before after/></div> }
    };
    if replaced.is_empty() {
        return "no change for apps".into_any();
    }
    replaced.iter().map(one).collect_view().into_any()
}

/// What the rules ask for that is not there yet, and who may do it.
fn rules_cell(
    _: &Arc<Catalog>,
    _: &PromptName,
    _: &Environment,
    check: &PromotionCheck,
) -> AnyView {
    let (word, class, about) = match check {
        PromotionCheck::Same => ("already live", "state", String::new()),
        PromotionCheck::Left(why) => ("skipped", "state", why.clone()),
        PromotionCheck::Change(effect) => {
            let (word, class) = match effect.verdict {
                PromotionVerdict::Allowed => ("allowed", "state ok"),
                PromotionVerdict::Back => ("rollback", "state ok"),
                PromotionVerdict::Refused => ("blocked", "state error"),
            };
            (word, class, describe_permission(effect))
        }
    };
    let missing = |missing: &MissingRequirement| {
        view! {
            <li>
                {missing.is_warning.then_some("warning: ")}
                <Sentence text=missing.message.as_str()/>
                <small>" "<Sentence text=missing.help.as_str()/></small>
            </li>
        }
    };
    let list = match check {
        PromotionCheck::Change(effect) if !effect.missing.is_empty() => {
            Some(view! { <ul>{effect.missing.iter().map(missing).collect_view()}</ul> })
        }
        PromotionCheck::Same | PromotionCheck::Left(_) | PromotionCheck::Change(_) => None,
    };
    view! {
        <span class=class>{word}</span>
        " "
        <small>{about}</small>
        {list}
    }
}

/// Says which teams may do it, and whether they have to say why.
fn describe_permission(effect: &PromotionEffect) -> String {
    let mut about = String::new();
    if !effect.teams.is_empty() {
        about = format!("Team {}", effect.teams.join(" or "));
    }
    if effect.needs_reason {
        about.push_str(if about.is_empty() { "Reason required" } else { " · reason required" });
    }
    about
}

/// What one version instead of another means for apps, and what changes in it, once both are there.
#[component]
fn Effect(catalog: Arc<Catalog>, name: PromptName, before: Choice, after: Choice) -> impl IntoView {
    let compare = Route::compare(&name, before.clone(), after.clone()).to_string();
    let versions = Store::get().document::<Versions>(RegistryPath::Versions(name));
    view! {
        <Loaded of=versions what="versions" let:versions>
            {
                let side = |side: &Choice| find_version(&versions, &catalog.environments, side);
                let (a, b) = match (side(&before), side(&after)) {
                    (Ok(a), Ok(b)) => (a, b),
                    (Err(reason), _) | (_, Err(reason)) => {
                        return view! { <VersionNotFound name=&versions.name reason/> };
                    }
                };
                let answer = compare_versions(&versions, &a, &b, &Compare::default());
                view! {
                    <Loaded of=answer what="comparison" let:answer>
                        {
                            let (sentence, comparison) = &*answer;
                            view! {
                                <VerdictWord of=comparison.forward.verdict/>
                                " "
                                <Sentence text=sentence.as_str()/>
                            }
                        }
                    </Loaded>
                }
            }
        </Loaded>
        " "
        <a href=compare>"View diff"</a>
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
            "Marked versions differ from the previous environment."
        </p>
        <Table label="Versions by environment" class="matrix" titles rows/>
        <Steps part route=|page| Route::Environments(None, page)/>
    }
}

#[component]
fn Summary<'a>(catalog: &'a Catalog, environment: &'a Environment) -> impl IntoView {
    let served = catalog.prompts.iter().filter(|row| row.pointers.contains_key(environment));
    let drift = catalog.prompts.iter().filter(|prompt| {
        list_drifting_environments(&catalog.environments, prompt).any(|name| name == environment)
    });
    let drift = drift.count();
    let filter = |field| {
        let query = Query::default().with_toggled(Term::new(field, environment.as_str()));
        Route::Catalogue(query).to_string()
    };
    let before = catalog.environments.iter().position(|name| name == environment);
    let before = before.and_then(|at| at.checked_sub(1)).map(|at| &catalog.environments[at]);
    let before = before.filter(|_| drift > 0);
    let differs = before.map(|before| {
        let differ = if drift == 1 { "differs" } else { "differ" };
        let text = format!("{} {differ} from {before}", format_number(drift));
        view! { " · "<a href=filter(Field::Drift)>{text}</a> }
    });
    let promotion = before.map(|before| {
        let to = preview_route(before, environment, 0).to_string();
        view! { " · "<a href=to>"Preview promotion"</a> }
    });
    view! {
        <li>
            <strong>{environment.to_string()}</strong>
            ": "
            <a href=filter(Field::Environment)>{count(served.count(), "prompt")}</a>
            {differs}
            {promotion}
        </li>
    }
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Vec<AnyView> {
    let differences: Vec<EnvironmentDifference<'_>> =
        list_differences(&catalog.environments, &prompt.pointers).collect();
    let cell = |environment: &Environment| {
        let target = prompt.pointers.get(environment);
        let differs = differences.iter().find(|own| own.environment == environment);
        let differs = differs.map(|own| difference_badge(own, 0, None));
        view! { <Served name=&prompt.name target/> {differs} }
    };
    let link = Route::prompt(&prompt.name).to_string();
    let name = view! { <a href=link>{prompt.name.to_string()}</a> };
    std::iter::once(name).chain(catalog.environments.iter().map(cell)).collect()
}
