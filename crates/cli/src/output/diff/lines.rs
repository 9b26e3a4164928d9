//! The lines of a text diff for terminals and comments: lines near a change, with signs, marks
//! around words, and names for invisible characters.

use std::fmt::Write as _;

use promptdex_compare::invisible::{InvisibleCharacter, Suspicion, scan};
use promptdex_compare::text::{
    LineEnding, LineEndingChange, MovedLine, Row, Segment, SegmentKind, TextDiff,
};
use promptdex_ops::text::printable;

/// An item in the output of a diff.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DiffItem {
    /// The position of the following lines. Unchanged lines before them are omitted.
    Hunk(String),
    /// A note about the following lines.
    Note(String),
    /// A line.
    Line(DiffLine),
}

/// A line of one or both texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DiffLine {
    pub(super) sign: LineSign,
    pub(super) pieces: Vec<DiffPiece>,
    /// A description of the change of its line ending.
    pub(super) ending: Option<String>,
}

/// The kind of change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineSign {
    Same,
    Removed,
    Added,
    /// The line was edited. Its pieces are of both texts.
    Changed,
}

/// A part of a line. A line that was removed or added as a whole has no marked parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DiffPiece {
    pub(super) kind: SegmentKind,
    pub(super) text: String,
}

impl LineSign {
    /// Returns the sign that starts the line.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Same => " ",
            Self::Removed => "-",
            Self::Added => "+",
            Self::Changed => "~",
        }
    }
}

/// The marks around removed and added words.
const MARKS: [(&str, &str); 2] = [("[-", "-]"), ("{+", "+}")];

/// The replacement of a tab that is not a difference.
const TAB: &str = "    ";

impl DiffPiece {
    /// Returns the text with marks around changed words.
    pub(super) fn text_with_marks(&self) -> String {
        let (open, close) = match self.kind {
            SegmentKind::Same => return self.text.clone(),
            SegmentKind::Removed => MARKS[0],
            SegmentKind::Added => MARKS[1],
        };
        format!("{open}{}{close}", self.text)
    }
}

impl DiffLine {
    /// Whether the text of the line contains marks, which makes marked words ambiguous.
    pub(super) fn has_marks(&self) -> bool {
        [SegmentKind::Removed, SegmentKind::Added].into_iter().any(|other| {
            let own = self.pieces.iter().filter(|piece| piece.kind != other);
            let text: String = own.map(|piece| piece.text.as_str()).collect();
            MARKS.iter().any(|(open, close)| text.contains(open) || text.contains(close))
        })
    }

    /// Splits an edited line into the old and the new line.
    pub(super) fn split(self) -> [Self; 2] {
        let side = |sign, other| {
            let pieces = self.pieces.iter().filter(|piece| piece.kind != other).cloned();
            Self { sign, pieces: pieces.collect(), ending: None }
        };
        let before = side(LineSign::Removed, SegmentKind::Added);
        let after = side(LineSign::Added, SegmentKind::Removed);
        [before, Self { ending: self.ending, ..after }]
    }
}

/// Returns the lines near a change.
pub(super) fn items(diff: &TextDiff, context: usize) -> Vec<DiffItem> {
    let rows = &diff.rows;
    let is_shown = near_changes(rows, context);
    let is_whole = is_shown.iter().all(|is_shown| *is_shown);
    let mut items = Vec::new();
    let mut last_moved = None;
    // Lines of each text before this row.
    let mut passed = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        let begins = is_shown[at] && (at == 0 || !is_shown[at - 1]);
        if begins && !is_whole {
            let end = (at..rows.len()).find(|row| !is_shown[*row]).unwrap_or(rows.len());
            items.push(DiffItem::Hunk(hunk(passed, &rows[at..end])));
        }
        let (a, b) = numbers(row);
        passed = (a.unwrap_or(passed.0), b.unwrap_or(passed.1));
        if !is_shown[at] {
            continue;
        }
        let moved = find_move(row);
        let block = moved.as_ref().map(|(moved, is_gone)| (moved.id, *is_gone));
        if last_moved != block
            && let Some((moved, is_gone)) = moved
        {
            let word = if is_gone { "moved to" } else { "moved from" };
            items.push(DiffItem::Note(format!("{word} line {}", moved.line)));
        }
        last_moved = block;
        items.push(DiffItem::Line(line(row, at + 1 == rows.len())));
    }
    if items.is_empty() {
        items.push(DiffItem::Note("only whitespace differs".to_owned()));
    }
    items
}

