//! The case of single characters.

use std::sync::LazyLock;

use super::tables;
use super::varints::Varints;

/// What a character becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapped {
    Character(char),
    /// Several characters, such as `SS`.
    Text(&'static str),
}

/// Returns a character in lower case. A sigma becomes `σ`: whether it is a final one depends on what is
/// around it.
pub(crate) fn lower(character: char) -> Mapped {
    if character.is_ascii() {
        return Mapped::Character(character.to_ascii_lowercase());
    }
    LOWER.get(character).unwrap_or(Mapped::Character(character))
}

/// Returns a character in upper case.
pub(crate) fn upper(character: char) -> Mapped {
    if character.is_ascii() {
        return Mapped::Character(character.to_ascii_uppercase());
    }
    UPPER.get(character).unwrap_or(Mapped::Character(character))
}

/// Returns a character in the case that a word in title case begins with.
pub(crate) fn title(character: char) -> Mapped {
    if character.is_ascii() {
        return Mapped::Character(character.to_ascii_uppercase());
    }
    TITLE.get(character).unwrap_or_else(|| upper(character))
}

/// Returns a character as texts are compared without case.
pub(crate) fn folded(character: char) -> Mapped {
    if character.is_ascii() {
        return Mapped::Character(character.to_ascii_lowercase());
    }
    FOLDED.get(character).unwrap_or_else(|| lower(character))
}

static LOWER: LazyLock<CaseMap> =
    LazyLock::new(|| CaseMap::read(tables::LOWER_RUNS, tables::LOWER_TEXTS));
static UPPER: LazyLock<CaseMap> =
    LazyLock::new(|| CaseMap::read(tables::UPPER_RUNS, tables::UPPER_TEXTS));
static TITLE: LazyLock<CaseMap> =
    LazyLock::new(|| CaseMap::read(tables::TITLE_RUNS, tables::TITLE_TEXTS));
static FOLDED: LazyLock<CaseMap> =
    LazyLock::new(|| CaseMap::read(tables::FOLDED_RUNS, tables::FOLDED_TEXTS));

struct CaseMap {
    runs: Vec<CaseRun>,
    texts: Vec<(char, &'static str)>,
}

/// Characters, or every second one, that become one as far away.
struct CaseRun {
    first: u32,
    last: u32,
    step: u32,
    distance: i32,
}

impl CaseMap {
    fn read(runs: &'static [u8], texts: &'static str) -> Self {
        let mut numbers = Varints::new(runs);
        let mut read = Vec::new();
        let mut last = 0;
        while let (Some(gap), Some(size), Some(distance)) =
            (numbers.next(), numbers.next(), numbers.next())
        {
            let first = last + gap;
            let step = size % 2 + 1;
            last = first + size / 2 * step;
            // Even numbers go up, odd ones go down.
            let distance = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
            read.push(CaseRun { first, last, step, distance });
        }
        let split = |entry: &'static str| {
            let mut characters = entry.chars();
            Some((characters.next()?, characters.as_str()))
        };
        Self { runs: read, texts: texts.split_terminator('\0').filter_map(split).collect() }
    }

    fn get(&self, character: char) -> Option<Mapped> {
        if let Ok(at) = self.texts.binary_search_by_key(&character, |(key, _)| *key) {
            return self.texts.get(at).map(|(_, text)| Mapped::Text(text));
        }
        let code = u32::from(character);
        let after = self.runs.partition_point(|run| run.first <= code);
        let run = self.runs.get(after.checked_sub(1)?)?;
        if code > run.last || (code - run.first) % run.step != 0 {
            return None;
        }
        char::from_u32(code.wrapping_add_signed(run.distance)).map(Mapped::Character)
    }
}
