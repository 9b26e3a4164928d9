//! What a newer promptdex may write is shown by pages as `conformance/extensions.json` says: words as they are, what is
//! unknown as what needs a newer site, and everything else as without it.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../crates/wire/tests/extensions/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use promptdex_site::data::{LoadProblem, LoadState, PublishedVersion, Readable, Store};
use promptdex_site::page::{Assets, Pages};
use promptdex_wire::catalog::{Cases, Catalog, Registry, Versions};
use promptdex_wire::{Blob, Chain, Kind, PromptName, RegistryPath, Release, Version, json};
use serde_json::{Value, json};

use table::{Extension, Outcome, extensions, put, table};

const KINDS: [Kind; 7] = [
    Kind::Version,
    Kind::Redacted,
    Kind::Versions,
    Kind::Cases,
    Kind::Catalog,
    Kind::Release,
    Kind::Registry,
];

fn refund() -> PromptName {
    "support/refund".parse().unwrap()
}

fn pointer() -> RegistryPath {
    RegistryPath::Pointer(Chain::Environment("production".parse().unwrap()))
}

/// A registry with a document of the table.
struct Site(BTreeMap<RegistryPath, Vec<u8>>);

impl Site {
    fn with(own: &str, document: &Value) -> Self {
        let table = table();
        let get = |name: &str| {
            if name == own { document.clone() } else { table["documents"][name].clone() }
        };
        let mut files = BTreeMap::new();
        let mut write = |path: RegistryPath, document: &Value| {
            files.insert(path, document.to_string().into_bytes());
            Blob::of(document.to_string().as_bytes())
        };
        let version: Version = "1.1.0".parse().unwrap();
        let path = RegistryPath::Version(refund(), version.clone());
        let shown = write(path, &get(if own == "redacted" { "redacted" } else { "version" }));
        write(RegistryPath::Cases(refund(), version), &get("cases"));

        let mut page = table["documents"]["versions"].clone();
        for field in ["older", "pointers", "updates", "title"] {
            page.as_object_mut().unwrap().remove(field);
        }
        put(&mut page, "/versions", json!([]));
        let page_text = page.to_string();
        let page = Blob::of(page_text.as_bytes());
        write(RegistryPath::Snapshot(page.digest), &serde_json::from_str(&page_text).unwrap());
        let mut versions = naming(get("versions"), "/older", page);
        // A redaction stands in the place of the version that is listed.
        if own != "redacted" {
            versions = naming(versions, "/versions/1", shown);
        }
        put(&mut versions, "/versions/1/case_count", 2.into());
        put(&mut versions, "/pointers/production", json!({"version": "1.1.0"}));
        write(RegistryPath::Versions(refund()), &versions);

        let mut part = table["documents"]["catalog"].clone();
        part.as_object_mut().unwrap().remove("parts");
        put(&mut part, "/prompts", json!([]));
        let part_text = part.to_string();
        let part = Blob::of(part_text.as_bytes());
        write(RegistryPath::Snapshot(part.digest), &serde_json::from_str(&part_text).unwrap());
        write(RegistryPath::Catalog, &naming(get("catalog"), "/parts/0", part));

        let release = if own.starts_with("release") { own } else { "release" };
        write(pointer(), &get(release));
        write(RegistryPath::Registry, &get("registry"));
        Self(files)
    }

    fn read(&self, path: &RegistryPath) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(path).cloned())
    }

    /// Reads a document as the app does.
    fn document<T: Readable>(&self, path: RegistryPath) -> LoadState<T> {
        let files = self.0.clone();
        let store = Store::new(Some(Arc::new(move |path| files.get(path).cloned())));
        store.document(path).get_untracked()
    }

    /// Returns why a document of a kind cannot be read, if it cannot.
    fn problem(&self, kind: Kind) -> Option<String> {
        fn problem<T>(state: LoadState<T>) -> Option<String> {
            match state {
                LoadState::Ready(_) => None,
                LoadState::Failed(LoadProblem::Format(problem)) => Some(problem),
                LoadState::Failed(other) => panic!("{other:?}"),
                LoadState::Loading | LoadState::Absent => panic!("it is not there"),
            }
        }
        match kind {
            Kind::Version | Kind::Redacted => {
                let path = RegistryPath::Version(refund(), "1.1.0".parse().unwrap());
                problem(self.document::<PublishedVersion>(path))
            }
            Kind::Versions => problem(self.document::<Versions>(RegistryPath::Versions(refund()))),
            Kind::Cases => {
                let path = RegistryPath::Cases(refund(), "1.1.0".parse().unwrap());
                problem(self.document::<Cases>(path))
            }
            Kind::Catalog => problem(self.document::<Catalog>(RegistryPath::Catalog)),
            Kind::Release => problem(self.document::<Release>(pointer())),
            Kind::Registry => problem(self.document::<Registry>(RegistryPath::Registry)),
            other => panic!("no page shows a document of kind {other}"),
        }
    }

    /// Writes the pages: that of the prompt, and those of the registry.
    fn pages(&self) -> Vec<String> {
        let text = |_: &str| String::new();
        let assets = Assets {
            style: text("style"),
            theme: text("theme"),
            boot: text("boot"),
            app: text("app"),
            app_wasm: text("app_wasm"),
            not_found: text("not_found"),
            icon: text("icon"),
            tokens: BTreeMap::new(),
        };
        let registry = json::read(&self.0[&RegistryPath::Registry]).unwrap();
        let pages = Pages::new(assets, registry);
        let read = |path: &RegistryPath| self.read(path);
        let Ok(prompt) = pages.prompt(&refund(), read);
        let Ok(others) = pages.registry(read);
        let others = others.into_iter().map(|(_, html)| html);
        prompt.into_iter().chain(others).collect()
    }
}

