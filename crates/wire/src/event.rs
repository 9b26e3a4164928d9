//! What happens to prompts, in the words that releases and histories share.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::digest::Blob;
use crate::json::{Format, is_false};
use crate::name::{PromptName, Timestamp, Version};
use crate::open::{Open, words};
use crate::rollout::{Arm, Rollout};
use crate::{Document, Kind};

words! {
    /// What happened to a prompt.
    pub enum Operation {
        /// A version was added.
        Created = "created",
        /// An environment serves another version, or serves the prompt for the first time.
        Promoted = "promoted",
        /// Arms or weights changed.
        RolledOut = "rolled_out",
        /// The main version became a lower one that was served before.
        Reverted = "reverted",
        /// The environment serves the prompt no longer.
        Retired = "retired",
        /// A version became deprecated: it is served with a warning.
        Deprecated = "deprecated",
        /// A version became yanked: it gets no new pointer or include.
        Yanked = "yanked",
        /// A version became archived: it is left out of the catalog, the search and the pages.
        Archived = "archived",
        /// The text of a version was withdrawn.
        Redacted = "redacted",
        /// The promotion rules changed.
        RulesChanged = "rules_changed",
    }
}

/// What a pointer says: one version, a rollout, or one of these for each major.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TargetFields", into = "TargetFields")]
pub enum Target {
    /// One version.
    Version(Version),
    /// Weighted rollout.
    Rollout(Rollout),
    /// Majors beside each other, so that apps can ask for one of them.
    Tracks(Tracks),
}

/// The tracks of a pointer: by major, what apps get that ask for it. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(try_from = "BTreeMap<u64, TrackFields>"))]
#[serde(into = "BTreeMap<u64, TrackFields>")]
pub struct Tracks {
    /// The targets, by major.
    pub targets: BTreeMap<u64, TrackTarget>,
    /// The track of apps that ask for none. Without it, they get the lowest one.
    pub main: Option<u64>,
}

/// What one track serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackTarget {
    /// One version.
    Version(Version),
    /// Weighted rollout.
    Rollout(Rollout),
}

/// A version that a pointer serves, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share<'t> {
    /// The track, if the pointer has tracks.
    pub track: Option<u64>,
    /// Whether the pointer says that this is its main track.
    pub is_main_track: bool,
    /// The version.
    pub version: &'t Version,
    /// The arm, if it is one of a rollout.
    pub arm: Option<&'t Arm>,
}

impl TrackTarget {
    /// Returns the version of apps without an arm: the version, or that of the first arm.
    pub fn main(&self) -> Option<&Version> {
        match self {
            Self::Version(version) => Some(version),
            Self::Rollout(rollout) => rollout.arms.first().map(|arm| &arm.version),
        }
    }

    /// Returns the rollout, if it is one.
    pub fn rollout(&self) -> Option<&Rollout> {
        match self {
            Self::Version(_) => None,
            Self::Rollout(rollout) => Some(rollout),
        }
    }

    fn shares(&self, track: Option<u64>, is_main_track: bool) -> Vec<Share<'_>> {
        match self {
            Self::Version(version) => vec![Share { track, is_main_track, version, arm: None }],
            Self::Rollout(rollout) => rollout_shares(rollout, track, is_main_track),
        }
    }
}

fn rollout_shares(rollout: &Rollout, track: Option<u64>, is_main_track: bool) -> Vec<Share<'_>> {
    let arms = rollout.arms.iter();
    arms.map(|arm| Share { track, is_main_track, version: &arm.version, arm: Some(arm) }).collect()
}

impl From<TrackTarget> for Target {
    fn from(target: TrackTarget) -> Self {
        match target {
            TrackTarget::Version(version) => Self::Version(version),
            TrackTarget::Rollout(rollout) => Self::Rollout(rollout),
        }
    }
}

impl Tracks {
    /// Makes tracks of versions, each of its own major.
    pub fn of_versions(versions: impl IntoIterator<Item = Version>) -> Self {
        let track = |version: Version| (version.major(), TrackTarget::Version(version));
        Self { targets: versions.into_iter().map(track).collect(), main: None }
    }

