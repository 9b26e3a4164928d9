//! All commands and their arguments. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use promptdex_core::policy_check::Actors;
use promptdex_wire::rollout::Weight;

/// A static registry for LLM prompts
///
/// Checks a tree of prompts, renders them, and compiles an immutable JSON registry for any static host.
#[derive(Debug, Parser)]
#[command(name = "promptdex", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  promptdex init                                        start a prompt tree
  promptdex check                                       find all problems in prompts/
  promptdex render support/refund --var name=Ana        show the rendered messages
  promptdex diff support/refund                         show the changes of its highest version
  promptdex serve                                       preview the site while you edit
  promptdex build                                       compile to dist/, for any static host";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Directory with the prompts
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "prompts",
        env = "PROMPTDEX_ROOT"
    )]
    pub(crate) root: PathBuf,
    /// When to use color
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Print only data and findings
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    New(NewArgs),
    Check(CheckArgs),
    Fix(FixArgs),
    Render(RenderArgs),
    Diff(DiffArgs),
    Log(LogArgs),
    Version(VersionArgs),
    Promote(PromoteArgs),
    Rollback(RollbackArgs),
    UpdateIncludes(UpdateIncludesArgs),
    Deprecate(DeprecateArgs),
    Yank(YankArgs),
    Archive(ArchiveArgs),
    Redact(RedactArgs),
    Record(RecordArgs),
    Report(ReportArgs),
    Ci(CiArgs),
    Codeowners(CodeownersArgs),
    Build(BuildArgs),
    Publish(PublishArgs),
    Serve(ServeArgs),
    Host(HostArgs),
    Explain(ExplainArgs),
    Completions(CompletionsArgs),
}

/// Start a prompt tree
///
/// Writes a small tree with one prompt, which passes `check`. Existing files are never overwritten.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Registry name. Defaults to the name of the current folder
    #[arg(long, value_name = "NAME")]
    pub(crate) registry: Option<String>,
    /// Write a single-file prompt: one Markdown file whose versions are in the Git history
    #[arg(long)]
    pub(crate) in_place: bool,
}

/// Start a prompt, or the next version of a prompt
///
/// Copies the highest version and its test cases into a new folder for you to edit. Published versions are never
/// edited.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex new support/refund                    the first version, or the next minor version
  promptdex new support/refund --major            the next major version
  promptdex new support/refund --from 1.2.0 --patch")]
pub(crate) struct NewArgs {
    /// Prompt name
    #[arg(value_name = "NAME")]
    pub(crate) prompt: String,
    /// Version to copy. Defaults to the highest version
    #[arg(long, value_name = "VERSION")]
    pub(crate) from: Option<String>,
    /// Next major version, for changes that break apps: a new required variable, a different response
    #[arg(long, conflicts_with_all = ["minor", "patch"])]
    pub(crate) major: bool,
    /// Next minor version, for compatible changes [default]
    #[arg(long, conflicts_with = "patch")]
    pub(crate) minor: bool,
    /// Next patch version, for corrections of the text
    #[arg(long)]
    pub(crate) patch: bool,
}

/// Find all problems in the tree
///
/// Reports all findings in one run, and exits with 1 if there is an error. With `--base`, promptdex reads and reports
/// only the prompts that a change touches, and checks the change against the base branch's policy: published versions
/// stay the same, and `promotion`, `teams` and the other sections of the base's policy.yaml apply.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex check                                 check the whole tree
  promptdex check --list-files                    show the use of each file
  promptdex check --base origin/main              check the changes of this branch
  promptdex check --base origin/main --actor @ana check them as changes by @ana")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    #[command(flatten)]
    pub(crate) findings: FindingsArgs,
    /// Ignore the findings recorded in this file, and fail only on new findings. Record them with
    /// `promptdex check --format json > FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Published registry, whose versions must not change
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Check only the changes since this commit, such as `origin/main`, against its policy
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// With `--base`, check the whole tree, including prompts that the change does not touch. Findings that the
    /// base already has are listed but do not fail the check
    #[arg(long, requires = "base")]
    pub(crate) whole: bool,
    /// List every file of the tree with its use, or with the reason why promptdex ignores it, instead of checking
    /// (`--format human` or `json`)
    #[arg(long, conflicts_with_all = ["base", "previous", "baseline", "deny"])]
    pub(crate) list_files: bool,
    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// Who makes a change.
