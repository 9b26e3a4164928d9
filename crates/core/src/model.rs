//! The model of a tree: settings, prompts, pointers, versions, test cases.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use promptdex_compare::teams::TeamRights;
use promptdex_template::conversation::MessageText;
use promptdex_wire::catalog::{Repository, State, TestResult, Visibility};
use promptdex_wire::event::Target;
use promptdex_wire::json::Decimal;
use promptdex_wire::policy::{Permission, Promotion};
use promptdex_wire::prompt::Origin;
use promptdex_wire::variables::Type;
use promptdex_wire::{
    BundleName, Dialect, Digest, Environment, Json, Message, PromptName, RegistryName, Timestamp,
    Variable, Version,
};

use crate::read::Spanned;
use crate::rules::Severity;
use crate::source::{SourceFile, SourceText};

/// The facts of `registry.yaml` and the levels of `policy.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The name of the registry.
    pub registry: RegistryName,
    /// Where it will be served.
    pub url: Option<String>,
    /// The promotion path; never empty.
    pub environments: Vec<Environment>,
    /// The place of the key `environments` in `registry.yaml`, if it is there.
    pub environments_key: Option<Range<usize>>,
    /// Other names of environments, for metadata and the command line.
    pub aliases: BTreeMap<String, Environment>,
    /// Who may read it.
    pub visibility: Visibility,
    /// How authors are published: by email, by name, or not at all.
    pub people: People,
    /// Where the source is.
    pub repository: Option<Repository>,
    /// What counts tokens.
    pub tokenizer: String,
    /// The bundles besides `all`: patterns of prompt names.
    pub bundles: BTreeMap<BundleName, Vec<Spanned<String>>>,
    /// Levels that differ from the rules' own.
    pub checks: BTreeMap<String, RuleLevel>,
    /// `registry.yaml`, when there is one.
    pub file: Option<Arc<SourceFile>>,
    /// `policy.yaml`, when there is one.
    pub policy: Option<Arc<SourceFile>>,
    /// Findings that are accepted, each with a reason.
    pub allow: Vec<AllowedFinding>,
    /// What `new` writes into the metadata of a new prompt.
    pub new: NewDefaults,
    /// The rules for changes.
    pub governance: ChangePolicy,
}

/// The rules for changes: what a promotion requires, and the permissions of teams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangePolicy {
    /// The requirements of each environment for promotions.
    pub promotion: BTreeMap<Environment, Promotion>,
    /// The teams, by name. Without any, everybody may do everything.
    pub teams: BTreeMap<String, TeamSource>,
    /// How many versions one change may add.
    pub max_versions: Option<u64>,
    /// Whether every commit of a change is signed.
    pub require_signed_commits: bool,
}

/// A team: its members, the prompts that it owns, and its permissions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamSource {
    /// E-mail addresses, names as Git has them, and `@handles`.
    pub people: Vec<String>,
    /// Patterns of prompt names.
    pub owns: Vec<String>,
    /// What they may do.
    pub may: BTreeSet<Permission>,
}

impl TeamRights for TeamSource {
    fn owns(&self) -> &[String] {
        &self.owns
    }

    fn may(&self, permission: Permission) -> bool {
        self.may.contains(&permission)
    }
}

/// What `new` writes into the metadata of a new prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewDefaults {
    /// The dialect; absent is `jinja`.
    pub template: Option<Dialect>,
    /// The token budget.
    pub token_budget: Option<u64>,
}

/// How authors are published: by email, by name, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// The e-mail address.
    Email,
    /// The name.
    Name,
    /// Nothing.
    None,
}

impl People {
    /// Whether a registry publishes a person who is written so: an e-mail address, a name or a `@handle`.
    pub fn publishes(self, person: &str) -> bool {
        match self {
            Self::Email => true,
            // A handle is the name of an account, not an address.
            Self::Name => !person.contains('@') || person.starts_with('@'),
            Self::None => false,
        }
    }
}

/// The severity of a rule as `policy.yaml` sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    /// The rule counts as this.
    Is(Severity),
    /// The rule is not checked.
    Off,
}

