//! What a move of a pointer does: which versions more callers get, and whether it is a way back.

use std::cmp::Ordering;

use promptdex_wire::event::{Operation, Target};
use promptdex_wire::{Environment, Version};

use super::serving_history::ServingHistory;
use super::share::share;

/// A change of the pointer of one environment.
#[derive(Debug, Clone, Copy)]
pub struct PointerChange<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The target before; absent if nothing was served.
    pub from: Option<&'a Target>,
    /// The target after; absent if nothing would be served.
    pub to: Option<&'a Target>,
}

impl<'a> PointerChange<'a> {
    /// Names the move; `None` if nothing moves. Only a move to what the environment has served before is a rollback.
    pub fn operation(&self, past: &ServingHistory) -> Option<Operation> {
        Some(match (self.from, self.to) {
            (None, None) => return None,
            (Some(from), Some(to)) if from == to => return None,
            (None, Some(_)) => Operation::Promoted,
            (Some(_), None) => Operation::Retired,
            (Some(from), Some(to)) => match direction(from, to) {
                Direction::Down if self.is_revert(past) => Operation::Reverted,
                Direction::Up | Direction::Down => Operation::Promoted,
                Direction::Level => Operation::RolledOut,
            },
        })
    }

    /// Returns the versions that more callers get, each once.
    pub fn growing_versions(&self) -> Vec<&'a Version> {
        let mut growing = Vec::new();
        for version in self.to.into_iter().flat_map(Target::versions) {
            if self.share(version) > 0 && !growing.contains(&version) {
                growing.push(version);
            }
        }
        growing
    }

    /// Returns the versions that fewer callers get.
    fn shrinking_versions(&self) -> Vec<&'a Version> {
        let versions = self.from.into_iter().flat_map(Target::versions);
        versions.filter(|version| self.share(version) < 0).collect()
    }

    /// Returns how many more of 10,000 callers get a version.
    fn share(&self, version: &Version) -> i64 {
        let share =
            |target: Option<&Target>| target.map_or(0, |target| i64::from(share(target, version)));
        share(self.to) - share(self.from)
    }

    /// Whether callers only get lower versions than they did, or nothing.
    pub fn goes_down(&self) -> bool {
        let (growing, losing) = (self.growing_versions(), self.shrinking_versions());
        let are_tracks =
            matches!((self.from, self.to), (Some(Target::Tracks(_)), Some(Target::Tracks(_))));
        let is_lower = |new: &&Version| {
            losing.iter().any(|old| *new < *old && (!are_tracks || new.major() == old.major()))
        };
        !losing.is_empty() && growing.iter().all(is_lower)
    }

    /// Whether the environment returns to a target that it served before: a rollback.
    pub fn is_revert(&self, past: &ServingHistory) -> bool {
        let before: Vec<&Version> = self.from.into_iter().flat_map(Target::versions).collect();
        let was_served = |version: &&Version| {
            before.contains(version) || past.has_served(self.environment, version)
        };
        self.goes_down() && self.growing_versions().iter().all(was_served)
    }
}

/// Where the main versions of a pointer move.
enum Direction {
    Up,
    Down,
    /// Only arms or weights differ.
    Level,
}

fn direction(from: &Target, to: &Target) -> Direction {
    match from.main().cmp(&to.main()) {
        Ordering::Less => return Direction::Up,
        Ordering::Greater => return Direction::Down,
        Ordering::Equal => {}
    }
    let (Target::Tracks(from), Target::Tracks(to)) = (from, to) else {
        let is_rollout = [from, to].iter().any(|target| !target.rollouts().is_empty());
        return if is_rollout { Direction::Level } else { Direction::Up };
    };
    let moves: Vec<_> = from
        .targets
        .iter()
        .filter_map(|(major, from)| Some((from, to.targets.get(major)?)))
        .filter(|(from, to)| from != to)
        .collect();
    // Of what happened to several tracks, the weightiest gives the name.
    if moves.iter().any(|(from, to)| to.main() < from.main()) {
        return Direction::Down;
    }
    let has_moved = moves.iter().any(|(from, to)| from.main() != to.main());
    let is_new = to.targets.keys().any(|major| !from.targets.contains_key(major));
    if moves.is_empty() || has_moved || is_new { Direction::Up } else { Direction::Level }
}

#[cfg(test)]
pub(in crate::promotion) mod tests {
    use super::*;

