//! Every rule that a tree can break. A rule's page is `docs/checks/{code}.md`.

/// A check: its stable code, its default severity, and a one-line summary.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code, in kebab-case.
    pub code: &'static str,
    /// How bad breaking it is.
    pub severity: Severity,
    /// What the rule is, in one line.
    pub summary: &'static str,
    /// Whether its severity is locked, because it reports something that could not be read.
    pub is_fixed: bool,
    /// Whether it needs something to compare with: the base of a change, or a published registry.
    pub is_compared: bool,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The tree compiles, but should be looked at.
    Warning,
    /// The tree does not compile.
    Error,
}

impl Severity {
    /// Returns the word in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Declares the rules and the list of all of them.
macro_rules! rules {
    (@fixed Fixed) => { true };
    (@fixed $($other:ident)?) => { false };
    (@compared Compared) => { true };
    (@compared $($other:ident)?) => { false };
    ($($constant:ident $code:literal $severity:ident $($kind:ident)? $summary:literal;)*) => {
        $(#[doc = $summary]
        pub static $constant: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            summary: $summary,
            is_fixed: rules!(@fixed $($kind)?),
            is_compared: rules!(@compared $($kind)?),
        };)*

        /// Every rule, grouped as in the documentation.
        pub static ALL: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    // Files and names
    INVALID_NAME "invalid-name" Error Fixed "a folder's name cannot be part of a prompt name";
    NAME_COLLISION "name-collision" Error Fixed "two prompt names are the same once `_` is read as `-`";
    PATH_LENGTH "path-length" Error Fixed "a published path is too long for some file systems";
    NESTED_PROMPT "nested-prompt" Error Fixed "a prompt holds another prompt";
    INVALID_VERSION "invalid-version" Error Fixed "a version folder's name is not `v` and a SemVer number";
    DRAFT "draft" Warning "a prompt in place was edited, and its number is still the old one";
    UNKNOWN_FILE "unknown-file" Error Fixed "a file that nothing reads";
    CONFLICTING_FILES "conflicting-files" Error Fixed "two forms of the same thing in one version";
    AMBIGUOUS_FILE "ambiguous-file" Error Fixed "a file is the text of a message and the file of a part";
    EXECUTABLE_FILE "executable-file" Error "a file of a version can be executed";
    MISSING_TEXT "missing-text" Error Fixed "a version without a prompt text";
    NOT_A_FILE "not-a-file" Error Fixed "a symlink or submodule where a file is expected";
    FILE_SIZE "file-size" Error Fixed "a file is too large";
    INVALID_UTF8 "invalid-utf8" Error Fixed "a text file is not UTF-8";
    CONFLICT_MARKER "conflict-marker" Error "a conflict of a merge is still open in a file";
    FRONT_MATTER "front-matter" Warning "a prompt text begins with front matter, which reaches the model";
    INVISIBLE_CHARACTER "invisible-character" Error "a control, bidi or tag character in a published text";
    LONE_CR "lone-cr" Warning "a carriage return without a line feed";
    SECRET "secret" Error "a key, token or password in a file that is published";
    MISSING_FILE "missing-file" Error Fixed "a message names a file that is not there";

    // YAML and JSON
    INVALID_JSON "invalid-json" Error Fixed "a file is not JSON";
    INVALID_YAML "invalid-yaml" Error Fixed "a file is not YAML";
    DUPLICATE_KEY "duplicate-key" Error Fixed "a key is written twice";
    YAML_ALIAS "yaml-alias" Error Fixed "a YAML anchor, alias or tag";
    YAML_NUMBER "yaml-number" Error Fixed "a number that is one only in YAML";
    YAML_COMMENT "yaml-comment" Warning "a text in YAML that ` #` cuts off";
    NUMBER_RANGE "number-range" Error Fixed "a number that readers cannot keep exactly";
    TOO_DEEP "too-deep" Error Fixed "values nested too deep";
    UNKNOWN_KEY "unknown-key" Error Fixed "a key that nothing reads";
    MISSING_KEY "missing-key" Error Fixed "a key that must be there";
    WRONG_TYPE "wrong-type" Error Fixed "a value of another type than its key needs";
    INVALID_VALUE "invalid-value" Error Fixed "a value that its key does not allow";

    UNMATCHED_PATTERN "unmatched-pattern" Warning "a bundle's pattern that matches no prompt";
    UNKNOWN_PROMPT "unknown-prompt" Error "a prompt is named that the tree does not have";
    UNUSED_ALLOW "unused-allow" Warning "an accepted finding that is not there";
    NO_GOVERNING_TEAM "no-governing-team" Warning "teams have permissions, and none may change the rules";
    STALE_CODEOWNERS "stale-codeowners" Warning "a CODEOWNERS file does not say what the teams say";

    // Facts about versions
    NAME_MISMATCH "name-mismatch" Error "metadata names another prompt or version than its folder";
    POINTER_IN_METADATA "pointer-in-metadata" Warning "`status` or `environment` in metadata, which is immutable";
    VERSION_SPELLING "version-spelling" Error Fixed "a version that YAML reads as a number";
    INVALID_VARIABLE "invalid-variable" Error Fixed "a variable's declaration contradicts itself";

    INVALID_SCHEMA "invalid-schema" Error "a JSON Schema that validators cannot use";

    // Contracts between versions
    BREAKING_CHANGE "breaking-change" Error "a change that callers notice without a new major version";
    ADDITIVE_CHANGE "additive-change" Error "an addition for callers without a new minor version";
    INCOMPATIBLE_ARMS "incompatible-arms" Error "the arms of a rollout ask different things of callers";

    // Against the published registry
    CHANGED_VERSION "changed-version" Error Fixed "a published version is not what was published";
    REMOVED_VERSION "removed-version" Error Fixed "a published version or prompt is gone";
    REMOVED_ENVIRONMENT "removed-environment" Error Compared "an environment that serves prompts is no longer listed";
    SHALLOW_HISTORY "shallow-history" Error Compared "a new version whose commit a shallow clone does not have";
    YANKED_INCLUDE "yanked-include" Error Compared "a new version includes a yanked one";
    BREAKING_PROMOTION "breaking-promotion" Error Compared "the last environment would break the callers it has";

    // Against the base of a change
    PROMOTION_PATH "promotion-path" Error Compared "an environment would serve what the one before it does not serve";
    SOAK_TIME "soak-time" Error Compared "a version is promoted before the environment before has served it long enough";
    COMMIT_CLOCK "commit-clock" Error Compared "soak time depends on a commit whose time cannot be right";
    MISSING_RESULTS "missing-results" Error Compared "a version is promoted without the test results that are asked for";
    FROZEN_ENVIRONMENT "frozen-environment" Error Compared "a version is promoted while its environment is frozen";
    NOT_ALLOWED "not-allowed" Error Compared "somebody changes what their team has no permission for";
    MISSING_REASON "missing-reason" Error Compared "a pointer moves, and no commit says why";
    LAST_ENVIRONMENT "last-environment" Warning Compared "an environment is no longer the last one, so breaking changes may enter it";
    TOO_MANY_VERSIONS "too-many-versions" Error Compared "a change adds more versions than are allowed";
    UNSIGNED_COMMIT "unsigned-commit" Error Compared "a commit of a change has no signature that holds";

    // Pointers
    UNKNOWN_ENVIRONMENT "unknown-environment" Error "a pointer for an environment that the registry does not have";
    MISSING_VERSION "missing-version" Error Fixed "a version is named that the prompt does not have";
    YANKED_POINTER "yanked-pointer" Error "an environment would serve a yanked or redacted version";
    DEPRECATED_POINTER "deprecated-pointer" Warning "an environment serves a deprecated or archived version, or goes on serving a yanked one";
    INVALID_TRACKS "invalid-tracks" Error Fixed "a track serves a version of another major";
    INVALID_ROLLOUT "invalid-rollout" Error Fixed "the arms of a rollout do not add up";

    // Templates
    TEMPLATE_SYNTAX "template-syntax" Error Fixed "a template cannot be parsed";
    UNSUPPORTED_TEMPLATE "unsupported-template" Error Fixed "a statement, filter, test or function outside the dialect";
    UNDEFINED_VARIABLE "undefined-variable" Error "a template uses a variable that is not declared";
    TYPE_ERROR "type-error" Error "an expression fails with every value that is allowed";
    UNDECLARED_KEY "undeclared-key" Warning "a key that is spelled almost as a declared one";
    POINTLESS_FILTER "pointless-filter" Warning "a filter changes nothing";
    UNGUARDED_VALUE "unguarded-value" Warning "a value that is allowed cannot be rendered";
    UNUSED_VARIABLE "unused-variable" Warning "a declared variable that no template uses";
    MEDIA_IN_TEXT "media-in-text" Error "a text prints a variable that stands for a file";
    FOREIGN_PLACEHOLDER "foreign-placeholder" Warning "a placeholder of another dialect";
    RENDER_LIMIT "render-limit" Error "rendering passes a limit";
    INVALID_INCLUDE "invalid-include" Error Fixed "an include that cannot be resolved";

    // Cases
    CASE_VARIABLES "case-variables" Error "a case does not fit the variables";
    RENDER_ERROR "render-error" Error "a case cannot be rendered";
    EMPTY_RENDERING "empty-rendering" Error "a message renders to nothing";
    UNRESOLVED_PLACEHOLDER "unresolved-placeholder" Error "a rendered text still has a placeholder";
    TOKEN_BUDGET "token-budget" Error "a rendering has more tokens than the version allows";
    EXPECTATION_FAILED "expectation-failed" Error "a rendering is not what its case expects";
}

/// Returns the rule with a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code == code)
}