#[derive(Debug, Clone, Args)]
pub(crate) struct ActorArgs {
    /// Check the permissions of this account instead of the authors of commits: an email address, a `@handle`,
    /// or a name (can be repeated; in the variable, one per line)
    #[arg(long, value_name = "WHO", env = "PROMPTDEX_ACTOR", value_delimiter = '\n')]
    pub(crate) actor: Vec<String>,
    /// Do not trust the authors of commits: refuse changes that need a permission, unless `--actor` is given
    #[arg(long, env = "PROMPTDEX_AUTHENTICATED")]
    pub(crate) authenticated: bool,
}

impl ActorArgs {
    /// Returns the people who make the change.
    pub(crate) fn actors(&self) -> Actors {
        Actors::named(&self.actor, self.authenticated)
    }
}

#[derive(Debug, Args)]
pub(crate) struct RevisionArgs {
    /// Read the tree of this commit from Git instead of the files on disk
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FindingsArgs {
    /// Output format of findings
    #[arg(long, value_enum, default_value_t = FindingsFormat::Human, value_name = "FORMAT", env = "PROMPTDEX_FORMAT")]
    pub(crate) format: FindingsFormat,
    /// Treat findings of this severity as errors
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// Source lines with the position underlined
    Human,
    /// One finding per line
    Short,
    /// One JSON object per line, with a summary in the last line
    Json,
    /// Annotations for GitHub workflows
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// `JUnit` XML, with one test case per file
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

/// Fix problems that have only one solution
///
/// Corrects typos in keys, words and variables, and moves `status` and `environment` from metadata to `environments/`.
/// Comments and order are kept.
#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    /// Show the changes without making them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Published registry, whose versions are not edited
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
}

/// Render the messages of a version
///
/// Shows exactly what the model gets. A missing, unknown or invalid value is an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex render support/refund --var name=Ana --var amount=12.50
  promptdex render support/refund@1.2.0 --case \"angry customer\"
  promptdex render support/refund@production --vars inputs.json --format json")]
pub(crate) struct RenderArgs {
    /// Prompt, with a version or an environment. Defaults to the highest version
    #[arg(value_name = "NAME[@VERSION|@ENV]")]
    pub(crate) prompt: String,
    /// Value of a variable, in JSON unless the variable is a string (can be repeated)
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// File with a JSON object of values, or `-` for stdin
    #[arg(long = "vars", value_name = "FILE")]
    pub(crate) variables_file: Option<PathBuf>,
    /// Start with the values of a test case
    #[arg(long, value_name = "CASE")]
    pub(crate) case: Option<String>,
    /// Treatment of values that are not declared
    #[arg(long, value_enum, default_value_t = Extra::Error, value_name = "WHAT")]
    pub(crate) extra: Extra,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = RenderFormat::Text, value_name = "FORMAT")]
    pub(crate) format: RenderFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extra {
    /// Report an error
    Error,
    /// Drop the values
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// Plain texts, with the role above each of several messages
    Text,
    /// Messages as JSON
    Json,
}

/// Compare two versions of a prompt, or two environments
///
/// Shows the changes from A to B and their compatibility, forward and in a rollback. Below that are the variables and
/// settings, the texts word by word, the included texts, and the rendered test cases of both versions. If B is omitted,
/// promptdex compares A with the version below it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex diff support/refund                        its highest version and the version below
  promptdex diff support/refund@1.0.0 2.0.0            two versions
  promptdex diff support/refund@production 2.0.0       the version in production and a version
  promptdex diff production staging                    the effect of promoting staging
  promptdex diff production --rev v1.0..main           production in two commits
  promptdex diff support/refund --format markdown      for a comment on a pull request

