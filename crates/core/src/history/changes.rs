//! Names the changes of a prompt: compares two of its states, and returns the events that releases and
//! histories record.

use std::collections::BTreeMap;

use promptdex_compare::promotion::{PointerChange, ServingHistory};
use promptdex_wire::catalog::{ListedVersion, State, VersionRow};
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::history::Event;
use promptdex_wire::{Environment, Json, Open, PromptName, Version};

/// Returns the events of the versions of a prompt since the last release, version by version: the events
/// from Git if they lead from the published state to the current one, otherwise the difference.
pub(crate) fn of_versions(
    name: &PromptName,
    before: &BTreeMap<Version, ListedVersion>,
    rows: &[VersionRow],
    events: &[Change],
) -> Vec<Change> {
    let mut changes: Vec<(usize, Change)> = Vec::new();
    let numbered: Vec<(usize, &Change)> = events.iter().enumerate().collect();
    for row in rows.iter().rev() {
        let old = before
            .get(&row.version)
            .map(|old| (old.state.get().unwrap_or_default(), old.reason.as_deref()));
        let new = (row.state.get().unwrap_or_default(), row.reason.as_deref());
        if old == Some(new) {
            continue;
        }
        let git_changes =
            numbered.iter().filter(|(_, change)| version_of(change) == Some(&row.version));
        let mut git_changes: Vec<(usize, &Change)> = git_changes.copied().collect();
        // A version that was removed and made again before it was published began anew.
        let is_removal = |(_, change): &(usize, &Change)| change.operation.word() == REMOVED;
        if let Some(last) = git_changes.iter().rposition(is_removal) {
            git_changes.drain(..=last);
        }
        git_changes.retain(|(_, change)| change.operation.word() != EDITED);
        if replay(old, git_changes.iter().map(|(_, change)| *change)) == Some(new) {
            changes.extend(git_changes.into_iter().map(|(at, change)| (at, change.clone())));
            continue;
        }
        let created = old.is_none().then(|| version_addition(name, &row.version));
        let state = state_change(name, &row.version, old.unwrap_or_default(), new);
        for change in created.into_iter().chain(state) {
            // Only what happened last can have come to what there is.
            let last = git_changes.last().filter(|(_, earlier)| earlier.reason == change.reason);
            let same = last.filter(|(_, earlier)| earlier.operation == change.operation);
            let at = same.map_or(usize::MAX, |(at, _)| *at);
            changes.push((at, attribute(change, same.map(|(_, earlier)| *earlier))));
        }
    }
    changes.sort_by_key(|(at, _)| *at);
    changes.into_iter().map(|(_, change)| change).collect()
}

/// What the pointer of an environment is compared with to tell what happened to it.
pub(crate) struct PointerPast<'a> {
    /// The environment.
    pub(crate) environment: &'a Environment,
    /// What it served, as published.
    pub(crate) served: &'a ServingHistory,
    /// Whether the chain has no release yet.
    pub(crate) is_first: bool,
    /// The change of `registry.yaml` that an environment may have come or gone with.
    pub(crate) settings: Option<&'a Change>,
}

/// Returns the events of a pointer since the last release: the events from Git if they lead from the
/// published target to the current one, otherwise the difference, with the change of `registry.yaml` as its
/// origin if Git knows of none. What came and went between two releases was never served; the first release of
/// a chain tells everything.
pub(crate) fn of_pointer(
    name: &PromptName,
    from: Option<Target>,
    to: Option<Target>,
    events: &[Change],
    past: &PointerPast<'_>,
) -> Vec<Change> {
    let is_chain = events.windows(2).all(|pair| pair[0].to == pair[1].from);
    let ends = events.first().zip(events.last());
    let leads = is_chain
        && ends.is_some_and(|(first, last)| {
            first.before() == from.as_ref() && last.after() == to.as_ref()
        });
    let Some(change) = pointer_move(name, past.environment, from, to, past.served) else {
        return if leads && past.is_first { name_moves(events, past) } else { Vec::new() };
    };
    if leads {
        return name_moves(events, past);
    }
    // Only what happened last can have come to what there is.
    let same = events.last().filter(|event| event.to == change.to);
    vec![attribute(change, same.or(past.settings))]
}

/// Names moves of a pointer that follow what is published. Git's history may begin later, so that it does not
/// tell which versions were served before.
fn name_moves(events: &[Change], past: &PointerPast<'_>) -> Vec<Change> {
    let mut served = past.served.clone();
    let mut named = events.to_vec();
    for change in &mut named {
        let (from, to) = (change.before(), change.after());
        let moved = PointerChange { environment: past.environment, from, to };
        let operation = moved.operation(&served);
        served.record(past.environment, from, to, None);
        if let Some(operation) = operation {
            change.operation = operation.into();
        }
    }
    named
}

