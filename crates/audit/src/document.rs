//! Published documents, as the page hands them over.

use promptdex_wire::Kind;
use serde::de::DeserializeOwned;

/// Reads a document that has one of some kinds; the error is a sentence for the page.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, kinds: &[Kind]) -> Result<T, String> {
    let document = promptdex_reader::document_of(text, kinds);
    document.and_then(|document| document.read()).map_err(|error| error.to_string())
}
