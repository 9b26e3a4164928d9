//! Tests `promptdex publish` to a folder: what it shows and asks, what it refuses, and that no run ever replaces what
//! a newer one has published.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod session;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use session::Session;

fn git(session: &Session, arguments: &[&str]) -> String {
    let folder = session.folder.path();
    git::git(&folder.join("repo"), folder, "Ana", session.date.unwrap(), arguments)
}

/// Commits everything in the repository.
fn commit(session: &mut Session, date: &'static str, message: &str) -> String {
    session.date = Some(date);
    git(session, &["add", "--all"]);
    git(session, &["commit", "--quiet", "--message", message]);
    git(session, &["rev-parse", "HEAD"])
}

/// Creates a repository in `repo/` with one prompt in two environments.
fn repository() -> Session {
    let mut session = Session::new();
    session.date = Some("2026-01-10T09:00:00Z");
    fs::create_dir(session.folder.path().join("repo")).unwrap();
    git(&session, &["init", "--quiet", "--initial-branch=main"]);
    for (key, value) in [("user.name", "Ana"), ("user.email", "ana@example.com")] {
        git(&session, &["config", key, value]);
    }
    session
        .write(
            "repo/prompts/registry.yaml",
            "registry: acme\nenvironments: [staging, production]\n",
        )
        .write("repo/prompts/refund/v1.0.0/system_prompt.txt", "Help.\n")
        .write("repo/prompts/refund/environments/production.yaml", "version: 1.0.0\n");
    commit(&mut session, "2026-01-10T09:00:00Z", "Begin");
    session
}

fn promote(session: &mut Session, version: &str, date: &'static str) -> String {
    session.write(&format!("repo/prompts/refund/v{version}/system_prompt.txt"), version).write(
        "repo/prompts/refund/environments/production.yaml",
        &format!("version: {version}\n"),
    );
    let message = format!("Promote {version}\n\nReviewed-by: Ben <ben@example.com>");
    commit(session, date, &message)
}

const PUBLISH: &str = "--root repo/prompts publish live --no-site";

/// Publishes, and returns what was printed and the exit code.
fn publish(session: &Session, arguments: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .args(["--root", "repo/prompts", "publish", "live", "--no-site", "--yes"])
        .args(arguments)
        .current_dir(session.folder.path())
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (said.into_owned(), output.status.code().unwrap())
}