In an edited line, [-words-] were removed and {+words+} were added.")]
pub(crate) struct DiffArgs {
    /// Prompt, with a version or an environment; or an environment
    #[arg(value_name = "A")]
    pub(crate) from: String,
    /// Prompt or environment to compare with. `1.1.0` or `production` alone stands for the same prompt as in A
    #[arg(value_name = "B")]
    pub(crate) to: Option<String>,
    /// Read A from the first commit and B from the second, or both from a single commit
    #[arg(long, value_name = "REV[..REV]")]
    pub(crate) rev: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Human, value_name = "FORMAT")]
    pub(crate) format: DiffFormat,
    /// Number of unchanged lines to show around a change
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    pub(crate) context: usize,
    /// Ignore changes of whitespace
    #[arg(long)]
    pub(crate) ignore_whitespace: bool,
    /// Exit with 1 if there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Text for a terminal or a log
    Human,
    /// Markdown for a comment on a pull request
    Markdown,
    /// One JSON object
    Json,
}

/// Set the next version of a single-file prompt
///
/// Changes only `version` in its file. The first commit on the default branch with this version defines its text.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex version text/summarizer --minor
  promptdex version text/summarizer --major --commit --reason \"return a list\"")]
pub(crate) struct VersionArgs {
    /// Prompt name
    #[arg(value_name = "NAME")]
    pub(crate) prompt: String,
    /// Next major version, for changes that break apps: a new required variable, a different response
    #[arg(long, conflicts_with_all = ["minor", "patch"])]
    pub(crate) major: bool,
    /// Next minor version, for compatible changes [default]
    #[arg(long, conflicts_with = "patch")]
    pub(crate) minor: bool,
    /// Next patch version, for corrections of the text
    #[arg(long)]
    pub(crate) patch: bool,
    /// Commit only this prompt
    #[arg(long)]
    pub(crate) commit: bool,
    /// Commit the prompt, and tag the commit with NAME@VERSION
    #[arg(long)]
    pub(crate) tag: bool,
    /// Reason, for the commit message
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// Show the history of prompts: versions, promotions, authors and reasons
///
/// Reads the commits of the current branch along their first parents. The author of a merged change is the
/// author of the commit in the merged branch. Deleted and renamed prompts are included. Authors and times
/// come from the commits.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex log                                   all events, newest first
  promptdex log support/refund                    one prompt, even if it was removed
  promptdex log --as-of 2026-03-14 --env production
                                                  production at the end of that day (UTC)
  promptdex log --env production --since 2w       changes of production in two weeks
  promptdex log --format json | jq .changed_by")]
pub(crate) struct LogArgs {
    /// Prompt name. Defaults to all prompts
    #[arg(value_name = "NAME")]
    pub(crate) prompt: Option<String>,
    /// Show only events of this environment
    #[arg(long, value_name = "ENV", env = "PROMPTDEX_ENV")]
    pub(crate) env: Option<String>,
    /// Show only events since a day, such as `2026-03-01`, or of the last `7d`, `2w` or `1y`
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Show the versions in each environment instead of events: at the end of a day (UTC) such as `2026-03-14`,
    /// at a time such as `2026-03-14T12:00:00Z`, or `7d` ago
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["since", "limit"])]
    pub(crate) as_of: Option<String>,
    /// Maximum number of events
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,
    /// Published registry. The times of its releases replace the times of commits, and the output marks the source
    /// of each time
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = LogFormat::Human, value_name = "FORMAT")]
    pub(crate) format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text, grouped by commit
    Human,
    /// One JSON object per line, with the columns of `history.json`
    Json,
}

/// Promote a version to an environment
///
/// Changes only `environments/ENV.yaml`. If the version is omitted, promptdex promotes the version in the previous
/// environment of the promotion path. The output shows the compatibility for apps first. Changes that `check` would
/// refuse are refused.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex promote support/refund --to staging --reason \"kinder answers\"
  promptdex promote support/refund@1.1.0 --to production --weight 10 --reason \"try it\"
  promptdex promote support/refund@2.0.0 --to production --track --reason \"for new apps\"
  promptdex promote --all --to production --reason \"release of May\" --commit")]
