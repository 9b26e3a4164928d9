//! Tests builds that continue a published registry. Published files keep their bytes, and a chain
//! gets a release only if its contents changed.

use std::collections::BTreeMap;

use promptdex_core::tree::Contents;
use promptdex_ops::build::inputs::Publisher;
use promptdex_ops::build::output::Output;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::tree::Tree;
use promptdex_wire::{Blob, Digest, FileClass, RegistryPath};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::compiled::{CompiledTree, Files, compile, compile_with};

/// A tree that is edited and published repeatedly.
#[derive(Clone)]
struct Team {
    tree: BTreeMap<String, String>,
    registry: Option<Files>,
}

impl Team {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut team = Self { tree: BTreeMap::new(), registry: None };
        for (path, text) in files {
            team.write(path, text);
        }
        team
    }

    fn write(&mut self, path: &str, text: &str) -> &mut Self {
        self.tree.insert(path.to_owned(), text.to_owned());
        self
    }

    fn remove(&mut self, path: &str) -> &mut Self {
        self.tree.retain(|file, _| !file.starts_with(path));
        self
    }

    fn compile(&self) -> CompiledTree {
        let contents: Contents = self
            .tree
            .iter()
            .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
            .collect();
        compile(&Tree::in_memory(contents), self.registry.as_ref()).unwrap()
    }

    /// Publishes the tree, which must have no errors.
    fn publish(&mut self) -> &mut Self {
        let compiled = self.compile();
        assert_eq!(errors(&compiled), [""; 0]);
        self.registry = Some(compiled.files);
        self
    }

    fn file(&self, path: &str) -> Option<Value> {
        let bytes = self.registry.as_ref().unwrap().get(path)?;
        Some(serde_json::from_slice(bytes).unwrap())
    }

    /// Returns the sequence, operations and names of the newest release of a chain.
    fn tail(&self, chain: &str) -> String {
        let release = self.file(&format!("api/environments/{chain}.json")).unwrap();
        let changes = release["changes"].as_array().cloned().unwrap_or_default();
        let word = |change: &Value| {
            let to = |side: &str| {
                change[side]["version"].as_str().map_or(String::new(), |v| format!(" {side} {v}"))
            };
            let (name, operation) = (&change["name"], &change["operation"]);
            let text = format!("{name} {operation}{}{}", to("from"), to("to"));
            text.replace('"', "")
        };
        let changes: Vec<String> = changes.iter().map(word).collect();
        format!("{}: {}", release["sequence"], changes.join(", "))
    }

    fn sequence(&self, prompt: &str, environment: &str) -> Value {
        self.file(&format!("api/prompts/{prompt}/latest/{environment}.json")).unwrap()["sequence"]
            .clone()
    }
}

fn errors(compiled: &CompiledTree) -> Vec<&str> {
    let errors =
        compiled.findings.iter().filter(|f| f.severity == promptdex_core::rules::Severity::Error);
    errors.map(|finding| finding.rule.code).collect()
}

const A1: (&str, &str) = ("a/v1.0.0/system_prompt.txt", "Hello.\n");
const B1: (&str, &str) = ("b/v1.0.0/system_prompt.txt", "Bye.\n");
const A1_LIVE: (&str, &str) = ("a/environments/production.yaml", "version: 1.0.0\n");

#[test]
fn the_same_tree_makes_no_release_and_changes_no_byte() {
    let mut team = Team::new(&[A1, B1, A1_LIVE]);
    team.publish();
    let first = team.registry.clone().unwrap();
    assert!(team.publish().registry.as_ref() == Some(&first));
}

#[test]
fn a_release_is_made_only_where_something_changed() {
    let mut team = Team::new(&[A1, B1, A1_LIVE]);
    team.publish();
    assert_eq!(team.tail("catalog"), "1: a created to 1.0.0, b created to 1.0.0");
    assert_eq!(team.tail("production"), "1: a promoted to 1.0.0");

    team.write("a/v1.1.0/system_prompt.txt", "Hello!\n").publish();
    assert_eq!(team.tail("catalog"), "2: a created to 1.1.0");
    assert_eq!(team.tail("dev"), "2: a promoted from 1.0.0 to 1.1.0");
    assert_eq!(team.tail("production"), "1: a promoted to 1.0.0");
    assert_eq!(team.sequence("a", "dev"), json!(2));
    assert_eq!(team.sequence("b", "dev"), json!(1));
    assert_eq!(team.sequence("a", "production"), json!(1));
    let sequences =
        |team: &Team| team.file("api/prompts/a/versions.json").unwrap()["sequences"].clone();
    assert_eq!(sequences(&team), json!({"catalog": 2, "dev": 2, "production": 1}));

    team.write("a/environments/production.yaml", "version: 1.1.0\n").publish();
    assert_eq!(team.tail("catalog"), "2: a created to 1.1.0");
    assert_eq!(team.tail("production"), "2: a promoted from 1.0.0 to 1.1.0");
    let catalog = team.file("api/catalog.json").unwrap();
    assert_eq!(
        catalog["sequences"],
        json!({"catalog": 2, "dev": 2, "production": 2, "staging": 1})
    );

    team.write("a/environments/production.yaml", "version: 1.0.0\n").publish();
    assert_eq!(team.tail("production"), "3: a reverted from 1.1.0 to 1.0.0");

    // The last pointer of an environment is removed, and its document with it.
    team.remove("a/environments/").publish();
    assert_eq!(team.tail("production"), "4: a retired from 1.0.0");
    assert_eq!(team.file("api/prompts/a/latest/production.json"), None);
    assert_eq!(sequences(&team), json!({"catalog": 2, "dev": 2, "production": 4}));
    team.publish();
    assert_eq!(sequences(&team), json!({"catalog": 2, "dev": 2, "production": 4}));
    let release = team.file("api/environments/production/releases/4.json").unwrap();
    let previous = &team.registry.as_ref().unwrap()["api/environments/production/releases/3.json"];
    assert_eq!(release["previous"], json!(Digest::of(previous).to_string()));
    assert_eq!(release["snapshot"]["count"], json!(0));
}

