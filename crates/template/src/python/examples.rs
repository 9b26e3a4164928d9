//! What the functions do, in examples. The differential tests have the rest.

use std::ops::Range;

use super::text::{self, Bounds};
use super::words::{self, Hyphens, Indention, Truncation, Wrapping};
use crate::error::Error;
use crate::jinja::budget::Budget;

const RANGE: &Range<usize> = &(0..1);

type Change = fn(&str, &Range<usize>, &mut Budget) -> Result<String, Error>;
type Question = fn(&str, &Range<usize>, &mut Budget) -> Result<bool, Error>;
type Cut = for<'t> fn(
    &'t str,
    Option<&str>,
    i64,
    &Range<usize>,
    &mut Budget,
) -> Result<Vec<&'t str>, Error>;
type Search = fn(&str, &str, Bounds, &Range<usize>, &mut Budget) -> Result<i64, Error>;
type Fill = fn(&str, i64, &str, &Range<usize>, &mut Budget) -> Result<String, Error>;

#[test]
fn case() {
    let changes: [(&str, Change); 7] = [
        ("lower", text::lower),
        ("upper", text::upper),
        ("casefold", text::casefold),
        ("capitalize", text::capitalize),
        ("title", text::title),
        ("swapcase", text::swapcase),
        ("jinja title", words::title),
    ];
    for (given, expected) in [
        (
            "it's McDonald",
            [
                "it's mcdonald",
                "IT'S MCDONALD",
                "it's mcdonald",
                "It's mcdonald",
                "It'S Mcdonald",
                "IT'S mCdONALD",
                "It's Mcdonald",
            ],
        ),
        ("ΌΔΟΣ Σ", ["όδος σ", "ΌΔΟΣ Σ", "όδοσ σ", "Όδος σ", "Όδος Σ", "όδος σ", "Όδος Σ"]),
        ("ΑΣ'", ["ας'", "ΑΣ'", "ασ'", "Ας'", "Ας'", "ας'", "Ασ'"]),
        (
            "straße ﬁn",
            [
                "straße ﬁn",
                "STRASSE FIN",
                "strasse fin",
                "Straße ﬁn",
                "Straße Fin",
                "STRASSE FIN",
                "Straße FIn",
            ],
        ),
        ("İı ǆ", ["i̇ı ǆ", "İI Ǆ", "i̇ı ǆ", "İı ǆ", "İı ǅ", "i̇I Ǆ", "İı Ǆ"]),
        (
            "a-b (c) 2x",
            [
                "a-b (c) 2x",
                "A-B (C) 2X",
                "a-b (c) 2x",
                "A-b (c) 2x",
                "A-B (C) 2X",
                "A-B (C) 2X",
                "A-B (C) 2x",
            ],
        ),
        // Unicode 14 has the first of these letters, 16 the second, 15 the third.
        (
            "\u{10570}\u{a7cb}\u{1e4d0}",
            [
                "\u{10597}\u{a7cb}\u{1e4d0}",
                "\u{10570}\u{a7cb}\u{1e4d0}",
                "\u{10597}\u{a7cb}\u{1e4d0}",
                "\u{10570}\u{a7cb}\u{1e4d0}",
                "\u{10570}\u{a7cb}\u{1e4d0}",
                "\u{10597}\u{a7cb}\u{1e4d0}",
                "\u{10570}\u{a7cb}\u{1e4d0}",
            ],
        ),
    ] {
        for ((name, change), expected) in changes.iter().zip(expected) {
            let changed = change(given, RANGE, &mut Budget::default());
            assert_eq!(changed.as_deref(), Ok(expected), "{name} of {given}");
        }
    }
}

#[test]
fn questions() {
    let questions: [(&str, Question); 12] = [
        ("alpha", text::is_alpha),
        ("alnum", text::is_alnum),
        ("decimal", text::is_decimal),
        ("digit", text::is_digit),
        ("numeric", text::is_numeric),
        ("space", text::is_space),
        ("printable", text::is_printable),
        ("ascii", text::is_ascii),
        ("identifier", text::is_identifier),
        ("lower", text::is_lower),
        ("upper", text::is_upper),
        ("title", text::is_title),
    ];
    for (given, expected) in [
        ("", "printable ascii"),
        ("abc", "alpha alnum printable ascii identifier lower"),
        ("ab 1", "printable ascii lower"),
        ("_x1", "printable ascii identifier lower"),
        ("ÄÖ", "alpha alnum printable identifier upper"),
        ("Ab Cd", "printable ascii title"),
        ("ǅ", "alpha alnum printable identifier title"),
        ("12", "alnum decimal digit numeric printable ascii"),
        ("٣", "alnum decimal digit numeric printable"),
        ("²", "alnum digit numeric printable"),
        ("½", "alnum numeric printable"),
        ("四", "alpha alnum numeric printable identifier"),
        ("ⓐ", "printable lower"),
        (" \t\u{1f}", "space ascii"),
        ("\u{3000}", "space"),
        ("\u{200b}", ""),
        ("😀", "printable"),
        // Unicode 14 does not assign it.
        ("\u{1e4d0}", ""),
    ] {
        let mut answers = Vec::new();
        for (name, question) in questions {
            if question(given, RANGE, &mut Budget::default()).unwrap() {
                answers.push(name);
            }
        }
        assert_eq!(answers.join(" "), expected, "{given:?}");
    }
}

