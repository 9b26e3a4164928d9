//! The type of each document in the table of extensions.

use promptdex_wire::catalog::{Bundle, Cases, Catalog, Registry, VersionList, Versions};
use promptdex_wire::event::Changes;
use promptdex_wire::history::{History, HistoryMonth};
use promptdex_wire::policy::Policy;
use promptdex_wire::release::{CatalogEntry, Entry, Shards, Snapshot};
use promptdex_wire::{
    Document, Kind, Latest, Redacted, Release, ReleasePack, SearchShard, VersionDocument, json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads documents as their types.
pub(crate) trait DocumentReader {
    /// Reads a document; the error is what people are told.
    fn read<T: Document + DeserializeOwned>(&self, text: &str) -> Result<T, String>;
}

/// Reads a document of the table as its type, and writes it again.
pub(crate) fn rewrite(
    document: &str,
    kind: Kind,
    text: &str,
    reader: &impl DocumentReader,
) -> Result<String, String> {
    fn through<T: Document + Serialize + DeserializeOwned>(
        text: &str,
        reader: &impl DocumentReader,
    ) -> Result<String, String> {
        reader.read::<T>(text).map(|read| String::from_utf8(json::write(&read)).unwrap())
    }
    match kind {
        Kind::Version => through::<VersionDocument>(text, reader),
        Kind::Redacted => through::<Redacted>(text, reader),
        Kind::Latest => through::<Latest>(text, reader),
        Kind::Versions => through::<Versions>(text, reader),
        Kind::History => through::<History>(text, reader),
        Kind::Cases => through::<Cases>(text, reader),
        Kind::Catalog => through::<Catalog>(text, reader),
        Kind::Release => through::<Release>(text, reader),
        Kind::Releases => through::<ReleasePack>(text, reader),
        Kind::Snapshot if document == "snapshot_of_catalog" => {
            through::<Snapshot<CatalogEntry>>(text, reader)
        }
        Kind::Snapshot => through::<Snapshot<Entry>>(text, reader),
        Kind::Shards => through::<Shards>(text, reader),
        Kind::VersionList => through::<VersionList>(text, reader),
        Kind::Changes => through::<Changes>(text, reader),
        Kind::Bundle => through::<Bundle>(text, reader),
        Kind::HistoryMonth => through::<HistoryMonth>(text, reader),
        Kind::Search => through::<SearchShard>(text, reader),
        Kind::Registry => through::<Registry>(text, reader),
        Kind::Policy => through::<Policy>(text, reader),
    }
}
