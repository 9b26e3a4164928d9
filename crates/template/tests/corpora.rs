//! What we find in real prompts is what an independent Jinja parser finds, and what we render is what
//! minijinja renders. The corpora lie beside the repository; without them these tests say so.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it skips"
)]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use promptdex_template::{IncludedTexts, JsonValue, Template, TokenKind, Values, highlight};
use promptdex_wire::Dialect;
use serde_json::Value;

fn corpus(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    if !path.is_dir() {
        eprintln!("skipped: the corpus `{name}` is not beside the repository");
        return None;
    }
    Some(path)
}

/// Reads a version's text as promptdex does, and its metadata.
fn version(root: &Path, id: &str) -> (String, Value) {
    let (name, version) = id.split_once('@').unwrap();
    let folder = root.join("prompts").join(name).join(format!("v{version}"));
    let text = std::fs::read_to_string(folder.join("system_prompt.txt")).unwrap();
    let metadata = std::fs::read_to_string(folder.join("metadata.json")).unwrap();
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
    (text, serde_json::from_str(&metadata).unwrap())
}

fn versions(root: &Path) -> Vec<String> {
    let mut ids = Vec::new();
    for prompt in std::fs::read_dir(root.join("prompts")).unwrap() {
        let prompt = prompt.unwrap().path();
        for version in std::fs::read_dir(&prompt).unwrap() {
            let version = version.unwrap().file_name().into_string().unwrap();
            if let Some(version) = version.strip_prefix('v') {
                ids.push(format!("{}@{version}", prompt.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    ids.sort();
    ids
}

#[derive(Debug, PartialEq, Default)]
struct Found {
    undeclared: BTreeSet<String>,
    unused: BTreeSet<String>,
    syntax_error_line: Option<usize>,
}

fn find(text: &str, metadata: &Value) -> Found {
    let mut found = Found::default();
    match Template::parse(Dialect::Jinja, text) {
        Err(errors) => {
            found.syntax_error_line = Some(text[..errors[0].range.start].matches('\n').count() + 1);
        }
        Ok(template) => {
            let used: BTreeSet<String> =
                template.uses().into_iter().map(|used| used.path[0].clone()).collect();
            let declared = metadata["variables"].as_array().into_iter().flatten();
            let declared: BTreeSet<String> =
                declared.map(|variable| variable["name"].as_str().unwrap().to_owned()).collect();
            found.undeclared = used.difference(&declared).cloned().collect();
            found.unused = declared.difference(&used).cloned().collect();
        }
    }
    found
}

#[test]
fn findings_equal_the_answer_key() {
    let Some(root) = corpus("semantic-kernel") else { return };
    let key: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(root.join("answer-key.json")).unwrap())
            .unwrap();
    let names = |value: &Value| -> BTreeSet<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let ids = versions(&root);
    assert_eq!(ids.len(), 290);
    for id in ids {
        let (text, metadata) = version(&root, &id);
        let answer = key.get(&id).cloned().unwrap_or_default();
        let expected = Found {
            undeclared: names(&answer["undeclared"]),
            unused: names(&answer["unused"]),
            syntax_error_line: answer["syntax_error_line"]
                .as_u64()
                .map(|line| usize::try_from(line).unwrap()),
        };
        assert_eq!(find(&text, &metadata), expected, "{id}");
    }
}

#[test]
fn real_templates_render_as_in_minijinja() {
    let Some(root) = corpus("semantic-kernel") else { return };
    let mut environment = minijinja::Environment::new();
    environment.set_syntax(
        minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap(),
    );
    let mut rendered = 0;
    for id in versions(&root) {
        let (text, _) = version(&root, &id);
        let Ok(template) = Template::parse(Dialect::Jinja, &text) else { continue };
        let names = template.uses().into_iter().map(|used| used.path[0].clone());
        let values: Values =
            names.map(|name| (name.clone(), JsonValue::Text(format!("<{name}>")))).collect();
        let context: BTreeMap<String, minijinja::Value> = values
            .iter()
            .map(|(name, value)| (name.to_owned(), value.as_str().unwrap().into()))
            .collect();
        let Ok(expected) = environment.render_str(&text, minijinja::Value::from(context)) else {
            continue;
        };
        assert_eq!(template.render(&values, &IncludedTexts::new()).as_ref(), Ok(&expected), "{id}");
        for (range, kind) in highlight(Dialect::Jinja, &text) {
            let tag = &text[range];
            let braces = match kind {
                TokenKind::Placeholder => ("{{", "}}"),
                TokenKind::Statement => ("{%", "%}"),
                TokenKind::Comment => ("{#", "#}"),
            };
            assert!(tag.starts_with(braces.0) && tag.ends_with(braces.1), "{id}: {tag}");
        }
        rendered += 1;
    }
    assert!(rendered > 200, "only {rendered} templates were rendered");
}
