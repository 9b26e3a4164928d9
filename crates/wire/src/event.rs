//! What happens to prompts, in the words that releases and histories share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::Format;
use crate::name::{PromptName, Timestamp, Version};
use crate::rollout::Rollout;
use crate::{Document, Kind};

/// What happened to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A version was added.
    Created,
    /// An environment serves another version, or serves the prompt for the first time.
    Promoted,
    /// Arms or weights changed.
    RolledOut,
    /// The main version became a lower one.
    Reverted,
    /// A version is served with a warning.
    Deprecated,
    /// A version gets no new pointer or include.
    Yanked,
    /// A version left catalog, search and pages.
    Archived,
    /// A version's text was withdrawn.
    Redacted,
    /// The prompt left the environment.
    Retired,
    /// The promotion rules changed.
    RulesChanged,
}

impl Operation {
    /// Every operation, those on pointers first.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Promoted,
        Self::RolledOut,
        Self::Reverted,
        Self::Retired,
        Self::Deprecated,
        Self::Yanked,
        Self::Archived,
        Self::Redacted,
        Self::RulesChanged,
    ];

    /// Returns what it is called in sentences: the name that the data has, with a space for `_`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Promoted => "promoted",
            Self::RolledOut => "rolled out",
            Self::Reverted => "reverted",
            Self::Retired => "retired",
            Self::Deprecated => "deprecated",
            Self::Yanked => "yanked",
            Self::Archived => "archived",
            Self::Redacted => "redacted",
            Self::RulesChanged => "rules changed",
        }
    }
}

/// What a pointer says, as in the source: one version, one per major, or arms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TargetFields", into = "TargetFields")]
pub enum Target {
    /// One version.
    Version(Version),
    /// One version per major, by major.
    Tracks(BTreeMap<u64, Version>),
    /// A weighted rollout.
    Rollout(Rollout),
}

impl Target {
    /// Returns the version served to callers that ask for nothing special: the version, the lowest
    /// track, or the first arm.
    pub fn main(&self) -> Option<&Version> {
        match self {
            Self::Version(version) => Some(version),
            Self::Tracks(tracks) => tracks.values().next(),
            Self::Rollout(rollout) => rollout.arms.first().map(|arm| &arm.version),
        }
    }

    /// Returns every version that is served.
    pub fn versions(&self) -> Vec<&Version> {
        match self {
            Self::Version(version) => vec![version],
            Self::Tracks(tracks) => tracks.values().collect(),
            Self::Rollout(rollout) => rollout.arms.iter().map(|arm| &arm.version).collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TargetFields {
    /// One version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// One version per major; the keys are the majors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracks: Option<BTreeMap<u64, Version>>,
    /// A weighted rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<Rollout>,
}

#[derive(Debug, thiserror::Error)]
#[error("a target has `version`, `tracks` or `rollout`, exactly one of them")]
struct TargetFormError;

impl TryFrom<TargetFields> for Target {
    type Error = TargetFormError;

    fn try_from(fields: TargetFields) -> Result<Self, TargetFormError> {
        match (fields.version, fields.tracks, fields.rollout) {
            (Some(version), None, None) => Ok(Self::Version(version)),
            (None, Some(tracks), None) if !tracks.is_empty() => Ok(Self::Tracks(tracks)),
            (None, None, Some(rollout)) if !rollout.arms.is_empty() => Ok(Self::Rollout(rollout)),
            _ => Err(TargetFormError),
        }
    }
}

impl From<Target> for TargetFields {
    fn from(target: Target) -> Self {
        let mut fields = Self { version: None, tracks: None, rollout: None };
        match target {
            Target::Version(version) => fields.version = Some(version),
            Target::Tracks(tracks) => fields.tracks = Some(tracks),
            Target::Rollout(rollout) => fields.rollout = Some(rollout),
        }
        fields
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = TargetFields::json_schema(generator);
        schema.insert("minProperties".to_owned(), 1.into());
        schema.insert("maxProperties".to_owned(), 1.into());
        schema
    }
}

/// What a release changed: one row of the audit trail. What Git says of it is a claim, and absent when the
/// tree is not in Git or the change is not committed. People are written as the registry publishes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The prompt. Absent when the rules changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PromptName>,
    /// What happened.
    pub operation: Operation,
    /// What was served before. Absent when there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Target>,
    /// What is served now, or the version that the change is about. Absent when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Target>,
    /// Who did it: the author of the commit; of a merge, the author of the commit in it that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it came to the published branch: the time of `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The Git commit that brought it to the published branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Why: what stands beside a version's state, else the commit's `Reason:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The number of the pull request, when the commit's message has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Who made the commit, when it is somebody else than `by`: who merged it.
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
            operation,
            from,
            to,
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
}

/// The changes of a release that has too many to carry them: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// 1.
    pub format: Format,
    /// `changes`.
    pub kind: Kind,
    /// The changes, sorted by name; those of a prompt in the order in which they happened.
    pub changes: Vec<Change>,
}

impl Document for Changes {
    const KIND: Kind = Kind::Changes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_called_what_the_data_calls_them() {
        for operation in Operation::ALL {
            let name = serde_json::to_value(operation).expect("operations have names");
            assert_eq!(name, operation.word().replace(' ', "_"));
        }
    }
}
