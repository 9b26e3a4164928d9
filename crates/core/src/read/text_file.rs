//! Files of the tree opened as text.

use std::ops::Range;
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

/// Opens the bytes of a file as text; bytes that are not UTF-8 are a finding, and so is an open conflict of a
/// merge.
pub fn open(path: &str, bytes: &[u8], findings: &mut Vec<Diagnostic>) -> Option<SourceFile> {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let source = SourceFile::new(path, text);
            let Some(range) = conflict(text) else { return Some(source) };
            let message = "unresolved merge conflict";
            let finding = Diagnostic::at(&rules::CONFLICT_MARKER, &source, range, message);
            findings.push(finding.help("choose one of the two sides, and remove Git's markers"));
            Some(source)
        }
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let start =
                SourceFile::new(path, valid).place(error.valid_up_to()..error.valid_up_to());
            let length = error.error_len().unwrap_or(bytes.len() - error.valid_up_to());
            let range = start.range.start..start.range.start + length;
            let finding =
                Diagnostic::about(&rules::INVALID_UTF8, path, "the file is not valid UTF-8");
            findings.push(
                Diagnostic { place: Some(Place { range, ..start }), ..finding }
                    .help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// Finds the first line of a conflict as Git writes it: both sides with their three markers.
fn conflict(text: &str) -> Option<Range<usize>> {
    // Hardly any text has the marker at all.
    if !text.contains("<<<<<<<") {
        return None;
    }
    let mut at = 0;
    let mut start = None;
    let mut is_divided = false;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end();
        let is_marker = |marker: &str| {
            let rest = written.strip_prefix(marker);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        if is_marker("<<<<<<<") {
            start = Some(at..at + written.len());
            is_divided = false;
        } else if start.is_some() && is_marker("=======") {
            is_divided = true;
        } else if is_divided && is_marker(">>>>>>>") {
            return start;
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::conflict;

    #[test]
    fn conflicts_are_what_git_writes() {
        for (text, expected) in [
            ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n", Some("<<<<<<< HEAD")),
            ("<<<<<<<\r\n=======\r\n>>>>>>>\r\n", Some("<<<<<<<")),
            ("<<<<<<< a\nb\n||||||| c\nd\n=======\n>>>>>>> e", Some("<<<<<<< a")),
            ("<<<<<<< a\nno end\n=======\n", None),
            ("Title\n=======\n>>>>>>> quoted deep\n", None),
            ("<<<<<<<< eight\n=======\n>>>>>>> x\n", None),
            (" <<<<<<< indented\n=======\n>>>>>>> x\n", None),
        ] {
            assert_eq!(conflict(text).map(|range| &text[range]), expected, "{text:?}");
        }
    }
}
