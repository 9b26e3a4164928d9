//! Tests the rules of the published format that are easiest to get wrong.

use std::collections::BTreeSet;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::tree::Contents;
use promptdex_ops::tree::Tree;
use serde_json::{Value, json};

use crate::compiled::{self, CompiledTree};

fn compile(files: &[(&str, &str)]) -> CompiledTree {
    let contents: Contents =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    compiled::compile(&Tree::in_memory(contents), None).unwrap()
}

fn codes(compiled: &CompiledTree) -> Vec<&str> {
    compiled.findings.iter().map(|finding| finding.rule.code).collect()
}

fn read(compiled: &CompiledTree, path: &str) -> Option<Value> {
    compiled.files.get(path).map(|bytes| serde_json::from_slice(bytes).unwrap())
}

const TEXT: (&str, &str) = ("a/v1.0.0/system_prompt.txt", "Hello.\n");

#[test]
fn of_a_redacted_version_nothing_but_its_digest_is_published() {
    let files = [
        (
            "a/v1.0.0/messages.yaml",
            "- role: system\n  content:\n    - {type: text, text: \"{{ leak }}\"}\n    - {type: image, file: files/x.png, media_type: image/png}\n",
        ),
        ("a/v1.0.0/files/x.png", "leaked pixels"),
        (
            "a/v1.0.0/metadata.json",
            r#"{"description": "key is hunter2", "model": "m", "tags": ["t"], "created_by": "ana"}"#,
        ),
        ("a/cases/1.0.0.yaml", "- name: hunter2\n"),
        ("a/v1.1.0/system_prompt.txt", "Hello.\n"),
        ("a/prompt.yaml", "redacted: {1.0.0: leaked a key}\n"),
    ];
    let compiled = compile(&files);
    assert_eq!(codes(&compiled), [""; 0]);
    for (path, bytes) in &compiled.files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("hunter2") && !text.contains("leaked pixels"), "{path}: {text}");
    }
    let document = read(&compiled, "api/prompts/a/versions/1.0.0.json").unwrap();
    assert_eq!(
        (&document["kind"], &document["reason"]),
        (&json!("redacted"), &json!("leaked a key"))
    );
    let rows = read(&compiled, "api/prompts/a/versions.json").unwrap();
    assert_eq!(rows["versions"][1]["state"], json!("redacted"));
    assert_eq!(rows["versions"][1].get("description"), None);

    // No pointer serves a redacted version, and versions that include it are redacted as well.
    let mut served = files.to_vec();
    served.push(("a/environments/production.yaml", "version: 1.0.0\n"));
    assert_eq!(codes(&compile(&served)), ["yanked-pointer"]);
    let including = [
        ("a/v1.0.0/system_prompt.txt", "Hello.\n"),
        ("a/prompt.yaml", "redacted: {1.0.0: leaked}\n"),
        ("b/v1.0.0/system_prompt.txt", "{% include \"a@1.0.0\" %}\n"),
    ];
    assert_eq!(codes(&compile(&including)), ["invalid-include"]);
    let mut both = including.to_vec();
    both.push(("b/prompt.yaml", "redacted: {1.0.0: includes a}\n"));
    assert_eq!(codes(&compile(&both)), [""; 0]);
}

#[test]
fn a_yanked_version_goes_on_being_served_when_the_team_accepts_it() {
    let files = [
        TEXT,
        ("a/prompt.yaml", "yanked: {1.0.0: wrong shop}\n"),
        ("a/environments/production.yaml", "version: 1.0.0\n"),
    ];
    assert_eq!(codes(&compile(&files)), ["yanked-pointer"]);
    let mut accepted = files.to_vec();
    accepted.push((
        "policy.yaml",
        "allow: [{check: yanked-pointer, path: \"a/**\", reason: until monday}]\n",
    ));
    let compiled = compile(&accepted);
    assert_eq!(codes(&compiled), [""; 0]);
    assert!(read(&compiled, "api/prompts/a/latest/production.json").is_some());
    assert!(read(&compiled, "api/prompts/a/latest/dev.json").is_none());
}

