//! Texts and numbers that would take all memory or all time.

use std::ops::Range;

use super::text::{self, Bounds};
use super::words::{self, Hyphens, Indention, Truncation, Wrapping};
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::{Budget, MAX_MADE};

type Fill = fn(&str, i64, &mut Budget) -> Result<String, Error>;
type Change = fn(&str, &mut Budget) -> Result<String, Error>;
type Cut = fn(&mut Budget) -> Result<usize, Error>;

const RANGE: &Range<usize> = &(3..9);

#[test]
fn absurd_numbers_are_refused_before_anything_is_made() {
    let long = "a".repeat(2100);
    for number in [1_000_000_000, 5_000_000_000, i64::MAX] {
        let spaces = Indention::Spaces(number);
        let calls: [(&str, Fill); 5] = [
            ("ljust", |text, width, budget| text::ljust(text, width, " ", RANGE, budget)),
            ("rjust", |text, width, budget| text::rjust(text, width, "😀", RANGE, budget)),
            ("center", |text, width, budget| text::center(text, width, " ", RANGE, budget)),
            ("zfill", |text, width, budget| text::zfill(text, width, RANGE, budget)),
            ("expandtabs", |text, width, budget| {
                // Python has no larger tabs.
                let width = width.min(i64::from(i32::MAX));
                text::expandtabs(&format!("{text}\t\t\t"), width, RANGE, budget)
            }),
        ];
        for (name, call) in calls {
            assert_eq!(limit(call("a", number, &mut Budget::default())), Some(RANGE), "{name}");
        }
        let mut budget = Budget::default();
        assert_eq!(
            limit(words::indent("a\nb", spaces, false, false, RANGE, &mut budget)),
            Some(RANGE)
        );
        // Where no line is indented, nothing is made.
        let mut budget = Budget::default();
        assert_eq!(
            words::indent("a", spaces, false, false, RANGE, &mut budget).as_deref(),
            Ok("a")
        );
    }
    let calls: [(&str, Change); 5] = [
        ("replace nothing", |long, budget| text::replace(long, "", long, -1, RANGE, budget)),
        ("replace", |long, budget| text::replace(long, "a", long, 1 << 40, RANGE, budget)),
        ("indent", |long, budget| {
            let lines = "a\n".repeat(10_000);
            words::indent(&lines, Indention::Text(long), false, false, RANGE, budget)
        }),
        ("wordwrap", |long, budget| {
            let how = Wrapping { width: 1, wrapstring: &long.repeat(3), ..Wrapping::default() };
            words::wordwrap(long, how, RANGE, budget)
        }),
        ("upper", |long, budget| text::upper(&"ΐ".repeat(long.len() * 400), RANGE, budget)),
    ];
    for (name, call) in calls {
        assert_eq!(limit(call(&long, &mut Budget::default())), Some(RANGE), "{name}");
    }
}

#[test]
fn many_pieces_are_refused_before_they_fill_memory() {
    let calls: [(&str, Cut); 4] = [
        ("split", |budget| pieces(text::split(&",".repeat(1 << 20), Some(","), -1, RANGE, budget))),
        ("rsplit", |budget| pieces(text::rsplit(&"a ".repeat(1 << 19), None, -1, RANGE, budget))),
        ("split at space", |budget| {
            pieces(text::split(&"a ".repeat(1 << 19), None, -1, RANGE, budget))
        }),
        ("splitlines", |budget| {
            pieces(text::splitlines(&"\n".repeat(1 << 20), true, RANGE, budget))
        }),
    ];
    for (name, call) in calls {
        let mut budget = Budget::default();
        assert_eq!(limit(call(&mut budget)), Some(RANGE), "{name}");
        assert!(budget.bytes_made() <= MAX_MADE + 16, "{name} goes on after the budget");
    }
}

