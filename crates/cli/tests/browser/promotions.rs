//! Tests that the promotion preview agrees with the command.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::git;
use crate::host::Static;
use crate::session::Session;
use crate::webdriver::Browser;

const POLICY: &str = r#"promotion:
  staging: {from: dev, soak: 5000w, freeze: [{from: 2020-01-01T00:00:00Z, until: 2099-01-01T00:00:00Z, reason: "we move"}]}
  production: {from: staging, results: {min_pass_rate: 1.0}, reason: required}
allow: [{check: missing-results, path: team/accepted/environments/production.yaml, reason: "goes live today"}]
teams:
  team: {people: [ana@example.com], owns: ["team/**"], may: [create, promote, revert]}
  others: {people: [ana@example.com], owns: ["other/**"], may: [create]}
"#;

/// A repository with prompts that can and cannot be promoted, for every possible reason.
struct Tree {
    session: Session,
}

impl Tree {
    fn version(&mut self, name: &str, version: &str, variables: &[&str]) {
        let texts: Vec<String> =
            variables.iter().map(|variable| format!("{{{{ {variable} }}}}")).collect();
        let declared: Vec<String> =
            variables.iter().map(|name| format!("{{\"name\": \"{name}\"}}")).collect();
        let folder = format!("prompts/{name}/v{version}");
        self.session
            .write(
                &format!("{folder}/system_prompt.txt"),
                &format!("{version} {}\n", texts.join(" ")),
            )
            .write(
                &format!("{folder}/metadata.json"),
                &format!("{{\"variables\": [{}]}}\n", declared.join(", ")),
            );
    }

    fn point(&mut self, name: &str, environment: &str, pointer: &str) {
        let path = format!("prompts/{name}/environments/{environment}.yaml");
        self.session.write(&path, &format!("{pointer}\n"));
    }

    /// Adds a prompt with the second version in staging and the first in production.
    fn prompt(&mut self, name: &str) {
        self.version(name, "1.0.0", &["who"]);
        self.version(name, "1.1.0", &["who"]);
        self.point(name, "dev", "version: 1.1.0");
        self.point(name, "staging", "version: 1.1.0");
        self.point(name, "production", "version: 1.0.0");
    }

    fn result(&mut self, name: &str, version: &str, failed: u32) {
        let line = format!("record {name}@{version} --test smoke --passed 3 --failed {failed}");
        self.session.run(&line);
    }

    fn git(&self, date: &str, arguments: &[&str]) {
        let folder = self.session.folder.path();
        git::git(folder, folder, "Ana", date, arguments);
    }

    fn publish(&mut self, date: &str, line: &str) {
        self.git(date, &["add", "--all"]);
        self.git(date, &["commit", "--quiet", "--message", "More"]);
        self.session.run(line);
    }

