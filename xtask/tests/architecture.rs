//! Compares the dependencies between crates with the list in `ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

#[test]
fn crates_depend_on_each_other_as_drawn() {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> =
        packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut actual: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let ours =
            package["dependencies"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap());
        actual.insert(
            package["name"].as_str().unwrap(),
            ours.filter(|name| names.contains(name)).collect(),
        );
    }
    let drawn: BTreeMap<&str, BTreeSet<&str>> = [
        ("promptdex-wire", [].as_slice()),
        ("promptdex-template", &["promptdex-wire"]),
        ("promptdex-compare", &["promptdex-wire"]),
        ("promptdex-core", &["promptdex-wire", "promptdex-template", "promptdex-compare"]),
        ("promptdex-history", &["promptdex-wire", "promptdex-core"]),
        ("promptdex-publish", &["promptdex-wire"]),
        (
            "promptdex-engine",
            &["promptdex-wire", "promptdex-template", "promptdex-compare", "promptdex-reader"],
        ),
        ("promptdex-reader", &["promptdex-wire"]),
        ("promptdex-audit", &["promptdex-wire", "promptdex-compare", "promptdex-reader"]),
        (
            "promptdex-site",
            &["promptdex-wire", "promptdex-template", "promptdex-compare", "promptdex-reader"],
        ),
        ("promptdex-tokens", &[]),
        (
            "promptdex-ops",
            &[
                "promptdex-wire",
                "promptdex-template",
                "promptdex-compare",
                "promptdex-core",
                "promptdex-history",
                "promptdex-publish",
                "promptdex-site",
                "promptdex-tokens",
            ],
        ),
        (
            "promptdex-server",
            &["promptdex-wire", "promptdex-core", "promptdex-site", "promptdex-ops"],
        ),
        (
            "promptdex",
            &[
                "promptdex-wire",
                "promptdex-compare",
                "promptdex-core",
                "promptdex-ops",
                "promptdex-server",
            ],
        ),
        ("xtask", &[]),
        ("pack-site", &[]),
    ]
    .into_iter()
    .map(|(name, on)| (name, on.iter().copied().collect()))
    .collect();
    assert_eq!(actual, drawn);
}