/// Reads which versions environments served from published events of a prompt.
pub(crate) fn served_in(events: &[Event]) -> ServingHistory {
    let mut served = ServingHistory::default();
    for event in events {
        if let Some(environment) = &event.environment {
            served.record(environment, event.before(), event.after(), None);
        }
    }
    served
}

/// Returns the event of a new version.
pub fn version_addition(name: &PromptName, version: &Version) -> Change {
    let to = Target::Version(version.clone());
    Change::new(Some(name.clone()), Operation::Created, None, Some(to))
}

/// Compares the state of a version and its reason with what they were. A state that is taken back is its
/// own operation with `from` alone.
pub fn state_change(
    name: &PromptName,
    version: &Version,
    (old, old_reason): (State, Option<&str>),
    (new, reason): (State, Option<&str>),
) -> Option<Change> {
    if (old, old_reason) == (new, reason) {
        return None;
    }
    let target = || Some(Target::Version(version.clone()));
    let name = || Some(name.clone());
    let set = |operation| {
        let from = target().filter(|_| old == new);
        let reason = reason.map(str::to_owned);
        Change { reason, ..Change::new(name(), operation, from, target()) }
    };
    let back = |operation| Change::new(name(), operation, target(), None);
    operation(new).map(set).or_else(|| operation(old).map(back))
}

/// Returns the event of a version whose files changed after it had come to the branch.
pub fn version_edit(name: &PromptName, version: &Version) -> Change {
    let target = || Some(Open::Known(Target::Version(version.clone())));
    Change { from: target(), to: target(), ..log_change(name, EDITED) }
}

/// Returns the event of a version that the tree does not have any more.
pub fn version_removal(name: &PromptName, version: &Version) -> Change {
    let from = Open::Known(Target::Version(version.clone()));
    Change { from: Some(from), ..log_change(name, REMOVED) }
}

/// What happened to versions, in reserved words of the format that only the log has: what is published neither
/// changes nor goes away.
const EDITED: &str = "edited";
const REMOVED: &str = "removed";

fn log_change(name: &PromptName, word: &str) -> Change {
    let change = Change::new(Some(name.clone()), Operation::Created, None, None);
    match Json::from_text(format!("\"{word}\"")) {
        Ok(word) => Change { operation: Open::Unknown(word), ..change },
        Err(_) => change,
    }
}

/// Returns the event of a pointer that moved from one target to another; `past` is what the environment served
/// before.
pub fn pointer_move(
    name: &PromptName,
    environment: &Environment,
    from: Option<Target>,
    to: Option<Target>,
    past: &ServingHistory,
) -> Option<Change> {
    let moved = PointerChange { environment, from: from.as_ref(), to: to.as_ref() };
    let operation = moved.operation(past)?;
    Some(Change::new(Some(name.clone()), operation, from, to))
}

fn operation(state: State) -> Option<Operation> {
    match state {
        State::Active => None,
        State::Deprecated => Some(Operation::Deprecated),
        State::Yanked => Some(Operation::Yanked),
        State::Archived => Some(Operation::Archived),
        State::Redacted => Some(Operation::Redacted),
    }
}

/// Returns the state that an operation gives, or takes back.
pub fn state_of(operation: Operation) -> Option<State> {
    match operation {
        Operation::Deprecated => Some(State::Deprecated),
        Operation::Yanked => Some(State::Yanked),
        Operation::Archived => Some(State::Archived),
        Operation::Redacted => Some(State::Redacted),
        Operation::Created
        | Operation::Promoted
        | Operation::RolledOut
        | Operation::Reverted
        | Operation::Retired
        | Operation::RulesChanged => None,
    }
}

/// Returns the version that an event of the catalog is about.
pub(super) fn version_of(change: &Change) -> Option<&Version> {
    change.after().or(change.before()).and_then(Target::main)
}

/// Returns the state of a version after events, if they can follow one another.
fn replay<'e>(
    before: Option<(State, Option<&'e str>)>,
    events: impl Iterator<Item = &'e Change>,
) -> Option<(State, Option<&'e str>)> {
    let mut now = before;
    for change in events {
        now = match (now, change.operation.get().and_then(state_of)) {
            (None, None) => Some((State::Active, None)),
            (Some(_), Some(state)) if change.to.is_some() => {
                Some((state, change.reason.as_deref()))
            }
            (Some((old, _)), Some(state)) if old == state => Some((State::Active, None)),
            _ => return None,
        };
    }
    now
}

/// Copies author, time and commit from the origin of a change. The reason of a state stays.
fn attribute(change: Change, origin: Option<&Change>) -> Change {
    let Some(origin) = origin.cloned() else { return change };
    let Change { name, operation, from, to, reason, .. } = change;
    let is_state = operation.get().and_then(state_of).is_some();
    let reason = reason.or_else(|| origin.reason.clone().filter(|_| !is_state));
    Change { name, operation, from, to, reason, ..origin }
}
