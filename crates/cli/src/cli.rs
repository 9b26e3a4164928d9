//! All commands and their arguments. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use promptdex_core::policy_check::Actors;
use promptdex_wire::rollout::Weight;

/// A static registry for LLM prompts
///
/// Checks a tree of prompts, renders them, and compiles an immutable JSON registry that any static
/// host can serve.
#[derive(Debug, Parser)]
#[command(name = "promptdex", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  promptdex init                                        start a tree of prompts
  promptdex check                                       find every mistake in prompts/
  promptdex render support/refund --var name=Ana        show what the model will see
  promptdex diff support/refund                         what its highest version changes
  promptdex serve                                       show the tree as a site while you edit it
  promptdex build                                       compile to dist/, for any static host";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The tree of prompts
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "prompts",
        env = "PROMPTDEX_ROOT"
    )]
    pub(crate) root: PathBuf,
    /// When to use colour
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

/// Start a tree of prompts
///
/// Writes a small tree that passes `check`, with one prompt to change. An existing file is never
/// overwritten.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The name of the registry; without, the name of this folder
    #[arg(long, value_name = "NAME")]
    pub(crate) registry: Option<String>,
    /// Write a prompt that is edited in place: one Markdown file, whose versions are found in the Git
    /// history
    #[arg(long)]
    pub(crate) in_place: bool,
}

/// Start a prompt, or the next version of one
///
/// A version is never edited once it is published: this copies the highest one into a new folder,
/// with its cases, for you to change.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex new support/refund                    the first version, or the next minor one
  promptdex new support/refund --major            a breaking one
  promptdex new support/refund --from 1.2.0 --patch")]