    /// Returns the track of apps that ask for none, and what it serves.
    pub fn main_track(&self) -> Option<(u64, &TrackTarget)> {
        let said = self.main.and_then(|major| self.targets.get_key_value(&major));
        said.or_else(|| self.targets.first_key_value()).map(|(major, target)| (*major, target))
    }
}

impl Target {
    /// Returns the version of apps that ask for nothing special: the version, the first arm, or that of the main
    /// track.
    pub fn main(&self) -> Option<&Version> {
        match self {
            Self::Version(version) => Some(version),
            Self::Rollout(rollout) => rollout.arms.first().map(|arm| &arm.version),
            Self::Tracks(tracks) => tracks.main_track().and_then(|(_, target)| target.main()),
        }
    }

    /// Returns every version that is served, and to whom: by track, and by arm in the order listed.
    pub fn shares(&self) -> Vec<Share<'_>> {
        match self {
            Self::Version(version) => {
                vec![Share { track: None, is_main_track: false, version, arm: None }]
            }
            Self::Rollout(rollout) => rollout_shares(rollout, None, false),
            Self::Tracks(tracks) => {
                let targets = tracks.targets.iter();
                targets
                    .flat_map(|(major, target)| {
                        target.shares(Some(*major), tracks.main == Some(*major))
                    })
                    .collect()
            }
        }
    }

    /// Returns every version that is served.
    pub fn versions(&self) -> Vec<&Version> {
        self.shares().into_iter().map(|share| share.version).collect()
    }

    /// Returns every rollout, with its track.
    pub fn rollouts(&self) -> Vec<(Option<u64>, &Rollout)> {
        match self {
            Self::Version(_) => Vec::new(),
            Self::Rollout(rollout) => vec![(None, rollout)],
            Self::Tracks(tracks) => {
                let targets = tracks.targets.iter();
                targets
                    .filter_map(|(major, target)| Some((Some(*major), target.rollout()?)))
                    .collect()
            }
        }
    }
}

/// On one line, for people: `1.1.0`, `warmer-tone: control 1.4.2 90%, warm 1.5.0 10%`, `1: 1.4.2, 2 (main): 2.0.0`; the
/// arms of a track are separated by `/`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Rollout(Rollout { experiment: Some(experiment), .. }) = self {
            write!(f, "{experiment}: ")?;
        }
        let (mut track, mut separator) = (None, "");
        for share in self.shares() {
            match share.track {
                Some(major) if share.track != track => {
                    let mark = if share.is_main_track { " (main)" } else { "" };
                    write!(f, "{}{major}{mark}: ", if track.is_none() { "" } else { ", " })?;
                    (track, separator) = (share.track, " / ");
                }
                _ => f.write_str(separator)?,
            }
            if share.track.is_none() {
                separator = ", ";
            }
            match share.arm {
                None => write!(f, "{}", share.version)?,
                Some(Arm { key, version, weight }) => write!(f, "{key} {version} {weight}%")?,
            }
        }
        Ok(())
    }
}

#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TargetFields {
    /// One version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// Weighted rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<Rollout>,
    /// Targets by major version, each with `version` or `rollout`. One target may have `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracks: Option<Tracks>,
}

#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "TrackTarget", transform = one_of_version_and_rollout))]
struct TrackFields {
    /// One version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// Weighted rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<Rollout>,
    /// Whether apps without a track get this track. Defaults to the lowest track.
    #[serde(default, skip_serializing_if = "is_false")]
    main: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("a target has `version`, `rollout` or `tracks`, exactly one of them")]
struct TargetFormError;

impl TryFrom<TrackFields> for TrackTarget {
    type Error = TargetFormError;

    fn try_from(fields: TrackFields) -> Result<Self, TargetFormError> {
        match (fields.version, fields.rollout) {
            (Some(version), None) => Ok(Self::Version(version)),
            (None, Some(rollout)) if !rollout.arms.is_empty() => Ok(Self::Rollout(rollout)),
            _ => Err(TargetFormError),
        }
    }
}

