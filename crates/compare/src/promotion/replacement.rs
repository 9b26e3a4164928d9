//! Which versions apps get instead of others when the target of an environment changes.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::Version;
use promptdex_wire::event::Target;

/// The replacement of one version by another: apps that get the first would get the second.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replacement {
    /// The version that apps get now.
    pub from: Version,
    /// The version that they would get.
    pub to: Version,
    /// Which apps those are.
    pub reach: Reach,
}

/// The apps for which a version is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All apps that ask for the environment alone, or for a track that goes on. The new version has to keep the
    /// contract of the old one.
    All,
    /// A share of them, as long as a rollout lasts. The variants of a rollout are held to be compatible with one
    /// another by a check of their own.
    Share,
    /// The apps that ask for a new major version; until they do, nothing changes for them.
    NewTrack,
}

/// Pairs the versions with which two targets answer the same request: per track, or the main versions.
#[must_use]
pub fn counterparts(before: &Target, after: &Target) -> Vec<(Version, Version)> {
    let main = || before.main().cloned().zip(after.main().cloned());
    if !has_tracks(before) && !has_tracks(after) {
        return main().into_iter().collect();
    }
    let mut after_tracks = tracks(after);
    let both = tracks(before).into_iter();
    let pairs: Vec<(Version, Version)> =
        both.filter_map(|(major, old)| Some((old, after_tracks.remove(&major)?))).collect();
    if pairs.is_empty() { main().into_iter().collect() } else { pairs }
}

/// Lists which versions apps would get instead of which, in order. Each pair of versions is listed once, with the
/// widest reach that it has.
#[must_use]
pub fn replacements(before: &Target, after: &Target) -> Vec<Replacement> {
    let mut reaches: BTreeMap<(Version, Version), Reach> = BTreeMap::new();
    let mut add = |(from, to): (Version, Version), reach: Reach| {
        if from != to {
            let known = reaches.entry((from, to)).or_insert(reach);
            *known = reach.min(*known);
        }
    };
    counterparts(before, after).into_iter().for_each(|pair| add(pair, Reach::All));
    // Apps that ask for nothing special get the lowest track.
    before
        .main()
        .cloned()
        .zip(after.main().cloned())
        .into_iter()
        .for_each(|pair| add(pair, Reach::All));
    if has_tracks(before) || has_tracks(after) {
        for pair in new_tracks(before, after) {
            add(pair, Reach::NewTrack);
        }
    } else {
        for pair in shares(before, after) {
            add(pair, Reach::Share);
        }
    }
    reaches.into_iter().map(|((from, to), reach)| Replacement { from, to, reach }).collect()
}

fn has_tracks(target: &Target) -> bool {
    matches!(target, Target::Tracks(_))
}

/// Returns the versions by their tracks; what is served without tracks is one.
fn tracks(target: &Target) -> BTreeMap<u64, Version> {
    match target {
        Target::Tracks(tracks) => tracks.clone(),
        Target::Version(_) | Target::Rollout(_) => {
            target.main().map(|main| (main.major(), main.clone())).into_iter().collect()
        }
    }
}

/// Pairs each new track with the highest version below it, which is what apps leave for it.
fn new_tracks(before: &Target, after: &Target) -> Vec<(Version, Version)> {
    let majors: BTreeSet<u64> = before.versions().into_iter().map(Version::major).collect();
    let new = after.versions().into_iter().filter(|version| !majors.contains(&version.major()));
    new.filter_map(|new| {
        let below = before.versions().into_iter().filter(|old| *old < new).max()?;
        Some((below.clone(), new.clone()))
    })
    .collect()
}

