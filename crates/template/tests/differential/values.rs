//! Values of every shape, as JSON that keeps its order and its numbers as they are written.

use std::fmt::Write as _;

use crate::random::Random;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum {
    Null,
    Boolean(bool),
    Integer(i64),
    /// As it is written.
    Float(String),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Texts that something depends on.
pub(crate) const TEXTS: [&str; 48] = [
    "",
    " ",
    "a",
    "b",
    "B",
    "c",
    "foo",
    "Foo",
    "bar baz",
    "Hello World",
    "the quick brown fox jumps over the lazy dog",
    "foo-bar_baz.qux",
    "  padded\t",
    "one\ntwo\n\nthree",
    "line\r\nnext\rlast",
    "tab\tsep\u{b}vt\u{c}ff",
    "ÄÖÜ äöü ß",
    "Straße",
    "ΣΊΣΥΦΟΣ",
    "İstanbul ıI",
    "ǆ ǅ Ǆ ﬁ ŉ",
    "日本語 テキスト",
    "漢字かな交じり文、です。",
    "한국어 텍스트",
    "emoji 😀👩\u{200d}👩🏽",
    "e\u{301}\u{345} combining",
    "a\u{a0}b\u{2003}c\u{3000}d\u{2028}e\u{85}f",
    "zero\u{200b}width\u{feff}",
    "1",
    "-12",
    " 42 ",
    "3.7",
    "1e3",
    "0x1f",
    "0b101",
    "1_000",
    "١٢٣",
    "½ ² ③",
    "true",
    "None",
    "<b>&\"'</b>",
    "{{ x }} {% y %}",
    "%s and %d",
    "{} {0} {name}",
    "a,b,,c",
    "k=v&w=1/2?",
    "\\back\\slash \\n",
    "it's \"quoted\"",
];

const INTEGERS: [i64; 12] = [
    1_000_000,
    -1_000,
    255,
    2_147_483_648,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    -9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
    1_000_000_000_000,
    86_400,
    -1_024,
];

const FLOATS: [&str; 22] = [
    "0.0",
    "-0.0",
    "0.5",
    "1.0",
    "2.5",
    "-1.5",
    "0.1",
    "0.3",
    "3.14159",
    "1e16",
    "1e-5",
    "1e22",
    "1.5e300",
    "123456.789",
    "2.675",
    "1e15",
    "99.995",
    "-2.5",
    "3.5",
    "4.0",
    "1e-320",
    "7.25",
];

/// Keys of objects, some of which are names of methods.
pub(crate) const KEYS: [&str; 14] = [
    "name",
    "age",
    "city",
    "score",
    "a",
    "b",
    "key",
    "名前",
    "with space",
    "items",
    "count",
    "values",
    "1",
    "Name",
];

impl Datum {
    pub(crate) fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => write!(out, "{value}").unwrap(),
            Self::Integer(number) => write!(out, "{number}").unwrap(),
            Self::Float(written) => out.push_str(written),
            Self::Text(text) => out.push_str(&serde_json::to_string(text).unwrap()),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(&serde_json::to_string(key).unwrap());
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Returns values that are one step smaller.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        match self {
            Self::Text(text) if !text.is_empty() => {
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                let mut smaller = vec![Self::Text(half)];
                if text.chars().count() > 1 {
                    smaller.push(Self::Text(text.chars().skip(1).collect()));
                }
                smaller
            }
            Self::Array(items) => {
                let mut found = Vec::new();
                for at in 0..items.len() {
                    let mut fewer = items.clone();
                    fewer.remove(at);
                    found.push(Self::Array(fewer));
                    for smaller in items[at].smaller() {
                        let mut items = items.clone();
                        items[at] = smaller;
                        found.push(Self::Array(items));
                    }
                }
                found
            }
            Self::Object(entries) => {
                let mut found = Vec::new();
                for at in 0..entries.len() {
                    let mut fewer = entries.clone();
                    fewer.remove(at);
                    found.push(Self::Object(fewer));
                    for smaller in entries[at].1.smaller() {
                        let mut entries = entries.clone();
                        entries[at].1 = smaller;
                        found.push(Self::Object(entries));
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }
}

pub(crate) fn integer(random: &mut Random) -> i64 {
    match random.below(12) {
        0 => random.one_of(&INTEGERS),
        1..=3 => random.between(-12, 120),
        _ => random.between(-1, 7),
    }
}

pub(crate) fn float(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("{}.{}", random.between(-9, 99), random.below(1000)),
        _ => random.one_of(&FLOATS).to_owned(),
    }
}

pub(crate) fn text(random: &mut Random) -> String {
    match random.below(8) {
        0 => {
            let (first, second) = (random.one_of(&TEXTS), random.one_of(&TEXTS));
            format!("{first}{second}")
        }
        1..=3 => random.one_of(&TEXTS[2..11]).to_owned(),
        _ => random.one_of(&TEXTS).to_owned(),
    }
}

fn number(random: &mut Random) -> Datum {
    match random.below(4) {
        0 => Datum::Float(float(random)),
        _ => Datum::Integer(integer(random)),
    }
}

fn list(random: &mut Random, mut item: impl FnMut(&mut Random) -> Datum) -> Datum {
    let length = if random.one_in(8) { random.below(10) } else { 1 + random.below(3) };
    Datum::Array((0..length).map(|_| item(random)).collect())
}

/// Makes an item of a list of objects, all of which have nearly the same keys.
fn record(random: &mut Random) -> Datum {
    let mut entries = Vec::new();
    let mut add = |random: &mut Random, key: &str, value: fn(&mut Random) -> Datum| {
        if !random.one_in(60) {
            let value = value(random);
            entries.push((key.to_owned(), value));
        }
    };
    add(random, "name", |random| Datum::Text(text(random)));
    add(random, "age", |random| Datum::Integer(random.between(0, 5)));
    add(random, "city", |random| {
        Datum::Text(random.one_of(&["NY", "ny", "LA", "Ulm", "ULM", ""]).to_owned())
    });
    add(random, "score", number);
    add(random, "ok", |random| Datum::Boolean(random.coin()));
    add(random, "tags", |random| list(random, |random| Datum::Text(text(random))));
    add(random, "sub", |random| {
        Datum::Object(vec![("x".to_owned(), Datum::Integer(random.between(0, 3)))])
    });
    Datum::Object(entries)
}

fn object(random: &mut Random) -> Datum {
    let mut entries: Vec<(String, Datum)> = Vec::new();
    for _ in 0..random.below(5) {
        let key = random.one_of(&KEYS);
        if entries.iter().all(|(known, _)| known != key) {
            let value = if random.one_in(4) { any(random, 1) } else { scalar(random) };
            entries.push((key.to_owned(), value));
        }
    }
    Datum::Object(entries)
}

fn scalar(random: &mut Random) -> Datum {
    match random.below(8) {
        0 => Datum::Null,
        1 => Datum::Boolean(random.coin()),
        2..=3 => number(random),
        _ => Datum::Text(text(random)),
    }
}

fn any(random: &mut Random, depth: usize) -> Datum {
    match random.below(if depth > 2 { 5 } else { 9 }) {
        5 => list(random, |random| any(random, depth + 1)),
        6 => object(random),
        7 => record(random),
        8 => list(random, scalar),
        _ => scalar(random),
    }
}

/// Makes a list of objects whose `children` are such lists.
fn forest(random: &mut Random, depth: usize) -> Datum {
    let length = random.below(3) + usize::from(depth == 0);
    let tree = |random: &mut Random| {
        let name = ("name".to_owned(), Datum::Text(text(random)));
        let children = if depth < 2 { forest(random, depth + 1) } else { Datum::Array(Vec::new()) };
        Datum::Object(vec![name, ("children".to_owned(), children)])
    };
    Datum::Array((0..length).map(|_| tree(random)).collect())
}

/// Makes the values that a program is rendered with. Most of them are what their names promise.
pub(crate) fn values(random: &mut Random) -> Vec<(&'static str, Datum)> {
    type Maker = fn(&mut Random) -> Datum;
    let mut data = Vec::new();
    let makers: [(&'static str, Maker); 13] = [
        ("s", |random| Datum::Text(text(random))),
        ("t", |random| Datum::Text(text(random))),
        ("n", |random| Datum::Integer(integer(random))),
        ("m", |random| Datum::Integer(random.between(-3, 6))),
        ("f", |random| Datum::Float(float(random))),
        ("y", |random| Datum::Boolean(random.coin())),
        ("w", |random| list(random, |random| Datum::Text(text(random)))),
        ("l", |random| list(random, number)),
        ("p", |random| list(random, record)),
        ("o", object),
        ("tree", |random| forest(random, 0)),
        ("x", |random| any(random, 0)),
        ("z", |_| Datum::Null),
    ];
    for (name, make) in makers {
        if random.one_in(30) {
            continue;
        }
        let value = if random.one_in(150) { any(random, 0) } else { make(random) };
        data.push((name, value));
    }
    data
}
