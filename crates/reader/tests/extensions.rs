//! What a newer promptdex may write is read in the browser as everywhere else: `conformance/extensions.json`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../wire/tests/extensions/table.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod table;
#[path = "../../wire/tests/extensions/types.rs"]
mod types;

use promptdex_wire::{Document, Kind, json};
use serde::de::DeserializeOwned;

use table::{Outcome, extensions};
use types::{DocumentReader, rewrite};

/// Reads documents by `serde_json`.
struct Elsewhere;

impl DocumentReader for Elsewhere {
    fn read<T: Document + DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        json::read(text.as_bytes()).map_err(|error| error.to_string())
    }
}

/// Reads documents as the browser does.
struct Browser;

impl DocumentReader for Browser {
    fn read<T: Document + DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        promptdex_reader::document(text).map_err(|error| error.to_string())
    }
}

#[test]
fn the_browser_reads_what_a_newer_promptdex_writes_as_everywhere_else() {
    for extension in extensions(&Kind::ALL) {
        let (name, text) = (&extension.name, extension.extended.to_string());
        let read = rewrite(&extension.document, extension.kind, &text, &Browser);
        if extension.outcome == Outcome::Refused {
            let error = read.unwrap_err();
            assert!(error.contains("needs a newer"), "{name}: {error}");
        } else {
            let elsewhere = rewrite(&extension.document, extension.kind, &text, &Elsewhere);
            assert_eq!(read.unwrap(), elsewhere.unwrap(), "{name}");
        }
    }
}
