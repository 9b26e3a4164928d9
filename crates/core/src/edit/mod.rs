//! Smallest edits of files that people wrote: comments, order and layout stay.

mod pointer;
mod states;

use std::ops::Range;

use crate::node::{Key, Node, Value};
use crate::source::SourceFile;

pub use pointer::pointer;
pub use states::state;

/// Replaces a range of a text.
pub fn replace(text: &str, range: Range<usize>, new: &str) -> String {
    let mut edited = String::with_capacity(text.len() + new.len());
    edited.push_str(text.get(..range.start).unwrap_or_default());
    edited.push_str(new);
    edited.push_str(text.get(range.end..).unwrap_or_default());
    edited
}

/// Writes a value in the quotes of the old value, if it has any.
pub fn in_quotes(text: &str, old: &Range<usize>, new: &str) -> String {
    let quote = text.get(old.clone()).and_then(|old| old.chars().next());
    match quote {
        Some(quote @ ('"' | '\'')) => format!("{quote}{new}{quote}"),
        _ => new.to_owned(),
    }
}

/// Removes an entry of the map at the top of a JSON or YAML file.
pub fn remove_entry(source: &SourceFile, node: &Node, key: &str) -> Option<String> {
    let text = source.text();
    Some(replace(text, removal(text, node, key)?, ""))
}

/// Replaces several ranges, none of which overlap.
pub fn replace_all(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    // From the end, so that earlier places stay where they are.
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    edits.into_iter().fold(text.to_owned(), |text, (range, new)| replace(&text, range, &new))
}

/// Returns the edit that adds an entry to the end of a map in YAML: `block` are its lines without
/// indentation, `flow` is how it is written between braces. `eol` is how lines end in the file as it was:
/// what is left of it may have only one.
fn insertion(
    (text, eol): (&str, &str),
    node: &Node,
    block: &[String],
    flow: &str,
) -> Option<(Range<usize>, String)> {
    let Value::Mapping(entries) = &node.value else { return None };
    let last = entries.last();
    if text[node.range.clone()].starts_with('{') {
        let at = last.map_or(node.range.start + 1, |(_, value)| value.range.end);
        let comma = if last.is_some() { ", " } else { "" };
        return Some((at..at, format!("{comma}{flow}")));
    }
    let (first, _) = entries.first()?;
    let indent = indent(text, first)?;
    let at = value_end(text, &last?.1);
    let lines: Vec<String> = block.iter().map(|line| format!("{indent}{line}")).collect();
    let lines = lines.join(eol);
    let is_ended = text[..at].ends_with('\n');
    Some((at..at, if is_ended { lines + eol } else { format!("{eol}{lines}") }))
}

/// Returns the range of an entry of a map: its lines in block style; in flow style and in JSON, the entry
/// with the comma after it (before it, for the last entry).
fn removal(text: &str, node: &Node, key: &str) -> Option<Range<usize>> {
    let Value::Mapping(entries) = &node.value else { return None };
    let position = entries.iter().position(|(k, _)| k.text == key)?;
    let (written, value) = &entries[position];
    Some(if !text[node.range.clone()].starts_with('{') {
        indent(text, written)?;
        line_start(text, written.range.start)..value_end(text, value)
    } else if let Some((next, _)) = entries.get(position + 1) {
        written.range.start..next.range.start
    } else {
        let before = position.checked_sub(1).map(|before| entries[before].1.range.end);
        before.unwrap_or(written.range.start)..value.range.end
    })
}

/// Returns the indentation of a key, if only spaces precede it on its line.
fn indent<'t>(text: &'t str, key: &Key) -> Option<&'t str> {
    let before = &text[line_start(text, key.range.start)..key.range.start];
    let before = before.trim_start_matches('\u{feff}');
    before.bytes().all(|byte| byte == b' ').then_some(before)
}

/// Returns where the lines of a value in block style end. The range of a text block goes on to what follows it.
fn value_end(text: &str, value: &Node) -> usize {
    let written = text[value.range.clone()].trim_end();
    line_end(text, value.range.start + written.len())
}

/// Returns how lines end in a text.
fn line_ends(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Writes a text as a YAML value in quotes, on one line.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if character.is_control()
                || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}') =>
            {
                quoted.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |newline| offset + newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remove(path: &str, text: &str, key: &str) -> String {
        let source = SourceFile::new(path, text);
        let node = crate::node::parse(&source, &mut Vec::new()).unwrap();
        remove_entry(&source, &node, key).unwrap()
    }

    #[test]
    fn an_entry_goes_and_the_rest_stays_as_it_was() {
        let json = "{\n  \"a\": 1,\n  \"b\": {\"c\": 2},\n  \"d\": 3\n}\n";
        assert_eq!(remove("f.json", json, "a"), "{\n  \"b\": {\"c\": 2},\n  \"d\": 3\n}\n");
        assert_eq!(remove("f.json", json, "b"), "{\n  \"a\": 1,\n  \"d\": 3\n}\n");
        assert_eq!(remove("f.json", json, "d"), "{\n  \"a\": 1,\n  \"b\": {\"c\": 2}\n}\n");
        assert_eq!(remove("f.json", "{\"a\": 1}", "a"), "{}");
        let yaml = "# top\na: 1 # one\nb:\n  - 2\nc: 3\n";
        assert_eq!(remove("f.yaml", yaml, "a"), "# top\nb:\n  - 2\nc: 3\n");
        assert_eq!(remove("f.yaml", yaml, "b"), "# top\na: 1 # one\nc: 3\n");
        assert_eq!(remove("f.yaml", "a: |\n  1\nb: 2\n", "a"), "b: 2\n");
        assert_eq!(remove("f.yaml", "{a: 1, b: 2}\n", "a"), "{b: 2}\n");
    }
}
