//! Tests that what a newer promptdex may write (`conformance/extensions.json`) is read by a reader in another language
//! and accepted by the JSON Schemas, and what becomes of a registry that has some of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../wire/tests/extensions/table.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, str};

use promptdex_wire::{Blob, Kind, schema};

use table::{Outcome, extensions, put, table};

fn python(script: &str, argument: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
    Command::new("python3").arg(script).arg(argument).output().unwrap()
}

#[test]
fn a_reader_in_another_language_comes_to_the_same() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/extensions.json");
    let output = python("read_extensions.py", &path);
    let rows = table()["extensions"].as_array().unwrap().len();
    let expected = format!("{rows} extensions of {} kinds\n", Kind::ALL.len());
    let told = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(told, expected, "{}", String::from_utf8_lossy(&output.stderr));

    // A reader that never fails would prove nothing.
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.json");
    let text = fs::read_to_string(path).unwrap();
    fs::write(&wrong, text.replace("\"entry_refused\"", "\"read\"")).unwrap();
    let output = python("read_extensions.py", &wrong);
    assert!(String::from_utf8_lossy(&output.stderr).contains("violation: "));
}

#[test]
fn the_schemas_accept_what_is_read_and_refuse_what_is_refused() {
    let validator = |kind: Kind| {
        let schema = serde_json::from_str(schema::text(kind)).unwrap();
        (kind, jsonschema::validator_for(&schema).unwrap())
    };
    let validators: BTreeMap<Kind, _> = Kind::ALL.into_iter().map(validator).collect();
    for extension in extensions(&Kind::ALL) {
        let name = &extension.name;
        let validator = &validators[&extension.kind];
        assert!(validator.is_valid(&extension.today), "{name}");
        let is_valid = validator.is_valid(&extension.extended);
        match extension.outcome {
            // That a word is a text is what the schemas say of today.
            Outcome::Read if extension.is_addition() || extension.words().is_some() => {
                assert!(is_valid, "{name}");
            }
            Outcome::Refused => assert!(!is_valid, "{name}"),
            Outcome::Read | Outcome::PartRefused(_) => {}
        }
    }
}

/// A tree and its registry, which a newer promptdex may change.
struct Team(tempfile::TempDir);

impl Team {
    fn new() -> Self {
        let team = Self(tempfile::tempdir().unwrap());
        for name in ["greeting", "refund"] {
            team.write(&format!("prompts/{name}/v1.0.0/system_prompt.txt"), "Hello.\n");
            let pointer = format!("prompts/{name}/environments/production.yaml");
            team.write(&pointer, "version: 1.0.0\n");
        }
        assert_eq!(team.build("build --no-site"), (0, String::new()));
        team
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Returns the exit code, and what is said of it if it is not 0.
    fn build(&self, line: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
        command.args(line.split(' ')).current_dir(self.0.path()).env_clear();
        let output = command.output().unwrap();
        let code = output.status.code().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (code, if code == 0 { String::new() } else { said })
    }

    /// Publishes what `production` serves as a newer promptdex may write it.
    fn publish_newer(&self, change: impl Fn(&str) -> String) {
        let pointer = "dist/api/environments/production.json";
        let release = self.read(pointer);
        let blob = |text: &str| {
            let Blob { digest, size } = Blob::of(text.as_bytes());
            (format!(r#""digest":"{digest}","size":{size}"#), digest.hex())
        };
        let snapshots = fs::read_dir(self.path("dist/api/snapshots")).unwrap();
        let texts = snapshots.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let old = texts.into_iter().find(|text| release.contains(&blob(text).0)).unwrap();
        let new = change(&old);
        self.write(&format!("dist/api/snapshots/{}.json", blob(&new).1), &new);
        let release = release.replace(&blob(&old).0, &blob(&new).0);
        let own = "dist/api/environments/production/releases/1.json";
        [pointer, own].iter().for_each(|path| self.write(path, &release));
        // Bundles are of the release that was there.
        let mut registry: serde_json::Value =
            serde_json::from_str(&self.read("dist/api/registry.json")).unwrap();
        put(&mut registry, "/bundles", serde_json::json!([]));
        self.write("dist/api/registry.json", &registry.to_string());
    }
}

#[test]
fn an_entry_that_needs_a_newer_reader_concerns_its_prompt_alone_and_is_not_taken_back() {
    let team = Team::new();
    team.publish_newer(|snapshot| {
        let (start, _) = snapshot.split_once(r#"{"name":"refund""#).unwrap();
        format!(r#"{start}{{"name":"refund","schedule":[{{"version":"1.0.0"}}]}}]}}"#)
    });
    let output = python("second_reader.py", &team.path("dist"));
    assert_eq!(
        str::from_utf8(&output.stdout).unwrap(),
        "prompts: 2 versions, 3 served, 1 terms\nan entry of a snapshot needs a newer reader: 1\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    team.write("prompts/greeting/v1.1.0/system_prompt.txt", "Hi.\n");
    let (code, said) = team.build("build --no-site --previous dist");
    assert_eq!(code, 2);
    let problem = r#"has `{"name":"refund","schedule":[{"version":"1.0.0"}]}` of a newer promptdex: continue the registry with that version"#;
    assert!(said.contains(problem), "{said}");
}

#[test]
fn a_field_that_a_newer_promptdex_added_is_ignored_by_readers_and_not_taken_back() {
    let team = Team::new();
    team.publish_newer(|snapshot| {
        snapshot.replacen(r#"{"name":"greeting","#, r#"{"name":"greeting","since":"2026","#, 1)
    });
    let output = python("second_reader.py", &team.path("dist"));
    let told = str::from_utf8(&output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told, "prompts: 2 versions, 4 served, 1 terms\n", "{stderr}");
    let (code, said) = team.build("build --no-site --previous dist");
    assert_eq!(code, 2);
    let problem = "has fields of a newer promptdex: continue the registry with that version";
    assert!(said.contains(problem), "{said}");
}

#[test]
fn a_build_in_place_leaves_reserved_files_as_they_are() {
    let team = Team::new();
    let table = table();
    let paths = table["reserved_paths"].as_array().unwrap().iter();
    let paths = paths.map(|path| path.as_str().unwrap().replace("support/refund", "refund"));
    let paths: Vec<String> = paths.filter(|path| path.ends_with(".json")).collect();
    for path in &paths {
        team.write(&format!("dist/{path}"), path);
    }
    team.write("prompts/refund/v1.1.0/system_prompt.txt", "Hi.\n");
    assert_eq!(team.build("build --no-site --previous dist"), (0, String::new()));
    fs::remove_dir_all(team.path("prompts/refund/environments")).unwrap();
    assert_eq!(team.build("build --no-site --previous dist"), (0, String::new()));
    assert!(!team.path("dist/api/prompts/refund/latest/production.json").exists());
    for path in &paths {
        assert_eq!(team.read(&format!("dist/{path}")), *path);
    }
}