pub(crate) struct PromoteArgs {
    /// Prompt, with a version or an environment that serves it
    #[arg(value_name = "NAME[@VERSION|@ENV]", required_unless_present = "all")]
    pub(crate) prompt: Option<String>,
    /// Promote all prompts that differ from the previous environment
    #[arg(long, conflicts_with_all = ["prompt", "weight", "track"])]
    pub(crate) all: bool,
    /// Environment to promote to
    #[arg(long, value_name = "ENV")]
    pub(crate) to: String,
    /// Percent of traffic for the version, or of the traffic of its track. 100 ends a rollout [default: 100]
    #[arg(long, value_name = "PERCENT", value_parser = weight)]
    pub(crate) weight: Option<Weight>,
    /// Serve the version as a track of its major version, next to the other major versions
    #[arg(long)]
    pub(crate) track: bool,
    /// Reason, shown in the history
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Roll back an environment to an earlier version
///
/// If `--to` is omitted, promptdex restores the most recent target that did not include the current version. The output
/// lists earlier versions with their compatibility for today's apps. If the prompt is omitted, promptdex restores all
/// prompts of the environment to their state in a commit, on a day, or in a release.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex rollback support/refund --in production --reason \"answers got longer\"
  promptdex rollback support/refund --in production --to 1.0.0 --reason \"safest\"
  promptdex rollback --in production --to 2026-03-01 --reason \"before the incident\"
  promptdex rollback --in production --to 41 --previous live --reason \"release 41 was good\"")]
pub(crate) struct RollbackArgs {
    /// Prompt name. Defaults to all prompts
    #[arg(value_name = "NAME", required_unless_present = "to")]
    pub(crate) prompt: Option<String>,
    /// Environment to roll back
    #[arg(long = "in", value_name = "ENV")]
    pub(crate) environment: String,
    /// Version to restore. For all prompts: a commit, a day such as `2026-03-01`, an age such as `7d`, or, with
    /// `--previous`, a release number
    #[arg(long, value_name = "VERSION|RELEASE")]
    pub(crate) to: Option<String>,
    /// Reason, shown in the history
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Update every prompt that includes a given prompt
///
/// Copies the highest version of each prompt, and the highest live version of each major version, to the next patch
/// version. Only the include changes in the copy. Prompts that include a copied prompt follow. Single-file prompts get
/// the next patch version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex update-includes shared/tone --to 1.3.0 --dry-run
  promptdex update-includes shared/tone --to 1.3.0 --commit --reason \"kinder\"")]
pub(crate) struct UpdateIncludesArgs {
    /// Included prompt
    #[arg(value_name = "NAME")]
    pub(crate) prompt: String,
    /// Version to include
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: String,
    /// Reason, for the commit message
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Deprecate a version
///
/// Environments keep serving it; the published state and reason warn readers. Changes `deprecated` in `prompt.yaml`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex deprecate support/refund@1.0.0 --reason \"use 1.1.0\"
  promptdex deprecate support/refund@1.0.0 --undo --reason \"still needed\"")]
pub(crate) struct DeprecateArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
}

/// Yank a version, so that no environment and no include may use it
///
/// Apps that pinned the version still get it. Changes `yanked` in `prompt.yaml`. Move environments that serve the version
/// first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex yank support/refund@1.1.0 --reason \"promises refunds that we do not give\"
  promptdex yank support/refund@1.1.0 --undo --reason \"it was 1.1.1\"")]
pub(crate) struct YankArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Prompt and version
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) version: String,
    /// Make the version active again
    #[arg(long)]
    pub(crate) undo: bool,
    /// Reason, shown in the history
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Hide unused versions from the catalog, the search and the lists of the site
///
/// Archived versions stay published without a change, for apps that pinned them. With `--older-than`, promptdex archives
/// versions that were created and last served before that time, except the highest version of each prompt and versions
/// that a remaining version includes. Changes `archived` in `prompt.yaml`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex archive --older-than 2y --dry-run     show the versions without archiving them
  promptdex archive --older-than 2y --commit
  promptdex archive support/refund@1.0.0 --reason \"no longer used\"
  promptdex archive support/refund@1.0.0 --undo")]