pub(crate) struct NewArgs {
    /// The prompt
    #[arg(value_name = "NAME")]
    pub(crate) prompt: String,
    /// The version to copy; without, the highest one
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

/// Find every mistake in the tree
///
/// Reports everything in one run. Exits with 1 when there is an error. With `--base`, only what a change
/// would change is read and reported, and the change is judged by the rules of the base: its versions stay
/// as they are, and `promotion`, `teams` and the others of its policy.yaml hold.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex check                                 all there is
  promptdex check --list-files                    how each file is read
  promptdex check --base origin/main              what this branch would change
  promptdex check --base origin/main --actor @ana judge it as a change that @ana makes")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    #[command(flatten)]
    pub(crate) findings: FindingsArgs,
    /// Accept the findings recorded in this file, and fail on new ones only; record them with
    /// `promptdex check --format json > FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The published registry: what is in it may not change
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Judge what is changed since this commit, such as `origin/main`, by the rules that it has
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// With `--base`, check the whole tree, also prompts that the change does not touch. Findings that the
    /// base has too are listed and do not count
    #[arg(long, requires = "base")]
    pub(crate) whole: bool,
    /// Do not check: list every file of the tree with how it is read, or why it is ignored (`--format human` or
    /// `json`)
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
    /// Do not trust the authors of commits: without `--actor`, refuse what needs a permission
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
    /// Read the tree as of this commit, from Git's objects, and not the files on disk
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FindingsArgs {
    /// How to show findings
    #[arg(long, value_enum, default_value_t = FindingsFormat::Human, value_name = "FORMAT", env = "PROMPTDEX_FORMAT")]
    pub(crate) format: FindingsFormat,
    /// Count findings of this level as errors
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// Source lines with the place underlined
    Human,
    /// One line a finding
    Short,
    /// One JSON object a line, a summary last
    Json,
    /// Annotations of GitHub workflows
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// `JUnit` XML, one test case a file
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

/// Correct what can be corrected in only one way
///
/// Corrects slips of the pen in keys, words and variables, and moves `status` and `environment` from
/// metadata into `environments/`. Comments and order stay.
#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The published registry: the files of its versions are left as they are
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
}

/// Show what the model will see
///
/// Renders the messages of one version strictly: a missing, unknown or misfitting value is an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex render support/refund --var name=Ana --var amount=12.50
  promptdex render support/refund@1.2.0 --case \"angry customer\"
  promptdex render support/refund@production --vars inputs.json --format json")]
pub(crate) struct RenderArgs {
    /// The prompt, with a version or an environment; without, its highest version
    #[arg(value_name = "NAME[@VERSION|@ENV]")]
    pub(crate) prompt: String,
    /// A value; read as JSON where its variable is not a string (can be repeated)
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// A file with a JSON object of values, or `-` for stdin
    #[arg(long = "vars", value_name = "FILE")]
    pub(crate) variables_file: Option<PathBuf>,
    /// Start with the values of a stored case
    #[arg(long, value_name = "CASE")]
    pub(crate) case: Option<String>,
    /// What to do with values that are not declared
    #[arg(long, value_enum, default_value_t = Extra::Error, value_name = "WHAT")]
    pub(crate) extra: Extra,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// How to show the messages
    #[arg(long, value_enum, default_value_t = RenderFormat::Text, value_name = "FORMAT")]
    pub(crate) format: RenderFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extra {
    /// Refuse them
    Error,
    /// Leave them out
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// The texts, with the role above each of several messages
    Text,
    /// The messages as JSON
    Json,
}

/// Compare two versions of a prompt, or what two environments serve
///
/// Says from A to B what changed and what that means for callers, forward and in a rollback; then the
/// variables and settings, the texts word by word, the included texts, and what the stored cases of both
/// versions render to. Without B, A is what the version below it became.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex diff support/refund                        its highest version with the one below
  promptdex diff support/refund@1.0.0 2.0.0            two versions
  promptdex diff support/refund@production 2.0.0       what production serves with a version
  promptdex diff production staging                    what promoting staging would change
  promptdex diff production --rev v1.0..main           what production served then and serves now
  promptdex diff support/refund --format markdown      for a comment on a pull request

In a line that was edited, [-words-] are gone and {+words+} are new.")]
pub(crate) struct DiffArgs {
    /// A prompt, with a version or an environment; or an environment
    #[arg(value_name = "A")]
    pub(crate) from: String,
    /// Likewise; `1.1.0` or `production` alone is of the same prompt
    #[arg(value_name = "B")]
    pub(crate) to: Option<String>,
    /// Read A as of the first commit and B as of the second; of a single one, both
    #[arg(long, value_name = "REV[..REV]")]
    pub(crate) rev: Option<String>,
    /// How to show what differs
    #[arg(long, value_enum, default_value_t = DiffFormat::Human, value_name = "FORMAT")]
    pub(crate) format: DiffFormat,
    /// Lines around a change that are shown
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    pub(crate) context: usize,
    /// Leave out lines in which only white space differs
    #[arg(long)]
    pub(crate) ignore_whitespace: bool,
    /// Exit with 1 when there are differences
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

/// Set the next version of a prompt that is edited in place
///
/// Changes `version` in its file and nothing else. The text of the version is that of the first commit on the
/// published branch with this number.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex version text/summarizer --minor
  promptdex version text/summarizer --major --commit --reason \"answers are a list now\"")]
pub(crate) struct VersionArgs {
    /// The prompt
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
    /// Commit the prompt, and nothing else
    #[arg(long)]
    pub(crate) commit: bool,
    /// Tag the commit with NAME@VERSION; commits, too
    #[arg(long)]
    pub(crate) tag: bool,
    /// Why, for the commit's message
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// Show what happened to prompts: who made versions, who moved pointers, when and why
///
/// Reads the commits of the current branch along their first parents. The author of a merged change is the
/// author of the commit in the merged branch. Prompts that were deleted or renamed are included. Names and
/// times are what the commits say.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex log                                   everything, the newest first
  promptdex log support/refund                    one prompt, even if it is gone
  promptdex log --as-of 2026-03-14 --env production
                                                  what production served at the end of that day (UTC)
  promptdex log --env production --since 2w       what moved in production in two weeks
  promptdex log --format json | jq .changed_by")]
pub(crate) struct LogArgs {
    /// The prompt; without, all of them
    #[arg(value_name = "NAME")]
    pub(crate) prompt: Option<String>,
    /// Only what changed in this environment
    #[arg(long, value_name = "ENV", env = "PROMPTDEX_ENV")]
    pub(crate) env: Option<String>,
    /// Only what happened since a day, such as `2026-03-01`, or in the last `7d`, `2w`, `1y`
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Instead of events, show what each environment served: at the end of a day (UTC) such as `2026-03-14`,
    /// at a time such as `2026-03-14T12:00:00Z`, or `7d` ago
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["since", "limit"])]
    pub(crate) as_of: Option<String>,
    /// The most events to show
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,
    /// The published registry: the times of its releases replace those of commits, and the output shows which
    /// is which
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    /// How to show them
    #[arg(long, value_enum, default_value_t = LogFormat::Human, value_name = "FORMAT")]
    pub(crate) format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Commit by commit
    Human,
    /// One JSON object a line, with the columns of `history.json`
    Json,
}

