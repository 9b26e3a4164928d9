//! What pages show, worked out from the documents: values and functions without a browser.

pub mod catalogue;
pub mod outline;
pub mod pretty;
pub mod prompt;
pub mod query;
pub mod snippets;
pub mod values;
