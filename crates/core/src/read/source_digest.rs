//! Computes the digest of a version's files, which shows whether they have changed. Fields of `prompt.yaml`
//! that belong to the prompt, not to the version, do not count.

use promptdex_wire::Digest;

use crate::source::normalize;

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
/// text (its bytes, under `files/`) and its path, sorted by path.
pub(super) fn source_digest<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Digest {
    let mut lines = String::new();
    for (path, bytes) in files {
        let digest = match path {
            "prompt.yaml" => Digest::of(&version_lines(bytes)),
            _ if path.starts_with("files/") => Digest::of(bytes),
            _ => Digest::of(&normalize(bytes)),
        };
        lines.push_str(&digest.hex());
        lines.push_str("  ");
        lines.push_str(path);
        lines.push('\n');
    }
    Digest::of(lines.as_bytes())
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

    use std::collections::BTreeMap;

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
            let digest = source_digest(files.into_iter()).to_string();
            assert_eq!(digest, vector["source_digest"].as_str().unwrap(), "{}", vector["name"]);
        }
    }
}
