//! Smallest edits of files that people wrote: comments, order and layout stay.

use std::ops::Range;

use crate::node::{Node, Value};
use crate::source::Source;

/// Replaces a range of a text.
pub fn replace(text: &str, range: Range<usize>, new: &str) -> String {
    let mut edited = String::with_capacity(text.len() + new.len());
    edited.push_str(text.get(..range.start).unwrap_or_default());
    edited.push_str(new);
    edited.push_str(text.get(range.end..).unwrap_or_default());
    edited
}

/// Removes an entry of the map at the top of a JSON or block-style YAML file, with its line.
pub fn remove_entry(source: &Source, node: &Node, key: &str) -> Option<String> {
    let text = source.text();
    let Value::Mapping(entries) = &node.value else { return None };
    let position = entries.iter().position(|(k, _)| k.text == key)?;
    let (written, value) = &entries[position];
    if !source.path().ends_with(".json") {
        let start = line_start(text, written.range.start);
        let end = line_end(text, value.range.end);
        return Some(replace(text, start..end, ""));
    }
    // With the comma that separates it: the next one, or for the last entry the one before.
    let range = match entries.get(position + 1) {
        Some((next, _)) => written.range.start..next.range.start,
        None => {
            let start = match position.checked_sub(1).map(|before| &entries[before]) {
                Some((_, before)) => before.range.end,
                None => written.range.start,
            };
            start..value.range.end
        }
    };
    Some(replace(text, range, ""))
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
        let source = Source::new(path, text);
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
    }
}
