//! Output of commands that change a tree: the effects on environments and apps.

use std::fmt::Write as _;

use promptdex_compare::contract::ContractEffect;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_ops::change::plan::{ChangePlan, IncludeUpdate, PlannedEffect, StateChange};
use promptdex_ops::change::pointer_move::{
    CallerImpact, EarlierVersion, PointerMove, impact_on_callers,
};
use promptdex_ops::change::prompt_graph::Includer;
use promptdex_ops::review::comparison::VersionComparison;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::catalog::State;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, PromptVersion, Timestamp, Version};
use serde::Serialize;

use super::diff::lines::format_inline;
use super::diff::{describe_target, renders, verdict};
use crate::style::{BOLD, RESET};
use crate::time_argument;

/// The outcome of a command that changes a tree.
#[derive(Debug)]
pub(crate) enum ChangeOutcome {
    /// There was nothing to change.
    Nothing,
    /// The change was shown, but not made.
    Shown,
    /// The checks refused the change.
    Refused(Vec<Diagnostic>),
    /// The files were written. Has the commit id if they were committed.
    Done(Option<String>),
}

/// The largest number of names to list.
const MOST_NAMES: usize = 6;

/// Formats a plan for people.
pub(crate) fn human(plan: &ChangePlan) -> String {
    let mut text = String::new();
    for effect in &plan.effects {
        if !text.is_empty() {
            text.push('\n');
        }
        match effect {
            PlannedEffect::Moved(moved) => write_move(&mut text, moved),
            PlannedEffect::State(change) => write_state(&mut text, change),
            PlannedEffect::IncludesUpdated(update) => write_include_update(&mut text, update),
        }
    }
    if !plan.effects.is_empty() && !plan.notes.is_empty() {
        text.push('\n');
    }
    for note in &plan.notes {
        writeln!(text, "{}", format_inline(note)).unwrap_or_default();
    }
    text
}

fn line(text: &mut String, indent: usize, content: &str) {
    writeln!(text, "{:indent$}{content}", "").unwrap_or_default();
}

fn write_move(text: &mut String, moved: &PointerMove) {
    let PointerMove { name, environment, from, to, origin, .. } = moved;
    let origin =
        origin.as_ref().map_or_else(String::new, |origin| format!(", {}", format_inline(origin)));
    let (from, to) = (
        format_inline(&describe_target(from.as_ref())),
        format_inline(&describe_target(to.as_ref())),
    );
    line(text, 0, &format!("{BOLD}{name} in {environment}{RESET}: {from} → {to}{origin}"));
    if let Some(distance) = &moved.distance {
        line(text, 2, &distance.describe(&time_argument::now()));
    }
    if moved.from.is_none() {
        line(text, 2, "not served in this environment yet");
    }
    if moved.to.is_none() {
        line(text, 2, "no longer served in this environment: apps get an error");
    }
    for compared in &moved.versions {
        write_comparison(text, compared);
    }
    if !moved.included_by.is_empty() {
        write_includers(text, &moved.included_by, Some(environment));
    }
    if let Some(earlier) = &moved.earlier_versions {
        line(text, 2, &format!("earlier versions in {environment}, for today's apps:"));
        if earlier.is_empty() {
            line(text, 4, "none in the commits");
        }
        earlier.iter().for_each(|earlier| write_earlier(text, earlier));
    }
}

fn write_comparison(text: &mut String, compared: &VersionComparison) {
    let (from, to) = (&compared.from.version, &compared.to.version);
    write_callers(text, (from, to), &impact_on_callers(compared, true));
    write_callers(text, (to, from), &impact_on_callers(compared, false));
    let differing: Vec<&str> = list_differing_cases(compared).collect();
    let all = compared.cases.len();
    let said = match (all, differing.len()) {
        (0, _) => "no test cases to compare renderings".to_owned(),
        (_, 0) => format!("{} the same", renders(all)),
        (_, count) => format!(
            "{count} of {} {} differently: {}",
            plural(all, "test case"),
            if count == 1 { "renders" } else { "render" },
            list_first(differing.iter().map(|name| format_inline(name)))
        ),
    };
    line(text, 2, &said);
}

fn write_callers(text: &mut String, (from, to): (&Version, &Version), callers: &CallerImpact<'_>) {
    let direction = if to < from { "rollback" } else { "upgrade" };
    let verdict_word = verdict(callers.verdict);
    line(text, 2, &format!("{direction} {from} → {to}: {verdict_word}"));
    for effect in &callers.effects {
        line(text, 4, &format!("{}: {}", verdict(effect.verdict), format_inline(&effect.message)));
    }
    for name in &callers.dropped_variables {
        line(text, 4, &format!("compatible: clients drop `{}`", format_inline(name)));
    }
}