/// Returns all files of a folder.
fn files(session: &Session, folder: &str) -> BTreeMap<String, Vec<u8>> {
    fn add(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    let root = session.folder.path().join(folder);
    add(&root, &root, &mut found);
    found
}

fn pointer(session: &Session, folder: &str, chain: &str) -> Value {
    let path = session.folder.path().join(format!("{folder}/api/environments/{chain}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Replaces commit ids, and sizes that follow from them.
fn masked(transcript: &str) -> String {
    let mask = |word: &str| {
        let is_id = word.len() == 12 && word.chars().all(|c| c.is_ascii_hexdigit());
        if is_id { "[COMMIT]".to_owned() } else { word.to_owned() }
    };
    let line = |line: &str| line.split(' ').map(mask).collect::<Vec<_>>().join(" ") + "\n";
    transcript.lines().map(line).collect()
}

#[test]
fn a_publication_is_shown_before_it_is_made() {
    let mut session = repository();
    session
        .run(PUBLISH)
        .run(&format!("{PUBLISH} --first"))
        .run(&format!("{PUBLISH} --first --dry-run"));
    assert!(files(&session, "live").is_empty());
    session
        .run(&format!("{PUBLISH} --first --yes --published-at 2026-01-10T10:00:00Z"))
        .run(&format!("{PUBLISH} --first --yes"))
        .run(PUBLISH);
    session.write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help more.\n");
    session.run(&format!("{PUBLISH} --yes"));
    commit(&mut session, "2026-01-11T09:00:00Z", "Help more");
    session.run(&format!("{PUBLISH} --dry-run"));
    let newest = promote(&mut session, "1.2.0", "2026-01-12T09:00:00Z");
    session
        .show("repo/prompts/refund/environments/production.yaml")
        .run(&format!("{PUBLISH} --yes --published-at 2026-01-12T10:00:00Z --format json"))
        .run("--root repo/prompts publish s3://bucket/prompts")
        .run("--root repo/prompts publish repo --first");
    insta::assert_snapshot!(masked(&session.transcript).replace(&newest, "[COMMIT]"));
}

#[test]
fn an_older_run_never_replaces_a_newer_one() {
    let mut session = repository();
    let older = git(&session, &["rev-parse", "HEAD"]);
    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    // The run of the older commit ends last.
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    let newest = files(&session, "live");
    git(&session, &["checkout", "--quiet", &older]);
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("which is newer than"), "{said}");
    // Another branch is no older run: it would take back what is published.
    git(&session, &["checkout", "--quiet", "-b", "other"]);
    promote(&mut session, "1.0.1", "2026-01-12T09:00:00Z");
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("which is not part of the history of"), "{said}");
    // A clone that lacks the published commit cannot tell.
    git(&session, &["checkout", "--quiet", "main"]);
    let date = session.date.unwrap();
    let clone = ["clone", "--quiet", "--depth=1", "--no-local"];
    promote(&mut session, "1.3.0", "2026-01-13T09:00:00Z");
    promote(&mut session, "1.4.0", "2026-01-14T09:00:00Z");
    let folder = session.folder.path();
    git::git(folder, folder, "Ana", date, &[&clone[..], &["repo", "shallow"]].concat());
    session.run("--root shallow/prompts publish live --no-site --yes");
    let said = &session.transcript;
    assert!(said.contains("which this shallow clone cannot place"), "{said}");
    assert!(said.contains("[exit code 2]"), "{said}");
    assert!(files(&session, "live") == newest);
    assert_eq!(publish(&session, &[], &[]).1, 0);
    assert_eq!(pointer(&session, "live", "production")["sequence"], 2);
}

/// The newest commit takes back what was never published: its run has nothing to write. The run of the commit before
/// comes late, and would bring it back.
#[test]
fn an_older_run_never_replaces_a_newer_one_that_changed_nothing() {
    let mut session = repository();
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    session
        .write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help more.\n")
        .write("repo/prompts/refund/environments/staging.yaml", "version: 1.0.0\n");
    commit(&mut session, "2026-01-11T09:00:00Z", "Help more, not yet");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    let production = "repo/prompts/refund/environments/production.yaml";
    session.edit(production, "1.0.0", "1.1.0");
    let promoted = commit(&mut session, "2026-01-12T09:00:00Z", "Promote");
    session.edit(production, "1.1.0", "1.0.0");
    commit(&mut session, "2026-01-13T09:00:00Z", "Take it back");
    let (said, code) = publish(&session, &[], &[]);
    assert!(code == 0 && said.contains("no changes"), "{said}");
    let newest = files(&session, "live");
    git(&session, &["checkout", "--quiet", &promoted]);
    let (said, code) = publish(&session, &[], &[]);
    assert!(code == 3 && said.contains("which is newer than"), "{said}");
    assert!(files(&session, "live") == newest);
    assert_eq!(pointer(&session, "live", "production")["sequence"], 1);
    // The next commit goes on.
    git(&session, &["checkout", "--quiet", "main"]);
    promote(&mut session, "1.2.0", "2026-01-14T09:00:00Z");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    assert_eq!(pointer(&session, "live", "production")["sequence"], 2);
}

#[test]
fn what_no_commit_has_needs_a_word() {
    let mut session = repository();
    session.write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help more.\n");
    let (said, code) = publish(&session, &["--first"], &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("has changes that are not committed"), "{said}");
    assert_eq!(publish(&session, &["--first", "--uncommitted"], &[]).1, 0);
    assert_eq!(pointer(&session, "live", "staging").get("source"), None);
    // The next commit continues it.
    commit(&mut session, "2026-01-11T09:00:00Z", "Help more");
    promote(&mut session, "1.2.0", "2026-01-12T09:00:00Z");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    let commit = git(&session, &["rev-parse", "HEAD"]);
    assert_eq!(pointer(&session, "live", "staging")["source"]["commit"], json!(commit));
    // A release without a commit hides no older one that has one.
    session.write("repo/prompts/refund/v1.3.0/system_prompt.txt", "Help!\n");
    assert_eq!(publish(&session, &["--uncommitted"], &[]).1, 0);
    fs::remove_dir_all(session.folder.path().join("repo/prompts/refund/v1.3.0")).unwrap();
    git(&session, &["checkout", "--quiet", "HEAD~1"]);
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 3, "{said}");
    // Outside Git there are no commits at all.
    session.write("loose/greeting/v1.0.0/system_prompt.txt", "Hello.\n");
    session
        .run("--root loose publish loose-live --first --yes --no-site")
        .run("--root loose publish loose-live --first --yes --no-site --uncommitted");
    assert!(session.transcript.contains("`loose` is not in a commit"), "{}", session.transcript);
    assert_eq!(pointer(&session, "loose-live", "production")["sequence"], 1);
}

#[test]
fn releases_name_who_published_and_approved_them() {
    let mut session = repository();
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    // The person at a desk is the one that Git knows.
    assert_eq!(pointer(&session, "live", "staging")["actor"], json!({"by": "ana@example.com"}));
    assert!(pointer(&session, "live", "staging")["time"].is_string());
    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    session.write(
        "approvals.json",
        r#"[{"by": "@chi", "at": "2026-01-11T10:00:00Z", "url": "https://github.example/acme/prompts/pull/7", "source": "github-review"}]"#,
    );
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_TRIGGERING_ACTOR", "ben"),
        ("GITHUB_ACTOR", "ana"),
        ("GITHUB_SERVER_URL", "https://github.example"),
        ("GITHUB_REPOSITORY", "acme/prompts"),
        ("GITHUB_RUN_ID", "42"),
    ];
    let approvals = ["--approvals", "approvals.json"];
    assert_eq!(publish(&session, &approvals, &github).1, 0);
    let release = pointer(&session, "live", "production");
    let run = "https://github.example/acme/prompts/actions/runs/42";
    assert_eq!(release["actor"], json!({"by": "@ben", "run": run}));
    assert_eq!(
        release["approvals"],
        json!([
            {
                "by": "@chi",
                "at": "2026-01-11T10:00:00Z",
                "url": "https://github.example/acme/prompts/pull/7",
                "source": "github-review"
            },
            {"by": "ben@example.com", "source": "trailer"}
        ])
    );
    // `people` decides what is published of people.
    session.edit(
        "repo/prompts/registry.yaml",
        "registry: acme\n",
        "registry: acme\npeople: none\n",
    );
    promote(&mut session, "1.2.0", "2026-01-12T09:00:00Z");
    let gitlab = [
        ("GITLAB_CI", "true"),
        ("GITLAB_USER_LOGIN", "ana"),
        ("CI_JOB_URL", "https://gitlab.example/acme/prompts/-/jobs/7"),
    ];
    assert_eq!(publish(&session, &approvals, &gitlab).1, 0);
    let release = pointer(&session, "live", "production");
    let run = "https://gitlab.example/acme/prompts/-/jobs/7";
    assert_eq!(release["actor"], json!({"run": run}));
    assert_eq!(release.get("approvals"), None);
    // A build says nothing of approvals.
    session.edit("repo/prompts/registry.yaml", "people: none", "people: email");
    promote(&mut session, "1.3.0", "2026-01-13T09:00:00Z");
    session.run("--root repo/prompts build --previous live --output live --no-site");
    assert_eq!(pointer(&session, "live", "production").get("approvals"), None);

    for (text, expected) in [
        ("{}", "invalid approvals in `approvals.json`"),
        (r#"[{"by": "ana\u001b[2J"}]"#, "invalid approval by"),
        (r#"[{"by": "@ana", "url": "javascript:alert(1)"}]"#, "invalid approval by `@ana`"),
    ] {
        session.write("approvals.json", text);
        let (said, code) = publish(&session, &approvals, &[]);
        assert!(code == 2 && said.contains(expected), "{said}");
    }
}

#[test]
fn lost_chains_start_again_above_every_number_that_was_served() {
    let mut session = repository();
    assert_eq!(publish(&session, &["--first", "100"], &[]).1, 0);
    let first = pointer(&session, "live", "production");
    assert_eq!((&first["sequence"], &first["operation"]), (&json!(100), &json!("restart")));
    assert_eq!(first.get("previous"), None);
    let catalog = fs::read(session.folder.path().join("live/api/catalog.json")).unwrap();
    let catalog: Value = serde_json::from_slice(&catalog).unwrap();
    assert_eq!(catalog["sequences"]["production"], 100);
    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 0, "{said}");
    let next = pointer(&session, "live", "production");
    assert_eq!((&next["sequence"], &next["operation"]), (&json!(101), &json!("publish")));
    // The chain can be walked to its beginning, and goes on with a new environment at 1.
    session.edit(
        "repo/prompts/registry.yaml",
        "[staging, production]",
        "[staging, production, beta]",
    );
    commit(&mut session, "2026-01-12T09:00:00Z", "Add an environment");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    assert_eq!(pointer(&session, "live", "beta")["sequence"], 1);
    session.run("--root repo/prompts log --previous live");
    assert!(!session.transcript.contains("exit code"), "{}", session.transcript);
    for first in ["0", "9007199254740992", "x"] {
        let (said, code) = publish(&session, &[&format!("--first={first}")], &[]);
        assert!(code == 2 && said.contains("a release has a number"), "{said}");
    }
}

#[test]
fn a_folder_that_a_build_wrote_is_published() {
    let mut session = repository();
    let from = |session: &Session, folder: &str, more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["publish", "live", "--yes", "--from", folder])
            .args(more)
            .current_dir(session.folder.path())
            .env_clear()
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (said, output.status.code().unwrap())
    };
    session.run("--root repo/prompts build --output one --no-site");
    assert_eq!(from(&session, "one", &[]).1, 2, "an empty target is announced");
    let (said, code) = from(&session, "one", &["--first"]);
    assert_eq!(code, 0, "{said}");
    assert!(files(&session, "live") == files(&session, "one"));

    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    session.run("--root repo/prompts build --previous live --output two --no-site");
    promote(&mut session, "1.2.0", "2026-01-12T09:00:00Z");
    session.run("--root repo/prompts build --previous live --output other --no-site");
    session.run("--root repo/prompts build --previous two --output three --no-site");
    let (said, code) = from(&session, "three", &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Released catalog 3, staging 3, production 3"), "{said}");
    let newest = files(&session, "live");
    assert!(newest == files(&session, "three"));
    // What was built before is older, and what was built beside it is another registry.
    let (said, code) = from(&session, "two", &[]);
    assert!(code == 3 && said.contains("already has release 3 of catalog"), "{said}");
    let (said, code) = from(&session, "other", &[]);
    assert!(code == 2 && said.contains("does not continue `live`"), "{said}");
    session.write("repo/prompts/registry.yaml", "registry: billing\n");
    session.run("--root repo/prompts build --output billing --no-site");
    let (said, code) = from(&session, "billing", &[]);
    assert!(code == 2 && said.contains("has the registry `acme`, not `billing`"), "{said}");
    assert!(files(&session, "live") == newest);
    // Derived files that no build writes any more go.
    session.write("live/api/search/zzz.json", "{}");
    session.write("live/api/prompts/refund/latest/gone.json", "{}");
    let (said, code) = from(&session, "three", &[]);
    assert!(code == 0 && said.contains("to remove"), "{said}");
    assert!(files(&session, "live").keys().all(|name| !name.contains("gone")));
}