pub(crate) struct ArchiveArgs {
    /// Prompt and version. With `--older-than`, a prompt name, which defaults to all prompts
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) prompt: Option<String>,
    /// Archive versions last used before a day, such as `2026-03-01`, or longer ago than `2y`
    #[arg(long, value_name = "WHEN", conflicts_with = "undo")]
    pub(crate) older_than: Option<String>,
    /// Make the version active again
    #[arg(long)]
    pub(crate) undo: bool,
    /// Reason, shown in the history [default: "no environment serves it"]
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Redact the text of a version, such as a leaked secret or data that must be erased
///
/// Replaces the published version, and every version that includes it, with a document that has only the state, the author
/// and the reason. Redaction is the only operation that may change published files, and cannot be undone. Changes
/// `redacted` in `prompt.yaml`, and removes the version's files, test cases and results. Move environments that serve the
/// version first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex redact support/refund@1.1.0 --reason \"contains a customer's name\" --dry-run
  promptdex redact support/refund@1.1.0 --reason \"contains a customer's name\" --commit")]
pub(crate) struct RedactArgs {
    /// Prompt and version
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) version: String,
    /// Reason, which is published
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    /// Keep the files of the version
    #[arg(long)]
    pub(crate) keep_files: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Record test results for a version
///
/// Writes `results/VERSION/TEST.json` with the numbers and the digest of the tested files. The results meet the promotion
/// policy as long as the version's files stay the same. The numbers come from the command line or from a report of a test
/// runner: promptfoo's JSON output or JUnit XML.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex record support/refund@1.1.0 --test quality --from promptfoo.json
  promptdex record support/refund@1.1.0 --test smoke --from junit.xml --source https://ci.example.com/7
  promptdex record support/refund@staging --test review --passed 12 --failed 0 --avg-score 4.5")]
pub(crate) struct RecordArgs {
    /// Prompt, with a version or an environment that serves it. Defaults to the highest version
    #[arg(value_name = "NAME[@VERSION|@ENV]")]
    pub(crate) prompt: String,
    /// Test name, also the file name
    #[arg(long, value_name = "NAME", value_parser = test_name)]
    pub(crate) test: String,
    /// Report of a test runner: JSON of `promptfoo eval --output`, or JUnit XML
    #[arg(long, value_name = "FILE", required_unless_present_all = ["passed", "failed"])]
    pub(crate) from: Option<PathBuf>,
    /// Label of the prompt in a run of several prompts. Defaults to the prompt with the text of the version
    #[arg(long = "prompt", value_name = "LABEL", requires = "from")]
    pub(crate) prompt_label: Option<String>,
    /// Number of tests that passed
    #[arg(long, value_name = "COUNT")]
    pub(crate) passed: Option<u64>,
    /// Number of tests that failed
    #[arg(long, value_name = "COUNT")]
    pub(crate) failed: Option<u64>,
    /// Average score
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = score)]
    pub(crate) avg_score: Option<f64>,
    /// Time of the test: a time, a day, or an age such as `2h`. Defaults to the time in the report, or to now
    #[arg(long, value_name = "WHEN")]
    pub(crate) tested_at: Option<String>,
    /// Source of the results, such as the URL of a CI run
    #[arg(long, value_name = "TEXT")]
    pub(crate) source: Option<String>,
    /// Commit only this file
    #[arg(long)]
    pub(crate) commit: bool,
}

/// Summarize a change for reviewers
///
/// Shows new versions and promotions with their compatibility, differences word by word, test cases that render
/// differently, included and including prompts, environments that are behind or ahead, and the findings of
/// `check --base`. The report fits into a pull request comment, whatever the size of the change. Findings do not
/// make the command fail; use `check` for that.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex report --base origin/main             summarize the changes of this branch
  promptdex report --base origin/main --rev HEAD --format json")]
