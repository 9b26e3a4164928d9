//! Weighted rollouts: which arm of an experiment a caller gets.

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::digest::{Blob, Digest};
use crate::json::Decimal;
use crate::name::Version;

/// Number of buckets that callers fall into: a weight of 0.01 is one bucket.
pub const BUCKETS: u64 = 10_000;

/// A share of callers: a number of buckets, which people read in percent, with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u16);

impl Weight {
    /// Makes a weight of a number of buckets, at most 10,000.
    pub fn from_buckets(buckets: u16) -> Option<Self> {
        (u64::from(buckets) <= BUCKETS).then_some(Self(buckets))
    }

    /// Makes a weight from percent: between 0 and 100, at most two decimals.
    pub fn from_percent(percent: f64) -> Option<Self> {
        if !(0.0..=100.0).contains(&percent) {
            return None;
        }
        let hundredths = (percent * 100.0).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 10,000"
        )]
        let weight = Self(hundredths as u16);
        (weight.percent() == percent).then_some(weight)
    }

    /// Returns the number of buckets.
    pub fn buckets(self) -> u16 {
        self.0
    }

    /// Returns the share in percent.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// In percent, without needless digits: `90`, `12.5`.
impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match (hundredths / 10, hundredths % 10) {
            (0, 0) => write!(f, "{whole}"),
            (tenths, 0) => write!(f, "{whole}.{tenths}"),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

/// A rollout as the source writes it and as releases repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rollout {
    /// The name of the experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Variants. The first is the main variant.
    pub arms: Vec<Arm>,
}

/// One arm of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "ArmFields", into = "ArmFields")]
pub struct Arm {
    /// Identifier for apps to log.
    pub key: String,
    /// Version of the variant.
    pub version: Version,
    /// Its share of callers.
    pub weight: Weight,
}

/// A rollout with everything a client needs to choose and to verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishedRollout {
    /// The name of the experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Salt that is hashed with the bucketing key: the experiment, or the prompt's name.
    pub salt: String,
    /// Variants. The first is the main variant, for requests without a bucketing key.
    pub arms: Vec<PublishedArm>,
}

/// One arm of a published rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "PublishedArmFields", into = "PublishedArmFields")]
pub struct PublishedArm {
    /// Identifier for apps to log.
    pub key: String,
    /// Version of the variant.
    pub version: Version,
    /// Its share of callers.
    pub weight: Weight,
    /// Its document.
    pub document: Blob,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Arm"))]
struct ArmFields {
    /// Identifier for apps to log.
    key: String,
    /// Version of the variant.
    version: Version,
    /// Percent of traffic, for display.
    weight: Percent,
    /// Number of its buckets, in proportion to its traffic. The buckets of all variants add up to 10,000.
    #[cfg_attr(feature = "schema", schemars(range(max = 10_000)))]
    buckets: u16,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PublishedArm"))]
struct PublishedArmFields {
    /// Identifier for apps to log.
    key: String,
    /// Version of the variant.
    version: Version,
    /// Percent of traffic, for display.
    weight: Percent,
    /// Number of its buckets, in proportion to its traffic. The buckets of all variants add up to 10,000.
    #[cfg_attr(feature = "schema", schemars(range(max = 10_000)))]
    buckets: u16,
    /// Digest of the version document.
    digest: Digest,
    /// Size of the version document.
    size: u64,
}

/// What `weight` says to people. Only `buckets` counts, so it is not read.
#[derive(Default)]
struct Percent(Option<Weight>);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.and_then(|weight| Decimal::new(weight.percent())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|IgnoredAny| Self(None))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0, "maximum": 100})
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an arm has at most {BUCKETS} buckets")]
struct BucketsError;

impl TryFrom<ArmFields> for Arm {
    type Error = BucketsError;

    fn try_from(fields: ArmFields) -> Result<Self, BucketsError> {
        let weight = Weight::from_buckets(fields.buckets).ok_or(BucketsError)?;
        Ok(Self { key: fields.key, version: fields.version, weight })
    }
}

