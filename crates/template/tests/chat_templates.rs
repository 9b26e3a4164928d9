//! Templates in the style of chat templates print what Jinja2 prints: `conformance/regenerate.py` wrote the
//! texts beside them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files and run programs")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use promptdex_template::{ErrorKind, IncludedTexts, Template, Values};
use promptdex_wire::Dialect;
use serde_json::value::RawValue;

/// Renders a template with each of its sets of values, in the form of the file with the texts.
fn render(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let template = Template::parse(Dialect::Jinja, &text)
        .unwrap_or_else(|errors| panic!("{}: {errors:#?}", path.display()));
    assert_eq!(template.problems(), [], "{}", path.display());
    let cases = std::fs::read_to_string(path.with_extension("json")).unwrap();
    let cases: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(&cases).unwrap();
    let mut rendered = String::new();
    for case in cases {
        let name: String = serde_json::from_str(case["name"].get()).unwrap();
        let values = Values::parse(case["variables"].get()).unwrap();
        rendered += &match template.render(&values, &IncludedTexts::new()) {
            Ok(text) => format!("==> {name}\n{text}\n"),
            Err(error) if error.kind == ErrorKind::Raised => {
                format!("==> {name} (raised)\n{}\n", error.message)
            }
            Err(error) if error.kind == ErrorKind::Undefined => {
                format!("==> {name} (undefined)\n")
            }
            Err(error) => panic!("{}, {name}: {error:#?}", path.display()),
        };
    }
    rendered
}

#[test]
fn chat_templates_print_what_jinja2_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat-templates");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jinja"));
    assert!(paths.len() >= 30, "only {} templates", paths.len());
    for path in paths {
        let expected = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        assert_eq!(render(&path), expected, "{}", path.display());
    }
}

/// The texts in the repository are those of the script, which asks Jinja2 itself.
#[test]
fn the_texts_are_those_of_jinja2() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/regenerate.py");
    let Ok(checked) = Command::new("python3").arg(script).arg("--check").output() else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let told = String::from_utf8_lossy(&checked.stdout);
    match checked.status.code() {
        Some(0) => {}
        Some(3) => eprintln!("skipped: {told}"),
        _ => panic!("{told}{}", String::from_utf8_lossy(&checked.stderr)),
    }
}
