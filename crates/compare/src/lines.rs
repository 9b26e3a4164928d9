//! Compares two texts: by lines first, then by words inside what changed. The words of whole texts
//! are never compared: that takes seconds where this takes milliseconds.

use imara_diff::{Algorithm, Diff, InternedInput, Token};

use crate::moved_blocks;
use crate::pairs::{Pairs, align};
use crate::text::{
    Counts, LineEndingChange, Options, Row, Segment, SegmentKind, TextDiff, Whitespace,
};
use crate::words::{self, ReplacedRanges, WorkBudget, ranges, refine, shared_ends};

/// The histogram algorithm reads the rest of a text again after each change. It may read about as
/// many lines as this.
const HISTOGRAM: usize = 10_000_000;

/// Texts with more pairs of equal lines are not worth their diff: they are all blank lines or the like.
const REPEATED: u64 = 500_000_000;

/// Compares two texts.
pub fn compare_texts(a: &str, b: &str, options: &Options) -> TextDiff {
    compare(a, b, options.whitespace, &mut WorkBudget::new(options.refine))
}

/// Compares two texts within `work`.
fn compare(a: &str, b: &str, whitespace: Whitespace, work: &mut WorkBudget) -> TextDiff {
    let a: Vec<&str> = a.split_inclusive('\n').collect();
    let b: Vec<&str> = b.split_inclusive('\n').collect();
    let mut writer =
        Writer { a: &a, b: &b, whitespace, next: (0, 0), diff: TextDiff::default(), work };
    for (removed, added) in changed_lines(&a, &b, whitespace) {
        writer.keep(removed.start);
        writer.change(removed.end, added.end);
    }
    writer.keep(a.len());
    let mut diff = writer.diff;
    let moved = moved_blocks::mark_moved_blocks(&mut diff.rows, work);
    diff.counts = count_changes(&diff.rows, moved);
    diff
}

fn changed_lines(a: &[&str], b: &[&str], whitespace: Whitespace) -> Vec<ReplacedRanges> {
    let words = |lines: &[&str]| -> Vec<String> {
        lines
            .iter()
            .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let (words_a, words_b);
    let mut input: InternedInput<&str> = InternedInput::default();
    match whitespace {
        Whitespace::Show => {
            input.update_before(a.iter().copied());
            input.update_after(b.iter().copied());
        }
        Whitespace::IgnoreChange => {
            (words_a, words_b) = (words(a), words(b));
            input.update_before(words_a.iter().map(String::as_str));
            input.update_after(words_b.iter().map(String::as_str));
        }
    }
    let (start, end) = shared_ends(&input.before, &input.after);
    let (end_a, end_b) = (a.len() - end, b.len() - end);
    let (before, after) = (&input.before[start..end_a], &input.after[start..end_b]);
    let (unmatched, repeated) = count(before, after, input.interner.num_tokens() as usize);
    if repeated > REPEATED {
        return vec![(start..end_a, start..end_b)];
    }
    let algorithm = if (before.len() + after.len()).saturating_mul(unmatched) > HISTOGRAM {
        Algorithm::Myers
    } else {
        Algorithm::Histogram
    };
    let mut diff = Diff::compute(algorithm, &input);
    diff.postprocess_lines(&input);
    diff.hunks().map(|hunk| ranges(&hunk)).collect()
}

/// Counts the different lines that only one side has, and the pairs of equal lines.
fn count(before: &[Token], after: &[Token], size: usize) -> (usize, u64) {
    let mut counts = vec![(0_u64, 0_u64); size];
    before.iter().for_each(|token| counts[token.0 as usize].0 += 1);
    after.iter().for_each(|token| counts[token.0 as usize].1 += 1);
    let unmatched = counts.iter().filter(|(a, b)| (*a == 0) != (*b == 0)).count();
    (unmatched, counts.iter().map(|(a, b)| a * b).sum())
}

/// Counts what changed in rows, of which `moved` blocks moved.
fn count_changes(rows: &[Row], moved: usize) -> Counts {
    let mut counts = Counts { moved, ..Counts::default() };
    for row in rows {
        match row {
            Row::Same { .. } => continue,
            Row::Spaced { .. } => counts.whitespace += 1,
            Row::Changed { segments, .. } if is_whitespace_only(segments) => {
                counts.whitespace += 1;
            }
            Row::Changed { .. } => {
                counts.lines_added += 1;
                counts.lines_removed += 1;
            }
            Row::Removed { moved, .. } => counts.lines_removed += usize::from(moved.is_none()),
            Row::Added { moved, .. } => counts.lines_added += usize::from(moved.is_none()),
        }
        for segment in row.segments() {
            match segment.kind {
                SegmentKind::Same => {}
                SegmentKind::Removed => counts.words_removed += words::count(&segment.text),
                SegmentKind::Added => counts.words_added += words::count(&segment.text),
            }
        }
    }
    counts
}

fn is_whitespace_only(segments: &[Segment]) -> bool {
    segments.iter().all(|segment| {
        segment.kind == SegmentKind::Same
            || segment.text.bytes().all(|byte| byte.is_ascii_whitespace())
    })
}

/// Writes rows from the first line to the last.
struct Writer<'a> {
    a: &'a [&'a str],
    b: &'a [&'a str],
    whitespace: Whitespace,
    /// The first lines that have no row yet.
    next: (usize, usize),
    diff: TextDiff,
    work: &'a mut WorkBudget,
}

