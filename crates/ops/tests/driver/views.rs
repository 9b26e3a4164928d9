//! Tests that every way of reading a tree agrees, with any overlay and any scope, on disk, as of a
//! commit and in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promptdex_core::tree::{Contents, FolderStamp, PromptFiles, Survey, TreeEntry, survey};
use promptdex_ops::error::Error;
use promptdex_ops::tree::{Overlay, Tree};
use promptdex_wire::PromptName;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::repository::Repository;

/// Paths of files.
const PATHS: [&str; 28] = [
    "registry.yaml",
    "policy.yaml",
    "README.md",
    "CODEOWNERS",
    ".hidden/registry.yaml",
    "_old/a/v1.0.0/system_prompt.txt",
    "_draft.md",
    "a.md",
    "a.md.bak",
    "a/prompt.yaml",
    "a/environments/production.yaml",
    "a/cases/1.0.0.yaml",
    "a/v1.0.0/system_prompt.txt",
    "a/v1.0.0/metadata.json",
    "a/v1.0.0/files/.hidden/x",
    "a/v1.0.0/files/x.txt",
    "a/v1.1.0/system_prompt.txt",
    "a/_draft/v1.0.0/system_prompt.txt",
    "b/v1.0.0/system_prompt.txt",
    "bb/v1.0.0/system_prompt.txt",
    "team/CODEOWNERS",
    "team/tone.md",
    "team/tone/prompt.yaml",
    "team/tone/system_prompt.md",
    "team/tone/files/x.txt",
    "team/tone/environments/dev.yaml",
    "team/b/v2.0.0/messages.yaml",
    "team/b.md",
];

/// Contents of files.
const TEXTS: [&[u8]; 5] =
    [b"", b"Hello.\n", b"version: 1.0.0\n", b"---\nversion: 1.1.0\n---\n\nHi.\n", b"\xff\xfe"];

/// Paths for a scope.
const PARTS: [&str; 10] = [
    "registry.yaml",
    "a",
    "a.md",
    "a/v1.0.0",
    "a/_draft",
    "_old",
    "team",
    "team/tone",
    "team/tone.md",
    "nowhere",
];

const NAMES: [&str; 6] = ["a", "b", "team", "team/b", "team/tone", "nowhere"];

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(&PATHS[..]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(&TEXTS[..]).prop_map(<[u8]>::to_vec)
}

/// Generates the files of a tree. A commit without files has no tree.
fn files() -> impl Strategy<Value = Contents> {
    prop::collection::btree_map(path(), text(), 1..14)
}

fn overlay() -> impl Strategy<Value = Overlay> {
    prop::collection::btree_map(path(), prop::option::weighted(0.7, text()), 0..6)
}

fn part() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let part = prop::sample::select(&PARTS[..]).prop_map(str::to_owned);
    prop::option::of(prop::collection::btree_set(part, 0..4))
}

/// The results of all queries of a tree.
#[derive(Debug, PartialEq)]
struct View {
    /// The listed files, with their sizes.
    listing: BTreeMap<String, Option<u64>>,
    /// The surveys of the whole tree and of each prompt.
    surveys: Vec<String>,
    /// The files of prompts, with their contents.
    prompts: Vec<Option<(PromptFiles, Contents)>>,
    /// The contents at each path, whether listed or not.
    files: BTreeMap<&'static str, Option<Vec<u8>>>,
}

impl View {
    fn of(tree: &Tree) -> Self {
        let size = |entry| match entry {
            TreeEntry::File { size, .. } => Some(size),
            TreeEntry::Other => None,
        };
        let listing = tree.listing().unwrap();
        let mut surveys = vec![shown(survey(&listing))];
        let mut prompts = Vec::new();
        for name in NAMES {
            let name: PromptName = name.parse().unwrap();
            surveys.push(shown(tree.survey(&name).unwrap()));
            prompts.push(tree.prompt_files(&name).unwrap().map(|files| {
                let contents = tree.read_prompt_files(&files).unwrap();
                (PromptFiles { stamp: FolderStamp::default(), ..files }, contents)
            }));
        }
        let listing = listing.into_iter().map(|(path, entry)| (path, size(entry))).collect();
        let files = PATHS.into_iter().map(|path| {
            let read = tree.read(path).ok();
            assert_eq!(tree.has(path), read.is_some(), "{path}");
            assert_eq!(
                tree.read_all(vec![path.to_owned()]).ok().map(|mut all| all.remove(path).unwrap()),
                read
            );
            (path, read)
        });
        let files = files.collect();
        Self { listing, surveys, prompts, files }
    }
}

/// Formats a survey without the stamps of files, which differ between stores.
fn shown(mut survey: Survey) -> String {
    survey.prompts.values_mut().for_each(|files| files.stamp = FolderStamp::default());
    survey.documents.values_mut().for_each(|(_, stamp)| *stamp = None);
    format!("{survey:?}")
}

