//! Compares two versions of a prompt field by field, and sums the result up in one sentence.

use promptdex_wire::{Dialect, Json, VersionDocument};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::{self, Compatibility, Contract, ContractEffect};
use crate::invisible::{self, Suspicion, scan};
use crate::messages::{
    IncludeDiff, MessageChange, MessageDiff, compare_includes, compare_messages, texts,
};
use crate::settings::{ChangeKind, Setting, VariableDiff, compare_settings, compare_variables};
use crate::text::{Counts, Options};
use crate::value::{compact, read};

/// Everything in which two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Whether they differ in nothing that is compared: who made them when is not.
    pub identical: bool,
    /// The syntax of the templates of the second version.
    pub template: Dialect,
    /// What the second version means for callers of the first.
    pub forward: Impact,
    /// What the first version means for callers of the second: a rollback. In the direction that leads to the lower version, a
    /// variable that it does not have breaks nothing, as clients drop what a version does not know.
    pub backward: Impact,
    /// The variables that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<VariableDiff>,
    /// The settings that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// All messages of both, those that are the same included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageDiff>,
    /// The included texts that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<IncludeDiff>,
    /// Invisible characters at the level of an alarm that the second version has more of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invisible: Vec<HiddenCharacter>,
    /// How much changed in all texts.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
}

/// The effects of a change on callers, and the worst of them as its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// The gravest of the effects.
    pub verdict: Compatibility,
    /// The effects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<ContractEffect>,
}

/// An invisible character that the new version added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenCharacter {
    /// The character; `invisible::label` and `invisible::name` say which one.
    pub character: char,
    /// How many more of it there are.
    pub count: usize,
}

/// Compares two versions.
pub fn compare_versions(a: &VersionDocument, b: &VersionDocument, options: &Options) -> Comparison {
    let (old, new) = (Schemas::of(a), Schemas::of(b));
    let impact = |old: &Contract<'_>, new: &Contract<'_>, is_back: bool| {
        let mut effects = contract::compare(old, new);
        if is_back {
            let has = |name: &str| new.variables.iter().any(|variable| variable.name == name);
            effects.iter_mut().filter(|effect| effect.is_left_out(has)).for_each(drop_variable);
        }
        Impact { verdict: contract::verdict(&effects), effects }
    };
    let forward = impact(&old.contract(a), &new.contract(b), b.version < a.version);
    let backward = impact(&new.contract(b), &old.contract(a), a.version < b.version);
    let variables =
        compare_variables(&a.variables, &b.variables, &forward.effects, &backward.effects);
    let settings = compare_settings(a, b);
    let messages = compare_messages(&a.messages, &b.messages, options);
    let includes = compare_includes(&a.includes, &b.includes, options);
    let mut counts = in_messages(&messages);
    counts.add(&in_includes(&includes));
    let identical = variables.is_empty()
        && settings.is_empty()
        && includes.is_empty()
        && messages.iter().all(MessageDiff::is_same);
    let invisible = find_new_invisible_characters(a, b);
    Comparison {
        identical,
        template: b.template,
        forward,
        backward,
        variables,
        settings,
        messages,
        includes,
        invisible,
        counts,
    }
}

/// Says of a variable that an older version does not have that nothing breaks: clients drop it.
fn drop_variable(effect: &mut ContractEffect) {
    effect.verdict = Compatibility::Compatible;
    effect.message.push_str(": clients drop it");
}

/// Summarizes a comparison in one sentence: what differs, and what breaks for callers.
pub fn sentence(comparison: &Comparison) -> String {
    if comparison.identical {
        return "No differences.".to_owned();
    }
    let mut parts = Vec::new();
    for (kind, word) in CHANGES {
        let number = comparison.variables.iter().filter(|variable| variable.kind == kind).count();
        parts.extend(format_count(number, "variable", word));
    }
    parts.extend(settings(&comparison.settings));
    parts.extend(messages(&comparison.messages));
    parts.extend(includes(&comparison.includes));
    parts.extend(format_count(comparison.counts.moved, "block", "moved"));
    let hidden = comparison.invisible.iter().map(|hidden| hidden.count).sum();
    parts.extend(format_count(hidden, "invisible character", "added").map(|text| {
        let labels: Vec<String> =
            comparison.invisible.iter().map(|hidden| invisible::label(hidden.character)).collect();
        format!("{text} ({})", labels.join(", "))
    }));
    let breaking: Vec<&str> = comparison
        .forward
        .effects
        .iter()
        .filter(|effect| effect.verdict == Compatibility::Breaking)
        .map(|effect| effect.message.as_str())
        .collect();
    if parts.is_empty() {
        parts.push("description changed".to_owned());
    }
    let mut sentence = parts.join(", ");
    if let Some(first) = breaking.first() {
        sentence.push_str("; breaking: ");
        sentence.push_str(first);
        if breaking.len() > 1 {
            sentence.push_str(&format!(" and {} more", breaking.len() - 1));
        }
    }
    sentence.push('.');
    sentence
}

const CHANGES: [(ChangeKind, &str); 3] = [
    (ChangeKind::Added, "added"),
    (ChangeKind::Removed, "removed"),
    (ChangeKind::Changed, "changed"),
];

/// Settings with values of at most this many characters are named in the sentence …
const SHORT: usize = 24;
/// … if there are no more than this.
const NAMED: usize = 3;

/// Values that are compared as JSON.
struct Schemas {
    response_schema: Option<Value>,
    tools: Option<Value>,
}

