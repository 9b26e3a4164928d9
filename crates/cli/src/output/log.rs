//! Events of prompts: grouped by commit for people, one per line for programs.

use std::fmt::Write as _;

use promptdex_core::history::state_of;
use promptdex_ops::history::event_log::{LoggedEvent, Publication};
use promptdex_ops::text::printable;
use promptdex_wire::event::{Change, Operation, Target};
use promptdex_wire::history::Event;
use promptdex_wire::{Chain, Open, Timestamp};
use serde_json::{Map, Value};

use crate::style::{BOLD, DIM, RESET, YELLOW};

/// Formats events, grouped by commit. With a published registry, headings show whether a time is that of the
/// publication.
pub(crate) fn human(events: &[&LoggedEvent<'_>], is_published: bool) -> String {
    let mut text = String::new();
    for group in events.chunk_by(|a, b| is_one(a, b)) {
        let Some(first) = group.first() else { continue };
        if !text.is_empty() {
            text.push('\n');
        }
        write_heading(&mut text, first, is_published);
        for event in group {
            let change = &event.change;
            let name = change.name.as_ref().map_or(String::new(), |name| format!("{name}  "));
            let what = describe_change(&event.chain, change);
            writeln!(text, "  {BOLD}{name}{RESET}{what}{}", format_targets(change))
                .unwrap_or_default();
        }
        if let Some(reason) = &first.change.reason {
            writeln!(text, "  reason: {}", printable(reason)).unwrap_or_default();
        }
    }
    text
}

/// Whether two events have a common heading.
fn is_one(a: &LoggedEvent<'_>, b: &LoggedEvent<'_>) -> bool {
    fn heading(change: &Change) -> [&Option<String>; 4] {
        [&change.commit, &change.by, &change.subject, &change.reason]
    }
    heading(&a.change) == heading(&b.change)
        && (a.time(), source_of_time(a)) == (b.time(), source_of_time(b))
}

/// Writes a heading: `539dc88  2026-02-01 11:00  ben@example.com  Promote (#12)`.
fn write_heading(text: &mut String, event: &LoggedEvent<'_>, is_published: bool) {
    let change = &event.change;
    let commit = change.commit.as_deref().map_or("", |commit| &commit[..commit.len().min(7)]);
    let at = event.time().map_or(String::new(), |at| at.as_str()[..16].replace('T', " "));
    let at = if is_published { with_source(&at, event) } else { at };
    let by = change.by.as_deref().map(|by| format!("  {}", printable(by))).unwrap_or_default();
    let subject = change.subject.as_deref().map(printable).unwrap_or_default();
    // The subject of a squashed pull request contains its number.
    let number = change.pull_request.map(|number| format!("(#{number})"));
    let number = number.filter(|number| !subject.contains(number.as_str()));
    let number = number.map_or(String::new(), |number| format!(" {number}"));
    let people = people(change);
    let commit =
        if commit.is_empty() { String::new() } else { format!("{YELLOW}{commit}{RESET}  ") };
    let message = format!("{subject}{number}");
    let message = if message.is_empty() { message } else { format!("  {message}") };
    writeln!(text, "{commit}{at}{by}{message}{DIM}{people}{RESET}").unwrap_or_default();
}

/// Names what the time of an event is of.
fn source_of_time(event: &LoggedEvent<'_>) -> String {
    match &event.published {
        Some(Publication { time: Some(_), .. }) => "published".to_owned(),
        Some(Publication { time: None, .. }) if event.change.at.is_some() => "committed".to_owned(),
        Some(Publication { time: None, sequence }) => format!("release {sequence}, time unknown"),
        None => "committed, not published".to_owned(),
    }
}

/// Adds to a time what it is of.
fn with_source(at: &str, event: &LoggedEvent<'_>) -> String {
    format!("{at} ({})", source_of_time(event)).trim_start().to_owned()
}

/// Formats what environments served, one pointer per line.
pub(crate) fn served(served: &[(&LoggedEvent<'_>, &Target)], is_published: bool) -> String {
    let rows: Vec<[String; 6]> = served
        .iter()
        .map(|(event, target)| {
            let LoggedEvent { chain, change, .. } = event;
            let at = event.time().map_or(String::new(), |at| at.as_str()[..16].replace('T', " "));
            let person = |text: &Option<String>| text.as_deref().map(printable).unwrap_or_default();
            [
                change.name.as_ref().map_or(String::new(), ToString::to_string),
                chain.to_string(),
                printable(&target.to_string()),
                format!("since {}", if is_published { with_source(&at, event) } else { at }),
                person(&change.by),
                person(&change.reason),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; 6] = std::array::from_fn(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Formats what environments served at a time as one JSON object per line, with the columns of `history.json` for
/// the event that put it there.
pub(crate) fn served_json(
    served: &[(&LoggedEvent<'_>, &Target)],
    time: &Timestamp,
) -> serde_json::Result<String> {
    let mut text = String::new();
    for (event, _) in served {
        let mut line = published_columns(event)?;
        line.insert("as_of".to_owned(), time.as_str().into());
        line.insert("v".to_owned(), 1.into());
        text.push_str(&Value::Object(line).to_string());
        text.push('\n');
    }
    Ok(text)
}

/// Returns the columns of `history.json` for an event, with the release that published it.
fn published_columns(event: &LoggedEvent<'_>) -> serde_json::Result<Map<String, Value>> {
    let mut line = columns(&event.chain, &event.change)?;
    if let Some(Publication { sequence, time }) = &event.published {
        line.insert("sequence".to_owned(), (*sequence).into());
        if let Some(time) = time {
            line.insert("published_at".to_owned(), time.as_str().into());
        }
    }
    Ok(line)
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

/// Formats a change of a release: `support/refund: promoted  1.0.0 → 1.1.0`.
pub(super) fn format_change(change: &Change) -> String {
    let word = operation_word(change);
    match &change.name {
        Some(name) => format!("{name}: {word}{}", format_targets(change)),
        None => word,
    }
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
pub(crate) fn json(events: &[&LoggedEvent<'_>]) -> serde_json::Result<String> {
    let mut text = String::new();
    for event in events {
        let mut line = published_columns(event)?;
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
