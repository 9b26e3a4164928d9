//! The releases of every environment, newest first, with what each changed.

use leptos::prelude::*;
use promptdex_wire::catalog::Registry;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{Chain, Environment, Path, Release};

use crate::app::use_registry;
use crate::components::version::served;
use crate::data::{Load, Store};
use crate::html::{Element, Node, data, el, link, live, nothing};
use crate::route::Route;
use crate::text::{count, moment, short, size};

/// The most releases of an environment that are shown.
pub const SHOWN: u64 = 20;

/// The page.
pub fn history() -> Node {
    let registry = use_registry();
    let about =
        "Each release says what an environment serves from then on, and names the one before it.";
    let chains = live(move || {
        let registry = registry.get()?;
        Some(registry.environments.iter().rev().map(chain).collect::<Vec<_>>())
    });
    [el("h1").with("History").into(), el("p").with(about).into(), chains].into()
}

/// Returns the pointers of the environments and of the catalogue.
pub fn pointers(registry: &Registry) -> Vec<Path> {
    let chains = registry.environments.iter().cloned().map(Chain::Environment);
    chains.chain([Chain::Catalog]).map(Path::Pointer).collect()
}

/// Returns the documents that the page shows besides the pointers.
pub fn releases(registry: &Registry, tail: impl Fn(&Environment) -> Option<u64>) -> Vec<Path> {
    let of = |environment: &Environment| {
        let tail = tail(environment).unwrap_or(0);
        let first = tail.saturating_sub(SHOWN) + 1;
        let chain = Chain::Environment(environment.clone());
        (first..tail)
            .map(move |sequence| Path::Release(chain.clone(), sequence))
            .collect::<Vec<_>>()
    };
    registry.environments.iter().flat_map(of).collect()
}

fn chain(environment: &Environment) -> Element {
    let store = Store::get();
    let chain = Chain::Environment(environment.clone());
    let pointer = store.document::<Release>(Path::Pointer(chain.clone()));
    let rows = live(move || -> Node {
        let Load::Ready(newest) = pointer.get() else { return nothing() };
        let first = newest.sequence.saturating_sub(SHOWN) + 1;
        let older = (first..newest.sequence).rev().map(|sequence| {
            let release = store.document::<Release>(Path::Release(chain.clone(), sequence));
            live(move || release.get().ready().map(|release| row(&release)))
        });
        let more = (first > 1).then(|| {
            el("p").class("aside").with(format!("{} older releases are in the data.", first - 1))
        });
        [el("ol").class("releases").with(row(&newest)).all(older).into(), more.into()].into()
    });
    el("section").with(el("h2").with(environment.as_str())).with(rows)
}

fn row(release: &Release) -> Element {
    let path = Path::Release(release.environment.clone(), release.sequence);
    let time = release.time.as_ref().map(|time| format!("{} ", moment(time.as_str())));
    let actor = release.actor.as_ref().map(|actor| format!("by {} ", actor.by));
    let note = release.note.as_ref().map(|note| el("p").attr("dir", "auto").with(note.as_str()));
    let changes = match (&release.changes, &release.changes_file) {
        (Some(changes), _) => el("ul").class("changes").all(changes.iter().map(change)),
        (None, Some(file)) => {
            el("p").with(data(&Path::Snapshot(file.digest), count(size(file.count), "change")))
        }
        (None, None) => el("p").class("aside").with("Nothing that is served changed."),
    };
    let facts = el("small")
        .with(time)
        .with(actor)
        .with(format!("serves {}, snapshot ", count(size(release.snapshot.count), "prompt")))
        .with(el("code").with(short(&release.snapshot.digest.to_string())));
    let title = data(&path, format!("Release {}", release.sequence));
    el("li").with(el("h3").with(title).with(" ").with(facts)).with(note).with(changes)
}

fn change(change: &Change) -> Element {
    let word = match change.operation {
        Operation::Created => "created",
        Operation::Promoted => "promoted",
        Operation::RolledOut => "rolled out",
        Operation::Reverted => "reverted",
        Operation::Deprecated => "deprecated",
        Operation::Yanked => "yanked",
        Operation::Archived => "archived",
        Operation::Redacted => "redacted",
        Operation::Retired => "retired",
        Operation::RulesChanged => "rules changed",
    };
    let arrow = (change.from.is_some() && change.to.is_some()).then_some(" → ");
    let about = change.name.as_ref().map(|name| -> Node {
        let target =
            |target: &Option<Target>| target.as_ref().map(|target| served(name, Some(target)));
        [
            " ".into(),
            link(Route::prompt(name).to_string(), name.as_str()).into(),
            " ".into(),
            target(&change.from).into(),
            arrow.into(),
            target(&change.to).into(),
        ]
        .into()
    });
    let reason = change.reason.as_ref().map(|reason| -> Node {
        [": ".into(), el("span").attr("dir", "auto").with(reason.as_str()).into()].into()
    });
    let at = change.at.as_ref().map(|at| format!(" {}", moment(at.as_str())));
    let by = change.by.as_ref().map(|by| -> Node {
        [" by ".into(), el("span").attr("dir", "auto").with(by.as_str()).into()].into()
    });
    el("li")
        .with(el("span").class("state").with(word))
        .with(about)
        .with(reason)
        .with(el("small").with(at).with(by))
}
