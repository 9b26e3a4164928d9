//! What an environment serves once a version has gone live in it: all of it, a share of the traffic, or as a
//! track of its own. The next weight of a rollout is worked out here.

use std::collections::BTreeMap;

use promptdex_wire::event::Target;
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
}

/// Why a version cannot go live in the way that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromotionError {
    /// There is nothing that the rest of the traffic could keep.
    #[error("{environment} serves nothing of it yet, so all callers would get {version}")]
    NothingToShareWith {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// There is nothing beside which a track could be.
    #[error("{environment} serves nothing of it yet, beside which {version} could be")]
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
    /// The environment has tracks, and a rollout is of one version.
    #[error("{environment} has tracks, and a rollout is of one version")]
    TracksHaveNoShare {
        /// The environment.
        environment: Environment,
    },
    /// The version has the major version that is served.
    #[error("{version} cannot be a track beside what {environment} serves")]
    NoOtherMajor {
        /// The environment.
        environment: Environment,
        /// The version.
        version: Version,
    },
    /// The variants of a rollout would have different major versions.
    #[error("{old} and {new} are of different majors, and a caller does not know its arm")]
    DifferentMajors {
        /// The version that is served.
        old: Version,
        /// The version that would be served beside it.
        new: Version,
    },
    /// The rollout that is under way is of other versions.
    #[error("{version} is not the second of two arms that {environment} rolls out")]
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
    let whole = Weight::from_hundredths(10_000);
    let mode = match mode {
        PromotionMode::Share(weight) if Some(weight) == whole => PromotionMode::Whole,
        mode => mode,
    };
    let only = || Target::Version(version.clone());
    let (environment, version) = (environment.clone(), version.clone());
    match (served, mode) {
        (None, PromotionMode::Whole) => Ok(only()),
        (None, PromotionMode::Share(_)) => {
            Err(PromotionError::NothingToShareWith { environment, version })
        }
        (None, PromotionMode::Track) => Err(PromotionError::NothingBeside { environment, version }),
        (Some(Target::Tracks(tracks)), PromotionMode::Whole) => target_with_whole(served, &version)
            .ok_or_else(|| {
                let known: Vec<String> = tracks.keys().map(u64::to_string).collect();
                let (track, known) = (version.major(), known.join(", "));
                PromotionError::NoTrack { environment, track, known }
            }),
        (Some(Target::Tracks(tracks)), PromotionMode::Track) => {
            Ok(target_with_track(tracks, version))
        }
        (Some(Target::Tracks(_)), PromotionMode::Share(_)) => {
            Err(PromotionError::TracksHaveNoShare { environment })
        }
        (Some(Target::Version(old)), PromotionMode::Track) if old.major() != version.major() => {
            let tracks = [old.clone(), version].map(|version| (version.major(), version));
            Ok(Target::Tracks(tracks.into()))
        }
        (Some(Target::Version(_) | Target::Rollout(_)), PromotionMode::Track) => {
            Err(PromotionError::NoOtherMajor { environment, version })
        }
        (Some(Target::Version(_) | Target::Rollout(_)), PromotionMode::Whole) => Ok(only()),
        (Some(Target::Version(old)), PromotionMode::Share(_)) if *old == version => Ok(only()),
        (Some(Target::Version(old)), PromotionMode::Share(_)) if old.major() != version.major() => {
            Err(PromotionError::DifferentMajors { old: old.clone(), new: version })
        }
        (Some(Target::Version(old)), PromotionMode::Share(weight)) => {
            let arm = |key: &str, version: &Version, weight| Arm {
                key: key.to_owned(),
                version: version.clone(),
                weight,
            };
            let arms =
                vec![arm("current", old, remaining_weight(weight)), arm("next", &version, weight)];
            Ok(Target::Rollout(Rollout { experiment: None, arms }))
        }
        (Some(Target::Rollout(rollout)), PromotionMode::Share(weight)) => {
            match rollout.arms.as_slice() {
                [first, second] if second.version == version => {
                    let first = Arm { weight: remaining_weight(weight), ..first.clone() };
                    let second = Arm { weight, ..second.clone() };
                    let arms = vec![first, second];
                    Ok(Target::Rollout(Rollout { experiment: rollout.experiment.clone(), arms }))
                }
                _ => Err(PromotionError::OtherRollout { environment, version, weight }),
            }
        }
    }
}

/// Returns the target once all apps get a version: instead of what is served, or of what its track has. Returns nothing
/// if there are tracks, but none for the version.
fn target_with_whole(served: Option<&Target>, version: &Version) -> Option<Target> {
    match served {
        Some(Target::Tracks(tracks)) => tracks
            .contains_key(&version.major())
            .then(|| target_with_track(tracks, version.clone())),
        Some(Target::Version(_) | Target::Rollout(_)) | None => {
            Some(Target::Version(version.clone()))
        }
    }
}