#[test]
fn a_target_that_another_run_writes_to_is_a_lost_race() {
    let mut session = repository();
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    let other = File::open(session.folder.path().join("live")).unwrap();
    other.lock().unwrap();
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 3, "{said}");
    drop(other);
    assert_eq!(publish(&session, &[], &[]).1, 0);
}

/// Starts a publication without waiting for it.
fn start(session: &Session, root: &str) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .args(["--root", root, "publish", "live", "--no-site", "--yes", "--first"])
        .current_dir(session.folder.path())
        .env_clear()
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn of_two_first_publications_one_is_made() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    let date = session.date.unwrap();
    git::git(&folder, &folder, "Ana", date, &["clone", "--quiet", "repo", "older"]);
    promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    for _ in 0..6 {
        let runs = ["repo/prompts", "older/prompts"].map(|root| start(&session, root));
        let codes = runs.map(|mut run| run.wait().unwrap().code().unwrap());
        let made = codes.iter().filter(|code| **code == 0).count();
        assert!(made == 1 && codes.iter().all(|code| [0, 2, 3].contains(code)), "{codes:?}");
        let version = ["1.1.0", "1.0.0"][codes.iter().position(|code| *code == 0).unwrap()];
        let path = folder.join("live/api/prompts/refund/latest/production.json");
        let latest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(latest["version"], version, "the run that said so has published");
        fs::remove_dir_all(folder.join("live")).unwrap();
    }
    // A run that does not publish leaves no folder.
    session.run("--root repo/prompts publish live --first");
    assert!(!folder.join("live").exists());
}