#[test]
fn states_are_changes_of_the_catalog() {
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n"), A1_LIVE]);
    team.publish();
    team.write("a/prompt.yaml", "deprecated: {1.0.0: old}\n").publish();
    assert_eq!(team.tail("catalog"), "2: a deprecated to 1.0.0");
    assert_eq!(team.tail("production"), "1: a promoted to 1.0.0");
    let latest = team.file("api/prompts/a/latest/production.json").unwrap();
    assert_eq!((&latest["status"], &latest["sequence"]), (&json!("deprecated"), &json!(1)));

    team.write("a/prompt.yaml", "deprecated: {1.0.0: too old}\n").publish();
    assert_eq!(team.tail("catalog"), "3: a deprecated from 1.0.0 to 1.0.0");
    team.write("a/prompt.yaml", "title: A\n").publish();
    assert_eq!(team.tail("catalog"), "4: a deprecated from 1.0.0");
    // A title is not part of a chain.
    team.write("a/prompt.yaml", "title: B\n").publish();
    assert_eq!(team.tail("catalog"), "4: a deprecated from 1.0.0");
    assert_eq!(team.file("api/catalog.json").unwrap()["prompts"][0]["title"], json!("B"));
}

#[test]
fn a_published_version_neither_changes_nor_goes() {
    let mut team = Team::new(&[A1, B1]);
    team.publish();
    let codes = |change: &dyn Fn(&mut Team) -> &mut Team| {
        let mut team = team.clone();
        change(&mut team);
        let compiled = team.compile();
        let codes: Vec<String> =
            compiled.findings.iter().map(|f| format!("{} {}", f.rule.code, f.path)).collect();
        codes.join(", ")
    };
    let changed = "changed-version a/v1.0.0";
    assert_eq!(codes(&|t| t.write("a/v1.0.0/system_prompt.txt", "Hello!\n")), changed);
    assert_eq!(codes(&|t| t.write("a/v1.0.0/metadata.json", "{}")), changed);
    assert_eq!(
        codes(&|t| t.remove("b/")),
        "removed-version b",
        "a whole prompt that is gone is one finding"
    );
    let other = ("a/v1.1.0/system_prompt.txt", "Hello.\n");
    assert_eq!(
        codes(&|t| t.remove("a/v1.0.0").write(other.0, other.1)),
        "removed-version a/v1.0.0"
    );
    // Line endings and a BOM are not a change. Cases and README files are not part of a version.
    assert_eq!(codes(&|t| t.write("a/v1.0.0/system_prompt.txt", "\u{feff}Hello.\r\n")), "");
    assert_eq!(codes(&|t| t.write("a/cases/1.0.0.yaml", "- name: plain\n")), "");
    assert_eq!(codes(&|t| t.write("a/v1.0.0/README.md", "Why.\n")), "");
    // No policy can allow it.
    let policy = "checks: {changed-version: off}\nallow: [{check: changed-version, path: \"a/**\", reason: no}]\n";
    let codes =
        codes(&|t| t.write("a/v1.0.0/system_prompt.txt", "Hello!\n").write("policy.yaml", policy));
    assert!(codes.contains(changed), "{codes}");
}

#[test]
fn names_are_never_reused() {
    let mut team = Team::new(&[("a_b/v1.0.0/system_prompt.txt", "Hello.\n"), B1]);
    team.publish();
    team.remove("a_b/").write("a-b/v1.0.0/system_prompt.txt", "Hello.\n");
    assert_eq!(errors(&team.compile()), ["name-collision", "removed-version"]);
}

