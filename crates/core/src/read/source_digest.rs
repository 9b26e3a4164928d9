//! Computes the digest of a version's files, which shows whether they have changed. Fields of `prompt.yaml`
//! that belong to the prompt, not to the version, do not count.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::Digest;

use crate::node;
use crate::source::{SourceFile, normalize};

/// The keys of `prompt.yaml` that belong to the prompt, and not to one version of it.
pub(super) const PROMPT_KEYS: [&str; 9] = [
    "title",
    "description",
    "tags",
    "owners",
    "replaced_by",
    "deprecated",
    "yanked",
    "archived",
    "redacted",
];

/// Computes the digest that immutability checks compare: SHA-256 over lines of the SHA-256 of each file's
/// text and its path, sorted by path. Of a file under `files/` the bytes count, unless it is the text of a
/// message.
pub(super) fn source_digest(files: &BTreeMap<&str, &[u8]>) -> Digest {
    digest_of(&file_digests(files))
}

/// Computes the source digest from the digests of the files, which are sorted by path.
pub(super) fn digest_of(files: &[(String, Digest)]) -> Digest {
    let mut lines = String::new();
    for (path, digest) in files {
        lines.push_str(&digest.hex());
        lines.push_str("  ");
        lines.push_str(path);
        lines.push('\n');
    }
    Digest::of(lines.as_bytes())
}

/// Computes the digests of the files of a version, as they count in its source digest.
pub(super) fn file_digests(files: &BTreeMap<&str, &[u8]>) -> Vec<(String, Digest)> {
    let texts = message_texts(files);
    let digest = |path: &str, bytes: &[u8]| match path {
        "prompt.yaml" => Digest::of(&version_lines(bytes)),
        path if path.starts_with("files/") && !texts.contains(path) => Digest::of(bytes),
        _ => Digest::of(&normalize(bytes)),
    };
    files.iter().map(|(path, bytes)| ((*path).to_owned(), digest(path, bytes))).collect()
}

/// Returns the files that the `file` of a message in `messages.yaml` names.
fn message_texts(files: &BTreeMap<&str, &[u8]>) -> BTreeSet<String> {
    // Only files under `files/` are asked about.
    if !files.keys().any(|path| path.starts_with("files/")) {
        return BTreeSet::new();
    }
    let messages = files.get("messages.yaml").and_then(|bytes| std::str::from_utf8(bytes).ok());
    let source = messages.map(|text| SourceFile::new("messages.yaml", text));
    let node = source.and_then(|source| node::parse(&source, &mut Vec::new()));
    node.map(|node| super::messages::text_files(&node)).unwrap_or_default()
}

/// Returns the text of an in-place `prompt.yaml` without the lines that are not about one version: those of
/// the keys of every `prompt.yaml`, and of `version`. A key's lines are its own and those after it up to
/// the next line that begins with another key.
fn version_lines(bytes: &[u8]) -> Vec<u8> {
    let text = normalize(bytes);
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut is_kept = true;
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(key) = key_of(line) {
            is_kept = !PROMPT_KEYS.contains(&key) && key != "version";
        }
        if is_kept {
            kept.push(line);
        }
    }
    kept.join(&b'\n')
}

/// Returns the key that a line begins with, when it is one of the whole file.
fn key_of(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    if line.starts_with([' ', '\t', '#', '-', '}', ']']) {
        return None;
    }
    let (key, _) = line.split_once(':')?;
    Some(key.trim_end().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests read files")]

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn source_digests_are_those_of_the_vectors() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/digests.json");
        let text = std::fs::read_to_string(path).unwrap();
        let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for vector in vectors {
            let files = vector["files"].as_object().unwrap();
            let bytes = |value: &'_ serde_json::Value| value.as_str().unwrap().to_owned();
            let owned: Vec<(&str, String)> =
                files.iter().map(|(path, text)| (path.as_str(), bytes(text))).collect();
            let files: BTreeMap<&str, &[u8]> =
                owned.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
            let digest = source_digest(&files).to_string();
            assert_eq!(digest, vector["source_digest"].as_str().unwrap(), "{}", vector["name"]);
        }
    }

    proptest! {
        #[test]
        fn line_ends_and_marks_count_in_parts_and_not_in_texts(
            lines in vec("[a-zé ]{0,8}", 1..5),
            has_mark in any::<bool>(),
            is_crlf in any::<bool>(),
            ends_line in any::<bool>(),
        ) {
            let plain = lines.join("\n");
            let mark = if has_mark { "\u{feff}" } else { "" };
            let end = if ends_line { "\n" } else { "" };
            // A last line that is empty would be the final newline.
            prop_assume!(!plain.ends_with('\n'));
            let mut written = format!("{mark}{plain}{end}");
            if is_crlf {
                written = written.replace('\n', "\r\n");
            }
            let digest = |messages: &str, file: &str| {
                let messages = [("messages.yaml", messages.as_bytes()), ("files/a.md", file.as_bytes())];
                source_digest(&messages.into())
            };
            let text = "- {role: system, file: files/a.md}\n- {role: user, content: hi}\n";
            prop_assert_eq!(digest(text, &written), digest(text, &plain));
            let part = "- {role: user, content: [{type: file, file: files/a.md}]}\n";
            prop_assert_eq!(digest(part, &written) == digest(part, &plain), written == plain);
        }
    }
}
