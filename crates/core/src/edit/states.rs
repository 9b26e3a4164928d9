//! Edits of the states of versions in `prompt.yaml`.

use std::collections::BTreeMap;

use promptdex_wire::catalog::State;
use promptdex_wire::{PromptName, Version};

use super::{insertion, line_ends, quote, removal, replace};
use crate::node::{self, Node, Value};
use crate::read::read_states;
use crate::source::SourceFile;

/// Returns the text of a `prompt.yaml` in which a version has this state, or no state. Returns nothing if
/// no edit of the file leads to exactly that.
pub fn state(
    old: Option<&SourceFile>,
    version: &Version,
    new_state: Option<(State, &str)>,
) -> Option<String> {
    let before = old.map_or("", SourceFile::text);
    let path = old.map_or("prompt.yaml", SourceFile::path);
    let mut text = before.to_owned();
    if let Some((state, reason)) = new_state {
        text = set_state((path, line_ends(before)), &text, state.as_str(), version, reason)?;
    }
    for other in [State::Deprecated, State::Yanked, State::Archived, State::Redacted] {
        if new_state.is_none_or(|(state, _)| state != other) {
            text = remove_state(path, &text, other.as_str(), version)?;
        }
    }
    let mut expected = states(before)?;
    expected.remove(version);
    expected.extend(new_state.map(|(state, reason)| (version.clone(), (state, reason.to_owned()))));
    (states(&text)? == expected).then_some(text)
}

fn states(text: &str) -> Option<BTreeMap<Version, (State, String)>> {
    read_states(&"prompt".parse::<PromptName>().ok()?, text.as_bytes())
}

fn parse(path: &str, text: &str) -> Option<Node> {
    node::parse(&SourceFile::new(path, text), &mut Vec::new())
}

fn remove_state(path: &str, text: &str, key: &str, version: &Version) -> Option<String> {
    let node = parse(path, text)?;
    let version = version.to_string();
    let Some(map) = node.get(key).filter(|map| map.get(&version).is_some()) else {
        return Some(text.to_owned());
    };
    let is_last = matches!(&map.value, Value::Mapping(entries) if entries.len() == 1);
    let range = if is_last { removal(text, &node, key)? } else { removal(text, map, &version)? };
    Some(replace(text, range, ""))
}

/// Sets a state. Where no line says how lines end, they end as those before did.
fn set_state(
    (path, eol): (&str, &str),
    text: &str,
    key: &str,
    version: &Version,
    reason: &str,
) -> Option<String> {
    let node = parse(path, text)?;
    let value = quote(reason);
    let Some(map) = node.get(key) else {
        let lines = [format!("{key}:"), format!("  {version}: {value}")];
        if node.value == Value::Null {
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { eol };
            return Some(format!("{text}{gap}{}{eol}", lines.join(eol)));
        }
        let flow = format!("{key}: {{{version}: {value}}}");
        let (range, new) = insertion((text, eol), &node, &lines, &flow)?;
        return Some(replace(text, range, &new));
    };
    match map.get(&version.to_string()) {
        // Where the reason is a block, its lines go with it.
        Some(old) if is_block(text, old) => {
            set_state((path, eol), &remove_state(path, text, key, version)?, key, version, reason)
        }
        Some(old) => Some(replace(text, old.range.clone(), &value)),
        None => {
            let quote = quote_of(text, map);
            let entry = format!("{quote}{version}{quote}: {value}");
            let entry = std::slice::from_ref(&entry);
            let (range, new) = insertion((text, eol), map, entry, &entry[0])?;
            Some(replace(text, range, &new))
        }
    }
}

/// Whether a value has lines of its own.
fn is_block(text: &str, value: &Node) -> bool {
    let start = text[..value.range.start].trim_end();
    text[value.range.clone()].contains('\n')
        || text[start.len()..value.range.start].contains('\n')
        || text[value.range.clone()].starts_with(['|', '>'])
}

