//! Tests commands that read Git history: `log`, `--rev`, prompts in place, and builds that publish
//! authors. Commit ids are stable, because authors and times are fixed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod session;

use std::collections::BTreeMap;
use std::path::Path;

use session::Session;

const REFUND: &str = "prompts/support/refund";

/// Runs Git in a folder, as one person, on a day of January 2026.
fn git(folder: &Path, who: &str, day: u32, arguments: &[&str]) -> String {
    git::git(folder, folder, who, &format!("2026-01-{day:02}T12:00:00+01:00"), arguments)
}

fn commit(session: &Session, who: &str, day: u32, message: &str) {
    let folder = session.folder.path();
    git(folder, who, day, &["add", "--all", "--", ".", ":!dist*"]);
    git(folder, who, day, &["commit", "--quiet", "--message", message]);
}

/// Creates a prompt that two people brought to production, and a merged branch.
fn team() -> Session {
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    session.write(&format!("{REFUND}/v1.0.0/system_prompt.txt"), "You answer refund requests.\n");
    commit(&session, "Ana", 5, "First refund prompt");
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.0.0\n");
    commit(
        &session,
        "Ben",
        7,
        "Refunds go live\n\nReason: approved by support\nReviewed-by: Ana <ana@example.com>",
    );
    git(&folder, "Chiyo", 8, &["checkout", "--quiet", "-b", "warmer"]);
    session.write(
        &format!("{REFUND}/v1.1.0/system_prompt.txt"),
        "You answer refund requests kindly.\n",
    );
    commit(&session, "Chiyo", 9, "Warmer tone");
    git(&folder, "Chiyo", 9, &["checkout", "--quiet", "main"]);
    let message = "Merge pull request #12 from acme/warmer\n\nWarmer tone";
    git(&folder, "Ben", 12, &["merge", "--quiet", "--no-ff", "--message", message, "warmer"]);
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.1.0\n");
    commit(&session, "Ben", 20, "Promote the warmer tone (#13)\n\nReason: fine in staging");
    session
}

