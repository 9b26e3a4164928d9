//! What each environment serves, prompt by prompt.

use leptos::prelude::*;
use promptdex_wire::catalog::{Catalog, CatalogPrompt};
use promptdex_wire::{Environment, Path};

use crate::app::use_route;
use crate::components::state::loaded;
use crate::components::table::{head, wide};
use crate::components::version::{drift, served};
use crate::data::Store;
use crate::html::{Element, Node, el, link, live};
use crate::model::catalogue::{ROWS, drifting};
use crate::model::query::{Field, Query, Term};
use crate::route::{Choice, Promotion, Route};
use crate::text::count;

/// The page.
pub fn environments() -> Node {
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    let route = use_route();
    let shown = live(move || match loaded(catalog.get(), "list of prompts") {
        Ok(catalog) => match route.get() {
            Some(Route::Environments(Some(promotion))) => promoted(&catalog, &promotion),
            _ => matrix(&catalog),
        },
        Err(state) => state,
    });
    [el("h1").with("Environments").into(), shown].into()
}

/// What an environment would serve if it served what another one does.
fn promoted(catalog: &Catalog, Promotion { from, to }: &Promotion) -> Node {
    if let Some(unknown) = [from, to].into_iter().find(|name| !catalog.environments.contains(name))
    {
        let known: Vec<&str> = catalog.environments.iter().map(Environment::as_str).collect();
        let text = format!("There is no environment {unknown}: there are {}.", known.join(", "));
        let all = link(Route::Environments(None).to_string(), "All environments");
        return el("p").class("notice").attr("role", "alert").with(text).with(" ").with(all).into();
    }
    let changes = |prompt: &&CatalogPrompt| {
        let (new, old) = (prompt.environments.get(from), prompt.environments.get(to));
        new.is_some() && new != old
    };
    let changed: Vec<&CatalogPrompt> = catalog.prompts.iter().filter(changes).collect();
    let title = el("h2").with(format!("What promoting {from} to {to} would change"));
    let all = link(Route::Environments(None).to_string(), "All environments");
    let back = Route::Environments(Some(Promotion { from: to.clone(), to: from.clone() }));
    let back = link(back.to_string(), format!("{to} to {from}"));
    let ways = el("p").with(all).with(", or the other way: ").with(back);
    if changed.is_empty() {
        let text = format!("Nothing: {to} serves what {from} serves.");
        return [title.into(), ways.into(), el("p").class("notice").with(text).into()].into();
    }
    let row = |prompt: &&CatalogPrompt| {
        let name = &prompt.name;
        let served = |environment| served(name, prompt.environments.get(environment));
        let is_new = !prompt.environments.contains_key(to);
        let side = |environment: &Environment| Choice::Environment(environment.clone());
        let compare = (!is_new)
            .then(|| link(Route::compare(name, side(to), side(from)).to_string(), "compare"));
        el("tr")
            .with(
                el("th")
                    .attr("scope", "row")
                    .with(link(Route::prompt(name).to_string(), name.as_str())),
            )
            .with(el("td").with(served(to)))
            .with(el("td").with(served(from)))
            .with(el("td").with(compare).with(is_new.then_some("new")))
    };
    let (now, then) = (format!("{to} serves"), format!("{to} would serve"));
    let table = el("table")
        .with(head(&["Prompt", &now, &then, "Comparison"]))
        .with(el("tbody").all(changed.iter().take(ROWS).map(row)));
    let summary = format!("{} would change.", count(changed.len(), "prompt"));
    let more = (changed.len() > ROWS)
        .then(|| el("p").class("aside").with(format!("The first {ROWS} are listed.")));
    [
        title.into(),
        ways.into(),
        el("p").class("count").with(summary).into(),
        wide("What would change", table).into(),
        more.into(),
    ]
    .into()
}

fn matrix(catalog: &Catalog) -> Node {
    let summaries = catalog.environments.iter().map(|environment| summary(catalog, environment));
    let summaries = el("ul").class("summaries").all(summaries);
    let environments = catalog.environments.iter().map(Environment::as_str);
    let titles: Vec<&str> = ["Prompt"].into_iter().chain(environments).collect();
    let rows = catalog.prompts.iter().take(ROWS).map(|prompt| row(catalog, prompt));
    let table = el("table").class("matrix").with(head(&titles)).with(el("tbody").all(rows));
    let more = (catalog.prompts.len() > ROWS).then(|| {
        el("p")
            .with(format!("The first {ROWS} of {}; ", count(catalog.prompts.len(), "prompt")))
            .with(link("./", "the catalogue"))
            .with(" has all.")
    });
    [summaries.into(), wide("Prompts and environments", table).into(), more.into()].into()
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
        let promotion = Promotion { from: before.clone(), to: environment.clone() };
        let to = Route::Environments(Some(promotion)).to_string();
        [": ".into(), link(to, format!("what promoting {before} would change")).into()].into()
    });
    el("li")
        .with(el("strong").with(environment.as_str()))
        .with(" serves ")
        .with(link(filter(Field::Environment), count(served.count(), "prompt")))
        .with(differs)
        .with(promotion)
}

fn row(catalog: &Catalog, prompt: &CatalogPrompt) -> Element {
    let drifts: Vec<&Environment> = drifting(&catalog.environments, prompt).collect();
    let cell = |environment: &Environment| {
        let target = prompt.environments.get(environment);
        el("td").with(served(&prompt.name, target)).with(drifts.contains(&environment).then(drift))
    };
    let name = link(Route::prompt(&prompt.name).to_string(), prompt.name.as_str());
    el("tr")
        .with(el("th").attr("scope", "row").with(name))
        .all(catalog.environments.iter().map(cell))
}