    /// Returns the dry run of the command, as one person.
    fn asked(&self, environment: &str) -> Value {
        let line = [
            "promote",
            "--all",
            "--to",
            environment,
            "--reason",
            "x",
            "--dry-run",
            "--format",
            "json",
        ];
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(line)
            .args(["--actor", "ana@example.com"])
            .current_dir(self.session.folder.path())
            .env_clear()
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn tree() -> Tree {
    let mut tree = Tree { session: Session::new() };
    tree.git("2026-03-01T10:00:00Z", &["init", "--quiet", "--initial-branch=main"]);
    tree.session
        .write(".gitignore", "dist/\n")
        .write("prompts/registry.yaml", "registry: acme\nvisibility: public\n")
        .write("prompts/policy.yaml", POLICY);
    for name in [
        "plain", "passed", "failed", "stale", "accepted", "back", "canary", "yanked", "tracks",
        "lost", "old", "main", "more",
    ] {
        tree.prompt(&format!("team/{name}"));
    }
    tree.prompt("other/nobody");
    tree.prompt("team/new");
    let pointer = "prompts/team/new/environments/production.yaml";
    std::fs::remove_file(tree.session.folder.path().join(pointer)).unwrap();
    // Two new variables that apps do not send.
    tree.prompt("team/breaking");
    tree.version("team/breaking", "2.0.0", &["who", "what"]);
    for environment in ["dev", "staging"] {
        tree.point("team/breaking", environment, "version: 2.0.0");
    }
    tree.version("team/tracks", "2.0.0", &["who", "what"]);
    tree.point("team/tracks", "production", r#"tracks: {"1": 1.0.0, "2": 2.0.0}"#);
    tree.version("team/lost", "2.0.0", &["who", "what"]);
    for environment in ["dev", "staging"] {
        tree.point("team/lost", environment, r#"tracks: {"1": 1.1.0}"#);
    }
    tree.point("team/lost", "production", r#"tracks: {"1": 1.1.0, "2": 2.0.0}"#);
    // Only the main track differs, and only production has a second track: a promotion leaves both as they are.
    for name in ["team/main", "team/more"] {
        tree.version(name, "2.0.0", &["who", "what"]);
    }
    let rollout = r#"{rollout: {arms: [{key: current, version: 1.0.0, weight: 90}, {key: next, version: 1.1.0, weight: 10}]}}"#;
    for (environment, mark) in [("dev", ""), ("staging", ""), ("production", ", main: true")] {
        let tracks = format!(r#"tracks: {{"1": {rollout}, "2": {{version: 2.0.0{mark}}}}}"#);
        tree.point("team/main", environment, &tracks);
    }
    tree.point("team/more", "production", r#"tracks: {"1": 1.1.0, "2": 2.0.0}"#);
    // It was served before, and the upstream environment serves it again.
    tree.point("team/back", "production", "version: 1.0.0");
    tree.publish("2026-03-01T10:00:00Z", "build --output dist");

    tree.point("team/back", "production", "version: 1.1.0");
    for environment in ["dev", "staging"] {
        tree.point("team/back", environment, "version: 1.0.0");
    }
    let arms =
        "{key: current, version: 1.0.0, weight: 90}, {key: next, version: 1.1.0, weight: 10}";
    tree.point("team/canary", "production", &format!("rollout: {{arms: [{arms}]}}"));
    tree.session.write("prompts/team/yanked/prompt.yaml", "yanked: {1.1.0: \"rude\"}\n");
    tree.session.write("prompts/team/old/prompt.yaml", "deprecated: {1.1.0: \"too long\"}\n");
    tree.result("team/old", "1.1.0", 0);
    tree.result("team/passed", "1.1.0", 0);
    tree.result("team/failed", "1.1.0", 1);
    tree.result("team/breaking", "2.0.0", 0);
    let own = tree.session.folder.path().join("prompts/team/passed/results/1.1.0/smoke.json");
    let mut result: Value = serde_json::from_slice(&std::fs::read(own).unwrap()).unwrap();
    result["source_digest"] = format!("sha256:{}", "0".repeat(64)).into();
    tree.session.write("prompts/team/stale/results/1.1.0/smoke.json", &result.to_string());
    // A version that only dev serves.
    tree.version("team/plain", "1.2.0", &["who"]);
    tree.point("team/plain", "dev", "version: 1.2.0");
    tree.publish("2026-03-20T10:00:00Z", "build --output dist --previous dist");
    tree
}

/// The rows of a promotion preview: the name of the prompt, the new target, the verdict, the people
/// with permission, and the blockers.
const ROWS: &str = "return [...document.querySelectorAll('table.ahead tbody tr')].map((row) => {
    const [name, , target, , rules] = row.children;
    const items = [...rules.querySelectorAll('li')].map((item) => {
        const copy = item.cloneNode(true);
        copy.querySelector('small').remove();
        return copy.textContent;
    });
    const verdict = rules.querySelector('.state').innerText;
    const about = rules.querySelector('.state + small').innerText;
    return JSON.stringify([name.innerText, target.innerText, verdict, items, about]);
})";

fn look_ahead(browser: &Browser, host: &Static, from: &str, to: &str) -> Vec<Value> {
    browser.visit(&format!("{}environments/?from={from}&to={to}", host.base));
    browser.wait(
        "the verdicts",
        "const rows = [...document.querySelectorAll('table.ahead tbody tr')];
        return rows.length > 0 && rows.every((row) => row.children[4].querySelector('.state') !== null)",
    );
    let rows = browser.texts(ROWS);
    browser.assert_calm(to);
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn the_page_says_what_the_command_says() {
    let tree = tree();
    let host = Static::start(&tree.session.folder.path().join("dist"), "/registry/");
    let browser = Browser::start();
    for (from, to) in [("staging", "production"), ("dev", "staging")] {
        let command = tree.asked(to);
        let rows = look_ahead(&browser, &host, from, to);
        let told = |name: &str| -> BTreeSet<String> {
            let path = Path::new("prompts").join(name);
            let findings = command["refused"].as_array().unwrap().iter();
            let own = findings.filter(|finding| {
                // The command also knows the actor; the page does not.
                let is_own = Path::new(finding["path"].as_str().unwrap()).starts_with(&path);
                is_own && finding["code"] != "not-allowed"
            });
            let told = own.map(|finding| finding["message"].as_str().unwrap().replace('`', ""));
            // Results of other files are not published, so that the page knows of none.
            let page = |told: String| {
                let stale = told.strip_prefix("the test results of ");
                match stale.and_then(|rest| rest.strip_suffix(" are for different files")) {
                    Some(version) => format!("{version} has no test results; {to} requires them"),
                    None => told,
                }
            };
            told.map(page).collect()
        };
        let moves: BTreeSet<&str> = command["moves"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| own["name"].as_str().unwrap())
            .collect();
        let notes = texts(&command["notes"]);
        let mut seen = BTreeSet::new();
        for row in &rows {
            let name = row[0].as_str().unwrap();
            let verdict = row[2].as_str().unwrap();
            let mut missing = texts(&row[3]);
            missing.retain(|what| !what.starts_with("warning: "));
            let is_allowed = !missing.remove("no owning team has the promote permission");
            assert_eq!(is_allowed, name != "other/nobody", "{name}");
            assert_eq!(missing, told(name).iter().map(String::as_str).collect(), "{name}");
            let is_left = notes.iter().any(|note| note.starts_with(&format!("{name} skipped")));
            let expected = match (is_left, missing.is_empty() && is_allowed) {
                (true, _) => "skipped",
                (false, false) => "blocked",
                (false, true) if name == "team/back" => "rollback",
                (false, true) => "allowed",
            };
            assert_eq!(verdict, expected, "{name}");
            assert_eq!(!is_left, moves.contains(name), "{name}");
            seen.insert(name);
        }
        assert!(moves.is_subset(&seen), "{moves:?} {seen:?}");
        for name in ["team/main", "team/more"] {
            assert!(
                !seen.contains(name) && !notes.iter().any(|note| note.starts_with(name)),
                "{name}"
            );
        }
        let shown: Vec<String> = rows.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(format!("look_ahead_to_{to}"), shown.join("\n"));
    }
    // Every page says how they differ, in words of their own.
    let words = [
        ("team/main", "same versions as staging, different main track"),
        ("team/more", "more tracks than staging"),
        ("team/plain", "behind staging"),
    ];
    browser.visit(&format!("{}environments/", host.base));
    let rows = browser.texts(
        "return [...document.querySelectorAll('.matrix tbody tr')].map((row) =>
            [...row.children].map((cell) => cell.innerText.replace(/\\s+/g, ' ').trim()).join(' | '))",
    );
    insta::assert_snapshot!("what_environments_serve", rows.join("\n"));
    for (name, words) in words {
        let badge = format!(
            "return document.querySelector(\".matrix tr:has(a[href='p/{name}/']) [data-label=production] .state\").innerText"
        );
        assert_eq!(browser.text(&badge), words);
    }
    browser.visit(&format!("{}?q=drift:production", host.base));
    let rows = "return [...document.querySelectorAll('.rows .name')].map((name) => name.innerText)";
    let rows = browser.texts(rows);
    assert_eq!(words.map(|(name, _)| rows.iter().any(|row| row == name)), [false, false, true]);
    for (name, words) in words {
        browser.visit(&format!("{}p/{name}/", host.base));
        let badges = browser.texts(
            "return [...document.querySelectorAll('#environments a.state')].map((a) => a.innerText)",
        );
        assert!(badges.iter().any(|badge| badge.starts_with(words)), "{name}: {badges:?}");
    }
    browser.assert_calm("the differences");
}
