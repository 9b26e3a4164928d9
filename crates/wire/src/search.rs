//! Search in the texts of prompts: the terms of a text, and the shards that say which prompts have a
//! term. The compiler cuts texts into terms, the site cuts what is typed: both do it here.
//!
//! ```
//! use promptdex_wire::search;
//!
//! let mut terms = Vec::new();
//! search::terms("Refund_policy: 退款政策", |term| terms.push(term.to_owned()));
//! assert_eq!(terms, ["refund", "policy", "退款", "款政", "政策", "策"]);
//!
//! let asked: Vec<_> = search::parse_query("政策").collect();
//! assert_eq!(asked[0].text, "政策");
//! assert!(asked[0].fits("政策"));
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::{Format, Json};
use crate::layout::{MAX_TERM_BYTES, ShardName};
use crate::name::{PromptName, RegistryName};
use crate::prompt::{Content, Message, Part, Role};
use crate::release::Sequences;
use crate::{Document, Kind};

/// Where the terms of the prompts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Search {
    /// Digest of the names of the prompts in the catalog, in its order, joined by LF. A shard that
    /// says another is of another catalog.
    pub names: Digest,
    /// The boundaries of the shards, sorted by bytes, the first one empty: a shard has the terms from
    /// its boundary up to the next one.
    pub shards: Vec<String>,
}

impl Search {
    /// Returns the digest of names in the order of the catalog.
    pub fn digest<'a>(names: impl IntoIterator<Item = &'a PromptName>) -> Digest {
        let names: Vec<&str> = names.into_iter().map(PromptName::as_str).collect();
        Digest::of(names.join("\n").as_bytes())
    }

    /// Returns the file names of the shards, in order. A boundary that is none has none.
    pub fn files(&self) -> impl Iterator<Item = ShardName> {
        self.shards.iter().filter_map(|boundary| ShardName::of_boundary(boundary))
    }
}

/// A part of the index of all texts: `api/search/{shard}.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchShard {
    /// Format version, always 1.
    pub format: Format,
    /// `search`.
    pub kind: Kind,
    /// The registry.
    pub registry: RegistryName,
    /// Sequence numbers of the included releases.
    pub sequences: Sequences,
    /// Digest of the names in the catalog that its numbers are of.
    pub names: Digest,
    /// Its boundary: no term is below it.
    pub from: String,
    /// The boundary of the next shard: every term is below it. Absent in the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Per term, sorted by bytes, the prompts whose texts have it: the place of the first one in the
    /// list of the catalog, from 0, and then how much further on each next one stands.
    pub terms: BTreeMap<String, Vec<u32>>,
}

impl Document for SearchShard {
    const KIND: Kind = Kind::Search;
}

/// Turns ascending numbers into the first one and the steps between them.
pub fn to_gaps(rows: &mut [u32]) {
    let mut before = 0;
    for row in rows {
        let gap = *row - before;
        before = *row;
        *row = gap;
    }
}

/// Returns the numbers that steps lead to. The steps of a hostile shard may lead too far: a number that is
/// out of range ends them.
pub fn from_gaps(gaps: impl IntoIterator<Item = u32>) -> impl Iterator<Item = u32> {
    gaps.into_iter().scan(0_u32, |row, gap| {
        *row = row.checked_add(gap)?;
        Some(*row)
    })
}

/// A term has at most so many characters, and [`MAX_TERM_BYTES`].
const MAX_CHARACTERS: usize = 40;

/// Whether a character belongs to a script that is written without spaces between words.
pub fn is_unspaced(character: char) -> bool {
    matches!(
        u32::from(character),
        // Thai, Lao, Myanmar, Khmer: letters, vowel signs, tone marks, digits.
        0x0e01..=0x0e3a | 0x0e40..=0x0e4e | 0x0e50..=0x0e59 | 0x0e80..=0x0edf | 0x1000..=0x1049
        | 0x1050..=0x109d | 0x1780..=0x17d3 | 0x17d7 | 0x17dc..=0x17e9 | 0xa9e0..=0xa9fe
        | 0xaa60..=0xaa7f
        // Radicals, the letters among the marks, Hiragana, Katakana, Han.
        | 0x2e80..=0x2fd5 | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3031..=0x3035 | 0x303b
        | 0x3041..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x1b000..=0x1b16f
        | 0x20000..=0x3ffff
    )
}

