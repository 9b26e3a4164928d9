//! Orders the events of several chains.

use std::collections::{BTreeMap, VecDeque};

use promptdex_wire::history::Event;
use promptdex_wire::pages::rows_in_full_pages;
use promptdex_wire::release::Sequences;
use promptdex_wire::{Chain, Environment, Timestamp};

/// Merges the events of a prompt and keeps the order within each chain: by time as far as it runs forward,
/// then the catalog before the environments along the promotion path.
pub(crate) fn merge_events(events: Vec<Event>, path: &[Environment]) -> Vec<Event> {
    let mut newest: BTreeMap<Option<Environment>, Option<Timestamp>> = BTreeMap::new();
    let mut keyed: Vec<((Option<Timestamp>, usize), Event)> = Vec::with_capacity(events.len());
    for event in events {
        // Clocks differ, but what happened to a pointer happened in this order.
        let newest = newest.entry(event.environment.clone()).or_default();
        *newest = event.changed_at.clone().max(newest.take());
        let rank = rank(event.environment.as_ref(), path);
        keyed.push(((newest.clone(), rank), event));
    }
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.into_iter().map(|(_, event)| event).collect()
}

/// Puts the events of a prompt, which were read chain by chain, into their published order: those in full pages stand as
/// they do in `paged`, the events of these pages. Pages that say something else than the chains are not believed: then
/// the events are merged anew.
pub fn restore_order(events: Vec<Event>, paged: &[Event], path: &[Environment]) -> Vec<Event> {
    if paged.len() != rows_in_full_pages(events.len()) {
        return merge_events(events, path);
    }
    let mut chains: BTreeMap<Option<&Environment>, VecDeque<&Event>> = BTreeMap::new();
    for event in &events {
        chains.entry(event.environment.as_ref()).or_default().push_back(event);
    }
    let mut sorted = Vec::with_capacity(events.len());
    for event in paged {
        let next = chains.get_mut(&event.environment.as_ref()).and_then(VecDeque::pop_front);
        match next.filter(|next| Event { name: None, ..(*next).clone() } == *event) {
            Some(next) => sorted.push(next.clone()),
            None => return merge_events(events, path),
        }
    }
    sorted.extend(chains.into_values().flatten().cloned());
    sorted
}

/// Returns the rank of an event's chain: the catalog first, then along the promotion path.
pub fn rank(environment: Option<&Environment>, path: &[Environment]) -> usize {
    let place =
        |environment| 1 + path.iter().position(|known| known == environment).unwrap_or(path.len());
    environment.map_or(0, place)
}

/// Returns the newest release of each chain among events.
pub(crate) fn sequences(events: &[Event]) -> Sequences {
    let mut sequences = Sequences::new();
    for event in events {
        let chain = event.environment.clone().map_or(Chain::Catalog, Chain::Environment);
        let newest = sequences.entry(chain).or_default();
        *newest = event.sequence.max(*newest);
    }
    sequences
}
