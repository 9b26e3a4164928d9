//! Tests publishing builds of trees with errors: a prompt with an error stays as it is published, and the
//! others are published.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A repository with a tree, and registries that are published from it.
struct Team(tempfile::TempDir);

impl Team {
    /// Commits a tree.
    fn new(files: &[(&str, &str)]) -> Self {
        let team = Self(tempfile::tempdir().unwrap());
        team.git("Ana", 1, &["init", "--quiet", "--initial-branch=main", "."]);
        files.iter().for_each(|(path, text)| team.write(path, text));
        team.commit("Ana", 1, "Begin");
        team
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file of the tree.
    fn write(&self, path: &str, text: &str) {
        let path = self.path("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Removes a file or a folder of the tree.
    fn remove(&self, path: &str) {
        let path = self.path("prompts").join(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    fn git(&self, who: &str, day: u32, arguments: &[&str]) -> String {
        let date = format!("2026-01-{day:02}T12:00:00+01:00");
        git::git(self.0.path(), self.0.path(), who, &date, arguments)
    }

    fn commit(&self, who: &str, day: u32, message: &str) {
        self.git(who, day, &["add", "--all", "--", "prompts"]);
        self.git(who, day, &["commit", "--quiet", "--message", message]);
    }

    /// Runs a command, and returns its exit code and output.
    fn run(&self, line: &str) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.0.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    }

    /// Publishes the tree in place and into another folder, with and without the build cache, which has to come to the
    /// same. Returns the exit code and the output.
    fn publish(&self) -> (i32, String) {
        let others = [
            "build --previous dist --output other",
            "build --previous copy --output copy --no-cache",
        ];
        copy(&self.path("dist"), &self.path("copy"));
        let mut codes: Vec<i32> = others.iter().map(|line| self.run(line).0).collect();
        let (code, printed) = self.run("build --previous dist --format short");
        codes.push(code);
        assert!(codes.iter().all(|own| *own == code), "{codes:?}\n{printed}");
        if matches!(code, 0 | 4) {
            let dist = self.files("dist");
            for other in ["other", "copy"] {
                let files = self.files(other);
                let names =
                    |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
                assert_eq!(names(&files), names(&dist), "{other}");
                let differing = dist.iter().find(|(path, bytes)| files[*path] != **bytes);
                assert_eq!(differing.map(|(path, _)| path), None, "{other}");
            }
            let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
            let output =
                Command::new("python3").arg(&reader).arg(self.path("dist")).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        for folder in ["other", "copy"] {
            drop(fs::remove_dir_all(self.path(folder)));
        }
        (code, printed)
    }

    /// Publishes a tree without errors.
    fn publish_whole(&self) {
        let (code, printed) = self.publish();
        assert_eq!(code, 0, "{printed}");
    }

    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(folder);
        walkdir::WalkDir::new(&root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                (path, fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    fn document(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path("dist/api").join(path)).unwrap()).unwrap()
    }

    /// The version of a prompt that an environment serves.
    fn served(&self, name: &str, environment: &str) -> Option<String> {
        let path = format!("dist/api/prompts/{name}/latest/{environment}.json");
        let bytes = fs::read(self.path(&path)).ok()?;
        let latest: Value = serde_json::from_slice(&bytes).unwrap();
        Some(latest["version"].as_str().unwrap().to_owned())
    }

    /// The number of the newest release of a chain, and what it holds back.
    fn tail(&self, chain: &str) -> String {
        let release = self.document(&format!("environments/{chain}.json"));
        let held = release["held_back"].as_array().cloned().unwrap_or_default();
        let word = |held: &Value| {
            format!(" {} ({}): {}", held["name"], held["code"], held["reason"]).replace('"', "")
        };
        format!("{}{}", release["sequence"], held.iter().map(word).collect::<String>())
    }

    /// What the history of a prompt says, without the numbers of the releases.
    fn events(&self, name: &str) -> Vec<Value> {
        let mut history = self.document(&format!("prompts/{name}/history.json"));
        let events = history["events"].as_array_mut().unwrap();
        for event in events.iter_mut() {
            event.as_object_mut().unwrap().remove("sequence");
        }
        events.clone()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const HELLO: &str = "Hello.\n";

/// A tree of two teams.
const TREE: [(&str, &str); 7] = [
    ("refund/v1.0.0/system_prompt.txt", HELLO),
    ("refund/v1.1.0/system_prompt.txt", "Hello, friend.\n"),
    ("refund/environments/production.yaml", "version: 1.0.0\n"),
    ("refund/cases/1.0.0.yaml", "- name: plain\n"),
    ("billing/v1.0.0/system_prompt.txt", "Pay.\n"),
    ("billing/v1.1.0/system_prompt.txt", "Pay now.\n"),
    ("billing/environments/production.yaml", "version: 1.1.0\n"),
];

fn published() -> Team {
    let team = Team::new(&TREE);
    let (code, printed) = team.run("build");
    assert_eq!(code, 0, "{printed}");
    team
}

#[test]
fn one_team_promotes_what_another_one_yanks_and_a_third_one_rolls_back() {
    let team = published();
    team.write("refund/environments/production.yaml", "version: 1.1.0\n");
    team.commit("Ben", 2, "Promote refund 1.1.0");
    team.write("refund/prompt.yaml", "yanked: {1.1.0: too friendly}\n");
    team.commit("Cid", 3, "Yank refund 1.1.0");
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    team.commit("Dee", 4, "Roll billing back");

    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    let reason = "production would serve the yanked version 1.1.0: too friendly (refund/environments/production.yaml, line 1)";
    assert!(
        printed.contains(&format!(
            "Held back: 1 prompt. It stays as published until the errors are fixed.\n  refund (yanked-pointer): {reason}\n"
        )),
        "{printed}"
    );
    assert!(printed.contains("Released catalog 2, dev 2, production 2\n"), "{printed}");
    assert_eq!(team.served("billing", "production").unwrap(), "1.0.0");
    assert_eq!(team.served("refund", "production").unwrap(), "1.0.0");
    let held = format!("2 refund (yanked-pointer): {reason}");
    for chain in ["catalog", "dev", "production"] {
        assert_eq!(team.tail(chain), held);
    }
    // The pages say so, and those of other prompts say nothing.
    let page = |page: &str| fs::read_to_string(team.path("dist").join(page)).unwrap();
    let is_told = |page: &str| {
        page.contains("Held back: ") && page.contains("the yanked version 1.1.0: too friendly")
    };
    assert!(is_told(&page("p/refund/index.html")) && is_told(&page("status/index.html")));
    assert!(!page("p/billing/index.html").contains("Held back"));
    // What did not change makes no release.
    let before = team.files("dist");
    assert_eq!(team.publish().0, 4);
    assert!(team.files("dist") == before);

    // A change of the reason alone is one.
    team.write("refund/prompt.yaml", "yanked: {1.1.0: rude}\n");
    team.commit("Cid", 5, "Say why");
    assert_eq!(team.publish().0, 4);
    assert_eq!(
        team.tail("production"),
        "3 refund (yanked-pointer): production would serve the yanked version 1.1.0: rude (refund/environments/production.yaml, line 1)"
    );

    // So is its end, although every environment serves what it served.
    team.write("refund/environments/production.yaml", "version: 1.0.0\n");
    team.commit("Ben", 6, "Take the promotion back");
    team.publish_whole();
    assert_eq!([team.tail("catalog"), team.tail("production")], ["4", "4"]);
    for page in ["p/refund/index.html", "status/index.html"] {
        let page = fs::read_to_string(team.path("dist").join(page)).unwrap();
        assert!(!page.contains("Held back"));
    }
    let versions = team.document("prompts/refund/versions.json");
    assert_eq!(versions["versions"][0]["state"], "yanked");
}

#[test]
fn what_happened_while_a_prompt_was_held_back_is_told_later() {
    let change = |publish: &dyn Fn(&Team)| {
        let team = published();
        team.write("refund/v1.2.0/system_prompt.txt", "Hello, dear friend.\n");
        team.commit("Ben", 2, "Add refund 1.2.0");
        team.write("refund/environments/production.yaml", "version: 1.2.0\n");
        team.write("refund/cases/1.2.0.yaml", "- name: plain\n  expect: {contains: [bye]}\n");
        team.commit("Cid", 3, "Promote refund 1.2.0");
        publish(&team);
        team.write("billing/v1.2.0/system_prompt.txt", "Pay soon.\n");
        team.commit("Dee", 4, "Add billing 1.2.0");
        publish(&team);
        team.write("refund/cases/1.2.0.yaml", "- name: plain\n  expect: {contains: [friend]}\n");
        team.commit("Ben", 5, "Correct the case");
        team.publish_whole();
        team
    };
    let broken = change(&|team| assert_eq!(team.publish().0, 4));
    let never = change(&|_| {});
    for name in ["refund", "billing"] {
        assert_eq!(broken.events(name), never.events(name), "{name}");
    }
    let is_document = |path: &String| path.contains("/versions/") || path.contains("/cases/");
    let documents = |team: &Team| {
        let mut files = team.files("dist");
        files.retain(|path, _| is_document(path) && path.ends_with(".json"));
        for bytes in files.values_mut() {
            let mut document: Value = serde_json::from_slice(bytes).unwrap();
            document.as_object_mut().unwrap().remove("sequences");
            *bytes = document.to_string().into_bytes();
        }
        files
    };
    assert!(documents(&broken) == documents(&never));
    let created = broken.document("prompts/refund/versions.json")["versions"][0].clone();
    assert_eq!(
        (&created["version"], &created["created_by"]),
        (&"1.2.0".into(), &"ben@example.com".into())
    );
}

#[test]
fn a_new_prompt_with_an_error_is_left_out() {
    let team = published();
    team.write("apology/v1.0.0/system_prompt.txt", "Sorry, {{ nobody }}.\n");
    team.write("zebra/v1.0.0/system_prompt.txt", "Stripes.\n");
    team.commit("Ben", 2, "Add two prompts");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("Built prompts to dist: 3 prompts, 5 versions\n"), "{printed}");
    assert!(team.tail("catalog").starts_with("2 apology (undefined-variable): "));
    assert_eq!(team.tail("production"), "1");
    assert!(!team.path("dist/api/prompts/apology").exists());
    assert!(!team.path("dist/p/apology").exists());
    assert_eq!(team.served("zebra", "dev").unwrap(), "1.0.0");
    // The search finds each word in its prompt.
    let search = fs::read_to_string(team.path("dist/api/search/start.json")).unwrap();
    assert!(search.contains("\"stripes\":[2]") && search.contains("\"friend\":[1]"), "{search}");
    assert!(!search.contains("sorry"), "{search}");

    team.write("apology/v1.0.0/system_prompt.txt", "Sorry.\n");
    team.commit("Ben", 3, "Correct it");
    team.publish_whole();
    assert_eq!(team.served("apology", "dev").unwrap(), "1.0.0");
}

#[test]
fn a_prompt_that_needs_an_unpublished_version_is_held_back_with_it() {
    let team = published();
    team.write("tone/v1.0.0/system_prompt.txt", "Be calm.\n");
    team.write("letter/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n");
    team.commit("Ana", 2, "Add tone");
    team.publish_whole();
    team.write("tone/v1.1.0/system_prompt.txt", "Be kind.\n");
    team.write("tone/cases/1.1.0.yaml", "- name: plain\n  expect: {contains: [calm]}\n");
    team.write("letter/v1.1.0/system_prompt.txt", "{% include \"tone@1.1.0\" %}\n");
    team.write("postcard/v1.0.0/system_prompt.txt", "{% include \"letter@1.1.0\" %}\n");
    team.write("note/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n");
    team.commit("Ben", 3, "Be kind");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    let held = printed.split_once("Held back: ").unwrap().1;
    let held: Vec<&str> = held.lines().take(4).collect();
    assert_eq!(
        held,
        [
            "3 prompts. They stay as published until the errors are fixed.",
            "  letter (invalid-include): version 1.1.0 includes `tone@1.1.0`, but `tone` is held back (letter/v1.1.0)",
            "  postcard (invalid-include): version 1.0.0 includes `letter@1.1.0`, but `letter` is held back (postcard/v1.0.0)",
            "  tone (expectation-failed): test case `plain`: the text does not contain this string (tone/cases/1.1.0.yaml, line 2)",
        ]
    );
    // What includes a published version only is published.
    assert_eq!(team.served("note", "dev").unwrap(), "1.0.0");
    assert_eq!(team.served("letter", "dev").unwrap(), "1.0.0");
    assert_eq!(team.served("postcard", "dev"), None);
    team.write("tone/cases/1.1.0.yaml", "- name: plain\n");
    team.commit("Ben", 4, "Correct it");
    team.publish_whole();
    assert_eq!(team.served("postcard", "dev").unwrap(), "1.0.0");
}

#[test]
fn an_include_of_a_text_that_was_edited_is_held_back() {
    let team = published();
    team.write("tone/v1.0.0/system_prompt.txt", "Be calm.\n");
    team.commit("Ana", 2, "Add tone");
    team.publish_whole();
    team.write("tone/v1.0.0/system_prompt.txt", "Be furious.\n");
    team.write("letter/v1.0.0/system_prompt.txt", "{% include \"tone@1.0.0\" %}\n");
    team.commit("Ben", 3, "Edit a published version");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("  letter (invalid-include): "), "{printed}");
    assert!(printed.contains("  tone (changed-version): "), "{printed}");
    assert!(!team.path("dist/api/prompts/letter").exists());
}

#[test]
fn a_deleted_prompt_stays_as_it_is_published() {
    let team = published();
    team.remove("refund");
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    team.commit("Ben", 2, "Delete refund");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("  refund (removed-version): "), "{printed}");
    assert_eq!(team.served("refund", "production").unwrap(), "1.0.0");
    assert_eq!(team.served("billing", "production").unwrap(), "1.0.0");
    assert!(team.path("dist/api/prompts/refund/cases/1.0.0.json").exists());
    let search = fs::read_to_string(team.path("dist/api/search/start.json")).unwrap();
    assert!(search.contains("\"friend\":[1]"), "{search}");
    let before = team.files("dist");
    assert_eq!(team.publish().0, 4);
    assert!(team.files("dist") == before);
}

#[test]
fn errors_of_the_registry_stop_everything() {
    let team = published();
    let before = team.files("dist");
    for (path, text, code) in [
        ("registry.yaml", "environment: [dev]\n", "unknown-key"),
        ("policy.yaml", "checks: {draft: loud}\n", "invalid-value"),
        ("re_fund/v1.0.0/system_prompt.txt", HELLO, ""),
        ("re-fund/v1.0.0/system_prompt.txt", HELLO, "name-collision"),
        ("Support/v1.0.0/system_prompt.txt", HELLO, "invalid-name"),
    ] {
        team.write(path, text);
        if code.is_empty() {
            continue;
        }
        let (exit, printed) = team.publish();
        assert!(exit == 1 && printed.contains(&format!("error[{code}]")), "{exit} {printed}");
        assert!(printed.contains("Nothing written to dist: fix the errors first\n"), "{printed}");
        assert!(team.files("dist") == before);
        team.remove(path.split('/').next().unwrap());
    }
}

#[test]
fn a_registry_file_that_cannot_be_read_is_no_other_registry() {
    let team = Team::new(&TREE);
    team.write("registry.yaml", "registry: acme\n");
    assert_eq!(team.run("build").0, 0);
    let before = team.files("dist");
    for (text, code) in [
        ("registry: acme\nbundles: {\n", "invalid-yaml"),
        ("registry: [acme]\n", "wrong-type"),
        ("name: acme\n", "unknown-key"),
    ] {
        team.write("registry.yaml", text);
        for line in ["build --previous dist", "check --previous dist"] {
            let (exit, printed) = team.run(line);
            assert!(exit == 1 && printed.contains(&format!("error[{code}]")), "{exit} {printed}");
        }
        assert!(team.files("dist") == before);
    }
}

#[test]
fn an_old_version_of_a_document_holds_back_its_prompt_alone() {
    let team = published();
    let document = |version: &str, text: &str| {
        team.write("notes.md", &format!("---\nversion: {version}\n---\n\n{text}\n"));
    };
    document("1.0.0", "Hello, {{ nobody }}.");
    team.commit("Ana", 2, "Start notes");
    document("1.0.1", "Hello.");
    team.commit("Ana", 3, "Correct notes in a version of its own");
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    team.commit("Ben", 4, "Roll billing back");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("  notes (undefined-variable): "), "{printed}");
    assert!(printed.contains("(notes.md@1.0.0, line 5)"), "{printed}");
    assert_eq!(team.served("billing", "production").unwrap(), "1.0.0");
    // A redaction is the way out: no number is given twice.
    team.write("notes/prompt.yaml", "redacted: {1.0.0: a slip}\n");
    team.commit("Ana", 5, "Withdraw the version");
    team.publish_whole();
    assert_eq!(team.served("notes", "dev").unwrap(), "1.0.1");
}

#[test]
fn strict_publishes_everything_or_nothing() {
    let team = published();
    let before = team.files("dist");
    team.write("refund/environments/production.yaml", "version: 9.0.0\n");
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    for line in ["build --previous dist --strict", "build --previous dist --strict --output other"]
    {
        let (code, printed) = team.run(line);
        assert!(code == 1 && printed.contains("Nothing written to "), "{code} {printed}");
        assert!(team.files("dist") == before && !team.path("other").exists());
    }
    // A preview has nothing to hold a prompt back at.
    let (code, printed) = team.run("build --output other");
    assert!(code == 1 && !team.path("other").exists(), "{code} {printed}");
}

#[test]
fn a_denied_warning_holds_its_prompt_back() {
    let team = published();
    team.write("refund/v1.2.0/system_prompt.txt", "Hello.\n");
    team.write(
        "refund/v1.2.0/metadata.json",
        "{\"variables\": [{\"name\": \"unused\", \"required\": false}]}",
    );
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    let (code, printed) = team.run("build --previous dist --deny warnings");
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("  refund (unused-variable): "), "{printed}");
    assert_eq!(team.served("billing", "production").unwrap(), "1.0.0");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 0, "{printed}");
}

#[test]
fn held_prompts_are_in_the_summary_of_json() {
    let team = published();
    team.write("refund/environments/production.yaml", "version: 9.0.0\n");
    let (code, printed) = team.run("build --previous dist --format json --quiet");
    assert_eq!(code, 4, "{printed}");
    let summary = printed.lines().find(|line| line.contains("\"summary\"")).unwrap();
    let summary: Value = serde_json::from_str(summary).unwrap();
    let held = &summary["summary"]["held_back"][0];
    assert_eq!((&held["name"], &held["code"]), (&"refund".into(), &"missing-version".into()));
}

#[test]
fn a_redaction_does_not_wait_for_the_rest_of_its_prompt() {
    let team = published();
    // The version leaks, and somebody else has broken a case of the prompt.
    team.write("refund/cases/1.0.0.yaml", "- name: plain\n  expect: {contains: [bye]}\n");
    team.write("refund/v1.2.0/system_prompt.txt", "Hello, dear friend.\n");
    team.write("refund/prompt.yaml", "redacted: {1.1.0: a leak}\n");
    team.commit("Ben", 2, "Redact refund 1.1.0");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("  refund (expectation-failed): "), "{printed}");
    assert!(printed.contains("purge these URLs"), "{printed}");
    assert!(!printed.contains("Not redacted"), "{printed}");
    assert_eq!(team.document("prompts/refund/versions/1.1.0.json")["kind"], "redacted");
    assert_eq!(team.served("refund", "production").unwrap(), "1.0.0");
    // 1.1.0 was served there, and 1.2.0 is held back.
    assert_eq!(team.served("refund", "dev").unwrap(), "1.0.0");
    assert!(!team.path("dist/api/prompts/refund/versions/1.2.0.json").exists());
    let texts = team.files("dist").into_iter();
    let leaks = texts.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("Hello, friend"));
    assert_eq!(leaks.map(|(path, _)| path).collect::<Vec<_>>(), [""; 0]);
    let before = team.files("dist");
    assert_eq!(team.publish().0, 4);
    assert!(team.files("dist") == before);

    // Where a published version is not what it was, nobody can say what else the redaction would publish.
    team.write("billing/v1.0.0/system_prompt.txt", "Pay more.\n");
    team.write("billing/prompt.yaml", "redacted: {1.1.0: a leak}\n");
    team.write("billing/environments/production.yaml", "version: 1.0.0\n");
    team.commit("Ben", 3, "Redact billing 1.1.0");
    let (code, printed) = team.publish();
    assert_eq!(code, 4, "{printed}");
    let text =
        "Not redacted: `billing@1.1.0` is still published. Fix the errors of `billing` first.\n";
    assert!(printed.contains(text), "{printed}");
    assert_eq!(team.document("prompts/billing/versions/1.1.0.json")["kind"], "version");
}

