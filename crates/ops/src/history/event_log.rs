//! The events of a tree as a log: those of commits, with the times of their publication, filtered, newest first.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::history::{TreeHistory, rank};
use promptdex_core::published_registry::PublishedHistory;
use promptdex_wire::event::{Change, Target};
use promptdex_wire::history::Event;
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

/// An event, with its publication.
#[derive(Debug, Clone)]
pub struct LoggedEvent<'h> {
    /// The chain that it belongs to.
    pub chain: Chain,
    /// The event.
    pub change: Cow<'h, Change>,
    /// The release that published it, if there is a published registry that has it.
    pub published: Option<Publication>,
    /// Its place among all events.
    place: Place,
}

/// The release that published an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The number of the release.
    pub sequence: u64,
    /// When it was published, if the release says so.
    pub time: Option<Timestamp>,
}

/// The place of an event in time: its commit, and for events that no commit in the clone has the one before.
type Place = (Option<usize>, Option<Timestamp>, usize);

impl LoggedEvent<'_> {
    /// Returns when it happened: the time of its publication if that is known, otherwise of its commit.
    pub fn time(&self) -> Option<&Timestamp> {
        let published = self.published.as_ref().and_then(|published| published.time.as_ref());
        published.or(self.change.at.as_ref())
    }

    /// Returns the environment that it is about, if it is about one.
    fn environment(&self) -> Option<&Environment> {
        match &self.chain {
            Chain::Catalog => None,
            Chain::Environment(environment) => Some(environment),
        }
    }
}

/// The events of a tree.
#[derive(Debug)]
pub struct EventLog<'h> {
    events: Vec<LoggedEvent<'h>>,
    is_published: bool,
}

impl<'h> EventLog<'h> {
    /// Collects the events of the commits of a tree, and of the published registry if there is one. Published
    /// events that the commits do not have, for instance because the clone is shallow, are added.
    pub fn of(history: &'h TreeHistory, published: Option<PublishedHistory>) -> Self {
        let is_published = published.is_some();
        let PublishedHistory { mut prompts, rules, times } = published.unwrap_or_default();
        let mut log = Self { events: Vec::new(), is_published };
        let names = history.prompts.keys().chain(prompts.keys()).cloned();
        let names: BTreeSet<PromptName> = names.collect();
        for name in names {
            let mut by_chain: BTreeMap<Chain, Vec<Event>> = BTreeMap::new();
            for event in prompts.remove(&name).unwrap_or_default() {
                let chain = event.environment.clone().map_or(Chain::Catalog, Chain::Environment);
                by_chain
                    .entry(chain)
                    .or_default()
                    .push(Event { name: Some(name.clone()), ..event });
            }
            let of_commits = history.prompts.get(&name).map(|history| &history.events);
            for (chain, changes) in of_commits.into_iter().flatten() {
                let published = by_chain.remove(chain).unwrap_or_default();
                log.add(history, chain, changes, published, &times);
            }
            for (chain, published) in by_chain {
                log.add(history, &chain, &[], published, &times);
            }
        }
        log.add(history, &CATALOG, &history.rules, rules, &times);
        log
    }

    /// Adds the events of one prompt in one chain: those of commits, and the published ones, each in order.
    fn add(
        &mut self,
        history: &TreeHistory,
        chain: &Chain,
        changes: &'h [Change],
        published: Vec<Event>,
        times: &BTreeMap<(Chain, u64), Timestamp>,
    ) {
        let publication = |sequence: u64| {
            let time = times.get(&(chain.clone(), sequence)).cloned();
            Publication { sequence, time }
        };
        let first = self.events.len();
        for change in changes {
            // Commit times may be equal or wrong, so the order of commits decides.
            let place = change.commit.as_ref().and_then(|commit| history.order.get(commit));
            self.events.push(LoggedEvent {
                chain: chain.clone(),
                change: Cow::Borrowed(change),
                published: None,
                place: (place.copied(), None, 0),
            });
        }
        let (mut next, mut last) = (first, (None, None, 0));
        let end = self.events.len();
        for (count, event) in published.into_iter().enumerate() {
            let sequence = event.sequence;
            let change = event.into_change();
            let own = &self.events[next..end];
            match own.iter().position(|known| is_same(&known.change, &change)) {
                Some(at) => {
                    let known = &mut self.events[next + at];
                    known.published = Some(publication(sequence));
                    last = known.place.clone();
                    next += at + 1;
                }
                None => {
                    let published = publication(sequence);
                    let time = published.time.clone().or_else(|| change.at.clone());
                    self.events.push(LoggedEvent {
                        chain: chain.clone(),
                        change: Cow::Owned(change),
                        published: Some(published),
                        place: (last.0, time, count + 1),
                    });
                }
            }
        }
    }

    /// Lists the events that match a filter, newest first. Events of one commit are sorted by prompt name and by
    /// the promotion path `path`.
    pub fn newest_first(
        &self,
        filter: EventFilter<'_>,
        path: &[Environment],
    ) -> Vec<&LoggedEvent<'h>> {
        let EventFilter { prompt, environment, since } = filter;
        let is_listed = |event: &&LoggedEvent<'_>| {
            prompt.is_none_or(|name| event.change.name.as_ref() == Some(name))
                && environment.is_none_or(|wanted| event.environment() == Some(wanted))
                && since.is_none_or(|since| event.time().is_none_or(|at| at >= since))
        };
        let mut listed: Vec<&LoggedEvent<'h>> = self.events.iter().filter(is_listed).collect();
        listed.sort_by(|a, b| {
            let key = |event: &LoggedEvent<'_>| rank(event.environment(), path);
            (Reverse(&a.place), &a.change.name, key(a)).cmp(&(
                Reverse(&b.place),
                &b.change.name,
                key(b),
            ))
        });
        listed
    }

    /// Lists what environments served at a time, by prompt and the promotion path `path`, each with the event
    /// that put it there. With a published registry, what is not published was not served.
    pub fn served_at(
        &self,
        time: &Timestamp,
        filter: EventFilter<'_>,
        path: &[Environment],
    ) -> Vec<(&LoggedEvent<'h>, &Target)> {
        type Pointer<'e> = (Option<&'e PromptName>, usize, &'e Environment);
        let mut moves: BTreeMap<Pointer<'_>, Vec<&LoggedEvent<'h>>> = BTreeMap::new();
        for event in self.newest_first(filter, path).into_iter().rev() {
            let Some(environment) = event.environment() else { continue };
            if !self.is_published || event.published.is_some() {
                let name = event.change.name.as_ref();
                let pointer = (name, rank(Some(environment), path), environment);
                moves.entry(pointer).or_default().push(event);
            }
        }
        let served = moves.into_values().filter_map(|moves| {
            // Clocks can be wrong, so the order of the moves decides.
            let is_over = |event: &&LoggedEvent<'_>| event.time().is_some_and(|at| at > time);
            let end = moves.iter().position(is_over).unwrap_or(moves.len());
            let last = moves[..end].last()?;
            Some((*last, last.change.after()?))
        });
        served.collect()
    }
}

/// Whether a published event is the one of a commit.
fn is_same(known: &Change, published: &Change) -> bool {
    let is_pointer = known.from.is_some() && known.to.is_some();
    // What a move is called may depend on how much of the past was known.
    (known.operation == published.operation || is_pointer)
        && (&known.commit, &known.from, &known.to)
            == (&published.commit, &published.from, &published.to)
}