pub(crate) struct ReportArgs {
    /// Base branch of the change, such as `origin/main`
    #[arg(long, value_name = "REV")]
    pub(crate) base: String,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    #[command(flatten)]
    pub(crate) actors: ActorArgs,
    /// Published registry, whose versions must not change
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = ReportFormat::Markdown, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,
    /// Maximum size of the Markdown in bytes. GitHub allows 65,536 characters in a comment
    #[arg(long, value_name = "BYTES", default_value_t = 60_000, value_parser = limit)]
    pub(crate) limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Markdown for a comment on a pull request
    Markdown,
    /// One JSON object
    Json,
}

/// Generate CI workflows for GitHub or GitLab
///
/// The workflows check pull requests and report on them in one comment, keep a preview of the site,
/// publish merged changes, and promote and roll back from a form that opens a pull request. Each file
/// has a block that promptdex manages; other lines stay as they are, so you can run the command again.
/// A repository can hold several registries: each gets workflows, a branch and queues of its own.
/// docs/ci.md lists the settings to change on the host.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex ci github --publish pages              a public registry on GitHub Pages
  promptdex ci gitlab --publish artifact           an artifact, which a job of yours deploys
  promptdex --root mail/prompts ci github          a second registry in the repository
  promptdex ci github --publish pages --check      fail if the workflows are out of date")]
pub(crate) struct CiArgs {
    /// Git host
    #[arg(value_enum)]
    pub(crate) host: CiHost,
    /// Where to publish the registry when the branch changes
    #[arg(long, value_enum, default_value_t = PublishTo::None, value_name = "WHERE")]
    pub(crate) publish: PublishTo,
    /// Publish a private registry to a Pages site that has access control
    #[arg(long)]
    pub(crate) restricted_pages: bool,
    /// Published branch. Defaults to the one of `repository` in `registry.yaml`, or to `main`
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,
    /// Commands that install promptdex on a runner, instead of downloading a release
    #[arg(long, value_name = "COMMANDS", conflicts_with_all = ["from", "sha256"])]
    pub(crate) setup: Option<String>,
    /// URL of the releases, such as a mirror. Defaults to the releases of this program
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,
    /// Checksum of the Linux program (`x86_64`) in the release. Release binaries know it
    #[arg(long, value_name = "HEX", value_parser = sha256)]
    pub(crate) sha256: Option<String>,
    /// Write nothing; exit with 1 if a workflow is out of date
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiHost {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PublishTo {
    /// GitHub Pages or GitLab Pages
    Pages,
    /// An artifact, for a job of yours
    Artifact,
    /// Nowhere
    None,
}

/// Write CODEOWNERS from the teams of the policy, for review requests
///
/// Writes the `teams` of `policy.yaml` as a block of the repository's `CODEOWNERS`. Teams that own a prompt review its
/// files. Teams that may promote it review `environments/ENV.yaml` of the last environment and of environments with a
/// promotion policy. Lines outside of the block are kept. `check` reports a block that is out of date.
#[derive(Debug, Args)]
pub(crate) struct CodeownersArgs {
    /// Path of the file in the repository. Defaults to the existing file, or to `.github/CODEOWNERS`, or to
    /// `.gitlab/CODEOWNERS` if the repository has a `.gitlab-ci.yml`
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Print the file without writing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ChangeArgs {
    /// Show the changes without making them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Commit only the changed files
    #[arg(long)]
    pub(crate) commit: bool,
    /// Published registry, which defines what apps get now
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Author of the change, for the permissions in `policy.yaml`: an email address, a `@handle`, or a name. Defaults
    /// to the Git author
    #[arg(long, value_name = "WHO", env = "PROMPTDEX_ACTOR")]
    pub(crate) actor: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = ChangeFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ChangeFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangeFormat {
    /// Text for a terminal or a log
    Human,
    /// One JSON object
    Json,
}

/// Reads a percentage of traffic.
fn weight(text: &str) -> Result<Weight, &'static str> {
    let percent = text.trim_end_matches('%').parse().ok();
    percent
        .and_then(Weight::from_percent)
        .ok_or("a weight must be from 0 to 100, with at most two decimals")
}

/// Parses the name of a test, which becomes a file name.
fn test_name(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = text.len() <= 64 && text.chars().all(is_plain);
    if is_name && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err("use 1 to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit")
    }
}

/// Reads a score.
fn score(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|score: &f64| score.is_finite()).ok_or("a score must be a number")
}

/// Reads a checksum.
fn sha256(text: &str) -> Result<String, &'static str> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { Ok(text.to_lowercase()) } else { Err("a checksum has 64 hexadecimal digits") }
}

