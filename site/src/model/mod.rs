//! What pages show, worked out from the documents: values and functions without a browser.

pub mod catalogue;
pub mod differences;
pub mod form_values;
pub mod page_documents;
pub mod pretty;
pub mod prompt;
pub mod query;
pub mod shown_documents;
pub mod snippets;
pub mod template_lines;
