//! What an environment serves of a prompt, as this test understands it: from the files of a tree, from snapshots, and
//! from the log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// The number of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(crate) u64, pub(crate) u64, pub(crate) u64);

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        match numbers?.as_slice() {
            [major, minor, patch] => Some(Self(*major, *minor, *patch)),
            _ => None,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A share of the traffic, in hundredths of a percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arm {
    key: Option<String>,
    version: Number,
    weight: u64,
}

/// What an environment serves of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// The arms of each track; without tracks, of all traffic.
    tracks: BTreeMap<Option<u64>, Vec<Arm>>,
    main: Option<u64>,
}

impl Pointer {
    pub(crate) fn of_version(version: Number) -> Self {
        let arm = Arm { key: None, version, weight: 10_000 };
        Self { tracks: BTreeMap::from([(None, vec![arm])]), main: None }
    }

    /// The pointer of an environment without a file: the highest version of each major.
    pub(crate) fn of_highest(versions: impl Iterator<Item = Number>) -> Option<Self> {
        let highest: BTreeMap<u64, Number> = versions.map(|version| (version.0, version)).collect();
        let (main, version) = highest.last_key_value()?;
        if highest.len() == 1 {
            return Some(Self::of_version(*version));
        }
        let arm = |version| vec![Arm { key: None, version, weight: 10_000 }];
        let tracks = highest.iter().map(|(major, version)| (Some(*major), arm(*version)));
        Some(Self { tracks: tracks.collect(), main: Some(*main) })
    }

    /// Reads what a file of a tree and an event say.
    pub(crate) fn of_target(target: &Value) -> Option<Self> {
        let Some(tracks) = target.get("tracks") else {
            let tracks = BTreeMap::from([(None, arms(target)?)]);
            return Some(Self { tracks, main: None });
        };
        let mut pointer = Self { tracks: BTreeMap::new(), main: None };
        for (major, target) in tracks.as_object()? {
            let major = major.parse().ok()?;
            if target.get("main").is_some_and(|main| main == true) {
                pointer.main = Some(major);
            }
            let arms = match target.as_str() {
                Some(version) => {
                    vec![Arm { key: None, version: Number::parse(version)?, weight: 10_000 }]
                }
                None => arms(target)?,
            };
            pointer.tracks.insert(Some(major), arms);
        }
        Some(pointer.with_main())
    }

    /// Reads the entries of a snapshot that are of one prompt.
    pub(crate) fn of_entries(entries: &[&Value]) -> Option<Self> {
        let mut pointer = Self { tracks: BTreeMap::new(), main: None };
        for entry in entries {
            let track = match entry.get("track") {
                Some(track) => Some(track.as_str()?.parse().ok()?),
                None => None,
            };
            if entry.get("main").is_some_and(|main| main == true) {
                pointer.main = track;
            }
            pointer.tracks.insert(track, arms(entry)?);
        }
        Some(pointer.with_main())
    }

    /// Without a main track, the lowest one is it.
    fn with_main(mut self) -> Self {
        self.main = self.main.or_else(|| *self.tracks.keys().next()?);
        self
    }

    pub(crate) fn versions(&self) -> BTreeSet<Number> {
        self.tracks.values().flatten().map(|arm| arm.version).collect()
    }

    /// Returns how much of the traffic of its track a version gets.
    pub(crate) fn share(&self, version: Number) -> u64 {
        let arms = self.tracks.values().flatten().filter(|arm| arm.version == version);
        arms.map(|arm| arm.weight).sum()
    }

    /// Whether a pointer takes the place of this one without taking a track from apps.
    pub(crate) fn keeps_tracks(&self, next: &Self) -> bool {
        let majors: BTreeSet<u64> = next.versions().into_iter().map(|version| version.0).collect();
        self.tracks.keys().flatten().all(|major| majors.contains(major))
    }
}

fn arms(target: &Value) -> Option<Vec<Arm>> {
    let number = |target: &Value| Number::parse(target.get("version")?.as_str()?);
    let Some(rollout) = target.get("rollout") else {
        return Some(vec![Arm { key: None, version: number(target)?, weight: 10_000 }]);
    };
    let arm = |arm: &Value| {
        let hundredths = arm.get("weight")?.as_f64()? * 100.0;
        let weight = format!("{hundredths:.0}").parse().ok()?;
        Some(Arm { key: Some(arm.get("key")?.as_str()?.to_owned()), version: number(arm)?, weight })
    };
    rollout.get("arms")?.as_array()?.iter().map(arm).collect()
}
