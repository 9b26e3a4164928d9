//! What the lines and words of two texts become.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use promptdex_compare::text::{
    Counts, LineEnding, LineEndingChange, MovedLine, Refine, Row, Segment, SegmentKind, Whitespace,
};
use promptdex_compare::{Options, TextDiff, compare_texts};
use proptest::prelude::*;

const IGNORING: Options = Options { whitespace: Whitespace::IgnoreChange, refine: Refine::Capped };

/// Writes the rows of a comparison, one a line.
fn written(diff: &TextDiff) -> Vec<String> {
    let place = |moved: &Option<MovedLine>| {
        moved.map_or(String::new(), |moved| format!(" #{}@{}", moved.id, moved.line))
    };
    let mark = |segments: &[Segment]| -> String {
        let write = |segment: &Segment| match segment.kind {
            SegmentKind::Same => segment.text.clone(),
            SegmentKind::Removed => format!("[-{}-]", segment.text),
            SegmentKind::Added => format!("{{+{}+}}", segment.text),
        };
        segments.iter().map(write).collect()
    };
    let write = |row: &Row| {
        let line = match row {
            Row::Same { a, b, text } => format!("{a} {b} = {text}"),
            Row::Spaced { a, b, before, after, .. } => format!("{a} {b} s {before}|{after}"),
            Row::Removed { a, segments, moved } => {
                format!("{a} - -{} {}", place(moved), mark(segments))
            }
            Row::Added { b, segments, moved } => {
                format!("- {b} +{} {}", place(moved), mark(segments))
            }
            Row::Changed { a, b, segments, .. } => format!("{a} {b} ~ {}", mark(segments)),
        };
        line.replace('\r', "␍").replace('\n', "␊")
    };
    diff.rows.iter().map(write).collect()
}

#[track_caller]
fn check(a: &str, b: &str, options: &Options, expected: &[&str]) -> TextDiff {
    let diff = compare_texts(a, b, options);
    assert_eq!(written(&diff), expected);
    assert_eq!((diff.before(), diff.after()), (a.to_owned(), b.to_owned()));
    let text = serde_json::to_string(&diff).unwrap();
    assert_eq!(serde_json::from_str::<TextDiff>(&text).unwrap(), diff);
    diff
}

#[test]
fn lines_are_kept_removed_added_and_changed() {
    let diff = check(
        "# Tone\n\nBe kind to everybody.\nNever apologise.\nEnd.\n",
        "# Tone\n\nBe very kind to everybody.\nSay 3 March 2026, and no other way.\nEnd.\nReally.\n",
        &Options::default(),
        &[
            "1 1 = # Tone␊",
            "2 2 = ␊",
            "3 3 ~ Be {+very +}kind to everybody.␊",
            "4 - - [-Never apologise.␊-]",
            "- 4 + {+Say 3 March 2026, and no other way.␊+}",
            "5 5 = End.␊",
            "- 6 + {+Really.␊+}",
        ],
    );
    let expected = Counts {
        lines_added: 3,
        lines_removed: 2,
        words_added: 10,
        words_removed: 2,
        ..Counts::default()
    };
    assert_eq!(diff.counts, expected);
}

#[test]
fn empty_texts_have_no_rows() {
    check("", "", &Options::default(), &[]);
    check("", "a", &Options::default(), &["- 1 + {+a+}"]);
    check("a\n", "", &Options::default(), &["1 - - [-a␊-]"]);
}

#[test]
fn rows_say_what_became_of_line_endings() {
    let diff = check(
        "one\r\ntwo\n",
        "one\ntwo",
        &Options::default(),
        &["1 1 ~ one[-␍␊-]{+␊+}", "2 2 ~ two[-␊-]"],
    );
    let endings: Vec<Option<LineEndingChange>> = diff
        .rows
        .iter()
        .map(|row| match row {
            Row::Changed { ending, .. } => *ending,
            _ => None,
        })
        .collect();
    let ending = |before, after| Some(LineEndingChange { before, after });
    assert_eq!(
        endings,
        [ending(LineEnding::Crlf, LineEnding::Lf), ending(LineEnding::Lf, LineEnding::None)]
    );
    assert_eq!(diff.counts, Counts { whitespace: 2, ..Counts::default() });
    assert_eq!(LineEnding::split("a\r\n"), ("a", LineEnding::Crlf));
    assert_eq!(LineEnding::split("a\r"), ("a\r", LineEnding::None));
}