/// Returns the quote in which the last key of a map stands.
fn quote_of(text: &str, map: &Node) -> &'static str {
    let Value::Mapping(entries) = &map.value else { return "" };
    match entries.last().and_then(|(key, _)| text[key.range.clone()].chars().next()) {
        Some('"') => "\"",
        Some('\'') => "'",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(old: &str, version: &str, new_state: Option<(State, &str)>) -> Option<String> {
        let source = SourceFile::new("a/prompt.yaml", old);
        state(Some(&source), &version.parse().unwrap(), new_state)
    }

    #[track_caller]
    fn deprecate(old: &str, new: &str) {
        let edited = edit(old, "1.0.0", Some((State::Deprecated, "use \"1.1.0\"")));
        assert_eq!(edited.as_deref(), Some(new));
        assert_eq!(states(new).unwrap()[&"1.0.0".parse().unwrap()].1, "use \"1.1.0\"");
    }

    #[test]
    fn a_state_is_added_where_states_stand() {
        let line = r#"1.0.0: "use \"1.1.0\"""#;
        deprecate("", &format!("deprecated:\n  {line}\n"));
        deprecate("# nothing yet", &format!("# nothing yet\ndeprecated:\n  {line}\n"));
        deprecate(
            "title: Refunds # short\n# end\n",
            &format!("title: Refunds # short\ndeprecated:\n  {line}\n# end\n"),
        );
        deprecate("title: Refunds", &format!("title: Refunds\ndeprecated:\n  {line}"));
        deprecate("title: a\r\n", &format!("title: a\r\ndeprecated:\r\n  {line}\r\n"));
        deprecate("{title: a}", &format!("{{title: a, deprecated: {{{line}}}}}"));
        deprecate(
            "deprecated:\n    # old\n    \"0.9.0\": |-\n      too\n      old\n\ntitle: a\n",
            "deprecated:\n    # old\n    \"0.9.0\": |-\n      too\n      old\n    \"1.0.0\": \"use \\\"1.1.0\\\"\"\n\ntitle: a\n",
        );
        deprecate(
            "deprecated: {0.9.0: old, } # list\ntags: [a]\n",
            &format!("deprecated: {{0.9.0: old, {line}, }} # list\ntags: [a]\n"),
        );
        deprecate("deprecated: {}\n", &format!("deprecated: {{{line}}}\n"));
        // A reason that was given before is replaced; another state is taken back.
        deprecate("deprecated: {1.0.0: old} # x\n", &format!("deprecated: {{{line}}} # x\n"));
        deprecate(
            "deprecated:\n  1.0.0: >-\n    folded\n    text\n  2.0.0: b\n",
            &format!("deprecated:\n  2.0.0: b\n  {line}\n"),
        );
        deprecate(
            "yanked:\n  1.0.0: bad # very\n  1.2.0: worse\n",
            &format!("yanked:\n  1.2.0: worse\ndeprecated:\n  {line}\n"),
        );
        // Where only one line is left, it does not say how lines end.
        deprecate(
            "deprecated:\r\n  1.0.0: |-\r\n    two\r\n    lines\r\ntags: [a]",
            &format!("tags: [a]\r\ndeprecated:\r\n  {line}"),
        );
        let source = None;
        let new_state = Some((State::Yanked, "bad"));
        let text = state(source, &"1.0.0".parse().unwrap(), new_state);
        assert_eq!(text.as_deref(), Some("yanked:\n  1.0.0: \"bad\"\n"));
    }

    #[test]
    fn a_state_is_taken_back() {
        for (old, new) in [
            ("title: a\nyanked:\n  1.0.0: bad\n# end\n", "title: a\n# end\n"),
            (
                "yanked:\n  # first\n  1.0.0: bad\n  2.0.0: worse",
                "yanked:\n  # first\n  2.0.0: worse",
            ),
            ("yanked: {1.0.0: bad, 2.0.0: worse}\n", "yanked: {2.0.0: worse}\n"),
            ("yanked: {2.0.0: worse, '1.0.0': bad}\r\n", "yanked: {2.0.0: worse}\r\n"),
            ("{title: a, yanked: {1.0.0: bad}}", "{title: a}"),
            ("title: a\n", "title: a\n"),
        ] {
            assert_eq!(edit(old, "1.0.0", None).as_deref(), Some(new), "{old}");
        }
    }

    #[test]
    fn what_cannot_be_edited_is_left() {
        for old in ["deprecated:\n", "- a\n", "title: [\n", "title: a\n...\n# after\n"] {
            let edited = edit(old, "1.0.0", Some((State::Deprecated, "old")));
            if let Some(edited) = edited {
                assert_eq!(states(&edited).unwrap().len(), 1, "{old}");
            }
        }
        assert_eq!(edit("deprecated:\n", "1.0.0", Some((State::Deprecated, "old"))), None);
    }

    /// Files with the forms in which people write them.
    fn files() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("title: Refunds".to_owned()),
            Just("# a comment".to_owned()),
            Just(String::new()),
            Just("tags: [a, \"b # c\"]".to_owned()),
            Just("description: |\n  1.0.0: text\n  more".to_owned()),
        ];
        let version = prop_oneof![Just("1.0.0"), Just("0.9.0"), Just("2.0.0-rc.1")];
        let quote = prop_oneof![Just(""), Just("\""), Just("'")];
        let reason = prop_oneof![
            Just("old"),
            Just("\"a: b\" # why"),
            Just("|-\n    two\n    lines"),
            Just(">\n    two")
        ];
        let entries = proptest::collection::btree_map(version, (quote, reason), 1..3);
        let key = prop_oneof![Just("deprecated"), Just("yanked")];
        let states = (key, entries, any::<bool>()).prop_map(|(key, entries, is_flow)| {
            let entry = |(version, (quote, reason)): (&&str, &(&str, &str))| {
                let reason = if is_flow { "old" } else { reason };
                format!("{quote}{version}{quote}: {reason}")
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            if is_flow {
                format!("{key}: {{{}}}", entries.join(", "))
            } else {
                format!("{key}:\n  {}", entries.join("\n  "))
            }
        });
        let lines = proptest::collection::vec(line, 0..4);
        (lines.clone(), proptest::option::of(states), lines, any::<bool>(), any::<bool>()).prop_map(
            |(before, states, after, is_crlf, is_ended)| {
                let mut seen = std::collections::BTreeSet::new();
                let all = before.into_iter().chain(states).chain(after);
                let is_new = |line: &String| {
                    let key = line.split_once(':').map(|(key, _)| key.to_owned());
                    key.is_none_or(|key| seen.insert(key))
                };
                let text: String = all.filter(is_new).map(|line| line + "\n").collect();
                let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
                if is_ended { text } else { text.trim_end().to_owned() }
            },
        )
    }

    proptest! {
        #[test]
        fn an_edit_says_what_is_wanted_and_other_lines_stay(
            old in files(),
            new_state in proptest::option::of((any::<bool>(), "[a-z\"\\\\: #\u{e9}]{1,12}")),
        ) {
            let version: Version = "1.0.0".parse().unwrap();
            let new_state = new_state.as_ref().map(|(is_yanked, reason)| {
                (if *is_yanked { State::Yanked } else { State::Deprecated }, reason.as_str())
            });
            let before = states(&old).unwrap();
            let edited = edit(&old, "1.0.0", new_state).unwrap();
            let after = states(&edited).unwrap();
            prop_assert_eq!(after.get(&version).map(|(s, r)| (*s, r.as_str())), new_state);
            let others = |states: &BTreeMap<Version, (State, String)>| {
                states.iter().filter(|(v, _)| **v != version).map(|(v, s)| (v.clone(), s.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(others(&before), others(&after));
            // Every other line is there still, in its order, with its end.
            let touched = |line: &&str| {
                let line = line.trim();
                line.contains("1.0.0") || line.ends_with("ed:") || line.contains("ed: {")
                    || matches!(line, "two" | "lines")
            };
            let mut lines = edited.split_inclusive('\n');
            for line in old.split_inclusive('\n').filter(|line| !touched(line)) {
                let is_there = lines.any(|new| new == line || new.trim_end() == line);
                prop_assert!(is_there, "{line:?} of {old:?} is gone from {edited:?}");
            }
            let is_crlf = |text: &str| text.matches("\r\n").count() == text.matches('\n').count();
            prop_assert!(is_crlf(&edited) == is_crlf(&old) || !old.contains('\n') || !edited.contains('\n'));
        }
    }
}
