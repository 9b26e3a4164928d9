//! Finds blocks of lines that were removed at one place and added at another. What was edited in a
//! block is marked at both ends.

use std::collections::{BTreeMap, VecDeque};

use crate::pairs::WordBags;
use crate::text::{MovedLine, Row, Segment, SegmentKind};
use crate::words::{WorkBudget, refine, sentences};

/// A block moved if it has this many lines that are the same at both ends …
const LINES: usize = 3;
/// … or this many letters in them.
const LETTERS: usize = 40;
/// As many lines in a row may be edited without ending a block.
const EDITED: usize = 2;
/// As many places of a text are tried as the other end of a line.
const PLACES: usize = 8;

/// Marks the rows of blocks that moved and returns how many blocks there are.
pub(crate) fn mark_moved_blocks(rows: &mut [Row], work: &mut WorkBudget) -> usize {
    let mut id = 0;
    for block in BlockSearch::new(rows, work).blocks() {
        let refined: Vec<Option<Vec<Segment>>> = block
            .iter()
            .map(|&(from, to)| refine(text(&rows[from]), text(&rows[to]), work))
            .collect();
        // Lines that were too much work to compare at their own place are no block.
        let is_same = |segment: &Segment| segment.kind == SegmentKind::Same;
        if !refined.iter().flatten().flatten().any(is_same) {
            continue;
        }
        id += 1;
        for ((from, to), refined) in block.into_iter().zip(refined) {
            let (Row::Removed { a, .. }, Row::Added { b, .. }) = (&rows[from], &rows[to]) else {
                continue;
            };
            let (a, b) = (*a, *b);
            let (removed, added) = match refined {
                Some(segments) => (
                    drop_kind(&segments, SegmentKind::Added),
                    drop_kind(&segments, SegmentKind::Removed),
                ),
                // Compared as a whole: each end keeps the segment that it has.
                None => (rows[from].segments().to_vec(), rows[to].segments().to_vec()),
            };
            rows[from] =
                Row::Removed { a, segments: removed, moved: Some(MovedLine { id, line: b }) };
            rows[to] = Row::Added { b, segments: added, moved: Some(MovedLine { id, line: a }) };
        }
    }
    id
}

/// The text of a line that is not yet compared: its only segment.
fn text(row: &Row) -> &str {
    row.segments().first().map_or("", |segment| &segment.text)
}

fn drop_kind(segments: &[Segment], kind: SegmentKind) -> Vec<Segment> {
    segments.iter().filter(|segment| segment.kind != kind).cloned().collect()
}

/// A line that may have moved.
struct MovableLine<'a> {
    row: usize,
    number: usize,
    text: &'a str,
    is_taken: bool,
}

struct BlockSearch<'a> {
    removed: Vec<MovableLine<'a>>,
    added: Vec<MovableLine<'a>>,
    /// The lines in which each sentence of the added text occurs; a short line counts as one sentence.
    places: BTreeMap<&'a str, Vec<usize>>,
    bags: WordBags<'a>,
    work: &'a mut WorkBudget,
}

/// Pairs of indexes into the removed and the added lines.
type LinePairs = VecDeque<(usize, usize)>;

impl<'a> BlockSearch<'a> {
    fn new(rows: &'a [Row], work: &'a mut WorkBudget) -> Self {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for (row, line) in rows.iter().enumerate() {
            let (lines, number) = match line {
                Row::Removed { a, .. } => (&mut removed, *a),
                Row::Added { b, .. } => (&mut added, *b),
                Row::Same { .. } | Row::Spaced { .. } | Row::Changed { .. } => continue,
            };
            lines.push(MovableLine { row, number, text: text(line).trim(), is_taken: false });
        }
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        // Without one side there is nothing to find, and nothing to read.
        for (index, line) in added.iter().enumerate().filter(|_| !removed.is_empty()) {
            for sentence in keys(line.text) {
                let places = places.entry(sentence).or_default();
                if places.len() < PLACES {
                    places.push(index);
                }
            }
        }
        Self { removed, added, places, bags: WordBags::new(), work }
    }