/// Each of these takes minutes if its time grows faster than the text.
#[test]
fn time_grows_with_the_text() {
    const SIZE: usize = 1 << 16;
    let equal = "a".repeat(SIZE);
    let half = &equal[..SIZE / 2];
    let other = format!("{half}b");
    let budget = Budget::default;
    for part in [&other[..], half, "ab", ""] {
        let all = Bounds::default();
        assert!(text::find(&equal, part, all, RANGE, &mut budget()).is_ok());
        assert!(text::rfind(&equal, part, all, RANGE, &mut budget()).is_ok());
        assert!(text::count(&equal, part, all, RANGE, &mut budget()).is_ok());
        assert!(text::contains(&equal, part, RANGE, &mut budget()).is_ok());
        assert!(text::replace(&equal, part, "", -1, RANGE, &mut budget()).is_ok());
    }
    assert!(text::split(&equal, Some(&other), -1, RANGE, &mut budget()).is_ok());
    assert!(text::rsplit(&equal, Some(half), -1, RANGE, &mut budget()).is_ok());
    assert!(text::partition(&equal, &other, RANGE, &mut budget()).is_ok());

    // Every character is looked up in a set of all others.
    let set: String = ('b'..='\u{ffff}').chain(['a']).collect();
    assert_eq!(text::strip(&equal, Some(&set), RANGE, &mut budget()), Ok(""));

    // Sigmas look for their neighbors across what is ignored.
    for sigmas in ["Σ".repeat(SIZE / 2), "A'''".repeat(SIZE / 4) + "Σ", "Σ'".repeat(SIZE / 3), {
        format!("{}Σ{}", "'".repeat(SIZE / 2), "'".repeat(SIZE / 2 - 2))
    }] {
        assert!(text::lower(&sigmas, RANGE, &mut budget()).is_ok());
        assert!(text::title(&sigmas, RANGE, &mut budget()).is_ok());
        assert!(words::title(&sigmas, RANGE, &mut budget()).is_ok());
    }

    // Words that are broken again and again, or that nearly could be.
    let words = [
        equal.clone(),
        "a-".repeat(SIZE / 2),
        "ab-cd-".repeat(SIZE / 6),
        "-".repeat(SIZE),
        "a--".repeat(SIZE / 3),
        "\u{a0}".repeat(SIZE / 2 - 1) + "a",
        "a\u{a0}".repeat(SIZE / 3),
        format!("a{}", "-".repeat(SIZE - 1)),
        " ".repeat(SIZE),
        "字".repeat(SIZE / 3),
    ];
    for text in &words {
        for width in [1, 2, 1000, 1 << 40] {
            for hyphens in [Hyphens::Keep, Hyphens::BreakLongWords, Hyphens::Break] {
                for break_long_words in [false, true] {
                    let how = Wrapping { width, hyphens, break_long_words, ..Wrapping::default() };
                    assert!(words::wordwrap(text, how, RANGE, &mut budget()).is_ok());
                }
            }
        }
        let how = Truncation { length: 60_000, ..Truncation::default() };
        assert!(words::truncate(text, how, RANGE, &mut budget()).is_ok());
        assert!(words::wordcount(text, RANGE, &mut budget()).is_ok());
        assert!(text::swapcase(text, RANGE, &mut budget()).is_ok());
        assert!(text::slice(text, Some(-1), None, Some(-3), RANGE, &mut budget()).is_ok());
    }
}

/// A loop over the positions of a text reads it again and again, and pays for it.
#[test]
fn single_characters_are_charged_by_the_way_to_them() {
    let text = "aé".repeat(1000);
    let mut budget = Budget::default();
    assert_eq!(text::item(&text, 0, RANGE, &mut budget), Ok(Some("a")));
    assert_eq!(text::item(&text, -1, RANGE, &mut budget), Ok(Some("é")));
    assert!(budget.bytes_made() < 10);
    let read = (0..10_000).find_map(|_| limit(text::item(&text, 1999, RANGE, &mut budget)));
    assert_eq!(read, Some(RANGE));
}

fn pieces(answer: Result<Vec<&str>, Error>) -> Result<usize, Error> {
    answer.map(|pieces| pieces.len())
}

/// Returns where the budget was passed.
fn limit<T>(answer: Result<T, Error>) -> Option<&'static Range<usize>> {
    answer
        .err()
        .filter(|error| error.kind == ErrorKind::Limit && error.range == *RANGE)
        .map(|_| RANGE)
}