fn write_includers(text: &mut String, includers: &[Includer], environment: Option<&Environment>) {
    if includers.is_empty() {
        line(text, 2, "not included by other prompts");
        return;
    }
    let is_served = |includer: &&Includer| match environment {
        Some(environment) => includer.served_by.contains(environment),
        None => !includer.served_by.is_empty(),
    };
    let name = |includer: &Includer| match environment {
        Some(environment) if includer.served_by.contains(environment) => {
            format!("{} (live in {environment})", includer.version)
        }
        None if !includer.served_by.is_empty() => {
            format!("{} (live in {})", includer.version, environments(&includer.served_by))
        }
        _ => includer.version.to_string(),
    };
    // Served includers come first.
    let (first, rest): (Vec<&Includer>, Vec<&Includer>) = includers.iter().partition(is_served);
    let names = list_first(first.into_iter().chain(rest).map(name));
    line(text, 2, &format!("included by {names}"));
}

fn write_earlier(text: &mut String, earlier: &EarlierVersion) {
    let EarlierVersion { version, effects, withdrawn, .. } = earlier;
    let verdict = verdict(earlier.verdict);
    let said = match (withdrawn, effects.first()) {
        (Some((state, reason)), _) => format!("{}: {}", state.as_str(), format_inline(reason)),
        (None, Some(effect)) if !earlier.is_safe() => {
            format!("{verdict}: {}", format_inline(&effect.message))
        }
        (None, _) => format!("safe, {verdict}"),
    };
    line(text, 4, &format!("{version}  {said}"));
}

fn write_state(text: &mut String, change: &StateChange) {
    let StateChange { name, version, from, to, served_by, included_by } = change;
    let shown = |(state, reason): &(State, Option<String>)| match reason {
        Some(reason) => format!("{} ({})", state.as_str(), format_inline(reason)),
        None => state.as_str().to_owned(),
    };
    line(text, 0, &format!("{BOLD}{name} {version}{RESET}: {} → {}", shown(from), shown(to)));
    if served_by.is_empty() {
        line(text, 2, "not live in any environment");
    } else {
        line(text, 2, &format!("live in {}", environments(served_by)));
    }
    write_includers(text, included_by, None);
}

fn write_include_update(text: &mut String, update: &IncludeUpdate) {
    let IncludeUpdate { name, from, to, includes, served_by } = update;
    let is_served = if served_by.is_empty() {
        String::new()
    } else {
        format!(", still {from} in {}", environments(served_by))
    };
    line(text, 0, &format!("{BOLD}{name}{RESET}: {from} → {to}{is_served}"));
    for (old, new) in includes {
        line(text, 2, &format!("includes {new} instead of {}", old.version));
    }
}

fn environments(environments: &[Environment]) -> String {
    environments.iter().map(Environment::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the names of the test cases that render differently.
fn list_differing_cases(compared: &VersionComparison) -> impl Iterator<Item = &str> {
    let differing = compared.cases.iter().filter(|case| !case.is_same());
    differing.map(|case| case.diff.name.as_str())
}

/// Lists the first of many names.
fn list_first(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let rest = names.len().saturating_sub(MOST_NAMES);
    if rest > 0 {
        names.truncate(MOST_NAMES);
        names.push(format!("and {rest} more"));
    }
    names.join(", ")
}

/// The JSON output of a change, version 1.
#[derive(Serialize)]
struct JsonChange<'a> {
    v: u32,
    command: &'a str,
    /// `done`, `dry-run`, `nothing` or `refused`.
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moves: Vec<JsonMove<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    states: Vec<JsonState<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include_updates: Vec<JsonIncludeUpdate<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    files: Vec<JsonFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<JsonFinding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonMove<'a> {
    name: &'a PromptName,
    environment: &'a Environment,
    from: Option<&'a Target>,
    to: Option<&'a Target>,
    versions: Vec<JsonVersions<'a>>,
    included_by: Vec<JsonIncluder<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<JsonDistance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_before: Option<Vec<JsonEarlierVersion<'a>>>,
}

/// How far an environment is from the previous one before a promotion.
#[derive(Serialize)]
struct JsonDistance<'a> {
    previous: &'a Environment,
    is_ahead: bool,
    versions: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a Timestamp>,
}

#[derive(Serialize)]
struct JsonVersions<'a> {
    from: &'a Version,
    to: &'a Version,
    forward: JsonImpact<'a>,
    backward: JsonImpact<'a>,
    cases: usize,
    differing_cases: Vec<&'a str>,
}

#[derive(Serialize)]
struct JsonImpact<'a> {
    verdict: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    effects: Vec<&'a ContractEffect>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<&'a str>,
}

#[derive(Serialize)]
struct JsonIncluder<'a> {
    version: &'a PromptVersion,
    served_by: &'a [Environment],
}

#[derive(Serialize)]
struct JsonEarlierVersion<'a> {
    version: &'a Version,
    is_safe: bool,
    verdict: &'a str,
    #[serde(skip_serializing_if = "<[ContractEffect]>::is_empty")]
    effects: &'a [ContractEffect],
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonState<'a> {
    name: &'a PromptName,
    version: &'a Version,
    from: State,
    to: State,
    served_by: &'a [Environment],
    included_by: Vec<JsonIncluder<'a>>,
}

