//! What a clone does not have is named as the cause of a thinner answer.

use super::{commit, document, git, point, repository, version};
use crate::session::Session;

/// A prompt in place with three numbers, and one that production served in three versions.
fn team() -> Session {
    let mut session = repository();
    for (day, number) in [(5, "1.0.0"), (6, "1.1.0"), (7, "1.2.0")] {
        document(&mut session, "prompts/notes.md", number, &format!("Text of {number}."));
        version(&mut session, "a", number, &format!("Text of {number}.\n"));
        point(&mut session, "a", number);
        commit(&session, "Ana", day, &format!("Version {number}"));
    }
    session
}

/// Clones a part of the repository.
fn clone(session: &Session, options: &[&str]) {
    let folder = session.folder.path();
    git(folder, "Eve", 9, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", folder.display());
    git(folder, "Eve", 9, &[&["clone", "--quiet"], options, &[&from, "clone"]].concat());
}

#[test]
fn a_shallow_clone_is_named_wherever_it_makes_an_answer_thinner() {
    let mut session = team();
    session.run("build --no-site --quiet");
    clone(&session, &["--depth", "1"]);
    session
        .run("log --root clone/prompts a")
        .run("log --root clone/prompts --as-of 2026-01-06")
        .run("log --root clone/prompts --as-of 2026-01-06 --env production --previous dist")
        .run("diff a --rev HEAD~1..HEAD --root clone/prompts")
        .run("diff notes --root clone/prompts")
        .run("render notes@1.0.0 --root clone/prompts")
        .run("promote notes@1.1.0 --to production --reason first --root clone/prompts")
        .run("rollback a --in production --reason worse --root clone/prompts")
        .run("check --base HEAD~1 --root clone/prompts")
        .run("report --base origin/release --root clone/prompts")
        .run("build --no-site --output dist-clone --root clone/prompts")
        .run("check --previous dist --root clone/prompts");
    point(&mut session, "notes", "1.0.0");
    std::fs::rename(
        session.folder.path().join("prompts/notes"),
        session.folder.path().join("clone/prompts/notes"),
    )
    .unwrap();
    session.run("check --root clone/prompts");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_rollback_that_a_shallow_clone_does_not_know_is_named_as_one() {
    let mut session = repository();
    session.write("prompts/policy.yaml", "promotion: {production: {from: staging}}\n");
    for (day, number) in [(5, "1.0.0"), (6, "1.1.0")] {
        version(&mut session, "a", number, &format!("Text of {number}.\n"));
        point(&mut session, "a", number);
        commit(&session, "Ana", day, &format!("Version {number}"));
    }
    clone(&session, &["--depth", "1"]);
    session.write("clone/prompts/a/environments/production.yaml", "version: 1.0.0\n");
    session.run("check --base HEAD --root clone/prompts");
    session.write("prompts/a/environments/production.yaml", "version: 1.0.0\n");
    session.run("check --base HEAD");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn objects_that_a_partial_clone_lacks_are_named() {
    let mut session = team();
    clone(&session, &["--filter=blob:none", "--no-checkout"]);
    session
        .run("log a --root clone/prompts --rev HEAD")
        .run("check --rev HEAD --root clone/prompts")
        .run("diff a --rev HEAD~1..HEAD --root clone/prompts")
        .run("check --base HEAD~1 --rev HEAD --root clone/prompts");
    std::fs::remove_dir_all(session.folder.path().join("clone")).unwrap();
    clone(&session, &["--filter=tree:0", "--no-checkout"]);
    session
        .run("log a --root clone/prompts --rev HEAD")
        .run("check --rev HEAD --root clone/prompts")
        .run("check --base HEAD~1 --rev HEAD --root clone/prompts");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_detached_head_is_named_where_a_branch_goes_on() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    for (key, value) in [("user.name", "Gus"), ("user.email", "gus@example.com")] {
        git(&folder, "Gus", 1, &["config", key, value]);
    }
    git(&folder, "Ben", 9, &["checkout", "--quiet", "--detach", "HEAD~1"]);
    session.date = Some("2026-01-20T12:00:00Z");
    session
        .run("log a --env production")
        .run("log a --env production --as-of 2026-01-31")
        .run("log a --env production --rev main --limit 1")
        .run("promote a@1.1.0 --to staging --reason test --commit");
    git(&folder, "Ben", 9, &["checkout", "--quiet", "main"]);
    session.run("log a --env production --limit 1");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn who_merged_is_not_named_for_commits_that_a_clone_lacks() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    version(&mut session, "a", "1.0.0", "One.\n");
    commit(&session, "Ana", 5, "Begin");
    git(&folder, "Ben", 6, &["checkout", "--quiet", "-b", "work"]);
    point(&mut session, "a", "1.0.0");
    commit(&session, "Ben", 6, "Go live");
    for day in 7..9 {
        session.write("README.md", &format!("Day {day}.\n"));
        commit(&session, "Chiyo", day, "Something else");
    }
    git(&folder, "Ben", 9, &["checkout", "--quiet", "main"]);
    for day in 9..11 {
        session.write("NOTES.txt", &format!("Day {day}.\n"));
        commit(&session, "Dana", day, "Something else");
    }
    git(
        &folder,
        "Eve",
        11,
        &["merge", "--quiet", "--no-ff", "--message", "Merge the work", "work"],
    );
    clone(&session, &["--depth", "2"]);
    session.run("log --env production").run("log --env production --root clone/prompts");
    insta::assert_snapshot!(session.transcript);
}