/// Pairs the main version with the other variants of a rollout that begins or goes on, or the other variants of one
/// that ends with the version that stays.
fn shares(before: &Target, after: &Target) -> Vec<(Version, Version)> {
    let (Some(main), Some(new)) = (before.main(), after.main()) else { return Vec::new() };
    let others = after.versions().into_iter().filter(|version| *version != main);
    let pairs: Vec<_> = others.map(|version| (main.clone(), version.clone())).collect();
    if !pairs.is_empty() {
        return pairs;
    }
    let others = before.versions().into_iter().filter(|version| *version != new);
    others.map(|version| (version.clone(), new.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promotion::pointer_change::tests::target;

    const TRACKS: &str = r#"tracks "1": "1.0.0", "2": "2.0.0""#;

    #[test]
    fn every_pair_of_targets_has_one_answer() {
        for (before, after, expected) in [
            ("1.0.0", "1.0.0", ""),
            ("1.0.0", "1.1.0", "1.0.0 → 1.1.0 All"),
            ("1.1.0", "1.0.0", "1.1.0 → 1.0.0 All"),
            ("1.0.0", "2.0.0", "1.0.0 → 2.0.0 All"),
            // A rollout begins, grows, ends with the new version, and ends with the old one.
            ("1.1.0", "1.1.0 90", "1.1.0 → 1.2.0 Share"),
            ("1.1.0 90", "1.1.0 50", "1.1.0 → 1.2.0 Share"),
            ("1.1.0 50", "1.2.0", "1.1.0 → 1.2.0 All"),
            ("1.1.0 50", "1.1.0", "1.2.0 → 1.1.0 Share"),
            ("1.1.0 50", "1.0.0", "1.1.0 → 1.0.0 All"),
            // A rollout of other versions takes the place of what was served.
            ("1.0.0", "1.1.0 50", "1.0.0 → 1.1.0 All, 1.0.0 → 1.2.0 Share"),
            // A new track is for the apps that ask for it, and one that goes on is for all of its own.
            ("1.0.0", TRACKS, "1.0.0 → 2.0.0 NewTrack"),
            ("1.1.0", TRACKS, "1.1.0 → 1.0.0 All, 1.1.0 → 2.0.0 NewTrack"),
            (TRACKS, r#"tracks "1": "1.1.0", "2": "2.0.0""#, "1.0.0 → 1.1.0 All"),
            (
                TRACKS,
                r#"tracks "1": "1.1.0", "2": "2.1.0""#,
                "1.0.0 → 1.1.0 All, 2.0.0 → 2.1.0 All",
            ),
            (
                TRACKS,
                r#"tracks "1": "1.0.0", "2": "2.0.0", "3": "3.0.0""#,
                "2.0.0 → 3.0.0 NewTrack",
            ),
            // A track that goes leaves its apps with nothing.
            (TRACKS, r#"tracks "1": "1.0.0""#, ""),
            // Apps that ask for nothing special come to the track that is the lowest then.
            (TRACKS, r#"tracks "2": "2.0.0""#, "1.0.0 → 2.0.0 All"),
            (TRACKS, "2.1.0", "1.0.0 → 2.1.0 All, 2.0.0 → 2.1.0 All"),
            ("1.1.0 50", TRACKS, "1.1.0 → 1.0.0 All, 1.2.0 → 2.0.0 NewTrack"),
        ] {
            let list = replacements(&target(before).unwrap(), &target(after).unwrap());
            let list: Vec<String> = list
                .iter()
                .map(|Replacement { from, to, reach }| format!("{from} → {to} {reach:?}"))
                .collect();
            assert_eq!(list.join(", "), expected, "{before} → {after}");
        }
    }

    #[test]
    fn versions_that_answer_the_same_request_are_paired() {
        for (before, after, expected) in [
            ("1.0.0", "1.0.0", "1.0.0/1.0.0"),
            ("1.0.0", "2.0.0", "1.0.0/2.0.0"),
            ("1.1.0 50", "1.2.0", "1.1.0/1.2.0"),
            ("1.1.0", TRACKS, "1.1.0/1.0.0"),
            ("3.0.0", TRACKS, "3.0.0/1.0.0"),
            (TRACKS, r#"tracks "1": "1.1.0", "2": "2.0.0""#, "1.0.0/1.1.0, 2.0.0/2.0.0"),
        ] {
            let pairs = counterparts(&target(before).unwrap(), &target(after).unwrap());
            let pairs: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}/{b}")).collect();
            assert_eq!(pairs.join(", "), expected, "{before} → {after}");
        }
    }
}