/// Returns for each row whether it is shown: because it changed, is near a change, or fills a gap
/// of one line.
fn near_changes(rows: &[Row], context: usize) -> Vec<bool> {
    let mut is_shown = vec![false; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        if is_changed(row, at + 1 == rows.len()) {
            let end = at.saturating_add(context).saturating_add(1);
            is_shown[at.saturating_sub(context)..rows.len().min(end)].fill(true);
        }
    }
    // A note about one omitted line would take a line itself.
    for at in 1..rows.len().saturating_sub(1) {
        if context > 0 && is_shown[at - 1] && is_shown[at + 1] {
            is_shown[at] = true;
        }
    }
    is_shown
}

fn is_changed(row: &Row, is_last: bool) -> bool {
    match row {
        Row::Same { .. } | Row::Spaced { .. } => false,
        Row::Removed { .. } | Row::Added { .. } => true,
        Row::Changed { segments, ending, .. } => {
            has_words(segments) || ending_to_show(*ending, is_last).is_some()
        }
    }
}

/// Whether the words of a line differ, and not only its ending.
fn has_words(segments: &[Segment]) -> bool {
    let is_word = |segment: &Segment| {
        segment.kind != SegmentKind::Same && !LineEnding::split(&segment.text).0.is_empty()
    };
    segments.iter().any(is_word)
}

/// Returns the change of a line ending, if it is worth showing. A former last line gets a line feed
/// as soon as other lines follow it, which is not shown.
fn ending_to_show(ending: Option<LineEndingChange>, is_last: bool) -> Option<LineEndingChange> {
    let is_between = |ending: &LineEndingChange| {
        !is_last
            && matches!(
                [ending.before, ending.after],
                [LineEnding::None, LineEnding::Lf] | [LineEnding::Lf, LineEnding::None]
            )
    };
    ending.filter(|ending| !is_between(ending))
}

/// Formats the position of rows as `diff -u` does.
fn hunk(passed: (usize, usize), rows: &[Row]) -> String {
    let range = |passed: usize, lines: usize| match lines {
        0 => format!("{passed},0"),
        1 => format!("{}", passed + 1),
        lines => format!("{},{lines}", passed + 1),
    };
    let [a, b] = [
        rows.iter().filter(|row| numbers(row).0.is_some()).count(),
        rows.iter().filter(|row| numbers(row).1.is_some()).count(),
    ];
    format!("@@ -{} +{} @@", range(passed.0, a), range(passed.1, b))
}

fn numbers(row: &Row) -> (Option<usize>, Option<usize>) {
    match row {
        Row::Same { a, b, .. } | Row::Spaced { a, b, .. } | Row::Changed { a, b, .. } => {
            (Some(*a), Some(*b))
        }
        Row::Removed { a, .. } => (Some(*a), None),
        Row::Added { b, .. } => (None, Some(*b)),
    }
}

/// Returns the other end of a moved line, and whether the line was removed here.
fn find_move(row: &Row) -> Option<(MovedLine, bool)> {
    match row {
        Row::Removed { moved, .. } => moved.map(|moved| (moved, true)),
        Row::Added { moved, .. } => moved.map(|moved| (moved, false)),
        Row::Same { .. } | Row::Spaced { .. } | Row::Changed { .. } => None,
    }
}

