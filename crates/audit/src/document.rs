//! Published documents, as the page hands them over.

use serde::de::DeserializeOwned;

/// Reads a document; the error is a sentence for the page.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    promptdex_reader::read(text).map_err(|error| error.to_string())
}