fn target_with_track(tracks: &BTreeMap<u64, Version>, version: Version) -> Target {
    let mut tracks = tracks.clone();
    tracks.insert(version.major(), version);
    Target::Tracks(tracks)
}

fn remaining_weight(weight: Weight) -> Weight {
    Weight::from_hundredths(10_000 - weight.hundredths()).unwrap_or(weight)
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

/// Works out what promoting what `from` serves to another environment means for a prompt; `served` is what that
/// one serves now.
#[must_use]
pub fn find_promotion_target(
    (from, target): (&Environment, &Target),
    (to, served): (&Environment, Option<&Target>),
) -> PromotionTarget {
    let after = match (target, served) {
        (target, Some(served)) if target == served => return PromotionTarget::Same,
        (Target::Rollout(_), _) => {
            return PromotionTarget::Left(format!("{from} is rolling it out"));
        }
        (Target::Version(_), Some(Target::Rollout(_))) => {
            return PromotionTarget::Left(format!("{to} is rolling it out"));
        }
        (Target::Version(version), _) => match target_with_whole(served, version) {
            Some(after) => after,
            None => {
                return PromotionTarget::Left(format!("{to} has no track {}", version.major()));
            }
        },
        (Target::Tracks(_), _) => target.clone(),
    };
    if served == Some(&after) { PromotionTarget::Same } else { PromotionTarget::To(after) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promotion::pointer_change::tests::target;

    const TRACKS: &str = r#"tracks "1": "1.0.0", "2": "2.0.0""#;

    #[test]
    fn a_version_goes_live_in_every_mode_beside_everything() {
        let environment: Environment = "production".parse().unwrap();
        let share =
            |percent: u16| PromotionMode::Share(Weight::from_hundredths(percent * 100).unwrap());
        let tracks = |text: &str| Ok(target(text).unwrap());
        for (served, version, mode, expected) in [
            ("", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("", "1.2.0", share(100), tracks("1.2.0")),
            (
                "",
                "1.2.0",
                share(10),
                Err("production serves nothing of it yet, so all callers would get 1.2.0"),
            ),
            (
                "",
                "1.2.0",
                PromotionMode::Track,
                Err("production serves nothing of it yet, beside which 1.2.0 could be"),
            ),
            ("1.1.0", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("1.1.0", "2.0.0", PromotionMode::Whole, tracks("2.0.0")),
            ("1.1.0", "1.2.0", share(10), tracks("1.1.0 90 current next")),
            ("1.1.0", "1.1.0", share(10), tracks("1.1.0")),
            (
                "1.1.0",
                "2.0.0",
                share(10),
                Err("1.1.0 and 2.0.0 are of different majors, and a caller does not know its arm"),
            ),
            ("1.0.0", "2.0.0", PromotionMode::Track, tracks(TRACKS)),
            (
                "1.1.0",
                "1.2.0",
                PromotionMode::Track,
                Err("1.2.0 cannot be a track beside what production serves"),
            ),
            ("1.1.0 90", "1.2.0", share(50), tracks("1.1.0 50")),
            ("1.1.0 90", "1.2.0", PromotionMode::Whole, tracks("1.2.0")),
            ("1.1.0 90", "1.1.0", PromotionMode::Whole, tracks("1.1.0")),
            (
                "1.1.0 90",
                "1.3.0",
                share(50),
                Err("1.3.0 is not the second of two arms that production rolls out"),
            ),
            (
                "1.1.0 90",
                "2.0.0",
                PromotionMode::Track,
                Err("2.0.0 cannot be a track beside what production serves"),
            ),
            (TRACKS, "1.1.0", PromotionMode::Whole, tracks(r#"tracks "1": "1.1.0", "2": "2.0.0""#)),
            (TRACKS, "3.0.0", PromotionMode::Whole, Err("production has no track 3, only 1, 2")),
            (
                TRACKS,
                "3.0.0",
                PromotionMode::Track,
                tracks(r#"tracks "1": "1.0.0", "2": "2.0.0", "3": "3.0.0""#),
            ),
            (
                TRACKS,
                "1.1.0",
                share(10),
                Err("production has tracks, and a rollout is of one version"),
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
            ("1.1.0", "1.1.0 90", left("production is rolling it out")),
            ("1.1.0", TRACKS, to(r#"tracks "1": "1.1.0", "2": "2.0.0""#)),
            ("1.0.0", TRACKS, PromotionTarget::Same),
            ("3.0.0", TRACKS, left("production has no track 3")),
            (TRACKS, "1.0.0", to(TRACKS)),
            (TRACKS, TRACKS, PromotionTarget::Same),
            ("1.1.0 90", "1.1.0", left("staging is rolling it out")),
            ("1.1.0 90", "1.1.0 90", PromotionTarget::Same),
        ] {
            let promoted = find_promotion_target(
                (&staging, &target(from).unwrap()),
                (&production, target(served).as_ref()),
            );
            assert_eq!(promoted, expected, "{from} → {served}");
        }
    }
}