/// Reads the maximum size of a report.
fn limit(text: &str) -> Result<usize, String> {
    const LEAST: usize = 8_000;
    match text.parse() {
        Ok(limit) if limit >= LEAST => Ok(limit),
        _ => Err(format!("the limit must be {LEAST} or more")),
    }
}

/// Reads a reason: one line, and not an empty one.
fn reason(text: &str) -> Result<String, &'static str> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() { Err("the reason must not be empty") } else { Ok(words.join(" ")) }
}

/// Compile the tree to a registry
///
/// Checks the tree first. Without `--previous`, the build is a preview: it writes nothing if there is an error, replaces
/// the output folder, and starts every release history at 1. With `--previous`, the build publishes all prompts without
/// errors, and holds back the others: they stay as published, and the exit code is 4. The build writes nothing if files
/// of the whole registry, such as registry.yaml, have an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex build                                 a preview in dist/
  promptdex build --previous dist                 continue the registry in dist/, in place
  promptdex build --previous live --output next   continue live/ in another folder
  promptdex build --previous dist --strict        publish everything or nothing
  promptdex build --previous dist --published-at 2026-03-01T12:00:00Z --published-by @ana")]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// Output folder
    #[arg(long, short, value_name = "DIR", default_value = "dist")]
    pub(crate) output: PathBuf,
    /// Published registry to continue. Published versions never change, and an environment gets a new release only if
    /// its versions changed
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Publish nothing if a prompt has an error, instead of holding the prompt back
    #[arg(long)]
    pub(crate) strict: bool,
    /// Pack all but the newest 100 releases of each environment into files of 100, and remove the snapshots that only
    /// they use, for hosts that limit the number of files
    #[arg(long, requires = "previous")]
    pub(crate) pack: bool,
    /// Read every file again, without the build cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Write only the API, without the site
    #[arg(long)]
    pub(crate) no_site: bool,
    #[command(flatten)]
    pub(crate) publisher: PublisherArgs,
    #[command(flatten)]
    pub(crate) findings: FindingsArgs,
}

/// What new releases say of their publication.
#[derive(Debug, Args)]
pub(crate) struct PublisherArgs {
    /// Publication time, such as `2026-03-01T12:00:00Z`: the `time` of new releases, from which soak times count. If the
    /// newest release has a later time, new releases get that time
    #[arg(long, value_name = "TIME", help_heading = "Publication")]
    pub(crate) published_at: Option<String>,
    /// Publisher: a `@handle`, a name or an email address. `people` in registry.yaml limits what is published
    #[arg(long, value_name = "NAME", help_heading = "Publication")]
    pub(crate) published_by: Option<String>,
    /// URL of the CI run that publishes the registry
    #[arg(long, value_name = "URL", help_heading = "Publication")]
    pub(crate) run: Option<String>,
}

/// Preview the site while you edit the tree
///
/// Builds the tree into a temporary preview, serves it on this machine, and watches the tree. Pages reload after each
/// successful build and show the findings. If a build fails, the last successful build stays up. With a folder, promptdex
/// serves the output of `build` like a static host. Stop with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex serve                                 build, serve and watch prompts/
  promptdex serve dist                            serve the output of `promptdex build`")]
pub(crate) struct ServeArgs {
    /// Registry to serve. Defaults to a preview of the tree
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// IP address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,
    /// Port to listen on, or 0 for a free port
    #[arg(long, value_name = "PORT", default_value_t = 8017)]
    pub(crate) port: u16,
}

