//! What environments served: on some day, and as of a release.

use promptdex_wire::engine::{ChangedRow, Lists, ServedRow};
use promptdex_wire::event::Target;
use promptdex_wire::history::Event;
use promptdex_wire::release::Entry;
use promptdex_wire::{Blob, Digest, Environment, Kind, Open, PromptName, RegistryPath};
use serde::Deserialize;

use crate::document::parse;
use crate::events::{EventFilter, read};
use crate::line::{format_target, main_of};

/// Returns what environments served at the end of a day, by prompt and environment, each a [`ServedRow`]. The
/// filter is about the move that put it there.
///
/// The order is that of the releases. Clocks of committers can be wrong: a move does not come before one of
/// the same pointer in an earlier release, whatever its commit says.
pub(crate) fn list_served(
    documents: &[String],
    day: &str,
    filter: &[String],
) -> Result<Lists, String> {
    let filter = EventFilter::of(filter);
    let events = read(documents)?;
    let mut moves: Vec<&Event> =
        events.iter().filter(|event| event.name.is_some() && event.environment.is_some()).collect();
    moves.sort_by(|a, b| (pointer(a), a.sequence).cmp(&(pointer(b), b.sequence)));
    let mut rows = Lists::new();
    for moves in moves.chunk_by(|a, b| pointer(a) == pointer(b)) {
        let moves = sort_by_target(moves);
        let is_over = |event: &Event| {
            event.changed_at.as_ref().is_some_and(|at| at.as_str().get(..10) > Some(day))
        };
        let after = moves.iter().position(|event| is_over(event)).unwrap_or(moves.len());
        let Some(event) = moves[..after].last().filter(|event| filter.matches(event)) else {
            continue;
        };
        let (Some(name), Some(environment)) = pointer(event) else { continue };
        let Some(value) = &event.new_value else { continue };
        let row = ServedRow {
            name: name.as_str(),
            environment: environment.as_str(),
            target: &format_target(Some(value)),
            main: &main_of(Some(value)),
            since: event.changed_at.as_ref().map_or("", |at| at.as_str()),
            by: event.changed_by.as_deref().unwrap_or_default(),
            reason: event.reason.as_deref().unwrap_or_default(),
            commit: event.commit.as_deref().unwrap_or_default(),
        };
        rows.push(row.to_list());
    }
    Ok(rows)
}

/// Puts the moves of a pointer that one release has into the order in which one begins where another ended: the files of
/// the history have them in the order of clocks.
fn sort_by_target<'e>(moves: &[&'e Event]) -> Vec<&'e Event> {
    let mut chained: Vec<&Event> = Vec::new();
    for same in moves.chunk_by(|a, b| a.sequence == b.sequence) {
        let mut rest = same.to_vec();
        while !rest.is_empty() {
            let served = chained.last().map_or(&None, |event| &event.new_value);
            let next = rest.iter().position(|event| event.old_value == *served);
            chained.push(rest.remove(next.unwrap_or(0)));
        }
    }
    chained
}

/// Returns the pointer that an event is about.
fn pointer(event: &Event) -> (Option<&PromptName>, Option<&Environment>) {
    (event.name.as_ref(), event.environment.as_ref())
}

/// The fields of a release that are needed here.
#[derive(Deserialize)]
struct ReleaseFields {
    snapshot: Reference,
}

/// A reference to a file by its digest.
#[derive(Deserialize)]
struct Reference {
    digest: Digest,
}

/// The kinds of a snapshot, of its list of shards, and of a shard.
const SNAPSHOT: [Kind; 2] = [Kind::Snapshot, Kind::Shards];

/// The fields of a snapshot, or of one of its shards, that are needed here.
#[derive(Deserialize)]
struct SnapshotFields {
    #[serde(default)]
    entries: Vec<Open<Entry>>,
    #[serde(default)]
    shards: Vec<Blob>,
}

/// Returns the paths of the files that list what a release serves: its snapshot, then the snapshot's
/// shards.
pub(crate) fn list_release_parts(
    release: &str,
    snapshot: Option<&str>,
) -> Result<Vec<String>, String> {
    let path = |digest| RegistryPath::Snapshot(digest).to_string();
    Ok(match snapshot {
        None => {
            vec![path(parse::<ReleaseFields>(release, &[Kind::Release])?.snapshot.digest)]
        }
        Some(snapshot) => {
            let shards = parse::<SnapshotFields>(snapshot, &SNAPSHOT)?.shards;
            shards.iter().map(|shard| path(shard.digest)).collect()
        }
    })
}