/// An entry of `allow` in `policy.yaml`: findings that are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedFinding {
    /// The rule's code.
    pub check: String,
    /// A pattern of paths below the root of the tree.
    pub path: String,
    /// Why it is accepted.
    pub reason: String,
    /// Its place in `policy.yaml`.
    pub range: Range<usize>,
}

impl Settings {
    /// Returns these settings with the rules of the base of a change: a change is not checked by rules that
    /// it brings itself.
    #[must_use]
    pub fn with_rules_of(self, base: &Self) -> Self {
        Self {
            checks: base.checks.clone(),
            allow: base.allow.clone(),
            governance: base.governance.clone(),
            // Of a part of the tree nobody can say that it has no finding left, or no prompt.
            policy: None,
            bundles: BTreeMap::new(),
            ..self
        }
    }

    /// Finds an environment by its name or an alias.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|e| e.as_str() == name).or_else(|| self.aliases.get(name))
    }
}

/// A prompt as its files define it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// Its name.
    pub name: PromptName,
    /// `title` of `prompt.yaml`.
    pub title: Option<String>,
    /// `description` of `prompt.yaml`.
    pub description: Option<String>,
    /// `tags` of `prompt.yaml`.
    pub tags: Vec<String>,
    /// `owners` of `prompt.yaml`.
    pub owners: Vec<String>,
    /// `replaced_by` of `prompt.yaml`.
    pub replaced_by: Option<Spanned<PromptName>>,
    /// `prompt.yaml`, when there is one.
    pub source: Option<Arc<SourceFile>>,
    /// The versions that are not active.
    pub states: BTreeMap<Version, DeclaredState>,
    /// Whether the prompt has an `environments/` folder, so that metadata does not declare pointers.
    pub has_environments: bool,
    /// The pointers, one per file of `environments/`.
    pub pointers: BTreeMap<Environment, Pointer>,
    /// The file that has the number, and the versions that were found with it, when the prompt is edited in
    /// place.
    pub in_place: Option<(String, BTreeSet<Version>)>,
    /// The number of the file that is edited in place, if the text under it is not what the version with that
    /// number has.
    pub draft: Option<Version>,
    /// Whether it is edited in place and older than the commits of a shallow clone, so that it may have had more
    /// versions.
    pub lacks_commits: bool,
    /// The versions.
    pub versions: BTreeMap<Version, PromptVersionSource>,
    /// The stored inputs, by version.
    pub cases: BTreeMap<Version, CaseFile>,
    /// The test results, by version.
    pub results: BTreeMap<Version, Vec<TestResult>>,
}

impl Prompt {
    /// Returns the test results of a version, sorted by test name.
    pub(crate) fn results_of(&self, version: &Version) -> &[TestResult] {
        self.results.get(version).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the test results of a version as it is: those of other source files say nothing about it.
    pub(crate) fn own_results(&self, version: &Version) -> Vec<TestResult> {
        let source = self.versions.get(version).map(|source| source.source_digest);
        let results = self.results_of(version).iter();
        results.filter(|result| Some(result.source_digest) == source).cloned().collect()
    }
}

/// A lifecycle state that `prompt.yaml` declares for a version, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredState {
    /// The state.
    pub state: State,
    /// Why.
    pub reason: String,
    /// The place of the version in `prompt.yaml`.
    pub range: Range<usize>,
}

/// A pointer: a file of `environments/`, or the metadata that replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pointer {
    /// What it says.
    pub target: Target,
    /// The file that has it.
    pub source: Arc<SourceFile>,
    /// The places of the versions, in the order of [`Target::versions`].
    pub places: Vec<Range<usize>>,
}

