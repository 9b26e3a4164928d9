//! The events of a tree as a log: filtered, newest first.

use std::cmp::Reverse;

use promptdex_core::history::{TreeHistory, rank};
use promptdex_wire::event::Change;
use promptdex_wire::{Chain, Environment, PromptName, Timestamp};

/// The chain of events that belong to the registry as a whole.
static CATALOG: Chain = Chain::Catalog;

/// A filter of events. An empty filter matches all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter<'a> {
    /// Only events of this prompt, and no changes of the policy.
    pub prompt: Option<&'a PromptName>,
    /// Only events of this environment.
    pub environment: Option<&'a Environment>,
    /// Only events at or after this time.
    pub since: Option<&'a Timestamp>,
}

/// Lists events with their chains, newest first. Events of one commit are sorted by prompt name and by the promotion
/// path `path`.
pub fn newest_first<'h>(
    history: &'h TreeHistory,
    filter: EventFilter<'_>,
    path: &[Environment],
) -> Vec<(&'h Chain, &'h Change)> {
    let EventFilter { prompt, environment, since } = filter;
    let of_prompts = history.prompts.iter().filter(|(name, _)| prompt.is_none_or(|n| n == *name));
    let of_prompts = of_prompts.flat_map(|(_, history)| &history.events);
    let of_prompts =
        of_prompts.flat_map(|(chain, changes)| changes.iter().map(move |change| (chain, change)));
    let of_rules =
        history.rules.iter().filter(|_| prompt.is_none()).map(|change| (&CATALOG, change));
    let is_listed = |(chain, change): &(&Chain, &Change)| {
        let is_of_environment = environment.is_none_or(
            |wanted| matches!(chain, Chain::Environment(environment) if environment == wanted),
        );
        is_of_environment && since.is_none_or(|since| change.at.as_ref() >= Some(since))
    };
    let keyed = of_prompts.chain(of_rules).filter(is_listed).map(|(chain, change)| {
        // Commit times may be equal or wrong, so the order of commits decides.
        let place = change.commit.as_ref().and_then(|commit| history.order.get(commit));
        let environment = match chain {
            Chain::Catalog => None,
            Chain::Environment(environment) => Some(environment),
        };
        let rank = rank(environment, path);
        ((Reverse(place), change.name.as_ref(), rank), (chain, change))
    });
    let mut keyed: Vec<(_, (&Chain, &Change))> = keyed.collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, event)| event).collect()
}