/// Returns the prompts of which two releases do not serve the same, by name, each a [`ChangedRow`]. A list is a release, its snapshot, and the shards of
/// that.
pub(crate) fn list_changes_between(then: &[String], now: &[String]) -> Result<Lists, String> {
    let (then, now) = (entries(then)?, entries(now)?);
    let mut names: Vec<&PromptName> = then.iter().chain(&now).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let mut rows = Lists::new();
    let (mut then, mut now) = (then.as_slice(), now.as_slice());
    for name in names {
        let [then, now] = [&mut then, &mut now].map(|entries| take(entries, name));
        if then != now {
            let (then, now) = (target(then), target(now));
            let row = ChangedRow {
                name: name.as_str(),
                then: &format_target(then.as_ref()),
                then_main: &main_of(then.as_ref()),
                now: &format_target(now.as_ref()),
                now_main: &main_of(now.as_ref()),
            };
            rows.push(row.to_list());
        }
    }
    Ok(rows)
}

/// An entry with the name of its prompt.
type NamedEntry = (PromptName, Open<Entry>);

/// Reads the name of an entry. Nobody can ask for a prompt whose name has a form that this release does not know.
fn named(entry: Open<Entry>) -> Option<NamedEntry> {
    #[derive(Deserialize)]
    struct Name {
        name: PromptName,
    }

    let name = match &entry {
        Open::Known(entry) => entry.name.clone(),
        Open::Unknown(json) => promptdex_reader::read::<Name>(json.text()).ok()?.name,
    };
    Some((name, entry))
}

/// Returns what the entries of one prompt serve.
fn target(entries: &[NamedEntry]) -> Option<Open<Target>> {
    let mut known = Vec::new();
    for (_, entry) in entries {
        match entry {
            Open::Known(entry) => known.push(entry.clone()),
            Open::Unknown(json) => return Some(Open::Unknown(json.clone())),
        }
    }
    Target::of(&known).map(Open::Known)
}

/// Takes the entries of the next prompt, if it is this one.
fn take<'e>(entries: &mut &'e [NamedEntry], name: &PromptName) -> &'e [NamedEntry] {
    let count = entries.iter().take_while(|(own, _)| own == name).count();
    let (own, rest) = entries.split_at(count);
    *entries = rest;
    own
}

