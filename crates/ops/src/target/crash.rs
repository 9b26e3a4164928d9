//! Ends the process at each operation on the disk in turn. Each time, readers must find a whole
//! registry, and the next build must produce the expected result.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use promptdex_core::published_registry::PublishedRegistry;
use promptdex_core::rules::Severity;
use promptdex_core::tree::Contents;
use promptdex_publish::files::observe;
use promptdex_wire::prompt::VersionOrRedaction;
use promptdex_wire::{Blob, Chain, Format, Kind, RegistryPath, Release, ReleasePack, json};

use super::{InMemory, Staging};
use crate::build;
use crate::build::folder::{FolderBuild, FolderOptions};
use crate::build::inputs::Publisher;
use crate::build::output::Output;
use crate::error::Result;
use crate::published::PreviousRegistry;
use crate::published::files::Files;
use crate::tree::Tree;

/// The number of the operation at which a child process ends.
const CRASH_AT: &str = "PROMPTDEX_TEST_CRASH_AT";

/// Counts the operations of a child process, and ends it at the chosen one.
fn count_operation() {
    static OPERATIONS: AtomicUsize = AtomicUsize::new(0);
    let number = OPERATIONS.fetch_add(1, Ordering::SeqCst) + 1;
    let last = std::env::var(CRASH_AT).ok().and_then(|last| last.parse().ok());
    if last == Some(number) {
        std::process::abort();
    }
}

/// Builds `prompts` of the current folder to `dist`, continuing `dist` if it exists.
fn build_here() -> Result<()> {
    let dist = Path::new("dist");
    let previous = dist.join("api").is_dir().then(|| dist.to_owned());
    let tree = Tree::open(Path::new("prompts"))?;
    let options = FolderOptions {
        output: dist,
        previous,
        is_packed: true,
        is_cached: true,
        site: None,
        publisher: Publisher::default(),
        holds: Some(Severity::Error),
    };
    let build = FolderBuild::start(&tree, options)?;
    let outcome = build.run()?;
    assert!(outcome.is_written, "{:?}", outcome.findings);
    build.commit(outcome.cache_update)
}

/// Runs a build in a child process, and returns whether it completed.
fn build_in_child(folder: &Path, crash_at: Option<usize>) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "target::crash::every_operation_may_be_the_last", "--quiet"])
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", "1")
        // 0 is no operation, so the child runs to its end.
        .env(CRASH_AT, crash_at.unwrap_or(0).to_string());
    let output = child.output().unwrap();
    assert!(
        crash_at.is_some() || output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.status.success()
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join("prompts").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Returns all files in a folder, by relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Checks the registry as a reader sees it: every chain from its pointer to its documents, and
/// every file whole.
fn check_reader(dist: &Path) {
    let mut files = files(dist);
    let newest: BTreeMap<Chain, u64> = files
        .iter()
        .filter_map(|(path, bytes)| match RegistryPath::parse(path)? {
            RegistryPath::Pointer(chain) => {
                Some((chain, json::read::<Release>(bytes).unwrap().sequence))
            }
            _ => None,
        })
        .collect();
    // A client does not know releases that no pointer names yet.
    files.retain(|path, _| match RegistryPath::parse(path) {
        Some(RegistryPath::Release(chain, sequence)) => {
            newest.get(&chain).is_some_and(|newest| sequence <= *newest)
        }
        Some(_) => true,
        None => !path.starts_with(".promptdex/"),
    });
    let read = |path: &RegistryPath| -> Result<_> { Ok(files.get(&path.to_string()).cloned()) };
    let chains: Vec<Chain> = files
        .keys()
        .filter_map(|path| match RegistryPath::parse(path) {
            Some(RegistryPath::Pointer(chain)) => Some(chain),
            _ => None,
        })
        .collect();
    let chained = PublishedRegistry::read(chains, read).unwrap();
    drop(chained.read_history(read).unwrap());
    for (chain, tail) in &chained.tails {
        let release = RegistryPath::Release(chain.clone(), tail.release.sequence);
        assert!(
            read(&release).unwrap().as_ref() == Some(&tail.bytes),
            "{release} is not its pointer"
        );
    }
    for name in chained.lists.keys() {
        let mut prompt = chained.prompt(name, read).unwrap();
        for (version, listed) in prompt.versions.clone() {
            let path = RegistryPath::Version(name.clone(), version.clone());
            match VersionOrRedaction::read(&read(&path).unwrap().unwrap()).unwrap() {
                // The redaction names the document that it replaced, which the catalog may still
                // list.
                VersionOrRedaction::Redacted(redacted)
                    if redacted.withdraws(name, &version, listed.digest) => {}
                VersionOrRedaction::Redacted(_) | VersionOrRedaction::Version(_) => {
                    prompt.load(name, [&version], read).unwrap();
                }
            }
        }
    }
    for (path, bytes) in &files {
        match RegistryPath::parse(path).unwrap() {
            RegistryPath::Snapshot(digest) | RegistryPath::Blob(digest) => {
                assert_eq!(Blob::of(bytes).digest, digest, "{path}");
            }
            RegistryPath::Release(..) => drop(json::read::<Release>(bytes).unwrap()),
            _ => drop(serde_json::from_slice::<serde_json::Value>(bytes).unwrap()),
        }
    }
}

/// Builds `before` whole. Then builds `change` repeatedly, with a crash at every operation.
fn crash_everywhere(before: &dyn Fn(&Path), change: &dyn Fn(&Path)) -> usize {
    crash_at(1.., before, change)
}

/// Builds `before` whole. Then builds `change` repeatedly, with a crash at each of some operations.
fn crash_at(
    operations: impl Iterator<Item = usize>,
    before: &dyn Fn(&Path),
    change: &dyn Fn(&Path),
) -> usize {
    let whole = tempfile::tempdir().unwrap();
    before(whole.path());
    change(whole.path());
    build_in_child(whole.path(), None);
    let expected = files(&whole.path().join("dist"));
    for operation in operations {
        let folder = tempfile::tempdir().unwrap();
        before(folder.path());
        change(folder.path());
        let dist = folder.path().join("dist");
        let is_done = build_in_child(folder.path(), Some(operation));
        if dist.exists() {
            check_reader(&dist);
        }
        build_in_child(folder.path(), None);
        let found = files(&dist);
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "after operation {operation}");
        assert!(found == expected, "after operation {operation} the next build differs");
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "after operation {operation}: {left:?}");
        if is_done {
            return operation;
        }
    }
    unreachable!("a build has an end")
}

