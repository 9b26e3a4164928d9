//! `secret`: a key, a token or a private key in a file that is published permanently.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{SourceFile, SourceText};

/// What each form of secret is called, and how it looks. The prefixes are those that their issuers
/// document for scanners; each begins with letters, so that a text without them is passed over fast.
const FORMS: [(&str, &str); 12] = [
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    ("an AWS access key", r"A(?:KIA|SIA)[0-9A-Z]{16}(?-u:\b)"),
    ("a GitHub token", r"gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{60,}"),
    ("a GitLab token", r"glpat-[0-9A-Za-z_-]{20,}"),
    ("an Anthropic key", r"sk-ant-[0-9A-Za-z_-]{20,}"),
    ("an OpenAI key", r"sk-(?:proj-|svcacct-)?[0-9A-Za-z_-]{32,}"),
    ("a Google API key", r"AIza[0-9A-Za-z_-]{35}"),
    ("a Slack token", r"xox[abeoprs]-[0-9A-Za-z-]{10,}"),
    ("a Stripe key", r"(?:sk|rk)_live_[0-9A-Za-z]{20,}"),
    ("an npm token", r"npm_[0-9A-Za-z]{36}(?-u:\b)"),
    ("a Hugging Face token", r"hf_[0-9A-Za-z]{34}(?-u:\b)"),
    ("a password in a URL", r#"://[^\s:/@"'<>{}]+:[^\s:/@"'<>{}]{6,}@"#),
];

/// All forms in one expression, so that a text without secrets is passed over once.
#[expect(clippy::expect_used, reason = "the forms are constants; a test compiles them")]
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let forms: Vec<String> = FORMS.iter().map(|(_, form)| format!("({form})")).collect();
    Regex::new(&forms.join("|")).expect("the forms are regular expressions")
});

/// Looks through a file as it is written.
pub(super) fn check(source: &SourceFile, findings: &mut Vec<Diagnostic>) {
    findings.extend(
        find_secrets(source.text()).into_iter().map(|(range, form)| finding(source, range, form)),
    );
}

/// Looks through a text that is spelled with escapes in its file.
pub(super) fn check_escaped(
    source: &SourceFile,
    text: &SourceText,
    findings: &mut Vec<Diagnostic>,
) {
    for (range, form) in find_secrets(&text.text) {
        let place = text.origin.locate(range);
        // What can be read in the file is found there.
        if find_secrets(&source.text()[place.clone()]).is_empty() {
            findings.push(finding(source, place, form));
        }
    }
}

fn finding(source: &SourceFile, range: Range<usize>, form: &str) -> Diagnostic {
    Diagnostic::at(&rules::SECRET, source, range, format!("the text looks like {form}"))
        .help("revoke the secret, remove it, and pass such values as variables at run time")
}

fn find_secrets(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut all = Vec::new();
    for captures in ANY.captures_iter(text) {
        let form = (1..=FORMS.len()).find_map(|n| captures.get(n).map(|found| (n - 1, found)));
        // The documentation of several issuers has keys that say so themselves.
        let Some((position, found)) = form.filter(|(_, found)| !found.as_str().contains("EXAMPLE"))
        else {
            continue;
        };
        // The end of a longer word (`task-…`) is not the start of a key.
        let before = text[..found.start()].chars().next_back();
        let is_inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let begins_with_letter = found.as_str().starts_with(|c: char| c.is_ascii_alphabetic());
        if !(is_inside && begins_with_letter) {
            all.push((found.range(), FORMS[position].0));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_masked_secrets(text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(&SourceFile::new("f", text), &mut findings);
        findings
            .into_iter()
            .map(|f| format!("{} {}", &text[f.place.unwrap().range], f.message))
            .collect()
    }

    #[test]
    fn every_form_is_found_and_its_neighbours_are_not() {
        // Made up here, and put together so that no scanner takes this file for a leak.
        let long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        for (prefix, rest) in [
            ("-----BEGIN RSA PRIVATE", " KEY-----"),
            ("AKIA", "ABCDEFGHIJKLMNOP"),
            ("ghp_", long),
            ("glpat-", long),
            ("sk-ant-", long),
            ("sk-proj-", long),
            ("AIza", &long[..35]),
            ("xoxb-", long),
            ("sk_live_", long),
            ("npm_", long),
            ("hf_", &long[..34]),
            ("postgres://ana:", "hunter22@db.example.com/x"),
        ] {
            let text = format!("key: {prefix}{rest} .");
            assert_eq!(list_masked_secrets(&text).len(), 1, "{prefix}");
        }
        for text in [
            "sk-learn is a library, task-risk-assessment-of-the-whole-department-in-spring is a slug",
            "AKIAIOSFODNN7EXAMPLE",
            "https://example.com/a:b@c",
            "https://{user}:{password}@example.com",
            "mailto:ana@example.com",
            "-----BEGIN PUBLIC KEY-----",
        ] {
            assert_eq!(list_masked_secrets(text), [""; 0], "{text}");
        }
    }
}
