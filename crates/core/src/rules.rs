//! All checks. The page of a check is `docs/checks/{code}.md`.

/// A check: its stable code, its default severity, and a one-line summary.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code, in kebab-case.
    pub code: &'static str,
    /// Default severity of its findings.
    pub severity: Severity,
    /// Finding of the check, in one line.
    pub summary: &'static str,
    /// Whether its severity is locked, because it reports something that could not be read.
    pub is_fixed: bool,
    /// Whether it needs a comparison: with the base of a change, or with a published registry.
    pub is_compared: bool,
}

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The tree compiles, but needs review.
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
    INVALID_NAME "invalid-name" Error Fixed "folder name that cannot be part of a prompt name";
    NAME_COLLISION "name-collision" Error Fixed "two prompt names that differ only in `_` and `-`";
    PATH_LENGTH "path-length" Error Fixed "published path that is too long for some file systems";
    NESTED_PROMPT "nested-prompt" Error Fixed "prompt inside the folder of a different prompt";
    INVALID_VERSION "invalid-version" Error Fixed "version folder that is not named `v` and a SemVer version";
    DRAFT "draft" Warning "unreleased edits of a single-file prompt";
    UNKNOWN_FILE "unknown-file" Error Fixed "file or folder that promptdex does not know";
    CONFLICTING_FILES "conflicting-files" Error Fixed "two files of one version that exclude each other";
    AMBIGUOUS_FILE "ambiguous-file" Error Fixed "file that is both the text of a message and the file of a part";
    EXECUTABLE_FILE "executable-file" Error "executable file in a version";
    MISSING_TEXT "missing-text" Error Fixed "version without a prompt text";
    NOT_A_FILE "not-a-file" Error Fixed "symlink or submodule in place of a file";
    FILE_SIZE "file-size" Error Fixed "file above the size limit";
    INVALID_UTF8 "invalid-utf8" Error Fixed "text file that is not valid UTF-8";
    CONFLICT_MARKER "conflict-marker" Error "unresolved merge conflict in a file";
    FRONT_MATTER "front-matter" Warning "front matter at the start of a prompt text";
    INVISIBLE_CHARACTER "invisible-character" Error "control, bidi or tag character in a published text";
    LONE_CR "lone-cr" Warning "carriage return without a line feed";
    SECRET "secret" Error "key, token or password in a published file";
    MISSING_FILE "missing-file" Error Fixed "message that names a missing file";

    // YAML and JSON
    INVALID_JSON "invalid-json" Error Fixed "file that is not valid JSON";
    INVALID_YAML "invalid-yaml" Error Fixed "file that is not valid YAML";
    DUPLICATE_KEY "duplicate-key" Error Fixed "key that occurs twice in a map";
    YAML_ALIAS "yaml-alias" Error Fixed "YAML anchor, alias or tag";
    YAML_NUMBER "yaml-number" Error Fixed "number that is valid in YAML but not in JSON";
    YAML_COMMENT "yaml-comment" Warning "unquoted YAML text cut off by ` #`";
    NUMBER_RANGE "number-range" Error Fixed "number outside the exact range of a double";
    TOO_DEEP "too-deep" Error Fixed "value that is nested too deeply";
    UNKNOWN_KEY "unknown-key" Error Fixed "key that promptdex does not know";
    MISSING_KEY "missing-key" Error Fixed "missing required key";
    WRONG_TYPE "wrong-type" Error Fixed "value of the wrong type";
    INVALID_VALUE "invalid-value" Error Fixed "value that its key does not allow";

    UNMATCHED_PATTERN "unmatched-pattern" Warning "bundle pattern that matches no prompt";
    UNKNOWN_PROMPT "unknown-prompt" Error "name of a prompt that does not exist";
    UNUSED_ALLOW "unused-allow" Warning "`allow` entry that matches no finding";
    NO_GOVERNING_TEAM "no-governing-team" Warning "teams without a team that may change the policy";
    STALE_CODEOWNERS "stale-codeowners" Warning "CODEOWNERS block that does not match the teams";

    // Facts about versions
    NAME_MISMATCH "name-mismatch" Error "metadata with a different name or version than its path";
    POINTER_IN_METADATA "pointer-in-metadata" Warning "`status` or `environment` in immutable metadata";
    VERSION_SPELLING "version-spelling" Error Fixed "version that YAML reads as a number";
    INVALID_VARIABLE "invalid-variable" Error Fixed "contradictory declaration of a variable";

    INVALID_SCHEMA "invalid-schema" Error "invalid JSON Schema";

    // Contracts between versions
    BREAKING_CHANGE "breaking-change" Error "change that breaks apps, without a new major version";
    ADDITIVE_CHANGE "additive-change" Error "addition for apps, without a new minor version";
    INCOMPATIBLE_ARMS "incompatible-arms" Error "rollout variants that need different inputs from apps";

    // Against the published registry
    CHANGED_VERSION "changed-version" Error Fixed "published version with modified files";
    REMOVED_VERSION "removed-version" Error Fixed "published version or prompt that was removed";
    REMOVED_ENVIRONMENT "removed-environment" Error Compared "environment with prompts that is no longer listed";
    SHALLOW_HISTORY "shallow-history" Error Compared "new version whose commit is missing from a shallow clone";
    YANKED_INCLUDE "yanked-include" Error Compared "new version that includes a yanked version";
    BREAKING_PROMOTION "breaking-promotion" Error Compared "promotion to the last environment that breaks its apps";

    // Against the base of a change
    PROMOTION_PATH "promotion-path" Error Compared "promotion of a version that its upstream environment does not serve";
    SOAK_TIME "soak-time" Error Compared "promotion before the end of the soak time";
    COMMIT_CLOCK "commit-clock" Error Compared "soak time that depends on a commit with an impossible date";
    MISSING_RESULTS "missing-results" Error Compared "promotion without the required test results";
    FROZEN_ENVIRONMENT "frozen-environment" Error Compared "promotion during a deployment freeze";
    NOT_ALLOWED "not-allowed" Error Compared "change without the required permission";
    MISSING_REASON "missing-reason" Error Compared "promotion without a reason in a commit";
    LAST_ENVIRONMENT "last-environment" Warning Compared "environment that loses the protection of the last environment";
    TOO_MANY_VERSIONS "too-many-versions" Error Compared "change that adds too many versions";
    UNSIGNED_COMMIT "unsigned-commit" Error Compared "commit without a valid signature";

    // Pointers
    UNKNOWN_ENVIRONMENT "unknown-environment" Error "pointer of an environment that the registry does not have";
    MISSING_VERSION "missing-version" Error Fixed "name of a version that the prompt does not have";
    YANKED_POINTER "yanked-pointer" Error "pointer to a yanked or redacted version";
    DEPRECATED_POINTER "deprecated-pointer" Warning "pointer to a deprecated or archived version, or an old pointer to a yanked one";
    INVALID_TRACKS "invalid-tracks" Error Fixed "track that serves a different major version";
    INVALID_ROLLOUT "invalid-rollout" Error Fixed "invalid variants or weights of a rollout";

    // Templates
    TEMPLATE_SYNTAX "template-syntax" Error Fixed "template that cannot be parsed";
    UNSUPPORTED_TEMPLATE "unsupported-template" Error Fixed "statement, filter, test or function outside the dialect";
    UNDEFINED_VARIABLE "undefined-variable" Error "template variable that is not declared";
    TYPE_ERROR "type-error" Error "expression that fails for every allowed value";
    UNDECLARED_KEY "undeclared-key" Warning "key that resembles a declared key";
    POINTLESS_FILTER "pointless-filter" Warning "filter without an effect";
    UNGUARDED_VALUE "unguarded-value" Warning "allowed value that cannot be rendered";
    UNUSED_VARIABLE "unused-variable" Warning "declared variable that is never used";
    MEDIA_IN_TEXT "media-in-text" Error "media variable that is printed as text";
    FOREIGN_PLACEHOLDER "foreign-placeholder" Warning "placeholder of a different dialect";
    RENDER_LIMIT "render-limit" Error "rendering that exceeds a limit";
    INVALID_INCLUDE "invalid-include" Error Fixed "include that cannot be resolved";

    // Cases
    CASE_VARIABLES "case-variables" Error "test case that does not match the variables";
    RENDER_ERROR "render-error" Error "test case that cannot be rendered";
    EMPTY_RENDERING "empty-rendering" Error "message that renders to an empty text";
    UNRESOLVED_PLACEHOLDER "unresolved-placeholder" Error "placeholder left in a rendered text";
    TOKEN_BUDGET "token-budget" Error "rendering above the token budget";
    EXPECTATION_FAILED "expectation-failed" Error "rendering that fails the expectations of its test case";
}

/// Returns the rule with a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code == code)
}