impl Schemas {
    fn of(document: &VersionDocument) -> Self {
        Self {
            response_schema: document.response_schema.as_ref().map(Json::value),
            tools: document.tools.as_ref().map(Json::value),
        }
    }

    fn contract<'a>(&'a self, document: &'a VersionDocument) -> Contract<'a> {
        Contract {
            variables: &document.variables,
            response_schema: self.response_schema.as_ref(),
            tools: self.tools.as_ref(),
        }
    }
}

fn find_new_invisible_characters(a: &VersionDocument, b: &VersionDocument) -> Vec<HiddenCharacter> {
    let (before, mut after) = (alarms(a), alarms(b));
    after.retain_mut(|found| {
        if let Ok(at) = position(&before, found.character) {
            found.count = found.count.saturating_sub(before[at].count);
        }
        found.count > 0
    });
    after
}

/// Returns the place of a character among those found, or the one where it belongs.
fn position(found: &[HiddenCharacter], character: char) -> Result<usize, usize> {
    found.binary_search_by_key(&character, |found| found.character)
}

/// Counts the characters at the level of an alarm in everything of a version that a model may read, sorted by
/// character.
fn alarms(document: &VersionDocument) -> Vec<HiddenCharacter> {
    let json = [&document.tools, &document.response_schema, &document.parameters];
    let json = json.into_iter().flatten().chain(document.examples.iter().flatten());
    let messages = document.messages.iter().map(texts);
    let includes = document.includes.0.values().map(|include| include.text.clone());
    let variables = document.variables.iter().filter_map(|variable| variable.default.as_ref());
    let values = json.chain(variables).map(|json| compact(&read(json)));
    let mut counts: Vec<HiddenCharacter> = Vec::new();
    for text in messages.chain(includes).chain(values) {
        for found in scan(&text).into_iter().filter(|found| found.level == Suspicion::Alarm) {
            match position(&counts, found.character) {
                Ok(at) => counts[at].count += 1,
                Err(at) => {
                    counts.insert(at, HiddenCharacter { character: found.character, count: 1 });
                }
            }
        }
    }
    counts
}

fn settings(settings: &[Setting]) -> Vec<String> {
    // Every version has a changelog line of its own, which says nothing about what changed.
    let settings = settings.iter().filter(|setting| setting.field != "description");
    let is_short = |text: &Option<String>| {
        text.as_ref().is_none_or(|text| text.chars().count() <= SHORT && !text.contains('\n'))
    };
    let (named, others): (Vec<&Setting>, Vec<&Setting>) =
        settings.partition(|setting| is_short(&setting.before) && is_short(&setting.after));
    let mut parts = Vec::new();
    let mut rest = others.len();
    for (index, setting) in named.iter().enumerate() {
        if index >= NAMED {
            rest += 1;
            continue;
        }
        let field = &setting.field;
        parts.push(match (&setting.before, &setting.after) {
            (Some(before), Some(after)) => format!("{field} {before} → {after}"),
            (None, Some(after)) => format!("{field} {after} added"),
            (Some(before), None) => format!("{field} {before} removed"),
            (None, None) => continue,
        });
    }
    let what = if parts.is_empty() { "setting" } else { "other setting" };
    parts.extend(format_count(rest, what, "changed"));
    parts
}

fn messages(messages: &[MessageDiff]) -> Vec<String> {
    let mut parts = Vec::new();
    for (kind, word) in [
        (MessageChange::Added, "added"),
        (MessageChange::Removed, "removed"),
        (MessageChange::Changed, "changed"),
    ] {
        let number = messages.iter().filter(|message| message.kind == kind).count();
        parts.extend(format_count(number, "message", word));
    }
    if let Some(last) = parts.last_mut() {
        last.push_str(&words(&in_messages(messages)));
    }
    let moved = messages.iter().filter(|message| message.moved).count();
    parts.extend(format_count(moved, "message", "moved"));
    parts
}

fn includes(includes: &[IncludeDiff]) -> Vec<String> {
    let mut parts = Vec::new();
    for (kind, word) in CHANGES {
        let number = includes.iter().filter(|include| include.kind == kind).count();
        parts.extend(format_count(number, "include", word));
    }
    if let Some(last) = parts.last_mut() {
        last.push_str(&words(&in_includes(includes)));
    }
    parts
}

fn in_messages(messages: &[MessageDiff]) -> Counts {
    let texts = messages.iter().flat_map(|message| &message.texts);
    sum(texts.map(|text| &text.diff.counts))
}

fn in_includes(includes: &[IncludeDiff]) -> Counts {
    sum(includes.iter().map(|include| &include.diff.counts))
}

fn sum<'a>(all: impl Iterator<Item = &'a Counts>) -> Counts {
    let mut sum = Counts::default();
    all.for_each(|counts| sum.add(counts));
    sum
}

fn words(counts: &Counts) -> String {
    match (counts.words_added, counts.words_removed) {
        (0, 0) if counts.whitespace > 0 => " (white space only)".to_owned(),
        (0, 0) => String::new(),
        (added, 0) => format!(" ({} added)", plural(added, "word")),
        (0, removed) => format!(" ({} removed)", plural(removed, "word")),
        (added, removed) => format!(" ({} added, {removed} removed)", plural(added, "word")),
    }
}

fn format_count(number: usize, what: &str, word: &str) -> Option<String> {
    (number > 0).then(|| format!("{} {word}", plural(number, what)))
}

fn plural(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
