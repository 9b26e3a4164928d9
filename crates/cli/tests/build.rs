//! Tests builds of real trees. Every file matches its path, two builds are equal, an independent
//! reader agrees, and foreign files in the output are never changed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use promptdex_wire::catalog::{Bundle, Cases, Catalog, Registry, VersionList, Versions};
use promptdex_wire::event::Changes;
use promptdex_wire::history::{History, HistoryMonth};
use promptdex_wire::policy::Policy;
use promptdex_wire::prompt::VersionOrRedaction;
use promptdex_wire::release::{CatalogEntry, Entry, Shards, Snapshot};
use promptdex_wire::{
    BundleName, Chain, Digest, Environment, FilePath, Latest, PromptName, RegistryName,
    RegistryPath, Release, ReleasePack, SearchShard, json,
};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn promptdex(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// Runs a command in an isolated environment.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

fn build(root: &Path, output: &Path) {
    let output = promptdex(
        &workspace(),
        &["build", "--root", root.to_str().unwrap(), "--output", output.to_str().unwrap()],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns all files in a folder, by relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The trees to build: the sample tree, and the corpora if they are present next to the repository.
fn trees() -> Vec<PathBuf> {
    let mut trees = vec![workspace().join("prompts")];
    let corpus = workspace().join("../shared/corpora/awesome-chatgpt-prompts/prompts");
    if corpus.is_dir() {
        trees.push(corpus);
    } else {
        eprintln!("skipped: the corpus is not beside the repository");
    }
    trees
}

/// Parses a file as the document type of its path.
fn check_file(path: &str, bytes: &[u8]) {
    let address =
        RegistryPath::parse(path).unwrap_or_else(|| panic!("{path} is not a published path"));
    let result = match &address {
        RegistryPath::Registry => json::read::<Registry>(bytes).map(drop),
        RegistryPath::Policy => json::read::<Policy>(bytes).map(drop),
        RegistryPath::Catalog => json::read::<Catalog>(bytes).map(drop),
        RegistryPath::Version(name, version) => {
            VersionOrRedaction::read(bytes).map(|published| match published {
                VersionOrRedaction::Version(document) => {
                    assert_eq!((&document.name, &document.version), (name, version));
                }
                VersionOrRedaction::Redacted(document) => {
                    assert_eq!((&document.name, &document.version), (name, version));
                }
            })
        }
        RegistryPath::Versions(_) => json::read::<Versions>(bytes).map(drop),
        RegistryPath::Latest(..) | RegistryPath::LatestTrack(..) => {
            json::read::<Latest>(bytes).map(drop)
        }
        RegistryPath::Cases(..) => json::read::<Cases>(bytes).map(drop),
        RegistryPath::History(_) => json::read::<History>(bytes).map(drop),
        RegistryPath::HistoryMonth(..) => json::read::<HistoryMonth>(bytes).map(drop),
        RegistryPath::Pointer(_) | RegistryPath::Release(..) => {
            json::read::<Release>(bytes).map(drop)
        }
        RegistryPath::ReleasePack(..) => json::read::<ReleasePack>(bytes).map(drop),
        RegistryPath::Search(_) => json::read::<SearchShard>(bytes).map(drop),
        RegistryPath::Bundle(..) => json::read::<Bundle>(bytes).map(drop),
        RegistryPath::Snapshot(digest) => {
            assert_eq!(Digest::of(bytes), *digest, "{path}");
            json::read::<Snapshot<Entry>>(bytes)
                .map(drop)
                .or_else(|_| json::read::<Snapshot<CatalogEntry>>(bytes).map(drop))
                .or_else(|_| json::read::<Shards>(bytes).map(drop))
                .or_else(|_| json::read::<VersionList>(bytes).map(drop))
                .or_else(|_| json::read::<Changes>(bytes).map(drop))
                .or_else(|_| json::read::<Versions>(bytes).map(drop))
                .or_else(|_| json::read::<History>(bytes).map(drop))
                .or_else(|_| json::read::<Policy>(bytes).map(drop))
        }
        RegistryPath::Blob(digest) => {
            assert_eq!(Digest::of(bytes), *digest, "{path}");
            Ok(())
        }
        RegistryPath::Schema(kind) => {
            assert_eq!(bytes, promptdex_wire::schema::text(*kind).as_bytes());
            Ok(())
        }
        RegistryPath::Page(_) => {
            assert!(bytes.starts_with(b"<!doctype html>"), "{path}");
            Ok(())
        }
        RegistryPath::Asset(_) => Ok(()),
    };
    result.unwrap_or_else(|error| panic!("{path}: {error}"));
}

/// Names that nothing may have, with some that may be had.
const NAMES: &str = "a a/b a/b/c/d a/b/c/d/e A a- a_b vision v1 a/v2-x latest a/latest/b latest-one files con \
    a/con/b console con-1 lpt0 lpt10 com5 dev catalog production all a--b 0";

#[test]
fn schemas_refuse_the_names_that_types_refuse() {
    let read = |kind: &str| -> serde_json::Value {
        let path = workspace().join(format!("crates/wire/schemas/{kind}.schema.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let check = |kind: &str, name: &str, parses: &dyn Fn(&str) -> bool| {
        let validator = jsonschema::validator_for(&read(kind)["$defs"][name]).unwrap();
        let longest = ["a", "b", "c"].map(|letter| letter.repeat(59)).join("/");
        let long = [longest.clone() + "x", longest + "xx", "x".repeat(65)];
        for text in NAMES.split_whitespace().chain(long.iter().map(String::as_str)) {
            assert_eq!(validator.is_valid(&text.into()), parses(text), "{name} {text}");
        }
    };
    let files = [
        "img/a b.png",
        "é",
        "a/..",
        "..a",
        "a.",
        "a /b",
        "a:b",
        "a/Nul.txt",
        "lpt1/a",
        "a\u{85}",
        "a\"",
        "/a",
    ];
    let validator = jsonschema::validator_for(&read("version")["$defs"]["FilePath"]).unwrap();
    for text in files {
        assert_eq!(validator.is_valid(&text.into()), text.parse::<FilePath>().is_ok(), "{text:?}");
    }
    check("version", "PromptName", &|text| text.parse::<PromptName>().is_ok());
    check("version", "RegistryName", &|text| text.parse::<RegistryName>().is_ok());
    check("registry", "Environment", &|text| text.parse::<Environment>().is_ok());
    check("release", "Chain", &|text| text.parse::<Chain>().is_ok());
    check("registry", "BundleName", &|text| text.parse::<BundleName>().is_ok());
}

/// Validates the bytes of every document against the published schema.
fn check_schemas(written: &BTreeMap<String, Vec<u8>>) {
    let mut validators: BTreeMap<String, jsonschema::Validator> = BTreeMap::new();
    for (path, bytes) in written {
        if let Some(kind) =
            path.strip_prefix("api/schemas/").and_then(|name| name.strip_suffix(".schema.json"))
        {
            let schema = serde_json::from_slice(bytes).unwrap();
            validators
                .insert(kind.to_owned(), jsonschema::options().offline().build(&schema).unwrap());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for (path, bytes) in written {
        let is_document = path.starts_with("api/")
            && !path.starts_with("api/schemas/")
            && !path.starts_with("api/blobs/");
        if !is_document {
            continue;
        }
        let document: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let kind = document["kind"].as_str().unwrap().to_owned();
        let errors: Vec<String> = validators[&kind]
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
        // A schema that accepts other kinds would prove nothing.
        let mut other = document;
        other["kind"] = "other".into();
        assert!(!validators[&kind].is_valid(&other), "{path}");
        seen.insert(kind);
    }
    assert!(seen.len() >= 9, "only {seen:?} were written");
}

#[test]
fn every_file_is_what_its_path_says_and_a_second_reader_agrees() {
    for root in trees() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        build(&root, &dist);
        let written = files(&dist);
        for (path, bytes) in &written {
            check_file(path, bytes);
        }
        check_schemas(&written);
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reader.py");
        let output = Command::new("python3").arg(&reader).arg(&dist).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        // A reader that never fails would prove nothing, so one flipped byte must be detected.
        let version = files(&dist).into_keys().find(|path| path.contains("/versions/")).unwrap();
        let mut bytes = std::fs::read(dist.join(&version)).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(dist.join(&version), bytes).unwrap();
        let output = Command::new("python3").arg(&reader).arg(&dist).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stderr).contains("has another digest"));
    }
}

#[test]
fn texts_can_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join("prompts").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("a/v1.0.0/system_prompt.txt", "Old words, served.\n");
    write("a/v1.1.0/system_prompt.txt", "Forgotten words.\n");
    write("a/v1.2.0/system_prompt.txt", "New_words {{ 'name' }}.\n");
    write("a/environments/production.yaml", "version: 1.0.0\n");
    // An archived version is neither in the catalog nor in the search index.
    write("b/v1.0.0/system_prompt.txt", "Retired.\n");
    write("b/prompt.yaml", "archived: {1.0.0: out of date}\n");
    write("c/v1.0.0/system_prompt.txt", "请写退款函。\n{% include \"a@1.0.0\" %}\n");
    write(
        "c/v1.0.0/examples.json",
        "[{\"input\": \"words\", \"output\": {\"key\": [\"Refund!\", 5]}}]\n",
    );
    assert!(promptdex(folder.path(), &["build"]).status.success());
    let text =
        |path: &str| std::fs::read_to_string(folder.path().join("dist/api").join(path)).unwrap();
    let names = Digest::of(b"a\nc");
    let catalog = text("catalog.json");
    assert!(
        catalog.contains(&format!(r#""search":{{"names":"{names}","shards":[""]}},"#)),
        "{catalog}"
    );
    assert_eq!(
        text("search/start.json"),
        format!(
            concat!(
                r#"{{"format":1,"kind":"search","registry":"prompts","#,
                r#""sequences":{{"catalog":1,"dev":1,"production":1,"staging":1}},"names":"{}","from":"","#,
                r#""terms":{{"0":[1],"1":[1],"a":[1],"include":[1],"name":[0],"new":[0],"old":[0],"#,
                r#""refund":[1],"served":[0],"words":[0,1],"#,
                r#""写退":[1],"函":[1],"款函":[1],"请写":[1],"退款":[1]}}}}"#
            ),
            names
        )
    );
    assert_eq!(std::fs::read_dir(folder.path().join("dist/api/search")).unwrap().count(), 1);

    // Without words there is no search index.
    std::fs::remove_dir_all(folder.path().join("prompts")).unwrap();
    write("a/v1.0.0/system_prompt.txt", "…\n");
    assert!(promptdex(folder.path(), &["build"]).status.success());
    assert!(!text("catalog.json").contains("search"));
    assert!(!folder.path().join("dist/api/search").exists());
}

#[test]
fn two_builds_are_the_same_whatever_surrounds_them() {
    for root in trees() {
        let folder = tempfile::tempdir().unwrap();
        let write = |copy: &str, path: String, bytes: &[u8]| {
            let target = folder.path().join(copy).join(path);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, bytes).unwrap();
        };
        // Outside Git there are no authors. The second copy is made in a different order and with
        // different times.
        for (path, bytes) in files(&root) {
            write("first", path, &bytes);
        }
        for (path, bytes) in files(&root).into_iter().rev() {
            write("copy", path, &bytes);
        }
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        build(&folder.path().join("first"), &one);
        let output = command(folder.path(), &["build", "--root", "copy", "--output", "two"])
            .envs([
                ("RAYON_NUM_THREADS", "1"),
                ("TZ", "Asia/Tokyo"),
                ("LC_ALL", "tr_TR.UTF-8"),
                ("USER", "somebody"),
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let (one, two) = (files(&one), files(&two));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&one), names(&two));
        for (path, bytes) in one {
            assert!(two[&path] == bytes, "{path} differs");
        }
    }
}

#[test]
fn a_tree_with_errors_writes_nothing_and_leaves_the_last_build() {
    let folder = tempfile::tempdir().unwrap();
    let version = folder.path().join("prompts/greeting/v1.0.0");
    std::fs::create_dir_all(&version).unwrap();
    std::fs::write(version.join("system_prompt.txt"), "Hello.\n").unwrap();
    assert!(promptdex(folder.path(), &["build"]).status.success());
    let before = files(&folder.path().join("dist"));

    std::fs::write(version.join("system_prompt.txt"), "Hello {{ name }}.\n").unwrap();
    let output = promptdex(folder.path(), &["build"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(files(&folder.path().join("dist")) == before);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_output_that_is_not_a_registry_is_never_touched() {
    let folder = tempfile::tempdir().unwrap();
    let version = folder.path().join("prompts/greeting/v1.0.0");
    std::fs::create_dir_all(&version).unwrap();
    std::fs::write(version.join("system_prompt.txt"), "Hello.\n").unwrap();
    std::fs::create_dir(folder.path().join("photos")).unwrap();
    std::fs::write(folder.path().join("photos/cat.jpg"), "meow").unwrap();
    let before = files(folder.path());
    for (target, reason) in [
        ("photos", "is neither empty nor a registry"),
        ("prompts", "overlap"),
        ("prompts/dist", "overlap"),
        (".", "overlap"),
    ] {
        let output = promptdex(folder.path(), &["build", "--output", target]);
        assert_eq!(output.status.code(), Some(2), "{target}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(reason),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(files(folder.path()) == before, "{target}");
    }
}

#[test]
fn the_corpus_with_errors_by_design_is_refused() {
    let root = workspace().join("../shared/corpora/semantic-kernel/prompts");
    if !root.is_dir() {
        eprintln!("skipped: the corpus is not beside the repository");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = promptdex(folder.path(), &["build", "--root", root.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn hostile_files_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    let version = folder.path().join("prompts/greeting/v1.0.0");
    std::fs::create_dir_all(&version).unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../../../secret.txt", version.join("system_prompt.txt"))
            .unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("prompts/root")).unwrap();
    }
    std::fs::write(version.join("metadata.json"), "[".repeat(100_000)).unwrap();
    std::fs::write(version.join("examples.json"), "\u{feff}{\"a\":".repeat(1_000)).unwrap();
    std::fs::write(
        folder.path().join("prompts/registry.yaml"),
        "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
    )
    .unwrap();
    let output = promptdex(folder.path(), &["check", "--format", "short"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    for code in ["not-a-file", "invalid-json", "yaml-alias"] {
        assert!(text.contains(code), "{text}");
    }
    assert!(!text.contains("secret\n"));
}

#[test]
fn a_bundle_that_somebody_asked_for_is_not_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let text = "Say what the customer may expect. ".repeat(30_000);
    for number in 1..=5 {
        write(&format!("prompts/long/number-{number}/v1.0.0/system_prompt.txt"), &text);
    }
    write("prompts/short/v1.0.0/system_prompt.txt", "Be brief.");
    let build = |bundles: &str| {
        write(
            "prompts/registry.yaml",
            &format!("registry: acme\nenvironments: [dev, production]\nbundles: {bundles}\n"),
        );
        promptdex(folder.path(), &["build", "--no-site"])
    };
    let before = || -> Vec<String> {
        let names = std::fs::read_dir(folder.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };

    let output = build("{app: [\"long/**\"], small: [short]}");
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(errors.contains("prompts/registry.yaml:3:17"), "{errors}");
    assert!(errors.contains("bundle `app` of dev has at least 102"), "{errors}");
    assert!(!errors.contains("`all`") && !errors.contains("of production"), "{errors}");
    assert_eq!(before(), ["prompts"], "nothing is written");

    let output = build("{small: [short]}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written = files(&folder.path().join("dist"));
    let registry: Registry = json::read(&written["api/registry.json"]).unwrap();
    let listed: Vec<String> = registry
        .bundles
        .iter()
        .filter_map(promptdex_wire::Open::known)
        .map(|listed| {
            let path =
                format!("api/environments/{}/bundles/{}.json", listed.environment, listed.bundle);
            let bytes = &written[&path];
            assert_eq!((listed.digest, listed.size), (Digest::of(bytes), bytes.len() as u64));
            path
        })
        .collect();
    let there: Vec<&String> = written.keys().filter(|path| path.contains("/bundles/")).collect();
    assert_eq!(listed.iter().collect::<Vec<_>>().len(), there.len());
    assert!(listed.iter().all(|path| there.contains(&path)), "{listed:?}");
    assert!(!listed.contains(&"api/environments/dev/bundles/all.json".to_owned()));
}
