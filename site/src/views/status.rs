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
        Some(Visibility::Public) => "public: may be cached and indexed".into(),
        Some(Visibility::Private) => "private: not indexed. Your host controls access.".into(),
        None => registry.visibility.word(),
    };
    let visibility = visibility.into_owned();
    let name = registry.registry.to_string();
    let tokenizer = registry.tokenizer.clone();
    let url = registry.url.clone().map(|url| {
        view! { <Fact term="URL"><code>{url.clone()}</code></Fact> }
    });
    let repository = registry.repository.clone().map(|repository| {
        view! { <Fact term="Source"><ExternalLink url=repository.url/></Fact> }
    });
    let chains = chains(&registry);
    let table = reactive(move || {
        let rows = chains.iter().map(chain).collect();
        let titles = titles(["Environment", "Release", "Prompts", "Snapshot"]);
        view! { <Table label="Latest releases" titles rows/> }
    });
    view! {
        <dl class="facts">
            <Fact term="Registry">{name}</Fact>
            {url}
            {repository}
            <Fact term="Visibility">{visibility}</Fact>
            <Fact term="Tokenizer">{tokenizer}</Fact>
            <Fact term="Wire format">"1"</Fact>
        </dl>
        <h2>"Latest releases"</h2>
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
                return view! { <p>"No teams. Anyone who can merge can change every prompt."</p> };
            }
            let titles = titles(["Team", "Members", "Owns", "Permissions"]);
            view! { <Table label="Teams" titles rows/> }
        })
    };
    view! {
        <section>
            <h2>"Policy and teams"</h2>
            <LazyDetails summary="Show permissions" ask=rows>
                <p>
                    "Promotion policy and permissions of the published commit. Raw data: "
                    <DocumentLink path=RegistryPath::Policy>"policy.json"</DocumentLink>
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
                "Downloads every release and version, and checks each file against its digest."
            </p>
            <button type="button" disabled=is_text on:click=move |_| walk(&registry, progress)>
                "Verify registry"
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
        (false, _) => view! { <p class="aside">{format!("Checking… {read}")}</p> },
        (true, 0) => view! {
            <p class="notice ok">
                <strong>"Verified: "</strong>
                {format!("all {} match their digests.", count(progress.files, "file"))}
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
