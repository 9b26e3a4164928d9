//! Two texts beside one another: rows with numbers that can be linked to, signs and words beside every
//! colour, unchanged lines folded away.

use leptos::prelude::*;
use promptdex_compare::text::{
    LineEnding, LineEndingChange, MovedLine, Row, Segment, SegmentKind, TextDiff,
};
use promptdex_wire::Dialect;

use crate::components::message::text_pieces;
use crate::route::Layout;
use crate::text::count;
use crate::view::{reactive, view};

/// Unchanged lines that stay around a change.
const CONTEXT: usize = 3;

/// Lines that are laid out together, so that those far away cost nothing.
const BLOCK: usize = 50;

/// The surroundings of a diff: the prefix of its anchors, the URL of its page, and its layout.
#[derive(Debug, Clone)]
pub struct DiffContext {
    /// Names the text: `m1`.
    pub id: String,
    /// The address of the page.
    pub page: String,
    /// How it is shown.
    pub layout: Layout,
    /// The syntax of the texts, whose tags are marked.
    pub dialect: Dialect,
}

/// The side that a line is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DiffSide {
    Before,
    After,
}

/// The rows of a diff.
#[component]
pub fn TextDiffRows<'a>(
    /// The diff.
    diff: &'a TextDiff,
    /// The surroundings of the diff.
    place: &'a DiffContext,
) -> impl IntoView {
    let rows = &diff.rows;
    let is_shown = near_changes(rows);
    let begins = |at: usize| is_change(&rows[at]) && (at == 0 || !is_change(&rows[at - 1]));
    let changes = (0..rows.len()).filter(|at| begins(*at)).count();
    let mut pieces: Vec<AnyView> = Vec::new();
    let mut block: Vec<AnyView> = Vec::new();
    let mut change = 0;
    let mut last_moved = None;
    let mut at = 0;
    while at < rows.len() {
        if !is_shown[at] {
            let end = (at..rows.len()).find(|row| is_shown[*row]).unwrap_or(rows.len());
            pieces.append(&mut block);
            pieces.push(fold(&rows[at..end], place));
            at = end;
            continue;
        }
        let row = &rows[at];
        if begins(at) {
            change += 1;
            let title = format!("Change {change} of {changes}");
            block.push(view! { <h4 class="unseen">{title}</h4> });
        }
        if let Some((moved, side)) = moved_block(row)
            && last_moved.replace((moved.id, side)) != Some((moved.id, side))
        {
            block.push(moved_label(moved, side, place));
        }
        block.extend(lines(row, place));
        if block.len() >= BLOCK {
            let lines = std::mem::take(&mut block);
            pieces.push(view! { <div class="block">{lines}</div> });
        }
        at += 1;
    }
    pieces.append(&mut block);
    view! { <div class=class(place.layout)>{pieces}</div> }
}

/// Unchanged lines, which are built when they are opened. Until then their text can be found on the page.
fn fold(rows: &[Row], place: &DiffContext) -> AnyView {
    let (mut closed, mut first) = (String::new(), None);
    for row in rows {
        if let Row::Same { a, b, text } = row {
            closed.push_str(text);
            first.get_or_insert((a, b));
        }
    }
    let (a, b) = first.map_or_else(Default::default, |(a, b)| (a.to_string(), b.to_string()));
    let number = rows.len();
    let (rows, of, place) = (rows.to_vec(), place.id.clone(), place.clone());
    let is_open = RwSignal::new(false);
    let content = reactive(move || {
        if is_open.get() {
            rows.iter().flat_map(|row| lines(row, &place)).collect_view().into_any()
        } else {
            view! { <div class="t">{closed.clone()}</div> }
        }
    });
    view! {
        <details
            class="fold"
            data-of=of
            data-a=a
            data-b=b
            data-lines=number.to_string()
            on:toggle=move |_| {
                is_open.maybe_update(|is_open| !std::mem::replace(is_open, true));
            }
        >
            <summary>{count(number, "unchanged line")}</summary>
            {content}
        </details>
    }
}

fn is_change(row: &Row) -> bool {
    !matches!(row, Row::Same { .. } | Row::Spaced { .. })
}