/// A version as its files define it.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptVersionSource {
    /// Whether all of its files could be read; otherwise checks would guess.
    pub is_complete: bool,
    /// Digest of the files of its folder.
    pub source_digest: Digest,
    /// The digest of each of these files, by its path in the folder; sorted.
    pub file_digests: Vec<(String, Digest)>,
    /// The metadata.
    pub metadata: Metadata,
    /// The conversation, as it will be published.
    pub messages: Vec<Message>,
    /// The templates in the conversation, in order.
    pub templates: Vec<TemplateSource>,
    /// The few-shot examples.
    pub examples: Option<Vec<Json>>,
    /// The JSON Schema of the model's response.
    pub response_schema: Option<Json>,
    /// The tool definitions.
    pub tools: Option<Json>,
    /// The variables that hold media.
    pub media: Vec<MediaVariable>,
    /// Files of parts: path in the version's folder by digest.
    pub blobs: BTreeMap<Digest, String>,
}

/// One template of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateSource {
    /// The file that has it.
    pub source: Arc<SourceFile>,
    /// The text.
    pub text: SourceText,
    /// The message text that it is.
    pub slot: TemplateSlot,
}

/// A variable that holds the address of a part.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaVariable {
    /// Its name.
    pub name: Spanned<String>,
    /// The type that the part needs.
    pub kind: Type,
    /// The file that has it.
    pub source: Arc<SourceFile>,
}

/// Where in a conversation a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateSlot {
    /// The position in `messages`.
    pub message: usize,
    /// Which of its texts.
    pub text: MessageText,
}

impl TemplateSlot {
    /// Whether the template sees the keys of an example, and not the variables.
    pub fn is_example(self) -> bool {
        matches!(self.text, MessageText::ExampleUser | MessageText::ExampleAssistant)
    }
}

/// `metadata.json` or `metadata.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The file, when there is one.
    pub source: Option<Arc<SourceFile>>,
    /// The changelog line.
    pub description: Option<String>,
    /// Who made the version.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The dialect of every template.
    pub template: Dialect,
    /// The declared variables.
    pub variables: Vec<DeclaredVariable>,
    /// The most tokens a rendering may have.
    pub token_budget: Option<u64>,
    /// Sampling temperature.
    pub temperature: Option<Decimal>,
    /// The model.
    pub model: Option<String>,
    /// Free JSON for the model.
    pub parameters: Option<Json>,
    /// Tags of the version.
    pub tags: Vec<String>,
    /// Where it was imported from.
    pub origin: Option<Origin>,
    /// Free JSON.
    pub metadata: Option<Json>,
    /// `status`, which is not a fact about an immutable version.
    pub status: Option<Spanned<String>>,
    /// `environment`, read like `status`.
    pub environment: Option<Spanned<String>>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            source: None,
            description: None,
            created_by: None,
            created_at: None,
            template: Dialect::Jinja,
            variables: Vec::new(),
            token_budget: None,
            temperature: None,
            model: None,
            parameters: None,
            tags: Vec::new(),
            origin: None,
            metadata: None,
            status: None,
            environment: None,
        }
    }
}

impl Metadata {
    /// Finds a declared variable.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables
            .iter()
            .map(|declared| &declared.variable)
            .find(|variable| variable.name == name)
    }
}

/// A declared variable, with the place of its name.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredVariable {
    /// The variable, as it will be published.
    pub variable: Variable,
    /// The place of its name.
    pub range: Range<usize>,
}

/// A file of `cases/`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The file.
    pub source: Arc<SourceFile>,
    /// Its cases.
    pub cases: Vec<CaseSource>,
}

/// A stored input.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSource {
    /// The name.
    pub name: Spanned<String>,
    /// The values, with their places.
    pub variables: Vec<(Spanned<String>, Spanned<Json>)>,
    /// The expectations.
    pub expect: ExpectSource,
}

/// What a rendering must satisfy, with places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpectSource {
    /// The whole text.
    pub equals: Option<Spanned<String>>,
    /// Texts that occur.
    pub contains: Vec<Spanned<String>>,
    /// Texts that do not occur.
    pub not_contains: Vec<Spanned<String>>,
    /// A regular expression that matches.
    pub matches: Option<Spanned<String>>,
    /// The most tokens.
    pub max_tokens: Option<u64>,
}
