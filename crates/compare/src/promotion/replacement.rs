//! Which versions apps get instead of others when the target of an environment changes.

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
pub fn counterparts<'a>(before: &'a Target, after: &'a Target) -> Vec<(&'a Version, &'a Version)> {
    let mut pairs = Vec::new();
    if has_tracks(before) || has_tracks(after) {
        let after = tracks(after);
        for old in tracks(before) {
            let new = after.iter().find(|new| new.major() == old.major());
            pairs.extend(new.map(|new| (old, *new)));
        }
    }
    if pairs.is_empty() {
        pairs.extend(before.main().zip(after.main()));
    }
    pairs
}

/// Lists which versions apps would get instead of which, in order. Each pair of versions is listed once, with the
/// widest reach that it has.
#[must_use]
pub fn replacements(before: &Target, after: &Target) -> Vec<Replacement> {
    let mut all: Vec<Replacement> = Vec::new();
    let mut add = |(from, to): (&Version, &Version), reach: Reach| {
        if from == to {
            return;
        }
        let at = all.partition_point(|known| (&known.from, &known.to) < (from, to));
        match all.get_mut(at).filter(|known| (&known.from, &known.to) == (from, to)) {
            Some(known) => known.reach = reach.min(known.reach),
            None => all.insert(at, Replacement { from: from.clone(), to: to.clone(), reach }),
        }
    };
    counterparts(before, after).into_iter().for_each(|pair| add(pair, Reach::All));
    // Apps that ask for nothing special get the lowest track.
    before.main().zip(after.main()).into_iter().for_each(|pair| add(pair, Reach::All));
    if has_tracks(before) || has_tracks(after) {
        new_tracks(before, after).into_iter().for_each(|pair| add(pair, Reach::NewTrack));
    } else {
        shares(before, after).into_iter().for_each(|pair| add(pair, Reach::Share));
    }
    all
}

fn has_tracks(target: &Target) -> bool {
    matches!(target, Target::Tracks(_))
}

/// Returns the version of each track. A target without tracks has one, with its main version.
fn tracks(target: &Target) -> Vec<&Version> {
    match target {
        Target::Tracks(_) => target.versions(),
        Target::Version(_) | Target::Rollout(_) => target.main().into_iter().collect(),
    }
}

/// Pairs each new track with the highest version below it, which is what apps leave for it.
fn new_tracks<'a>(before: &'a Target, after: &'a Target) -> Vec<(&'a Version, &'a Version)> {
    let known = before.versions();
    let mut pairs = Vec::new();
    for new in after.versions() {
        if known.iter().all(|old| old.major() != new.major()) {
            let below = known.iter().copied().filter(|old| *old < new).max();
            pairs.extend(below.map(|below| (below, new)));
        }
    }
    pairs
}

/// Pairs the main version with the other variants of a rollout that begins or continues. Of a rollout that ends, pairs
/// the other variants with the version that stays.
fn shares<'a>(before: &'a Target, after: &'a Target) -> Vec<(&'a Version, &'a Version)> {
    let (Some(main), Some(new)) = (before.main(), after.main()) else { return Vec::new() };
    let mut pairs = Vec::new();
    pairs.extend(after.versions().into_iter().filter(|own| *own != main).map(|own| (main, own)));
    if pairs.is_empty() {
        let others = before.versions().into_iter().filter(|own| *own != new);
        pairs.extend(others.map(|own| (own, new)));
    }
    pairs
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
            let (from, to) = (target(before).unwrap(), target(after).unwrap());
            let pairs = counterparts(&from, &to);
            let pairs: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}/{b}")).collect();
            assert_eq!(pairs.join(", "), expected, "{before} → {after}");
        }
    }
}