#[test]
fn a_folder_with_other_bytes_or_an_older_commit_is_not_published() {
    let mut session = repository();
    let folder = session.folder.path().to_owned();
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    let live = files(&session, "live");
    let from = |session: &mut Session, line: &str| {
        session.transcript.clear();
        session.run(line);
        session.transcript.clone()
    };
    let document = "copy/api/prompts/refund/versions/1.0.0.json";
    let snapshot = live.keys().find(|name| name.starts_with("api/snapshots/")).unwrap();
    for file in [document.to_owned(), format!("copy/{snapshot}")] {
        drop(fs::remove_dir_all(folder.join("copy")));
        for (name, bytes) in &live {
            let path = folder.join("copy").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        fs::write(folder.join(&file), text.replace("refund", "REFUND")).unwrap();
        for line in ["publish live --from copy --yes", "publish other --from copy --yes --first"] {
            let said = from(&mut session, line);
            assert!(said.contains("[exit code 2]") && said.contains("digest"), "{file}: {said}");
        }
    }
    assert!(files(&session, "live") == live && !folder.join("other").exists());

    // A commit that took something back before it was published is newer than the folder that has it.
    session
        .write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help more.\n")
        .write("repo/prompts/refund/environments/staging.yaml", "version: 1.0.0\n");
    commit(&mut session, "2026-01-11T09:00:00Z", "Help more, not yet");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    let production = "repo/prompts/refund/environments/production.yaml";
    session.edit(production, "1.0.0", "1.1.0");
    commit(&mut session, "2026-01-12T09:00:00Z", "Promote");
    session.run("--root repo/prompts build --previous live --output built --no-site");
    session.edit(production, "1.1.0", "1.0.0");
    commit(&mut session, "2026-01-13T09:00:00Z", "Take it back");
    assert_eq!(publish(&session, &[], &[]).1, 0);
    let said = from(&mut session, "--root repo/prompts publish live --from built --yes");
    assert!(said.contains("[exit code 3]"), "{said}");
    let said = from(&mut session, "--root elsewhere publish live --from built --yes");
    assert!(said.contains("[exit code 2]") && said.contains("has published commit"), "{said}");
    assert_eq!(pointer(&session, "live", "production")["sequence"], 1);
}

#[test]
fn an_older_commit_is_refused_after_uncommitted_files_and_in_a_clone_with_gaps() {
    let mut session = repository();
    let older = git(&session, &["rev-parse", "HEAD"]);
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    let published = promote(&mut session, "1.1.0", "2026-01-11T09:00:00Z");
    session.write("repo/prompts/refund/prompt.yaml", "title: Refunds\n");
    assert_eq!(publish(&session, &["--uncommitted"], &[]).1, 0);
    fs::remove_file(session.folder.path().join("repo/prompts/refund/prompt.yaml")).unwrap();
    git(&session, &["checkout", "--quiet", &older]);
    let (said, code) = publish(&session, &[], &[]);
    assert_eq!(code, 3, "{said}");
    // A first publication of uncommitted files records its commit, too.
    git(&session, &["checkout", "--quiet", "main"]);
    let again = |session: &mut Session, line: &str| {
        session.transcript.clear();
        session.run(&format!("--root repo/prompts publish again --no-site --yes {line}"));
        session.transcript.clone()
    };
    session.write("repo/prompts/refund/prompt.yaml", "title: Refunds\n");
    let said = again(&mut session, "--first --uncommitted");
    assert!(!said.contains("exit code"), "{said}");
    fs::remove_file(session.folder.path().join("repo/prompts/refund/prompt.yaml")).unwrap();
    git(&session, &["checkout", "--quiet", &older]);
    let said = again(&mut session, "");
    assert!(said.contains("[exit code 3]"), "{said}");
    // A shallow clone may have both commits, and not what is between them.
    git(&session, &["checkout", "--quiet", "main"]);
    assert_eq!(publish(&session, &[], &[]).1, 0);
    for version in ["1.2.0", "1.3.0", "1.4.0"] {
        promote(&mut session, version, "2026-01-12T09:00:00Z");
    }
    let (folder, date) = (session.folder.path().to_owned(), session.date.unwrap());
    let run = |place: &str, arguments: &[&str]| {
        git::git(&folder.join(place), &folder, "Ana", date, arguments);
    };
    run("repo", &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    run("", &["clone", "--quiet", "--depth=1", "--no-local", "repo", "shallow"]);
    run("shallow", &["fetch", "--quiet", "--depth=1", "origin", &published]);
    session.transcript.clear();
    session.run("--root shallow/prompts publish live --no-site --yes");
    let said = &session.transcript;
    assert!(said.contains("which this shallow clone cannot place"), "{said}");
    assert!(said.contains("[exit code 2]") && said.contains("--unshallow"), "{said}");
}

#[test]
fn what_ci_hands_over_stays_readable_and_small() {
    let mut session = repository();
    let long = "x".repeat(480);
    let approvals: Vec<Value> = (0..60)
        .map(|at| json!({"by": format!("@{at}{long}"), "url": format!("https://e.example/{long}")}))
        .collect();
    session.write("approvals.json", &json!(approvals).to_string());
    let hostile = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_TRIGGERING_ACTOR", "a\u{1b}[2J\u{202e}"),
        ("GITHUB_SERVER_URL", "javascript:alert(1)//"),
        ("GITHUB_REPOSITORY", "acme/prompts"),
        ("GITHUB_RUN_ID", "42"),
    ];
    let (said, code) = publish(&session, &["--first", "--approvals", "approvals.json"], &hostile);
    assert_eq!(code, 0, "{said}");
    let path = session.folder.path().join("live/api/environments/production.json");
    assert!(fs::metadata(path).unwrap().len() < 32 * 1_024);
    let release = pointer(&session, "live", "production");
    assert_eq!(release.get("actor"), None);
    assert!(!release["approvals"].as_array().unwrap().is_empty());
    session.write("approvals.json", r#"[{"by": "@ana", "ur": "https://e.example/1"}]"#);
    let (said, code) = publish(&session, &["--approvals", "approvals.json"], &[]);
    assert!(code == 2 && said.contains("unknown field `ur`"), "{said}");
}

#[test]
fn exit_codes_say_what_was_published() {
    let mut session = repository();
    // A first publication has nothing to hold prompts back at.
    session.write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help {{ name }}.\n");
    commit(&mut session, "2026-01-11T09:00:00Z", "Break it");
    assert_eq!(publish(&session, &["--first"], &[]).1, 1);
    assert!(!session.folder.path().join("live").exists());
    fs::remove_dir_all(session.folder.path().join("repo/prompts/refund/v1.1.0")).unwrap();
    session.write("repo/prompts/tone/v1.0.0/system_prompt.txt", "Be kind.\n");
    commit(&mut session, "2026-01-12T09:00:00Z", "Mend it");
    assert_eq!(publish(&session, &["--first"], &[]).1, 0);
    session
        .write("repo/prompts/refund/v1.1.0/system_prompt.txt", "Help {{ name }}.\n")
        .write("repo/prompts/tone/v1.1.0/system_prompt.txt", "Be kinder.\n");
    commit(&mut session, "2026-01-13T09:00:00Z", "Break one, change the other");
    assert_eq!(publish(&session, &["--dry-run"], &[]).1, 0, "nothing was published");
    assert_eq!(publish(&session, &["--strict"], &[]).1, 1);
    assert_eq!(publish(&session, &[], &[]).1, 4);
}