/// A run of characters of one kind, from which terms are made.
enum CharacterRun<'a> {
    Word(&'a str),
    Unspaced(&'a str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CharacterClass {
    Word,
    Unspaced,
    Other,
}

fn class(character: char) -> CharacterClass {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => CharacterClass::Word,
        '\0'..='\u{7f}' => CharacterClass::Other,
        _ if is_unspaced(character) => CharacterClass::Unspaced,
        _ if character.is_alphanumeric() => CharacterClass::Word,
        _ => CharacterClass::Other,
    }
}

/// Cuts a text into runs of word characters; all other characters separate them.
fn runs(text: &str) -> impl Iterator<Item = CharacterRun<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = class(rest.chars().next()?);
            let end = rest.find(|character| class(character) != first).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            match first {
                CharacterClass::Word => return Some(CharacterRun::Word(run)),
                CharacterClass::Unspaced => return Some(CharacterRun::Unspaced(run)),
                CharacterClass::Other => {}
            }
        }
    })
}

/// Writes a word in lower case, cut where a term ends.
fn write_word(word: &str, term: &mut String) {
    term.clear();
    for (number, character) in word.chars().flat_map(char::to_lowercase).enumerate() {
        if number == MAX_CHARACTERS || term.len() + character.len_utf8() > MAX_TERM_BYTES {
            break;
        }
        term.push(character);
    }
}

/// Passes on every term of a text, as often as it occurs. The text is in Unicode's normalization form C; the
/// tables for that are no part of this crate, because a browser has its own.
pub fn terms(text: &str, mut then: impl FnMut(&str)) {
    let mut term = String::new();
    for run in runs(text) {
        match run {
            CharacterRun::Word(word) => {
                write_word(word, &mut term);
                then(&term);
            }
            CharacterRun::Unspaced(run) => {
                for pair in pairs(run) {
                    then(pair);
                }
                // A single character is looked for by what begins with it; none begins with the last.
                let last = run.char_indices().next_back().map_or(0, |(at, _)| at);
                then(&run[last..]);
            }
        }
    }
}

/// Returns every two neighbouring characters.
fn pairs(run: &str) -> impl Iterator<Item = &str> {
    let ends = run.char_indices().map(|(at, character)| at + character.len_utf8()).skip(1);
    run.char_indices().zip(ends).map(|((at, _), end)| &run[at..end])
}

/// A term of a search query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryTerm {
    /// The term.
    pub text: String,
    /// Whether every term that begins with it will do.
    pub is_prefix: bool,
}

impl QueryTerm {
    /// Whether a term will do.
    pub fn fits(&self, term: &str) -> bool {
        if self.is_prefix { term.starts_with(&self.text) } else { term == self.text }
    }

    /// Returns the shards that have the terms that will do, by their place among the boundaries.
    pub fn shards(&self, boundaries: &[String]) -> Range<usize> {
        let after = boundaries.partition_point(|boundary| *boundary <= self.text);
        let more = boundaries.get(after..).unwrap_or_default();
        let more = more.iter().take_while(|boundary| self.fits_boundary(boundary)).count();
        after.saturating_sub(1)..after + more
    }

    fn fits_boundary(&self, boundary: &str) -> bool {
        self.is_prefix && boundary.starts_with(&self.text)
    }
}

