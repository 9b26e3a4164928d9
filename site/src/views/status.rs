//! What the registry is, and the heads of its chains.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_wire::catalog::Visibility;
use promptdex_wire::engine::TeamRow;
use promptdex_wire::{Chain, RegistryPath};

use crate::components::audit::{LazyDetails, query_worker};
use crate::components::held_back::HeldBack;
use crate::components::link::{DocumentLink, ExternalLink};
use crate::components::load_state::{Failed, Loaded};
use crate::components::section::Fact;
use crate::components::table::{Table, titles};
use crate::data::{LoadState, Store};
use crate::model::page_documents::chains;
use crate::model::shown_documents::{ShownRegistry, ShownRelease};
use crate::text::{count, format_number, format_time, size};
use crate::verify::Progress;
use crate::view::{reactive, view};

/// The page.
#[component]
pub fn Status() -> impl IntoView {
    let registry = Store::get().document::<ShownRegistry>(RegistryPath::Registry);
    view! {
        <h1>"Status"</h1>
        <HeldBack/>
        <Loaded of=registry what="description" let:registry>
            <Facts registry/>
        </Loaded>
    }
}

#[component]
fn Facts(registry: Arc<ShownRegistry>) -> impl IntoView {
    let visibility = match registry.visibility.get() {
        Some(Visibility::Public) => "public: anyone may read it, and caches may share it".into(),
        Some(Visibility::Private) => "private: whoever can reach the host can read it".into(),
        None => registry.visibility.word(),
    };
    let visibility = visibility.into_owned();
    let name = registry.registry.to_string();
    let tokenizer = registry.tokenizer.clone();
    let url = registry.url.clone().map(|url| {
        view! { <Fact term="Address"><code>{url.clone()}</code></Fact> }
    });
    let repository = registry.repository.clone().map(|repository| {
        view! { <Fact term="Source"><ExternalLink url=repository.url/></Fact> }
    });
    let chains = chains(&registry);
    let table = reactive(move || {
        let rows = chains.iter().map(chain).collect();
        let titles = titles(["Chain", "Release", "Serves", "Snapshot"]);
        view! { <Table label="Chains" titles rows/> }
    });
    view! {
        <dl class="facts">
            <Fact term="Registry">{name}</Fact>
            {url}
            {repository}
            <Fact term="Visibility">{visibility}</Fact>
            <Fact term="Tokens are counted by">{tokenizer}</Fact>
            <Fact term="Format">"1"</Fact>
        </dl>
        <h2>"Chains"</h2>
        {table}
        <Verification registry/>
        <Teams/>
    }
}

/// The teams and their permissions, from the worker.
#[component]
fn Teams() -> impl IntoView {
    let rows = || {
        query_worker("policy_teams", Vec::new(), |rows| {
            let row = |cells: &Vec<String>| {
                let team = TeamRow::from_list(cells)?;
                let cells = [team.name, team.people, team.owns, team.may];
                Some(cells.map(|text| text.to_owned().into_any()).into())
            };
            let rows: Vec<Vec<AnyView>> = rows.iter().filter_map(row).collect();
            if rows.is_empty() {
                return view! { <p>"There are no teams: everybody may do everything."</p> };
            }
            let titles = titles(["Team", "People", "Owns", "May"]);
            view! { <Table label="Teams" titles rows/> }
        })
    };
    view! {
        <section>
            <h2>"Rules and teams"</h2>
            <LazyDetails summary="Who may do what" ask=rows>
                <p>
                    "What a promotion needs, and who may do what: the rules of the commit that was published, in "
                    <DocumentLink path=RegistryPath::Policy>"policy.json"</DocumentLink>
                    "."
                </p>
            </LazyDetails>
        </section>
    }
}

/// A walk over the whole registry, in this browser.
#[component]
fn Verification(registry: Arc<ShownRegistry>) -> impl IntoView {
    let progress = RwSignal::new(None::<Progress>);
    // The app makes it work.
    let is_text = cfg!(feature = "ssr");
    view! {
        <section class="verification">
            <h2>"Verification"</h2>
            <p>
                "Reads every pointer and release, the changes and rules that they name, what the newest ones serve, and the document of every version, and holds each to the digest that names it."
            </p>
            <button type="button" disabled=is_text on:click=move |_| walk(&registry, progress)>
                "Verify in this browser"
            </button>
            <div role="status">
                {reactive(move || progress.get().map(|progress| view! { <Outcome progress/> }))}
            </div>
        </section>
    }
}

#[cfg(feature = "csr")]
fn walk(registry: &Arc<ShownRegistry>, progress: RwSignal<Option<Progress>>) {
    if progress.get_untracked().is_some_and(|progress| !progress.is_done) {
        return;
    }
    let registry = Arc::clone(registry);
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
fn walk(_: &Arc<ShownRegistry>, _: RwSignal<Option<Progress>>) {}

#[component]
fn Outcome(progress: Progress) -> impl IntoView {
    let read =
        format!("{}, {} bytes", count(progress.files, "file"), format_number(progress.bytes));
    let redacted = (!progress.redacted.is_empty()).then(|| {
        let versions = count(progress.redacted.len(), "version");
        view! { <p class="aside">{format!("{versions} redacted after publication.")}</p> }
    });
    let summary = match (progress.is_done, progress.problems.len()) {
        (false, _) => view! { <p class="aside">{format!("Reading: {read} …")}</p> },
        (true, 0) => view! {
            <p class="notice ok">
                <strong>"Verified. "</strong>
                {format!("{read}: each is what was published.")}
            </p>
        },
        (true, problems) => view! {
            <p class="notice error" role="alert">
                <strong>{format!("{} in {read}. ", count(problems, "problem"))}</strong>
                "Restore these files from a backup of the published registry. They cannot be rebuilt."
            </p>
        },
    };
    let problems = progress.problems.into_iter().take(100);
    let problems = problems.map(|problem| view! { <li><code>{problem}</code></li> });
    view! {
        {summary}
        {redacted}
        <ul>{problems.collect_view()}</ul>
    }
}

fn chain(chain: &Chain) -> Vec<AnyView> {
    let pointer = Store::get().document::<ShownRelease>(RegistryPath::Pointer(chain.clone()));
    let mut cells = vec![chain.to_string().into_any()];
    match pointer.get() {
        LoadState::Ready(release) => {
            let path = RegistryPath::Release(chain.clone(), release.sequence);
            let time =
                release.time.as_ref().map(|time| format!(", {}", format_time(time.as_str())));
            let sequence = release.sequence.to_string();
            cells.push(view! { <DocumentLink path>{sequence}</DocumentLink> {time} });
            cells.push(count(size(release.snapshot.count), "prompt").into_any());
            cells.push(view! { <code>{release.snapshot.digest.to_string()}</code> });
        }
        LoadState::Failed(problem) => cells.push(view! { <Failed what="release" problem/> }),
        LoadState::Loading | LoadState::Absent => {}
    }
    cells
}
