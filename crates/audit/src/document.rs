//! Published documents, as the page hands them over.

use serde::de::DeserializeOwned;

/// Reads a document; what cannot be read is told in words.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    promptdex_reader::read(text).map_err(|error| error.to_string())
}