/// Returns the terms that a text has which contains `words` at the beginning of a word, or anywhere in
/// a script without spaces: all of them must be there. Without any it cannot be looked for.
pub fn parse_query(words: &str) -> impl Iterator<Item = QueryTerm> {
    let words = words.trim();
    let mut runs = runs(words).peekable();
    let mut before = Vec::new().into_iter();
    std::iter::from_fn(move || {
        loop {
            if let Some(asked) = before.next() {
                return Some(asked);
            }
            let terms = match runs.next()? {
                CharacterRun::Word(word) => {
                    let mut text = String::new();
                    write_word(word, &mut text);
                    // More of the word may follow what was typed, but not something else.
                    let is_cut =
                        word.chars().flat_map(char::to_lowercase).count() > text.chars().count();
                    let is_last = runs.peek().is_none() && words.ends_with(word);
                    vec![QueryTerm { text, is_prefix: is_last && !is_cut }]
                }
                CharacterRun::Unspaced(run) => {
                    let pairs = pairs(run)
                        .map(|pair| QueryTerm { text: pair.to_owned(), is_prefix: false });
                    let mut asked: Vec<QueryTerm> = pairs.collect();
                    if asked.is_empty() {
                        asked.push(QueryTerm { text: run.to_owned(), is_prefix: true });
                    }
                    asked
                }
            };
            before = terms.into_iter();
        }
    })
}

/// A text prepared for finding words, regardless of letter case and of the amount of white space.
pub struct NormalizedText {
    text: String,
    /// Where each character of the text as it was written begins, here and there, and what it is.
    places: Vec<(usize, usize, CharacterClass)>,
}

impl NormalizedText {
    /// Prepares a text.
    pub fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), places: Vec::new() };
        let mut is_space = false;
        for (at, character) in text.char_indices() {
            let was_space = std::mem::replace(&mut is_space, character.is_whitespace());
            if is_space && was_space {
                continue;
            }
            folded.places.push((folded.text.len(), at, class(character)));
            if is_space {
                folded.text.push(' ');
            } else {
                folded.text.extend(character.to_lowercase());
            }
        }
        folded.places.push((folded.text.len(), text.len(), CharacterClass::Other));
        folded
    }

    /// Returns the first place in the text as it was written where `words` begin with a word, or
    /// anywhere in a script without spaces. What is no word has no beginning.
    pub fn find(&self, words: &str) -> Option<Range<usize>> {
        let words = Self::new(words.trim()).text;
        let first = words.chars().next()?;
        let is_word = class(first) == CharacterClass::Word;
        let (from, start) = self.text.match_indices(&words).find_map(|(start, _)| {
            // A character that became several begins with the first of them.
            let from = self.places.binary_search_by_key(&start, |(here, ..)| *here).ok()?;
            let before = from.checked_sub(1).and_then(|before| self.places.get(before));
            let is_inside =
                is_word && before.is_some_and(|(.., class)| *class == CharacterClass::Word);
            (!is_inside).then_some((from, start))
        })?;
        let to = self.places.partition_point(|(here, ..)| *here < start + words.len());
        Some(self.places.get(from)?.1..self.places.get(to)?.1)
    }
}

/// The place of a text in a version: a message or an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPlace {
    /// A message: its number, from 1, and its role; no role for the placeholder of examples.
    Message(usize, Option<Role>),
    /// A few-shot example: its number, from 1.
    Example(usize),
}

/// Passes on the texts of a version that are searched: the texts of the messages, and every string in the
/// examples.
pub fn texts<'a>(
    messages: &'a [Message],
    examples: Option<&'a [Json]>,
    mut then: impl FnMut(TextPlace, Cow<'a, str>),
) {
    for (number, message) in (1..).zip(messages) {
        match message {
            Message::Turn(turn) => {
                let place = TextPlace::Message(number, Some(turn.role));
                match &turn.content {
                    Some(Content::Text(text)) => then(place, text.into()),
                    Some(Content::Parts(parts)) => {
                        for part in parts {
                            match part {
                                Part::Text { text } => then(place, text.into()),
                                Part::Image(_) | Part::Audio(_) | Part::File(_) => {}
                            }
                        }
                    }
                    None => {}
                }
            }
            Message::Placeholder(_) => {}
            Message::Examples(message) => {
                let place = TextPlace::Message(number, None);
                then(place, (&message.examples.user).into());
                then(place, (&message.examples.assistant).into());
            }
        }
    }
    for (number, example) in (1..).zip(examples.into_iter().flatten()) {
        strings(example.value(), &mut |text| then(TextPlace::Example(number), text.into()));
    }
}

