//! What a newer promptdex may write is read as `conformance/extensions.json` says by whoever asks for the past and the
//! rules. Of most documents only some fields are taken: what is new in the others changes no answer.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../wire/tests/extensions/table.rs"]
mod table;

use std::collections::BTreeMap;

use promptdex_audit::{
    changed_since, history_csv, history_rows, policy_teams, promised_versions, promotion_needs,
    release_parts, served_on,
};
use promptdex_wire::{Blob, Kind};
use serde_json::Value;

use table::{Extension, Outcome, extensions, put, table};

const KINDS: [Kind; 9] = [
    Kind::Version,
    Kind::Redacted,
    Kind::Versions,
    Kind::History,
    Kind::HistoryMonth,
    Kind::Release,
    Kind::Snapshot,
    Kind::Shards,
    Kind::Policy,
];

/// The documents of the table, of which one may be extended.
struct Documents(BTreeMap<String, Value>);

impl Documents {
    fn new(own: &str, document: &Value) -> Self {
        let table = table();
        let documents = table["documents"].as_object().unwrap().clone();
        let mut documents: BTreeMap<String, Value> = documents.into_iter().collect();
        documents.insert(own.to_owned(), document.clone());
        Self(documents)
    }

    fn text(&self, name: &str) -> String {
        self.0[name].to_string()
    }

    /// Returns the text of a document in which a reference names a file, unless the reference is of another algorithm.
    fn text_that_names(&self, name: &str, place: &str, file: &str) -> String {
        let mut document = self.0[name].clone();
        let digest = format!("{place}/digest");
        if document.pointer(&digest).unwrap().as_str().unwrap().starts_with("sha256:") {
            let Blob { digest: named, size } = Blob::of(file.as_bytes());
            put(&mut document, &digest, named.to_string().into());
            put(&mut document, &format!("{place}/size"), size.into());
        }
        document.to_string()
    }

    /// Returns what is answered to everything that has to do with a document.
    fn answers(&self, document: &str) -> Vec<String> {
        let history = |document: &str| {
            let files = || vec![self.text(document)];
            vec![
                history_rows(files(), Vec::new(), 0, 10),
                history_csv(files(), Vec::new()),
                served_on(files(), "2026-03-31", Vec::new()),
            ]
        };
        let promotion = |versions: &str, documents: Option<Vec<String>>| {
            let [policy, past] = ["policy", "history"].map(|name| self.text(name));
            let now = "2026-03-10T00:00:00Z";
            promotion_needs(&policy, versions, &past, documents, "staging", "production", now)
        };
        // What is compared is the snapshot of the table with the one of the extension.
        let then = Self::new("", &Value::Null);
        let whole = |own: &Self, release: &str| {
            let snapshot = own.text("snapshot");
            vec![own.text_that_names(release, "/snapshot", &snapshot), snapshot]
        };
        match document {
            "history" => {
                let mut answers = history(document);
                answers.push(promotion(&self.text("versions"), None));
                answers
            }
            "history_month" => history(document),
            "versions" => vec![
                promised_versions(&self.text(document), "staging", "production"),
                promotion(&self.text(document), None),
            ],
            "policy" => {
                vec![policy_teams(&self.text(document)), promotion(&self.text("versions"), None)]
            }
            "version" => {
                let mut old = then.0[document].clone();
                put(&mut old, "/version", "1.0.0".into());
                let (old, new) = (old.to_string(), self.text(document));
                let mut versions = self.text_that_names("versions", "/versions/1", &new);
                let other = then.0["versions"].pointer("/versions/2/digest").unwrap();
                let own = Blob::of(old.as_bytes()).digest.to_string();
                versions = versions.replace(other.as_str().unwrap(), &own);
                vec![promotion(&versions, Some(vec![old, new]))]
            }
            "redacted" => {
                vec![promotion(&self.text("versions"), Some(vec![self.text(document)]))]
            }
            "shards" => {
                let shard = self.text("snapshot");
                let empty = r#"{"format":1,"kind":"snapshot","entries":[]}"#.to_owned();
                let mut own = Self(self.0.clone());
                for (place, file) in [("/shards/0", &shard), ("/shards/1", &empty)] {
                    let root = own.text_that_names(document, place, file);
                    own.0.insert(document.to_owned(), serde_json::from_str(&root).unwrap());
                }
                let root = own.text(document);
                let release = own.text_that_names("release", "/snapshot", &root);
                let parts = release_parts(&release, Some(root.clone()));
                let now = vec![release, root, shard, empty];
                vec![parts, changed_since(whole(&then, "release"), now)]
            }
            "snapshot" => vec![changed_since(whole(&then, "release"), whole(self, "release"))],
            release if release.starts_with("release") => vec![
                release_parts(&self.text(release), None),
                changed_since(whole(&then, "release"), whole(self, release)),
            ],
            // Nobody asks what a release of the catalog has.
            "snapshot_of_catalog" => Vec::new(),
            other => panic!("nothing is asked of {other}"),
        }
    }
}

fn is_failed(answer: &str) -> bool {
    answer.starts_with(r#"{"failed""#)
}

fn check(extension: &Extension) {
    let Extension { name, document, kind, today, extended, .. } = extension;
    let before = Documents::new(document, today).answers(document);
    let after = Documents::new(document, extended).answers(document);
    assert!(!before.iter().any(|answer| is_failed(answer)), "{name}: {before:?}");
    match &extension.outcome {
        Outcome::Refused => {
            let is_envelope = extension.places == ["/format"] || extension.places == ["/kind"];
            for (answer, before) in after.iter().zip(&before) {
                // What stands in the place of a version and withdraws it not is held to the digest of the version.
                let is_told = answer.contains("needs a newer") || *kind == Kind::Redacted;
                let is_refused = is_failed(answer) && is_told;
                assert!(is_refused || (!is_envelope && answer == before), "{name}: {answer}");
            }
        }
        Outcome::PartRefused(part) => {
            assert!(!after.iter().any(|answer| is_failed(answer)), "{name}: {after:?}");
            // Whose an entry is that has no name, nobody can tell.
            let part = extended.pointer(part).unwrap();
            let is_nameless = *document == "snapshot" && !part["name"].is_string();
            let is_told = after.iter().any(|answer| answer.contains("needs a newer site"));
            assert!(is_told || is_nameless || after == before, "{name}: {after:?}");
        }
        Outcome::Read => match extension.words() {
            Some((old, new)) => {
                let again: Vec<String> =
                    after.iter().map(|answer| answer.replace(new, old)).collect();
                assert_eq!(again, before, "{name}");
            }
            None if extension.is_addition() => assert_eq!(after, before, "{name}"),
            None => assert!(!after.iter().any(|answer| is_failed(answer)), "{name}: {after:?}"),
        },
    }
}

#[test]
fn the_past_and_the_rules_are_told_as_far_as_they_are_known() {
    extensions(&KINDS).iter().for_each(check);
}

#[test]
fn a_promotion_of_a_version_in_an_unknown_state_is_not_said_to_be_allowed() {
    let mut versions = table()["documents"]["versions"].clone();
    put(&mut versions, "/versions/1/state", "frozen".into());
    let answers = Documents::new("versions", &versions).answers("versions");
    assert!(answers[1].contains("1.1.0 is frozen, a form that needs a newer site"), "{answers:?}");
    assert!(answers[1].contains("refused"), "{answers:?}");
}
