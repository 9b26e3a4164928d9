//! Nobody is named for what they did not do, and no command commits what is not right.

use super::{commit, document, git, point, repository, version};
use crate::session::Session;

/// Returns the published events of a prompt, each in a line.
fn published(session: &Session, name: &str) -> Vec<String> {
    let path = format!("dist/api/prompts/{name}/history.json");
    let bytes = std::fs::read(session.folder.path().join(path)).unwrap();
    let history: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let event = |event: &serde_json::Value| {
        let text = |key: &str| event[key].as_str().unwrap_or("-").to_owned();
        let target = event["new_value"]["version"].as_str().unwrap_or("-").to_owned();
        format!("{} {} {target} {}", text("change_type"), text("environment"), text("changed_by"))
    };
    history["events"].as_array().unwrap().iter().map(event).collect()
}

/// Gives the folder the identity and the hooks of one person.
fn identity(session: &mut Session) {
    let folder = session.folder.path().to_owned();
    for (key, value) in [("user.name", "Gus"), ("user.email", "gus@example.com")] {
        git(&folder, "Gus", 1, &["config", key, value]);
    }
    session.date = Some("2026-01-20T12:00:00Z");
}

/// Two versions, of which production serves the first.
fn team() -> Session {
    let mut session = repository();
    identity(&mut session);
    session.write("prompts/registry.yaml", "registry: acme\n");
    version(&mut session, "a", "1.0.0", "One.\n");
    version(&mut session, "a", "1.1.0", "Two.\n");
    point(&mut session, "a", "1.0.0");
    commit(&session, "Ana", 5, "Begin");
    session.write("prompts/registry.yaml", "registry: acme\nurl: https://example.com/\n");
    commit(&session, "Dana", 6, "Only the address");
    session
}

#[test]
fn a_first_build_gives_what_is_not_committed_to_nobody() {
    let mut session = team();
    // A pointer, the text of one version, a version without one of its files, and a new environment.
    version(&mut session, "b", "1.0.0", "Three.\n");
    session.write("prompts/b/v1.0.0/examples.json", "[]\n");
    version(&mut session, "b", "1.1.0", "Four.\n");
    commit(&session, "Ben", 7, "Another prompt");
    point(&mut session, "a", "1.1.0");
    version(&mut session, "b", "1.1.0", "Not committed.\n");
    std::fs::remove_file(session.folder.path().join("prompts/b/v1.0.0/examples.json")).unwrap();
    session.run("build --no-site --quiet");
    let mut of_a = published(&session, "a");
    of_a.sort();
    assert_eq!(
        of_a,
        [
            "created - 1.0.0 ana@example.com",
            "created - 1.1.0 ana@example.com",
            "promoted dev 1.1.0 ana@example.com",
            "promoted production 1.1.0 -",
        ]
    );
    let of_b = published(&session, "b");
    assert!(of_b.contains(&"created - 1.0.0 -".to_owned()), "{of_b:?}");
    assert!(of_b.contains(&"created - 1.1.0 -".to_owned()), "{of_b:?}");
    // An environment that only the file on disk lists was added by nobody.
    commit(&session, "Ben", 8, "All of it");
    session.write("prompts/registry.yaml", "registry: acme\nenvironments: [dev, production]\n");
    session.run("build --no-site --quiet --previous dist");
    let registry = std::fs::read_to_string(
        session.folder.path().join("dist/api/environments/production.json"),
    );
    assert!(!registry.unwrap().contains("dana@example.com"));
    assert!(!session.transcript.contains("exit code"), "{}", session.transcript);
}

