//! Damaged files: every kind of file that promptdex reads, through every command that reads it and every format of
//! the command. None of them ends in a panic, and what is no text has a message that names the file.
//!
//! The damages come from a seed: `PROMPTDEX_SEED` says another one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod damage;
mod fixture;
#[path = "../git/mod.rs"]
mod git;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../session/mod.rs"]
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use commands::{LINES, Line, OTHERS};
use damage::{Damaged, Random, damage};
use fixture::{Fixture, Kind, Target};
use session::Session;

/// The seed of the damages.
const SEED: u64 = 1;

/// Runs one line with a file that is damaged.
fn try_line(
    fixture: &Fixture,
    whole: &Fixture,
    target: &Target,
    line: &Line,
    format: Option<&str>,
    seed: u64,
) -> Option<String> {
    let path = Path::new(&target.path);
    let before = fs::read(whole.team().join(path)).unwrap();
    let Damaged { bytes, is_unreadable } = damage(&before, &mut Random::new(seed));
    fixture.write(path, &bytes);
    if line.is_of_commits {
        fixture.commit();
    }
    let mut words: Vec<&str> = line.words.split(' ').collect();
    words.extend(format.into_iter().flat_map(|format| ["--format", format]));
    let (code, told) = fixture.run(&words);
    let shown = format!(
        "`promptdex {}` with a damaged {} ended with {code}\n{told}\nthe file: {:?}",
        words.join(" "),
        target.path,
        String::from_utf8_lossy(&bytes)
    );
    if line.writes {
        fixture.restore(whole);
    } else {
        fixture.write(path, &before);
    }
    if line.is_of_commits {
        fixture.take_back();
    }
    let is_build = matches!(line.command(), "build" | "publish");
    let is_known = matches!(code, 0..=2) || (code == 4 && is_build);
    let is_told = code == 0 || !told.trim().is_empty();
    // What a command does not read does not stop it; what does is named.
    let name = target.path.rsplit('/').next().unwrap();
    let is_free = target.kind == Kind::Any || target.path == ".mailmap";
    let has_name = is_free || told.contains(name) || told.contains(&version_of(&target.path));
    let must_stop = line.words == "check" && target.kind == Kind::Tree;
    let is_named = !is_unreadable || has_name || (code == 0 && !must_stop);
    let is_right = is_known && is_told && is_named && !told.contains("panicked");
    (!is_right).then_some(shown)
}

/// Returns the version that a file is of, as messages name it: `tone@1.1.0`.
fn version_of(path: &str) -> String {
    let path = path.trim_start_matches("prompts/").trim_end_matches(".md");
    let (name, rest) = path.split_once("/v").unwrap_or((path, ""));
    format!("{name}@{}", rest.split('/').next().unwrap_or_default())
}

#[test]
fn damaged_files_are_errors_that_name_them() {
    let whole = Fixture::new();
    let mut formats: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in &LINES {
        let command = line.command();
        formats.entry(command.to_owned()).or_insert_with(|| commands::formats(&whole, command));
    }
    let seed = std::env::var("PROMPTDEX_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let targets = whole.targets();
    let next = AtomicUsize::new(0);
    let work = || {
        let fixture = Fixture { folder: tempfile::tempdir().unwrap() };
        fixture.restore(&whole);
        let mut wrong = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(target) = targets.get(at) else { return wrong };
            let lines = LINES.iter().zip(0_u64..);
            let lines = lines.filter(|(line, _)| line.is_for(target.kind, &target.path));
            let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
            for (line, number) in lines {
                // Every command is tried with every file, and of its lines each second one.
                let turn = turns.entry(line.command()).or_insert(at);
                *turn += 1;
                if !line.is_due(*turn) {
                    continue;
                }
                for (format, part) in line.formats(&formats[line.command()], at).iter().zip(0_u64..)
                {
                    let own =
                        seed * 1_000_003 + u64::try_from(at).unwrap() * 1_009 + number * 17 + part;
                    wrong.extend(try_line(&fixture, &whole, target, line, *format, own));
                }
            }
        }
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} failures, the first:\n{}", wrong.len(), wrong[0]);
}

#[test]
fn every_command_is_tried_or_has_a_reason() {
    let fixture = Fixture::new();
    let tried = LINES.iter().map(|line| line.command().to_owned());
    let others = OTHERS.iter().map(|(name, _)| (*name).to_owned());
    let known: BTreeSet<String> = tried.chain(others).collect();
    assert_eq!(commands::names(&fixture), known);
    // With files that are whole, every line does what it is for.
    let again = Fixture { folder: tempfile::tempdir().unwrap() };
    again.restore(&fixture);
    let fails = |line: &&Line| {
        let words: Vec<&str> = line.words.split(' ').collect();
        let is_done = again.run(&words).0 == 0;
        if line.writes {
            again.restore(&fixture);
        }
        let is_judged = line.words.starts_with("ci ") || line.words.contains("--base");
        !is_done && !is_judged
    };
    let failing: Vec<&str> = LINES.iter().filter(fails).map(|line| line.words).collect();
    assert_eq!(failing, [""; 0]);
}

#[test]
fn places_in_damaged_files_are_places_in_the_file() {
    let mut session = Session::new();
    for (path, bytes) in [
        ("prompts/letter/v1.0.0/system_prompt.txt", &b"Dear reader,\nIt\x92s fine.\n"[..]),
        ("prompts/menu.md", b"---\nversion: 1.0.0\n---\n\nCaf\xe9 au lait.\n"),
        ("prompts/letter/cases/1.0.0.yaml", b"- name: \xfcber\n"),
    ] {
        let path = session.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    session.run("check").run("check --format short").run("build");
    insta::assert_snapshot!("damaged_places", session.transcript);
}
