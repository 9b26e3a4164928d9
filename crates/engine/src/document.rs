//! Published documents, as the page hands them over.

use promptdex_wire::Document;
use serde::de::DeserializeOwned;

/// Reads a document; the error is a sentence for the page.
pub(crate) fn read<T: Document + DeserializeOwned>(text: &str) -> Result<T, String> {
    promptdex_reader::document(text).map_err(|error| error.to_string())
}
