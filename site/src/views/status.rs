//! What the registry is, and the heads of its chains.

use leptos::prelude::*;
use promptdex_wire::catalog::{Registry, Visibility};
use promptdex_wire::{Chain, Path, Release};

use super::environments::{head, wide};
use crate::components::state::loaded;
use crate::data::Store;
use crate::html::{Element, Node, data, el, link, live};
use crate::text::{count, moment, size};

/// The page.
pub fn status() -> Node {
    let registry = Store::get().document::<Registry>(Path::Registry);
    let facts = live(move || match loaded(registry.get(), "description") {
        Ok(registry) => facts(&registry),
        Err(state) => state,
    });
    [el("h1").with("Status").into(), facts].into()
}

fn facts(registry: &Registry) -> Node {
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
    let rows = chains.chain([Chain::Catalog]).map(chain);
    let table = el("table")
        .with(head(&["Chain", "Release", "Serves", "Snapshot"]))
        .with(el("tbody").all(rows));
    [facts.into(), el("h2").with("Chains").into(), wide("Chains", table).into()].into()
}

fn chain(chain: Chain) -> Element {
    let pointer = Store::get().document::<Release>(Path::Pointer(chain.clone()));
    let name = chain.to_string();
    let cells = live(move || {
        pointer.get().ready().map(|release| -> Node {
            let path = Path::Release(chain.clone(), release.sequence);
            let time = release.time.as_ref().map(|time| format!(", {}", moment(time.as_str())));
            let digest = el("code").with(release.snapshot.digest.to_string());
            [
                el("td").with(data(&path, release.sequence.to_string())).with(time).into(),
                el("td").with(count(size(release.snapshot.count), "prompt")).into(),
                el("td").with(digest).into(),
            ]
            .into()
        })
    });
    el("tr").with(el("th").attr("scope", "row").with(name)).with(cells)
}

/// A term and what it is.
pub fn fact(term: &'static str, text: impl Into<Node>) -> Node {
    [el("dt").with(term).into(), el("dd").with(text).into()].into()
}

/// A link that leaves the site. Only web addresses become links.
pub fn external(url: &str) -> Element {
    if url.starts_with("https://") || url.starts_with("http://") {
        link(url.to_owned(), url).attr("rel", "external noopener noreferrer nofollow")
    } else {
        el("code").with(url)
    }
}