fn write(folder: &Path, files: &Contents) {
    for (path, bytes) in files {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

fn on_disk(files: &Contents) -> (TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let tree = Tree::open(folder.path()).unwrap();
    (folder, tree)
}

/// Returns the files with an overlay.
fn changed(mut files: Contents, overlay: &Overlay) -> Contents {
    for (path, bytes) in overlay {
        match bytes {
            Some(bytes) => drop(files.insert(path.clone(), bytes.clone())),
            None => drop(files.remove(path)),
        }
    }
    files
}

fn scoped(tree: Tree, part: Option<&BTreeSet<String>>) -> Tree {
    match part {
        Some(part) => tree.limit_to_paths(part.clone()),
        None => tree,
    }
}

/// Returns the expected listing.
fn listed(files: &Contents, part: Option<&BTreeSet<String>>) -> BTreeMap<String, Option<u64>> {
    let is_ignored = |path: &str| {
        path.rsplit('/').skip(1).any(|folder| folder.starts_with('.') || folder.starts_with('_'))
    };
    let is_in = |path: &str| {
        let is_at = |part: &String| path == part || path.starts_with(&format!("{part}/"));
        part.is_none_or(|part| part.iter().any(is_at))
    };
    let listed = files.iter().filter(|(path, _)| !is_ignored(path) && is_in(path));
    listed.map(|(path, bytes)| (path.clone(), Some(bytes.len() as u64))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_on_disk_and_in_memory_say_the_same(
        files in files(), lower in overlay(), upper in overlay(), part in part(),
    ) {
        let part = part.as_ref();
        let after = changed(changed(files.clone(), &lower), &upper);
        let (_real, real) = on_disk(&after);
        let expected = View::of(&scoped(real, part));
        prop_assert_eq!(&expected.listing, &listed(&after, part));
        prop_assert_eq!(&View::of(&scoped(Tree::in_memory(after), part)), &expected);

        let mut both = lower.clone();
        both.extend(upper.clone());
        let (_folder, disk) = on_disk(&files);
        for tree in [disk.clone(), disk.read_once(), Tree::in_memory(files)] {
            prop_assert_eq!(&View::of(&scoped(tree.with(both.clone()), part)), &expected);
            // The last overlay takes precedence, and a scope limits the whole result.
            let stacked = scoped(tree.with(lower.clone()), part).with(upper.clone());
            prop_assert_eq!(&View::of(&stacked), &expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_as_of_a_commit_says_the_same(
        commits in prop::collection::vec(files(), 1..3), overlay in overlay(), part in part(),
    ) {
        let part = part.as_ref();
        let repository = Repository::new();
        let root = repository.path("prompts");
        for (number, files) in commits.iter().enumerate() {
            write(&root, files);
            repository.commit("Ana", "Change");
            repository.git(&["tag", &format!("t{number}")]);
            std::fs::remove_dir_all(&root).unwrap();
        }
        for (number, files) in commits.iter().enumerate() {
            let after = changed(files.clone(), &overlay);
            let expected = View::of(&scoped(Tree::in_memory(after), part));
            let tree = Tree::at(&root, Some(&format!("t{number}"))).unwrap();
            prop_assert_eq!(&View::of(&scoped(tree.with(overlay.clone()), part)), &expected);
            let plain = View::of(&scoped(tree, part));
            let expected = View::of(&scoped(Tree::in_memory(files.clone()), part));
            prop_assert_eq!(&plain, &expected);
        }
    }
}

#[test]
fn what_was_read_once_is_not_read_again() {
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let files: Contents =
        [file("a/v1.0.0/system_prompt.txt", "Hello.\n"), file("registry.yaml", "registry: x\n")]
            .into();
    let (folder, disk) = on_disk(&files);
    let tree = disk.read_once();
    let expected = View::of(&tree);
    // Files that were read keep their contents, and files that were missing are looked up again.
    std::fs::write(folder.path().join("a/v1.0.0/system_prompt.txt"), "Bye.\n").unwrap();
    std::fs::remove_file(folder.path().join("registry.yaml")).unwrap();
    assert_eq!(View::of(&tree), expected);
    let laid_over =
        tree.with([("a/v1.1.0/system_prompt.txt".to_owned(), Some(b"Hi.\n".to_vec()))].into());
    let prompt = laid_over.prompt_files(&"a".parse().unwrap()).unwrap().unwrap();
    let contents: Vec<Vec<u8>> =
        laid_over.read_prompt_files(&prompt).unwrap().into_values().collect();
    assert_eq!(contents, [b"Hello.\n".to_vec(), b"Hi.\n".to_vec()]);
    // A file that was written through the tree is read again.
    tree.replace("a/v1.0.0/system_prompt.txt", "New.\n").unwrap();
    assert_eq!(tree.read("a/v1.0.0/system_prompt.txt").unwrap(), b"New.\n");
    assert!(!tree.listing().unwrap().contains_key("registry.yaml"));
}

#[test]
fn only_what_is_read_from_disk_as_it_is_there_is_written() {
    let files: Contents = [("a.md".to_owned(), b"Hello.\n".to_vec())].into();
    let (folder, disk) = on_disk(&files);
    let laid_over = disk.with([("b.md".to_owned(), None)].into());
    let part = disk.clone().limit_to_paths(["b.md".to_owned()].into());
    for tree in [&laid_over, &part, &Tree::in_memory(files)] {
        let refused = |written: Result<(), Error>| {
            let error = written.unwrap_err();
            assert!(matches!(error, Error::NotWritable { .. }), "{error}");
        };
        refused(tree.replace("a.md", "Hi.\n"));
        refused(tree.write_new("c.md", b"Hi.\n"));
        refused(tree.remove("a.md"));
    }
    disk.replace("a.md", "Hi.\n").unwrap();
    part.write_new("b.md", b"Hi.\n").unwrap();
    assert_eq!(std::fs::read(folder.path().join("a.md")).unwrap(), b"Hi.\n");
    assert_eq!(disk.read("b.md").unwrap(), b"Hi.\n");
}
