//! Tests that the SARIF report is valid under the SARIF 2.1.0 schema, which the crate `serde-sarif`
//! contains.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the path of the schema in the sources of the crate.
fn schema() -> Value {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Packages for other platforms may be missing, and the test must not download them.
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.parent().unwrap().join("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // A pattern in the published schema has a stray bracket. Reports do not have this field.
    for definition in ["run", "toolComponent"] {
        let language =
            schema.pointer_mut(&format!("/definitions/{definition}/properties/language")).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
}

#[test]
fn reports_are_valid() {
    let validator = jsonschema::options().offline().build(&schema()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join("prompts").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let report = || -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_promptdex"))
            .args(["check", "--format", "sarif"])
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    write("a/v1.0.0/system_prompt.txt", "Hello.\n");
    let clean = report();
    assert_eq!(clean["runs"][0]["results"], Value::Array(Vec::new()));
    write("a/v1.0.0/system_prompt.txt", "Hello {{ name }}, {role}, \u{202e}é.\n");
    write("a/v1.0.0/notes & 100%.txt", "");
    let findings = report();
    assert!(findings["runs"][0]["results"].as_array().unwrap().len() >= 3);
    for report in [clean, findings] {
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    // A validator that accepts everything would prove nothing.
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{"tool": {}}]})));
}
