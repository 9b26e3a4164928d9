//! Two texts beside one another: rows with numbers that can be linked to, signs and words beside every
//! colour, unchanged lines folded away.

use promptdex_compare::text::{Ending, EndingChange, Moved, Row, Segment, SegmentKind, TextDiff};
use promptdex_wire::Dialect;

use crate::components::message::text_pieces;
use crate::html::{Element, Node, el, link};
use crate::route::Layout;
use crate::text::count;

/// Unchanged lines that stay around a change.
const CONTEXT: usize = 3;

/// Lines that are laid out together, so that those far away cost nothing.
const BLOCK: usize = 50;

/// Where a diff stands: what its anchors begin with, and the address that they are added to.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Names the text: `m1`.
    pub id: &'a str,
    /// The address of the page.
    pub page: &'a str,
    /// How it is shown.
    pub layout: Layout,
    /// The syntax of the texts, whose tags are marked.
    pub dialect: Dialect,
}

/// The side that a line is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// The rows of a diff.
pub fn text_diff(diff: &TextDiff, place: Place<'_>) -> Element {
    let is_shown = near_changes(&diff.rows);
    let mut pieces: Vec<Node> = Vec::new();
    let mut block: Vec<Element> = Vec::new();
    let is_changed = |row: &Row| !matches!(row, Row::Same { .. } | Row::Spaced { .. });
    let begins =
        |at: usize| is_changed(&diff.rows[at]) && (at == 0 || !is_changed(&diff.rows[at - 1]));
    let changes = (0..diff.rows.len()).filter(|at| begins(*at)).count();
    let mut change = 0;
    let mut last_moved = None;
    let mut at = 0;
    while at < diff.rows.len() {
        if !is_shown[at] {
            let end = (at..diff.rows.len()).find(|row| is_shown[*row]).unwrap_or(diff.rows.len());
            pieces.push(std::mem::take(&mut block).into());
            let rows = diff.rows[at..end].iter().flat_map(|row| lines(row, place));
            let summary = count(end - at, "unchanged line");
            let fold = el("details").class("fold").with(el("summary").with(summary)).all(rows);
            pieces.push(fold.into());
            at = end;
            continue;
        }
        let row = &diff.rows[at];
        if begins(at) {
            change += 1;
            let title = format!("Change {change} of {changes}");
            block.push(el("h4").class("unseen").with(title));
        }
        if let Some((moved, side)) = moved(row)
            && last_moved.replace((moved.id, side)) != Some((moved.id, side))
        {
            block.push(moved_label(moved, side, place));
        }
        block.extend(lines(row, place));
        if block.len() >= BLOCK {
            pieces.push(el("div").class("block").with(std::mem::take(&mut block)).into());
        }
        at += 1;
    }
    pieces.push(block.into());
    el("div").class(class(place.layout)).with(pieces)
}

fn class(layout: Layout) -> &'static str {
    match layout {
        Layout::Inline => "diff inline",
        Layout::Unified => "diff unified",
        Layout::Split => "diff split",
    }
}

/// Tells of each row whether it stays: a change, near one, or not worth folding away.
fn near_changes(rows: &[Row]) -> Vec<bool> {
    let mut is_shown = vec![false; rows.len()];
    for (at, _) in rows.iter().enumerate().filter(|(_, row)| !matches!(row, Row::Same { .. })) {
        let from = at.saturating_sub(CONTEXT);
        is_shown[from..rows.len().min(at + CONTEXT + 1)].fill(true);
    }
    let mut at = 0;
    while at < rows.len() {
        let end = (at..rows.len()).find(|row| is_shown[*row]).unwrap_or(rows.len());
        if end - at <= CONTEXT {
            is_shown[at..end].fill(true);
        }
        at = end + 1;
    }
    is_shown
}

fn moved(row: &Row) -> Option<(Moved, Side)> {
    match row {
        Row::Removed { moved, .. } => moved.map(|moved| (moved, Side::Before)),
        Row::Added { moved, .. } => moved.map(|moved| (moved, Side::After)),
        Row::Same { .. } | Row::Spaced { .. } | Row::Changed { .. } => None,
    }
}

/// Says where a block went or came from, and leads there.
fn moved_label(moved: Moved, side: Side, place: Place<'_>) -> Element {
    let (other, word) = match side {
        Side::Before => ('b', "moved to"),
        Side::After => ('a', "moved from"),
    };
    let anchor = format!("{}#{other}.{}.L{}", place.page, place.id, moved.line);
    el("p").class("moved-label").with(link(anchor, format!("{word} line {}", moved.line)))
}

/// The lines of a row, as the layout has them.
fn lines(row: &Row, place: Place<'_>) -> Vec<Element> {
    let whole = |text: &str| [Segment { kind: SegmentKind::Same, text: text.to_owned() }];
    match (row, place.layout) {
        (Row::Same { a, b, text }, _) => vec![both(*a, *b, &whole(text), place, "line")],
        (Row::Spaced { a, b, after, .. }, _) => {
            vec![both(*a, *b, &whole(after), place, "line spaced")]
        }
        (Row::Removed { a, segments, moved }, _) => {
            vec![one(Side::Before, *a, segments, moved.is_some(), None, place)]
        }
        (Row::Added { b, segments, moved }, _) => {
            vec![one(Side::After, *b, segments, moved.is_some(), None, place)]
        }
        (Row::Changed { a, b, segments, ending }, Layout::Inline) => {
            let line = both(*a, *b, segments, place, "line changed");
            vec![line.with(ending.as_ref().map(|ending| ending_note(*ending)))]
        }
        (Row::Changed { a, b, segments, ending }, Layout::Unified) => vec![
            one(Side::Before, *a, segments, false, *ending, place),
            one(Side::After, *b, segments, false, *ending, place),
        ],
        (Row::Changed { a, b, segments, ending }, Layout::Split) => {
            let before = number(Side::Before, *a, "removed", place);
            let after = number(Side::After, *b, "added", place);
            let line = el("div")
                .class("line changed")
                .with(before)
                .with(text("del", segments, Side::Before, place))
                .with(after)
                .with(text("ins", segments, Side::After, place));
            vec![line.with(ending.as_ref().map(|ending| ending_note(*ending)))]
        }
    }
}