impl TryFrom<TargetFields> for Target {
    type Error = TargetFormError;

    fn try_from(fields: TargetFields) -> Result<Self, TargetFormError> {
        match (fields.version, fields.rollout, fields.tracks) {
            (version, rollout, None) => {
                TrackTarget::try_from(TrackFields { version, rollout, main: false }).map(Self::from)
            }
            (None, None, Some(tracks)) => Ok(Self::Tracks(tracks)),
            _ => Err(TargetFormError),
        }
    }
}

impl From<Target> for TargetFields {
    fn from(target: Target) -> Self {
        match target {
            Target::Version(version) => Self { version: Some(version), ..Self::default() },
            Target::Rollout(rollout) => Self { rollout: Some(rollout), ..Self::default() },
            Target::Tracks(tracks) => Self { tracks: Some(tracks), ..Self::default() },
        }
    }
}

impl<'de> Deserialize<'de> for Tracks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TracksVisitor;

        impl<'de> Visitor<'de> for TracksVisitor {
            type Value = Tracks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("targets by major")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tracks, A::Error> {
                let mut tracks = Tracks { targets: BTreeMap::new(), main: None };
                while let Some((major, fields)) = map.next_entry::<u64, TrackFields>()? {
                    if fields.main && tracks.main.replace(major).is_some() {
                        return Err(A::Error::custom(TargetFormError));
                    }
                    let target = TrackTarget::try_from(fields).map_err(A::Error::custom)?;
                    tracks.targets.insert(major, target);
                }
                if tracks.targets.is_empty() {
                    return Err(A::Error::custom(TargetFormError));
                }
                Ok(tracks)
            }
        }

        deserializer.deserialize_map(TracksVisitor)
    }
}

impl From<Tracks> for BTreeMap<u64, TrackFields> {
    fn from(Tracks { targets, main }: Tracks) -> Self {
        let track = |(major, target)| {
            let (version, rollout) = match target {
                TrackTarget::Version(version) => (Some(version), None),
                TrackTarget::Rollout(rollout) => (None, Some(rollout)),
            };
            (major, TrackFields { version, rollout, main: main == Some(major) })
        };
        targets.into_iter().map(track).collect()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = TargetFields::json_schema(generator);
        crate::json::require_one_of(&mut schema, &[&["version"], &["rollout"], &["tracks"]]);
        schema
    }
}

#[cfg(feature = "schema")]
fn one_of_version_and_rollout(schema: &mut schemars::Schema) {
    crate::json::require_one_of(schema, &[&["version"], &["rollout"]]);
}

/// What a release changed: one row of the audit trail. What Git says of it is a claim, and absent when the
/// tree is not in Git or the change is not committed. People are written as the registry publishes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The prompt. Absent when the rules changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PromptName>,
    /// Kind of event.
    pub operation: Open<Operation>,
    /// Old target. Absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Open<Target>>,
    /// New target, or the version of the change. Absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Open<Target>>,
    /// Author of the commit. For a merge, the author of the commit in the merged branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Time at which the change reached the default branch: the time of `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Git commit that brought the event to the default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Reason in `prompt.yaml` for a version's state, or the `Reason:` of the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Number of the pull request, if the commit's message has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Committer, such as the person who merged the change, if different from `by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_by: Option<String>,
    /// The commit's `Reviewed-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewed_by: Vec<String>,
    /// The commit's `Co-authored-by:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_authored_by: Vec<String>,
}

impl Change {
    /// Makes a change of which nothing else is known.
    pub fn new(
        name: Option<PromptName>,
        operation: Operation,
        from: Option<Target>,
        to: Option<Target>,
    ) -> Self {
        Self {
            name,
            operation: operation.into(),
            from: from.map(Open::Known),
            to: to.map(Open::Known),
            by: None,
            at: None,
            commit: None,
            reason: None,
            subject: None,
            pull_request: None,
            committed_by: None,
            reviewed_by: Vec::new(),
            co_authored_by: Vec::new(),
        }
    }

