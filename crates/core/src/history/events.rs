//! Orders the events of several chains.

use std::collections::BTreeMap;

use promptdex_wire::history::Event;
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
