//! Tests builds of trees with overlays: the published files are those that were read.

use promptdex_ops::build;
use promptdex_ops::build::output::Output;
use promptdex_ops::tree::repository::code_owners;
use promptdex_ops::tree::{Overlay, Tree};
use serde_json::Value;

use crate::compiled::{CompiledTree, compile};
use crate::repository::Repository;

const TEXT: &str = "greeting/v1.0.0/system_prompt.txt";

fn read(compiled: &CompiledTree, path: &str) -> Value {
    serde_json::from_slice(&compiled.files[path]).unwrap()
}

/// Returns the commit that the release of the catalog names.
fn source(compiled: &CompiledTree) -> Option<String> {
    let release = read(compiled, "api/environments/catalog.json");
    release["source"]["commit"].as_str().map(str::to_owned)
}

fn overlay(path: &str, text: Option<&str>) -> Overlay {
    [(path.to_owned(), text.map(|text| text.as_bytes().to_vec()))].into()
}

#[test]
fn a_commit_with_files_laid_over_it_is_not_that_commit() {
    let repository = Repository::new();
    repository.write(&format!("prompts/{TEXT}"), "Hello.\n");
    repository.write("prompts/tone/v1.0.0/system_prompt.txt", "Kind.\n");
    let commit = repository.commit("Ana", "Begin");
    let root = repository.path("prompts");
    let disk = Tree::open(&root).unwrap();
    let at = Tree::at(&root, Some("HEAD")).unwrap();
    for tree in [&disk, &at] {
        assert_eq!(source(&compile(tree, None).unwrap()), Some(commit.clone()));
        let same = tree.with(overlay(TEXT, Some("Hello.\n")));
        assert_eq!(source(&compile(&same, None).unwrap()), Some(commit.clone()));
        for changed in [
            overlay(TEXT, Some("Hi.\n")),
            overlay(TEXT, None),
            overlay("registry.yaml", Some("environments: [dev]\n")),
            overlay("greeting/prompt.yaml", Some("title: Greeting\n")),
            overlay("new/v1.0.0/system_prompt.txt", Some("New.\n")),
        ] {
            let compiled = compile(&tree.with(changed.clone()), None).unwrap();
            assert_eq!(compiled.findings, []);
            assert_eq!(source(&compiled), None, "{changed:?}");
        }
        // A version that differs from the commit has no author.
        let changed = tree.with(overlay(TEXT, Some("Hi.\n")));
        let compiled = compile(&changed, None).unwrap();
        let document = read(&compiled, "api/prompts/greeting/versions/1.0.0.json");
        assert_eq!(document["system_prompt"], "Hi.");
        assert_eq!(document.get("created_by"), None);
        let known = read(&compiled, "api/prompts/tone/versions/1.0.0.json");
        assert_eq!(known["created_by"], "ana@example.com");
    }
}

#[test]
fn a_tree_in_memory_is_in_no_repository() {
    let files = [(TEXT.to_owned(), b"Hello.\n".to_vec())];
    let tree = Tree::in_memory(std::collections::BTreeMap::from(files));
    assert!(tree.git().unwrap().is_none());
    assert_eq!(source(&compile(&tree, None).unwrap()), None);
}

#[test]
fn what_is_laid_over_is_judged_and_compiled_alike() {
    let repository = Repository::new();
    repository.write(&format!("prompts/{TEXT}"), "Hello.\n");
    repository.commit("Ana", "Begin");
    let root = repository.path("prompts");
    // A server may have only the commits of a tree, and no files.
    let bare = tempfile::tempdir().unwrap();
    repository.git(&["clone", "--quiet", "--bare", ".", bare.path().to_str().unwrap()]);
    let bare = Tree::at(&bare.path().join("prompts"), Some("main")).unwrap();
    let pointer = overlay("greeting/environments/production.yaml", Some("version: 2.0.0\n"));
    let files = [(TEXT.to_owned(), b"Hello.\n".to_vec())];
    let memory = Tree::in_memory(std::collections::BTreeMap::from(files));
    let (disk, at) = (Tree::open(&root).unwrap(), Tree::at(&root, Some("HEAD")).unwrap());
    for tree in [disk, at, bare, memory] {
        let tree = tree.with(pointer.clone());
        let checked = build::run(&tree, &Output::default()).unwrap().findings;
        assert_eq!(checked, compile(&tree, None).unwrap().findings);
        let codes: Vec<&str> = checked.iter().map(|finding| finding.rule.code).collect();
        assert_eq!(codes, ["missing-version"]);
        let mended = overlay("greeting/environments/production.yaml", Some("version: 1.0.0\n"));
        let compiled = compile(&tree.with(mended), None).unwrap();
        let latest = read(&compiled, "api/prompts/greeting/latest/production.json");
        assert_eq!(latest["version"], "1.0.0");
    }
}

#[test]
fn code_owners_are_read_with_what_is_laid_over_them() {
    let repository = Repository::new();
    repository.write(&format!("docs/{TEXT}"), "Hello.\n");
    repository.write("docs/CODEOWNERS", "* @docs\n");
    repository.commit("Ana", "Begin");
    let found = |tree: &Tree| code_owners(tree).unwrap().map(|file| (file.path, file.text));
    let expected = |path: &str, text: &str| Some((path.to_owned(), text.to_owned()));
    for revision in [None, Some("HEAD")] {
        let top = Tree::at(repository.folder.path(), revision).unwrap();
        let docs = Tree::at(&repository.path("docs"), revision).unwrap();
        for (tree, inside) in [(top, "docs/CODEOWNERS"), (docs, "CODEOWNERS")] {
            assert_eq!(found(&tree), expected("docs/CODEOWNERS", "* @docs\n"));
            let changed = tree.with(overlay(inside, Some("* @team\n")));
            assert_eq!(found(&changed), expected("docs/CODEOWNERS", "* @team\n"));
            assert_eq!(found(&tree.with(overlay(inside, None))), None);
        }
        let top = Tree::at(repository.folder.path(), revision).unwrap();
        let first = top.with(overlay(".github/CODEOWNERS", Some("* @host\n")));
        assert_eq!(found(&first), expected(".github/CODEOWNERS", "* @host\n"));
    }
    let files = [("CODEOWNERS".to_owned(), b"* @all\n".to_vec())];
    let memory = Tree::in_memory(std::collections::BTreeMap::from(files));
    assert_eq!(found(&memory), expected("CODEOWNERS", "* @all\n"));
}
