//! Names the changes of a prompt: compares two of its states, and returns the events that releases and
//! histories record.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{ListedVersion, State, VersionRow};
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{PromptName, Version};

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
        let git_changes: Vec<(usize, &Change)> = git_changes.copied().collect();
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

/// Returns the events of a pointer since the last release: the events from Git if they lead from the
/// published target to the current one, otherwise the difference, with `settings` as its origin if Git
/// knows of none. What came and went between two releases was never served; the first release of a chain
/// (`is_first`) tells everything.
pub(crate) fn of_pointer(
    name: &PromptName,
    from: Option<Target>,
    to: Option<Target>,
    events: &[Change],
    is_first: bool,
    settings: Option<&Change>,
) -> Vec<Change> {
    let is_chain = events.windows(2).all(|pair| pair[0].to == pair[1].from);
    let ends = events.first().zip(events.last());
    let leads = is_chain
        && ends.is_some_and(|(first, last)| {
            first.before() == from.as_ref() && last.after() == to.as_ref()
        });
    let Some(change) = pointer_move(name, from, to) else {
        return if leads && is_first { events.to_vec() } else { Vec::new() };
    };
    if leads {
        return events.to_vec();
    }
    // Only what happened last can have come to what there is.
    let same = events.last().filter(|event| event.to == change.to);
    vec![attribute(change, same.or(settings))]
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

/// Returns the event of a pointer that moved from one target to another.
pub fn pointer_move(name: &PromptName, from: Option<Target>, to: Option<Target>) -> Option<Change> {
    let operation = match (&from, &to) {
        (None, None) => return None,
        (None, Some(_)) => Operation::Promoted,
        (Some(_), None) => Operation::Retired,
        (Some(from), Some(to)) if from == to => return None,
        (Some(from), Some(to)) => classify_move(from, to),
    };
    Some(Change::new(Some(name.clone()), operation, from, to))
}

/// Names a move between two targets.
fn classify_move(from: &Target, to: &Target) -> Operation {
    match from.main().cmp(&to.main()) {
        std::cmp::Ordering::Less => return Operation::Promoted,
        std::cmp::Ordering::Greater => return Operation::Reverted,
        std::cmp::Ordering::Equal => {}
    }
    let (Target::Tracks(from), Target::Tracks(to)) = (from, to) else {
        let is_rollout = [from, to].iter().any(|target| !target.rollouts().is_empty());
        return if is_rollout { Operation::RolledOut } else { Operation::Promoted };
    };
    // Of what happened to several tracks, the weightiest gives the name.
    let moves: Vec<_> = from
        .targets
        .iter()
        .filter_map(|(major, from)| Some((from, to.targets.get(major)?)))
        .filter(|(from, to)| from != to)
        .collect();
    if moves.iter().any(|(from, to)| to.main() < from.main()) {
        return Operation::Reverted;
    }
    let has_moved = moves.iter().any(|(from, to)| from.main() != to.main());
    let is_new = to.targets.keys().any(|major| !from.targets.contains_key(major));
    if moves.is_empty() || has_moved || is_new {
        return Operation::Promoted;
    }
    Operation::RolledOut
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a pointer as the source writes it.
    fn target(text: &str) -> Option<Target> {
        (!text.is_empty()).then(|| serde_json::from_str(text).unwrap())
    }

    #[test]
    fn moves_of_a_pointer_have_the_words_of_the_format() {
        let arms = |control: &str, weight: u8| {
            let rest = 100 - weight;
            format!(
                r#"{{"rollout": {{"arms": [{{"key": "a", "version": "{control}", "weight": 0, "buckets": {weight}00}}, {{"key": "b", "version": "1.2.0", "weight": 0, "buckets": {rest}00}}]}}}}"#
            )
        };
        let version = |version: &str| format!(r#"{{"version": "{version}"}}"#);
        let tracks = |one: &str, two: &str| {
            let (one, two) = (version(one), version(two));
            format!(r#"{{"tracks": {{"1": {one}, "2": {two}}}}}"#)
        };
        for (from, to, word) in [
            (String::new(), version("1.0.0"), "promoted"),
            (String::new(), arms("1.0.0", 90), "promoted"),
            (version("1.0.0"), version("1.1.0"), "promoted"),
            (version("1.1.0"), version("1.0.0"), "reverted"),
            (version("1.1.0"), String::new(), "retired"),
            (version("1.0.0"), arms("1.0.0", 90), "rolled_out"),
            (arms("1.0.0", 90), arms("1.0.0", 50), "rolled_out"),
            (arms("1.0.0", 50), version("1.0.0"), "rolled_out"),
            (arms("1.0.0", 50), version("1.2.0"), "promoted"),
            (version("1.0.0"), tracks("1.0.0", "2.0.0"), "promoted"),
            (tracks("1.0.0", "2.1.0"), tracks("1.0.0", "2.0.0"), "reverted"),
            (tracks("1.0.0", "2.0.0"), tracks("1.1.0", "2.0.0"), "promoted"),
            (tracks("1.1.0", "2.0.0"), tracks("1.0.0", "2.1.0"), "reverted"),
            (
                format!(r#"{{"tracks": {{"1": {}}}}}"#, arms("1.0.0", 90)),
                format!(r#"{{"tracks": {{"1": {}}}}}"#, arms("1.0.0", 50)),
                "rolled_out",
            ),
            (version("1.0.0"), version("1.0.0"), ""),
        ] {
            let change = pointer_move(&"a".parse().unwrap(), target(&from), target(&to));
            let found = change.map_or(String::new(), |change| {
                serde_json::to_value(change.operation).unwrap().as_str().unwrap().to_owned()
            });
            assert_eq!(found, word, "{from} → {to}");
        }
    }
}
