//! `invisible-character`, `lone-cr`: characters that a reviewer cannot see, in every text that is published.

use promptdex_wire::characters::{is_bidi_control, is_invisible, is_tag};

use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::{SourceFile, SourceText};

pub(super) fn check(source: &SourceFile, text: &SourceText, findings: &mut Vec<Diagnostic>) {
    // Most texts have none of them, and are passed over byte by byte.
    if text.text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~')) {
        return;
    }
    let mut characters = text.text.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        let Some(what) = describe(character) else { continue };
        let mut end = start + character.len_utf8();
        let mut count = 1;
        // A run of them is one finding: hidden text is made of hundreds.
        while let Some((at, next)) = characters.next_if(|(_, next)| describe(*next) == Some(what)) {
            end = at + next.len_utf8();
            count += 1;
        }
        let place = text.origin.locate(start..end);
        let finding = if character == '\r' {
            Diagnostic::at(&rules::LONE_CR, source, place, "carriage return without a line feed")
                .help("end lines with LF or CRLF")
        } else {
            let code = u32::from(character);
            let run = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            let message = format!("invisible {what} U+{code:04X}{run}");
            Diagnostic::at(&rules::INVISIBLE_CHARACTER, source, place, message)
                .help("remove the character")
        };
        findings.push(finding);
    }
}

/// Finds a carriage return without a line feed: YAML reads it as the end of a line.
pub(super) fn check_line_ends(source: &SourceFile, findings: &mut Vec<Diagnostic>) {
    let text = source.text();
    for (position, _) in text.match_indices('\r') {
        if !text[position + 1..].starts_with('\n') {
            findings.push(
                Diagnostic::at(
                    &rules::LONE_CR,
                    source,
                    position..position + 1,
                    "carriage return without a line feed",
                )
                .help("end lines with LF or CRLF"),
            );
        }
    }
}

/// Names a character that is not allowed in a published text.
fn describe(character: char) -> Option<&'static str> {
    match character {
        _ if !is_invisible(character) => None,
        '\r' => Some("carriage return"),
        _ if is_bidi_control(character) => Some("bidi override"),
        _ if is_tag(character) => Some("tag character"),
        _ => Some("control character"),
    }
}
