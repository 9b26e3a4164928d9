//! Tests lists that are too long for one file: the versions and events of a prompt, and the changes of a release, as they
//! grow from build to build.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_core::tree::Contents;
use promptdex_ops::tree::Tree;
use promptdex_wire::catalog::{Catalog, VersionList, Versions};
use promptdex_wire::event::{Changes, Operation, Target};
use promptdex_wire::history::History;
use promptdex_wire::pages::{Paged, ROWS_PER_FILE};
use promptdex_wire::{Blob, Document, RegistryPath, Release, json};
use serde::de::DeserializeOwned;

use crate::compiled::{Files, compile};

/// A tree whose prompt `long` has versions 1.0.0, 1.1.0 and so on.
fn tree(versions: usize) -> Contents {
    let version = |minor: usize| {
        let path = format!("long/v1.{minor}.0/system_prompt.txt");
        (path, format!("Text {minor}.\n").into_bytes())
    };
    let other = ("short/v1.0.0/system_prompt.txt".to_owned(), b"Short.\n".to_vec());
    (0..versions).map(version).chain([other]).collect()
}

fn build(tree: Contents, previous: Option<&Files>) -> Files {
    let compiled = compile(&Tree::in_memory(tree), previous).unwrap();
    assert_eq!(compiled.findings, []);
    compiled.files
}

/// Reads a list as the documentation says: its files, the newest first.
fn read<T: Paged + DeserializeOwned>(files: &Files, first: &[u8]) -> Vec<T> {
    let mut list: Vec<T> = vec![json::read(first).unwrap()];
    while let Some(older) = list.last().and_then(Paged::older) {
        let bytes = &files[&RegistryPath::Snapshot(older.digest).to_string()];
        assert_eq!(Blob::of(bytes), older);
        list.push(json::read(bytes).unwrap());
    }
    list
}

fn versions(files: &Files) -> Vec<Versions> {
    read(files, &files["api/prompts/long/versions.json"])
}

fn history(files: &Files) -> Vec<History> {
    read(files, &files["api/prompts/long/history.json"])
}

fn pages<T: Document>(list: &[T], older: impl Fn(&T) -> Option<Blob>) -> Vec<Blob> {
    list.iter().filter_map(older).collect()
}

/// Returns the pages of all lists of the long prompt.
fn all_pages(files: &Files) -> BTreeSet<String> {
    let versions = pages(&versions(files), |page| page.older);
    let events = pages(&history(files), |page| page.older);
    let all = versions.into_iter().chain(events);
    all.map(|blob| RegistryPath::Snapshot(blob.digest).to_string()).collect()
}

fn check(files: &Files, count: usize) {
    let versions = versions(files);
    assert_eq!(versions.len(), count.div_ceil(ROWS_PER_FILE), "{count}");
    let mut numbers: Vec<String> = Vec::new();
    for (at, page) in versions.iter().enumerate() {
        let rows = page.versions.len();
        assert!(rows == ROWS_PER_FILE || at == 0 && rows <= ROWS_PER_FILE, "{count}: {rows}");
        assert!(page.versions.windows(2).all(|pair| pair[0].version > pair[1].version));
        assert_eq!((page.sequences.is_empty(), page.pointers.is_empty()), (at > 0, at > 0));
        numbers.extend(page.versions.iter().map(|row| row.version.to_string()));
    }
    let expected: Vec<String> = (0..count).rev().map(|minor| format!("1.{minor}.0")).collect();
    assert_eq!(numbers, expected);

    let events: Vec<_> = history(files).into_iter().rev().flat_map(Paged::into_rows).collect();
    let created = events.iter().filter(|event| event.change_type == Operation::Created).count();
    assert_eq!(created, count);
    let mut served = BTreeMap::new();
    for event in &events {
        if let Some(environment) = &event.environment {
            assert_eq!(served.insert(environment, event.after()), event.before().map(Some));
        }
    }
    let highest = format!("1.{}.0", count - 1);
    assert!(served.values().flatten().all(|target| target.to_string() == highest));
}

