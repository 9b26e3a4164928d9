//! Damages of a file, from a seed.

/// `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }
}

/// What a file is after it was damaged.
pub(crate) struct Damaged {
    pub(crate) bytes: Vec<u8>,
    /// Whether it is no text any more, so that whoever reads it has to say so.
    pub(crate) is_unreadable: bool,
}

/// Texts that mean something to one of the readers.
const WORDS: [&str; 24] = [
    "\0",
    "\u{202e}",
    "\u{feff}",
    "\"",
    "{",
    "[",
    "- ",
    ": ",
    "{{",
    "{%",
    "{#",
    "}",
    "<![CDATA[",
    "&#0;",
    "<<<<<<< ",
    "9999999999999999999999",
    "-0.0e999",
    "\r",
    "\\u0000",
    "\\ud800",
    "&a *a",
    "!!binary x",
    "\u{1f600}\u{301}",
    "---\n",
];

/// Damages a file.
pub(crate) fn damage(bytes: &[u8], random: &mut Random) -> Damaged {
    let at = random.below(bytes.len() + 1);
    let len = 1 + random.below(12);
    let end = (at + len).min(bytes.len());
    let with = |part: &[u8], end: usize| [&bytes[..at], part, &bytes[end..]].concat();
    let (bytes, is_unreadable) = match random.below(12) {
        0 => (with(b"\xe9", at), true),
        1 => (with(b"\xf0\x9f", end), true),
        2 => (with(b"\xff\xfe\0", end), true),
        3 => ([bytes, b"\xc3"].concat(), true),
        4 => {
            // What editors of Windows call Unicode.
            let units = bytes.iter().flat_map(|byte| [*byte, 0]);
            ([0xff, 0xfe].into_iter().chain(units).collect(), true)
        }
        5 => (bytes[..at].to_vec(), false),
        6 => (with(b"", end), false),
        7 => (with(&bytes[at..end].repeat(3), at), false),
        8 => (with("[".repeat(3_000).as_bytes(), at), false),
        9 => (with("{{ a.b[0] | c }} {% if x %}".as_bytes(), at), false),
        _ => (with(WORDS[random.below(WORDS.len())].as_bytes(), end), false),
    };
    Damaged { bytes, is_unreadable }
}
