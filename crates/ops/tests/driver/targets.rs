//! Tests that a registry is the same whether it is written into memory, into a new folder, or into
//! the registry that it continues.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use promptdex_ops::build::folder::{FolderBuild, FolderOptions};
use promptdex_ops::build::inputs::Publisher;
use promptdex_ops::tree::Tree;
use walkdir::WalkDir;

use crate::compiled::{Files, compile};

/// Builds a tree into a folder.
fn build(tree: &Tree, output: &Path, previous: Option<PathBuf>) -> Files {
    let options = FolderOptions {
        output,
        previous,
        is_packed: false,
        is_cached: true,
        site: None,
        publisher: Publisher::default(),
        holds: None,
    };
    let build = FolderBuild::start(tree, options).unwrap();
    let outcome = build.run().unwrap();
    assert_eq!(outcome.findings, []);
    build.commit(outcome.cache_update).unwrap();
    let entries = WalkDir::new(output).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
        let path = entry.path().strip_prefix(output).unwrap();
        let path = path.to_str().unwrap().replace('\\', "/");
        (path, std::fs::read(entry.path()).unwrap())
    });
    files.collect()
}

#[test]
fn a_registry_is_the_same_in_memory_and_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let in_place = folder.path().join("in-place");
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut registry: Option<Files> = None;
    let steps: [&[(&str, &str)]; 6] = [
        &[
            ("a/v1.0.0/system_prompt.txt", "Hello.\n"),
            ("b/v1.0.0/system_prompt.txt", "{% include \"a@1.0.0\" %}\n"),
            ("c/v1.0.0/files/x.png", "pixels"),
            (
                "c/v1.0.0/messages.yaml",
                "- role: user\n  content: [{type: image, file: files/x.png, media_type: image/png}]\n",
            ),
            ("c/v1.1.0/system_prompt.txt", "Hi.\n"),
            ("a/environments/production.yaml", "version: 1.0.0\n"),
        ],
        // The tests count each word as one token.
        &[("a/v1.1.0/system_prompt.txt", "Hi\n"), ("a/cases/1.1.0.yaml", "- name: plain\n")],
        &[("a/environments/production.yaml", "version: 1.1.0\n")],
        &[],
        &[("c/prompt.yaml", "redacted: {1.0.0: leaked}\n")],
        &[("a/cases/1.1.0.yaml", ""), ("a/environments/production.yaml", "")],
    ];
    for (number, step) in (0..).zip(steps) {
        for (path, text) in step {
            match *text {
                "" => drop(files.remove(*path)),
                text => drop(files.insert((*path).to_owned(), text.into())),
            }
        }
        let tree = Tree::in_memory(files.clone());
        let compiled = compile(&tree, registry.as_ref()).unwrap();
        assert_eq!(compiled.findings, []);
        let output = |number: i32| folder.path().join(format!("beside-{number}"));
        let is_first = number == 0;
        let beside = build(&tree, &output(number), (!is_first).then(|| output(number - 1)));
        let same = build(&tree, &in_place, (!is_first).then(|| in_place.clone()));
        assert_same(&beside, &compiled.files, number);
        assert_same(&same, &compiled.files, number);
        registry = Some(compiled.files);
    }
}

/// Compares two registries, and shows the first file that differs.
fn assert_same(folder: &Files, memory: &Files, step: i32) {
    assert_eq!(folder.keys().collect::<Vec<_>>(), memory.keys().collect::<Vec<_>>(), "{step}");
    for (path, bytes) in folder {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(bytes), text(&memory[path]), "{step}: {path}");
    }
}
