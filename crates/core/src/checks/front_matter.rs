//! `front-matter`: a text of a version begins with keys that are not read.

use std::ops::Range;

use promptdex_template::conversation::MessageText;

use super::context::VersionContext;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    for template in &context.source.templates {
        if template.slot.text != MessageText::Content {
            continue;
        }
        let Some(block) = front_matter(&template.text.text) else { continue };
        let message = "the model would get this front matter as text";
        let place = template.text.origin.locate(block);
        let help = "move the keys to `metadata.json` and remove the block, or add an `allow` entry to policy.yaml";
        findings.push(
            Diagnostic::at(&rules::FRONT_MATTER, &template.source, place, message).help(help),
        );
    }
}

/// Finds a block of keys between two lines `---` at the beginning of a text. Prose between two such lines is none.
fn front_matter(text: &str) -> Option<Range<usize>> {
    let rest = text.strip_prefix("---\n")?;
    let mut end = text.len() - rest.len();
    let mut has_key = false;
    for line in rest.split('\n') {
        if line.trim_end() == "---" {
            return has_key.then_some(0..end + "---".len());
        }
        let is_continued = line.starts_with([' ', '\t', '#', '-', ']', '}']);
        if !is_continued && !line.trim_end().is_empty() {
            if !is_key(line) {
                return None;
            }
            has_key = true;
        }
        end += line.len() + 1;
    }
    None
}

/// Whether a line begins with a key, such as `version: 1.0.0`.
fn is_key(line: &str) -> bool {
    let Some((key, value)) = line.split_once(':') else { return false };
    let key = key.trim_matches(['"', '\'']);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(is_word)
        && (value.is_empty() || value.starts_with([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::front_matter;

    #[test]
    fn front_matter_is_keys_between_two_lines() {
        for (text, expected) in [
            ("---\nversion: 1.0.0\n---\nHello.", Some("---\nversion: 1.0.0\n---")),
            (
                "---\n# by Ana\ntags:\n  - a\n- b\n\"model\": x\n--- \n",
                Some("---\n# by Ana\ntags:\n  - a\n- b\n\"model\": x\n---"),
            ),
            ("---\nname: x\n---", Some("---\nname: x\n---")),
            ("---\n---\nHello.", None),
            ("---\nBe brief.\n---\n", None),
            ("---\nNote: be brief.\nAnd kind.\n---\n", None),
            ("---\nhttps://example.com\n---\n", None),
            ("---\nversion: 1.0.0\n\nno end", None),
            ("Hello.\n---\nversion: 1.0.0\n---\n", None),
            ("----\nversion: 1.0.0\n----\n", None),
        ] {
            assert_eq!(front_matter(text).map(|range| &text[range]), expected, "{text:?}");
        }
    }
}