#[test]
fn metadata_is_a_pointer_only_where_it_is_unambiguous() {
    let served = |metadata: &str, more: &[(&str, &str)]| {
        let mut files = vec![
            TEXT,
            ("a/v1.0.0/metadata.json", metadata),
            ("registry.yaml", "aliases: {prod: production}\n"),
        ];
        files.extend_from_slice(more);
        let versions = read(&compile(&files), "api/prompts/a/versions.json").unwrap();
        versions["pointers"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(served(r#"{"environment": "production"}"#, &[]), "dev production");
    assert_eq!(served(r#"{"status": "prod"}"#, &[]), "dev production");
    assert_eq!(served(r#"{"environment": "prod", "status": "production"}"#, &[]), "dev production");
    assert_eq!(served(r#"{"environment": "staging", "status": "production"}"#, &[]), "dev");
    assert_eq!(served(r#"{"environment": "qa", "status": "production"}"#, &[]), "dev");
    assert_eq!(served(r#"{"status": "draft"}"#, &[]), "dev");
    let readme = ("a/environments/README.md", "Ask Ana.\n");
    assert_eq!(served(r#"{"environment": "production"}"#, &[readme]), "dev");
    let second = [
        ("a/v1.1.0/system_prompt.txt", "Hi.\n"),
        ("a/v1.1.0/metadata.json", r#"{"environment": "production"}"#),
    ];
    assert_eq!(served(r#"{"environment": "production"}"#, &second), "dev");
}

#[test]
fn environments_that_are_none_are_named_once() {
    let environments = |list: &str| {
        let text = format!("environments: {list}\n");
        let compiled = compile(&[TEXT, ("registry.yaml", &text)]);
        let messages = compiled.findings.iter().map(|finding| finding.message.clone());
        messages.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(environments("[]"), "`environments` must list at least one environment");
    assert_eq!(environments("[dev, dev]"), "duplicate environment `dev`");
    assert!(!environments("[Dev]").contains("at least one"), "{}", environments("[Dev]"));
}

#[test]
fn the_first_environment_serves_the_highest_release() {
    let files = [
        TEXT,
        ("a/v1.10.0/system_prompt.txt", "Hi.\n"),
        ("a/v1.9.0/system_prompt.txt", "Hi.\n"),
        ("a/v1.10.0/metadata.json", r#"{"description": "a tenth"}"#),
        ("a/v1.11.0-rc.1/system_prompt.txt", "Hi.\n"),
        ("a/v1.12.0/system_prompt.txt", "Hi.\n"),
        ("a/prompt.yaml", "yanked: {1.12.0: no}\n"),
    ];
    let compiled = compile(&files);
    assert_eq!(
        read(&compiled, "api/prompts/a/latest/dev.json").unwrap()["version"],
        json!("1.10.0")
    );
    assert_eq!(
        read(&compiled, "api/prompts/a/latest/dev/1.json").unwrap()["version"],
        json!("1.10.0")
    );
    assert_eq!(
        read(&compiled, "api/catalog.json").unwrap()["prompts"][0]["highest"],
        json!("1.10.0")
    );
}

#[test]
fn sensitive_values_are_nowhere() {
    let compiled = compile(&[
        ("a/v1.0.0/system_prompt.txt", "Hi {{ name }}, {{ shop }}.\n"),
        (
            "a/v1.0.0/metadata.json",
            r#"{"variables": [{"name": "name", "sensitive": true}, {"name": "shop"}]}"#,
        ),
        (
            "a/cases/1.0.0.yaml",
            "- name: one\n  variables: {name: hunter2, shop: Acme}\n  expect: {equals: \"Hi hunter2, Acme.\"}\n",
        ),
    ]);
    assert_eq!(codes(&compiled), [""; 0]);
    let cases = read(&compiled, "api/prompts/a/cases/1.0.0.json").unwrap();
    assert_eq!(
        cases["cases"],
        json!([{"name": "one", "variables": {"name": "***", "shop": "Acme"}, "tokens": 3}])
    );
    assert!(
        compiled.files.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("hunter2"))
    );
}

#[test]
fn what_is_absent_is_left_out() {
    let compiled = compile(&[
        TEXT,
        (
            "a/v1.0.0/metadata.json",
            r#"{"parameters": null, "metadata": null, "variables": [], "tags": []}"#,
        ),
        ("a/v1.0.0/examples.json", "[]"),
    ]);
    assert_eq!(codes(&compiled), [""; 0]);
    let document = read(&compiled, "api/prompts/a/versions/1.0.0.json").unwrap();
    let keys: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        [
            "format",
            "id",
            "kind",
            "messages",
            "name",
            "registry",
            "source_digest",
            "system_prompt",
            "template",
            "version"
        ]
    );
    let release = read(&compiled, "api/environments/production.json").unwrap();
    assert_eq!(release.get("changes"), None);
}

#[test]
fn authors_json_keeps_its_order_and_digits() {
    let compiled = compile(&[
        TEXT,
        (
            "a/v1.0.0/metadata.yaml",
            "parameters: {top_p: 0.90, b: 1e5, a: [1.50, \"é\"], n: null}\n",
        ),
        (
            "a/v1.0.0/response_schema.json",
            "{ \"type\": \"object\",\n \"required\": [], \"x-n\": 1.0 }",
        ),
    ]);
    let text =
        String::from_utf8_lossy(&compiled.files["api/prompts/a/versions/1.0.0.json"]).into_owned();
    assert!(
        text.contains(r#""response_schema":{"type":"object","required":[],"x-n":1.0}"#),
        "{text}"
    );
    assert!(
        text.contains(r#""parameters":{"top_p":0.90,"b":1e5,"a":[1.50,"é"],"n":null}"#),
        "{text}"
    );
}

#[test]
fn nothing_is_lost_in_silence() {
    for (file, text, code) in [
        ("a/v1.0.0/examples.json", r#"[{"inptu": "a", "output": "b"}]"#, "missing-key"),
        ("a/v1.0.0/files/key.md", "postgres://ana:hunter22@db.example.com/", "secret"),
        ("a/prompt.yaml", "description: postgres://ana:hunter22@db.example.com/", "secret"),
        (
            "a/v1.0.0/metadata.json",
            r#"{"description": "\u0070ostgres://ana:hunter22@db.example.com/"}"#,
            "secret",
        ),
        (
            "a/v1.0.0/examples.json",
            r#"[{"input": "\u202e", "output": "b"}]"#,
            "invisible-character",
        ),
        ("a/v1.0.0/metadata.json", "{\"description\": \"a\u{7}\"}", "invalid-json"),
        ("a/v1.0.0/metadata.json", "{\u{a0}}", "invalid-json"),
        ("a/environments/production.yaml", "version: 1.05\n", "version-spelling"),
        ("a/environments/production.yaml", "version: 1\n", "version-spelling"),
        ("a/v1.0.0/files/b\nc", "x", "invalid-name"),
        ("a/.git", "gitdir: ../.git/modules/a", "not-a-file"),
        ("a/v1.0.0/metdata.json", "{}", "unknown-file"),
    ] {
        let policy = "checks: {unknown-file: warn, unknown-key: off, version-spelling: warn, missing-key: off}\n";
        for more in [None, Some(("policy.yaml", policy))] {
            let mut files = vec![TEXT, (file, text)];
            files.extend(more);
            let compiled = compile(&files);
            let found = compiled.findings.iter().any(|f| {
                f.rule.code == code && f.severity == promptdex_core::rules::Severity::Error
            });
            assert!(found, "{file} {text:?} with {more:?}: {:?}", codes(&compiled));
        }
    }
}

#[test]
fn names_that_some_file_system_cannot_hold_are_refused() {
    let long = ["a", "b", "c"].map(|letter| letter.repeat(59)).join("/");
    let text = |folder: &str| format!("{folder}/system_prompt.txt");
    let (path, limit) =
        (text(&format!("{long}/v1.0.0")), text(&format!("{long}/v1.0.0-{}", "x".repeat(28))));
    let passed = text(&format!("{long}/v1.0.0-{}", "x".repeat(29)));
    let major = text(&format!("{long}/v900000000000.0.0"));
    let registry = |environment: &str| format!("environments: [dev, {environment}]\n");
    let (longest, shorter) = (registry(&"e".repeat(32)), registry(&"e".repeat(23)));
    let device = "a reserved device name on Windows";
    for (file, text, registry, expected) in [
        (
            "aux/v1.0.0/system_prompt.txt",
            "Hi.",
            "",
            vec![format!("invalid-name aux: `aux` is {device}")],
        ),
        (
            "b/lpt0/v1.0.0/system_prompt.txt",
            "Hi.",
            "",
            vec![format!("invalid-name b/lpt0: `lpt0` is {device}")],
        ),
        (
            "b/environments/com0.yaml",
            "version: 1.0.0",
            "",
            vec![format!("invalid-name b/environments/com0.yaml: `com0.yaml` is {device}")],
        ),
        (
            "b/results/1.0.0/PRN.json",
            "{}",
            "",
            vec![format!("invalid-name b/results/1.0.0/PRN.json: `PRN.json` is {device}")],
        ),
        (
            "b/v1.0.0/files/Con/x.txt",
            "Hi.",
            "",
            vec![
                "missing-text b/v1.0.0: version 1.0.0 has no prompt text".to_owned(),
                format!("invalid-name b/v1.0.0/files/Con/x.txt: `Con` is {device}"),
            ],
        ),
        (
            "policy.yaml",
            "",
            "environments: [dev, nul]",
            vec![format!("invalid-value registry.yaml: `nul` is {device}")],
        ),
        (
            "policy.yaml",
            "",
            "registry: con",
            vec![format!("invalid-value registry.yaml: `con` is {device}")],
        ),
        (
            "policy.yaml",
            "",
            "bundles: {lpt9: [\"**\"]}",
            vec![format!("invalid-value registry.yaml: `lpt9` is {device}")],
        ),
        (path.as_str(), "Hi.", "", vec![]),
        (&limit, "Hi.", "", vec![]),
        (
            &passed,
            "Hi.",
            "",
            vec![format!(
                "path-length {}: the published path of `{long}` and version 1.0.0-{} has 241 bytes; the limit is 240",
                passed.trim_end_matches("/system_prompt.txt"),
                "x".repeat(29),
            )],
        ),
        (&major, "Hi.", &shorter, vec![]),
        (
            &major,
            "Hi.",
            &longest,
            vec![format!(
                "path-length {long}: the published path of `{long}`, `{}` and major version 900000000000 has 249 bytes; the limit is 240",
                "e".repeat(32),
            )],
        ),
    ] {
        let mut files = vec![(file, text), ("registry.yaml", registry)];
        files.retain(|(_, text)| !text.is_empty());
        let compiled = compile(&files);
        let found: Vec<String> = compiled
            .findings
            .iter()
            .map(|finding| format!("{} {}: {}", finding.rule.code, finding.path, finding.message))
            .collect();
        assert_eq!(found, expected, "{file} {registry}");
    }
}

#[test]
fn files_that_only_case_tells_apart_are_refused() {
    let compiled = compile(&[
        TEXT,
        ("a/v1.0.0/files/Rules.txt", "one"),
        ("a/v1.0.0/files/rules.txt", "two"),
        ("b/v1.0.0/system_prompt.txt", "Hi."),
        ("b/v1.0.0/files/a.txt", "one"),
        ("b/v1.0.0/files/b/A.txt", "two"),
    ]);
    let found: Vec<(&str, &str)> =
        compiled.findings.iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    let message = "`files/Rules.txt` and `files/rules.txt` differ only in case";
    assert_eq!(found, [("a/v1.0.0", message)]);
}

/// Texts of files that are published, with `¤` in each. Control characters cannot stand in YAML and JSON as
/// they are, so they are written with an escape there.
const PUBLISHED_TEXTS: [(&str, &str); 27] = [
    ("a/v1.0.0/system_prompt.txt", "Hello¤."),
    ("b/v1.0.0/messages.yaml", "- {role: system, content: \"a¤\"}"),
    ("b/v1.0.0/messages.yaml", "- {role: system, content: a, name: \"a¤\"}"),
    ("b/v1.0.0/messages.yaml", "- {role: system, content: a}\n- {placeholder: \"a¤\"}"),
    ("b/v1.0.0/messages.yaml", "- {role: system, content: a, metadata: {\"a¤\": 1}}"),
    ("a/v1.0.0/metadata.yaml", "description: \"a¤\""),
    ("a/v1.0.0/metadata.yaml", "created_by: \"a¤\""),
    ("a/v1.0.0/metadata.yaml", "tags: [\"a¤\"]"),
    ("a/v1.0.0/metadata.yaml", "model: \"a¤\""),
    ("a/v1.0.0/metadata.yaml", "origin: {system: \"a¤\"}"),
    ("a/v1.0.0/metadata.json", "{\"metadata\": {\"k¤\": \"a\"}}"),
    ("a/v1.0.0/metadata.json", "{\"parameters\": {\"stop\": [\"a¤\"]}}"),
    ("a/v1.0.0/examples.json", "[{\"input\": \"a¤\", \"output\": \"b\"}]"),
    ("a/v1.0.0/response_schema.json", "{\"description\": \"a¤\"}"),
    ("a/v1.0.0/tools.json", "[{\"name\": \"a¤\"}]"),
    ("a/prompt.yaml", "title: \"a¤\""),
    ("a/prompt.yaml", "description: \"a¤\""),
    ("a/prompt.yaml", "owners: [\"a¤\"]"),
    ("a/prompt.yaml", "tags: [\"a¤\"]"),
    ("a/prompt.yaml", "deprecated: {1.0.0: \"a¤\"}"),
    ("a/cases/1.0.0.yaml", "- {name: \"a¤\"}"),
    (
        "a/results/1.0.0/smoke.json",
        "{\"test_name\": \"smoke\", \"source\": \"a¤\", \"source_digest\": \"DIGEST\", \"passed\": 1, \"failed\": 0, \"tested_at\": \"2026-03-01T12:00:00Z\"}",
    ),
    ("c.md", "---\nversion: 1.0.0\ndescription: \"a¤\"\n---\n\nHello."),
    ("c.md", "---\nversion: 1.0.0\n---\n\nHello¤."),
    ("registry.yaml", "repository: {url: \"https://example.com\", branch: \"a¤\"}"),
    ("policy.yaml", "teams: {\"a¤\": {people: [ana], owns: [\"**\"], may: [create]}}"),
    (
        "policy.yaml",
        "promotion: {production: {freeze: [{from: 2026-04-01, until: 2026-04-03, reason: \"a¤\"}]}}",
    ),
];

#[test]
fn no_published_text_has_what_cannot_be_seen() {
    let digest = format!("sha256:{}", "0".repeat(64));
    for (file, text) in PUBLISHED_TEXTS {
        let is_plain_text = !text.contains('"') || file == "c.md" && text.contains("Hello¤");
        for (character, escape) in [
            ('\u{202e}', "\\u202e"),
            ('\u{2066}', "\\u2066"),
            ('\u{1b}', "\\u001b"),
            ('\u{9b}', "\\u009b"),
        ] {
            let raw = character.to_string();
            let is_readable = is_plain_text || !character.is_control();
            let spellings = [(is_readable, raw.as_str()), (!is_plain_text, escape)];
            for (_, spelling) in spellings.into_iter().filter(|(is_used, _)| *is_used) {
                let text = text.replace('¤', spelling).replace("DIGEST", &digest);
                let mut files = vec![(file, text.as_str())];
                files.extend(Some(TEXT).filter(|(path, _)| *path != file));
                let found: Vec<Diagnostic> = compile(&files)
                    .findings
                    .into_iter()
                    .filter(|finding| finding.rule.code == "invisible-character")
                    .collect();
                let [finding] = found.as_slice() else { panic!("{file} {text:?}: {found:?}") };
                assert_eq!(finding.path, file, "{text:?}");
                let place = finding.place.as_ref().unwrap();
                assert!(text[place.range.clone()].contains(spelling), "{file} {text:?}");
            }
        }
    }
}

#[test]
fn letters_with_marks_have_one_spelling_in_the_index() {
    let compiled = compile(&[
        ("a/v1.0.0/system_prompt.txt", "cafe\u{301}"),
        ("b/v1.0.0/system_prompt.txt", "caf\u{e9}"),
        ("c/v1.0.0/system_prompt.txt", "\u{1112}\u{1161}\u{11ab}"),
    ]);
    let shard = read(&compiled, "api/search/start.json").unwrap();
    assert_eq!(shard["terms"], json!({"caf\u{e9}": [0, 1], "\u{d55c}": [2]}));
    // What is published is what was written.
    let document = read(&compiled, "api/prompts/a/versions/1.0.0.json").unwrap();
    assert_eq!(document["system_prompt"], json!("cafe\u{301}"));
}

#[test]
fn results_of_other_files_are_not_published() {
    let result = |digest: &str| {
        format!(
            r#"{{"test_name": "smoke", "source_digest": "{digest}", "passed": 1, "failed": 0, "tested_at": "2026-03-01T12:00:00Z"}}"#
        )
    };
    let compiled = compile(&[TEXT]);
    let row = |compiled: &CompiledTree| {
        read(compiled, "api/prompts/a/versions.json").unwrap()["versions"][0].clone()
    };
    let own = row(&compiled)["source_digest"].as_str().unwrap().to_owned();
    let other = format!("sha256:{}", "0".repeat(64));
    for (digest, is_published) in [(own, true), (other, false)] {
        let compiled = compile(&[TEXT, ("a/results/1.0.0/smoke.json", &result(&digest))]);
        assert_eq!(codes(&compiled), [""; 0]);
        assert_eq!(row(&compiled)["results"].is_array(), is_published);
        let cases = read(&compiled, "api/prompts/a/cases/1.0.0.json");
        assert_eq!(cases.is_some(), is_published);
    }
}
