//! What a move of a pointer does: which versions more callers get, and whether it is a way back.

use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Version};

use super::Past;

/// A pointer that moves.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// What it serves; absent when that is nothing.
    pub from: Option<&'a Target>,
    /// What it would serve.
    pub to: Option<&'a Target>,
}

impl<'a> Moved<'a> {
    /// Returns the versions that more callers get, each once.
    pub fn growing(&self) -> Vec<&'a Version> {
        let mut growing = Vec::new();
        for version in self.to.into_iter().flat_map(Target::versions) {
            if self.share(version) > 0 && !growing.contains(&version) {
                growing.push(version);
            }
        }
        growing
    }

    /// Returns the versions that fewer callers get.
    fn losing(&self) -> Vec<&'a Version> {
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
        let (growing, losing) = (self.growing(), self.losing());
        let are_tracks =
            matches!((self.from, self.to), (Some(Target::Tracks(_)), Some(Target::Tracks(_))));
        let is_lower = |new: &&Version| {
            losing.iter().any(|old| *new < *old && (!are_tracks || new.major() == old.major()))
        };
        !losing.is_empty() && growing.iter().all(is_lower)
    }

    /// Whether an environment goes back to what it has served before.
    pub fn is_revert(&self, past: &Past) -> bool {
        let before: Vec<&Version> = self.from.into_iter().flat_map(Target::versions).collect();
        let was_served = |version: &&Version| {
            before.contains(version) || past.has_served(self.environment, version)
        };
        self.goes_down() && self.growing().iter().all(was_served)
    }
}

/// Returns how many of 10,000 callers a target gives a version to.
pub fn share(target: &Target, version: &Version) -> u32 {
    match target {
        Target::Rollout(rollout) => {
            let arms = rollout.arms.iter().filter(|arm| arm.version == *version);
            arms.map(|arm| u32::from(arm.weight.hundredths())).sum()
        }
        Target::Version(_) | Target::Tracks(_) if target.versions().contains(&version) => 10_000,
        Target::Version(_) | Target::Tracks(_) => 0,
    }
}

/// Pairs what callers get now with what they would get: those that ask for nothing special, and those
/// of each track. A track that is new has no callers yet.
pub fn replaced<'a>(before: &'a Target, after: &'a Target) -> Vec<(&'a Version, &'a Version)> {
    let tracks = |target: &'a Target| -> Vec<&'a Version> {
        match target {
            Target::Tracks(_) => target.versions(),
            Target::Version(_) | Target::Rollout(_) => target.main().into_iter().collect(),
        }
    };
    let mut pairs = Vec::new();
    let mut add = |old: &'a Version, new: &'a Version| {
        if old != new && !pairs.contains(&(old, new)) {
            pairs.push((old, new));
        }
    };
    for old in tracks(before) {
        for new in tracks(after) {
            if new.major() == old.major() {
                add(old, new);
            }
        }
    }
    if let (Some(old), Some(new)) = (before.main(), after.main()) {
        add(old, new);
    }
    pairs
}

/// What becomes of a prompt when everything that an environment serves is promoted to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promoted {
    /// That serves it already.
    Same,
    /// It is left as it is, because of this: what runs beside other tracks or in a rollout is somebody's decision
    /// about this prompt.
    Left(String),
    /// That would serve this.
    To(Target),
}

/// Says what promoting what `from` serves to another environment makes of a prompt; `served` is what that one serves.
pub fn promoted(
    (from, target): (&Environment, &Target),
    (to, served): (&Environment, Option<&Target>),
) -> Promoted {
    let after = match (target, served) {
        (target, Some(served)) if target == served => return Promoted::Same,
        (Target::Rollout(_), _) => return Promoted::Left(format!("{from} is rolling it out")),
        (Target::Version(_), Some(Target::Rollout(_))) => {
            return Promoted::Left(format!("{to} is rolling it out"));
        }
        (Target::Version(version), Some(Target::Tracks(tracks))) => {
            let track = version.major();
            if !tracks.contains_key(&track) {
                return Promoted::Left(format!("{to} has no track {track}"));
            }
            let mut tracks = tracks.clone();
            tracks.insert(track, version.clone());
            Target::Tracks(tracks)
        }
        (Target::Version(_), None | Some(Target::Version(_))) | (Target::Tracks(_), _) => {
            target.clone()
        }
    };
    if served == Some(&after) { Promoted::Same } else { Promoted::To(after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Option<Target> {
        let text = match text.split_once(' ') {
            None if text.is_empty() => return None,
            None => format!(r#"{{"version": "{text}"}}"#),
            Some(("tracks", tracks)) => format!(r#"{{"tracks": {{{tracks}}}}}"#),
            Some((old, weight)) => format!(
                r#"{{"rollout": {{"arms": [{{"key": "a", "version": "{old}", "weight": {weight}}}, {{"key": "b", "version": "1.2.0", "weight": {}}}]}}}}"#,
                100 - weight.parse::<u32>().unwrap()
            ),
        };
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn going_back_is_going_down_to_what_was_served() {
        let environment: Environment = "production".parse().unwrap();
        let mut past = Past::default();
        for version in ["1.0.0", "1.1.0", "2.0.0"] {
            past.serves(&environment, &target(version).unwrap());
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
            ("1.1.0", r#"tracks "1": "1.1.0", "2": "2.0.0""#, false),
            (r#"tracks "1": "1.1.0", "2": "2.0.0""#, r#"tracks "1": "1.1.0""#, true),
            (r#"tracks "1": "1.1.0", "2": "2.1.0""#, r#"tracks "1": "1.1.0", "2": "2.0.0""#, true),
            (r#"tracks "1": "1.0.0", "2": "2.1.0""#, r#"tracks "1": "1.1.0", "2": "2.0.0""#, false),
        ] {
            let (from_target, to_target) = (target(from), target(to));
            let moved = Moved {
                environment: &environment,
                from: from_target.as_ref(),
                to: to_target.as_ref(),
            };
            assert_eq!(moved.is_revert(&past), expected, "{from} → {to}");
        }
    }

    #[test]
    fn what_runs_beside_others_is_left() {
        let (staging, production) = ("staging".parse().unwrap(), "production".parse().unwrap());
        let to = |text: &str| Promoted::To(target(text).unwrap());
        let left = |why: &str| Promoted::Left(why.to_owned());
        let tracks = r#"tracks "1": "1.0.0", "2": "2.0.0""#;
        for (from, served, expected) in [
            ("1.1.0", "", to("1.1.0")),
            ("1.1.0", "1.0.0", to("1.1.0")),
            ("1.1.0", "1.1.0", Promoted::Same),
            ("1.1.0", "1.1.0 90", left("production is rolling it out")),
            ("1.1.0", tracks, to(r#"tracks "1": "1.1.0", "2": "2.0.0""#)),
            ("1.0.0", tracks, Promoted::Same),
            ("3.0.0", tracks, left("production has no track 3")),
            (tracks, "1.0.0", to(tracks)),
            (tracks, tracks, Promoted::Same),
            ("1.1.0 90", "1.1.0", left("staging is rolling it out")),
            ("1.1.0 90", "1.1.0 90", Promoted::Same),
        ] {
            let promoted = promoted(
                (&staging, &target(from).unwrap()),
                (&production, target(served).as_ref()),
            );
            assert_eq!(promoted, expected, "{from} → {served}");
        }
    }
}