#[test]
fn a_long_prompt_is_published_step_by_step_and_full_pages_stay() {
    let mut files: Option<Files> = None;
    for count in [1, 499, 500, 501, 700, 1_000, 1_001, 1_200] {
        let built = build(tree(count), files.as_ref());
        check(&built, count);
        if let Some(before) = &files {
            let (old, new) = (all_pages(before), all_pages(&built));
            assert!(old.is_subset(&new), "{count}: a full page was rewritten");
        }
        // The same tree changes no byte.
        assert!(build(tree(count), Some(&built)) == built, "{count}");
        files = Some(built);
    }
    let mut files = files.unwrap();
    assert_eq!(all_pages(&files).len(), 4);

    // A patch of an old version is the newest row, and no page changes.
    let mut patched = tree(1_200);
    patched.insert("long/v1.3.1/system_prompt.txt".to_owned(), b"Patched.\n".to_vec());
    let built = build(patched.clone(), Some(&files));
    assert_eq!(all_pages(&built), all_pages(&files));
    let newest = versions(&built).swap_remove(0);
    assert_eq!(newest.versions.last().unwrap().version.to_string(), "1.3.1");
    files = built;

    // A state changes the page of its version, and the pages after it.
    patched.insert("long/prompt.yaml".to_owned(), b"deprecated: {1.700.0: too long}\n".to_vec());
    let built = build(patched, Some(&files));
    let versions_of = |files: &Files| pages(&versions(files), |page| page.older);
    let (old, new) = (versions_of(&files), versions_of(&built));
    assert_eq!((old[1], old[0] == new[0]), (new[1], false));
    let row = versions(&built).swap_remove(1).versions.into_iter();
    let row = row.filter(|row| row.reason.as_deref() == Some("too long"));
    assert_eq!(row.map(|row| row.version.to_string()).collect::<Vec<_>>(), ["1.700.0"]);
    let events_of = |files: &Files| pages(&history(files), |page| page.older);
    assert_eq!(events_of(&files), events_of(&built));
}

#[test]
fn the_chain_lists_the_same_pages_of_versions() {
    let files = build(tree(1_001), None);
    let name = "long".parse().unwrap();
    let list = promptdex_ops::published::PreviousRegistry::in_memory(
        files
            .iter()
            .map(|(path, bytes)| (RegistryPath::parse(path).unwrap(), bytes.clone()))
            .collect::<BTreeMap<_, _>>(),
    )
    .unwrap()
    .published
    .lists[&name];
    let lists: Vec<VersionList> =
        read(&files, &files[&RegistryPath::Snapshot(list.digest).to_string()]);
    let listed = lists.iter().map(|list| list.versions.iter().map(|row| row.digest).collect());
    let shown = versions(&files);
    let shown = shown.iter().map(|page| page.versions.iter().map(|row| row.digest).collect());
    assert_eq!(listed.collect::<Vec<Vec<_>>>(), shown.collect::<Vec<Vec<_>>>());
}

#[test]
fn many_changes_of_a_release_are_in_pages_sorted_by_name() {
    let files = build(tree(1_200), None);
    let release: Release = json::read(&files["api/environments/catalog.json"]).unwrap();
    let file = release.changes_file.unwrap();
    let pages: Vec<Changes> =
        read(&files, &files[&RegistryPath::Snapshot(file.digest).to_string()]);
    let sizes: Vec<usize> = pages.iter().map(|page| page.changes.len()).collect();
    assert_eq!((sizes, file.count), (vec![201, 500, 500], 1_201));
    let changes: Vec<_> = pages.into_iter().rev().flat_map(Paged::into_rows).collect();
    let words = |at: usize| {
        let version = changes[at].after().and_then(Target::main).unwrap().to_string();
        (changes[at].name.as_ref().unwrap().to_string(), version)
    };
    assert_eq!(words(500), ("long".to_owned(), "1.500.0".to_owned()));
    assert_eq!(words(1_200), ("short".to_owned(), "1.0.0".to_owned()));
    // Whoever continues the registry reads all of them: one more version is one more event.
    let more = build(tree(1_201), Some(&files));
    check(&more, 1_201);
    let catalog: Catalog = json::read(&more["api/catalog.json"]).unwrap();
    assert_eq!(catalog.parts, []);
}

#[test]
fn pages_that_say_something_else_than_the_chains_are_not_believed() {
    let mut files = build(tree(700), None);
    let page = pages(&history(&files), |page| page.older)[0];
    files.remove(&RegistryPath::Snapshot(page.digest).to_string());
    let built = build(tree(701), Some(&files));
    check(&built, 701);
}

#[test]
fn a_redaction_takes_every_page_away_that_described_the_version() {
    let mut tree = tree(700);
    let text = br#"{"description": "Knows hunter2"}"#;
    tree.insert("long/v1.3.0/metadata.json".to_owned(), text.to_vec());
    let has_it = |files: &Files| {
        let is_it = |bytes: &&Vec<u8>| String::from_utf8_lossy(bytes).contains("hunter2");
        files.values().filter(is_it).count()
    };
    let files = build(tree.clone(), None);
    // Another page takes the place of the first one, which stays.
    tree.insert("long/prompt.yaml".to_owned(), b"deprecated: {1.5.0: old}\n".to_vec());
    let files = build(tree.clone(), Some(&files));
    // The document of the version, and both pages.
    assert_eq!(has_it(&files), 3);
    tree.insert("long/prompt.yaml".to_owned(), b"redacted: {1.3.0: leaked}\n".to_vec());
    let files = build(tree, Some(&files));
    assert_eq!(has_it(&files), 0);
    assert_eq!(versions(&files).len(), 2);
}
