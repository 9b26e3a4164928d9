//! What the registry is, and the heads of its chains.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::{Registry, Visibility};
use promptdex_wire::{Chain, Path, Release};

use crate::components::section::fact;
use crate::components::state::loaded;
use crate::components::table::table;
use crate::data::Store;
use crate::html::{Element, Node, data, el, external, live};
use crate::text::{count, grouped, moment, size};
use crate::verify::Progress;

/// The page.
pub fn status() -> Node {
    let registry = Store::get().document::<Registry>(Path::Registry);
    let facts = live(move || match loaded(registry.get(), "description") {
        Ok(registry) => facts(&registry),
        Err(state) => state,
    });
    [el("h1").with("Status").into(), facts].into()
}

fn facts(registry: &Arc<Registry>) -> Node {
    let visibility = match registry.visibility {
        Visibility::Public => "public: anyone may read it, and caches may share it",
        Visibility::Private => "private: whoever can reach the host can read it",
    };
    let url = registry.url.as_ref().map(|url| fact("Address", el("code").with(url.as_str())));
    let repository = registry.repository.as_ref();
    let repository = repository.map(|repository| fact("Source", external(&repository.url)));
    let facts = el("dl")
        .class("facts")
        .with(fact("Registry", registry.registry.as_str()))
        .with(url)
        .with(repository)
        .with(fact("Visibility", visibility))
        .with(fact("Tokens are counted by", registry.tokenizer.as_str()))
        .with(fact("Format", "1"));
    let chains = registry.environments.iter().cloned().map(Chain::Environment);
    let chains: Vec<Chain> = chains.chain([Chain::Catalog]).collect();
    let titles = ["Chain", "Release", "Serves", "Snapshot"];
    let table = live(move || table("Chains", "", &titles, chains.iter().map(chain).collect()));
    [facts.into(), el("h2").with("Chains").into(), table, verification(registry).into(), teams()]
        .into()
}

/// Who answers for what, which the worker reads.
fn teams() -> Node {
    let rules = data(&Path::Policy, "policy.json");
    let about = "What a promotion needs, and who may do what: the rules of the commit that was published, in ";
    let rows = || {
        super::history::asked("policy_teams", Vec::new(), |rows| {
            let titles = ["Team", "People", "Owns", "May"];
            let row = |cells: &Vec<String>| cells.iter().map(|cell| cell.as_str().into()).collect();
            let rows: Vec<Vec<Node>> = rows.iter().map(row).collect();
            if rows.is_empty() {
                return el("p").with("There are no teams: everybody may do everything.").into();
            }
            table("Teams", "", &titles, rows).into()
        })
    };
    let about = el("p").with(about).with(rules).with(".");
    el("section")
        .with(el("h2").with("Rules and teams"))
        .with(super::history::opened("Who may do what", rows, about))
        .into()
}

/// A walk over the whole registry, in this browser.
fn verification(registry: &Arc<Registry>) -> Element {
    let progress = ArcRwSignal::new(None::<Progress>);
    let start = {
        let (registry, progress) = (Arc::clone(registry), progress.clone());
        move |_| walk(&registry, &progress)
    };
    // The app makes it work.
    let is_text = cfg!(feature = "ssr");
    let button = el("button").attr("type", "button").flag("disabled", is_text).on("click", start);
    let button = button.with("Verify in this browser");
    let shown = live(move || progress.get().map(|progress| outcome(&progress)));
    let about = "Reads every pointer and release, what the newest ones serve, and the document of every version, and holds each to the digest that names it.";
    el("section")
        .class("verification")
        .with(el("h2").with("Verification"))
        .with(el("p").with(about))
        .with(button)
        .with(el("div").attr("role", "status").with(shown))
}

#[cfg(feature = "csr")]
fn walk(registry: &Arc<Registry>, progress: &ArcRwSignal<Option<Progress>>) {
    if progress.get_untracked().is_some_and(|progress| !progress.is_done) {
        return;
    }
    let (registry, progress) = (Arc::clone(registry), progress.clone());
    progress.set(Some(Progress::default()));
    wasm_bindgen_futures::spawn_local(async move {
        crate::verify::verify(&registry, |now| {
            // Told now and then: each time is drawn.
            if now.is_done || now.files % 50 == 0 {
                progress.set(Some(now.clone()));
            }
        })
        .await;
    });
}

#[cfg(not(feature = "csr"))]
fn walk(_: &Arc<Registry>, _: &ArcRwSignal<Option<Progress>>) {}

fn outcome(progress: &Progress) -> Node {
    let read = format!("{}, {} bytes", count(progress.files, "file"), grouped(progress.bytes));
    let summary = match (progress.is_done, progress.problems.len()) {
        (false, _) => el("p").class("aside").with(format!("Reading: {read} …")),
        (true, 0) => el("p")
            .class("notice ok")
            .with(el("strong").with("Verified. "))
            .with(format!("{read}: each is what was published.")),
        (true, problems) => el("p")
            .class("notice error")
            .attr("role", "alert")
            .with(el("strong").with(format!("{} in {read}", count(problems, "problem")))),
    };
    let problems = progress.problems.iter().take(100);
    let problems = problems.map(|problem| el("li").with(el("code").with(problem.as_str())));
    [summary.into(), el("ul").all(problems).into()].into()
}

fn chain(chain: &Chain) -> Vec<Node> {
    let pointer = Store::get().document::<Release>(Path::Pointer(chain.clone()));
    let mut cells = vec![chain.to_string().into()];
    if let Some(release) = pointer.get().ready() {
        let path = Path::Release(chain.clone(), release.sequence);
        let time = release.time.as_ref().map(|time| format!(", {}", moment(time.as_str())));
        let sequence = data(&path, release.sequence.to_string());
        cells.push([Node::from(sequence), time.into()].into());
        cells.push(count(size(release.snapshot.count), "prompt").into());
        cells.push(el("code").with(release.snapshot.digest.to_string()).into());
    }
    cells
}
