//! Cuts a text into the pieces that are merged by themselves. The tokenizers define them by regular
//! expressions over Unicode's classes; written out as functions they need no engine for expressions,
//! which would be larger than everything else here but the vocabulary.

include!(concat!(env!("OUT_DIR"), "/classes.rs"));

/// The class of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter in upper or title case.
    Upper,
    /// A letter in lower case.
    Lower,
    /// A letter without case.
    Letter,
    /// A mark, such as an accent, that belongs to the character before it.
    Mark,
    /// A digit or another number.
    Number,
    /// White space.
    Space,
    /// Everything else.
    Other,
}

/// What the pieces of a tokenizer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "cl100k_base", feature = "o200k_base")),
    expect(dead_code, reason = "a module for the browser has one tokenizer")
)]
pub(crate) enum Pattern {
    Cl100k,
    O200k,
}

impl Pattern {
    /// Returns where the first piece of a text ends. Of its alternatives the first one that fits counts.
    pub(crate) fn end(self, text: &str) -> usize {
        let Some(first) = text.chars().next() else { return 0 };
        // A word may have one character before it.
        let leads =
            matches!(class(first), Class::Mark | Class::Space | Class::Other) && !is_break(first);
        let after = if leads { first.len_utf8() } else { 0 };
        let word = match self {
            Self::Cl100k => {
                let end = run(text, after, usize::MAX, is_letter);
                Some(contraction(text)).filter(|&end| end > 0).or((end > after).then_some(end))
            }
            Self::O200k => {
                let end = mixed(text, after).or_else(|| mixed(text, 0)).or_else(|| {
                    let end = run(text, after, usize::MAX, is_upper);
                    (end > after).then_some(end)
                });
                end.map(|end| end + contraction(&text[end..]))
            }
        };
        word.or_else(|| {
            let end = run(text, 0, 3, |class| class == Class::Number);
            (end > 0).then_some(end)
        })
        .or_else(|| self.signs(text, usize::from(first == ' ')))
        .unwrap_or_else(|| spaces(text))
    }

    /// Signs, after a space or none, with the line ends after them.
    fn signs(self, text: &str, from: usize) -> Option<usize> {
        let end = run(text, from, usize::MAX, |class| matches!(class, Class::Mark | Class::Other));
        let ends: &[char] = match self {
            Self::Cl100k => &['\r', '\n'],
            Self::O200k => &['\r', '\n', '/'],
        };
        let rest = &text[end..];
        (end > from).then(|| text.len() - rest.trim_start_matches(ends).len())
    }
}

/// Capitals and then small letters, where letters without case and marks are both. The last of the
/// letters before the small ones may be given to them, so that there is one.
fn mixed(text: &str, from: usize) -> Option<usize> {
    let capitals = run(text, from, usize::MAX, is_upper);
    let end = run(text, capitals, usize::MAX, is_lower);
    if end > capitals {
        return Some(end);
    }
    let last =
        text[from..capitals].char_indices().rfind(|(_, character)| is_lower(class(*character)));
    last.map(|(at, character)| from + at + character.len_utf8())
}

/// White space: up to its last line end; else all of it at the end of a text; else all but the character
/// that the next word takes along.
fn spaces(text: &str) -> usize {
    let end = run(text, 0, usize::MAX, |class| class == Class::Space);
    let spaces = &text[..end];
    if let Some(last) = spaces.rfind(is_break) {
        return last + 1;
    }
    let last = spaces.char_indices().next_back().map_or(0, |(at, _)| at);
    if end == text.len() || last == 0 { end } else { last }
}

/// Returns the length of an English ending, such as that of `don't`, or 0.
fn contraction(text: &str) -> usize {
    // The long s is an `s` in another case.
    const ENDINGS: [&str; 8] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'ſ"];
    let is_there = |ending: &&&str| {
        text.get(..ending.len()).is_some_and(|start| start.eq_ignore_ascii_case(ending))
    };
    ENDINGS.iter().find(is_there).map_or(0, |ending| ending.len())
}

/// Returns where the characters of some classes end that begin at a place: at most so many.
fn run(text: &str, from: usize, most: usize, is_in: impl Fn(Class) -> bool) -> usize {
    let outside = text[from..].char_indices().enumerate();
    let mut outside =
        outside.skip_while(|(count, (_, character))| *count < most && is_in(class(*character)));
    outside.next().map_or(text.len(), |(_, (at, _))| from + at)
}

fn is_letter(class: Class) -> bool {
    matches!(class, Class::Upper | Class::Lower | Class::Letter)
}

fn is_upper(class: Class) -> bool {
    matches!(class, Class::Upper | Class::Letter | Class::Mark)
}

fn is_lower(class: Class) -> bool {
    matches!(class, Class::Lower | Class::Letter | Class::Mark)
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n')
}

fn class(character: char) -> Class {
    match character {
        'a'..='z' => Class::Lower,
        ' ' => Class::Space,
        _ => {
            let code = u32::from(character);
            let after = RUNS.partition_point(|(first, _)| *first <= code);
            after.checked_sub(1).map_or(Class::Other, |at| RUNS[at].1)
        }
    }
}
