//! What stands where an address leads nowhere: the nearest prompts, and the way back.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use promptdex_wire::Path;
use promptdex_wire::catalog::Catalog;

use crate::data::Store;
use crate::html::{Node, el, link, live};
use crate::model::catalogue::ordered;
use crate::route::Route;
use crate::text::lower;

/// The page.
pub fn not_found() -> Node {
    let path = use_location().pathname;
    let nearest = live(move || {
        let path = path.get();
        let tail = path.rsplit_once("/p/").map_or(path.as_str(), |(_, name)| name);
        nearest_prompts(tail.trim_matches('/').trim_end_matches("/index.html"))
    });
    [
        el("h1").with("There is no such page").into(),
        el("p").with("The address leads to nothing in this registry.").into(),
        nearest,
        el("p").with(link("./", "All prompts")).into(),
    ]
    .into()
}

/// Links to the prompts with the most similar names.
pub fn nearest_prompts(name: &str) -> Node {
    let name = lower(name);
    let catalog = Store::get().document::<Catalog>(Path::Catalog);
    live(move || {
        let catalog = catalog.get().ready()?;
        let names = catalog.prompts.iter().map(|prompt| prompt.name.as_str());
        let links = nearest(&name, names).into_iter().filter_map(|name| {
            let name = name.parse().ok()?;
            Some(el("li").with(link(Route::prompt(&name).to_string(), name.as_str())))
        });
        let links: Vec<_> = links.collect();
        (!links.is_empty()).then(|| -> Node {
            let list = el("ul").class("nearest").with(links);
            [el("p").with("Did you mean").into(), list.into()].into()
        })
    })
}
/// Returns up to five names that share the most pairs of letters with `name`.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let score = |candidate: &str| {
        let has = |pair: &&[u8]| name.as_bytes().windows(2).any(|other| other == *pair);
        let shared = candidate.as_bytes().windows(2).filter(has).count();
        // Dice's coefficient, in thousandths.
        2_000 * shared / (candidate.len() + name.len()).saturating_sub(2).max(1)
    };
    let scored = names.map(|candidate| (score(candidate), candidate));
    let scored: Vec<(usize, &str)> = scored.filter(|(score, _)| *score >= 400).collect();
    let order = ordered(scored.iter().map(|(score, _)| usize::MAX - score));
    order.into_iter().take(5).map(|at| scored[at].1).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found() {
        let names =
            ["customer-support/refund", "customer-support/chat-agent", "engineering/review"];
        assert_eq!(nearest("customer-support/refnd", names.into_iter())[0], names[0]);
        assert!(nearest("zzz", names.into_iter()).is_empty());
    }
}