/// Let an environment serve another version
///
/// Changes `environments/ENV.yaml` and nothing else. Without a version, takes what the environment before it on
/// the promotion path serves. Says before what changes for callers, and refuses what `check` would refuse.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex promote support/refund --to staging --reason \"kinder answers\"
  promptdex promote support/refund@1.1.0 --to production --weight 10 --reason \"try it\"
  promptdex promote support/refund@2.0.0 --to production --track --reason \"for new apps\"
  promptdex promote --all --to production --reason \"release of May\" --commit")]
pub(crate) struct PromoteArgs {
    /// The prompt, with a version or an environment that serves it
    #[arg(value_name = "NAME[@VERSION|@ENV]", required_unless_present = "all")]
    pub(crate) prompt: Option<String>,
    /// Everything of which the environment before serves something else
    #[arg(long, conflicts_with_all = ["prompt", "weight", "track"])]
    pub(crate) all: bool,
    /// The environment
    #[arg(long, value_name = "ENV")]
    pub(crate) to: String,
    /// Give the version to this share of callers, in percent; of its track, if there are tracks; 100 or no weight
    /// ends a rollout
    #[arg(long, value_name = "PERCENT", value_parser = weight)]
    pub(crate) weight: Option<Weight>,
    /// Serve the version beside those of other majors, to apps that ask for its major
    #[arg(long)]
    pub(crate) track: bool,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Let an environment serve again what it served before
///
/// Without `--to`, goes back to what it served last without the version that it serves now, as the commits
/// tell. Lists what it served before, and what each would mean for the callers of today. Without a prompt, every
/// pointer of the environment goes back to what it was in a commit, on a day, or in a release.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex rollback support/refund --in production --reason \"answers got longer\"
  promptdex rollback support/refund --in production --to 1.0.0 --reason \"safest\"
  promptdex rollback --in production --to 2026-03-01 --reason \"before the incident\"
  promptdex rollback --in production --to 41 --previous live --reason \"release 41 was good\"")]
pub(crate) struct RollbackArgs {
    /// The prompt; without, all of them
    #[arg(value_name = "NAME", required_unless_present = "to")]
    pub(crate) prompt: Option<String>,
    /// The environment
    #[arg(long = "in", value_name = "ENV")]
    pub(crate) environment: String,
    /// The version; without a prompt a commit, a day such as `2026-03-01`, how long ago (`7d`), or with
    /// `--previous` the number of a release
    #[arg(long, value_name = "VERSION|RELEASE")]
    pub(crate) to: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Update every prompt that includes a given prompt
///
/// Copies the highest version of each prompt, and the highest of each major that is served, as the next patch
/// version in which the include names the new version and nothing else is changed; then those that include
/// what was copied. Prompts that are edited in place get the next patch number.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex update-includes shared/tone --to 1.3.0 --dry-run
  promptdex update-includes shared/tone --to 1.3.0 --commit --reason \"kinder\"")]