impl From<Arm> for ArmFields {
    fn from(Arm { key, version, weight }: Arm) -> Self {
        Self { key, version, weight: Percent(Some(weight)), buckets: weight.buckets() }
    }
}

impl TryFrom<PublishedArmFields> for PublishedArm {
    type Error = BucketsError;

    fn try_from(fields: PublishedArmFields) -> Result<Self, BucketsError> {
        let PublishedArmFields { key, version, buckets, digest, size, .. } = fields;
        let weight = Weight::from_buckets(buckets).ok_or(BucketsError)?;
        Ok(Self { key, version, weight, document: Blob { digest, size } })
    }
}

impl From<PublishedArm> for PublishedArmFields {
    fn from(PublishedArm { key, version, weight, document }: PublishedArm) -> Self {
        let Blob { digest, size } = document;
        let (weight, buckets) = (Percent(Some(weight)), weight.buckets());
        Self { key, version, weight, buckets, digest, size }
    }
}

/// Returns the bucket of a caller, below [`BUCKETS`]: the first 8 bytes of SHA-256 of
/// `{salt}:{key}`, big-endian, modulo 10,000.
pub fn bucket(salt: &str, key: &str) -> u64 {
    let hash = Sha256::new().chain_update(salt).chain_update(":").chain_update(key).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(first) % BUCKETS
}

/// Returns the position of the arm that owns `bucket`, given the weights in the order listed; the
/// first arm if the weights do not reach it.
pub fn arm_of(weights: impl IntoIterator<Item = Weight>, bucket: u64) -> usize {
    let mut end = 0;
    for (position, weight) in weights.into_iter().enumerate() {
        end += u64::from(weight.buckets());
        if bucket < end {
            return position;
        }
    }
    0
}

impl PublishedRollout {
    /// Whether it has arms, and their buckets add up to 10,000: else this release does not know what it means.
    pub fn is_complete(&self) -> bool {
        self.arms.iter().map(|arm| u64::from(arm.weight.buckets())).sum::<u64>() == BUCKETS
    }

    /// Returns the arm of a caller; callers without a key get the main one.
    pub fn arm(&self, key: Option<&str>) -> Option<&PublishedArm> {
        let position = match key {
            Some(key) => arm_of(self.arms.iter().map(|arm| arm.weight), bucket(&self.salt, key)),
            None => 0,
        };
        self.arms.get(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_pinned() {
        // Computed with Python: int.from_bytes(sha256(b"salt:key").digest()[:8], "big") % 10000.
        let buckets =
            [("warmer-tone", "user-1"), ("warmer-tone", "user-2"), ("a", ""), ("ä", "日本")]
                .map(|(salt, key)| bucket(salt, key));
        assert_eq!(buckets, [8969, 2195, 2626, 2018]);
    }

    #[test]
    fn weights_have_two_decimals_and_one_spelling() {
        for (percent, text) in [
            (90.0, "90"),
            (12.5, "12.5"),
            (0.01, "0.01"),
            (0.0, "0"),
            (100.0, "100"),
            (33.33, "33.33"),
        ] {
            let weight = Weight::from_percent(percent).unwrap();
            assert_eq!(serde_json::to_string(&Percent(Some(weight))).unwrap(), text);
            assert_eq!(weight.to_string(), text);
        }
        for percent in [-1.0, 100.01, 0.001, 33.333, f64::NAN, f64::INFINITY] {
            assert_eq!(Weight::from_percent(percent), None, "{percent}");
        }
    }

    #[test]
    fn a_growing_second_arm_keeps_its_callers() {
        let weights =
            |second: u16| [10_000 - second, second].map(|h| Weight::from_buckets(h).unwrap());
        for bucket in 0..BUCKETS {
            if arm_of(weights(1_000), bucket) == 1 {
                assert_eq!(arm_of(weights(2_500), bucket), 1);
            }
        }
    }
}