fn class(layout: Layout) -> &'static str {
    match layout {
        Layout::Inline => "diff inline",
        Layout::Unified => "diff unified",
        Layout::Split => "diff split",
    }
}

/// Returns for each row whether it is shown: it is a change, near one, or not worth folding.
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

fn moved_block(row: &Row) -> Option<(MovedLine, DiffSide)> {
    match row {
        Row::Removed { moved, .. } => moved.map(|moved| (moved, DiffSide::Before)),
        Row::Added { moved, .. } => moved.map(|moved| (moved, DiffSide::After)),
        Row::Same { .. } | Row::Spaced { .. } | Row::Changed { .. } => None,
    }
}

/// Links a moved block to its other end.
fn moved_label(moved: MovedLine, side: DiffSide, place: &DiffContext) -> AnyView {
    let (other, word) = match side {
        DiffSide::Before => ('b', "moved to"),
        DiffSide::After => ('a', "moved from"),
    };
    let line = moved.line;
    let href = format!("{}#{other}.{}.L{line}", place.page, place.id);
    view! { <p class="moved-label"><a href=href>{format!("{word} line {line}")}</a></p> }
}

/// The lines of a row, as the layout has them.
fn lines(row: &Row, place: &DiffContext) -> Vec<AnyView> {
    let whole = |text: &str| [Segment { kind: SegmentKind::Same, text: text.to_owned() }];
    match (row, place.layout) {
        (Row::Same { a, b, text }, _) => {
            vec![line_of_both(*a, *b, &whole(text), None, place, "line")]
        }
        (Row::Spaced { a, b, after, .. }, _) => {
            vec![line_of_both(*a, *b, &whole(after), None, place, "line spaced")]
        }
        (Row::Removed { a, segments, moved }, _) => {
            vec![line_of_one(DiffSide::Before, *a, segments, moved.is_some(), None, place)]
        }
        (Row::Added { b, segments, moved }, _) => {
            vec![line_of_one(DiffSide::After, *b, segments, moved.is_some(), None, place)]
        }
        (Row::Changed { a, b, segments, ending }, Layout::Inline) => {
            vec![line_of_both(*a, *b, segments, *ending, place, "line changed")]
        }
        (Row::Changed { a, b, segments, ending }, Layout::Unified) => vec![
            line_of_one(DiffSide::Before, *a, segments, false, *ending, place),
            line_of_one(DiffSide::After, *b, segments, false, *ending, place),
        ],
        (Row::Changed { a, b, segments, ending }, Layout::Split) => vec![view! {
            <div class="line changed">
                {number(DiffSide::Before, *a, "removed", place)}
                {text(Mark::Removed, segments, DiffSide::Before, None, place)}
                {number(DiffSide::After, *b, "added", place)}
                {text(Mark::Added, segments, DiffSide::After, None, place)}
                {ending.map(ending_note)}
            </div>
        }],
    }
}

/// A line that both sides have.
fn line_of_both(
    a: usize,
    b: usize,
    segments: &[Segment],
    ending: Option<LineEndingChange>,
    place: &DiffContext,
    class: &'static str,
) -> AnyView {
    let (before, after) =
        (number(DiffSide::Before, a, "", place), number(DiffSide::After, b, "", place));
    let side = |side| text(Mark::None, segments, side, None, place);
    let pieces = match place.layout {
        Layout::Split => vec![before, side(DiffSide::Before), after, side(DiffSide::After)],
        Layout::Unified => vec![before, after, side(DiffSide::After)],
        Layout::Inline => vec![before, after, text_of_both(segments, place)],
    };
    view! { <div class=class>{pieces} {ending.map(ending_note)}</div> }
}

