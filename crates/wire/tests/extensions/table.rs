//! The table `conformance/extensions.json`: what a newer promptdex may write, and what has to come of it. Every reader
//! runs it, by the kinds of document that it reads.

use std::collections::BTreeSet;
use std::path::Path;

use promptdex_wire::Kind;
use serde_json::Value;

/// The newest addition to the format that the readers of this repository know: to them it is nothing new.
const NEWEST_ADDITION: u64 = 2;

/// A document as a newer promptdex may write it.
#[derive(Debug, Clone)]
pub(crate) struct Extension {
    /// Which document it is and what is new in it, for messages of tests.
    pub(crate) name: String,
    /// The name of the document in the table.
    pub(crate) document: String,
    /// The kind of the document as it is today.
    pub(crate) kind: Kind,
    /// The document as it is today.
    pub(crate) today: Value,
    /// The document as it may become.
    pub(crate) extended: Value,
    /// The places of what is new, as JSON Pointers.
    pub(crate) places: Vec<String>,
    /// What has to come of it.
    pub(crate) outcome: Outcome,
}

/// What has to come of an extended document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is read: what is added is ignored, a word in the place of another one is kept.
    Read,
    /// Only the entry, target or other part at this place is refused.
    PartRefused(String),
    /// It is refused as a whole, because it needs a newer reader.
    Refused,
}

/// Reads the whole table.
pub(crate) fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.ancestors().map(|folder| folder.join("conformance/extensions.json"));
    let path = path.into_iter().find(|path| path.is_file()).unwrap();
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the extensions of the documents of these kinds. There are some of each kind.
pub(crate) fn extensions(kinds: &[Kind]) -> Vec<Extension> {
    let table = table();
    let mut extensions = Vec::new();
    let is_new = |row: &&Value| row["since"].as_u64().is_none_or(|since| since > NEWEST_ADDITION);
    for row in table["extensions"].as_array().unwrap().iter().filter(is_new) {
        for (document, today) in table["documents"].as_object().unwrap() {
            let kind = Kind::from_word(today["kind"].as_str().unwrap()).unwrap();
            let is_meant = row["document"] == "*" || row["document"] == **document;
            if is_meant && kinds.contains(&kind) {
                extensions.push(Extension::new(row, document, kind, today));
            }
        }
    }
    let covered: BTreeSet<Kind> = extensions.iter().map(|extension| extension.kind).collect();
    assert_eq!(covered, kinds.iter().copied().collect());
    extensions
}

impl Extension {
    fn new(row: &Value, document: &str, kind: Kind, today: &Value) -> Self {
        let text = |key: &str| row[key].as_str().unwrap();
        let name = format!("{document}: {}", text("name"));
        let places = row["at"].as_array().unwrap().iter();
        let places: Vec<String> = places.map(|at| at.as_str().unwrap().to_owned()).collect();
        let mut extended = today.clone();
        for place in &places {
            put(&mut extended, place, row["value"].clone());
        }
        assert_ne!(extended, *today, "{name}");
        let outcome = match text("expected") {
            "read" => Outcome::Read,
            "entry_refused" => Outcome::PartRefused(text("refused").to_owned()),
            "document_refused" | "registry_refused" => Outcome::Refused,
            other => panic!("{name}: {other} is not an outcome"),
        };
        Self {
            name,
            document: document.to_owned(),
            kind,
            today: today.clone(),
            extended,
            places,
            outcome,
        }
    }

    /// Whether something is added. Otherwise, something else stands in the place of what there is today.
    pub(crate) fn is_addition(&self) -> bool {
        let is_new = |place: &String| self.today.pointer(place).is_none();
        let is_addition = self.places.iter().all(is_new);
        assert!(is_addition || !self.places.iter().any(is_new), "{}", self.name);
        is_addition
    }

    /// Returns the word of today and the one that stands in its place, if this is what is new.
    pub(crate) fn words(&self) -> Option<(&str, &str)> {
        let [place] = self.places.as_slice() else { return None };
        self.today.pointer(place)?.as_str().zip(self.extended.pointer(place)?.as_str())
    }
}

/// Puts a value at a place, in the place of what may be there.
pub(crate) fn put(document: &mut Value, place: &str, value: Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing is at {parent}")) {
        Value::Object(object) => drop(object.insert(key, value)),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => panic!("{other} at {parent} has no parts"),
    }
}
