//! Documents to browse with: the summary of a registry, a prompt's versions, cases, bundles. All of
//! them but [`VersionList`] are derived, and record in `sequences` which releases they show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::{Blob, Digest};
use crate::event::Target;
use crate::history::MonthEvents;
use crate::json::{Decimal, Format, Json, is_zero};
use crate::name::{
    BundleName, Environment, PromptName, PromptVersion, RegistryName, Timestamp, Version,
};
use crate::open::{Open, words};
use crate::prompt::Dialect;
use crate::release::Sequences;
use crate::search::Search;
pub use crate::state::State;
use crate::{Document, Kind};

/// The summary of a registry for browsing: `api/catalog.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalog {
    /// Format version, always 1.
    pub format: Format,
    /// `catalog`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// Sequence numbers of the included releases.
    pub sequences: Sequences,
    /// The promotion path.
    pub environments: Vec<Environment>,
    /// Location of the search terms. Absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// Months with events in the Git history, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<MonthEvents>,
    /// The prompts, sorted by name. Archived versions are not counted.
    pub prompts: Vec<CatalogPrompt>,
    /// Files of the same kind in `api/snapshots/` with more prompts, in this order. Reserved: never written today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Blob>,
}

impl CatalogPrompt {
    /// Returns what an environment serves, if it serves the prompt and this release knows the form.
    pub fn target(&self, environment: &Environment) -> Option<&Target> {
        self.pointers.get(environment).and_then(Open::known)
    }
}

impl Versions {
    /// Returns what an environment serves, if it serves the prompt and this release knows the form.
    pub fn target(&self, environment: &Environment) -> Option<&Target> {
        self.pointers.get(environment).and_then(Open::known)
    }
}

impl Document for Catalog {
    const KIND: Kind = Kind::Catalog;
}

/// One prompt in the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogPrompt {
    /// The prompt.
    pub name: PromptName,
    /// Title of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Purpose of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Tags of the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Owners of the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Prompt that replaces this prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<PromptName>,
    /// Number of versions, without archived ones.
    pub version_count: u64,
    /// The highest version that is neither a pre-release nor yanked, archived or redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<Version>,
    /// Dialect of `highest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "any_template"))]
    pub template: Option<Open<Dialect>>,
    /// The model that `highest` was written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Names of the variables of `highest`, in source order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variable_names: Vec<String>,
    /// Transitive includes of `highest` and of the served versions, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<PromptVersion>,
    /// Target of each environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pointers: BTreeMap<Environment, Open<Target>>,
    /// The states of the served versions that are not active.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<Version, Open<State>>,
}

/// Describes the template of a version in a list: one that a reader does not know concerns this version alone.
#[cfg(feature = "schema")]
fn any_template(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let known = Dialect::ALL.map(Dialect::as_str);
    schemars::json_schema!({"type": "string", "minLength": 1, "examples": known})
}

/// The versions of a prompt: `api/prompts/{name}/versions.json`, and full pages of older ones in
/// `api/snapshots/{sha256}.json`, which have only the fields that never change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Versions {
    /// Format version, always 1.
    pub format: Format,
    /// `versions`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The prompt.
    pub name: PromptName,
    /// Sequence numbers of the included releases; none in a full page.
    pub sequences: Sequences,
    /// Title of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Purpose of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Tags of the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Owners of the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Teams that own the prompt, according to the published policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Prompt that replaces this prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<PromptName>,
    /// Target of each environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pointers: BTreeMap<Environment, Open<Target>>,
    /// Last change of the pointer of each environment: author, time and reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub updates: BTreeMap<Environment, Update>,
    /// The versions that were published last, at most 500, the highest first.
    pub versions: Vec<VersionRow>,
    /// The full page with the 500 versions that were published before them. A reader must follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Blob>,
}

impl Document for Versions {
    const KIND: Kind = Kind::Versions;
}

/// Who moved a pointer, when and why: the same as in the `latest` document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Author of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// Time at which the change reached the default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One version in `versions.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionRow {
    /// The version.
    pub version: Version,
    /// Digest of its document.
    pub digest: Digest,
    /// Size of its document.
    pub size: u64,
    /// Digest of its source files.
    pub source_digest: Digest,
    /// Lifecycle state of the version.
    pub state: Open<State>,
    /// Reason of the state, unless the state is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Author of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Creation time of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The changelog line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Dialect. Absent for a redacted version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "any_template"))]
    pub template: Option<Open<Dialect>>,
    /// Model that the prompt was written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tags of the version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Number of test cases. With test cases or results, `cases/{version}.json` exists.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub case_count: u64,
    /// The results of its tests, sorted by the names of the tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<TestResult>,
}

