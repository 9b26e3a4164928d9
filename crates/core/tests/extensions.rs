//! A registry with something that a newer promptdex wrote is continued as `conformance/extensions.json` says, or refused
//! where the next release would take it back: in snapshots and in lists of versions.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

#[path = "../../wire/tests/extensions/table.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod table;

use std::collections::BTreeMap;

use promptdex_core::published_registry::{CorruptFile, PublishedRegistry, ServedAsOf};
use promptdex_wire::event::Target;
use promptdex_wire::{Blob, Chain, Digest, Environment, Kind, PackRange, PromptName, RegistryPath};
use serde_json::{Value, json};

use table::{Extension, Outcome, extensions, put, table};

const KINDS: [Kind; 7] = [
    Kind::Redacted,
    Kind::Release,
    Kind::Releases,
    Kind::Snapshot,
    Kind::Shards,
    Kind::VersionList,
    Kind::Changes,
];

fn environment() -> Environment {
    "production".parse().unwrap()
}

fn production() -> Chain {
    Chain::Environment(environment())
}

fn refund() -> PromptName {
    "support/refund".parse().unwrap()
}

/// What a build is told of the registry that it continues.
#[derive(Debug)]
struct Told {
    /// What is served, and which versions there are.
    served: String,
    /// What happened.
    history: String,
}

/// The files of a registry with a document of the table.
struct Files(BTreeMap<RegistryPath, Vec<u8>>);

impl Files {
    /// Adds a file that is named by its digest.
    fn add(&mut self, document: &Value) -> Blob {
        let bytes = written(document);
        let blob = Blob::of(&bytes);
        self.0.insert(RegistryPath::Snapshot(blob.digest), bytes);
        blob
    }

    fn add_release(&mut self, chain: &Chain, release: &Value) -> Digest {
        let bytes = written(release);
        let path = RegistryPath::Release(chain.clone(), release["sequence"].as_u64().unwrap());
        self.0.insert(path, bytes.clone());
        self.0.insert(RegistryPath::Pointer(chain.clone()), bytes.clone());
        Digest::of(&bytes)
    }

    fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>, CorruptFile> {
        Ok(self.0.get(path).cloned())
    }

    /// Makes a registry in which every reference leads somewhere.
    fn with(own: &str, document: &Value) -> Self {
        let table = table();
        let get = |name: &str| {
            if name == own { document.clone() } else { table["documents"][name].clone() }
        };
        let mut files = Self(BTreeMap::new());

        let page = without(&table["documents"]["version_list"], "older");
        let page = files.add(&page);
        let list = files.add(&naming(get("version_list"), "/older", page));
        let greeting = json!({"format": 1, "kind": "version_list", "name": "support/greeting", "versions": []});
        let greeting = files.add(&greeting);
        let entries = naming(get("snapshot_of_catalog"), "/entries/0", greeting);
        let entries = files.add(&naming(entries, "/entries/1", list));
        files.add_release(&Chain::Catalog, &json!({
            "format": 1, "kind": "release", "registry": "acme", "environment": "catalog", "sequence": 1,
            "operation": "publish",
            "snapshot": {"digest": entries.digest.to_string(), "size": entries.size, "count": 2, "bits": 0},
        }));

        let page = files.add(&without(&table["documents"]["changes"], "older"));
        let changes = files.add(&naming(get("changes"), "/older", page));
        let mut served = files.add(&get("snapshot"));
        let bits = u64::from(own == "shards");
        if own == "shards" {
            let empty = files.add(&json!({"format": 1, "kind": "snapshot", "entries": []}));
            let shards = naming(naming(get("shards"), "/shards/0", served), "/shards/1", empty);
            served = files.add(&shards);
        }
        let served = |mut release: Value| {
            if release.pointer("/snapshot/bits").is_some() {
                put(&mut release, "/snapshot/bits", bits.into());
            }
            naming(release, "/snapshot", served)
        };
        let plain = |sequence: u64, previous: Option<Digest>| {
            let mut release = without(&table["documents"]["release"], "previous");
            release["sequence"] = sequence.into();
            match previous {
                Some(previous) => release["previous"] = previous.to_string().into(),
                // A chain that does not begin with 1 was lost.
                None if sequence > 1 => release["operation"] = "restart".into(),
                None => {}
            }
            served(release)
        };
        if own == "releases" {
            files.pack(&get(own), plain);
            return files;
        }
        let first = files.add_release(&production(), &plain(11, None));
        let release = if own == "changes" { "release_with_changes_file" } else { own };
        let release = if release.starts_with("release") { release } else { "release" };
        let mut release = served(get(release));
        if release.pointer("/changes_file/digest").is_some() {
            release = naming(release, "/changes_file", changes);
        }
        if is_sha256(&release["previous"]) {
            release["previous"] = first.to_string().into();
        }
        let second = files.add_release(&production(), &release);
        // What the newest release withdraws cannot be continued.
        if release.get("holds").is_some() {
            files.add_release(&production(), &plain(13, Some(second)));
        }

        let path = RegistryPath::Version(refund(), "1.1.0".parse().unwrap());
        files.0.insert(path, written(&get("redacted")));
        files
    }