pub(crate) struct UpdateIncludesArgs {
    /// The included prompt
    #[arg(value_name = "NAME")]
    pub(crate) prompt: String,
    /// The version to include
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: String,
    /// Why, for the commit's message
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Say that a version should not be used any more
///
/// It goes on being served, and whoever fetches it is told why. Changes `deprecated` in `prompt.yaml`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex deprecate support/refund@1.0.0 --reason \"use 1.1.0\"
  promptdex deprecate support/refund@1.0.0 --undo --reason \"still needed\"")]
pub(crate) struct DeprecateArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
}

/// Withdraw a version: nothing may point to it or include it from now on
///
/// Apps that ask for it by its number still get it. Changes `yanked` in `prompt.yaml`. An environment that
/// serves it is to be moved first.
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
    /// The version
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) version: String,
    /// Take it back
    #[arg(long)]
    pub(crate) undo: bool,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Take versions that nothing serves out of the catalog, the search and the pages
///
/// Their documents stay where they are, byte for byte, for whoever asks by number. With `--older-than`, takes
/// what was made and served last before that, is not the highest version of its prompt, and is not included by a
/// version that stays. Changes `archived` in `prompt.yaml`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex archive --older-than 2y --dry-run     what would be archived
  promptdex archive --older-than 2y --commit
  promptdex archive support/refund@1.0.0 --reason \"nobody asks for it\"
  promptdex archive support/refund@1.0.0 --undo")]
pub(crate) struct ArchiveArgs {
    /// One version; with `--older-than`, one prompt instead of all
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) prompt: Option<String>,
    /// What was made and served last before a day, such as `2026-03-01`, or longer ago than `2y`
    #[arg(long, value_name = "WHEN", conflicts_with = "undo")]
    pub(crate) older_than: Option<String>,
    /// Take it back
    #[arg(long)]
    pub(crate) undo: bool,
    /// Why; without, that nothing serves them
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Withdraw a version's text: a leaked secret, or a duty to erase
///
/// Its document is replaced by one that says who withdrew it and why, and so are those of all versions that
/// include it. This is the only change of published bytes that is lawful, and cannot be taken back. Changes `redacted` in
/// `prompt.yaml`, and removes the version's files, cases and results. An environment that serves it is to be moved first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex redact support/refund@1.1.0 --reason \"held a customer's name\" --dry-run
  promptdex redact support/refund@1.1.0 --reason \"held a customer's name\" --commit")]
pub(crate) struct RedactArgs {
    /// The version
    #[arg(value_name = "NAME@VERSION")]
    pub(crate) version: String,
    /// Why, for everybody to read
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: String,
    /// Leave the files of the version where they are
    #[arg(long)]
    pub(crate) keep_files: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// Record what a test of a version came to
///
/// Writes `results/VERSION/TEST.json`, with the digest of the files that were tested: an environment whose rules ask for
/// results counts them as long as the version has these files. The numbers come from the command line, or from what a
/// test runner wrote: the JSON of promptfoo, or JUnit XML.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex record support/refund@1.1.0 --test quality --from promptfoo.json
  promptdex record support/refund@1.1.0 --test smoke --from junit.xml --source https://ci.example.com/7
  promptdex record support/refund@staging --test review --passed 12 --failed 0 --avg-score 4.5")]
pub(crate) struct RecordArgs {
    /// The prompt, with a version or an environment that serves it; without, its highest version
    #[arg(value_name = "NAME[@VERSION|@ENV]")]
    pub(crate) prompt: String,
    /// The name of the test, and of the file
    #[arg(long, value_name = "NAME", value_parser = test_name)]
    pub(crate) test: String,
    /// What a test runner wrote: the JSON of `promptfoo eval --output`, or JUnit XML
    #[arg(long, value_name = "FILE", required_unless_present_all = ["passed", "failed"])]
    pub(crate) from: Option<PathBuf>,
    /// The label of the prompt whose results count, in a run of several prompts. Defaults to the prompt that has
    /// the text of the version
    #[arg(long = "prompt", value_name = "LABEL", requires = "from")]
    pub(crate) prompt_label: Option<String>,
    /// How many cases passed
    #[arg(long, value_name = "COUNT")]
    pub(crate) passed: Option<u64>,
    /// How many did not
    #[arg(long, value_name = "COUNT")]
    pub(crate) failed: Option<u64>,
    /// The average score
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = score)]
    pub(crate) avg_score: Option<f64>,
    /// When it was tested: a time, a day, or how long ago (`2h`); without, what the file says, else now
    #[arg(long, value_name = "WHEN")]
    pub(crate) tested_at: Option<String>,
    /// What tested it, such as the address of a run
    #[arg(long, value_name = "TEXT")]
    pub(crate) source: Option<String>,
    /// Commit the file, and nothing else
    #[arg(long)]
    pub(crate) commit: bool,
}

