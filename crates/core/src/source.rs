//! Files as text, with the place in the file of each byte.

use std::ops::Range;

/// A file of the tree that is UTF-8, as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    /// Wraps the content of a file.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Wraps bytes that may not be UTF-8. Each byte that is not part of a character becomes a question mark, so
    /// that places in the text are places in the file.
    pub fn lossy(path: impl Into<String>, bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
        Self::new(path, text)
    }

    /// Returns the path below the root of the tree.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the whole content, with byte order mark and line ends as they are.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the content without a byte order mark, and where it begins.
    pub fn without_bom(&self) -> (&str, usize) {
        match self.text.strip_prefix('\u{feff}') {
            Some(rest) => (rest, '\u{feff}'.len_utf8()),
            None => (&self.text, 0),
        }
    }

    /// Locates a range of bytes. Ends that are not character boundaries move down to one.
    pub fn place(&self, range: Range<usize>) -> Place {
        let start = floor_char_boundary(&self.text, range.start);
        let end = floor_char_boundary(&self.text, range.end).max(start);
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Place { range: start..end, line, column, end_line, end_column }
    }

    /// Returns line and column of a character boundary, both from 1.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let line_text = before[line_start..].trim_start_matches('\u{feff}');
        (line, line_text.chars().count() + 1)
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Bytes in the file as it is on disk.
    pub range: Range<usize>,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in Unicode scalars, from 1.
    pub column: usize,
    /// Line after the last byte, from 1.
    pub end_line: usize,
    /// Column after the last byte, from 1.
    pub end_column: usize,
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Where the bytes of a text come from in its file: a text file loses its byte order mark and its
/// CRs, a YAML block its indentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextOrigin {
    /// Runs of bytes that the text has in common with the file: (start in the text, start in the
    /// file), sorted, the first at 0.
    Runs(Vec<(usize, usize)>),
    /// The text is spelled in another way in the file, with escapes or folding: only the whole of it
    /// has a place.
    Whole(Range<usize>),
}

impl TextOrigin {
    /// Returns the range of the file that a range of the text comes from.
    pub fn locate(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::Whole(whole) => whole.clone(),
            Self::Runs(runs) => {
                let find = |offset: usize| {
                    let run = runs.partition_point(|(text, _)| *text <= offset).saturating_sub(1);
                    runs.get(run).map_or(offset, |(text, file)| file + (offset - text))
                };
                let start = find(range.start);
                // The end belongs to the run of the last byte, not to what follows it.
                let end = if range.is_empty() { start } else { find(range.end - 1) + 1 };
                start..end
            }
        }
    }
}

/// Text as promptdex means it: without byte order mark, CRLF read as LF, without one final newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The text.
    pub text: String,
    /// Its place in its file.
    pub origin: TextOrigin,
}

impl SourceText {
    /// Reads the text of a file.
    pub fn of(source: &SourceFile) -> Self {
        let (_, start) = source.without_bom();
        Self::from(source, start)
    }

    /// Reads the text of a file from a byte on.
    pub(crate) fn from(source: &SourceFile, start: usize) -> Self {
        let rest = &source.text[start..];
        let mut runs = vec![(0, start)];
        let mut text = String::with_capacity(rest.len());
        let mut copied = 0;
        for (position, _) in rest.match_indices("\r\n") {
            text.push_str(&rest[copied..position]);
            copied = position + 1;
            runs.push((text.len(), start + copied));
        }
        text.push_str(&rest[copied..]);
        if text.ends_with('\n') {
            text.pop();
        }
        Self { text, origin: TextOrigin::Runs(runs) }
    }
}

/// Normalises the bytes of a text file for its digest, copying only when there is something to
/// change. Files that are not UTF-8 are refused elsewhere; here they are taken as they are.
pub fn normalize(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return bytes.strip_suffix(b"\n").unwrap_or(bytes).into();
    }
    let mut text = Vec::with_capacity(bytes.len());
    for (position, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(position + 1) == Some(&b'\n')) {
            text.push(*byte);
        }
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_character_of_a_text_is_found_in_its_file(file in "(\u{feff})?[a-zé\r\n]{0,40}") {
            let source = SourceFile::new("f", file.clone());
            let SourceText { text, origin } = SourceText::of(&source);
            prop_assert_eq!(normalize(file.as_bytes()), text.as_bytes());
            for (start, character) in text.char_indices() {
                let range = origin.locate(start..start + character.len_utf8());
                prop_assert_eq!(&file[range], character.to_string());
            }
        }
    }

    #[test]
    fn line_ends_and_marks_do_not_change_a_text() {
        let text = |file: &str| SourceText::of(&SourceFile::new("f", file)).text;
        assert_eq!(text("\u{feff}a\r\nb\r\n"), "a\nb");
        assert_eq!(text("a\nb\n"), "a\nb");
        assert_eq!(text("a\n\n"), "a\n");
        assert_eq!(text("a\rb"), "a\rb");
        assert_eq!(text("\r\n"), "");
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = SourceFile::new("f", "\u{feff}ä b\r\ncd\n");
        let place = source.place(6..7);
        assert_eq!((place.line, place.column, place.end_line, place.end_column), (1, 3, 1, 4));
        let place = source.place(9..11);
        assert_eq!((place.line, place.column, place.end_column), (2, 1, 3));
        assert_eq!(source.place(100..200).range, 12..12);
    }
}