    /// Returns what was served before, if there was something and this release knows its form.
    pub fn before(&self) -> Option<&Target> {
        self.from.as_ref().and_then(Open::known)
    }

    /// Returns what is served now, or the version that the change is about, if this release knows its form.
    pub fn after(&self) -> Option<&Target> {
        self.to.as_ref().and_then(Open::known)
    }
}

/// The changes of a release that has too many to carry them: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// Format version, always 1.
    pub format: Format,
    /// `changes`.
    pub kind: Kind,
    /// The last changes, at most 500. All of them, from the oldest page on, are sorted by name; those of a prompt are in the
    /// order in which they happened.
    pub changes: Vec<Change>,
    /// The full page with the 500 changes before them. A reader must follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Blob>,
}

impl Document for Changes {
    const KIND: Kind = Kind::Changes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_track_is_the_one_that_says_so_else_the_lowest() {
        let two = r#"{"tracks":{"1":{"version":"1.4.2"},"2":{"version":"2.0.0","main":true}}}"#;
        for (text, main) in [
            (r#"{"version":"1.0.0"}"#, "1.0.0"),
            (r#"{"tracks":{"2":{"version":"2.0.0"},"10":{"version":"10.0.0"}}}"#, "2.0.0"),
            (two, "2.0.0"),
            (
                r#"{"tracks":{"1":{"rollout":{"arms":[{"key":"a","version":"1.1.0","weight":0.29,"buckets":29},{"key":"b","version":"1.0.0","weight":99.71,"buckets":9971}]}},"2":{"version":"2.0.0"}}}"#,
                "1.1.0",
            ),
        ] {
            let target: Target = serde_json::from_str(text).unwrap();
            assert_eq!(target.main().unwrap().to_string(), main, "{text}");
            assert_eq!(serde_json::to_string(&target).unwrap(), text);
        }
    }

    #[test]
    fn a_target_is_written_on_a_line() {
        let arms = r#""arms":[{"key":"control","version":"1.4.2","weight":87.5,"buckets":8750},{"key":"warm","version":"1.5.0","weight":12.5,"buckets":1250}]"#;
        for (json, text) in [
            (r#"{"version":"1.1.0"}"#.to_owned(), "1.1.0"),
            (format!(r#"{{"rollout":{{{arms}}}}}"#), "control 1.4.2 87.5%, warm 1.5.0 12.5%"),
            (
                format!(r#"{{"rollout":{{"experiment":"warmer-tone",{arms}}}}}"#),
                "warmer-tone: control 1.4.2 87.5%, warm 1.5.0 12.5%",
            ),
            (
                r#"{"tracks":{"10":{"version":"10.0.0"},"2":{"version":"2.0.0","main":true}}}"#
                    .to_owned(),
                "2 (main): 2.0.0, 10: 10.0.0",
            ),
            (
                format!(
                    r#"{{"tracks":{{"1":{{"rollout":{{{arms}}}}},"2":{{"version":"2.0.0"}}}}}}"#
                ),
                "1: control 1.4.2 87.5% / warm 1.5.0 12.5%, 2: 2.0.0",
            ),
        ] {
            let target: Target = serde_json::from_str(&json).unwrap();
            assert_eq!(target.to_string(), text);
        }
    }

    #[test]
    fn a_target_has_one_form() {
        for text in [
            "{}",
            r#"{"tracks":{}}"#,
            r#"{"tracks":{"one":{"version":"1.0.0"}}}"#,
            r#"{"tracks":{"1":{}}}"#,
            r#"{"tracks":{"1":{"version":"1.0.0","main":true},"2":{"version":"2.0.0","main":true}}}"#,
            r#"{"version":"1.0.0","tracks":{"1":{"version":"1.0.0"}}}"#,
            r#"{"rollout":{"arms":[]}}"#,
            r#"{"schedule":[{"version":"1.0.0"}]}"#,
        ] {
            assert!(serde_json::from_str::<Target>(text).is_err(), "{text}");
            let open: Open<Target> = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&open).unwrap(), text);
        }
    }
}
