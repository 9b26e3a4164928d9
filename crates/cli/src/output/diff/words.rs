//! The result of a comparison, and the wording that all formats share.

use promptdex_compare::case_diff::{CaseChange, CaseDiff};
use promptdex_compare::comparison::Comparison;
use promptdex_compare::contract::Compatibility;
use promptdex_compare::invisible;
use promptdex_compare::messages::{FieldDiff, IncludeDiff, MessageChange, MessageDiff};
use promptdex_compare::settings::ChangeKind;
use promptdex_ops::review::comparison::{ComparisonSide, VersionComparison};
use promptdex_ops::review::environment_comparison::{EnvironmentComparison, PromptComparison};
use promptdex_ops::review::environment_distance::EnvironmentDistance;
use promptdex_ops::text::plural;
use promptdex_wire::event::{Share, Target};

/// The result of a comparison.
#[derive(Debug)]
pub(crate) enum Difference {
    /// The comparison of two versions.
    Versions(Box<VersionComparison>),
    /// The comparison of two environments.
    Environments(EnvironmentComparison),
}

impl Difference {
    /// Whether there are no differences.
    pub(crate) fn is_same(&self) -> bool {
        match self {
            Self::Versions(compared) => compared.is_same(),
            Self::Environments(compared) => compared.prompts.is_empty(),
        }
    }
}

pub(in crate::output) fn verdict(verdict: Compatibility) -> &'static str {
    match verdict {
        Compatibility::Compatible => "compatible",
        Compatibility::Additive => "additive",
        Compatibility::Breaking => "breaking",
    }
}

pub(super) fn change(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    }
}

pub(super) fn rendering(change: CaseChange) -> &'static str {
    match change {
        CaseChange::Same => "unchanged",
        CaseChange::Changed => "changed",
        CaseChange::NowFails => "now fails",
        CaseChange::NowRenders => "now renders",
        CaseChange::Fails => "fails in both versions",
    }
}

/// Returns the names of the two sides in sentences.
pub(super) fn sides(from: &ComparisonSide, to: &ComparisonSide) -> [String; 2] {
    let name = |side: &ComparisonSide| {
        if from.name == to.name {
            side.version.to_string()
        } else {
            format!("{}@{}", side.name, side.version)
        }
    };
    [name(from), name(to)]
}

/// Returns the title of each direction of a comparison.
pub(super) fn directions(from: &ComparisonSide, to: &ComparisonSide) -> [String; 2] {
    let [a, b] = sides(from, to);
    let (there, back) = (format!("{a} → {b}"), format!("{b} → {a}"));
    if from.name == to.name && to.version < from.version {
        return [format!("Rollback {there}"), format!("Upgrade {back}")];
    }
    [format!("Upgrade {there}"), format!("Rollback {back}")]
}

/// Returns a version with the environment that selected it.
pub(super) fn version(side: &ComparisonSide) -> String {
    match &side.environment {
        Some(environment) => format!("{} ({environment})", side.version),
        None => side.version.to_string(),
    }
}

/// Returns the messages that differ.
pub(super) fn list_differing_messages(
    messages: &[MessageDiff],
) -> impl Iterator<Item = &MessageDiff> {
    messages.iter().filter(|message| !message.is_same())
}

pub(super) fn message_title(message: &MessageDiff) -> String {
    let number = message.after.or(message.before).unwrap_or_default();
    let kind = match message.kind {
        MessageChange::Same => "",
        MessageChange::Changed => "changed",
        MessageChange::Added => "added",
        MessageChange::Removed => "removed",
    };
    let moved = match (message.moved, message.before, message.after) {
        (true, Some(before), Some(after)) => format!("moved from {before} to {after}"),
        _ => String::new(),
    };
    let words: Vec<&str> = [kind, &moved].into_iter().filter(|word| !word.is_empty()).collect();
    format!("Message {number}, {}: {}", message.role, words.join(", "))
}

/// Returns the title of a text, unless it is the only text of its message.
pub(super) fn text_title(text: &FieldDiff, message: &MessageDiff) -> Option<String> {
    (message.texts.len() > 1 || text.field != "content")
        .then(|| format!("{}: {}", text.field, change(text.kind)))
}

