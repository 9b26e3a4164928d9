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

/// The versions for callers who ask for the same: for a track, or for nothing special.
struct Line<'a> {
    main: &'a Version,
    /// Those that only a share of the callers get.
    others: Vec<&'a Version>,
}

/// Pairs the versions with which two targets answer the same request: per track, or the main versions.
#[must_use]
pub fn counterparts<'a>(before: &'a Target, after: &'a Target) -> Vec<(&'a Version, &'a Version)> {
    pairs_of_lines(before, after).iter().map(|(old, new)| (old.main, new.main)).collect()
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
    for (old, new) in pairs_of_lines(before, after) {
        add((old.main, new.main), Reach::All);
        shares(&old, &new).into_iter().for_each(|pair| add(pair, Reach::Share));
    }
    // Apps that ask for nothing special get the main track.
    before.main().zip(after.main()).into_iter().for_each(|pair| add(pair, Reach::All));
    if has_tracks(before) || has_tracks(after) {
        new_tracks(before, after).into_iter().for_each(|pair| add(pair, Reach::NewTrack));
    }
    all
}

fn has_tracks(target: &Target) -> bool {
    matches!(target, Target::Tracks(_))
}

/// Returns the line of each track. A target without tracks has one line.
fn lines(target: &Target) -> Vec<Line<'_>> {
    let mut lines: Vec<(Option<u64>, Line<'_>)> = Vec::new();
    for share in target.shares() {
        match lines.last_mut().filter(|(track, _)| *track == share.track) {
            Some((_, line)) => line.others.push(share.version),
            None => lines.push((share.track, Line { main: share.version, others: Vec::new() })),
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Pairs the lines of the same major version, or else the main ones.
fn pairs_of_lines<'a>(before: &'a Target, after: &'a Target) -> Vec<(Line<'a>, Line<'a>)> {
    let (old, mut new) = (lines(before), lines(after));
    if !has_tracks(before) && !has_tracks(after) {
        return old.into_iter().zip(new).collect();
    }
    let mut pairs = Vec::new();
    for old in old {
        let at = new.iter().position(|new| new.main.major() == old.main.major());
        pairs.extend(at.map(|at| (old, new.swap_remove(at))));
    }
    if pairs.is_empty() {
        let main = |target: &'a Target| {
            lines(target).into_iter().find(|line| Some(line.main) == target.main())
        };
        pairs.extend(main(before).zip(main(after)));
    }
    pairs
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
fn shares<'a>(before: &Line<'a>, after: &Line<'a>) -> Vec<(&'a Version, &'a Version)> {
    let new = after.versions().filter(|own| *own != before.main);
    let pairs: Vec<_> = new.map(|own| (before.main, own)).collect();
    if !pairs.is_empty() {
        return pairs;
    }
    before.versions().filter(|own| *own != after.main).map(|own| (own, after.main)).collect()
}

impl<'a> Line<'a> {
    fn versions(&self) -> impl Iterator<Item = &'a Version> {
        std::iter::once(self.main).chain(self.others.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promotion::pointer_change::tests::target;

    const TRACKS: &str = "tracks 1.0.0, 2.0.0";

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
            (TRACKS, "tracks 1.1.0, 2.0.0", "1.0.0 → 1.1.0 All"),
            (TRACKS, "tracks 1.1.0, 2.1.0", "1.0.0 → 1.1.0 All, 2.0.0 → 2.1.0 All"),
            (TRACKS, "tracks 1.0.0, 2.0.0, 3.0.0", "2.0.0 → 3.0.0 NewTrack"),
            // A track that goes leaves its apps with nothing.
            (TRACKS, "tracks 1.0.0", ""),
            // Apps that ask for nothing special come to the track that is the main one then.
            (TRACKS, "tracks 2.0.0", "1.0.0 → 2.0.0 All"),
            (TRACKS, "2.1.0", "1.0.0 → 2.1.0 All, 2.0.0 → 2.1.0 All"),
            ("1.1.0 50", TRACKS, "1.1.0 → 1.0.0 All, 1.2.0 → 2.0.0 NewTrack"),
            // A rollout in a track is for the callers of that track.
            ("tracks 1.1.0, 2.0.0", "tracks 1.1.0 90, 2.0.0", "1.1.0 → 1.2.0 Share"),
            ("tracks 1.1.0 50, 2.0.0", "tracks 1.2.0, 2.0.0", "1.1.0 → 1.2.0 All"),
            // Another main track moves the apps that ask for nothing special.
            (TRACKS, "tracks 1.0.0, 2.0.0 main", "1.0.0 → 2.0.0 All"),
            ("1.0.0", "tracks 1.0.0, 2.0.0 main", "1.0.0 → 2.0.0 All"),
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
            (TRACKS, "tracks 1.1.0, 2.0.0", "1.0.0/1.1.0, 2.0.0/2.0.0"),
        ] {
            let (from, to) = (target(before).unwrap(), target(after).unwrap());
            let pairs = counterparts(&from, &to);
            let pairs: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}/{b}")).collect();
            assert_eq!(pairs.join(", "), expected, "{before} → {after}");
        }
    }
}
