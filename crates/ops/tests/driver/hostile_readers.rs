//! Tests readers with hostile files. Reading any file returns values and findings without a panic,
//! and every finding has a position in its file. Seeds are real files, changed at random.

use std::path::Path;

use promptdex_core::tree::Contents;
use promptdex_ops::tree::Tree;
use proptest::prelude::*;

use crate::compiled::compile;

/// Files of the sample tree, and of the corpora if they are present next to the repository.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seeds = Vec::new();
    let mut folders = vec![workspace.join("prompts")];
    let corpora = workspace.join("../shared/corpora");
    for prompt in
        ["semantic-kernel/prompts/chat-chat", "awesome-chatgpt-prompts/prompts/academician"]
    {
        folders.push(corpora.join(prompt));
    }
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                seeds.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    let document =
        "---\nversion: 1.0.0\ntemplate: curly\nvariables: {name: string}\n---\n\nHi {{ name }}.\n";
    seeds.push(("document.md".to_owned(), document.into()));
    let folder = "title: Notes\nversion: 1.0.0\nmodel: m\n";
    seeds.push(("in-place/prompt.yaml".to_owned(), folder.into()));
    seeds.sort();
    seeds
}

/// Returns the path of a file with this name in a version, a prompt or a tree.
fn place(name: &str) -> String {
    match name {
        "registry.yaml" | "policy.yaml" => name.to_owned(),
        "document.md" => "d/document.md".to_owned(),
        "in-place/prompt.yaml" => "d/e/prompt.yaml".to_owned(),
        "prompt.yaml" => format!("a/b/{name}"),
        "dev.yaml" | "staging.yaml" | "production.yaml" => format!("a/b/environments/{name}"),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => "a/b/cases/1.0.0.yaml".to_owned(),
        _ if name.ends_with(".png") => format!("a/b/v1.0.0/files/{name}"),
        _ => format!("a/b/v1.0.0/{name}"),
    }
}

/// Pieces with a meaning in YAML, JSON or templates.
const PIECES: [&str; 32] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\n",
    "- ",
    "  ",
    "&a",
    "*a",
    "!!str",
    "|",
    ">",
    "---",
    "#",
    "\\u0000",
    "9007199254740993",
    "1e999",
    "0x1",
    "null",
    "{{ x }}",
    "{% if x %}",
    "{% include \"a@1.0.0\" %}",
    "\u{feff}",
    "\r\n",
    "\u{202e}",
    "v1.0.0",
    "é",
    "\u{0}",
];

fn change(bytes: &mut Vec<u8>, at: usize, kind: u8, piece: usize) {
    let at = at % (bytes.len() + 1);
    match kind % 4 {
        0 => bytes.truncate(at),
        1 => drop(bytes.splice(at..at, PIECES[piece % PIECES.len()].bytes())),
        2 if at < bytes.len() => bytes[at] ^= 1 << (piece % 8),
        _ => drop(bytes.drain(at..(at + piece).min(bytes.len()))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn no_file_panics_a_reader(
        choice in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        changes in prop::collection::vec((any::<usize>(), any::<u8>(), 0usize..64), 0..6),
    ) {
        let seeds = seeds();
        let mut contents: Contents = Contents::new();
        contents.insert("a/b/v1.0.0/system_prompt.txt".to_owned(), b"Hello {{ name }}.".to_vec());
        contents.insert("d/e/system_prompt.txt".to_owned(), b"Hello {{ name }}.".to_vec());
        for index in &choice {
            let (name, bytes) = index.get(&seeds);
            contents.insert(place(name), bytes.clone());
        }
        let (name, _) = choice[0].get(&seeds);
        let target = contents.get_mut(&place(name)).unwrap();
        for (at, kind, piece) in changes {
            change(target, at, kind, piece);
        }
        let compiled = compile(&Tree::in_memory(contents.clone()), None);
        for finding in compiled.unwrap().findings {
            if let Some(place) = &finding.place {
                let file = &contents[&finding.path];
                prop_assert!(place.range.start <= place.range.end && place.range.end <= file.len(), "{finding:?}");
                prop_assert!(place.line >= 1 && place.column >= 1);
            }
        }
    }
}