/// Returns the versions of an included text.
pub(super) fn include_versions(include: &IncludeDiff) -> String {
    let versions = [&include.before, &include.after].into_iter().flatten();
    versions.map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

/// Lists the invisible characters that the new version added.
pub(super) fn list_invisible(comparison: &Comparison) -> Option<String> {
    let labels = comparison.invisible.iter().map(|hidden| {
        let (label, name) = (invisible::label(hidden.character), invisible::name(hidden.character));
        format!("{} {label} ({name})", hidden.count)
    });
    let labels: Vec<String> = labels.collect();
    (!labels.is_empty()).then(|| labels.join(", "))
}

/// Returns a note about masked values. `mask` is the replacement, and `name` formats the names of
/// the values.
pub(super) fn describe_masked_values(
    case: &CaseDiff,
    mask: &str,
    name: impl Fn(&str) -> String,
) -> Option<String> {
    let names: Vec<String> = case.masked.iter().map(|text| name(text)).collect();
    let is_hidden = case.messages.is_empty() && case.problem.is_none();
    let listed = names.join(", ");
    let text = match case.kind {
        CaseChange::Same => return None,
        _ if is_hidden => format!("Not shown because of sensitive values: {listed}."),
        _ => format!("{mask} replaces sensitive values: {listed}."),
    };
    (!names.is_empty()).then_some(text)
}

/// Returns the number of test cases that render differently, as a sentence.
pub(super) fn cases(compared: &VersionComparison) -> Option<String> {
    let (all, changed) =
        (compared.cases.len(), compared.cases.iter().filter(|case| !case.is_same()).count());
    match (all, changed) {
        (0, _) => None,
        (_, 0) => Some(format!("{} the same in both versions.", renders(all))),
        (_, _) => Some(format!("{changed} of {} differently.", renders(all))),
    }
}

pub(in crate::output) fn renders(cases: usize) -> String {
    format!("{} {}", plural(cases, "test case"), if cases == 1 { "renders" } else { "render" })
}

/// Describes a target.
pub(in crate::output) fn describe_target(target: Option<&Target>) -> String {
    match target {
        None => "nothing".to_owned(),
        Some(target) => {
            let share = |share: Share<'_>| {
                let mut marks = Vec::new();
                if let Some(major) = share.track {
                    let word = if share.is_main_track { "main track" } else { "track" };
                    marks.push(format!("{word} {major}"));
                }
                if let Some(arm) = share.arm {
                    marks.push(format!("{}%", arm.weight));
                    marks.push(arm.key.clone());
                }
                match marks.as_slice() {
                    [] => share.version.to_string(),
                    marks => format!("{} ({})", share.version, marks.join(", ")),
                }
            };
            target.shares().into_iter().map(share).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Describes how far an environment is from the other one of a comparison.
pub(super) fn describe_distance(distance: &EnvironmentDistance) -> String {
    let versions = plural(distance.versions, "version");
    format!(
        " ({} {} {} by {versions})",
        distance.environment,
        distance.direction(),
        distance.previous
    )
}

/// Returns the number of prompts that differ, as a sentence.
pub(super) fn count(compared: &EnvironmentComparison) -> String {
    let (from, to) = (&compared.from, &compared.to);
    let only = |is_only: fn(&PromptComparison) -> bool| {
        compared.prompts.iter().filter(|prompt| is_only(prompt)).count()
    };
    let first = only(|prompt| prompt.to.is_none());
    let second = only(|prompt| prompt.from.is_none());
    let both = compared.prompts.len() - first - second;
    let differ = if both == 1 { "differs" } else { "differ" };
    let mut parts = Vec::new();
    if both > 0 {
        parts.push(format!("{} {differ}", plural(both, "prompt")));
    }
    if first > 0 {
        parts.push(format!("{first} only in {from}"));
    }
    if second > 0 {
        parts.push(format!("{second} only in {to}"));
    }
    match (compared.same, parts.is_empty()) {
        (0, true) => parts.push("no prompts".to_owned()),
        (same, true) => parts.push(format!("{} the same", plural(same, "prompt"))),
        (0, false) => {}
        (same, false) => parts.push(format!("{same} the same")),
    }
    format!("{}.", parts.join(", "))
}
