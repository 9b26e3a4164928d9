//! Events of prompts: grouped by commit for people, one per line for programs.

use std::fmt::Write as _;

use promptdex_core::history::state_of;
use promptdex_ops::text::printable;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::history::Event;
use promptdex_wire::{Chain, Open};
use serde_json::{Map, Value};

use crate::style::{BOLD, DIM, RESET, YELLOW};

/// Formats events, grouped by commit.
pub(crate) fn human(events: &[(&Chain, &Change)]) -> String {
    let mut text = String::new();
    for group in events.chunk_by(|(_, a), (_, b)| is_one(a, b)) {
        let Some((_, first)) = group.first() else { continue };
        if !text.is_empty() {
            text.push('\n');
        }
        write_heading(&mut text, first);
        for (chain, change) in group {
            let name = change.name.as_ref().map_or(String::new(), |name| format!("{name}  "));
            let what = describe_change(chain, change);
            writeln!(text, "  {BOLD}{name}{RESET}{what}{}", format_targets(change))
                .unwrap_or_default();
        }
        if let Some(reason) = &first.reason {
            writeln!(text, "  reason: {}", printable(reason)).unwrap_or_default();
        }
    }
    text
}

/// Whether two events have a common heading.
fn is_one(a: &Change, b: &Change) -> bool {
    fn heading(change: &Change) -> [&Option<String>; 4] {
        [&change.commit, &change.by, &change.subject, &change.reason]
    }
    heading(a) == heading(b)
}

/// Writes a heading: `539dc88  2026-02-01 11:00  ben@example.com  Promote (#12)`.
fn write_heading(text: &mut String, change: &Change) {
    let commit = change.commit.as_deref().map_or("", |commit| &commit[..commit.len().min(7)]);
    let at = change.at.as_ref().map_or(String::new(), |at| at.as_str()[..16].replace('T', " "));
    let by = change.by.as_deref().map(|by| format!("  {}", printable(by))).unwrap_or_default();
    let subject = change.subject.as_deref().map(printable).unwrap_or_default();
    // The subject of a squashed pull request contains its number.
    let number = change.pull_request.map(|number| format!("(#{number})"));
    let number = number.filter(|number| !subject.contains(number.as_str()));
    let number = number.map_or(String::new(), |number| format!(" {number}"));
    let people = people(change);
    writeln!(text, "{YELLOW}{commit}{RESET}  {at}{by}  {subject}{number}{DIM}{people}{RESET}")
        .unwrap_or_default();
}

/// Lists the people of a commit other than its author.
fn people(change: &Change) -> String {
    let parts = [
        ("with", change.co_authored_by.join(", ")),
        ("reviewed by", change.reviewed_by.join(", ")),
        ("merged by", change.committed_by.clone().unwrap_or_default()),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(word, people)| format!("{word} {}", printable(people)))
        .collect();
    if parts.is_empty() { String::new() } else { format!("  {}", parts.join("; ")) }
}

/// Describes an event: `promoted to production`.
pub(super) fn describe_change(chain: &Chain, change: &Change) -> String {
    let word = operation_word(change);
    let Chain::Environment(environment) = chain else { return word };
    let preposition = match change.operation.get() {
        Some(Operation::Promoted) => "to",
        Some(Operation::Retired) => "from",
        _ => "in",
    };
    format!("{word} {preposition} {environment}")
}

fn operation_word(change: &Change) -> String {
    let word = change.operation.in_words();
    if change.to.is_none() && change.operation.get().and_then(state_of).is_some() {
        return format!("no longer {word}");
    }
    word
}

/// Formats the old and the new target: `  1.0.0 → 1.1.0`.
fn format_targets(change: &Change) -> String {
    let both = (change.from.as_ref().map(target), change.to.as_ref().map(target));
    match both {
        (Some(from), Some(to)) if from == to => format!("  {to}"),
        (Some(from), Some(to)) => format!("  {from} → {to}"),
        (Some(one), None) | (None, Some(one)) => format!("  {one}"),
        (None, None) => String::new(),
    }
}

/// Formats a target on one line.
fn target(target: &Open<Target>) -> String {
    match target {
        Open::Known(target) => printable(&target.to_string()),
        Open::Unknown(json) => printable(json.text()),
    }
}

/// Formats events as one JSON object per line, with the columns of `history.json`.
pub(crate) fn json(events: &[(&Chain, &Change)]) -> serde_json::Result<String> {
    let mut text = String::new();
    for (chain, change) in events {
        let mut line = columns(chain, change)?;
        line.insert("v".to_owned(), 1.into());
        text.push_str(&Value::Object(line).to_string());
        text.push('\n');
    }
    Ok(text)
}

/// Returns the columns of `history.json` for an event.
pub(super) fn columns(chain: &Chain, change: &Change) -> serde_json::Result<Map<String, Value>> {
    let line = serde_json::to_value(Event::new(change.clone(), chain, 0))?;
    let Value::Object(mut columns) = line else { return Ok(Map::new()) };
    // Git does not know what is published in which release.
    columns.remove("sequence");
    Ok(columns)
}
