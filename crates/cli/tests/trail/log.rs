//! `log`: events of prompts that are gone, edits, the words of moves, and what was served on a day.

use super::{commit, document, git, point, repository, version};
use crate::session::Session;

/// A prompt that was renamed, one that was deleted with its file, and one of which a version was edited.
fn team() -> Session {
    let mut session = repository();
    version(&mut session, "old", "1.0.0", "One.\n");
    point(&mut session, "old", "1.0.0");
    document(&mut session, "prompts/notes.md", "1.0.0", "Take notes.");
    version(&mut session, "kept", "1.0.0", "Keep.\n");
    version(&mut session, "kept", "1.1.0", "Keep it.\n");
    commit(&session, "Ana", 5, "Begin");
    document(&mut session, "prompts/notes.md", "1.1.0", "Take few notes.");
    point(&mut session, "kept", "1.1.0");
    commit(&session, "Ben", 6, "Fewer notes");
    let folder = session.folder.path().to_owned();
    git(&folder, "Chiyo", 7, &["mv", "prompts/old", "prompts/new"]);
    commit(&session, "Chiyo", 7, "Give it a better name");
    git(&folder, "Dana", 8, &["rm", "--quiet", "prompts/notes.md"]);
    commit(&session, "Dana", 8, "Nobody takes notes\n\nReason: not used");
    // Other line ends are no edit.
    version(&mut session, "kept", "1.0.0", "Keep.\r\n");
    commit(&session, "Eve", 9, "Other line ends");
    version(&mut session, "kept", "1.0.0", "Keep everything.\n");
    commit(&session, "Eve", 10, "A quick correction");
    point(&mut session, "kept", "1.0.0");
    commit(&session, "Fay", 11, "Down to what production never served");
    point(&mut session, "kept", "1.1.0");
    commit(&session, "Fay", 12, "Up");
    point(&mut session, "kept", "1.0.0");
    commit(&session, "Fay", 13, "Down to what it served before");
    session
}

#[test]
fn what_is_gone_and_what_was_edited_stays_in_the_log() {
    let mut session = team();
    session
        .run("log")
        .run("log old")
        .run("log notes --format json")
        .run("log kept --env production")
        .run("log never");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_log_answers_what_was_served_on_a_day() {
    let mut session = team();
    session
        .run("log --as-of 2026-01-04")
        .run("log --as-of 2026-01-06")
        .run("log --as-of 2026-01-06T11:59:59Z --env production")
        .run("log --as-of 2026-01-11T14:00:00+01:00 --env production")
        .run("log kept --as-of 2026-01-31")
        .run("log --as-of 2026-01-06 --env production --format json")
        .run("log --as-of soon")
        .run("log --as-of 2026-01-06 --limit 3");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn with_the_registry_the_times_are_those_of_its_releases() {
    let mut session = repository();
    version(&mut session, "a", "1.0.0", "One.\n");
    point(&mut session, "a", "1.0.0");
    commit(&session, "Ana", 5, "Begin");
    session.run("build --no-site --quiet --published-at 2026-01-08T09:00:00Z");
    version(&mut session, "a", "1.1.0", "Two.\n");
    point(&mut session, "a", "1.1.0");
    commit(&session, "Ben", 9, "A better one");
    session
        .run("build --no-site --quiet --previous dist --published-at 2026-01-10T09:00:00Z")
        .run("log --as-of 2026-01-09 --env production")
        .run("log --as-of 2026-01-07 --env production --previous dist")
        .run("log --as-of 2026-01-09 --env production --previous dist")
        .run("log --as-of 2026-01-10 --env production --previous dist --format json");
    // A release without a time, a change that is not committed, and one that is not published.
    point(&mut session, "a", "1.0.0");
    session.run("build --no-site --quiet --previous dist");
    commit(&session, "Chiyo", 12, "Take it back");
    point(&mut session, "a", "1.1.0");
    commit(&session, "Chiyo", 13, "Once more");
    session
        .run("log --env production --previous dist")
        .run("log --as-of 2026-01-31 --env production --previous dist")
        .run("log --since 2026-01-10 --env production --previous dist");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_rename_does_not_reach_the_registry_as_a_loss() {
    let mut session = repository();
    version(&mut session, "old", "1.0.0", "One.\n");
    commit(&session, "Ana", 5, "Begin");
    session.run("build --no-site --quiet");
    git(session.folder.path(), "Ben", 6, &["mv", "prompts/old", "prompts/new"]);
    commit(&session, "Ben", 6, "Rename");
    session.run("check --previous dist --format short").run("log old");
    insta::assert_snapshot!(session.transcript);
}