/// Write a configuration for a web server
///
/// The web server serves the output of `build` with the right content types, caching, compression and CORS headers, and
/// responds to the REST calls of existing clients. The configuration depends on registry.yaml and on the location of the
/// registry, not on its prompts. See docs/hosting.md.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex host nginx /srv/prompts > /etc/nginx/conf.d/prompts.conf
  promptdex host caddy /srv/prompts --output Caddyfile
  promptdex host nginx /srv/prompts --listen 127.0.0.1:8080 --base /registry/")]
pub(crate) struct HostArgs {
    /// Web server
    #[arg(value_enum, value_name = "SERVER")]
    pub(crate) program: WebServer,
    /// Folder of the registry on the web server
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: String,
    /// Host name. Defaults to the host name of `url` in registry.yaml, or to any host name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Port, or address and port, for plain HTTP. Defaults to the web server's default: nginx listens on port 80,
    /// Caddy serves HTTPS for a host name
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    pub(crate) listen: Option<String>,
    /// Path prefix of the registry. Defaults to the path of `url` in registry.yaml
    #[arg(long, value_name = "PATH")]
    pub(crate) base: Option<String>,
    /// Output file. Defaults to stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WebServer {
    /// nginx
    Nginx,
    /// Caddy
    Caddy,
}

/// Explain a check, or list all checks
///
/// Lists all checks if the code is omitted.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Code of the check, as in the brackets of a finding
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// Write shell completions to stdout
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Publish a registry to where apps read it
///
/// Compiles the tree and continues the registry at the target. The target changes in an order in which no reader ever
/// sees a half-published registry, and an interrupted run is completed by the next one. A commit that is older than
/// the published one is refused, so an old CI run never replaces a newer one. On a terminal, promptdex shows the plan and
/// asks before it writes.
///
/// Exit code 3: somebody has published something newer, and nothing was changed. Exit code 4: published, with prompts
/// held back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex publish /srv/prompts --first         publish to an empty folder
  promptdex publish /srv/prompts --dry-run       show what would change
  promptdex publish file:///srv/prompts --yes    publish without a question, as in CI
  promptdex publish /srv/prompts --from dist     publish what `promptdex build --previous` wrote")]
pub(crate) struct PublishArgs {
    /// Folder to publish to: a path or a `file:///` URL
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// Folder with a registry that continues the target, instead of compiling the tree
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rev", "strict", "deny", "pack", "no_site", "approvals", "published_at", "published_by", "run", "uncommitted"])]
    pub(crate) from: Option<PathBuf>,
    /// First publication to an empty target. After a registry was lost, its chains start at N, above every number
    /// that was ever served
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1", value_parser = first_sequence)]
    pub(crate) first: Option<u64>,
    /// Publish files that are not committed. Releases then name no commit
    #[arg(long)]
    pub(crate) uncommitted: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask before writing
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Publish nothing if any prompt has an error, instead of holding that prompt back
    #[arg(long)]
    pub(crate) strict: bool,
    /// Put releases that are older than the newest 100 of each environment into packs of 100
    #[arg(long)]
    pub(crate) pack: bool,
    /// Publish the API alone, without pages
    #[arg(long)]
    pub(crate) no_site: bool,
    /// File with approvals, as a JSON list of `{"by", "at", "url", "source"}`; `-` reads stdin
    #[arg(long, value_name = "FILE", help_heading = "Publication")]
    pub(crate) approvals: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) publisher: PublisherArgs,
    /// Count findings of this level as errors
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) deny: Option<Deny>,
    /// Output format
    #[arg(long, value_enum, default_value_t = ChangeFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ChangeFormat,
}

/// Parses the number of a first release.
fn first_sequence(text: &str) -> Result<u64, &'static str> {
    let number = text.parse().ok().filter(|number| (1..1 << 53).contains(number));
    number.ok_or("a release has a number from 1 to 2^53 - 1")
}