impl Writer<'_> {
    /// Writes lines of both sides, up to line `end` of the first.
    fn keep(&mut self, end: usize) {
        while self.next.0 < end {
            let (before, after) = (self.a[self.next.0], self.b[self.next.1]);
            self.next = (self.next.0 + 1, self.next.1 + 1);
            let (a, b) = self.next;
            self.diff.rows.push(if before == after {
                Row::Same { a, b, text: before.to_owned() }
            } else {
                Row::Spaced {
                    a,
                    b,
                    before: before.to_owned(),
                    after: after.to_owned(),
                    ending: LineEndingChange::of(before, after),
                }
            });
        }
    }

    /// Writes what changed, up to the lines `end_a` and `end_b`.
    fn change(&mut self, end_a: usize, end_b: usize) {
        let first_row = self.diff.rows.len();
        let start = self.next;
        let (removed, added) = (&self.a[start.0..end_a], &self.b[start.1..end_b]);
        let pairs = match (removed.len(), added.len()) {
            // If the only pair is one, its words say so.
            (1, 1) => Pairs { pairs: vec![(0, 0)], is_complete: true },
            _ => align(removed, added, self.work),
        };
        let (mut marked, mut is_rewritten) = (0, false);
        for (row, column) in pairs.pairs {
            let (a, b) = (start.0 + row, start.1 + column);
            let (before, after) = (self.a[a], self.b[b]);
            // The line diff is not always the smallest.
            if self.is_kept(before, after) {
                marked += 1;
                self.replace(a, b);
                self.keep(a + 1);
                continue;
            }
            let Some(segments) = refine(before, after, self.work) else {
                is_rewritten = true;
                continue;
            };
            if segments.iter().all(|segment| segment.kind != SegmentKind::Same) {
                continue;
            }
            marked += 1;
            self.replace(a, b);
            self.next = (a + 1, b + 1);
            let ending = LineEndingChange::of(before, after);
            self.diff.rows.push(Row::Changed { a: a + 1, b: b + 1, segments, ending });
        }
        self.replace(end_a, end_b);
        let possible = removed.len().min(added.len());
        if is_rewritten || (!pairs.is_complete && marked * 2 < possible) {
            self.diff.rewritten.push(first_row..self.diff.rows.len());
        }
    }

    fn is_kept(&self, before: &str, after: &str) -> bool {
        match self.whitespace {
            Whitespace::Show => before == after,
            Whitespace::IgnoreChange => {
                before.split_ascii_whitespace().eq(after.split_ascii_whitespace())
            }
        }
    }

    /// Writes lines that have no pair: first what was removed, then what was added.
    fn replace(&mut self, end_a: usize, end_b: usize) {
        let segments = |kind, text: &str| vec![Segment { kind, text: text.to_owned() }];
        for a in self.next.0..end_a {
            let segments = segments(SegmentKind::Removed, self.a[a]);
            self.diff.rows.push(Row::Removed { a: a + 1, segments, moved: None });
        }
        for b in self.next.1..end_b {
            let segments = segments(SegmentKind::Added, self.b[b]);
            self.diff.rows.push(Row::Added { b: b + 1, segments, moved: None });
        }
        self.next = (end_a, end_b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Refine;

    /// Returns lines of words that no two of these texts have in common, if their seeds differ.
    fn prose(seed: usize, lines: usize) -> String {
        let mut state = seed;
        let mut word = || {
            state = (state * 48_271) % 2_147_483_647;
            format!("{}{}", ["re", "con", "de", "un", "pre"][state % 5], state % 1_000 * 7 + seed)
        };
        (0..lines).map(|_| format!("{}.\n", [(); 12].map(|()| word()).join(" "))).collect()
    }

    fn diff_with_budget(a: &str, b: &str) -> (TextDiff, WorkBudget) {
        let limit = WorkBudget::new(Refine::Capped);
        let mut left = limit;
        let diff = compare(a, b, Whitespace::Show, &mut left);
        assert_eq!((diff.before(), diff.after()), (a.to_owned(), b.to_owned()));
        let spent = WorkBudget {
            pairs: limit.pairs - left.pairs,
            words: limit.words - left.words,
            pairs_in_hunk: limit.pairs_in_hunk,
        };
        (diff, spent)
    }

    #[test]
    fn a_text_that_was_written_anew_is_compared_by_lines() {
        let (a, b) = (prose(1, 1_400), prose(2, 1_300));
        assert!(a.len() > 100_000 && b.len() > 100_000);
        let (diff, spent) = diff_with_budget(&a, &b);
        assert_eq!(diff.rewritten.first(), Some(&(0..2_700)));
        assert_eq!((diff.counts.lines_removed, diff.counts.lines_added), (1_400, 1_300));
        // Only lines at about the same place were tried as pairs.
        assert!(spent.pairs <= 64 * 64 && spent.words == 0, "{spent:?}");
        // One long line instead of many.
        let (diff, spent) = diff_with_budget(&a.replace('\n', " "), &b.replace('\n', " "));
        assert_eq!((diff.rows.len(), diff.rewritten.first()), (2, Some(&(0..2))));
        // Only its sentences were.
        assert_eq!((spent.pairs, spent.words), (0, 1_400 * 1_300));
    }

    #[test]
    fn texts_of_the_same_few_lines_are_compared_in_order() {
        let text = |seed: usize| -> String {
            let mut state = seed;
            let mut line = || {
                state = (state * 48_271) % 2_147_483_647;
                ["one\n", "two\n"][state / 8 % 2]
            };
            (0..40_000).map(|_| line()).collect()
        };
        let (diff, spent) = diff_with_budget(&text(1), &text(2));
        assert!(diff.rows.len() <= 80_000 && spent.pairs <= 40_000);
    }

    #[test]
    fn words_are_compared_anyway_if_asked_for() {
        let (a, b) = (prose(1, 100), prose(2, 100));
        for (refine, expected) in [(Refine::Capped, Some(&(0..200))), (Refine::Full, None)] {
            let diff = compare(&a, &b, Whitespace::Show, &mut WorkBudget::new(refine));
            assert_eq!(diff.rewritten.first(), expected);
        }
    }

    #[test]
    fn many_small_edits_take_little_work() {
        let a = prose(1, 5_000);
        let edit = |(at, line): (usize, &str)| match at % 20 {
            0 => line.replacen(' ', " edited ", 1),
            _ => line.to_owned(),
        };
        let b: String = a.split_inclusive('\n').enumerate().map(edit).collect();
        let (diff, spent) = diff_with_budget(&a, &b);
        assert!(diff.rewritten.is_empty());
        let expected =
            Counts { lines_added: 250, lines_removed: 250, words_added: 250, ..Counts::default() };
        assert_eq!(diff.counts, expected);
        assert!(spent.pairs == 0 && spent.words == 0, "{spent:?}");
    }
}
