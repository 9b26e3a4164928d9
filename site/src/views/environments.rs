//! What each environment serves, prompt by prompt.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_compare::contract::Verdict;
use promptdex_wire::catalog::{Catalog, CatalogPrompt, Versions};
use promptdex_wire::engine::Lists;
use promptdex_wire::{Environment, Path, PromptName};

use super::diff::{comparison, verdict};
use crate::app::use_route;
use crate::components::pages::Part;
use crate::components::state::loaded;
use crate::components::table::table;
use crate::components::version::{drift, served};
use crate::data::{Pending, Store};
use crate::engine::{Question, ask};
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
                look_ahead(&catalog, &promotion, page)
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
fn look_ahead(catalog: &Arc<Catalog>, Promotion { from, to }: &Promotion, page: usize) -> Node {
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
        let [then, effects, rules] = judged(catalog, name, from, to);
        let link = link(Route::prompt(name).to_string(), name.as_str());
        vec![link.into(), served(name, prompt.environments.get(to)), then, effects, rules]
    };
    let part = Part::new(changed.len(), COMPARED, page);
    let rows = part.of(&changed).iter().map(row).collect();
    let (now, then) = (format!("{to} serves"), format!("{to} would serve"));
    let titles = ["Prompt", &now, &then, "For callers", "Rules"];
    let summary = format!("{} not served alike.", count(changed.len(), "prompt"));
    [
        title.into(),
        ways.into(),
        el("p").class("count").with(summary).into(),
        table("What would change", "ahead", &titles, rows).into(),
        part.steps(|page| ahead(from, to, page)).into(),
    ]
    .into()
}

/// What would be served, what that means for callers, and whether the rules allow it: the worker knows.
fn judged(
    catalog: &Arc<Catalog>,
    name: &PromptName,
    from: &Environment,
    to: &Environment,
) -> [Node; 3] {
    let answer = Pending::<Lists>::default();
    let is_last = if catalog.environments.last() == Some(to) { "last" } else { "" };
    let asked = vec![name.to_string(), from.to_string(), to.to_string(), is_last.to_owned()];
    ask(Question::Audit("promotion_needs", vec![asked]), answer.clone());
    let cell = |show: fn(&Arc<Catalog>, &PromptName, &Judged<'_>) -> Node, is_last: bool| -> Node {
        let (answer, catalog, name) = (answer.clone(), Arc::clone(catalog), name.clone());
        live(move || match loaded(answer.get(), "rules") {
            Ok(lists) => Judged::read(&lists).map_or_else(nothing, |it| show(&catalog, &name, &it)),
            // It is said once in a row.
            Err(state) if is_last => state,
            Err(_) => nothing(),
        })
    };
    [cell(then, false), cell(effects, false), cell(rules, true)]
}

/// What the worker answers, as `promptdex_audit` writes it.
struct Judged<'a> {
    verdict: &'a str,
    /// Why the prompt is left as it is.
    left: &'a str,
    target: &'a [String],
    pairs: &'a [String],
    teams: &'a [String],
    needs_reason: bool,
    lacks: &'a [Vec<String>],
}

impl<'a> Judged<'a> {
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

fn then(_: &Arc<Catalog>, name: &PromptName, judged: &Judged<'_>) -> Node {
    match judged.target {
        [text, main] => super::history::version(name.as_str(), text, main),
        _ => el("span").class("none").with("the same").into(),
    }
}

/// For each version that callers get instead of another one, what that means for them.
fn effects(catalog: &Arc<Catalog>, name: &PromptName, judged: &Judged<'_>) -> Node {
    let one = |pair: &[String]| -> Option<Node> {
        let [old, new] = pair else { return None };
        let sides = [old, new].map(|version| Choice::parse(version));
        let label = (judged.pairs.len() > 2).then(|| format!("{old} → {new}: "));
        Some(el("div").with(label).with(effect(catalog, name, sides)).into())
    };
    match judged.pairs {
        [] => "nobody gets another version".into(),
        [_] => "new there".into(),
        pairs => pairs.chunks(2).filter_map(one).collect::<Vec<_>>().into(),
    }
}

/// What the rules ask for that is not there yet, and who may do it.
fn rules(_: &Arc<Catalog>, _: &PromptName, judged: &Judged<'_>) -> Node {
    let (word, class) = match judged.verdict {
        "allowed" => ("allowed", "state ok"),
        "back" => ("a way back", "state ok"),
        "left" => ("left as it is", "state"),
        "same" => ("served already", "state"),
        _ => ("refused", "state error"),
    };
    let mut about = judged.left.to_owned();
    if !judged.teams.is_empty() {
        about = format!("team {} may do it", judged.teams.join(" or "));
    }
    if judged.needs_reason {
        about.push_str(if about.is_empty() { "it needs a reason" } else { ", with a reason" });
    }
    let lack = |lack: &Vec<String>| {
        let [level, message, help] = lack.as_slice() else { return el("li") };
        let level = (level == "warn").then_some("warning: ");
        let help = el("small").with(" ").with(with_code(help));
        el("li").with(level).with(with_code(message)).with(help)
    };
    let list = (!judged.lacks.is_empty()).then(|| el("ul").all(judged.lacks.iter().map(lack)));
    let verdict = el("span").class(class).with(word);
    [verdict.into(), " ".into(), el("small").with(about).into(), list.into()].into()
}

/// What one version instead of another means for callers, and what changes in it, once both are there.
fn effect(catalog: &Arc<Catalog>, name: &PromptName, [before, after]: [Choice; 2]) -> Node {
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
        let is_back = b.version < a.version;
        live(move || match loaded(answer.get(), "comparison") {
            Ok(answer) => {
                let (sentence, comparison) = &*answer;
                let said = comparison.forward.verdict;
                // Going back, clients leave out what the older version does not know.
                if is_back && said == Verdict::Breaking && comparison.is_left_out() {
                    let text = " clients leave out what it does not know";
                    return [verdict(Verdict::Compatible).into(), text.into()].into();
                }
                [verdict(said).into(), " ".into(), with_code(sentence)].into()
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
