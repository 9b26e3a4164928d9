//! Releases and snapshots: the chain of records that is the only truth about what is served.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::digest::{Blob, Digest};
use crate::event::{Change, Target, TrackTarget, Tracks};
use crate::json::{Format, is_false};
use crate::name::{Chain, PromptName, RegistryName, Timestamp, Version};
use crate::open::{Open, words};
use crate::rollout::{Arm, PublishedArm, PublishedRollout, Rollout};
use crate::{Document, Kind};

/// Per chain, the sequence of the release in which the facts that a derived file shows last
/// changed. A writer never lowers one.
pub type Sequences = BTreeMap<Chain, u64>;

/// A release carries at most this many changes; more stand in a file of their own.
pub const MAX_INLINE_CHANGES: usize = 100;

/// A release with its changes is at most this many bytes long; else they stand in a file.
pub const MAX_RELEASE_BYTES: usize = 32 * 1024;

/// A release lists at most this many prompts that are held back, so that clients can read its pointer.
pub const MAX_HELD_BACK: usize = 50;

/// One numbered, immutable record of everything an environment serves:
/// `api/environments/{environment}/releases/{sequence}.json`. The newest one is also
/// `api/environments/{environment}.json`, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// Format version, always 1.
    pub format: Format,
    /// `release`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The environment, or `catalog`.
    pub environment: Chain,
    /// 1, 2, 3 …
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub sequence: u64,
    /// Operation that made the release.
    pub operation: Open<ReleaseOperation>,
    /// Snapshot of everything that the environment serves.
    pub snapshot: SnapshotReference,
    /// Digest of the previous release. Absent in the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// Git commit of the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What happened since the release before, sorted by name; what happened to a prompt in order.
    /// Absent when nothing did, or when `changes_file` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
    /// File with the changes, if there are too many for the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_file: Option<ChangesFile>,
    /// Publisher. Absent if unknown, as in a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// Approvals. Only from `publish`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Policy of the release. Absent if the tree has no `policy.yaml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyReference>,
    /// Prompts with errors in the tree, sorted by name: they stay as they were published, and their errors are the reason.
    /// In a release of an environment, the prompts that it serves or would serve; in one of the catalog, all of them.
    /// The first 50 of them at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("since" = 2)))]
    pub held_back: Vec<HeldBack>,
    /// Program that wrote the release, such as `promptdex 0.1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Publication time by the publisher's clock, never before the previous release. Absent if unknown, as in a
    /// preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Exception to a policy check, with its reason.
    #[serde(rename = "override", default, skip_serializing_if = "Option::is_none")]
    pub rule_override: Option<RuleOverride>,
    /// Blocked versions, which are not served although the tree points to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// A remark of the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Time after which a client warns that the environment may be stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// A C2SP signed note over all bytes before it. Always the last member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Document for Release {
    const KIND: Kind = Kind::Release;
}

words! {
    /// Why there is a release.
    pub enum ReleaseOperation {
        /// The tree was published.
        Publish = "publish",
        /// An environment went back ahead of the tree, in an emergency.
        Rollback = "rollback",
        /// A chain that was lost begins anew, with a number above every one that was ever served: the only
        /// release but number 1 that has none before it.
        Restart = "restart",
    }
}

/// Where a release's snapshot is: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SnapshotReference {
    /// Digest of the snapshot, or of its list of shards.
    pub digest: Digest,
    /// Size of that file.
    pub size: u64,
    /// Number of prompts in it.
    pub count: u64,
    /// 0 if the file has the entries. Otherwise the file lists 2^bits shards.
    #[cfg_attr(feature = "schema", schemars(range(max = 16)))]
    pub bits: u8,
}

/// The Git commit a release was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// The commit's id.
    pub commit: String,
    /// The commit's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
}

/// Where a release's changes are: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangesFile {
    /// Digest of the file.
    pub digest: Digest,
    /// Size of the file.
    pub size: u64,
    /// Number of changes in the file and its older pages.
    pub count: u64,
}

