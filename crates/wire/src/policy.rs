//! The rules by which changes are judged, as they are published: for whoever asks why a promotion was possible,
//! or would be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::{Decimal, Format};
use crate::name::{Environment, RegistryName, Timestamp};
use crate::open::{Open, words};
use crate::{Document, Kind};

/// What a promotion needs, and who may do what: `api/policy.json`. They are the rules of the commit that was
/// published; a change is judged by those of the commit that it is merged into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy {
    /// Format version, always 1.
    pub format: Format,
    /// `policy`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// Promotion requirements of each environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub promotion: BTreeMap<Environment, Promotion>,
    /// Teams with their prompts and permissions. Without teams, anyone may change everything.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<String, Team>,
    /// Severities of checks that differ from their defaults, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Open<Level>>,
    /// Allowed findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Allow>,
}

impl Document for Policy {
    const KIND: Kind = Kind::Policy;
}

/// What an environment asks of what is promoted to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Promotion {
    /// Upstream environment, which must serve a version first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Environment>,
    /// Time for which `from` must serve a version first, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak_seconds: Option<u64>,
    /// Minimum percent of traffic for a version in `from` during that time. Defaults to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("since" = 2)))]
    pub soak_share: Option<Decimal>,
    /// Minimum test results of a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<ResultRules>,
    /// Whether a promotion needs a reason.
    #[serde(default, skip_serializing_if = "crate::json::is_false")]
    pub reason_required: bool,
    /// Deployment freezes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Freeze>,
}

/// Minimum test results of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultRules {
    /// Minimum share of passed tests, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_pass_rate: Option<Decimal>,
    /// Minimum average score of all tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_avg_score: Option<Decimal>,
    /// Minimum results of single tests, by name. Each of these tests must have results.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tests: BTreeMap<String, Limits>,
    /// Whether results in the same change as the promotion count.
    #[serde(default, skip_serializing_if = "crate::json::is_false")]
    #[cfg_attr(feature = "schema", schemars(extend("since" = 2)))]
    pub same_change: bool,
}

/// The least results of one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limits {
    /// The least share of its cases that passed, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_pass_rate: Option<Decimal>,
    /// The least average score of its cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_avg_score: Option<Decimal>,
}

/// A time in which nothing is promoted. Rollbacks are always possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Freeze {
    /// Start of the freeze.
    pub from: Timestamp,
    /// End of the freeze, the first time after it.
    pub until: Timestamp,
    /// Reason.
    pub reason: String,
}

/// A team: its people, the prompts that it owns, and what it may do with them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Team {
    /// Members, in the form that the registry publishes: email addresses, names, `@handles`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Patterns of prompt names: `*` is any text without `/`, `**` any number of folders.
    pub owns: Vec<String>,
    /// Permissions: `create`, `promote`, `revert`, `record`, `govern`.
    pub may: Vec<String>,
}

/// A permission of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Add versions.
    Create,
    /// Let an environment serve a version.
    Promote,
    /// Let it go back, and take versions away.
    Revert,
    /// Change test results and test cases.
    Record,
    /// Change the rules of the registry, who owns a prompt, and what replaces it.
    Govern,
}

/// Every permission, with the word for it.
pub const PERMISSIONS: [(&str, Permission); 5] = [
    ("create", Permission::Create),
    ("promote", Permission::Promote),
    ("revert", Permission::Revert),
    ("record", Permission::Record),
    ("govern", Permission::Govern),
];

/// The least share of traffic, in percent, that counts as soak time where a policy does not say.
pub const SOAK_SHARE: u32 = 10;

impl Permission {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Promote => "promote",
            Self::Revert => "revert",
            Self::Record => "record",
            Self::Govern => "govern",
        }
    }
}

words! {
    /// What happens when a rule is broken.
    pub enum Level {
        /// The change is refused.
        Error = "error",
        /// The change is accepted with a warning.
        Warn = "warn",
        /// The rule is not checked.
        Off = "off",
    }
}

/// An exception from a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allow {
    /// Code of the check.
    pub check: String,
    /// A pattern of paths in the source tree, such as `support/refund/environments/production.yaml`.
    pub path: String,
    /// Reason.
    pub reason: String,
}

/// The codes of the rules that are asked when a pointer moves: those of which `checks` and `allow` are published.
pub const CHECKS: [&str; 10] = [
    "breaking-promotion",
    "commit-clock",
    "deprecated-pointer",
    "frozen-environment",
    "missing-reason",
    "missing-results",
    "not-allowed",
    "promotion-path",
    "soak-time",
    "yanked-pointer",
];