#[derive(Serialize)]
struct JsonIncludeUpdate<'a> {
    name: &'a PromptName,
    from: &'a Version,
    to: &'a Version,
    includes: Vec<JsonInclude<'a>>,
    served_by: &'a [Environment],
}

#[derive(Serialize)]
struct JsonInclude<'a> {
    from: &'a PromptVersion,
    to: &'a PromptVersion,
}

#[derive(Serialize)]
struct JsonFile {
    path: String,
    /// `added`, `changed` or `removed`.
    change: &'static str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    code: &'a str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Formats a plan and its outcome as JSON. `added` returns whether a path is a new file.
pub(crate) fn json(
    tree: &Tree,
    plan: &ChangePlan,
    outcome: &ChangeOutcome,
    added: impl Fn(&str) -> bool,
) -> String {
    let (mut moves, mut states, mut include_updates) = (Vec::new(), Vec::new(), Vec::new());
    for effect in &plan.effects {
        match effect {
            PlannedEffect::Moved(moved) => moves.push(json_move(moved)),
            PlannedEffect::State(change) => states.push(json_state(change)),
            PlannedEffect::IncludesUpdated(update) => {
                include_updates.push(json_include_update(update));
            }
        }
    }
    let file = |(path, bytes): (&String, &Option<Vec<u8>>)| {
        let change = match bytes {
            None => "removed",
            Some(_) if added(path) => "added",
            Some(_) => "changed",
        };
        JsonFile { path: tree.display_path(path), change }
    };
    let (word, refused, commit) = match outcome {
        ChangeOutcome::Nothing => ("nothing", [].as_slice(), None),
        ChangeOutcome::Shown => ("dry-run", [].as_slice(), None),
        ChangeOutcome::Refused(findings) => ("refused", findings.as_slice(), None),
        ChangeOutcome::Done(commit) => ("done", [].as_slice(), commit.as_deref()),
    };
    let refused = refused.iter().map(|finding| JsonFinding {
        code: finding.rule.code,
        path: tree.display_path(&finding.path),
        line: finding.place.as_ref().map(|place| place.line),
        message: &finding.message,
        help: finding.help.as_deref(),
    });
    let report = JsonChange {
        v: 1,
        command: plan.command,
        outcome: word,
        reason: plan.reason.as_deref(),
        moves,
        states,
        include_updates,
        notes: &plan.notes,
        files: plan.files.iter().map(file).collect(),
        refused: refused.collect(),
        commit,
    };
    // Strings and numbers always serialize.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn json_move(moved: &PointerMove) -> JsonMove<'_> {
    let versions = moved.versions.iter().map(|compared| JsonVersions {
        from: &compared.from.version,
        to: &compared.to.version,
        forward: json_impact(impact_on_callers(compared, true)),
        backward: json_impact(impact_on_callers(compared, false)),
        cases: compared.cases.len(),
        differing_cases: list_differing_cases(compared).collect(),
    });
    let earlier = moved.earlier_versions.as_ref().map(|earlier| {
        let earlier = earlier.iter().map(|earlier| JsonEarlierVersion {
            version: &earlier.version,
            is_safe: earlier.is_safe(),
            verdict: verdict(earlier.verdict),
            effects: &earlier.effects,
            withdrawn: earlier.withdrawn.as_ref().map(|(_, reason)| reason.as_str()),
        });
        earlier.collect()
    });
    JsonMove {
        name: &moved.name,
        environment: &moved.environment,
        from: moved.from.as_ref(),
        to: moved.to.as_ref(),
        versions: versions.collect(),
        included_by: json_includers(&moved.included_by),
        distance: moved.distance.as_ref().map(|distance| JsonDistance {
            previous: &distance.previous,
            is_ahead: distance.is_ahead,
            versions: distance.versions,
            since: distance.since.as_ref(),
        }),
        served_before: earlier,
    }
}

fn json_impact(callers: CallerImpact<'_>) -> JsonImpact<'_> {
    let CallerImpact { verdict: word, effects, dropped_variables: left_out } = callers;
    JsonImpact { verdict: verdict(word), effects, left_out }
}

fn json_includers(includers: &[Includer]) -> Vec<JsonIncluder<'_>> {
    includers
        .iter()
        .map(|includer| JsonIncluder { version: &includer.version, served_by: &includer.served_by })
        .collect()
}

fn json_state(change: &StateChange) -> JsonState<'_> {
    JsonState {
        name: &change.name,
        version: &change.version,
        from: change.from.0,
        to: change.to.0,
        served_by: &change.served_by,
        included_by: json_includers(&change.included_by),
    }
}

fn json_include_update(update: &IncludeUpdate) -> JsonIncludeUpdate<'_> {
    let includes = update.includes.iter().map(|(from, to)| JsonInclude { from, to });
    JsonIncludeUpdate {
        name: &update.name,
        from: &update.from,
        to: &update.to,
        includes: includes.collect(),
        served_by: &update.served_by,
    }
}
