//! What an environment serves once a version has gone live in it: all of it, a share of the traffic, or as a
//! track of its own. The next weight of a rollout is worked out here.

use std::collections::BTreeMap;

use promptdex_wire::event::{Target, TrackTarget, Tracks};
use promptdex_wire::rollout::{Arm, Rollout, Weight};
use promptdex_wire::{Environment, Version};

/// How a version goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotionMode {
    /// For all apps.
    Whole,
    /// For a share of the traffic, beside what is served.
    Share(Weight),
    /// For apps that ask for its major version, beside other major versions.
    Track,
    /// For a share of the apps that ask for its major version, beside what they get now.
    TrackShare(Weight),
}

/// Why a version cannot go live in the way that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromotionError {
    /// There is nothing that the rest of the traffic could keep.
    #[error("{environment} does not serve the prompt yet, so {version} would get all traffic")]
    NothingToShareWith {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// There is nothing beside which a track could be.
    #[error(
        "{environment} does not serve the prompt yet, so {version} cannot be an additional track"
    )]
    NothingBeside {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// The environment has tracks, but not the track of the version.
    #[error("{environment} has no track {track}, only {known}")]
    NoTrack {
        /// The environment.
        environment: Environment,
        /// The major version.
        track: u64,
        /// The tracks that there are.
        known: String,
    },
    /// There is no track yet that the rest of the traffic could keep.
    #[error("{environment} has no track {} yet, so {version} would get all its traffic", .version.major())]
    NewTrackHasNoShare {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// The version has the major version that is served.
    #[error("{version} cannot be an additional track in {environment}")]
    NoOtherMajor {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// The variants of a rollout would have different major versions.
    #[error("{old} and {new} have different major versions and cannot share a rollout")]
    DifferentMajors {
        /// The version that is served.
        old: Version,
        /// The version that would be served beside it.
        new: Version,
    },
    /// The rollout that is under way is of other versions.
    #[error("{version} is not the second of the two variants in the rollout of {environment}")]
    OtherRollout {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
        /// The share that was asked for.
        weight: Weight,
    },
}

/// Returns what an environment serves once a version has gone live in it; `served` is what it serves now.
pub fn target_with(
    served: Option<&Target>,
    version: &Version,
    mode: PromotionMode,
    environment: &Environment,
) -> Result<Target, PromotionError> {
    let whole = Weight::from_buckets(10_000);
    let mode = match mode {
        PromotionMode::Share(weight) if Some(weight) == whole => PromotionMode::Whole,
        PromotionMode::TrackShare(weight) if Some(weight) == whole => PromotionMode::Track,
        mode => mode,
    };
    let served = match served {
        Some(Target::Tracks(tracks)) => return with_tracks(tracks, version, mode, environment),
        Some(Target::Version(old)) => Some(TrackTarget::Version(old.clone())),
        Some(Target::Rollout(rollout)) => Some(TrackTarget::Rollout(rollout.clone())),
        None => None,
    };
    let (environment, version) = (environment.clone(), version.clone());
    match (served, mode) {
        (_, PromotionMode::Whole) => Ok(Target::Version(version)),
        (None, PromotionMode::Share(_) | PromotionMode::TrackShare(_)) => {
            Err(PromotionError::NothingToShareWith { environment, version })
        }
        (None, PromotionMode::Track) => Err(PromotionError::NothingBeside { environment, version }),
        (Some(served), PromotionMode::Share(weight)) => {
            share(&served, version, weight, environment).map(Target::from)
        }
        (Some(served), PromotionMode::Track | PromotionMode::TrackShare(_)) => {
            let major = served.main().map(Version::major);
            let Some(major) = major.filter(|major| *major != version.major()) else {
                return Err(PromotionError::NoOtherMajor { environment, version });
            };
            if mode != PromotionMode::Track {
                return Err(PromotionError::NewTrackHasNoShare { environment, version });
            }
            let tracks = Tracks { targets: BTreeMap::from([(major, served)]), main: None };
            Ok(Target::Tracks(with_new_track(tracks, version)))
        }
    }
}

/// Returns the tracks of an environment once a version has gone live in the track of its major.
fn with_tracks(
    tracks: &Tracks,
    version: &Version,
    mode: PromotionMode,
    environment: &Environment,
) -> Result<Target, PromotionError> {
    let (environment, version, track) = (environment.clone(), version.clone(), version.major());
    let target = match (tracks.targets.get(&track), mode) {
        (None, PromotionMode::Whole | PromotionMode::Share(_)) => {
            let known: Vec<String> = tracks.targets.keys().map(u64::to_string).collect();
            let known = known.join(", ");
            return Err(PromotionError::NoTrack { environment, track, known });
        }
        (None, PromotionMode::TrackShare(_)) => {
            return Err(PromotionError::NewTrackHasNoShare { environment, version });
        }
        (None, PromotionMode::Track) => {
            return Ok(Target::Tracks(with_new_track(tracks.clone(), version)));
        }
        (Some(_), PromotionMode::Whole | PromotionMode::Track) => TrackTarget::Version(version),
        (Some(served), PromotionMode::Share(weight) | PromotionMode::TrackShare(weight)) => {
            share(served, version, weight, environment)?
        }
    };
    let mut tracks = tracks.clone();
    tracks.targets.insert(track, target);
    Ok(Target::Tracks(tracks))
}

/// Adds a track. Apps that ask for no track get the one that they got before.
fn with_new_track(mut tracks: Tracks, version: Version) -> Tracks {
    let lowest = tracks.targets.keys().next().copied();
    if lowest.is_some_and(|lowest| version.major() < lowest) {
        tracks.main = tracks.main.or(lowest);
    }
    tracks.targets.insert(version.major(), TrackTarget::Version(version));
    tracks
}

/// Returns what is served once a version gets a share of the callers, beside what is served now.
fn share(
    served: &TrackTarget,
    version: Version,
    weight: Weight,
    environment: Environment,
) -> Result<TrackTarget, PromotionError> {
    match served {
        TrackTarget::Version(old) if *old == version => Ok(TrackTarget::Version(version)),
        TrackTarget::Version(old) if old.major() != version.major() => {
            Err(PromotionError::DifferentMajors { old: old.clone(), new: version })
        }
        TrackTarget::Version(old) => {
            let arm = |key: &str, version: &Version, weight| Arm {
                key: key.to_owned(),
                version: version.clone(),
                weight,
            };
            let arms =
                vec![arm("current", old, remaining_weight(weight)), arm("next", &version, weight)];
            Ok(TrackTarget::Rollout(Rollout { experiment: None, arms }))
        }
        TrackTarget::Rollout(rollout) => match rollout.arms.as_slice() {
            [first, second] if second.version == version => {
                let first = Arm { weight: remaining_weight(weight), ..first.clone() };
                let second = Arm { weight, ..second.clone() };
                let (experiment, arms) = (rollout.experiment.clone(), vec![first, second]);
                Ok(TrackTarget::Rollout(Rollout { experiment, arms }))
            }
            _ => Err(PromotionError::OtherRollout { environment, version, weight }),
        },
    }
}

/// Returns the target once all apps get a version: instead of what is served, or of what its track has. Returns nothing
/// if there are tracks, but none for the version.
fn target_with_whole(served: Option<&Target>, version: &Version) -> Option<Target> {
    match served {
        Some(Target::Tracks(tracks)) => {
            let mut tracks = tracks.clone();
            let target = tracks.targets.get_mut(&version.major())?;
            *target = TrackTarget::Version(version.clone());
            Some(Target::Tracks(tracks))
        }
        Some(Target::Version(_) | Target::Rollout(_)) | None => {
            Some(Target::Version(version.clone()))
        }
    }
}

fn remaining_weight(weight: Weight) -> Weight {
    Weight::from_buckets(10_000 - weight.buckets()).unwrap_or(weight)
}

/// Lets apps that ask for no track stay with the major that they get now, if it is one of the tracks: which one is the main
/// track is a decision of each environment.
fn with_main_of(mut tracks: Tracks, served: Option<&Target>) -> Tracks {
    let major = served.and_then(Target::main).map(Version::major);
    let Some(major) = major.filter(|major| tracks.targets.contains_key(major)) else {
        return tracks;
    };
    let is_said = matches!(served, Some(Target::Tracks(served)) if served.main == Some(major));
    let is_lowest = tracks.targets.keys().next() == Some(&major);
    tracks.main = (is_said || !is_lowest).then_some(major);
    tracks
}

/// The effect on one prompt when everything that an environment serves is promoted to another environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromotionTarget {
    /// The environment serves it already.
    Same,
    /// The prompt is skipped, for this reason: its tracks or its rollout need a decision of their own.
    Left(String),
    /// The environment would serve this.
    To(Target),
}

/// How what an environment serves of a prompt differs from what is promoted to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetDifference {
    /// Both have the same tracks, and apps that ask for no track get a different one. Each environment decides which one
    /// that is, so a promotion leaves it as it is.
    MainTrack,
    /// The environment has other tracks beside the one that serves the promoted version, which a promotion leaves as they are.
    MoreTracks,
    /// Apps would get a different version, or different ones would share the traffic.
    Versions,
}

