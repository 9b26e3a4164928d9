//! The prompts whose names are nearest to one that does not exist.

use leptos::prelude::*;
use promptdex_wire::RegistryPath;
use promptdex_wire::catalog::Catalog;

use crate::data::Store;
use crate::model::catalogue::sort_positions;
use crate::route::Route;
use crate::text::to_lower_case;
use crate::view::{reactive, view};

/// Links to the prompts with the most similar names.
#[component]
pub fn NearestPrompts<'a>(
    /// The name that was looked for.
    name: &'a str,
) -> AnyView {
    let name = to_lower_case(name);
    let catalog = Store::get().document::<Catalog>(RegistryPath::Catalog);
    reactive(move || {
        let catalog = catalog.get().ready()?;
        let names = catalog.prompts.iter().map(|prompt| prompt.name.as_str());
        let links = nearest(&name, names).into_iter().filter_map(|name| {
            let href = Route::prompt(&name.parse().ok()?).to_string();
            Some(view! { <li><a href=href>{name.to_owned()}</a></li> })
        });
        let links = links.collect_view();
        (!links.is_empty()).then(|| {
            view! {
                <p>"Did you mean:"</p>
                <ul class="nearest">{links}</ul>
            }
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
    let order = sort_positions(scored.iter().map(|(score, _)| usize::MAX - score));
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