/// Who published a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actor {
    /// Person or job, in the form that the registry publishes. A claim, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// URL of the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// Who approved a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Approval {
    /// The person.
    pub by: String,
    /// Time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// URL of the approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Source of the approval, such as `github-review`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The rules that were in force when a release was made: `api/snapshots/{sha256}.json`, a copy of what
/// `api/policy.json` was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyReference {
    /// Digest of the policy document.
    pub digest: Digest,
    /// Size of that file.
    pub size: u64,
    /// What these rules say of the release. Absent when the publisher did not apply them, as `build` does not:
    /// they were applied to the pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Open<Verdict>>,
}

words! {
    /// The verdict of the rules on a release.
    pub enum Verdict {
        /// Every rule was met.
        Allowed = "allowed",
        /// A rule was set aside; `override` says why.
        Overridden = "overridden",
    }
}

/// Exception to a policy check, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleOverride {
    /// Person who made the exception.
    pub by: String,
    /// Reason.
    pub reason: String,
}

/// A prompt that stays as it was published, because the tree has an error in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldBack {
    /// The prompt.
    pub name: PromptName,
    /// The code of the check that it fails, such as `yanked-pointer`.
    pub code: String,
    /// The message of the first error.
    pub reason: String,
}

/// A version that is withdrawn until the tree no longer points to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// The prompt.
    pub name: PromptName,
    /// Blocked version.
    pub version: Version,
    /// Reason.
    pub reason: String,
}

/// The entries of a snapshot, or of one of its shards: `api/snapshots/{sha256}.json`. Those of the catalog's chain have other
/// fields than those of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(bound(deserialize = "E: DeserializeOwned"))]
pub struct Snapshot<E> {
    /// Format version, always 1.
    pub format: Format,
    /// `snapshot`.
    pub kind: Kind,
    /// Sorted by name, then by track as a number.
    pub entries: Vec<Open<E>>,
}

impl<E> Document for Snapshot<E> {
    const KIND: Kind = Kind::Snapshot;
}

/// The shards of a snapshot with more than 128 prompts: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shards {
    /// Format version, always 1.
    pub format: Format,
    /// `shards`.
    pub kind: Kind,
    /// 2^`bits` of them. A prompt is in the one whose number, from 0, is the top `bits` bits of the SHA-256 of its name.
    pub shards: Vec<Blob>,
}

impl Document for Shards {
    const KIND: Kind = Kind::Shards;
}

/// What an environment serves for one prompt, or for one track of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EntryFields", into = "EntryFields")]
pub struct Entry {
    /// The prompt.
    pub name: PromptName,
    /// The track, if the pointer has tracks.
    pub track: Option<Track>,
    /// What is served.
    pub served: EntryTarget,
}

/// One of the tracks of a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Track {
    /// Its major.
    pub major: u64,
    /// Whether apps get it that ask for no track. If no track of the prompt is, they get the lowest one.
    pub is_main: bool,
}

/// What an entry serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryTarget {
    /// One version.
    Version {
        /// The version.
        version: Version,
        /// Its document.
        document: Blob,
    },
    /// Weighted rollout.
    Rollout(PublishedRollout),
}