/// Compares what an environment serves with what is promoted to it. Returns nothing if apps get the same from both.
#[must_use]
pub fn compare_targets(promoted: &Target, served: &Target) -> Option<TargetDifference> {
    match (promoted, served) {
        (Target::Tracks(promoted), Target::Tracks(served))
            if promoted.targets == served.targets =>
        {
            let main = |tracks: &Tracks| tracks.main_track().map(|(major, _)| major);
            (main(promoted) != main(served)).then_some(TargetDifference::MainTrack)
        }
        (Target::Version(version), Target::Tracks(served))
            if served.targets.get(&version.major()).is_some_and(
                |track| matches!(track, TrackTarget::Version(own) if own == version),
            ) =>
        {
            (served.targets.len() > 1).then_some(TargetDifference::MoreTracks)
        }
        _ => (promoted != served).then_some(TargetDifference::Versions),
    }
}

/// Works out what promoting what `from` serves to another environment means for a prompt; `served` is what that
/// one serves now.
#[must_use]
pub fn find_promotion_target(
    (from, target): (&Environment, &Target),
    (to, served): (&Environment, Option<&Target>),
) -> PromotionTarget {
    let difference = served.map(|served| compare_targets(target, served));
    if difference.is_some_and(|difference| difference != Some(TargetDifference::Versions)) {
        return PromotionTarget::Same;
    }
    if !target.rollouts().is_empty() {
        return PromotionTarget::Left(format!("rollout in progress in {from}"));
    }
    let runs_in = |track: u64| {
        let rollouts = served.map(Target::rollouts).unwrap_or_default();
        rollouts.iter().any(|(own, _)| own.is_none_or(|own| own == track))
    };
    let after = match target {
        Target::Rollout(_) => None,
        Target::Version(version) => match target_with_whole(served, version) {
            Some(_) if runs_in(version.major()) => None,
            Some(after) => Some(after),
            None => {
                return PromotionTarget::Left(format!("{to} has no track {}", version.major()));
            }
        },
        Target::Tracks(tracks) => {
            let is_running = tracks.targets.keys().any(|track| runs_in(*track));
            (!is_running).then(|| Target::Tracks(with_main_of(tracks.clone(), served)))
        }
    };
    match after {
        Some(after) => PromotionTarget::To(after),
        None => PromotionTarget::Left(format!("rollout in progress in {to}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promotion::pointer_change::tests::target;

    const TRACKS: &str = "tracks 1.0.0, 2.0.0";

    #[test]
    fn a_version_goes_live_in_every_mode_beside_everything() {
        let environment: Environment = "production".parse().unwrap();
        let share =
            |percent: u16| PromotionMode::Share(Weight::from_buckets(percent * 100).unwrap());
        let track_share =
            |percent: u16| PromotionMode::TrackShare(Weight::from_buckets(percent * 100).unwrap());
        let tracks = |text: &str| Ok(target(text).unwrap());
        for (served, version, mode, expected) in [
            ("", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("", "1.2.0", share(100), tracks("1.2.0")),
            (
                "",
                "1.2.0",
                share(10),
                Err("production does not serve the prompt yet, so 1.2.0 would get all traffic"),
            ),
            (
                "",
                "1.2.0",
                PromotionMode::Track,
                Err(
                    "production does not serve the prompt yet, so 1.2.0 cannot be an additional track",
                ),
            ),
            ("1.1.0", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("1.1.0", "2.0.0", PromotionMode::Whole, tracks("2.0.0")),
            ("1.1.0", "1.2.0", share(10), tracks("1.1.0 90 current next")),
            ("1.1.0", "1.1.0", share(10), tracks("1.1.0")),
            (
                "1.1.0",
                "2.0.0",
                share(10),
                Err("1.1.0 and 2.0.0 have different major versions and cannot share a rollout"),
            ),
            ("1.0.0", "2.0.0", PromotionMode::Track, tracks(TRACKS)),
            // A lower track takes nobody from the main one.
            ("2.0.0", "1.0.0", PromotionMode::Track, tracks("tracks 1.0.0, 2.0.0 main")),
            (
                "tracks 2.0.0, 3.0.0",
                "1.0.0",
                PromotionMode::Track,
                tracks("tracks 1.0.0, 2.0.0 main, 3.0.0"),
            ),
            (
                "tracks 2.0.0, 3.0.0 main",
                "1.0.0",
                PromotionMode::Track,
                tracks("tracks 1.0.0, 2.0.0, 3.0.0 main"),
            ),
            (
                "1.1.0",
                "1.2.0",
                PromotionMode::Track,
                Err("1.2.0 cannot be an additional track in production"),
            ),
            ("1.1.0 90", "1.2.0", share(50), tracks("1.1.0 50")),
            ("1.1.0 90", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("1.1.0 90", "1.1.0", PromotionMode::Whole, tracks("1.1.0")),
            (
                "1.1.0 90",
                "1.3.0",
                share(50),
                Err("1.3.0 is not the second of the two variants in the rollout of production"),
            ),
            (
                "1.1.0 90",
                "1.2.0",
                PromotionMode::Track,
                Err("1.2.0 cannot be an additional track in production"),
            ),
            ("1.1.0 90", "2.0.0", PromotionMode::Track, tracks("tracks 1.1.0 90, 2.0.0")),
            (
                "1.1.0",
                "2.0.0",
                track_share(10),
                Err("production has no track 2 yet, so 2.0.0 would get all its traffic"),
            ),
            (
                "1.1.0",
                "1.2.0",
                track_share(10),
                Err("1.2.0 cannot be an additional track in production"),
            ),
            ("1.1.0", "2.0.0", track_share(100), tracks("tracks 1.1.0, 2.0.0")),
            (
                "",
                "1.2.0",
                track_share(10),
                Err("production does not serve the prompt yet, so 1.2.0 would get all traffic"),
            ),
            (TRACKS, "1.1.0", PromotionMode::Whole, tracks("tracks 1.1.0, 2.0.0")),
            (TRACKS, "3.0.0", PromotionMode::Whole, Err("production has no track 3, only 1, 2")),
            (TRACKS, "3.0.0", PromotionMode::Track, tracks("tracks 1.0.0, 2.0.0, 3.0.0")),
            // A share of the callers of one track; the main track stays what it is.
            (
                "tracks 1.1.0, 2.0.0 main",
                "1.2.0",
                share(10),
                tracks("tracks 1.1.0 90 current next, 2.0.0 main"),
            ),
            (TRACKS, "1.0.0", track_share(10), tracks(TRACKS)),
            ("tracks 1.1.0 90, 2.0.0", "1.2.0", track_share(50), tracks("tracks 1.1.0 50, 2.0.0")),
            (
                "tracks 1.1.0 50, 2.0.0",
                "1.2.0",
                PromotionMode::Whole,
                tracks("tracks 1.2.0, 2.0.0"),
            ),
            (
                "tracks 1.1.0 50, 2.0.0",
                "1.2.0",
                PromotionMode::Track,
                tracks("tracks 1.2.0, 2.0.0"),
            ),
            (
                "tracks 1.1.0 50, 2.0.0",
                "1.3.0",
                share(10),
                Err("1.3.0 is not the second of the two variants in the rollout of production"),
            ),
            (TRACKS, "3.0.0", share(10), Err("production has no track 3, only 1, 2")),
            (
                TRACKS,
                "3.0.0",
                track_share(10),
                Err("production has no track 3 yet, so 3.0.0 would get all its traffic"),
            ),
        ] {
            let after =
                target_with(target(served).as_ref(), &version.parse().unwrap(), mode, &environment);
            let after = after.map_err(|error| error.to_string());
            assert_eq!(after, expected.map_err(str::to_owned), "{served} + {version} {mode:?}");
        }
    }

    #[test]
    fn what_runs_beside_others_is_left() {
        let (staging, production) = ("staging".parse().unwrap(), "production".parse().unwrap());
        let to = |text: &str| PromotionTarget::To(target(text).unwrap());
        let left = |why: &str| PromotionTarget::Left(why.to_owned());
        for (from, served, expected) in [
            ("1.1.0", "", to("1.1.0")),
            ("1.1.0", "1.0.0", to("1.1.0")),
            ("1.1.0", "1.1.0", PromotionTarget::Same),
            ("1.1.0", "1.1.0 90", left("rollout in progress in production")),
            ("1.1.0", TRACKS, to("tracks 1.1.0, 2.0.0")),
            ("1.0.0", TRACKS, PromotionTarget::Same),
            ("3.0.0", TRACKS, left("production has no track 3")),
            (TRACKS, "1.0.0", to(TRACKS)),
            (TRACKS, TRACKS, PromotionTarget::Same),
            // Which track is the main one is a decision of each environment.
            (TRACKS, "tracks 1.0.0, 2.0.0 main", PromotionTarget::Same),
            ("tracks 1.0.0, 2.0.0 main", TRACKS, PromotionTarget::Same),
            ("tracks 1.1.0, 2.0.0 main", TRACKS, to("tracks 1.1.0, 2.0.0")),
            ("tracks 1.1.0, 2.0.0 main", "1.0.0", to("tracks 1.1.0, 2.0.0")),
            ("tracks 1.1.0, 2.0.0 main", "2.0.0", to("tracks 1.1.0, 2.0.0 main")),
            ("tracks 1.1.0, 2.0.0", "2.0.0", to("tracks 1.1.0, 2.0.0 main")),
            ("tracks 2.0.0, 3.0.0 main", "1.0.0", to("tracks 2.0.0, 3.0.0 main")),
            ("tracks 1.1.0, 2.0.0 main", "", to("tracks 1.1.0, 2.0.0 main")),
            ("1.1.0", "tracks 1.0.0, 2.0.0 main", to("tracks 1.1.0, 2.0.0 main")),
            // A rollout in a track is a decision of its own, and one in another track stands in nobody's way.
            ("tracks 1.1.0 90, 2.0.0", TRACKS, left("rollout in progress in staging")),
            ("tracks 1.1.0 90, 2.0.0", "tracks 1.1.0 90, 2.0.0 main", PromotionTarget::Same),
            (TRACKS, "tracks 1.1.0 90, 2.0.0", left("rollout in progress in production")),
            (TRACKS, "1.1.0 90", left("rollout in progress in production")),
            ("1.2.0", "tracks 1.1.0 90, 2.0.0", left("rollout in progress in production")),
            ("2.1.0", "tracks 1.1.0 90, 2.0.0", to("tracks 1.1.0 90, 2.1.0")),
            ("1.1.0 90", "1.1.0", left("rollout in progress in staging")),
            ("1.1.0 90", "1.1.0 90", PromotionTarget::Same),
        ] {
            let promoted = find_promotion_target(
                (&staging, &target(from).unwrap()),
                (&production, target(served).as_ref()),
            );
            assert_eq!(promoted, expected, "{from} → {served}");
        }
    }

    #[test]
    fn environments_differ_by_versions_by_tracks_or_by_the_main_track() {
        use TargetDifference::{MainTrack, MoreTracks, Versions};
        for (promoted, served, expected) in [
            ("1.0.0", "1.0.0", None),
            ("1.1.0", "1.0.0", Some(Versions)),
            ("1.1.0", "1.1.0 90", Some(Versions)),
            ("1.1.0 90", "1.1.0 50", Some(Versions)),
            (TRACKS, TRACKS, None),
            (TRACKS, "tracks 1.0.0, 2.0.0 main", Some(MainTrack)),
            ("tracks 1.0.0, 2.0.0 main", TRACKS, Some(MainTrack)),
            // The lowest track is the main one, whether the file says so or not.
            ("tracks 1.0.0 main, 2.0.0", TRACKS, None),
            ("tracks 1.1.0 90, 2.0.0", "tracks 1.1.0 90, 2.0.0 main", Some(MainTrack)),
            ("tracks 1.1.0, 2.0.0", "tracks 1.0.0, 2.0.0 main", Some(Versions)),
            ("1.0.0", TRACKS, Some(MoreTracks)),
            ("2.0.0", TRACKS, Some(MoreTracks)),
            ("1.0.0", "tracks 1.0.0", None),
            ("2.1.0", TRACKS, Some(Versions)),
            ("1.1.0", "tracks 1.1.0 90, 2.0.0", Some(Versions)),
            // A promotion takes the track away.
            ("tracks 1.0.0", TRACKS, Some(Versions)),
            (TRACKS, "1.0.0", Some(Versions)),
        ] {
            let (promoted, served) = (target(promoted).unwrap(), target(served).unwrap());
            assert_eq!(compare_targets(&promoted, &served), expected, "{promoted} and {served}");
        }
    }

    #[test]
    fn a_promotion_changes_what_differs_by_versions_and_nothing_else() {
        let (staging, production) = ("staging".parse().unwrap(), "production".parse().unwrap());
        let targets = [
            "1.0.0",
            "1.1.0",
            "2.0.0",
            "1.1.0 90",
            "1.1.0 50",
            "tracks 1.0.0",
            TRACKS,
            "tracks 1.0.0 main, 2.0.0",
            "tracks 1.0.0, 2.0.0 main",
            "tracks 1.1.0, 2.0.0",
            "tracks 1.1.0 90, 2.0.0",
            "tracks 1.1.0 90, 2.0.0 main",
            "tracks 2.0.0, 3.0.0",
        ];
        for (promoted, served) in targets.iter().flat_map(|a| targets.map(|b| (*a, b))) {
            let [from, to] = [promoted, served].map(|text| target(text).unwrap());
            let found = find_promotion_target((&staging, &from), (&production, Some(&to)));
            let difference = compare_targets(&from, &to);
            let is_same = found == PromotionTarget::Same;
            assert_eq!(
                is_same,
                difference != Some(TargetDifference::Versions),
                "{promoted} → {served}"
            );
            assert_ne!(found, PromotionTarget::To(to), "{promoted} → {served}");
        }
    }
}