/// The result of a test of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestResult {
    /// The test.
    pub test_name: String,
    /// Digest of the source files that were tested: the version's `source_digest`. Results of other
    /// files are not published.
    pub source_digest: Digest,
    /// Number of passed tests.
    pub passed: u64,
    /// Number of failed tests.
    pub failed: u64,
    /// Average score, on the scale of the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avg_score: Option<Decimal>,
    /// Time of the test.
    pub tested_at: Timestamp,
    /// Source of the results, such as the URL of a CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The catalog chain's list of a prompt's versions: `api/snapshots/{sha256}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionList {
    /// Format version, always 1.
    pub format: Format,
    /// `version_list`.
    pub kind: Kind,
    /// The prompt.
    pub name: PromptName,
    /// The versions that were published last, at most 500, the highest first.
    pub versions: Vec<ListedVersion>,
    /// The full page with the 500 versions that were published before them. A reader must follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Blob>,
}

impl Document for VersionList {
    const KIND: Kind = Kind::VersionList;
}

/// One version in the catalog chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedVersion {
    /// The version.
    pub version: Version,
    /// Digest of its document.
    pub digest: Digest,
    /// Size of its document.
    pub size: u64,
    /// Digest of its source files.
    pub source_digest: Digest,
    /// Lifecycle state of the version.
    pub state: Open<State>,
    /// Reason of the state, unless the state is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What stands for the value of a `sensitive` variable in published cases: a string, whatever the type.
pub const MASK: &str = "***";

/// The stored inputs of a version, and the results of its tests: `api/prompts/{name}/cases/{version}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cases {
    /// Format version, always 1.
    pub format: Format,
    /// `cases`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// The prompt.
    pub name: PromptName,
    /// The version.
    pub version: Version,
    /// Sequence numbers of the included releases.
    pub sequences: Sequences,
    /// Tokenizer of the token counts, such as `o200k_base`. Absent if tokens were not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
    /// Test cases, in source order.
    pub cases: Vec<Case>,
    /// The results of its tests, sorted by the names of the tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<TestResult>,
}

impl Document for Cases {
    const KIND: Kind = Kind::Cases;
}

/// One stored input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Case {
    /// Name of the test case.
    pub name: String,
    /// An object of values by variable; values of `sensitive` variables are masked.
    pub variables: Json,
    /// Expectations of the rendered text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    /// Number of tokens of the rendered contents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
}

/// What the rendering of a case must satisfy: judged on the message contents joined by one LF.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expect {
    /// Whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// Texts that must occur.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Texts that must not occur.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_contains: Vec<String>,
    /// Regular expression that must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Maximum number of tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
}

/// Everything an app needs in one request: `api/environments/{environment}/bundles/{bundle}.json`.
/// It holds the exact bytes of its files as strings, so that every digest can be verified from it
/// alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bundle {
    /// Format version, always 1.
    pub format: Format,
    /// `bundle`.
    pub kind: Kind,
    /// The bytes of the release.
    pub release: String,
    /// The bytes of its snapshot, or of its list of shards.
    pub snapshot: String,
    /// The bytes of the shards, if any, and then of the version documents, in the order in which the
    /// snapshot names them.
    pub documents: Vec<String>,
}

impl Document for Bundle {
    const KIND: Kind = Kind::Bundle;
}

/// A bundle beyond this size is not written, and is an error if `registry.yaml` names it; clients walk the snapshot instead.
pub const MAX_BUNDLE_BYTES: usize = 4 * 1024 * 1024;

/// The root of a registry: `api/registry.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registry {
    /// Format version, always 1.
    pub format: Format,
    /// `registry`.
    pub kind: Kind,
    /// The name of the registry.
    pub registry: RegistryName,
    /// URL of the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Cache and indexing hint. It does not control read access.
    pub visibility: Open<Visibility>,
    /// The promotion path.
    pub environments: Vec<Environment>,
    /// Tokenizer for token counts.
    pub tokenizer: String,
    /// Source repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// Bundles, sorted by environment in promotion order and then by name, with `all` first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<Open<BundleReference>>,
}

/// A bundle that there is: `api/environments/{environment}/bundles/{bundle}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BundleReference {
    /// The environment.
    pub environment: Environment,
    /// The name of the bundle.
    pub bundle: BundleName,
    /// Digest of the file.
    pub digest: Digest,
    /// Size of the file.
    pub size: u64,
}

impl Document for Registry {
    const KIND: Kind = Kind::Registry;
}

words! {
    /// Who may read a registry: what the cache and CORS headers say.
    pub enum Visibility {
        /// Open CORS, shared caching, indexable.
        Public = "public",
        /// No open CORS, private caching, not indexable.
        Private = "private",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro that declares it has no word for the default"
)]
impl Default for Visibility {
    fn default() -> Self {
        Self::Private
    }
}

/// Where the source of a registry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Repository {
    /// URL of the repository.
    pub url: String,
    /// Default branch, which is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Folder of the prompts in the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