#[test]
fn an_environment_that_is_no_longer_listed_keeps_what_is_held_back() {
    let team = published();
    team.write("policy.yaml", "checks: {removed-environment: off}\n");
    team.write("refund/environments/staging.yaml", "version: 1.0.0\n");
    team.write("registry.yaml", "environments: [dev, staging, production]\n");
    team.write("billing/environments/staging.yaml", "version: 1.0.0\n");
    team.commit("Ana", 2, "Fill staging");
    team.publish_whole();
    team.write("registry.yaml", "environments: [dev, production]\n");
    team.remove("billing/environments/staging.yaml");
    team.write("refund/environments/production.yaml", "version: 9.0.0\n");
    team.commit("Ana", 3, "Drop staging");
    let (code, printed) = team.run("build --previous dist");
    assert_eq!(code, 4, "{printed}");
    assert_eq!(team.served("refund", "staging").unwrap(), "1.0.0");
    assert_eq!(team.served("billing", "staging"), None);
    team.remove("refund/environments/staging.yaml");
    team.write("refund/environments/production.yaml", "version: 1.1.0\n");
    team.commit("Ana", 4, "Correct it");
    assert_eq!(team.run("build --previous dist").0, 0);
    assert_eq!(team.served("refund", "staging"), None);
    assert_eq!(team.document("environments/staging.json")["snapshot"]["count"], 0);
}