#[test]
fn pieces() {
    let (split, rsplit): (Cut, Cut) = (text::split, text::rsplit);
    for (cut, given, separator, limit, expected) in [
        (split, "  a  b c ", None, -1, &["a", "b", "c"][..]),
        (split, "  a  b c ", None, 1, &["a", "b c "]),
        (rsplit, "  a  b c ", None, 1, &["  a  b", "c"]),
        (split, " \u{3000} ", None, -1, &[]),
        (split, "", Some(","), -1, &[""]),
        (split, "a,,b,", Some(","), -1, &["a", "", "b", ""]),
        (split, "a,b,c", Some(","), 1, &["a", "b,c"]),
        (rsplit, "a,b,c", Some(","), 1, &["a,b", "c"]),
        (split, "a,b", Some(","), 0, &["a,b"]),
        (rsplit, "aaa", Some("aa"), -1, &["a", ""]),
    ] {
        let pieces = cut(given, separator, limit, RANGE, &mut Budget::default());
        assert_eq!(pieces.as_deref(), Ok(expected), "{given:?} {separator:?} {limit}");
    }
    let budget = &mut Budget::default();
    let lines = "a\r\nb\n\nc\u{2028}d\r";
    let ends = ["a\r\n", "b\n", "\n", "c\u{2028}", "d\r"];
    assert_eq!(text::splitlines(lines, true, RANGE, budget).as_deref(), Ok(&ends[..]));
    let texts = ["a", "b", "", "c", "d"];
    assert_eq!(text::splitlines(lines, false, RANGE, budget).as_deref(), Ok(&texts[..]));
    assert_eq!(text::partition("a=b=c", "=", RANGE, budget), Ok(["a", "=", "b=c"]));
    assert_eq!(text::rpartition("a=b=c", "=", RANGE, budget), Ok(["a=b", "=", "c"]));
    assert_eq!(text::partition("abc", "=", RANGE, budget), Ok(["abc", "", ""]));
    assert_eq!(text::rpartition("abc", "=", RANGE, budget), Ok(["", "", "abc"]));
    assert_eq!(text::strip("\u{a0} a \u{1f}", None, RANGE, budget), Ok("a"));
    assert_eq!(text::strip("xyaxy", Some("yx"), RANGE, budget), Ok("a"));
    assert_eq!(text::lstrip("xyaxy", Some("yx"), RANGE, budget), Ok("axy"));
    assert_eq!(text::rstrip("xyaxy", Some("yx"), RANGE, budget), Ok("xya"));
    assert_eq!(text::strip(" a ", Some(""), RANGE, budget), Ok(" a "));
    assert_eq!(text::removeprefix("aab", "a", RANGE, budget), Ok("ab"));
    assert_eq!(text::removesuffix("abb", "b", RANGE, budget), Ok("ab"));
}

#[test]
fn positions() {
    let (find, rfind, count): (Search, Search, Search) = (text::find, text::rfind, text::count);
    for (search, part, start, end, expected) in [
        (find, "é", None, None, 1),
        (rfind, "é", None, None, 4),
        (find, "é", Some(2), None, 4),
        (find, "é", Some(-2), Some(-1), 4),
        (rfind, "é", None, Some(-2), 1),
        (find, "", Some(6), None, 6),
        (find, "", Some(7), None, -1),
        (find, "", Some(3), Some(2), -1),
        (rfind, "", None, None, 6),
        (count, "é", None, None, 2),
        (count, "", None, None, 7),
        (count, "", Some(i64::MIN), Some(2), 3),
        (count, "éb", Some(i64::MAX), None, 0),
    ] {
        let found = search("aébcéd", part, Bounds { start, end }, RANGE, &mut Budget::default());
        assert_eq!(found, Ok(expected), "{part:?} {start:?} {end:?}");
    }
    let budget = &mut Budget::default();
    for (start, stop, step, expected) in [
        (None, None, None, "aébcéd"),
        (Some(1), Some(-1), None, "ébcé"),
        (Some(-100), Some(100), Some(2), "abé"),
        (None, None, Some(-1), "décbéa"),
        (Some(-2), Some(0), Some(-2), "éb"),
        (Some(4), Some(-100), Some(-3), "éé"),
        (Some(3), Some(1), None, ""),
        (None, None, Some(i64::MIN), "d"),
    ] {
        let slice = text::slice("aébcéd", start, stop, step, RANGE, budget);
        assert_eq!(slice.as_deref(), Ok(expected), "{start:?} {stop:?} {step:?}");
    }
    assert_eq!(text::item("aéb", 1, RANGE, budget), Ok(Some("é")));
    assert_eq!(text::item("aéb", -3, RANGE, budget), Ok(Some("a")));
    assert_eq!(text::item("aéb", 3, RANGE, budget), Ok(None));
    assert_eq!(text::item("aéb", -4, RANGE, budget), Ok(None));
    for (old, limit, expected) in
        [("a", -1, "--b"), ("a", 1, "-ab"), ("", -1, "-a-a-b-"), ("", 2, "-a-ab"), ("", 0, "aab")]
    {
        let replaced = text::replace("aab", old, "-", limit, RANGE, budget);
        assert_eq!(replaced.as_deref(), Ok(expected));
    }
}

