//! What two texts share and what they do not: their lines in rows, and the parts of the lines that were edited.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Options of a text comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Options {
    /// Whether differences in white space count.
    #[serde(default)]
    pub whitespace: Whitespace,
    /// How much work may be spent on comparing words.
    #[serde(default)]
    pub refine: Refine,
}

/// Whether differences in white space count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whitespace {
    /// A difference like any other.
    #[default]
    Show,
    /// None, if it is all that differs in a line: indentation, the length of gaps, line endings. Only
    /// ASCII white space is ignored; a no-break space is a difference.
    IgnoreChange,
}

/// How much work may be spent on comparing words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refine {
    /// As much as a page can wait for. What takes more is compared by lines only.
    #[default]
    Capped,
    /// As much as it takes.
    Full,
}

/// What two texts share and what they do not. Each line of both is in exactly one row, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextDiff {
    /// The lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
    /// Ranges of `rows` that were compared by lines only, because comparing their words is more work
    /// than [`Refine`] allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewritten: Vec<Range<usize>>,
    /// How much changed.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
}

/// A line of either text or of both, with its line ending. `a` and `b` are its numbers there, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// A line of both texts.
    Same {
        /// Its number in the first text.
        a: usize,
        /// Its number in the second text.
        b: usize,
        /// The line.
        text: String,
    },
    /// A line of both texts, but for white space, which [`Whitespace::IgnoreChange`] ignores.
    Spaced {
        /// Its number in the first text.
        a: usize,
        /// Its number in the second text.
        b: usize,
        /// The line in the first text.
        before: String,
        /// The line in the second text.
        after: String,
        /// The change of its line ending, if it differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ending: Option<LineEndingChange>,
    },
    /// A line of the first text only.
    Removed {
        /// Its number in the first text.
        a: usize,
        /// The line: one removed segment. If it moved, removed is only what is not at its new place.
        segments: Vec<Segment>,
        /// Where it moved, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moved: Option<MovedLine>,
    },
    /// A line of the second text only.
    Added {
        /// Its number in the second text.
        b: usize,
        /// The line: one added segment. If it moved, added is only what was not at its old place.
        segments: Vec<Segment>,
        /// Where it was, if it moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moved: Option<MovedLine>,
    },
    /// A line that was edited.
    Changed {
        /// Its number in the first text.
        a: usize,
        /// Its number in the second text.
        b: usize,
        /// The line on both sides.
        segments: Vec<Segment>,
        /// The change of its line ending, if it differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ending: Option<LineEndingChange>,
    },
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// On which side it is.
    pub kind: SegmentKind,
    /// The part.
    pub text: String,
}

/// Whether a part of a line is in both texts or in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// On both.
    Same,
    /// On the first.
    Removed,
    /// On the second.
    Added,
}

/// The other end of a line that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedLine {
    /// The number of the block that it moved with, from 1: equal at both ends.
    pub id: usize,
    /// The number of the line at the other end, in the other text.
    pub line: usize,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnding {
    /// Not at all: the last line of a text.
    None,
    /// With a line feed.
    Lf,
    /// With a carriage return and a line feed.
    Crlf,
}

impl LineEnding {
    /// Splits the ending off a line.
    pub fn split(line: &str) -> (&str, Self) {
        let Some(text) = line.strip_suffix('\n') else { return (line, Self::None) };
        text.strip_suffix('\r').map_or((text, Self::Lf), |text| (text, Self::Crlf))
    }
}

/// A changed line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineEndingChange {
    /// In the first text.
    pub before: LineEnding,
    /// In the second text.
    pub after: LineEnding,
}

impl LineEndingChange {
    /// Compares the endings of two lines.
    pub(crate) fn of(before: &str, after: &str) -> Option<Self> {
        let (before, after) = (LineEnding::split(before).1, LineEnding::split(after).1);
        (before != after).then_some(Self { before, after })
    }
}

/// How much changed. What moved is neither removed nor added, except for the words edited in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Lines that were added, or are the new form of a line.
    pub lines_added: usize,
    /// Lines that were removed, or are the old form of a line.
    pub lines_removed: usize,
    /// Words that were added.
    pub words_added: usize,
    /// Words that were removed.
    pub words_removed: usize,
    /// Lines that changed in ASCII white space only; in no other count.
    pub whitespace: usize,
    /// Blocks of lines that moved.
    pub moved: usize,
}

impl Counts {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the counts of another text.
    pub fn add(&mut self, other: &Self) {
        self.lines_added += other.lines_added;
        self.lines_removed += other.lines_removed;
        self.words_added += other.words_added;
        self.words_removed += other.words_removed;
        self.whitespace += other.whitespace;
        self.moved += other.moved;
    }
}

impl TextDiff {
    /// Returns the first text, byte for byte.
    pub fn before(&self) -> String {
        self.side(SegmentKind::Removed)
    }

    /// Returns the second text, byte for byte.
    pub fn after(&self) -> String {
        self.side(SegmentKind::Added)
    }

    fn side(&self, side: SegmentKind) -> String {
        let mut text = String::new();
        for row in &self.rows {
            match row {
                Row::Same { text: line, .. } => text.push_str(line),
                Row::Spaced { before, after, .. } => {
                    text.push_str(if side == SegmentKind::Removed { before } else { after });
                }
                // A line that moved shares segments with its other end, which is another row.
                Row::Removed { .. } if side != SegmentKind::Removed => {}
                Row::Added { .. } if side != SegmentKind::Added => {}
                Row::Removed { segments, .. }
                | Row::Added { segments, .. }
                | Row::Changed { segments, .. } => {
                    for segment in segments {
                        if segment.kind == SegmentKind::Same || segment.kind == side {
                            text.push_str(&segment.text);
                        }
                    }
                }
            }
        }
        text
    }
}

impl Row {
    /// Returns the parts of a line that was removed, added or edited.
    pub fn segments(&self) -> &[Segment] {
        match self {
            Self::Same { .. } | Self::Spaced { .. } => &[],
            Self::Removed { segments, .. }
            | Self::Added { segments, .. }
            | Self::Changed { segments, .. } => segments,
        }
    }
}
