//! Tests test results with whole sessions: recorded, imported, required and published.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;
mod session;

use std::fs;
use std::path::Path;

use session::Session;

const RESULT: &str = "prompts/support/refund/results/1.1.0/quality.json";

#[test]
fn results_are_recorded_asked_for_and_published() {
    let mut session = Session::new();
    session.date = Some("2026-01-10T09:00:00Z");
    for (version, text) in [("1.0.0", "Help.\n"), ("1.1.0", "Help, kindly.\n")] {
        session.write(&format!("prompts/support/refund/v{version}/system_prompt.txt"), text);
    }
    session
        .write("prompts/support/refund/environments/staging.yaml", "version: 1.1.0\n")
        .write("prompts/support/refund/environments/production.yaml", "version: 1.0.0\n")
        .write("prompts/policy.yaml", "promotion: {production: {results: {min_pass_rate: 0.9, min_avg_score: 4, tests: {smoke: {}}}}}\n")
        .write("promptfoo.json", r#"{"evalId": "eval-7", "results": {"timestamp": "2026-01-09T10:00:00.5Z", "results": [{"success": true, "score": 4.5}, {"success": false, "score": 3}]}}"#)
        .write("junit.xml", "<testsuites name=\"smoke\"><testsuite timestamp=\"2026-01-09T11:00:00\"><testcase/><testcase><skipped/></testcase></testsuite></testsuites>");
    let folder = session.folder.path().to_owned();
    let git =
        |arguments: &[&str]| git::git(&folder, &folder, "Ana", "2026-01-10T09:00:00Z", arguments);
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["config", "user.name", "Ana"]);
    git(&["config", "user.email", "ana@example.com"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "Begin"]);
    let promote = "promote support/refund --to production --reason \"tested\" --dry-run";
    session
        .run(promote)
        .run("record support/refund@1.1.0 --test quality --from promptfoo.json")
        .show(RESULT)
        .run("record support/refund@staging --test smoke --from junit.xml --commit")
        .run("record support/refund@staging --test smoke --from junit.xml --commit")
        .run(promote)
        .run("record support/refund@1.1.0 --test quality --passed 48 --failed 2 --avg-score 4.25 --tested-at 2026-01-10T08:00:00Z --source \"https://ci.example.com/7\"")
        .run(promote)
        .run("build --no-site");
    for file in ["versions.json", "cases/1.1.0.json", "versions/1.1.0.json"] {
        let text =
            fs::read_to_string(folder.join("dist/api/prompts/support/refund").join(file)).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let shown = match file {
            "versions.json" => &document["versions"][0]["results"],
            _ => &document["results"],
        };
        session
            .transcript
            .push_str(&format!("{file}: {}\n\n", serde_json::to_string_pretty(shown).unwrap()));
    }
    // These results belong to different files.
    session
        .write("prompts/support/refund/v1.1.0/system_prompt.txt", "Help, very kindly.\n")
        .run(promote);
    insta::assert_snapshot!(session.transcript);
}

#[test]
fn what_cannot_be_recorded_says_why() {
    let mut session = Session::new();
    session
        .write("prompts/greeting/v1.0.0/system_prompt.txt", "Hi.\n")
        .write("run.json", "{}")
        .write("empty.xml", "<testsuite/>")
        .run("record greeting@1.0.0 --test smoke")
        .run("record greeting@1.0.0 --test smoke --passed 1")
        .run("record greeting@1.0.0 --test ../smoke --passed 1 --failed 0")
        .run("record greeting@1.2.0 --test smoke --passed 1 --failed 0")
        .run("record greting --test smoke --passed 1 --failed 0")
        .run("record greeting --test smoke --from run.json")
        .run("record greeting --test smoke --from empty.xml")
        .run("record greeting --test smoke --from nothing.xml")
        .run("record greeting --test smoke --passed 1 --failed 0 --avg-score NaN")
        .run("record greeting --test smoke --passed 1 --failed 0 --tested-at 2026-01-01 --commit")
        .edit("prompts/greeting/v1.0.0/system_prompt.txt", "Hi.", "Hello.")
        .run("record greeting --test smoke --passed 1 --failed 0 --tested-at 2026-01-01")
        .show("prompts/greeting/results/1.0.0/smoke.json");
    insta::assert_snapshot!(session.transcript);
}

/// The reports in `test_reports/` have the forms of real tools; each says in a comment, or in its description, which
/// tool wrote it and what it has.
#[test]
fn reports_of_many_tools_are_counted_or_refused() {
    let mut session = Session::new();
    session
        .write("prompts/refund/v1.0.0/system_prompt.txt", "Help {{ name }} with a refund.\n")
        .write("prompts/refund/v1.0.0/metadata.json", "{\"variables\": {\"name\": \"string\"}}\n");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test_reports");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<String> =
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    files.sort();
    for file in &files {
        session
            .write(file, &fs::read_to_string(folder.join(file)).unwrap())
            .run(&format!("record refund@1.0.0 --test {} --from {file}", file.replace('.', "-")));
    }
    session
        .run("record refund@1.0.0 --test chosen --from promptfoo-3-twice.json --prompt b.txt")
        .run("record refund@1.0.0 --test chosen --from promptfoo-3-twice.json --prompt c.txt")
        .run("record refund@1.0.0 --test trusted --from promptfoo-3-stale.json --prompt prompts/help.txt");
    insta::assert_snapshot!(session.transcript);
}