    /// Reads a target: `1.0.0`, `1.1.0 90` for a rollout of 1.1.0 and 1.2.0 with optional keys of its variants,
    /// or `tracks 1.0.0, 2.0.0 main` of these.
    pub(in crate::promotion) fn target(text: &str) -> Option<Target> {
        if text.is_empty() {
            return None;
        }
        let json = match text.strip_prefix("tracks ") {
            None => format!("{{{}}}", line(text)),
            Some(tracks) => {
                let track = |text: &str| {
                    let (text, main) = match text.strip_suffix(" main") {
                        Some(text) => (text, r#", "main": true"#),
                        None => (text, ""),
                    };
                    format!(r#""{}": {{{}{main}}}"#, &text[..1], line(text))
                };
                let tracks: Vec<String> = tracks.split(", ").map(track).collect();
                format!(r#"{{"tracks": {{{}}}}}"#, tracks.join(", "))
            }
        };
        Some(serde_json::from_str(&json).unwrap())
    }

    fn line(text: &str) -> String {
        let Some((old, rest)) = text.split_once(' ') else {
            return format!(r#""version": "{text}""#);
        };
        let mut rest = rest.split(' ');
        let buckets = rest.next().unwrap().parse::<u32>().unwrap() * 100;
        let [a, b] = [rest.next().unwrap_or("a"), rest.next().unwrap_or("b")];
        let arm = |key: &str, version: &str, buckets: u32| {
            format!(
                r#"{{"key": "{key}", "version": "{version}", "weight": 0, "buckets": {buckets}}}"#
            )
        };
        let arms = [arm(a, old, buckets), arm(b, "1.2.0", 10_000 - buckets)].join(", ");
        format!(r#""rollout": {{"arms": [{arms}]}}"#)
    }

    #[test]
    fn moves_of_a_pointer_have_the_words_of_the_format() {
        let environment: Environment = "production".parse().unwrap();
        let mut past = ServingHistory::default();
        for version in ["1.0.0", "1.1.0", "2.0.0", "2.1.0"] {
            past.record_served(&environment, &target(version).unwrap());
        }
        for (from, to, word) in [
            ("", "1.0.0", "promoted"),
            ("", "1.0.0 90", "promoted"),
            ("1.0.0", "1.1.0", "promoted"),
            ("1.1.0", "1.0.0", "reverted"),
            // A lower version that was never served is new there.
            ("1.1.0", "1.0.5", "promoted"),
            ("1.2.0 50", "1.0.5", "promoted"),
            ("1.1.0", "", "retired"),
            ("1.0.0", "1.0.0 90", "rolled_out"),
            ("1.0.0 90", "1.0.0 50", "rolled_out"),
            ("1.0.0 50", "1.0.0", "rolled_out"),
            ("1.0.0 50", "1.2.0", "promoted"),
            ("1.1.0 50", "1.0.0", "reverted"),
            // A lower version comes with a higher one that was never served.
            ("1.1.0", "1.0.0 50", "promoted"),
            ("1.0.0", "tracks 1.0.0, 2.0.0", "promoted"),
            ("tracks 1.0.0, 2.1.0", "tracks 1.0.0, 2.0.0", "reverted"),
            ("tracks 1.0.0, 2.1.0", "tracks 1.0.0, 2.0.5", "promoted"),
            ("tracks 1.0.0, 2.0.0", "tracks 1.1.0, 2.0.0", "promoted"),
            // One track goes down and another up.
            ("tracks 1.1.0, 2.0.0", "tracks 1.0.0, 2.1.0", "promoted"),
            ("tracks 1.0.0 90", "tracks 1.0.0 50", "rolled_out"),
            ("1.0.0", "1.0.0", ""),
        ] {
            let targets = (target(from), target(to));
            let (from_target, to_target) = (targets.0.as_ref(), targets.1.as_ref());
            let moved =
                PointerChange { environment: &environment, from: from_target, to: to_target };
            let operation = moved.operation(&past);
            assert_eq!(operation.map_or("", Operation::as_str), word, "{from} → {to}");
        }
    }

    #[test]
    fn going_back_is_going_down_to_what_was_served() {
        let environment: Environment = "production".parse().unwrap();
        let mut past = ServingHistory::default();
        for version in ["1.0.0", "1.1.0", "2.0.0"] {
            past.record_served(&environment, &target(version).unwrap());
        }
        for (from, to, expected) in [
            ("1.1.0", "1.0.0", true),
            ("1.0.0", "1.1.0", false),
            ("1.2.0", "1.0.5", false),
            ("", "1.0.0", false),
            ("1.0.0", "", true),
            // A canary that grows, and one that is taken back.
            ("1.1.0", "1.1.0 90", false),
            ("1.1.0 90", "1.1.0 50", false),
            ("1.1.0 50", "1.1.0 90", true),
            ("1.1.0 50", "1.1.0", true),
            ("1.1.0 50", "1.2.0", false),
            ("1.1.0 50", "1.0.0", true),
            // A track that comes, goes, or goes back while another goes on.
            ("1.1.0", "tracks 1.1.0, 2.0.0", false),
            ("tracks 1.1.0, 2.0.0", "tracks 1.1.0", true),
            ("tracks 1.1.0, 2.1.0", "tracks 1.1.0, 2.0.0", true),
            ("tracks 1.0.0, 2.1.0", "tracks 1.1.0, 2.0.0", false),
            // A rollout in one of two tracks, and another main track.
            ("tracks 1.1.0, 2.0.0", "tracks 1.1.0 90, 2.0.0", false),
            ("tracks 1.1.0 50, 2.0.0", "tracks 1.1.0, 2.0.0", true),
            ("tracks 1.1.0, 2.0.0", "tracks 1.1.0, 2.0.0 main", false),
        ] {
            let (from_target, to_target) = (target(from), target(to));
            let moved = PointerChange {
                environment: &environment,
                from: from_target.as_ref(),
                to: to_target.as_ref(),
            };
            assert_eq!(moved.is_revert(&past), expected, "{from} → {to}");
        }
    }
}