/// Say what a change means, for whoever reviews it
///
/// Which versions it makes and which pointers it moves, for whom that changes what, word by word what differs, which
/// stored cases render differently, what it includes and what includes it, and what `check --base` finds. It says so
/// in a comment's worth of Markdown, however large the change is. Findings do not make it fail: `check` does that.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex report --base origin/main             what this branch would change
  promptdex report --base origin/main --rev HEAD --format json")]
pub(crate) struct ReportArgs {
    /// What the change is going to be merged into, such as `origin/main`
    #[arg(long, value_name = "REV")]
    pub(crate) base: String,
    #[command(flatten)]
    pub(crate) revision: RevisionArgs,
    #[command(flatten)]
    pub(crate) actors: ActorArgs,
    /// The published registry: what is in it may not change
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = ReportFormat::Markdown, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,
    /// The most bytes of Markdown; a comment on GitHub may have 65,536 characters
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

/// Have the host of the repository ask the teams for reviews
///
/// Writes what `teams` in `policy.yaml` say as a block of the repository's `CODEOWNERS`: who owns a prompt is asked
/// about its files, who may promote it about `environments/ENV.yaml` of environments with rules and of the last one.
/// Lines outside of the block stay as they are. `check` says when the block is not what the teams say any more.
#[derive(Debug, Args)]
pub(crate) struct CodeownersArgs {
    /// The file, from the top of the repository; without, the one that is there, else `.github/CODEOWNERS`,
    /// or `.gitlab/CODEOWNERS` where there is a `.gitlab-ci.yml`
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Print the file, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ChangeArgs {
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Commit the changed files, and nothing else
    #[arg(long)]
    pub(crate) commit: bool,
    /// The published registry: what callers get now is what it serves
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Who makes the change, for the rules of `policy.yaml`: an e-mail address, a `@handle`, or a name;
    /// without, the author that Git would give to a commit
    #[arg(long, value_name = "WHO", env = "PROMPTDEX_ACTOR")]
    pub(crate) actor: Option<String>,
    /// How to show what changes
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

/// Reads a share of callers.
fn weight(text: &str) -> Result<Weight, &'static str> {
    let percent = text.trim_end_matches('%').parse().ok();
    percent.and_then(Weight::from_percent).ok_or("a weight is 0 to 100 with at most two decimals")
}

/// Parses the name of a test, which becomes a file name.
fn test_name(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = text.len() <= 64 && text.chars().all(is_plain);
    if is_name && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(
            "a test is named by letters, digits, `-`, `_` and `.`, and begins with a letter or digit",
        )
    }
}

/// Reads a score.
fn score(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|score: &f64| score.is_finite()).ok_or("a score is a number")
}

/// Reads a checksum.
fn sha256(text: &str) -> Result<String, &'static str> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { Ok(text.to_lowercase()) } else { Err("a checksum has 64 hexadecimal digits") }
}

/// Reads how many bytes a report may have.
fn limit(text: &str) -> Result<usize, String> {
    const LEAST: usize = 8_000;
    match text.parse() {
        Ok(limit) if limit >= LEAST => Ok(limit),
        _ => Err(format!("a number from {LEAST} is needed")),
    }
}

