//! What changed since a registry was published, in the words of its releases.

use std::collections::BTreeMap;

use promptdex_wire::catalog::{ListedVersion, State, VersionRow};
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::{PromptName, Version};

/// Compares the versions of a prompt with the published ones, lowest first. A state that is taken
/// back is its own operation with `from` alone.
pub(super) fn of_versions(
    name: &PromptName,
    before: &BTreeMap<Version, ListedVersion>,
    rows: &[VersionRow],
) -> Vec<Change> {
    let mut changes = Vec::new();
    for row in rows.iter().rev() {
        let target = || Some(Target::Version(row.version.clone()));
        let old = before.get(&row.version);
        if old.is_none() {
            changes.push(change(name, Operation::Created, None, target(), None));
        }
        let old_state = old.map_or(State::Active, |old| old.state);
        let old_reason = old.and_then(|old| old.reason.as_ref());
        if old_state == row.state && old_reason == row.reason.as_ref() {
            continue;
        }
        let reason = row.reason.clone();
        if let Some(operation) = operation(row.state) {
            let from = target().filter(|_| old_state == row.state);
            changes.push(change(name, operation, from, target(), reason));
        } else if let Some(operation) = operation(old_state) {
            changes.push(change(name, operation, target(), None, None));
        }
    }
    changes
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

/// Compares what an environment serves for a prompt with what it served.
pub(super) fn of_pointer(
    name: &PromptName,
    from: Option<Target>,
    to: Option<Target>,
) -> Option<Change> {
    let operation = match (&from, &to) {
        (None, None) => return None,
        (None, Some(_)) => Operation::Promoted,
        (Some(_), None) => Operation::Retired,
        (Some(from), Some(to)) if from == to => return None,
        (Some(from), Some(to)) => moved(from, to),
    };
    Some(change(name, operation, from, to, None))
}

/// Names a move between two targets.
fn moved(from: &Target, to: &Target) -> Operation {
    match from.main().cmp(&to.main()) {
        std::cmp::Ordering::Less => return Operation::Promoted,
        std::cmp::Ordering::Greater => return Operation::Reverted,
        std::cmp::Ordering::Equal => {}
    }
    match (from, to) {
        (Target::Rollout(_), _) | (_, Target::Rollout(_)) => Operation::RolledOut,
        (Target::Tracks(from), Target::Tracks(to)) => {
            let is_lower =
                from.iter().any(|(major, from)| to.get(major).is_some_and(|to| to < from));
            if is_lower { Operation::Reverted } else { Operation::Promoted }
        }
        (Target::Version(_) | Target::Tracks(_), Target::Version(_) | Target::Tracks(_)) => {
            Operation::Promoted
        }
    }
}

fn change(
    name: &PromptName,
    operation: Operation,
    from: Option<Target>,
    to: Option<Target>,
    reason: Option<String>,
) -> Change {
    Change { name: name.clone(), operation, from, to, by: None, at: None, commit: None, reason }
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
                r#"{{"rollout": {{"arms": [{{"key": "a", "version": "{control}", "weight": {weight}}}, {{"key": "b", "version": "1.2.0", "weight": {rest}}}]}}}}"#
            )
        };
        let version = |version: &str| format!(r#"{{"version": "{version}"}}"#);
        let tracks =
            |one: &str, two: &str| format!(r#"{{"tracks": {{"1": "{one}", "2": "{two}"}}}}"#);
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
            (version("1.0.0"), version("1.0.0"), ""),
        ] {
            let change = of_pointer(&"a".parse().unwrap(), target(&from), target(&to));
            let found = change.map_or(String::new(), |change| {
                serde_json::to_value(change.operation).unwrap().as_str().unwrap().to_owned()
            });
            assert_eq!(found, word, "{from} → {to}");
        }
    }
}