#[test]
fn every_operation_may_be_the_last() {
    if std::env::var_os(CRASH_AT).is_some() {
        observe(count_operation);
        build_here().unwrap();
        return;
    }
    let first = |folder: &Path| {
        write(
            folder,
            &[
                ("greeting/v1.0.0/system_prompt.txt", "Hello.\n"),
                ("greeting/environments/production.yaml", "version: 1.0.0\n"),
                ("late/v1.0.0/system_prompt.txt", "Sorry.\n"),
                ("leak/v1.0.0/system_prompt.txt", "The word is hunter2.\n"),
                ("leak/v1.1.0/system_prompt.txt", "There is no word.\n"),
                (
                    "photo/v1.0.0/messages.yaml",
                    "- role: user\n  content: [{type: image, file: files/a.png, media_type: image/png}]\n",
                ),
                ("photo/v1.0.0/files/a.png", "pixels"),
                ("registry.yaml", "bundles: {photos: [photo]}\n"),
            ],
        );
    };
    let operations = crash_everywhere(&|_| {}, &first);
    assert!(operations > 60, "only {operations} operations were tried");

    let published = |folder: &Path| {
        first(folder);
        build_in_child(folder, None);
    };
    // The change has a new version, a promotion, a redaction, a removed pointer and bundle, and a prompt that is held back.
    let operations = crash_everywhere(&published, &|folder| {
        write(
            folder,
            &[
                ("greeting/v1.1.0/system_prompt.txt", "Hello!\n"),
                ("greeting/environments/staging.yaml", "version: 1.1.0\n"),
                ("leak/prompt.yaml", "redacted: {1.0.0: says the word}\n"),
                ("photo/prompt.yaml", "redacted: {1.0.0: a face}\n"),
                ("late/v1.1.0/system_prompt.txt", "{{ nobody }}\n"),
                ("registry.yaml", "environments: [dev, staging, production]\n"),
            ],
        );
        fs::remove_file(folder.join("prompts/greeting/environments/production.yaml")).unwrap();
    });
    assert!(operations > 60, "only {operations} operations were tried");

    // A hundred releases are packed, and their snapshots go: most of the operations are alike.
    let registry = two_hundred_releases();
    let long = |folder: &Path| {
        write(
            folder,
            &files_with_weight(200).each_ref().map(|(path, text)| (*path, text.as_str())),
        );
        for (path, bytes) in &registry {
            let path = folder.join("dist").join(path.to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    };
    let operations = crash_at((1..30).chain((30..).step_by(23)), &long, &|folder| {
        write(folder, &files_with_weight(1).each_ref().map(|(path, text)| (*path, text.as_str())));
    });
    assert!(operations > 200, "only {operations} operations were tried");

    // Half of a pack was damaged, and the files of that half are still there: the other half is in the pack alone,
    // and is never lost while the pack is written anew.
    let release = |number| {
        let path = format!("api/environments/production/releases/{number}.json");
        RegistryPath::parse(&path).unwrap()
    };
    let text = |number| String::from_utf8(registry[&release(number)].clone()).unwrap();
    let documents = (1..=50).map(text).chain((51..=100).map(|_| "damaged".to_owned())).collect();
    let pack = ReleasePack { format: Format, kind: Kind::Releases, documents };
    let damaged = |folder: &Path| {
        long(folder);
        let dist = folder.join("dist");
        fs::write(dist.join("api/environments/production/releases/1-100.json"), json::write(&pack))
            .unwrap();
        for number in 1..=50 {
            fs::remove_file(dist.join(release(number).to_string())).unwrap();
        }
    };
    let operations = crash_at((1..20).chain((20..).step_by(11)), &damaged, &|_| {});
    assert!(operations > 80, "only {operations} operations were tried");
}

/// Counts the operations of a build that fails, in a process of its own.
#[test]
fn a_build_that_fails_writes_nothing() {
    /// The folder in which a child process builds.
    const FOLDER: &str = "PROMPTDEX_TEST_FAILING_BUILD";
    static OPERATIONS: AtomicUsize = AtomicUsize::new(0);
    if std::env::var_os(FOLDER).is_some() {
        observe(|| {
            OPERATIONS.fetch_add(1, Ordering::SeqCst);
        });
        let tree = Tree::open(Path::new("prompts")).unwrap();
        let previous = Path::new("dist/api").is_dir().then(|| Path::new("dist").to_owned());
        for output in ["dist", "other"] {
            let options = FolderOptions {
                output: Path::new(output),
                previous: previous.clone(),
                is_packed: previous.is_some(),
                is_cached: true,
                site: None,
                publisher: Publisher::default(),
                holds: None,
            };
            let build = FolderBuild::start(&tree, options).unwrap();
            let before = OPERATIONS.load(Ordering::SeqCst);
            let outcome = build.run().unwrap();
            assert!(!outcome.is_written);
            assert_eq!(OPERATIONS.load(Ordering::SeqCst), before);
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for number in 0..50 {
        let path = format!("p{number}/v1.0.0/system_prompt.txt");
        write(folder.path(), &[(&path, &"Hello.\n".repeat(10_000))]);
    }
    let fail = || {
        let before = files(folder.path());
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "target::crash::a_build_that_fails_writes_nothing", "--quiet"])
            .current_dir(folder.path())
            .env(FOLDER, "1");
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut after = files(folder.path());
        // The clock of the build cache, in the tree, is read from a file of its own.
        after.retain(|path, _| !path.starts_with("prompts/.promptdex/"));
        assert!(before == after, "{:?}", after.keys().collect::<Vec<_>>());
    };
    write(folder.path(), &[("p7/v1.0.0/system_prompt.txt", "{{ nobody }}\n")]);
    fail();
    write(folder.path(), &[("p7/v1.0.0/system_prompt.txt", "Hello.\n")]);
    build_in_child(folder.path(), None);
    write(
        folder.path(),
        &[
            ("p7/v1.1.0/system_prompt.txt", "{{ nobody }}\n"),
            ("p8/v1.1.0/system_prompt.txt", "Hello!\n"),
        ],
    );
    fail();
}

/// The files of a tree in which production serves a share of a new version.
fn files_with_weight(new: u32) -> [(&'static str, String); 4] {
    let rollout = format!(
        "rollout: {{arms: [{{key: old, version: 1.0.0, weight: {:.2}}}, {{key: new, version: 1.1.0, weight: {:.2}}}]}}\n",
        100.0 - f64::from(new) / 100.0,
        f64::from(new) / 100.0
    );
    [
        ("registry.yaml", "environments: [production]\n".to_owned()),
        ("greeting/v1.0.0/system_prompt.txt", "Hello.\n".to_owned()),
        ("greeting/v1.1.0/system_prompt.txt", "Hello!\n".to_owned()),
        ("greeting/environments/production.yaml", rollout),
    ]
}

/// Publishes a tree two hundred times.
fn two_hundred_releases() -> Files {
    let memory = Arc::new(InMemory::default());
    let mut previous = None;
    for new in 1..=200 {
        let files = files_with_weight(new).into_iter();
        let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
        let tree = Tree::in_memory(files.collect::<Contents>());
        let staging = Staging::InMemory(Arc::clone(&memory));
        let output =
            Output { staging: Some(&staging), previous: previous.as_ref(), ..Output::default() };
        assert_eq!(build::run(&tree, &output).unwrap().findings, []);
        staging.commit().unwrap();
        previous = Some(PreviousRegistry::in_memory(memory.files()).unwrap());
    }
    memory.files()
}