#[test]
fn a_commit_without_the_version_that_it_names_is_refused() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    version(&mut session, "a", "1.2.0", "Not committed.\n");
    let promote = "promote a@1.2.0 --to production --reason better --commit";
    session.run(promote).run(&format!("{promote} --format json"));
    assert_eq!(git(&folder, "Gus", 9, &["status", "--short"]), "?? prompts/a/v1.2.0/");
    git(&folder, "Gus", 9, &["add", "prompts/a/v1.2.0"]);
    session.run(promote);
    commit(&session, "Gus", 9, "A version");
    // A change that has nothing to do with it does not matter.
    session.write("prompts/b/v1.0.0/system_prompt.txt", "Not committed.\n").run(promote);
    session.run("check --rev HEAD");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn results_and_numbers_are_not_committed_without_what_they_are_of() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    document(&mut session, "prompts/notes.md", "1.0.0", "Take notes.");
    commit(&session, "Ana", 7, "Notes");
    version(&mut session, "a", "1.2.0", "Not committed.\n");
    let record = "record a@1.2.0 --test smoke --passed 9 --failed 0 --tested-at 2026-01-20";
    session.run(&format!("{record} --commit")).run(record);
    git(&folder, "Gus", 20, &["add", "prompts/a/v1.2.0"]);
    git(&folder, "Gus", 20, &["commit", "--quiet", "--message", "The version"]);
    // What was recorded without a commit is committed by the same command.
    session.run(&format!("{record} --commit")).run(&format!("{record} --commit"));
    session
        .edit("prompts/notes.md", "Take notes.", "Take notes of {{ meeting }}.")
        .run("version notes --commit");
    assert_eq!(git(&folder, "Gus", 21, &["status", "--short"]), " M prompts/notes.md");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn nothing_is_committed_to_a_tree_that_no_commit_has() {
    let mut session = repository();
    identity(&mut session);
    version(&mut session, "a", "1.0.0", "One.\n");
    session
        .run("promote a@1.0.0 --to production --reason first --commit")
        .run("promote a@1.0.0 --to production --reason first");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_was_changed_without_a_commit_is_committed_by_the_same_command() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    let promote = "promote a@1.1.0 --to production --reason \"kinder answers\"";
    session.run(promote).run(&format!("{promote} --commit"));
    session.run("log a --env production --limit 1");
    // Written by hand, in another form.
    session
        .write("prompts/a/environments/staging.yaml", "# By hand.\nversion: \"1.1.0\"\n")
        .run("promote a@1.1.0 --to staging --reason \"as in dev\" --commit")
        .run("log a --env staging --limit 1");
    assert_eq!(git(&folder, "Gus", 9, &["status", "--short"]), "");
    // A rollback is not made twice.
    version(&mut session, "a", "1.2.0", "Three.\n");
    commit(&session, "Ana", 21, "A version");
    session.date = Some("2026-01-22T12:00:00Z");
    let rollback = "rollback a --in production --reason \"too kind\"";
    session
        .run("promote a@1.2.0 --to production --reason \"even kinder\" --commit")
        .run(rollback)
        .run(&format!("{rollback} --commit"))
        .run("log a --env production --limit 2")
        .run(&format!("{promote} --commit"));
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn a_hook_that_refuses_loses_no_reason() {
    use std::os::unix::fs::PermissionsExt;
    let mut session = team();
    let folder = session.folder.path().to_owned();
    let hook = folder.join(".git/hooks/pre-commit");
    std::fs::write(&hook, "#!/bin/sh\necho 'no commits on Fridays' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
    session.run("promote a@1.1.0 --to production --reason \"kinder answers\" --commit");
    session.show(".git/PROMPTDEX_COMMIT_MSG");
    std::fs::remove_file(&hook).unwrap();
    // The command of the help is repeated by hand.
    let file = folder.join(".git/PROMPTDEX_COMMIT_MSG");
    let pointer = "prompts/a/environments/production.yaml";
    let file = file.to_str().unwrap();
    git(&folder, "Gus", 22, &["commit", "--quiet", "--only", "--file", file, "--", pointer]);
    session.run("log a --env production --limit 1");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_rollback_of_the_first_environment_leaves_what_is_new() {
    let mut session = repository();
    identity(&mut session);
    version(&mut session, "tone", "1.0.0", "Be kind.\n");
    commit(&session, "Ana", 5, "First");
    version(&mut session, "tone", "1.1.0", "Be very kind.\n");
    version(&mut session, "new", "1.0.0", "Hello.\n");
    commit(&session, "Ana", 6, "Second");
    session.run("rollback --in dev --to HEAD~1 --reason worse --commit");
    let told = &session.transcript;
    assert!(told.contains("\nCommitted ") && !told.contains("exit code"), "{told}");
    assert!(told.contains("new skipped: dev did not serve it then"), "{told}");
    assert!(!told.contains("Removed"), "{told}");
}
