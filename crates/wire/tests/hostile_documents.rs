//! Readers of published documents meet whatever a broken or hostile host sends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::path::Path;

use promptdex_wire::catalog::{Bundle, Cases, Catalog, Registry, VersionList, Versions};
use promptdex_wire::event::Changes;
use promptdex_wire::policy::Policy;
use promptdex_wire::prompt::VersionOrRedaction;
use promptdex_wire::release::{CatalogEntry, Entry, Shards, Snapshot};
use promptdex_wire::{Latest, RegistryPath, Release, ReleasePack, SearchShard, json};
use proptest::prelude::*;

/// Reads bytes as every kind of document, and writes what could be read: both must end.
fn read_all(bytes: &[u8]) {
    fn one<T: promptdex_wire::Document + serde::de::DeserializeOwned + serde::Serialize>(
        bytes: &[u8],
    ) {
        if let Ok(document) = json::read::<T>(bytes) {
            let written = json::write(&document);
            assert!(json::read::<T>(&written).is_ok(), "what is written cannot be read");
        }
    }
    one::<Latest>(bytes);
    one::<Versions>(bytes);
    one::<Cases>(bytes);
    one::<Catalog>(bytes);
    one::<Release>(bytes);
    one::<ReleasePack>(bytes);
    one::<Snapshot<Entry>>(bytes);
    one::<Snapshot<CatalogEntry>>(bytes);
    one::<Shards>(bytes);
    one::<VersionList>(bytes);
    one::<Changes>(bytes);
    one::<Bundle>(bytes);
    one::<SearchShard>(bytes);
    one::<Registry>(bytes);
    one::<Policy>(bytes);
    drop(VersionOrRedaction::read(bytes));
}

/// The examples of the documentation are the seeds.
fn seeds() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/wire.md");
    let markdown = std::fs::read_to_string(path).unwrap();
    markdown
        .split("```json\n")
        .skip(1)
        .map(|block| block.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn extreme_documents_are_errors_or_values() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "\"",
        "{\"format\":1}",
        "{\"format\":1e999,\"kind\":\"release\"}",
        "{\"format\":-1,\"kind\":\"release\"}",
        "{\"format\":18446744073709551616,\"kind\":\"release\"}",
        "{\"__proto__\":{},\"format\":1,\"kind\":\"catalog\"}",
        "{\"format\":1,\"kind\":\"bundle\",\"release\":\"\\ud800\",\"snapshot\":\"\",\"documents\":[]}",
        "{\"format\":1,\"format\":2,\"kind\":\"shards\",\"shards\":[]}",
    ] {
        read_all(text.as_bytes());
    }
    read_all("[".repeat(1_000_000).as_bytes());
    read_all(
        format!("{{\"format\":1,\"kind\":\"latest\",\"metadata\":{}", "{\"a\":".repeat(500_000))
            .as_bytes(),
    );
    read_all(&[0xff, 0xfe, 0x00]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn changed_documents_are_errors_or_values(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = seed.get(&seeds()).clone().into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        read_all(&bytes);
    }

    #[test]
    fn no_text_is_a_path_it_does_not_print(text in "\\PC{0,60}") {
        if let Some(path) = RegistryPath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}
