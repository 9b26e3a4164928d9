//! Every fact about every character.

use serde_json::{Map, Value as Json, json};

use super::oracle::Oracle;
use crate::python::numbers::decimal_digit;
use crate::python::unicode::{self, Mapped};

#[test]
fn every_character_is_as_in_python() {
    let Some(mut oracle) = Oracle::start() else { return };
    for first in (0..0x11_0000_u32).step_by(0x1000) {
        let end = first + 0x1000;
        let told = oracle.ask(&json!({ "characters": [first, end] }));
        let characters: Vec<char> = (first..end).filter_map(char::from_u32).collect();
        let expected: Vec<u64> =
            told["facts"].as_array().unwrap().iter().map(|facts| facts.as_u64().unwrap()).collect();
        assert_eq!(expected.len(), characters.len());
        for (character, expected) in characters.iter().zip(expected) {
            assert_eq!(facts(*character), expected, "{character:?}");
        }
        for (name, map) in [
            ("lower", unicode::lower as fn(char) -> Mapped),
            ("upper", unicode::upper),
            ("title", unicode::title),
            ("folded", unicode::folded),
        ] {
            let mut mapped = Map::new();
            for character in &characters {
                match map(*character) {
                    Mapped::Character(same) if same == *character => {}
                    Mapped::Character(other) => {
                        mapped.insert(character.to_string(), other.to_string().into());
                    }
                    Mapped::Text(text) => {
                        mapped.insert(character.to_string(), text.into());
                    }
                }
            }
            assert_eq!(Json::Object(mapped), told[name], "{name}");
        }
        let values: Map<String, Json> = characters
            .iter()
            .filter_map(|character| {
                Some((character.to_string(), decimal_digit(*character)?.into()))
            })
            .collect();
        assert_eq!(Json::Object(values), told["values"]);
    }
}

/// Returns what the script calls facts, as bits in the same order.
fn facts(character: char) -> u64 {
    let flags = unicode::flags(character);
    let ignorable = flags.is_case_ignorable();
    [
        flags.is_alphabetic(),
        flags.is_alphanumeric(),
        flags.is_decimal(),
        flags.is_digit(),
        flags.is_numeric(),
        unicode::is_space(character),
        flags.is_lower(),
        flags.is_upper(),
        flags.is_title(),
        flags.is_identifier_start(),
        flags.is_identifier_part(),
        flags.is_printable(),
        unicode::is_word(character),
        unicode::is_space(character),
        unicode::is_line_boundary(character),
        flags.is_cased() && !ignorable,
        flags.is_cased() || ignorable,
        flags.is_cased(),
    ]
    .into_iter()
    .enumerate()
    .map(|(bit, is_so)| u64::from(is_so) << bit)
    .sum()
}