/// A line that one side has.
fn line_of_one(
    side: DiffSide,
    line: usize,
    segments: &[Segment],
    is_moved: bool,
    ending: Option<LineEndingChange>,
    place: &DiffContext,
) -> AnyView {
    let (mark, word, class) = match (side, is_moved) {
        (DiffSide::Before, false) => (Mark::Removed, "removed", "line removed"),
        (DiffSide::After, false) => (Mark::Added, "added", "line added"),
        (DiffSide::Before, true) => (Mark::Removed, "moved from here", "line removed moved"),
        (DiffSide::After, true) => (Mark::Added, "moved here", "line added moved"),
    };
    let ending = ending.map(|ending| match side {
        DiffSide::Before => ending.before,
        DiffSide::After => ending.after,
    });
    let number = number(side, line, word, place);
    let text = text(mark, segments, side, ending, place);
    let gap = || view! { <span class="gap"></span> };
    let pieces = match (side, place.layout) {
        (DiffSide::Before, Layout::Split) => vec![number, text, gap(), gap()],
        (DiffSide::After, Layout::Split) => vec![gap(), gap(), number, text],
        (DiffSide::Before, _) => vec![number, gap(), text],
        (DiffSide::After, _) => vec![gap(), number, text],
    };
    view! { <div class=class>{pieces}</div> }
}

/// The number of a line: a link to it, with what happened to the line for those who do not see it.
fn number(side: DiffSide, line: usize, word: &'static str, place: &DiffContext) -> AnyView {
    let (letter, name) = match side {
        DiffSide::Before => ('a', "before"),
        DiffSide::After => ('b', "after"),
    };
    let anchor = format!("{letter}.{}.L{line}", place.id);
    let href = format!("{}#{anchor}", place.page);
    let label = match word {
        "" => format!("line {line} {name}"),
        word => format!("{word}, line {line} {name}"),
    };
    // The keys j and k stop at changes.
    view! {
        <a class="no" href=href id=anchor data-n=line.to_string() tabindex="-1" aria-label=label></a>
    }
}

/// What the text of a line is marked as.
#[derive(Clone, Copy)]
enum Mark {
    None,
    Removed,
    Added,
}

/// The text of a line on one side, with what differs marked.
fn text(
    mark: Mark,
    segments: &[Segment],
    side: DiffSide,
    ending: Option<LineEnding>,
    place: &DiffContext,
) -> AnyView {
    let other = match side {
        DiffSide::Before => SegmentKind::Added,
        DiffSide::After => SegmentKind::Removed,
    };
    let is_whole = segments.iter().all(|segment| segment.kind != SegmentKind::Same);
    let segments = segments.iter().filter(|segment| segment.kind != other);
    let mut pieces = line_pieces(segments, place, |segment, text| {
        if segment.kind == SegmentKind::Same || is_whole {
            text
        } else {
            view! { <mark>{text}</mark> }
        }
    });
    pieces.extend(ending.map(ending_word));
    match mark {
        Mark::None => view! { <span class="t" dir="auto">{pieces}</span> },
        Mark::Removed => view! { <del class="t" dir="auto">{pieces}</del> },
        Mark::Added => view! { <ins class="t" dir="auto">{pieces}</ins> },
    }
}

/// The text of both sides in one line.
fn text_of_both(segments: &[Segment], place: &DiffContext) -> AnyView {
    let pieces = line_pieces(segments.iter(), place, |segment, text| match segment.kind {
        SegmentKind::Same => text,
        SegmentKind::Removed => view! { <del>{text}</del> },
        SegmentKind::Added => view! { <ins>{text}</ins> },
    });
    view! { <span class="t" dir="auto">{pieces}</span> }
}

/// The pieces of a line without its ending. An empty line keeps one, and with it its height.
fn line_pieces<'s>(
    segments: impl Iterator<Item = &'s Segment>,
    place: &DiffContext,
    mark: impl Fn(&Segment, AnyView) -> AnyView,
) -> Vec<AnyView> {
    let pieces = segments.filter_map(|segment| {
        let (text, _) = LineEnding::split(&segment.text);
        (!text.is_empty()).then(|| mark(segment, text_pieces(place.dialect, text)))
    });
    let mut pieces: Vec<AnyView> = pieces.collect();
    if pieces.is_empty() {
        pieces.push("\n".into_any());
    }
    pieces
}

fn ending_note(ending: LineEndingChange) -> AnyView {
    view! {
        <span class="ending">
            {ending_word(ending.before)}
            " → "
            {ending_word(ending.after)}
        </span>
    }
}

fn ending_word(ending: LineEnding) -> AnyView {
    let word = match ending {
        LineEnding::None => "no newline at end",
        LineEnding::Lf => "LF",
        LineEnding::Crlf => "CRLF",
    };
    view! { <span class="ending">{word}</span> }
}