impl EntryTarget {
    /// Returns every version that is served, with its document.
    pub fn documents(&self) -> Vec<(&Version, Blob)> {
        match self {
            Self::Version { version, document } => vec![(version, *document)],
            Self::Rollout(rollout) => {
                rollout.arms.iter().map(|arm| (&arm.version, arm.document)).collect()
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct EntryFields {
    /// The prompt.
    name: PromptName,
    /// Major version as text, if the pointer has tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    /// Whether apps without a track get this track. Defaults to the lowest track.
    #[serde(default, skip_serializing_if = "is_false")]
    main: bool,
    /// The version. Absent in a rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// Digest of the version document. Absent in a rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    /// Size of the version document. Absent in a rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Variants of a rollout, including a rollout in a track. Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<PublishedRollout>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "an entry has `version`, `digest` and `size`, or `rollout` with all buckets; `track` is a number as text"
)]
struct EntryError;

impl TryFrom<EntryFields> for Entry {
    type Error = EntryError;

    fn try_from(fields: EntryFields) -> Result<Self, EntryError> {
        let EntryFields { name, track, main, version, digest, size, rollout } = fields;
        let served = match (version, digest, size, rollout) {
            (Some(version), Some(digest), Some(size), None) => {
                EntryTarget::Version { version, document: Blob { digest, size } }
            }
            (None, None, None, Some(rollout)) if rollout.is_complete() => {
                EntryTarget::Rollout(rollout)
            }
            _ => return Err(EntryError),
        };
        let track = match track {
            Some(track) => {
                let major = track.parse().map_err(|_not_a_number| EntryError)?;
                Some(Track { major, is_main: main })
            }
            None => None,
        };
        Ok(Self { name, track, served })
    }
}

impl From<Entry> for EntryFields {
    fn from(Entry { name, track, served }: Entry) -> Self {
        let mut fields = Self {
            name,
            track: track.map(|track| track.major.to_string()),
            main: track.is_some_and(|track| track.is_main),
            version: None,
            digest: None,
            size: None,
            rollout: None,
        };
        match served {
            EntryTarget::Version { version, document } => {
                fields.version = Some(version);
                fields.digest = Some(document.digest);
                fields.size = Some(document.size);
            }
            EntryTarget::Rollout(rollout) => fields.rollout = Some(rollout),
        }
        fields
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Entry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Entry".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = EntryFields::json_schema(generator);
        let forms: [&[&str]; 2] = [&["version", "digest", "size"], &["rollout"]];
        crate::json::require_one_of(&mut schema, &forms);
        schema
    }
}

impl Target {
    /// Returns what the entries of one prompt serve, as the source says it.
    pub fn of(entries: &[Entry]) -> Option<Self> {
        let target = |served: &EntryTarget| match served {
            EntryTarget::Version { version, .. } => TrackTarget::Version(version.clone()),
            EntryTarget::Rollout(rollout) => {
                let arm = |arm: &PublishedArm| Arm {
                    key: arm.key.clone(),
                    version: arm.version.clone(),
                    weight: arm.weight,
                };
                let arms = rollout.arms.iter().map(arm).collect();
                TrackTarget::Rollout(Rollout { experiment: rollout.experiment.clone(), arms })
            }
        };
        let first = entries.first()?;
        if first.track.is_none() {
            return Some(target(&first.served).into());
        }
        let mut tracks = Tracks { targets: BTreeMap::new(), main: None };
        for entry in entries {
            let track = entry.track?;
            tracks.targets.insert(track.major, target(&entry.served));
            tracks.main = tracks.main.or(track.is_main.then_some(track.major));
        }
        Some(Self::Tracks(tracks))
    }
}

/// Where the catalog's list of a prompt's versions is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogEntry {
    /// The prompt.
    pub name: PromptName,
    /// Digest of the version list, a file in `api/snapshots/`.
    pub digest: Digest,
    /// Size of that file.
    pub size: u64,
}

/// Returns how many top bits of a name's SHA-256 choose its shard, given the number of prompts.
pub fn bits(count: usize) -> u8 {
    match count {
        0..=128 => 0,
        129..=1_024 => 4,
        1_025..=8_192 => 6,
        8_193..=65_536 => 8,
        _ => 10,
    }
}

/// Returns the shard of a prompt: the top `bits` bits of SHA-256 of its name. `bits` is at most 16.
pub fn shard_of(name: &PromptName, bits: u8) -> usize {
    let hash = Sha256::digest(name.as_str());
    let top = u32::from(u16::from_be_bytes([hash[0], hash[1]]));
    (top >> 16u8.saturating_sub(bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_the_top_bits_of_the_names_hash() {
        // printf support/refund | sha256sum begins with 7197.
        let name: PromptName = "support/refund".parse().unwrap();
        assert_eq!([0, 4, 6, 8, 10].map(|bits| shard_of(&name, bits)), [0, 0x7, 0x1c, 0x71, 0x1c6]);
        assert_eq!(
            [128, 129, 1_024, 1_025, 8_192, 8_193, 65_536, 65_537].map(bits),
            [0, 4, 4, 6, 6, 8, 8, 10]
        );
    }
}
