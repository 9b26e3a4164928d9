//! Files of the tree opened as text.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{Place, SourceFile};
use crate::tree::Contents;

/// Opens a file as text; a file that is not UTF-8 is a finding.
pub(super) fn text_file(
    path: &str,
    contents: &Contents,
    findings: &mut Vec<Diagnostic>,
) -> Option<Arc<SourceFile>> {
    open(path, contents.get(path)?, findings).map(Arc::new)
}

/// Opens the bytes of a file as text; bytes that are not UTF-8 are a finding.
pub fn open(path: &str, bytes: &[u8], findings: &mut Vec<Diagnostic>) -> Option<SourceFile> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(SourceFile::new(path, text)),
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let start =
                SourceFile::new(path, valid).place(error.valid_up_to()..error.valid_up_to());
            let length = error.error_len().unwrap_or(bytes.len() - error.valid_up_to());
            let range = start.range.start..start.range.start + length;
            let finding =
                Diagnostic::about(&rules::INVALID_UTF8, path, "the file is not UTF-8 text");
            findings.push(
                Diagnostic { place: Some(Place { range, ..start }), ..finding }
                    .help("save the file as UTF-8"),
            );
            None
        }
    }
}
