//! Where environments serve something else than the previous environment on the promotion path: the same answer as
//! `promptdex promote` gives.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use promptdex_compare::promotion::{TargetDifference, compare_targets};
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, Open, Version};

/// How an environment differs from the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvironmentDifference<'e> {
    /// The environment.
    pub environment: &'e Environment,
    /// The previous one.
    pub previous: &'e Environment,
    /// What differs.
    pub kind: TargetDifference,
    /// The main versions of both, where versions differ.
    versions: Option<[&'e Version; 2]>,
}

impl EnvironmentDifference<'_> {
    /// Whether a promotion from the previous environment is about it.
    pub fn is_of_versions(&self) -> bool {
        self.kind == TargetDifference::Versions
    }

    /// Whether the environment serves a higher version than the previous one.
    pub fn is_ahead(&self) -> bool {
        self.order() == Ordering::Greater
    }

    /// Whether a version lies between what both serve: above the lower one, and not above the higher one.
    pub fn is_between(&self, version: &Version) -> bool {
        self.versions.is_some_and(|[own, previous]| {
            own.min(previous) < version && version <= own.max(previous)
        })
    }

    fn order(&self) -> Ordering {
        self.versions.map_or(Ordering::Equal, |[own, previous]| own.cmp(previous))
    }

    /// Returns what differs, in words.
    pub fn in_words(&self) -> String {
        let previous = self.previous;
        match self.kind {
            TargetDifference::MainTrack => {
                format!("same versions as {previous}, different main track")
            }
            TargetDifference::MoreTracks => format!("more tracks than {previous}"),
            TargetDifference::Versions => match self.order() {
                Ordering::Less => format!("behind {previous}"),
                Ordering::Equal => format!("differs from {previous}"),
                Ordering::Greater => format!("ahead of {previous}"),
            },
        }
    }
}

/// Returns the environments of a prompt that differ from the previous one. Where one of the two does not serve the
/// prompt, there is nothing to compare.
pub fn list_differences<'e>(
    path: &'e [Environment],
    pointers: &'e BTreeMap<Environment, Open<Target>>,
) -> impl Iterator<Item = EnvironmentDifference<'e>> {
    path.windows(2).filter_map(|pair| {
        let (previous, environment) = (&pair[0], &pair[1]);
        let [promoted, served] = [pointers.get(previous)?, pointers.get(environment)?];
        let kind = compare_pointers(promoted, served)?;
        let main = |target: &'e Open<Target>| target.known().and_then(Target::main);
        let versions = main(served).zip(main(promoted));
        let versions = versions.filter(|_| kind == TargetDifference::Versions);
        let versions = versions.map(|(served, promoted)| [served, promoted]);
        Some(EnvironmentDifference { environment, previous, kind, versions })
    })
}

/// Compares what an environment serves with what is promoted to it. Forms that this site does not know differ unless
/// they are written alike.
pub fn compare_pointers(
    promoted: &Open<Target>,
    served: &Open<Target>,
) -> Option<TargetDifference> {
    match (promoted, served) {
        (Open::Known(promoted), Open::Known(served)) => compare_targets(promoted, served),
        _ => (promoted != served).then_some(TargetDifference::Versions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_different_main_track_is_told_from_different_versions() {
        let path = ["dev", "staging", "production"].map(|name| name.parse().unwrap());
        let tracks = |one: &str, two: &str| {
            format!(r#"{{"tracks":{{"1":{{"version":"{one}"}},"2":{{"version":"2.0.0"{two}}}}}}}"#)
        };
        let main = r#","main":true"#;
        let unknown = |at: u32| format!(r#"{{"schedule":[{at}]}}"#);
        for (dev, staging, production, expected) in [
            (tracks("1.1.0", ""), tracks("1.1.0", ""), tracks("1.1.0", ""), &[][..]),
            (
                tracks("1.1.0", ""),
                tracks("1.1.0", ""),
                tracks("1.1.0", main),
                &["same versions as staging, different main track"],
            ),
            (
                tracks("1.1.0", ""),
                tracks("1.0.0", main),
                r#"{"version":"2.0.0"}"#.to_owned(),
                &["ahead of dev", "differs from staging"],
            ),
            (
                r#"{"version":"2.0.0"}"#.to_owned(),
                tracks("1.1.0", ""),
                unknown(1),
                &["more tracks than dev", "differs from staging"],
            ),
            (unknown(1), unknown(1), unknown(2), &["differs from staging"]),
        ] {
            let targets = [dev, staging, production];
            let targets = targets.iter().map(|text| promptdex_reader::read(text).unwrap());
            let pointers = path.iter().cloned().zip(targets).collect();
            let shown: Vec<String> = list_differences(&path, &pointers)
                .map(|difference: EnvironmentDifference<'_>| difference.in_words())
                .collect();
            assert_eq!(shown, expected);
        }
    }
}