#[test]
fn published_bytes_are_kept_although_a_newer_release_would_write_others() {
    let mut team = Team::new(&[A1]);
    team.publish();
    // A newer promptdex may have written a field that this version does not know.
    let files = team.registry.as_mut().unwrap();
    let path = "api/prompts/a/versions/1.0.0.json";
    let old = files[path].clone();
    let mut new = old.strip_suffix(b"}").unwrap().to_vec();
    new.extend_from_slice(br#","mood":"calm"}"#);
    let (old_blob, new_blob) = (Blob::of(&old), Blob::of(&new));
    files.insert(path.to_owned(), new.clone());
    replace_everywhere(files, &old_blob.digest, &new_blob.digest, (old.len(), new.len()));

    team.write("a/v1.1.0/system_prompt.txt", "Hi.\n");
    team.write("a/environments/production.yaml", "version: 1.0.0\n");
    team.write("c/v1.0.0/system_prompt.txt", "{% include \"a@1.0.0\" %}\n").publish();
    assert_eq!(team.registry.as_ref().unwrap()[path], new);
    let latest = team.file("api/prompts/a/latest/production.json").unwrap();
    assert_eq!(latest["mood"], json!("calm"));
    assert_eq!(latest["kind"], json!("latest"));
    let including = team.file("api/prompts/c/versions/1.0.0.json").unwrap();
    assert_eq!(including["includes"]["a@1.0.0"]["digest"], json!(new_blob.digest.to_string()));
}

#[test]
fn what_a_newer_release_may_have_put_beside_a_text_is_not_forgotten_by_a_redaction() {
    let path = "api/prompts/a/versions/1.0.0.json";
    let problem = |change: &dyn Fn(&str) -> String| {
        let mut team = Team::new(&[A1]);
        team.publish();
        let files = team.registry.as_mut().unwrap();
        let old = files[path].clone();
        let new = change(std::str::from_utf8(&old).unwrap()).into_bytes();
        files.insert(path.to_owned(), new.clone());
        let size = (old.len(), new.len());
        replace_everywhere(files, &Digest::of(&old), &Digest::of(&new), size);
        team.remove("a/v1.0.0").write("a/prompt.yaml", "redacted: {1.0.0: leaked a key}\n");
        let contents = team.tree.iter();
        let contents: Contents =
            contents.map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
        compile(&Tree::in_memory(contents), team.registry.as_ref()).unwrap_err().to_string()
    };
    let with_files = |text: &str| {
        let files = r#","files":[{"path":"key.png","digest":"sha256:00","size":1}]}"#;
        format!("{}{files}", text.strip_suffix('}').unwrap())
    };
    assert_eq!(
        problem(&with_files),
        format!(
            "`{path}` has fields of a newer promptdex: redact it with the promptdex that published it"
        )
    );
    let other = |text: &str| text.replace(r#""template":"jinja""#, r#""template":"mustache""#);
    let unreadable = problem(&other);
    assert!(unreadable.contains("the template `mustache` needs a newer reader"), "{unreadable}");
}

/// Replaces a digest and a size in every file that names a document. The digests of the changed
/// files are replaced in turn, until all chains are valid.
fn replace_everywhere(files: &mut Files, old: &Digest, new: &Digest, size: (usize, usize)) {
    let mut renamed = vec![(old.to_string(), new.to_string(), size)];
    while let Some((old, new, (old_size, new_size))) = renamed.pop() {
        for (path, bytes) in files.clone() {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let from = format!("\"digest\":\"{old}\",\"size\":{old_size}");
            if !text.contains(&from) || path.contains("/latest/") {
                continue;
            }
            let text = text.replace(&from, &format!("\"digest\":\"{new}\",\"size\":{new_size}"));
            if path.starts_with("api/snapshots/") {
                files.remove(&path);
                let digest = Digest::of(text.as_bytes());
                let sizes = (bytes.len(), text.len());
                renamed.push((Digest::of(&bytes).to_string(), digest.to_string(), sizes));
                files.insert(RegistryPath::Snapshot(digest).to_string(), text.into_bytes());
            } else {
                files.insert(path, text.into_bytes());
            }
        }
    }
}

#[test]
fn a_redaction_is_the_one_lawful_replacement() {
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n"), B1]);
    team.publish();
    let before = team.registry.as_ref().unwrap()["api/prompts/a/versions/1.0.0.json"].clone();
    // The folder may be removed.
    team.remove("a/v1.0.0").write("a/prompt.yaml", "redacted: {1.0.0: leaked a key}\n").publish();
    assert_eq!(
        team.file("api/prompts/a/versions/1.0.0.json").unwrap(),
        json!({
            "format": 1, "kind": "redacted", "registry": "prompts",
            "id": serde_json::from_slice::<Value>(&before).unwrap()["id"],
            "name": "a", "version": "1.0.0",
            "replaced": {"digest": Digest::of(&before).to_string(), "size": before.len()},
            "reason": "leaked a key",
        })
    );
    assert_eq!(team.tail("catalog"), "2: a redacted to 1.0.0");
    let rows = team.file("api/prompts/a/versions.json").unwrap();
    assert_eq!(rows["versions"][1]["state"], json!("redacted"));
    assert_eq!(rows["versions"][1].get("template"), None);

    // A redaction is written once and never changes.
    let redacted = team.registry.clone().unwrap()["api/prompts/a/versions/1.0.0.json"].clone();
    team.write("a/prompt.yaml", "redacted: {1.0.0: leaked the key}\n").publish();
    assert_eq!(team.registry.as_ref().unwrap()["api/prompts/a/versions/1.0.0.json"], redacted);
    team.write("a/prompt.yaml", "title: A\n");
    assert_eq!(errors(&team.compile()), ["changed-version"]);
}

#[test]
fn a_redaction_that_no_list_names_yet_is_continued() {
    let path = "api/prompts/a/versions/1.0.0.json";
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n"), A1_LIVE]);
    team.publish();
    // A publication that ended after the redaction, and before the lists and pointers.
    let mut other = team.clone();
    let redacted = "redacted: {1.0.0: leaked a key}\n";
    other.remove("a/environments").write("a/prompt.yaml", redacted).publish();
    let redaction = other.registry.as_ref().unwrap()[path].clone();
    team.registry.as_mut().unwrap().insert(path.to_owned(), redaction.clone());

    // Without the state it would come back.
    assert_eq!(errors(&team.compile()), ["changed-version"]);
    // The reason of today does not change the redaction.
    team.remove("a/environments").write("a/prompt.yaml", "redacted: {1.0.0: a leak}\n").publish();
    assert_eq!(team.registry.as_ref().unwrap()[path], redaction);
    let rows = team.file("api/prompts/a/versions.json").unwrap();
    assert_eq!(rows["versions"][1]["digest"], json!(Digest::of(&redaction).to_string()));
    assert_eq!(team.tail("catalog"), "2: a redacted to 1.0.0");
}

#[test]
fn a_redaction_of_the_size_of_its_document_is_one_as_well() {
    let path = "api/prompts/a/versions/1.0.0.json";
    let long = "Hello. ".repeat(100);
    let mut team = Team::new(&[
        ("a/v1.0.0/system_prompt.txt", &long),
        ("a/v1.1.0/system_prompt.txt", "Hi.\n"),
    ]);
    team.publish();
    let size = team.registry.as_ref().unwrap()[path].len();
    let redact = |reason: usize| {
        let mut other = team.clone();
        let state = format!("redacted: {{1.0.0: {}}}\n", "x".repeat(reason));
        other.write("a/prompt.yaml", &state).publish();
        other.registry.unwrap()[path].clone()
    };
    let redaction = redact(1 + size - redact(1).len());
    assert_eq!(redaction.len(), size);

    // A publication that ended before the lists: they still name the document.
    team.registry.as_mut().unwrap().insert(path.to_owned(), redaction.clone());
    assert_eq!(errors(&team.compile()), ["changed-version"]);
    team.write("a/prompt.yaml", "redacted: {1.0.0: a leak}\n").publish();
    assert_eq!(team.registry.as_ref().unwrap()[path], redaction);
    assert_eq!(team.tail("catalog"), "2: a redacted to 1.0.0");
    let rows = team.file("api/prompts/a/versions.json").unwrap();
    assert_eq!(rows["versions"][1]["digest"], json!(Digest::of(&redaction).to_string()));
}

#[test]
fn a_redaction_of_something_else_is_damage() {
    let path = "api/prompts/a/versions/1.0.0.json";
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n")]);
    team.publish();
    let original = team.registry.as_ref().unwrap()[path].clone();
    team.write("a/prompt.yaml", "redacted: {1.0.0: a leak}\n");
    let mut redacted = team.clone();
    redacted.publish();
    let redaction = redacted.registry.as_ref().unwrap()[path].clone();
    let damage = |team: &Team, bytes: &[u8]| {
        let mut team = team.clone();
        team.registry.as_mut().unwrap().insert(path.to_owned(), bytes.to_owned());
        let contents =
            team.tree.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
        let tree = Tree::in_memory(contents.collect::<Contents>());
        compile(&tree, team.registry.as_ref())
            .map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(damage(&team, &redaction), "");
    let text = String::from_utf8(redaction).unwrap();
    for (other, problem) in [
        (text.replace(&Digest::of(&original).hex(), &Digest::of(b"").hex()), "(`replaced`)"),
        (text.replace("\"version\":\"1.0.0\"", "\"version\":\"1.1.0\""), "(`replaced`)"),
        (text.replace("\"kind\":\"redacted\"", "\"kind\":\"removed\""), "its digest"),
    ] {
        let told = damage(&team, other.as_bytes());
        assert!(told.starts_with(&format!("`{path}` ")) && told.ends_with(problem), "{told}");
    }
    // What is redacted stays so: neither the text nor another redaction comes in its place.
    let other = text.replace("a leak", "a joke");
    for bytes in [original.as_slice(), other.as_bytes()] {
        assert_eq!(damage(&redacted, bytes), format!("`{path}` does not match its digest"));
    }
}

#[test]
fn nothing_includes_a_version_that_was_redacted_whatever_its_files_say() {
    let include = "{% include \"a@1.0.0\" %}\n";
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n")]);
    team.publish();
    team.write("a/prompt.yaml", "redacted: {1.0.0: a leak}\n").publish();
    // Somebody takes the state away, and includes the text.
    team.write("a/prompt.yaml", "title: A\n").write("c/v1.0.0/system_prompt.txt", include);
    let found = team.compile();
    assert_eq!(errors(&found), ["changed-version", "invalid-include"]);
    assert_eq!(found.findings[1].message, "`a@1.0.0` is redacted");
}

#[test]
fn a_yanked_version_gets_no_new_pointer_and_keeps_its_old_ones() {
    let live = ("a/environments/production.yaml", "version: 1.0.0\n");
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n"), live]);
    team.publish();
    team.write("a/prompt.yaml", "yanked: {1.0.0: wrong shop}\n");
    let codes: Vec<&str> = team.compile().findings.iter().map(|f| f.rule.code).collect();
    assert_eq!(codes, ["deprecated-pointer"]);
    team.write("a/environments/staging.yaml", "version: 1.0.0\n");
    assert_eq!(errors(&team.compile()), ["yanked-pointer"]);

    // A yanked arm must not get a larger share.
    let arms = |a: u8, b: u8| {
        format!(
            "rollout: {{arms: [{{key: a, version: 1.1.0, weight: {a}}}, {{key: b, version: 1.0.0, weight: {b}}}]}}\n"
        )
    };
    let path = "a/environments/production.yaml";
    let mut team = Team::new(&[A1, ("a/v1.1.0/system_prompt.txt", "Hi.\n"), (path, &arms(90, 10))]);
    team.publish();
    team.write("a/prompt.yaml", "yanked: {1.0.0: wrong shop}\n");
    for (pointer, expected) in [
        (arms(95, 5), vec![]),
        (arms(80, 20), vec!["yanked-pointer"]),
        ("version: 1.0.0\n".to_owned(), vec!["yanked-pointer"]),
    ] {
        team.write(path, &pointer);
        assert_eq!(errors(&team.compile()), expected, "{pointer}");
    }
}

#[test]
fn a_new_version_includes_nothing_yanked_however_deep() {
    let mut team = Team::new(&[A1, ("b/v1.0.0/system_prompt.txt", "{% include \"a@1.0.0\" %}\n")]);
    team.publish();
    team.write("a/prompt.yaml", "yanked: {1.0.0: wrong shop}\n");
    team.write("c/v1.0.0/system_prompt.txt", "{% include \"b@1.0.0\" %}\n");
    let found = team.compile();
    assert_eq!(errors(&found), ["yanked-include"]);
    assert_eq!(found.findings[0].message, "`b@1.0.0` includes the yanked `a@1.0.0`: wrong shop");
}

#[test]
fn a_promotion_keeps_the_callers_of_production() {
    let required = r#"{"variables": {"name": "string"}}"#;
    let mut team = Team::new(&[
        A1,
        A1_LIVE,
        ("a/v1.1.0/system_prompt.txt", "Hi {{ name or 'you' }}.\n"),
        ("a/v1.1.0/metadata.json", r#"{"variables": [{"name": "name", "required": false}]}"#),
        ("a/v2.0.0/system_prompt.txt", "Hi {{ name }}.\n"),
        ("a/v2.0.0/metadata.json", required),
    ]);
    team.publish();
    let mut found = |pointer: &str| {
        team.write("a/environments/production.yaml", pointer);
        let codes = errors(&team.compile()).join(", ");
        if codes.is_empty() {
            team.publish();
        }
        codes
    };
    assert_eq!(found("version: 2.0.0\n"), "breaking-promotion");
    assert_eq!(found("version: 1.1.0\n"), "");
    // Apps that already send `name` are not broken by a rollback.
    assert_eq!(found("version: 1.0.0\n"), "");
    assert_eq!(found("tracks: {\"1\": 1.0.0, \"2\": 2.0.0}\n"), "");
    // Track 1 is in use.
    let both = "breaking-promotion, breaking-promotion";
    assert_eq!(found("tracks: {\"2\": 2.0.0}\n"), both);
    assert_eq!(found("version: 1.1.0\n"), "breaking-promotion");
    // A prompt may be removed.
    team.remove("a/environments/");
    assert_eq!(errors(&team.compile()), [""; 0]);
}

#[test]
fn callers_without_a_track_are_not_broken_by_a_lower_one() {
    let metadata = |name: &str| format!(r#"{{"variables": {{"{name}": "string"}}}}"#);
    let mut team = Team::new(&[
        ("a/v1.0.0/system_prompt.txt", "Hi {{ old }}.\n"),
        ("a/v1.0.0/metadata.json", &metadata("old")),
        ("a/v2.0.0/system_prompt.txt", "Hi {{ new }}.\n"),
        ("a/v2.0.0/metadata.json", &metadata("new")),
        ("a/environments/production.yaml", "version: 2.0.0\n"),
    ]);
    team.publish();
    team.write("a/environments/production.yaml", "tracks: {\"1\": 1.0.0, \"2\": 2.0.0}\n");
    let found = team.compile();
    assert_eq!(errors(&found), ["breaking-promotion"]);
    assert_eq!(
        found.findings[0].help.as_deref(),
        Some("serve a version that is compatible with 2.0.0")
    );
}

#[test]
fn the_only_environment_serves_the_highest_version_unless_it_breaks_callers() {
    let mut team = Team::new(&[A1, ("registry.yaml", "environments: [live]\n")]);
    team.publish();
    team.write("a/v2.0.0/system_prompt.txt", "Hi {{ name }}.\n");
    team.write("a/v2.0.0/metadata.json", r#"{"variables": {"name": "string"}}"#);
    assert_eq!(errors(&team.compile()), ["breaking-promotion"]);
    team.write("a/environments/live.yaml", "tracks: {\"1\": 1.0.0, \"2\": 2.0.0}\n").publish();
}

#[test]
fn pointers_in_metadata_are_held_to_the_same_rules() {
    let production = r#"{"environment": "production"}"#;
    let mut team = Team::new(&[A1, ("a/v1.0.0/metadata.json", production)]);
    team.publish();
    assert_eq!(team.tail("production"), "1: a promoted to 1.0.0");
    // Published files can no longer be corrected, so there is no finding.
    assert!(team.compile().findings.is_empty());
    // If two versions claimed an environment, there would be no pointer.
    team.write("a/v1.1.0/system_prompt.txt", "Hi.\n").write("a/v1.1.0/metadata.json", production);
    assert_eq!(errors(&team.compile()), ["pointer-in-metadata"]);

    let mut team = Team::new(&[A1, A1_LIVE]);
    team.publish();
    team.remove("a/environments/").write("a/v1.1.0/system_prompt.txt", "Hi.\n");
    team.write("a/v1.1.0/metadata.json", production);
    team.write("a/prompt.yaml", "yanked: {1.1.0: wrong shop}\n");
    assert_eq!(errors(&team.compile()), ["yanked-pointer"]);
}

#[test]
fn a_prompt_without_versions_is_nothing_yet() {
    let mut team = Team::new(&[A1]);
    team.publish();
    let before = team.registry.clone();
    team.write("soon/prompt.yaml", "title: Soon\n").publish();
    assert!(team.registry == before);
    team.remove("soon/").publish();
}

#[test]
fn a_chain_is_never_forked() {
    let mut team = Team::new(&[A1]);
    team.publish();
    let first = team.registry.clone().unwrap();
    team.write("a/v1.1.0/system_prompt.txt", "Hi.\n").publish();
    let second = team.registry.clone().unwrap();
    // A run was interrupted before the pointers: the files it published are valid.
    let files = team.registry.as_mut().unwrap();
    for pointer in ["api/environments/catalog.json", "api/environments/dev.json"] {
        files.insert(pointer.to_owned(), first[pointer].clone());
    }
    team.publish();
    assert!(team.registry.as_ref() == Some(&second), "the pointers are rolled forward");

    let damaged = |change: &dyn Fn(&mut Files)| {
        let mut files = second.clone();
        change(&mut files);
        let contents: Contents = [(A1.0.to_owned(), A1.1.into())].into();
        let compiled = compile(&Tree::in_memory(contents), Some(&files));
        compiled.map_or_else(|damage| damage.to_string(), |_| String::new())
    };
    let release = "api/environments/dev/releases/2.json";
    assert_eq!(
        damaged(&|files| drop(files.remove("api/environments/dev.json"))),
        "`api/environments/dev.json` is missing, but its releases exist"
    );
    assert_eq!(
        damaged(&|files| drop(files.remove(release))),
        format!("`{release}` is missing, but `api/environments/dev.json` has its content")
    );
    assert_eq!(
        damaged(&|files| {
            let text = String::from_utf8(files[release].clone()).unwrap();
            let other = text.replace("\"sequence\":2", "\"sequence\":3").into_bytes();
            files.insert("api/environments/dev/releases/3.json".to_owned(), other);
        }),
        "`api/environments/dev/releases/3.json` does not follow `api/environments/dev/releases/2.json`"
    );
    assert_eq!(
        damaged(&|files| {
            for path in [release, "api/environments/dev.json"] {
                let text = String::from_utf8(files[path].clone()).unwrap();
                let text = text.replace("\"sequence\":2", "\"sequence\":18446744073709551615");
                files.insert(path.to_owned(), text.into_bytes());
            }
        }),
        "`api/environments/dev.json` has the wrong sequence number 18446744073709551615"
    );
}

#[test]
fn an_environment_that_is_no_more_serves_nothing_and_its_chain_goes_on() {
    let mut team = Team::new(&[A1, A1_LIVE]);
    team.publish();
    team.write("registry.yaml", "environments: [dev, live]\n").remove("a/environments");
    assert_eq!(errors(&team.compile()), ["removed-environment"]);
    let policy =
        "allow: [{check: removed-environment, path: registry.yaml, reason: it is live now}]\n";
    team.write("policy.yaml", policy).publish();
    assert_eq!(team.tail("production"), "2: a retired from 1.0.0");
    assert_eq!(team.file("api/prompts/a/latest/production.json"), None);
    assert_eq!(team.tail("live"), "1: ");
    team.remove("policy.yaml").publish();
    assert_eq!(team.tail("production"), "2: a retired from 1.0.0");
    team.remove("registry.yaml").write(A1_LIVE.0, A1_LIVE.1).publish();
    assert_eq!(team.tail("production"), "3: a promoted to 1.0.0");
}

#[test]
fn a_version_is_served_since_it_was_published() {
    let mut team = Team::new(&[A1, A1_LIVE]);
    let publish = |team: &mut Team, time: &str| {
        let contents: Contents = team
            .tree
            .iter()
            .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
            .collect();
        let publisher = Publisher { time: time.parse().ok(), ..Publisher::default() };
        let output = Output { publisher: Some(&publisher), ..Output::default() };
        let tree = Tree::in_memory(contents);
        team.registry = Some(compile_with(&tree, team.registry.as_ref(), &output).unwrap().files);
        let files = team.registry.clone().unwrap().into_iter();
        let files = files.map(|(path, bytes)| (RegistryPath::parse(&path).unwrap(), bytes));
        PreviousRegistry::in_memory(files.collect::<BTreeMap<_, _>>()).unwrap()
    };
    let since = |registry: &PreviousRegistry, version: &str| {
        let (environment, name) = ("production".parse().unwrap(), "a".parse().unwrap());
        let read = |path: &RegistryPath| registry.read(path);
        let steps = registry
            .published
            .serving_steps(&environment, &name, &version.parse().unwrap(), read)
            .unwrap();
        let shown = steps.iter().map(|step| {
            let since = step.since.as_ref().unwrap();
            format!("{} in {}: {}", step.buckets, since.release.unwrap(), since.time)
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    publish(&mut team, "2026-03-01T00:00:00Z");
    team.write("a/v1.1.0/system_prompt.txt", "Hello!\n");
    publish(&mut team, "2026-03-02T00:00:00Z");
    team.write(A1_LIVE.0, "version: 1.1.0\n");
    let registry = publish(&mut team, "2026-03-03T00:00:00Z");
    assert_eq!(since(&registry, "1.1.0"), "10000 in 2: 2026-03-03T00:00:00Z");
    assert_eq!(since(&registry, "1.0.0"), "");
    team.write(A1_LIVE.0, A1_LIVE.1);
    let registry = publish(&mut team, "2026-03-01T00:00:00Z");
    assert_eq!(since(&registry, "1.0.0"), "10000 in 3: 2026-03-03T00:00:00Z");
    let canary = "rollout: {experiment: e, arms: [{key: a, version: 1.0.0, weight: 99}, {key: b, version: 1.1.0, weight: 1}]}\n";
    team.write(A1_LIVE.0, canary);
    publish(&mut team, "2026-03-04T00:00:00Z");
    team.write("b/v1.0.0/system_prompt.txt", "Other.\n")
        .write("b/environments/production.yaml", "version: 1.0.0\n");
    publish(&mut team, "2026-03-05T00:00:00Z");
    team.write(A1_LIVE.0, &canary.replace("99", "80").replace("weight: 1}", "weight: 20}"));
    let registry = publish(&mut team, "2026-03-06T00:00:00Z");
    assert_eq!(
        since(&registry, "1.1.0"),
        "100 in 4: 2026-03-04T00:00:00Z, 2000 in 6: 2026-03-06T00:00:00Z"
    );
    assert_eq!(
        since(&registry, "1.0.0"),
        "10000 in 3: 2026-03-03T00:00:00Z, 9900 in 4: 2026-03-04T00:00:00Z, 8000 in 6: 2026-03-06T00:00:00Z"
    );
}

#[test]
fn a_release_names_the_rules_that_were_in_force() {
    let mut team = Team::new(&[A1]);
    team.publish();
    let rules = |team: &Team| team.file("api/environments/dev.json").unwrap()["policy"].clone();
    assert_eq!(rules(&team), Value::Null);

    let policy = "teams: {a: {people: [ana@example.com, '@ana'], owns: ['**'], may: [create]}}\n";
    team.write("policy.yaml", policy).publish();
    // The rules alone make no release.
    assert_eq!(
        (team.tail("dev"), rules(&team)),
        ("1: a promoted to 1.0.0".to_owned(), Value::Null)
    );
    team.write("a/v1.1.0/system_prompt.txt", "Hello!\n").publish();
    let files = team.registry.clone().unwrap();
    let first = rules(&team);
    let copy = |rules: &Value, files: &Files| {
        let digest: Digest = rules["digest"].as_str().unwrap().parse().unwrap();
        files[&RegistryPath::Snapshot(digest).to_string()].clone()
    };
    assert_eq!(copy(&first, &files), files["api/policy.json"]);
    // Nothing was judged, so there is no verdict.
    assert_eq!(first, json!(Blob::of(&files["api/policy.json"])));
    assert_eq!(team.file("api/environments/catalog.json").unwrap()["policy"], first);

    // The registry publishes less of people, and other rules: what was in force stays.
    team.write("registry.yaml", "people: name\n").publish();
    team.write("a/v1.2.0/system_prompt.txt", "Hi!\n").publish();
    let files = team.registry.clone().unwrap();
    let second = rules(&team);
    assert_eq!(copy(&second, &files), files["api/policy.json"]);
    let text = |rules: &Value| String::from_utf8(copy(rules, &files)).unwrap();
    assert!(text(&first).contains(r#""people":["ana@example.com","@ana"]"#));
    assert!(text(&second).contains(r#""people":["@ana"]"#));

    team.remove("policy.yaml").write("a/v1.3.0/system_prompt.txt", "Ho!\n").publish();
    assert_eq!(rules(&team), Value::Null);
}

#[test]
fn a_published_registry_that_is_damaged_is_named() {
    let mut team = Team::new(&[A1]);
    team.publish();
    let damage = |change: &dyn Fn(&mut Files)| {
        let mut files = team.registry.clone().unwrap();
        change(&mut files);
        let contents: Contents = [(A1.0.to_owned(), A1.1.into())].into();
        match compile(&Tree::in_memory(contents), Some(&files)) {
            Ok(_) => String::new(),
            Err(damage) => damage.to_string(),
        }
    };
    let document = "api/prompts/a/versions/1.0.0.json";
    assert_eq!(
        damage(&|files| files.get_mut(document).unwrap()[30] ^= 1),
        format!("`{document}` does not match its digest")
    );
    assert_eq!(damage(&|files| drop(files.remove(document))), format!("`{document}` is missing"));
    let pointer = "api/environments/catalog.json";
    assert_eq!(
        damage(&|files| files.retain(|path, _| !path.starts_with("api/environments/catalog"))),
        format!("`{pointer}` is missing")
    );
    let other = team.registry.clone().unwrap()["api/environments/dev.json"].clone();
    assert_eq!(
        damage(&|files| drop(files.insert(pointer.to_owned(), other.clone()))),
        format!("`{pointer}` belongs to the environment `dev`")
    );
    let found = damage(&|files| files.retain(|path, _| !path.starts_with("api/snapshots/")));
    assert!(found.starts_with("`api/snapshots/") && found.ends_with("is missing"), "{found}");
}

/// One edit of a tree of three prompts, valid or not.
fn edit() -> impl Strategy<Value = (usize, u8, u8)> {
    (0..3_usize, 0..6_u8, 0..4_u8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// After any edits, immutable files keep their bytes, sequences only grow, and a chain grows
    /// exactly when its targets change.
    #[test]
    fn what_is_published_stays(edits in prop::collection::vec(edit(), 1..12)) {
        let mut team = Team::new(&[A1, B1, ("c/v1.0.0/system_prompt.txt", "{% include \"a@1.0.0\" %}\n")]);
        team.publish();
        for (prompt, kind, number) in edits {
            let name = ["a", "b", "c"][prompt];
            let version = format!("1.{number}.0");
            let mut next = team.clone();
            match kind {
                0 | 1 => next.write(&format!("{name}/v{version}/system_prompt.txt"), &format!("Text {number}.\n")),
                2 => next.write(&format!("{name}/environments/production.yaml"), &format!("version: {version}\n")),
                3 => next.write(&format!("{name}/prompt.yaml"), &format!("deprecated: {{{version}: old}}\n")),
                4 => next.remove(&format!("{name}/environments/")),
                _ => next.write(&format!("{name}/prompt.yaml"), &format!("redacted: {{{version}: leak}}\n")),
            };
            let compiled = next.compile();
            if !errors(&compiled).is_empty() {
                continue;
            }
            let old = team.registry.clone().unwrap();
            for (path, bytes) in &old {
                let address = RegistryPath::parse(path).unwrap();
                let now = compiled.files.get(path);
                match address {
                    RegistryPath::Version(..) if now != Some(bytes) => {
                        let now: Value = serde_json::from_slice(now.unwrap()).unwrap();
                        prop_assert_eq!(&now["kind"], "redacted");
                        prop_assert_eq!(&now["replaced"]["digest"], &json!(Digest::of(bytes).to_string()));
                    }
                    _ if address.class() == FileClass::Immutable => {
                        prop_assert_eq!(now, Some(bytes), "{}", path);
                    }
                    RegistryPath::Pointer(_) => {
                        let read = |bytes: &[u8]| -> promptdex_wire::Release {
                            promptdex_wire::json::read(bytes).unwrap()
                        };
                        let (before, after) = (read(bytes), read(now.unwrap()));
                        if before.snapshot == after.snapshot {
                            prop_assert_eq!(before, after);
                        } else {
                            prop_assert_eq!(after.sequence, before.sequence + 1);
                            prop_assert_eq!(after.previous, Some(Digest::of(bytes)));
                            prop_assert!(after.changes.is_some());
                        }
                    }
                    _ => {}
                }
            }
            next.registry = Some(compiled.files);
            let again = next.compile();
            prop_assert!(Some(&again.files) == next.registry.as_ref(), "a second build differs");
            team = next;
        }
    }
}