/// Reads a reason: one line, and not an empty one.
fn reason(text: &str) -> Result<String, &'static str> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        Err("say why, for those who read the history")
    } else {
        Ok(words.join(" "))
    }
}

/// Compile the tree to a registry
///
/// Checks the tree first. Without `--previous`, the build is a preview: an error writes nothing, the output
/// folder is replaced as a whole, and every release history begins at 1. With `--previous`, the build
/// publishes every prompt that has no errors and holds the others back: they stay as they are published,
/// and the exit code is 4. Errors in files of the whole registry, such as registry.yaml, write nothing.
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
    /// The output folder
    #[arg(long, short, value_name = "DIR", default_value = "dist")]
    pub(crate) output: PathBuf,
    /// The published registry to continue: what is in it keeps its bytes, and an environment gets a
    /// release only where what it serves has changed
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// Publish nothing if any prompt has an error, instead of holding that prompt back
    #[arg(long)]
    pub(crate) strict: bool,
    /// Put releases that are older than the newest 100 of each environment into packs of 100, and remove
    /// the snapshots that only they name. For hosts that limit the number of files
    #[arg(long, requires = "previous")]
    pub(crate) pack: bool,
    /// Read every file, also those that are as the last build in place found them
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Write the API alone, without the pages that show it
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
    /// When this is published, such as `2026-03-01T12:00:00Z`: the `time` of new releases, by which soak
    /// times are counted. If the newest release has a later time, the new ones get that time
    #[arg(long, value_name = "TIME", help_heading = "Publication")]
    pub(crate) published_at: Option<String>,
    /// Who publishes this: a `@handle`, a name or an e-mail address, as far as `people` in registry.yaml
    /// lets the registry publish it
    #[arg(long, value_name = "NAME", help_heading = "Publication")]
    pub(crate) published_by: Option<String>,
    /// The CI run that publishes this
    #[arg(long, value_name = "URL", help_heading = "Publication")]
    pub(crate) run: Option<String>,
}

/// Show the tree as a site, and what changes in it at once
///
/// Builds the tree into a preview of its own, serves it on this machine, and watches the tree: pages
/// reload when a build was good, and say what was found. The last good build stays up. With a folder,
/// serves what `build` wrote there, as a static host would. Stop it with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex serve                                 build prompts/, serve it, watch it
  promptdex serve dist                            serve what `promptdex build` wrote")]
pub(crate) struct ServeArgs {
    /// A registry to serve as it is; without, the tree is built and watched
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,
    /// The port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8017)]
    pub(crate) port: u16,
}

/// Write a configuration for a web server
///
/// It serves the folder that `build` writes, with the right content types, caching, compression and access
/// from other sites, and answers the REST calls of existing clients from the files. It depends on
/// registry.yaml and on the place of the registry, not on its prompts. docs/hosting.md explains it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  promptdex host nginx /srv/prompts > /etc/nginx/conf.d/prompts.conf
  promptdex host caddy /srv/prompts --output Caddyfile
  promptdex host nginx /srv/prompts --listen 127.0.0.1:8080 --base /registry/")]
pub(crate) struct HostArgs {
    /// The web server
    #[arg(value_enum, value_name = "SERVER")]
    pub(crate) program: WebServer,
    /// The folder that holds the registry, on the machine of the web server
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: String,
    /// The host name that clients ask. Defaults to that of `url` in registry.yaml, or to any
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The port, or address and port, for plain HTTP. Defaults to what the web server does: nginx
    /// listens on port 80, Caddy serves HTTPS for a host name
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    pub(crate) listen: Option<String>,
    /// The path below which the registry is served. Defaults to that of `url` in registry.yaml
    #[arg(long, value_name = "PATH")]
    pub(crate) base: Option<String>,
    /// The file to write. Defaults to stdout
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

/// Explain a check
///
/// Without a code, lists all checks.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code in a finding's brackets
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// Write shell completions to stdout
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
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
