//! Files that are not UTF-8: every kind of file with damaged bytes, through every format of findings and the
//! commands that read trees. None of them ends in a panic, and what is damaged has a finding.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod session;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use session::Session;

/// The files of a tree, by paths below `prompts/`.
const TREE: [(&str, &str); 12] = [
    ("registry.yaml", "environments: [staging, production]\n"),
    ("policy.yaml", "max_versions: 100\n"),
    ("greeting/v1.0.0/system_prompt.txt", "Greet {{ name }}.\nBe kind.\n"),
    (
        "greeting/v1.0.0/metadata.json",
        "{\"description\": \"First\", \"variables\": {\"name\": \"string\"}}\n",
    ),
    (
        "greeting/v1.1.0/messages.yaml",
        "- role: system\n  content: Greet {{ name }}.\n- role: user\n  file: files/user.txt\n",
    ),
    ("greeting/v1.1.0/files/user.txt", "Hello, this is {{ name }}.\n"),
    ("greeting/v1.1.0/metadata.yaml", "description: Second\nvariables: {name: string}\n"),
    (
        "greeting/cases/1.0.0.yaml",
        "- name: Ana\n  variables: {name: Ana}\n  expect: {contains: [Ana]}\n",
    ),
    ("greeting/environments/staging.yaml", "version: 1.0.0\n"),
    ("greeting/prompt.yaml", "title: Greeting\nowners: [\"@ana\"]\n"),
    ("menu.md", "---\nversion: 1.0.0\n---\n\nRead the menu.\n"),
    ("notes.md", "Notes of the team.\n"),
];

/// Bytes that no text has, and how many of the file's own they take the place of.
const DAMAGE: [(&[u8], usize); 2] = [(b"\xe9", 1), (b"\xf0\x9f", 5)];

fn write_tree(root: &Path) {
    for (path, text) in TREE {
        let path = root.join("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn run(root: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.code().unwrap_or(-1), text)
}

#[test]
fn damaged_bytes_are_findings_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let root: PathBuf = folder.path().join("team");
    for (path, text) in TREE {
        for (at, (bytes, taken)) in DAMAGE.iter().enumerate() {
            write_tree(&root);
            // Within the text, and at its end.
            let start = [text.len() / 2, text.len() - taken][at];
            let end = (start + taken).min(text.len());
            let damaged = [&text.as_bytes()[..start], bytes, &text.as_bytes()[end..]].concat();
            fs::write(root.join("prompts").join(path), damaged).unwrap();
            for format in ["human", "short", "json", "github", "sarif", "junit"] {
                let (code, told) = run(&root, &["check", "--format", format]);
                assert!(
                    matches!(code, 0..=2),
                    "check --format {format} of {path} ended with {code}\n{told}"
                );
                // A page without a number is no prompt, whatever its bytes.
                let is_read = path != "notes.md";
                let is_told = told.contains("invalid-utf8") && told.contains(path);
                assert!(is_told || !is_read, "check --format {format} of {path}\n{told}");
            }
            for arguments in [
                &["build", "--output", "../out", "--no-site"][..],
                &["render", "greeting@1.0.0", "name=Ana"],
                &["render", "menu"],
                &["diff", "greeting@1.0.0", "greeting@1.1.0"],
                &["fix", "--dry-run"],
                &["log"],
                &["report", "greeting"],
            ] {
                let (code, told) = run(&root, arguments);
                assert!(
                    matches!(code, 0..=2),
                    "{arguments:?} with {path} ended with {code}\n{told}"
                );
            }
            let is_written = fs::exists(folder.path().join("out")).unwrap();
            assert!(!is_written || path == "notes.md", "{path} was built");
            fs::remove_dir_all(&root).unwrap();
            fs::remove_dir_all(folder.path().join("out")).ok();
        }
    }
}

#[test]
fn places_in_damaged_files_are_places_in_the_file() {
    let mut session = Session::new();
    for (path, bytes) in [
        ("prompts/letter/v1.0.0/system_prompt.txt", &b"Dear reader,\nIt\x92s fine.\n"[..]),
        ("prompts/menu.md", b"---\nversion: 1.0.0\n---\n\nCaf\xe9 au lait.\n"),
        ("prompts/letter/cases/1.0.0.yaml", b"- name: \xfcber\n"),
    ] {
        let path = session.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    session.run("check").run("check --format short").run("build");
    insta::assert_snapshot!("damaged_places", session.transcript);
}