/// A line of both sides.
fn both(
    a: usize,
    b: usize,
    segments: &[Segment],
    place: Place<'_>,
    class: &'static str,
) -> Element {
    let line = el("div").class(class);
    let (before, after) = (number(Side::Before, a, "", place), number(Side::After, b, "", place));
    match place.layout {
        Layout::Split => line
            .with(before)
            .with(text("span", segments, Side::Before, place))
            .with(after)
            .with(text("span", segments, Side::After, place)),
        Layout::Unified => {
            line.with(before).with(after).with(text("span", segments, Side::After, place))
        }
        Layout::Inline => line.with(before).with(after).with(marked(segments, place)),
    }
}

/// A line of one side.
fn one(
    side: Side,
    line: usize,
    segments: &[Segment],
    is_moved: bool,
    ending: Option<EndingChange>,
    place: Place<'_>,
) -> Element {
    let (tag, word, class) = match (side, is_moved) {
        (Side::Before, false) => ("del", "removed", "line removed"),
        (Side::After, false) => ("ins", "added", "line added"),
        (Side::Before, true) => ("del", "moved away", "line removed moved"),
        (Side::After, true) => ("ins", "moved here", "line added moved"),
    };
    let number = number(side, line, word, place);
    let text = text(tag, segments, side, place).with(ending.map(|ending| match side {
        Side::Before => ending_word(ending.before),
        Side::After => ending_word(ending.after),
    }));
    let gap = || el("span").class("gap");
    let row = el("div").class(class);
    match (side, place.layout) {
        (Side::Before, Layout::Split) => row.with(number).with(text).with(gap()).with(gap()),
        (Side::After, Layout::Split) => row.with(gap()).with(gap()).with(number).with(text),
        (Side::Before, _) => row.with(number).with(gap()).with(text),
        (Side::After, _) => row.with(gap()).with(number).with(text),
    }
}

/// The number of a line: a link to it, with what happened to the line for those who do not see it.
fn number(side: Side, line: usize, word: &'static str, place: Place<'_>) -> Element {
    let (letter, name) = match side {
        Side::Before => ('a', "before"),
        Side::After => ('b', "after"),
    };
    let anchor = format!("{letter}.{}.L{line}", place.id);
    let label = match word {
        "" => format!("line {line} {name}"),
        word => format!("{word}, line {line} {name}"),
    };
    el("a")
        .class("no")
        .attr("href", format!("{}#{anchor}", place.page))
        .attr("id", anchor)
        .attr("data-n", line.to_string())
        // The keys j and k stop at changes.
        .attr("tabindex", "-1")
        .attr("aria-label", label)
}

/// The text of a line on one side, with what differs marked.
fn text(tag: &'static str, segments: &[Segment], side: Side, place: Place<'_>) -> Element {
    let other = match side {
        Side::Before => SegmentKind::Added,
        Side::After => SegmentKind::Removed,
    };
    let is_whole = segments.iter().all(|segment| segment.kind != SegmentKind::Same);
    let segments = segments.iter().filter(|segment| segment.kind != other);
    line_text(tag, segments, place, |segment, text| {
        if segment.kind == SegmentKind::Same || is_whole {
            text
        } else {
            el("mark").with(text).into()
        }
    })
}

/// The text of both sides in one line.
fn marked(segments: &[Segment], place: Place<'_>) -> Element {
    line_text("span", segments.iter(), place, |segment, text| match segment.kind {
        SegmentKind::Same => text,
        SegmentKind::Removed => el("del").with(text).into(),
        SegmentKind::Added => el("ins").with(text).into(),
    })
}

/// The pieces of a line without its ending. An empty line keeps one, and with it its height.
fn line_text<'s>(
    tag: &'static str,
    segments: impl Iterator<Item = &'s Segment>,
    place: Place<'_>,
    mark: impl Fn(&Segment, Node) -> Node,
) -> Element {
    let pieces = segments.filter_map(|segment| {
        let (text, _) = Ending::split(&segment.text);
        (!text.is_empty()).then(|| mark(segment, text_pieces(place.dialect, text).into()))
    });
    let pieces: Vec<Node> = pieces.collect();
    let end = pieces.is_empty().then_some("\n");
    el(tag).class("t").attr("dir", "auto").with(pieces).with(end)
}

fn ending_note(ending: EndingChange) -> Element {
    el("span")
        .class("ending")
        .with(ending_word(ending.before))
        .with(" → ")
        .with(ending_word(ending.after))
}

fn ending_word(ending: Ending) -> Element {
    let word = match ending {
        Ending::None => "no line end",
        Ending::Lf => "LF",
        Ending::Crlf => "CRLF",
    };
    el("span").class("ending").with(word)
}