#[test]
fn what_happened_is_told_commit_by_commit() {
    let mut session = team();
    session
        .write(&format!("{REFUND}/v1.1.0/system_prompt.txt"), "Not committed.\n")
        .run("log")
        .run("log support/refund --env production --since 2026-01-10")
        .run("log --limit 2 --format json")
        .run("log --rev HEAD~1 --env production")
        .run("log support/refnd")
        .run("log --env prod")
        .run("log --since yesterday")
        .run("check --rev HEAD")
        .run("render support/refund --rev HEAD")
        .run("render support/refund --rev HEAD~2")
        .run("diff support/refund@production --rev HEAD~1..HEAD")
        .run("diff production --rev HEAD~1..HEAD --format json")
        .run("check --rev v9")
        .run("check --rev HEAD --root templates");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn outside_of_git_there_is_nothing_to_tell() {
    let mut session = Session::new();
    session
        .write(&format!("{REFUND}/v1.0.0/system_prompt.txt"), "You answer refund requests.\n")
        .run("log")
        .run("check --rev HEAD")
        .run("build --no-site");
    let document = "dist/api/prompts/support/refund/versions/1.0.0.json";
    let bytes = std::fs::read_to_string(session.folder.path().join(document)).unwrap();
    assert!(!bytes.contains("created_"), "{bytes}");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_prompt_in_place_gets_its_numbers_from_commits() {
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    session.run("init --registry acme --in-place").run("check");
    commit(&session, "Ana", 5, "First answer");
    let file = "prompts/support/first-answer.md";
    session.edit(file, "five sentences", "four sentences");
    commit(&session, "Ben", 6, "Shorter");
    session
        .run("check")
        .run("render support/first-answer --var company=Acme")
        .run("render support/first-answer@1.0.0 --var company=Acme")
        .run("new support/first-answer")
        .run("version support/first-answer --patch")
        .run("check")
        .run("version support/first-answer");
    commit(&session, "Chiyo", 7, "Release it\n\nReason: people want it shorter");
    session
        .write(
            "prompts/support/closing/prompt.yaml",
            "title: The last message\nversion: 0.1.0\ntemplate: curly\nvariables: {name: string}\n",
        )
        .write("prompts/support/closing/system_prompt.txt", "Say goodbye to {{ name }}.\n")
        .write(
            "prompts/support/closing/examples.json",
            "[{\"input\": \"a\", \"output\": \"b\"}]\n",
        );
    commit(&session, "Dana", 8, "Say goodbye");
    session
        .run("diff support/first-answer")
        .run("log support/first-answer")
        .run("build --no-site")
        .show("dist/api/prompts/support/first-answer/history.json")
        .show("dist/api/prompts/support/first-answer/versions/1.0.1.json")
        .show("dist/api/prompts/support/closing/versions/0.1.0.json")
        .edit(file, "version: 1.0.1", "version: 1.0")
        .run("check")
        .edit(file, "version: 1.0", "version: \"2.0.0\"")
        .edit(file, "{{ company }}", "{{ compny }}")
        .run("check --format short")
        .run("fix")
        .run("version support/first-answer --major")
        .write("prompts/support/first-answer/v1.0.1/system_prompt.txt", "Twice.\n")
        .run("check --format short");
    insta::assert_snapshot!(session.transcript);
}

#[cfg(unix)]
#[test]
fn files_of_messages_keep_their_names_and_have_no_modes() {
    use std::os::unix::fs::PermissionsExt;
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    let messages = "- {role: system, file: files/rules.txt}\n- role: user\n  content:\n    - {type: image, file: files/img/a.png}\n";
    for prompt in ["in-folders/v1.0.0", "in-place"] {
        session
            .write(&format!("prompts/{prompt}/messages.yaml"), messages)
            .write(&format!("prompts/{prompt}/files/rules.txt"), "Be brief.\n")
            .write(&format!("prompts/{prompt}/files/img/a.png"), "PNG");
        let file = folder.join(format!("prompts/{prompt}/files/img/a.png"));
        std::fs::set_permissions(file, PermissionsExt::from_mode(0o755)).unwrap();
    }
    session.write("prompts/in-place/prompt.yaml", "version: 1.0.0\n");
    commit(&session, "Ana", 5, "Two prompts with a picture");
    session
        .run("check --format short")
        .run("check --rev HEAD --format short")
        .run("fix --dry-run")
        .run("fix")
        .run("check");
    let changed = git(&folder, "Ana", 6, &["diff", "--summary"]);
    session.transcript += &format!("$ git diff --summary\n{changed}\n\n");
    commit(&session, "Ana", 6, "Take the modes away");
    // Git gives a text other line ends, and the versions stay what they are.
    session
        .run("build --no-site --quiet")
        .write("prompts/in-folders/v1.0.0/files/rules.txt", "\u{feff}Be brief.\r\n")
        .write("prompts/in-place/files/rules.txt", "Be brief.")
        .run("check --previous dist")
        .show("dist/api/prompts/in-place/versions/1.0.0.json")
        .write("prompts/in-place/files/img/a.png", "PNG\n")
        .write("prompts/in-folders/v1.0.0/files/img/a.png", "PNG\n")
        .run("check --previous dist --format short")
        .run("render in-place");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn numbers_that_were_published_stay_what_they_were() {
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    session.run("init --registry acme --in-place");
    commit(&session, "Ana", 5, "First answer");
    let file = "prompts/support/first-answer.md";
    session.edit(file, "version: 1.0.0", "version: 1.0.1");
    commit(&session, "Ben", 6, "The same again");
    session.run("build --no-site --quiet").run("build --no-site --quiet --previous dist");
    // The history is rewritten: one version has different text, and one is removed.
    git(&folder, "Eve", 21, &["checkout", "--quiet", "--orphan", "fresh"]);
    session.edit(file, "five sentences", "four sentences");
    git(&folder, "Eve", 22, &["commit", "--quiet", "--all", "--message", "Begin again"]);
    session.run("check --previous dist").run("build --no-site --previous dist");
    insta::assert_snapshot!(session.transcript);
}

/// Returns all files in a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn history(session: &Session, folder: &str) -> Vec<String> {
    let path = format!("{folder}/api/prompts/support/refund/history.json");
    let bytes = std::fs::read(session.folder.path().join(path)).unwrap();
    let history: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let event = |event: &serde_json::Value| {
        let text = |key: &str| event[key].as_str().unwrap_or("-").to_owned();
        let target = event["new_value"]["version"].as_str().unwrap_or("-").to_owned();
        let (what, place, by) = (text("change_type"), text("environment"), text("changed_by"));
        format!("{what} {place} {target} {by} {}", event["sequence"])
    };
    history["events"].as_array().unwrap().iter().map(event).collect()
}

#[test]
fn what_was_published_is_never_lost() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    session.run("build --no-site --quiet").run("build --no-site --quiet --previous dist");
    let first = [
        "created - 1.0.0 ana@example.com 1",
        "promoted dev 1.0.0 ana@example.com 1",
        "promoted production 1.0.0 ben@example.com 1",
        "created - 1.1.0 chiyo@example.com 1",
        "promoted dev 1.1.0 chiyo@example.com 1",
        "promoted production 1.1.0 ben@example.com 1",
    ];
    assert_eq!(history(&session, "dist"), first);

    // The history is replaced by one commit, which a shallow clone then contains.
    git(&folder, "Eve", 21, &["checkout", "--quiet", "--orphan", "fresh"]);
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.0.0\n");
    commit(&session, "Eve", 22, "Begin again");
    session.write("README.md", "A commit after it.\n");
    commit(&session, "Eve", 23, "Say what this is");
    let clone = session.folder.path().join("clone");
    let from = format!("file://{}", folder.display());
    let depth = ["clone", "--quiet", "--depth", "1", &from, clone.to_str().unwrap()];
    git(&folder, "Eve", 24, &depth);
    session
        .run("build --no-site --quiet --previous dist --output dist-whole")
        .run("build --no-site --quiet --previous dist --output dist-shallow --root clone/prompts")
        .run("build --no-site --quiet --output dist-new --root clone/prompts")
        .run("build --no-site --quiet --previous dist")
        .run("build --no-site --quiet --previous dist --no-cache");
    let mut after = first.map(str::to_owned).to_vec();
    after.push("reverted production 1.0.0 eve@example.com 2".to_owned());
    assert_eq!(history(&session, "dist-whole"), after);
    assert_eq!(history(&session, "dist"), after);
    assert_eq!(files(&folder.join("dist/api")), files(&folder.join("dist-whole/api")));
    // The clone lacks this fact, so it is not published.
    *after.last_mut().unwrap() = "reverted production 1.0.0 - 2".to_owned();
    assert_eq!(history(&session, "dist-shallow"), after);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn builds_that_remember_and_builds_that_do_not_agree() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    session
        .run("build --quiet --no-site --output dist-a")
        .run("build --quiet --no-site --output dist-b");
    // (who, day, file, text)
    let steps = [
        ("Ana", 21, "prompts/support/tone/v1.0.0/system_prompt.txt", "Be kind.\n"),
        ("Ben", 22, "prompts/support/tone/environments/staging.yaml", "version: 1.0.0\n"),
        ("Chiyo", 23, "prompts/support/refund/environments/production.yaml", "version: 1.0.0\n"),
        ("Dana", 24, "prompts/support/refund/prompt.yaml", "deprecated: {1.0.0: too cold}\n"),
        ("Eve", 25, "prompts/policy.yaml", "checks: {}\n"),
        ("Fay", 26, "prompts/support/notes.md", "---\nversion: 1.0.0\n---\n\nTake notes.\n"),
        ("Gus", 27, "prompts/support/notes.md", "---\nversion: 1.1.0\n---\n\nTake few notes.\n"),
        ("Hal", 28, "README.md", "Nothing that is served.\n"),
        ("Ida", 29, "prompts/support/refund/environments/production.yaml", "version: 1.1.0\n"),
    ];
    for (who, day, path, text) in steps {
        session.write(path, text);
        // Build once before the commit, when there is no author, and once after it.
        if day == 23 {
            session.run("build --quiet --no-site --previous dist-a --output dist-a");
            session.run("build --quiet --no-site --previous dist-b --output dist-b --no-cache");
        }
        commit(&session, who, day, &format!("Change {path}"));
        session.run("build --quiet --no-site --previous dist-a --output dist-a");
        session.run("build --quiet --no-site --previous dist-b --output dist-b --no-cache");
        let (a, b) = (files(&folder.join("dist-a/api")), files(&folder.join("dist-b/api")));
        let other: Vec<&String> =
            a.keys().chain(b.keys()).filter(|path| a.get(*path) != b.get(*path)).collect();
        assert_eq!(other, [""; 0], "{day}");
    }
    assert!(!session.transcript.contains("exit code"), "{}", session.transcript);
    let month = &files(&folder.join("dist-a/api/history"))["2026-01.json"];
    let month: serde_json::Value = serde_json::from_slice(month).unwrap();
    let rules = |event: &&serde_json::Value| event["change_type"] == "rules_changed";
    let events = month["events"].as_array().unwrap();
    assert_eq!(events.iter().filter(rules).count(), 1);
    // A build from the objects of the commit equals a build from the files.
    session
        .run("build --quiet --no-site --output dist-c")
        .run("build --quiet --no-site --output dist-d --rev HEAD");
    assert_eq!(files(&folder.join("dist-c/api")), files(&folder.join("dist-d/api")));
}

#[test]
fn nobody_is_said_to_have_done_what_is_not_committed() {
    let mut session = team();
    session.run("build --quiet --no-site");
    // An unrelated commit, and uncommitted changes.
    session.write("prompts/registry.yaml", "registry: prompts\nurl: https://example.com/\n");
    commit(&session, "Dana", 21, "Only the address");
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.0.0\n");
    session.run("build --quiet --no-site --previous dist");
    let last = |session: &Session| history(session, "dist").pop().unwrap();
    assert_eq!(last(&session), "reverted production 1.0.0 - 2");
    session.write(&format!("{REFUND}/v1.2.0/system_prompt.txt"), "Committed.\n");
    commit(&session, "Eve", 22, "A version");
    session.write(&format!("{REFUND}/v1.2.0/system_prompt.txt"), "Changed since.\n");
    session.run("build --quiet --no-site --previous dist");
    let events = history(&session, "dist");
    assert!(events.contains(&"created - 1.2.0 - 2".to_owned()), "{events:?}");
    let document = "dist/api/prompts/support/refund/versions/1.2.0.json";
    let text = std::fs::read_to_string(session.folder.path().join(document)).unwrap();
    assert!(text.contains("Changed since.") && !text.contains("created_by"), "{text}");
    assert!(!session.transcript.contains("exit code"), "{}", session.transcript);
}

#[test]
fn front_matter_is_of_documents_alone_and_is_never_passed_over() {
    let mut session = Session::new();
    session
        .write("prompts/a/v1.0.0/system_prompt.md", "---\nrole: boss\n---\n\nHi.\n")
        .write("prompts/guide.md", "---\ntitle: A guide\n---\n\nThe version: 2 of it.\n")
        .run("render a")
        .run("check")
        .write("prompts/b.md", "---\nversion: 1.0.0\ndescription: see: this\n---\n\nHi.\n")
        .write("prompts/c.md", "---\nversion: 1.0.0\n\nHi.\n")
        .write("prompts/d.md", "\n---\nversion: 1.0.0\n---\n\nHi.\n")
        .write("prompts/e.md", "---\nVersion: 1.0.0\n---\n\nHi.\n")
        .write("prompts/f/prompt.yaml", "version: 1.0.0\ntitle: [\n")
        .write("prompts/f/system_prompt.txt", "Hi.\n")
        .run("check");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_shallow_clone_does_not_know_what_a_number_was() {
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    session.write("prompts/notes.md", "---\nversion: 1.0.0\n---\n\nTake notes.\n");
    commit(&session, "Ana", 5, "Notes");
    session.write("prompts/notes.md", "---\nversion: 1.0.0\n---\n\nTake few notes.\n");
    commit(&session, "Ben", 6, "A draft");
    let from = format!("file://{}", folder.display());
    git(&folder, "Eve", 7, &["clone", "--quiet", "--depth", "1", &from, "clone"]);
    session.run("check").run("check --root clone/prompts");
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn a_rollback_in_a_shallow_clone_says_what_is_missing() {
    let mut session = team();
    let folder = session.folder.path().to_owned();
    let from = format!("file://{}", folder.display());
    git(&folder, "Eve", 24, &["clone", "--quiet", "--depth", "1", &from, "clone"]);
    let rollback = "rollback support/refund --in production --reason incident --dry-run";
    let all = "rollback --in production --to 2020-01-01 --reason incident --dry-run";
    session
        .run(rollback)
        .run(&format!("{rollback} --root clone/prompts"))
        .run(&format!("{all} --root clone/prompts"));
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn environments_are_behind_or_ahead_of_the_previous_one() {
    let mut session = Session::new();
    let folder = session.folder.path().to_owned();
    git(&folder, "Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        session.write(&format!("{REFUND}/v{version}/system_prompt.txt"), "You answer.\n");
    }
    session.write(&format!("{REFUND}/environments/staging.yaml"), "version: 1.0.0\n");
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.0.0\n");
    commit(&session, "Ana", 5, "First refund prompt");
    session.write(&format!("{REFUND}/environments/staging.yaml"), "version: 1.2.0\n");
    commit(&session, "Ben", 7, "Promote to staging");
    session
        .run("promote support/refund --to production --reason tested --dry-run")
        .run("promote support/refund --to production --reason tested --dry-run --format json")
        .run("promote --all --to production --reason tested --dry-run")
        .run("diff production staging");
    session.write(&format!("{REFUND}/environments/production.yaml"), "version: 1.1.0\n");
    session.write(&format!("{REFUND}/environments/staging.yaml"), "version: 1.0.0\n");
    session.run("report --base main");
    insta::assert_snapshot!(session.transcript);
}
