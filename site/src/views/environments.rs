//! What each environment serves, prompt by prompt.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, Versions};
use promptdex_wire::{Environment, Path, PromptName};

use super::diff::{comparison, verdict};
use crate::app::use_route;
use crate::components::pages::Part;
use crate::components::state::loaded;
use crate::components::table::table;
use crate::components::version::{drift, served};
use crate::data::Store;
use crate::html::{Element, Node, el, link, live, nothing, with_code};
use crate::model::catalogue::{ROWS, drifting};
use crate::model::prompt::chosen;
use crate::model::query::{Field, Query, Term};
use crate::route::{Choice, Compare, Promotion, Route};
use crate::text::count;

/// Prompts on one page of a look ahead: the texts of each are read and compared.
const COMPARED: usize = 20;

/// The page.
pub fn environments() -> Node {
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    let route = use_route();
    let shown = live(move || match loaded(catalog.get(), "list of prompts") {
        Ok(catalog) => match route.get() {
            Some(Route::Environments(Some(promotion), page)) => {
                promoted(&catalog, &promotion, page)
            }
            Some(Route::Environments(None, page)) => matrix(&catalog, page),
            _ => nothing(),
        },
        Err(state) => state,
    });
    [el("h1").with("Environments").into(), shown].into()
}

fn ahead(from: &Environment, to: &Environment, page: usize) -> Route {
    Route::Environments(Some(Promotion { from: from.clone(), to: to.clone() }), page)
}

/// What an environment would serve if it served what another one does.
fn promoted(catalog: &Arc<Catalog>, Promotion { from, to }: &Promotion, page: usize) -> Node {
    let all = link(Route::Environments(None, 0).to_string(), "All environments");
    if let Some(unknown) = [from, to].into_iter().find(|name| !catalog.environments.contains(name))
    {
        let known: Vec<&str> = catalog.environments.iter().map(Environment::as_str).collect();
        let text = format!("There is no environment {unknown}: there are {}.", known.join(", "));
        return el("p").class("notice").attr("role", "alert").with(text).with(" ").with(all).into();
    }
    let changes = |prompt: &&CatalogPrompt| {
        let (new, old) = (prompt.environments.get(from), prompt.environments.get(to));
        new.is_some() && new != old
    };
    let changed: Vec<&CatalogPrompt> = catalog.prompts.iter().filter(changes).collect();
    let title = el("h2").with(format!("What promoting {from} to {to} would change"));
    let back = link(ahead(to, from, 0).to_string(), format!("{to} to {from}"));
    let ways = el("p").with(all).with(", or the other way: ").with(back);
    if changed.is_empty() {
        let text = format!("Nothing: {to} serves what {from} serves.");
        return [title.into(), ways.into(), el("p").class("notice").with(text).into()].into();
    }
    let row = |prompt: &&CatalogPrompt| {
        let name = &prompt.name;
        let served = |environment| served(name, prompt.environments.get(environment));
        let effect = if prompt.environments.contains_key(to) {
            effect(catalog, name, from, to)
        } else {
            "new there".into()
        };
        let rules = needs(name, from, to);
        vec![
            link(Route::prompt(name).to_string(), name.as_str()).into(),
            served(to),
            served(from),
            effect,
            rules,
        ]
    };
    let part = Part::new(changed.len(), COMPARED, page);
    let rows = part.of(&changed).iter().map(row).collect();
    let (now, then) = (format!("{to} serves"), format!("{to} would serve"));
    let titles = ["Prompt", &now, &then, "For callers", "Rules"];
    let summary = format!("{} would change.", count(changed.len(), "prompt"));
    [
        title.into(),
        ways.into(),
        el("p").class("count").with(summary).into(),
        table("What would change", "ahead", &titles, rows).into(),
        part.steps(|page| ahead(from, to, page)).into(),
    ]
    .into()
}

/// What the rules ask for that is not there yet, and who may promote it: the worker knows.
fn needs(name: &PromptName, from: &Environment, to: &Environment) -> Node {
    if cfg!(feature = "ssr") {
        return nothing();
    }
    let lists = vec![vec![name.to_string(), from.to_string(), to.to_string()]];
    super::history::asked("promotion_needs", lists, |lists| {
        let [missing, teams] = lists else { return nothing() };
        let verdict = if missing.is_empty() {
            el("span").class("state ok").with("nothing is missing")
        } else {
            el("ul").all(missing.iter().map(|what| el("li").with(with_code(what))))
        };
        let teams = (!teams.is_empty())
            .then(|| el("small").with(format!(" by the team {}", teams.join(" or "))));
        [verdict.into(), teams.into()].into()
    })
}