fn line(row: &Row, is_last: bool) -> DiffLine {
    let whole = |sign, text: &str| {
        let text = LineEnding::split(text).0.replace('\t', TAB);
        let text = make_visible(&text, sign != LineSign::Same);
        DiffLine { sign, pieces: vec![DiffPiece { kind: SegmentKind::Same, text }], ending: None }
    };
    let one_side = |sign, segments: &[Segment]| match segments {
        [segment] if segment.kind != SegmentKind::Same => whole(sign, &segment.text),
        segments => DiffLine { sign, pieces: pieces(segments), ending: None },
    };
    match row {
        Row::Same { text, .. } => whole(LineSign::Same, text),
        Row::Spaced { after, .. } => whole(LineSign::Same, after),
        Row::Removed { segments, .. } => one_side(LineSign::Removed, segments),
        Row::Added { segments, .. } => one_side(LineSign::Added, segments),
        Row::Changed { segments, ending, .. } => {
            let sign = if is_changed(row, is_last) { LineSign::Changed } else { LineSign::Same };
            let ending = ending_to_show(*ending, is_last).map(|ending| {
                format!("{} → {}", ending_word(ending.before), ending_word(ending.after))
            });
            DiffLine { sign, pieces: pieces(segments), ending }
        }
    }
}

fn pieces(segments: &[Segment]) -> Vec<DiffPiece> {
    let pieces = segments.iter().map(|segment| DiffPiece {
        kind: segment.kind,
        text: make_visible(LineEnding::split(&segment.text).0, segment.kind != SegmentKind::Same),
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

fn ending_word(ending: LineEnding) -> &'static str {
    match ending {
        LineEnding::None => "no newline at end",
        LineEnding::Lf => "LF",
        LineEnding::Crlf => "CRLF",
    }
}

/// Formats text so that everything in it is visible. Invisible characters are replaced by their
/// names. Where the text is a difference, look-alike characters are replaced too.
pub(super) fn make_visible(text: &str, is_difference: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut next = 0;
    for found in scan(text) {
        shown.push_str(&text[next..found.at]);
        next = found.at + found.character.len_utf8();
        // Joiners select the shape of a letter or an emoji, which is visible.
        let is_joiner = matches!(found.character, '\u{200c}' | '\u{200d}');
        if hides_text(found) || (is_difference && !is_joiner) {
            write!(shown, "<{}>", found.label()).unwrap_or_default();
        } else {
            shown.push(found.character);
        }
    }
    shown.push_str(&text[next..]);
    printable(&shown.replace('\t', if is_difference { "<TAB>" } else { TAB }))
}

/// Whether a character hides text, changes its direction, or ends a line.
pub(super) fn hides_text(found: InvisibleCharacter) -> bool {
    let is_hidden = matches!(found.character, '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}');
    is_hidden || found.level == Suspicion::Alarm
}

/// Formats prompt text on one line.
pub(in crate::output) fn format_inline(text: &str) -> String {
    make_visible(text, true).replace("\r\n", "↵").replace('\n', "↵")
}

#[cfg(test)]
mod tests {
    use promptdex_compare::{Options, compare_texts};
    use proptest::prelude::*;

    use super::*;

    /// Returns the lines of the diff of two texts.
    fn print_diff(a: &str, b: &str, context: usize) -> Vec<String> {
        let items = items(&compare_texts(a, b, &Options::default()), context).into_iter();
        let lines = items.map(|item| match item {
            DiffItem::Hunk(text) | DiffItem::Note(text) => text,
            DiffItem::Line(line) => {
                let text: String = line.pieces.iter().map(DiffPiece::text_with_marks).collect();
                let ending = line.ending.map_or_else(String::new, |ending| format!(" ({ending})"));
                format!("{} {text}{ending}", line.sign.text())
            }
        });
        lines.collect()
    }

    #[test]
    fn what_is_far_from_a_change_is_left_out() {
        let text = |line: &str| format!("1\n2\n3\n4\n{line}\n6\n7\n8\n9");
        assert_eq!(
            print_diff(&text("five is here"), &text("five was here"), 1),
            ["@@ -4,3 +4,3 @@", "  4", "~ five [-is-]{+was+} here", "  6"]
        );
        assert_eq!(
            print_diff(&text("five is here"), &text("five was here"), 0),
            ["@@ -5 +5 @@", "~ five [-is-]{+was+} here"]
        );
        // A note about one omitted line would take a line itself.
        assert_eq!(print_diff("1\n2\n3\nx", "1\n2\n3\ny", 2).len(), 5);
        assert_eq!(print_diff("1\n2\n3", "1\n2\n3\n4", usize::MAX), ["  1", "  2", "  3", "+ 4"]);
    }

    #[test]
    fn an_ending_is_shown_where_nothing_else_explains_it() {
        assert_eq!(
            print_diff("a\nb", "a\nb\n", 0),
            ["@@ -2 +2 @@", "~ b (no newline at end → LF)"]
        );
        assert_eq!(print_diff("a\r\nb", "a\nb", 3), ["~ a (CRLF → LF)", "  b"]);
        assert_eq!(print_diff("a\nb", "a\nb\nc", 0), ["@@ -2,0 +3 @@", "+ c"]);
    }

    #[test]
    fn what_cannot_be_seen_has_its_name() {
        for (text, context, difference) in [
            ("plain", "plain", "plain"),
            ("a\tb", "a    b", "a<TAB>b"),
            ("a\u{a0}b", "a\u{a0}b", "a<U+00A0>b"),
            (
                "a\u{202e}b\u{1b}[2J\r",
                "a<U+202E>b<U+001B>[2J<U+000D>",
                "a<U+202E>b<U+001B>[2J<U+000D>",
            ),
            ("👨\u{200d}👩", "👨\u{200d}👩", "👨\u{200d}👩"),
            (
                "in\u{200d}visible \u{e0041}",
                "in<U+200D>visible <U+E0041>",
                "in<U+200D>visible <U+E0041>",
            ),
        ] {
            assert_eq!(make_visible(text, false), context);
            assert_eq!(make_visible(text, true), difference);
        }
    }

    #[test]
    fn a_line_that_has_marks_of_its_own_is_known() {
        let has_marks = |a: &str, b: &str| {
            items(&compare_texts(a, b, &Options::default()), 0).iter().any(|item| match item {
                DiffItem::Line(line) => line.has_marks(),
                DiffItem::Hunk(_) | DiffItem::Note(_) => false,
            })
        };
        assert!(!has_marks("one two three", "one too three"));
        assert!(has_marks("one [-two-] three", "one [-too-] three"));
        // Marks that span several pieces count too.
        assert!(has_marks("one two {three", "one two {+three"));
    }

    proptest! {
        #[test]
        fn all_lines_of_both_texts_are_shown(
            a in "([a-c ]{0,6}\n){0,8}[a-c]{0,3}",
            b in "([a-c ]{0,6}\n){0,8}[a-c]{0,3}",
        ) {
            let diff = compare_texts(&a, &b, &Options::default());
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for item in items(&diff, usize::MAX) {
                let DiffItem::Line(line) = item else { continue };
                let sides = match line.sign {
                    LineSign::Changed => line.split().into(),
                    LineSign::Same | LineSign::Removed | LineSign::Added => vec![line],
                };
                for line in sides {
                    let text: String = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
                    if line.sign != LineSign::Added { before.push(text.clone()); }
                    if line.sign != LineSign::Removed { after.push(text); }
                }
            }
            if a != b {
                prop_assert_eq!(before, a.split_inclusive('\n').map(|line| line.trim_end_matches('\n').to_owned()).collect::<Vec<_>>());
                prop_assert_eq!(after, b.split_inclusive('\n').map(|line| line.trim_end_matches('\n').to_owned()).collect::<Vec<_>>());
            }
        }
    }
}