#[test]
fn widths() {
    let (ljust, rjust, center): (Fill, Fill, Fill) = (text::ljust, text::rjust, text::center);
    for (fill, given, width, expected) in [
        (ljust, "é", 3, "é··"),
        (rjust, "é", 3, "··é"),
        (center, "ab", 5, "··ab·"),
        (center, "a", 4, "·a··"),
        (center, "abc", -1, "abc"),
    ] {
        let filled = fill(given, width, "·", RANGE, &mut Budget::default());
        assert_eq!(filled.as_deref(), Ok(expected));
    }
    let budget = &mut Budget::default();
    assert_eq!(text::zfill("-7", 4, RANGE, budget).as_deref(), Ok("-007"));
    assert_eq!(text::zfill("x", 3, RANGE, budget).as_deref(), Ok("00x"));
    let expanded = text::expandtabs("a\tbc\t\nd\te", 4, RANGE, budget);
    assert_eq!(expanded.as_deref(), Ok("a   bc  \nd   e"));
}

#[test]
fn filters() {
    let budget = &mut Budget::default();
    for (length, killwords, leeway, expected) in [
        (8, false, 5, "one..."),
        (8, true, 5, "one t..."),
        (11, false, 5, "one two six ten"),
        (11, false, 0, "one two..."),
    ] {
        let how = Truncation { length, killwords, leeway, ..Truncation::default() };
        let truncated = words::truncate("one two six ten", how, RANGE, budget);
        assert_eq!(truncated.as_deref(), Ok(expected));
    }
    for (given, width, break_long_words, hyphens, expected) in [
        ("a well-known  word\n\nx", 7, true, Hyphens::Break, "a well-\nknown\nword\n\nx"),
        ("a well-known word", 7, true, Hyphens::BreakLongWords, "a well-\nknown\nword"),
        ("a well-known word", 7, true, Hyphens::Keep, "a well-\nknown\nword"),
        ("a well-known word", 7, false, Hyphens::Keep, "a\nwell-known\nword"),
        ("you -- b-option 1-2", 8, true, Hyphens::Break, "you --\nb-option\n1-2"),
    ] {
        let how = Wrapping { width, break_long_words, hyphens, wrapstring: "\n" };
        let wrapped = words::wordwrap(given, how, RANGE, budget);
        assert_eq!(wrapped.as_deref(), Ok(expected), "{given:?} {width} {hyphens:?}");
    }
    for (given, first, blank, expected) in [
        ("a\n\nb", false, false, "a\n\n  b"),
        ("a\n\nb", true, true, "  a\n  \n  b"),
        ("a\r\nb\n", false, false, "a\n  b\n"),
        ("", true, false, "  "),
    ] {
        for indention in [Indention::Spaces(2), Indention::Text("  ")] {
            let indented = words::indent(given, indention, first, blank, RANGE, budget);
            assert_eq!(indented.as_deref(), Ok(expected), "{given:?}");
        }
    }
    for (bytes, binary, expected) in [
        (0.0, false, "0 Bytes"),
        (1.0, true, "1 Byte"),
        (999.9, false, "999 Bytes"),
        (-2000.5, false, "-2000 Bytes"),
        (1000.0, false, "1.0 kB"),
        (1000.0, true, "1000 Bytes"),
        (1_650_000.0, true, "1.6 MiB"),
        (1e24, false, "1000.0 ZB"),
        (1e30, false, "1000000.0 YB"),
        (f64::NAN, false, "nan YB"),
    ] {
        let size = words::filesizeformat(bytes, binary, RANGE, budget);
        assert_eq!(size.as_deref(), Ok(expected), "{bytes}");
    }
    assert_eq!(words::urlencode("a/ö ~", false, RANGE, budget).as_deref(), Ok("a/%C3%B6%20~"));
    assert_eq!(words::urlencode("a/ö ~", true, RANGE, budget).as_deref(), Ok("a%2F%C3%B6+~"));
    assert_eq!(words::wordcount("one, two_2 — drei 四", RANGE, budget), Ok(4));
}