/// What the promotion of a prompt means for callers, and what changes in it, once both versions are
/// there.
fn effect(catalog: &Arc<Catalog>, name: &PromptName, from: &Environment, to: &Environment) -> Node {
    let [after, before] = [from, to].map(|environment| Choice::Environment(environment.clone()));
    let compare = Route::compare(name, before.clone(), after.clone());
    let versions = Store::get().document::<Versions>(Path::Versions(name.clone()));
    let catalog = Arc::clone(catalog);
    let answer = live(move || {
        let versions = match loaded(versions.get(), "versions") {
            Ok(versions) => versions,
            Err(state) => return state,
        };
        let side = |side: &Choice| chosen(&versions, &catalog.environments, side);
        let (Ok(a), Ok(b)) = (side(&before), side(&after)) else { return nothing() };
        let answer = comparison(&versions, a, b, &Compare::default());
        live(move || match loaded(answer.get(), "comparison") {
            Ok(answer) => {
                let (sentence, comparison) = &*answer;
                [verdict(comparison.forward.verdict).into(), " ".into(), with_code(sentence)].into()
            }
            Err(state) => state,
        })
    });
    [answer, " ".into(), link(compare.to_string(), "compare").into()].into()
}

fn matrix(catalog: &Catalog, page: usize) -> Node {
    let summaries = catalog.environments.iter().map(|environment| summary(catalog, environment));
    let summaries = el("ul").class("summaries").all(summaries);
    let about =
        "An environment drifts where it serves something else than the environment before it.";
    let environments = catalog.environments.iter().map(Environment::as_str);
    let titles: Vec<&str> = ["Prompt"].into_iter().chain(environments).collect();
    let part = Part::new(catalog.prompts.len(), ROWS, page);
    let rows = part.of(&catalog.prompts).iter().map(|prompt| row(catalog, prompt)).collect();
    [
        summaries.into(),
        el("p").class("aside").with(about).into(),
        table("Prompts and environments", "matrix", &titles, rows).into(),
        part.steps(|page| Route::Environments(None, page)).into(),
    ]
    .into()
}

fn summary(catalog: &Catalog, environment: &Environment) -> Element {
    let served = catalog.prompts.iter().filter(|row| row.environments.contains_key(environment));
    let drift = catalog
        .prompts
        .iter()
        .filter(|prompt| drifting(&catalog.environments, prompt).any(|name| name == environment));
    let drift = drift.count();
    let filter = |field| {
        let query = Query::default().toggled(Term::new(field, environment.as_str()));
        Route::Catalogue(query).to_string()
    };
    let differs = (drift > 0).then(|| -> Node {
        let text = format!("{} differently from the environment before", count(drift, "prompt"));
        [", ".into(), link(filter(Field::Drift), text).into()].into()
    });
    let before = catalog.environments.iter().position(|name| name == environment);
    let before = before.and_then(|at| at.checked_sub(1)).map(|at| &catalog.environments[at]);
    let promotion = before.filter(|_| drift > 0).map(|before| -> Node {
        let to = ahead(before, environment, 0).to_string();
        [": ".into(), link(to, format!("what promoting {before} would change")).into()].into()
    });
    el("li")
        .with(el("strong").with(environment.as_str()))
        .with(" serves ")
        .with(link(filter(Field::Environment), count(served.count(), "prompt")))
        .with(differs)
        .with(promotion)
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Vec<Node> {
    let drifts: Vec<&Environment> = drifting(&catalog.environments, prompt).collect();
    let cell = |environment: &Environment| -> Node {
        let target = prompt.environments.get(environment);
        let drift = drifts.contains(&environment).then(drift);
        [served(&prompt.name, target), drift.into()].into()
    };
    let name = link(Route::prompt(&prompt.name).to_string(), prompt.name.as_str());
    std::iter::once(name.into()).chain(catalog.environments.iter().map(cell)).collect()
}