#[test]
fn white_space_can_be_ignored() {
    let (a, b) = ("  one two\n\nthree\n", "one  two\r\n\nthree four\n");
    let diff = check(
        a,
        b,
        &IGNORING,
        &["1 1 s   one two␊|one  two␍␊", "2 2 = ␊", "3 3 ~ three{+ four+}␊"],
    );
    assert_eq!((diff.counts.whitespace, diff.counts.lines_added), (1, 1));
    let shown = check(
        a,
        b,
        &Options::default(),
        &["1 1 ~ [-  -]one[- -]{+  +}two[-␊-]{+␍␊+}", "2 2 = ␊", "3 3 ~ three{+ four+}␊"],
    );
    assert_eq!(shown.counts, diff.counts);
    // A no-break space is not a space.
    check("a b c d\n", "a b c\u{a0}d\n", &IGNORING, &["1 1 ~ a b c[- -]{+\u{a0}+}d␊"]);
}

/// Lines of 860 characters, as prompts have them: ten sentences each.
fn paragraphs(edit: impl Fn(usize) -> bool) -> String {
    let mut word = 0;
    let mut text = String::new();
    for _ in 0..65 {
        for sentence in 0..10 {
            for place in 0..13 {
                word += 1;
                let is_edited = sentence == 4 && place == 5 && edit(word);
                text.push_str(&if is_edited {
                    "changed".to_owned()
                } else {
                    format!("w{}o", word % 977)
                });
                text.push_str(if place == 12 { " and the rest of it. " } else { " " });
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn single_words_in_long_lines_are_marked_and_nothing_else() {
    let (a, b) = (paragraphs(|_| false), paragraphs(|_| true));
    assert!(a.lines().all(|line| line.len() > 700));
    for (a, b) in [(a.clone(), b.clone()), (a.replace('\n', "\n\n"), b.replace('\n', "\n\n"))] {
        let diff = compare_texts(&a, &b, &Options::default());
        let marked = |kind| -> Vec<&str> {
            let segments = diff.rows.iter().flat_map(Row::segments);
            segments.filter(|segment| segment.kind == kind).map(|s| s.text.as_str()).collect()
        };
        assert_eq!(marked(SegmentKind::Added), ["changed"; 65]);
        assert_eq!(marked(SegmentKind::Removed).len(), 65);
        assert!(marked(SegmentKind::Removed).iter().all(|text| !text.contains(' ')));
        let expected = Counts {
            lines_added: 65,
            lines_removed: 65,
            words_added: 65,
            words_removed: 65,
            ..Counts::default()
        };
        assert_eq!((diff.counts, diff.rewritten), (expected, Vec::new()));
    }
}

#[test]
fn blocks_that_moved_are_neither_removed_nor_added() {
    let rules = "## Refunds\n- Name the amount.\n- Name the day.\n- Never guess.\n";
    let rest = "One line.\nAnother line.\nA third line.\nA fourth line.\nA fifth line.\n";
    let diff = check(
        &format!("{rules}{rest}"),
        &format!("{rest}{}", rules.replace("the day", "the exact day")),
        &Options::default(),
        &[
            "1 - - #1@6 ## Refunds␊",
            "2 - - #1@7 - Name the amount.␊",
            "3 - - #1@8 - Name the day.␊",
            "4 - - #1@9 - Never guess.␊",
            "5 1 = One line.␊",
            "6 2 = Another line.␊",
            "7 3 = A third line.␊",
            "8 4 = A fourth line.␊",
            "9 5 = A fifth line.␊",
            "- 6 + #1@1 ## Refunds␊",
            "- 7 + #1@2 - Name the amount.␊",
            "- 8 + #1@3 - Name the {+exact +}day.␊",
            "- 9 + #1@4 - Never guess.␊",
        ],
    );
    assert_eq!(diff.counts, Counts { words_added: 1, moved: 1, ..Counts::default() });
    // Too little to be a block.
    check(
        "a b\n1\n2\n",
        "1\n2\na b\n",
        &Options::default(),
        &["1 - - [-a b␊-]", "2 1 = 1␊", "3 2 = 2␊", "- 3 + {+a b␊+}"],
    );
}

#[test]
fn a_long_line_that_moved_is_found_by_its_sentences() {
    let line = "Every sentence of this one is as it was before the move. ".repeat(3)
        + "Refunds take three days. "
        + &"Nothing here was touched by anybody at all, not even once. ".repeat(5);
    let rest = "Some line.\nSome other line.\nA third line.\n".repeat(4);
    let diff = compare_texts(
        &format!("{line}\n{rest}"),
        &format!("{rest}{}\n", line.replace("three", "five")),
        &Options::default(),
    );
    let expected = Counts { words_added: 1, words_removed: 1, moved: 1, ..Counts::default() };
    assert_eq!(diff.counts, expected);
}

/// Texts of few pieces, so that two of them share much.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "the refund takes three days", "say when the parcel arrives", "never guess",
            "a", "b", "{{ name }}", "  ", " ", "\t", ".", "返金", "👩\u{200d}👧", "é", "e\u{301}",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["\n", "\n\n", "\r\n", "\r"]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => Just("A sentence that is long enough to be cut, if there are many. ".repeat(9)),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>()).prop_map(|(ignores, is_full)| Options {
        whitespace: if ignores { Whitespace::IgnoreChange } else { Whitespace::Show },
        refine: if is_full { Refine::Full } else { Refine::Capped },
    })
}

/// Checks what holds for every comparison.
fn hold(a: &str, b: &str, options: &Options) -> Result<(), TestCaseError> {
    let diff = compare_texts(a, b, options);
    prop_assert_eq!(diff.before(), a);
    prop_assert_eq!(diff.after(), b);
    // Each line of both sides has one row, in order.
    let (mut next_a, mut next_b) = (1, 1);
    for row in &diff.rows {
        let (a, b) = match row {
            Row::Same { a, b, .. } | Row::Spaced { a, b, .. } | Row::Changed { a, b, .. } => {
                (Some(*a), Some(*b))
            }
            Row::Removed { a, .. } => (Some(*a), None),
            Row::Added { b, .. } => (None, Some(*b)),
        };
        for (number, next) in [(a, &mut next_a), (b, &mut next_b)] {
            if let Some(number) = number {
                prop_assert_eq!(number, *next);
                *next += 1;
            }
        }
        prop_assert!(row.segments().iter().all(|segment| !segment.text.is_empty()));
        if let Row::Changed { segments, .. } = row {
            prop_assert!(segments.iter().any(|segment| segment.kind != SegmentKind::Same));
        }
    }
    // Both ends of what moved name each other.
    let mut ends: Vec<(usize, usize, usize)> = Vec::new();
    let mut starts = Vec::new();
    for row in &diff.rows {
        match row {
            Row::Removed { a, moved: Some(moved), .. } => starts.push((moved.id, *a, moved.line)),
            Row::Added { b, moved: Some(moved), .. } => ends.push((moved.id, moved.line, *b)),
            _ => {}
        }
    }
    starts.sort_unstable();
    ends.sort_unstable();
    prop_assert_eq!(&starts, &ends);
    let blocks = starts.iter().map(|(id, ..)| *id).max().unwrap_or(0);
    prop_assert_eq!(blocks, diff.counts.moved);
    prop_assert!(diff.rewritten.iter().all(|range| range.end <= diff.rows.len()));
    prop_assert_eq!(diff.counts.is_empty(), a == b);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_both_texts(a in text(), b in text(), options in options()) {
        hold(&a, &b, &options)?;
    }

    #[test]
    fn rows_are_both_texts_after_lines_moved(a in text(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), options in options()) {
        let mut lines: Vec<&str> = a.split_inclusive('\n').collect();
        if !lines.is_empty() {
            let block: Vec<&str> = lines.drain(from.index(lines.len())..).collect();
            let at = to.index(lines.len() + 1);
            lines.splice(at..at, block);
        }
        hold(&a, &lines.concat(), &options)?;
    }

    #[test]
    fn rows_are_both_texts_whatever_they_are(a in prop::collection::vec(any::<char>(), 0..30), b in prop::collection::vec(any::<char>(), 0..30), options in options()) {
        hold(&a.into_iter().collect::<String>(), &b.into_iter().collect::<String>(), &options)?;
    }
}