/// Reads what a release serves, held to the digests.
fn entries(parts: &[String]) -> Result<Vec<NamedEntry>, String> {
    let [release, files @ ..] = parts else { return Err("there is no release".to_owned()) };
    let mut paths = list_release_parts(release, None)?;
    if let [snapshot, ..] = files {
        paths.extend(list_release_parts(release, Some(snapshot))?);
    }
    let mut all = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let Some(file) = files.get(at) else { return Err(format!("{path} is missing")) };
        if !path.contains(&Digest::of(file.as_bytes()).hex()) {
            return Err(format!("digest mismatch: {path}"));
        }
        let entries = parse::<SnapshotFields>(file, &SNAPSHOT)?.entries;
        all.extend(entries.into_iter().filter_map(named));
    }
    // Shards are in the order of digests; tracks stay in their order.
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::tests::{filter, month};

    #[test]
    fn a_day_is_replayed() {
        let served = |day: &str| list_served(&month(), day, &[]).unwrap();
        assert_eq!(served("2026-03-01"), Lists::new());
        assert_eq!(
            served("2026-03-04"),
            [[
                "a/x",
                "production",
                "1.0.0",
                "1.0.0",
                "2026-03-02T10:00:00Z",
                "Ben",
                "=cmd|' /C calc'!A0",
                "c2"
            ]]
        );
        assert_eq!(served("2026-03-05")[0][2], "current 1.0.0 90%, next 1.1.0 10%");
        for (texts, rows) in [
            (["b", "", "", "", "", ""], 0),
            (["a", "", "", "", "", ""], 1),
            (["", "", "", "ben", "", ""], 1),
            (["", "", "", "cy", "", ""], 0),
            (["", "", "rolled_out", "", "", ""], 0),
        ] {
            assert_eq!(
                list_served(&month(), "2026-03-04", &filter(texts)).unwrap().len(),
                rows,
                "{texts:?}"
            );
        }
    }

    #[test]
    fn releases_count_and_not_the_clocks_of_those_who_commit() {
        let event = |version: &str, at: &str, sequence: u64| {
            let at = if at.is_empty() {
                String::new()
            } else {
                format!(r#","changed_at":"{at}T10:00:00Z""#)
            };
            format!(
                r#"{{"name":"a","change_type":"promoted","environment":"production","new_value":{{"version":"{version}"}},"sequence":{sequence}{at}}}"#
            )
        };
        // In the order of the files: by what the commits say.
        let documents = |events: &[String]| {
            let events = events.join(",");
            vec![format!(r#"{{"format":1,"kind":"history","events":[{events}]}}"#)]
        };
        let early = documents(&[
            event("3.0.0", "2026-03-02", 3),
            event("1.0.0", "2026-03-04", 1),
            event("2.0.0", "2026-03-06", 2),
        ]);
        let served = |documents: &[String], day: &str| {
            list_served(documents, day, &[])
                .unwrap()
                .first()
                .map(|row| row[2].clone())
                .unwrap_or_default()
        };
        assert_eq!(
            ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"].map(|day| served(&early, day)),
            ["", "1.0.0", "1.0.0", "3.0.0"]
        );
        // One release has two moves, the second with a clock that is behind.
        let moved = |from: &str, to: &str, at: &str| {
            event(to, at, 1).replacen('{', &format!(r#"{{"old_value":{{"version":"{from}"}},"#), 1)
        };
        let behind = documents(&[
            event("1.0.0", "2026-03-01", 1),
            moved("2.0.0", "3.0.0", "2026-03-02"),
            moved("1.0.0", "2.0.0", "2026-03-04"),
        ]);
        assert_eq!(
            ["2026-03-01", "2026-03-03", "2026-03-04"].map(|day| served(&behind, day)),
            ["1.0.0", "1.0.0", "3.0.0"]
        );
        let undated = documents(&[
            event("1.0.0", "2026-03-04", 1),
            event("2.0.0", "", 2),
            event("3.0.0", "2026-03-06", 3),
        ]);
        assert_eq!(
            ["2026-03-03", "2026-03-05", "2026-03-06"].map(|day| served(&undated, day)),
            ["", "2.0.0", "3.0.0"]
        );
    }

    #[test]
    fn releases_are_compared_by_what_they_serve() {
        let digest = Digest::of(b"document");
        let entry = |name: &str, rest: &str| {
            format!(r#"{{"name":"{name}",{rest},"digest":"{digest}","size":1}}"#)
        };
        let release = |snapshot: &str| {
            let digest = Digest::of(snapshot.as_bytes());
            format!(r#"{{"format":1,"kind":"release","snapshot":{{"digest":"{digest}"}}}}"#)
        };
        let file = |entries: &[String]| {
            let entries = entries.join(",");
            format!(r#"{{"format":1,"kind":"snapshot","entries":[{entries}]}}"#)
        };
        let rollout = |experiment: &str| {
            let arm = |key: &str, version: &str| {
                format!(
                    r#"{{"key":"{key}","version":"{version}","weight":50,"buckets":5000,"digest":"{digest}","size":1}}"#
                )
            };
            format!(
                r#"{{"name":"d","rollout":{{"experiment":"{experiment}","salt":"{experiment}","arms":[{},{}]}}}}"#,
                arm("a", "1.0.0"),
                arm("b", "1.1.0")
            )
        };
        let old = file(&[
            entry("a", r#""version":"1.0.0""#),
            entry("b", r#""track":"2","version":"2.0.0""#),
            entry("b", r#""track":"10","version":"10.0.0""#),
            rollout("first"),
        ]);
        let shard = file(&[
            entry("a", r#""version":"1.0.0""#),
            entry("b", r#""version":"2.0.0""#),
            entry("c", r#""version":"1.0.0""#),
            rollout("second"),
        ]);
        let digest = Digest::of(shard.as_bytes());
        let root = format!(
            r#"{{"format":1,"kind":"shards","shards":[{{"digest":"{digest}","size":1}}]}}"#
        );
        let then = [release(&old), old.clone()];
        let mut now = [release(&root), root.clone(), shard];
        assert_eq!(
            list_changes_between(&then, &now).unwrap(),
            [
                ["b", "2: 2.0.0, 10: 10.0.0", "2.0.0", "2.0.0", "2.0.0"],
                ["c", "", "", "1.0.0", "1.0.0"],
                [
                    "d",
                    "first: a 1.0.0 50%, b 1.1.0 50%",
                    "1.0.0",
                    "second: a 1.0.0 50%, b 1.1.0 50%",
                    "1.0.0"
                ],
            ]
        );
        assert_eq!(list_release_parts(&now[0], Some(&root)).unwrap().len(), 1);
        now[2].push(' ');
        assert!(list_changes_between(&then, &now).unwrap_err().starts_with("digest mismatch: "));
    }
}