/// Lets a reference in a document name a file, unless it is of a form that only a newer promptdex knows.
fn naming(mut document: Value, place: &str, file: Blob) -> Value {
    let digest = format!("{place}/digest");
    let named = document.pointer(&digest).and_then(Value::as_str);
    if named.is_some_and(|digest| digest.starts_with("sha256:")) {
        put(&mut document, &digest, file.digest.to_string().into());
        put(&mut document, &format!("{place}/size"), file.size.into());
    }
    document
}

/// Digests, also shortened ones, differ with every byte of a document.
fn without_digests(html: &str) -> String {
    let (mut text, mut digits) = (String::new(), String::new());
    for character in html.chars().chain(['\n']) {
        if character.is_ascii_hexdigit() {
            digits.push(character);
            continue;
        }
        text.push_str(if digits.len() < 12 { &digits } else { "…" });
        text.push(character);
        digits.clear();
    }
    text
}

const FAILED: &str = "Could not read";

fn check(extension: &Extension) {
    let Extension { name, document, kind, today, extended, .. } = extension;
    let before = Site::with(document, today);
    assert_eq!(before.problem(*kind), None, "{name}");
    let after = Site::with(document, extended);
    if extension.outcome == Outcome::Refused {
        let problem = after.problem(*kind).unwrap();
        assert!(problem.contains("needs a newer"), "{name}: {problem}");
        // The compiler writes no pages without the first two, and what is no redaction of today is not what was published.
        if !matches!(kind, Kind::Registry | Kind::Versions | Kind::Redacted) {
            let html = after.pages().concat();
            assert!(html.contains(FAILED) && html.contains("needs a newer"), "{name}: {html}");
        }
        return;
    }
    assert_eq!(after.problem(*kind), None, "{name}");
    let [before, after] = [before, after].map(|site| without_digests(&site.pages().concat()));
    assert!(!before.contains(FAILED) && !after.contains(FAILED), "{name}: {after}");
    match (&extension.outcome, extension.words()) {
        (Outcome::PartRefused(part), _) if !part.starts_with("/bundles") => {
            assert!(after.contains("needs a newer site"), "{name}: {after}");
        }
        (Outcome::Read, Some((_, word))) if after != before => {
            assert!(after.contains(word), "{name}: {after}");
        }
        (Outcome::Read, _) if extension.is_addition() => assert_eq!(after, before, "{name}"),
        _ => {}
    }
}

#[test]
fn pages_show_what_a_newer_promptdex_says_as_far_as_it_is_known() {
    extensions(&KINDS).iter().for_each(check);
}

#[test]
fn a_word_that_nobody_knows_is_shown_as_it_is() {
    for (document, place, word) in [
        ("registry", "/visibility", "members"),
        ("catalog", "/prompts/1/states/1.0.0", "frozen"),
        ("versions", "/versions/3/state", "frozen"),
        ("release", "/changes/1/operation", "frozen"),
    ] {
        let mut extended = table()["documents"][document].clone();
        put(&mut extended, place, word.into());
        let pages = Site::with(document, &extended).pages();
        let html = pages.concat();
        assert!(html.contains(&format!(">{word}<")), "{document} {place}: {html}");
        // Nobody knows whether search engines are among those who may read it. What is not found is never for them.
        let closed = pages.iter().filter(|page| page.contains("noindex")).count();
        assert_eq!(closed, if document == "registry" { pages.len() } else { 1 });
    }
}
