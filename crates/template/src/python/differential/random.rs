//! Arguments that differ from call to call, and are the same in every run.

/// Characters that something depends on, by what they have in common. A text takes a few of them, so that it
/// repeats itself and its parts are found again.
const CHARACTERS: [&str; 16] = [
    "ab",
    "abcXYZ019_",
    "-'\"!&.,?(){}[]<>/~+%*",
    "-- aB1²é",
    " \t\n\r\u{b}\u{c}",
    " \u{1c}\u{1d}\u{1e}\u{1f}\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{200b}",
    // Marks that combine, and what is ignored around a sigma.
    "e\u{301}\u{307}\u{345}\u{ad}\u{200d}\u{feff}:·ʰªº",
    "ΣσςΑΒά\u{345}ΐΰᾳᾼᾈϴΩ",
    "Σ'a ",
    "İıIiŞşĞğ\u{307}",
    "ßẞﬁﬄﬓŉǰẖ",
    "ǄǅǆǇǈǉ",
    "ცᲪაꭰᎠᏸⅷⅧⓐⒶ𐐀𐐨",
    "٣३𝟘²①½四Ⅻ᭐",
    "你好々、。ひらカﾅ한글",
    "😀👩\u{200d}👩🏽\u{fe0f}🇩🇪",
];

/// What the escapes of literals are made of.
const ESCAPES: &str = "\\\\\\\\\\xuUN{}0012789abfnrtv'\"é字😀\n\r";

/// Numbers that nobody means.
const ABSURD: [i64; 8] = [
    i64::MIN,
    i64::MIN + 1,
    -1_000_000_000,
    3_000_000,
    5_000_000_000,
    1 << 31,
    i64::MAX - 1,
    i64::MAX,
];

pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next number of `SplitMix64`.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// Returns true in one of so many cases.
    pub(super) fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    pub(super) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(super) fn optional<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (!self.one_in(3)).then(|| make(self))
    }

    pub(super) fn text(&mut self) -> String {
        let mut pool: Vec<char> = Vec::new();
        for _ in 0..=self.below(3) {
            let characters: Vec<char> = self.one_of(&CHARACTERS).chars().collect();
            if self.one_in(3) {
                pool.extend(characters);
            } else {
                for _ in 0..=self.below(4) {
                    pool.push(*self.one_of(&characters));
                }
            }
        }
        let length = match self.below(10) {
            0 => self.below(2),
            1 => self.below(300),
            2..=5 => self.below(12),
            _ => self.below(40),
        };
        (0..length)
            .map(|_| if self.one_in(60) { self.character() } else { *self.one_of(&pool) })
            .collect()
    }

    /// Returns words with hyphens and dashes, which decide where lines are broken.
    pub(super) fn hyphenated(&mut self) -> String {
        const PIECES: [&str; 14] =
            ["-", "-", "-", "--", "a", "a", "bc", "é字", "1", "_", "²", ".'", "\u{a0}", " "];
        (0..self.below(30)).map(|_| *self.one_of(&PIECES)).collect()
    }

    /// Returns any character.
    fn character(&mut self) -> char {
        loop {
            let code = u32::try_from(self.below(0x11_0000)).unwrap();
            // Most characters that mean something are among the first.
            let code = if self.one_in(2) { code } else { code % 0x3_2000 };
            if let Some(character) = char::from_u32(code) {
                return character;
            }
        }
    }

    /// Returns a text that is probably a part of another.
    pub(super) fn part(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        if characters.is_empty() || self.one_in(6) {
            return if self.one_in(3) { String::new() } else { self.text() };
        }
        let start = self.below(characters.len());
        let length = if self.one_in(8) { self.below(20) } else { 1 + self.below(3) };
        characters[start..].iter().take(length).collect()
    }

    /// Returns the beginning or the end of a text, often.
    pub(super) fn end(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        match self.below(4) {
            0 => characters.iter().take(self.below(4)).collect(),
            1 => characters[characters.len().saturating_sub(self.below(4))..].iter().collect(),
            2 => self.part(text),
            _ => text.to_owned(),
        }
    }

    /// Returns the raw text of a literal.
    pub(super) fn literal(&mut self) -> String {
        let characters: Vec<char> = ESCAPES.chars().collect();
        let mut literal = String::new();
        for _ in 0..self.below(8) {
            match self.below(8) {
                0 => literal += &format!("\\u{:04x}", self.below(0x1_0000)),
                1 => literal += &format!("\\U{:08x}", self.below(0x11_8000)),
                2 => literal += &format!("\\x{:02X}", self.below(0x100)),
                3 => literal += &format!("\\{:o}", self.below(0o1000)),
                4 => literal.push(self.character()),
                _ => literal.push(*self.one_of(&characters)),
            }
        }
        literal
    }

    /// Returns a position near a text, or an absurd one.
    pub(super) fn position(&mut self, text: &str) -> i64 {
        let length = text.chars().count();
        self.number_within(length + 4) - self.number_within(length + 4)
    }

    /// Returns a limit or a width: small, negative, or absurd.
    pub(super) fn number(&mut self) -> i64 {
        match self.below(24) {
            0 => *self.one_of(&ABSURD),
            1..=3 => -1 - self.number_within(3),
            4..=12 => self.number_within(5),
            _ => self.number_within(90),
        }
    }

    /// Returns a position, or an absurd number.
    pub(super) fn bound(&mut self, text: &str) -> Option<i64> {
        match self.below(12) {
            0 => Some(*self.one_of(&ABSURD)),
            1..=4 => None,
            _ => Some(self.position(text)),
        }
    }

    pub(super) fn number_within(&mut self, end: usize) -> i64 {
        i64::try_from(self.below(end)).unwrap()
    }

    /// Returns a float of any size.
    pub(super) fn float(&mut self) -> f64 {
        let near = [1000_f64, 1024.0][self.below(2)].powi(i32::try_from(self.below(11)).unwrap());
        match self.below(6) {
            0 => f64::from_bits(self.next()),
            1 => *self.one_of(&[0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
            2 => f64::from_bits(near.to_bits() + self.next() % 5 - 2),
            3 => near * f64::from_bits(0x3fe0_0000_0000_0000 + (self.next() >> 10)),
            4 => (self.number_within(4_000_000) as f64) - 1000.0,
            _ => near.round(),
        }
    }
}
