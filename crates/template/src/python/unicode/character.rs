//! Properties of single characters.

use std::sync::LazyLock;

use super::tables;
use super::varints::Varints;

/// The properties of a character, named as the methods of Python's `str` that test them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CharacterFlags(u16);

impl CharacterFlags {
    fn has(self, flags: u16) -> bool {
        self.0 & flags != 0
    }

    pub(crate) fn is_alphabetic(self) -> bool {
        self.has(tables::ALPHABETIC)
    }

    pub(crate) fn is_lower(self) -> bool {
        self.has(tables::LOWER)
    }

    pub(crate) fn is_upper(self) -> bool {
        self.has(tables::UPPER)
    }

    /// Returns whether the character is a letter in title case, such as `ǅ`.
    pub(crate) fn is_title(self) -> bool {
        self.has(tables::TITLE)
    }

    /// Returns whether the character has a case: letters, but also `ⓐ`.
    pub(crate) fn is_cased(self) -> bool {
        self.has(tables::LOWER | tables::UPPER | tables::TITLE)
    }

    /// Returns whether a final sigma is recognized across the character.
    pub(crate) fn is_case_ignorable(self) -> bool {
        self.has(tables::CASE_IGNORABLE)
    }

    pub(crate) fn is_decimal(self) -> bool {
        self.has(tables::DECIMAL)
    }

    pub(crate) fn is_digit(self) -> bool {
        self.has(tables::DIGIT)
    }

    pub(crate) fn is_numeric(self) -> bool {
        self.has(tables::NUMERIC)
    }

    pub(crate) fn is_alphanumeric(self) -> bool {
        self.has(tables::ALPHABETIC | tables::DECIMAL | tables::DIGIT | tables::NUMERIC)
    }

    /// Returns whether an identifier may begin with the character, apart from `_`.
    pub(crate) fn is_identifier_start(self) -> bool {
        self.has(tables::IDENTIFIER_START)
    }

    pub(crate) fn is_identifier_part(self) -> bool {
        self.has(tables::IDENTIFIER_PART)
    }

    pub(crate) fn is_printable(self) -> bool {
        self.has(tables::PRINTABLE)
    }
}

/// The runs of characters with equal flags.
struct FlagRuns {
    /// The first character of each run, and below it, in eight bits, which of the kinds it is.
    runs: Vec<u32>,
    /// The kinds of the first characters, which are looked up most often.
    first: Vec<u8>,
}

/// Latin, Greek, Cyrillic, Hebrew and Arabic.
const FIRST: usize = 0x800;

static FLAG_RUNS: LazyLock<FlagRuns> = LazyLock::new(|| {
    let mut runs = Vec::with_capacity(tables::RUN_KINDS.len());
    let mut first = Vec::with_capacity(FIRST);
    let mut start = 0;
    for (kind, length) in tables::RUN_KINDS.iter().zip(Varints::new(tables::RUN_LENGTHS)) {
        runs.push(start << 8 | u32::from(*kind));
        start += length;
        first.resize(FIRST.min(start as usize), *kind);
    }
    FlagRuns { runs, first }
});

/// Returns the properties of a character.
pub(crate) fn flags(character: char) -> CharacterFlags {
    let table = &*FLAG_RUNS;
    let code = u32::from(character);
    let kind = match table.first.get(code as usize) {
        Some(kind) => usize::from(*kind),
        None => (run_of(table, code) & 0xff) as usize,
    };
    CharacterFlags(tables::KINDS.get(kind).copied().unwrap_or_default())
}

fn run_of(table: &FlagRuns, code: u32) -> u32 {
    let after = table.runs.partition_point(|run| run >> 8 <= code);
    after.checked_sub(1).and_then(|at| table.runs.get(at)).copied().unwrap_or_default()
}

/// Returns whether a character is white space, for the methods of `str` and for `\s`.
pub(crate) fn is_space(character: char) -> bool {
    matches!(
        character,
        '\t'..='\r'
            | '\u{1c}'..='\u{1f}'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// Returns whether a line ends with a character, for `str.splitlines`.
pub(crate) fn is_line_boundary(character: char) -> bool {
    matches!(
        character,
        '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Returns whether a character belongs to a word: `\w`.
pub(crate) fn is_word(character: char) -> bool {
    character == '_' || flags(character).is_alphanumeric()
}