    /// Adds a hundred releases in a pack, and the one after them.
    fn pack(&mut self, pack: &Value, release: impl Fn(u64, Option<Digest>) -> Value) {
        let mut previous = None;
        let mut documents: Vec<Value> = Vec::new();
        for sequence in 1..=100 {
            let bytes = written(&release(sequence, previous));
            previous = Some(Digest::of(&bytes));
            documents.push(String::from_utf8(bytes).unwrap().into());
        }
        let mut pack = pack.clone();
        put(&mut pack, "/documents", documents.into());
        let range = PackRange::holding(1).unwrap();
        self.0.insert(RegistryPath::ReleasePack(production(), range), written(&pack));
        self.add_release(&production(), &release(101, previous));
    }

    /// Tells everything that a build wants to know of a registry which it continues.
    fn read_all(&self) -> Result<Told, CorruptFile> {
        let read = |path: &RegistryPath| self.read(path);
        let published = PublishedRegistry::read([Chain::Catalog, production()], read)?;
        let mut served = String::new();
        for (name, entries) in &published.served_entries[&environment()] {
            served += &format!("{name}: {}\n", Target::of(entries).unwrap());
        }
        let newest = published.tails[&production()].release.sequence;
        let past = published.served_as_of(&environment(), newest, read)?;
        assert!(matches!(past, ServedAsOf::Served(_)));
        let mut prompt = published.prompt(&refund(), read)?;
        for row in prompt.versions.values() {
            served += &format!("{} is {}\n", row.version, row.state.word());
        }
        prompt.find_withdrawn(&refund(), |path, _| !self.0.contains_key(path), read)?;
        served += &format!("withdrawn: {:?}\n", prompt.withdrawn.keys());
        let history = format!("{:?}", published.read_history(read)?);
        Ok(Told { served, history })
    }
}

fn written(document: &Value) -> Vec<u8> {
    document.to_string().into_bytes()
}

fn without(document: &Value, field: &str) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove(field);
    document
}

fn is_sha256(digest: &Value) -> bool {
    digest.as_str().is_some_and(|digest| digest.starts_with("sha256:"))
}

/// Lets a reference in a document name a file, unless it is of a form that only a newer promptdex knows.
fn naming(mut document: Value, place: &str, file: Blob) -> Value {
    let digest = format!("{place}/digest");
    if document.pointer(&digest).is_some_and(is_sha256) {
        put(&mut document, &digest, file.digest.to_string().into());
        let size = format!("{place}/size");
        if document.pointer(&size).is_some_and(Value::is_u64) {
            put(&mut document, &size, file.size.into());
        }
    }
    document
}

fn check(extension: &Extension) {
    let Extension { name, document, kind, today, extended, places, .. } = extension;
    let read = |document_as: &Value| Files::with(document, document_as).read_all();
    let before = read(today).unwrap_or_else(|error| panic!("{name}: {error}"));
    let after = read(extended);
    let is_rewritten = matches!(kind, Kind::Snapshot | Kind::Shards | Kind::VersionList);
    if extension.outcome == Outcome::Refused {
        let problem = after.unwrap_err().problem;
        // What does not even say that it is a redaction is held to the digest of the version.
        let is_other = *kind == Kind::Redacted && places == &["/kind"];
        assert!(is_other || problem.contains("needs a newer reader"), "{name}: {problem}");
        return;
    }
    if is_rewritten {
        let problem = after.unwrap_err().problem;
        let is_clear = problem.contains("newer promptdex") && problem.contains("with that version");
        assert!(is_clear, "{name}: {problem}");
        return;
    }
    let after = after.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(after.served, before.served, "{name}");
    if extension.is_addition() {
        assert_eq!(after.history, before.history, "{name}");
    } else if places[0].starts_with("/changes/") {
        // What stands in the place of a known word or form is kept, and the rest of the history is known.
        let unknown = |told: &Told| told.history.matches("Unknown(").count();
        assert_eq!(unknown(&after), unknown(&before) + 1, "{name}: {}", after.history);
    }
}

#[test]
fn a_registry_of_a_newer_promptdex_is_continued_or_refused_and_nothing_is_taken_back() {
    extensions(&KINDS).iter().for_each(check);
}