    /// Returns the blocks as pairs of rows.
    fn blocks(mut self) -> Vec<LinePairs> {
        let mut blocks = Vec::new();
        for start in 0..self.removed.len() {
            if self.removed[start].is_taken {
                continue;
            }
            let mut places: Vec<usize> = Vec::new();
            for sentence in keys(self.removed[start].text) {
                places.extend(self.places.get(sentence).into_iter().flatten());
            }
            places.sort_unstable();
            places.dedup();
            let mut longest = LinePairs::new();
            for place in places {
                let block = self.block(start, place);
                if block.len() > longest.len() {
                    longest = block;
                }
            }
            for &(from, to) in &longest {
                self.removed[from].is_taken = true;
                self.added[to].is_taken = true;
            }
            if !longest.is_empty() {
                let rows =
                    |&(from, to): &(usize, usize)| (self.removed[from].row, self.added[to].row);
                blocks.push(longest.iter().map(rows).collect());
            }
        }
        blocks
    }

    /// Returns the block around two lines, or an empty one if it is too small.
    fn block(&mut self, from: usize, to: usize) -> LinePairs {
        let Some(letters) = self.fit(from, to) else { return LinePairs::new() };
        let mut block = LinePairs::from([(from, to)]);
        let mut total = BlockScore::default();
        total.add(letters);
        for forward in [true, false] {
            let (mut from, mut to, mut edited) = (from, to, 0);
            while let Some(next) = self.step(from, to, forward) {
                (from, to) = next;
                let Some(letters) = self.fit(from, to) else { break };
                edited = if letters.is_equal { 0 } else { edited + 1 };
                if edited > EDITED {
                    break;
                }
                total.add(letters);
                if forward {
                    block.push_back(next);
                } else {
                    block.push_front(next);
                }
            }
        }
        let is_blank = |&(from, _): &(usize, usize)| self.removed[from].text.is_empty();
        while block.back().is_some_and(is_blank) {
            block.pop_back();
        }
        while block.front().is_some_and(is_blank) {
            block.pop_front();
        }
        if total.lines >= LINES || total.letters >= LETTERS { block } else { LinePairs::new() }
    }

    /// Returns the neighbors of two lines, if both have one.
    fn step(&self, from: usize, to: usize, forward: bool) -> Option<(usize, usize)> {
        let step = |lines: &[MovableLine<'_>], at: usize| {
            let next = if forward { at + 1 } else { at.checked_sub(1)? };
            let is_beside = lines.get(next)?.number.abs_diff(lines[at].number) == 1;
            is_beside.then_some(next)
        };
        Some((step(&self.removed, from)?, step(&self.added, to)?))
    }

    /// Returns what two lines share, or nothing if one is not the other's end.
    fn fit(&mut self, from: usize, to: usize) -> Option<LineScore> {
        let (a, b) = (&self.removed[from], &self.added[to]);
        if a.is_taken || b.is_taken {
            return None;
        }
        if a.text == b.text {
            return Some(LineScore { is_equal: true, letters: letters(a.text) });
        }
        self.work.take(1, a.text.len() + b.text.len())?;
        let (bag, other) = (self.bags.read(a.text), self.bags.read(b.text));
        // The kind of map that there is already: the browser loads code for each kind.
        let mut known: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for sentence in keys(b.text) {
            known.entry(sentence).or_default();
        }
        let shared = keys(a.text).filter(|sentence| known.contains_key(sentence));
        self.bags
            .are_alike(&bag, &other)
            .then(|| LineScore { is_equal: false, letters: shared.map(letters).sum() })
    }
}

/// What two lines share.
#[derive(Clone, Copy)]
struct LineScore {
    is_equal: bool,
    letters: usize,
}

/// What two ends of a block share.
#[derive(Default)]
struct BlockScore {
    lines: usize,
    letters: usize,
}

impl BlockScore {
    fn add(&mut self, fit: LineScore) {
        self.lines += usize::from(fit.is_equal && fit.letters > 0);
        self.letters += fit.letters;
    }
}

fn keys(text: &str) -> impl Iterator<Item = &str> {
    sentences(text).into_iter().map(str::trim).filter(|sentence| !sentence.is_empty())
}

fn letters(text: &str) -> usize {
    text.chars().filter(|character| character.is_alphanumeric()).count()
}