/// Passes on every string in a value; the keys of objects are none.
fn strings(value: serde_json::Value, then: &mut impl FnMut(String)) {
    match value {
        serde_json::Value::String(text) => then(text),
        serde_json::Value::Array(values) => {
            values.into_iter().for_each(|value| strings(value, then));
        }
        serde_json::Value::Object(fields) => {
            fields.into_iter().for_each(|(_, value)| strings(value, then));
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        terms(text, |term| found.push(term.to_owned()));
        found
    }

    /// Whether a text is a candidate for what is asked.
    fn finds(text: &str, words: &str) -> bool {
        let terms = all(text);
        let mut asked = parse_query(words).peekable();
        asked.peek().is_some() && asked.all(|asked| terms.iter().any(|term| asked.fits(term)))
    }

    #[test]
    fn terms_are_words_and_pairs() {
        let check = |text: &str, expected: &[&str]| assert_eq!(all(text), expected, "{text}");
        check("", &[]);
        check("Don't  shout_it, 42x!", &["don", "t", "shout", "it", "42x"]);
        check("Straße ΟΔΟΣ İ", &["straße", "οδοσ", "i\u{307}"]);
        check("退", &["退"]);
        check("用GPT-4写退款函", &["用", "gpt", "4", "写退", "退款", "款函", "函"]);
        check("カード ひらがな", &["カー", "ード", "ド", "ひら", "らが", "がな", "な"]);
        check(
            "น้ำแข็ง",
            &["น\u{e49}", "\u{e49}\u{e33}", "\u{e33}แ", "แข", "ข\u{e47}", "\u{e47}ง", "ง"],
        );
        check("한국어 prompt", &["한국어", "prompt"]);
        check(&"x".repeat(50), &[&"x".repeat(40)]);
        check(&"𐐀".repeat(50), &[&"𐐨".repeat(28)]);
    }

    #[test]
    fn the_last_word_may_go_on() {
        let check = |words: &str, expected: &str| {
            let asked =
                parse_query(words).map(|asked| asked.text + if asked.is_prefix { "*" } else { "" });
            assert_eq!(asked.collect::<Vec<_>>().join(" "), expected, "{words}");
        };
        check("Refund", "refund*");
        check("refund pol", "refund pol*");
        check("refund.", "refund");
        check("user_name", "user name*");
        check("款", "款*");
        check("退款政策", "退款 款政 政策");
        check("GPT模", "gpt 模*");
        check("{{ }}", "");
        check(&"x".repeat(41), &"x".repeat(40));
        check(&"x".repeat(40), &("x".repeat(40) + "*"));
    }

    #[test]
    fn a_term_is_in_one_shard_and_what_begins_with_it_in_few() {
        let boundaries = ["", "b", "refund", "refunds", "refv", "z"].map(str::to_owned);
        let shards = |text: &str, is_prefix| {
            QueryTerm { text: text.to_owned(), is_prefix }.shards(&boundaries)
        };
        assert_eq!(shards("a", false), 0..1);
        assert_eq!(shards("b", true), 1..2);
        assert_eq!(shards("ref", false), 1..2);
        assert_eq!(shards("ref", true), 1..5);
        assert_eq!(shards("refund", true), 2..4);
        assert_eq!(shards("refund", false), 2..3);
        assert_eq!(shards("zz", true), 5..6);
        assert_eq!(QueryTerm { text: "a".to_owned(), is_prefix: true }.shards(&[]), 0..0);
    }

    #[test]
    fn words_are_found_where_they_begin() {
        let check = |text: &str, words: &str, expected: Option<&str>| {
            assert_eq!(
                NormalizedText::new(text).find(words).map(|at| &text[at]),
                expected,
                "{words} in {text}"
            );
        };
        check("A Refund.", "refund", Some("Refund"));
        check("Refunds", "ref", Some("Ref"));
        check("no prefund, a refund", "refund", Some("refund"));
        check("prefund", "refund", None);
        check("the refund\n   Policy", "REFUND policy", Some("refund\n   Policy"));
        check("user_name", "name", Some("name"));
        check("写退款函", "退款", Some("退款"));
        check("用GPT", "gpt", Some("GPT"));
        check("İstanbul", "i\u{307}s", Some("İs"));
        check("İstanbul", "İ", Some("İ"));
        check("x {{ name }}", "{{", Some("{{"));
        check("x", " ", None);
        check("", "x", None);
    }

    #[test]
    fn gaps_lead_back() {
        let mut rows = [3, 4, 4_000_000_000];
        to_gaps(&mut rows);
        assert_eq!(rows, [3, 1, 3_999_999_996]);
        assert_eq!(from_gaps(rows).collect::<Vec<_>>(), [3, 4, 4_000_000_000]);
        assert_eq!(from_gaps([u32::MAX, 1, 0]).collect::<Vec<_>>(), [u32::MAX]);
    }

    /// Texts of all kinds of characters, some of which meet often.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Zß ,._İ0-9退款政策カード\u{e19}\u{e49}\u{e33}한국é\u{301}𐐀-]{0,60}",
            "\\PC{0,40}",
        ]
    }

    proptest! {
        #[test]
        fn the_beginning_of_every_word_is_found(text in text(), length in 1..60_usize) {
            for run in runs(&text) {
                let CharacterRun::Word(word) = run else { continue };
                let start: String = word.chars().take(length).collect();
                prop_assert!(finds(&text, &start), "{start} in {text}");
            }
        }

        #[test]
        fn every_piece_without_spaces_is_found(
            text in text(), start in 0..60_usize, length in 1..20_usize,
        ) {
            for run in runs(&text) {
                let CharacterRun::Unspaced(run) = run else { continue };
                let piece: String = run.chars().skip(start).take(length).collect();
                prop_assert!(piece.is_empty() || finds(&text, &piece), "{piece} in {text}");
            }
        }

        /// A phrase: from the beginning of a word, as far as one likes.
        #[test]
        fn every_phrase_is_found(text in text(), start in 0..20_usize, length in 1..60_usize) {
            let starts: Vec<usize> = runs(&text)
                .map(|run| match run {
                    CharacterRun::Word(run) | CharacterRun::Unspaced(run) => run.as_ptr() as usize - text.as_ptr() as usize,
                })
                .collect();
            if let Some(start) = starts.get(start) {
                let phrase: String = text[*start..].chars().take(length).collect();
                prop_assert!(finds(&text, &phrase), "{phrase} in {text}");
            }
        }

        /// What is found in a text is found through the terms; its place is a piece of the text.
        #[test]
        fn nothing_is_found_that_is_no_candidate(
            text in text(), words in "[a-zß İé退款,_ ]{1,6}",
        ) {
            if let Some(place) = NormalizedText::new(&text).find(&words) {
                prop_assert!(text.get(place).is_some());
                prop_assert!(parse_query(&words).next().is_none() || finds(&text, &words), "{words} in {text}");
            }
        }

        #[test]
        fn shards_hold_what_they_are_asked_for(
            mut boundaries in prop::collection::btree_set("[ab退]{1,3}", 0..6),
            term in "[ab退]{1,4}", text in "[ab退]{1,3}", is_prefix: bool,
        ) {
            boundaries.insert(String::new());
            let boundaries: Vec<String> = boundaries.into_iter().collect();
            let asked = QueryTerm { text, is_prefix };
            let holder = boundaries.partition_point(|boundary| *boundary <= term) - 1;
            if asked.fits(&term) {
                prop_assert!(asked.shards(&boundaries).contains(&holder));
            }
        }
    }
}
