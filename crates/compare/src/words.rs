//! Marks the words in which two texts differ. A long text is compared sentence by sentence first, so
//! that one word in it costs no more than one sentence.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput};
use unicode_segmentation::UnicodeSegmentation as _;

pub(crate) use crate::few_edits::ReplacedRanges;
use crate::few_edits::few_edits;
use crate::text::{Refine, Segment, SegmentKind};

/// A text with more characters is cut into sentences.
const LONG: usize = 400;

/// Texts with more pairs of words than this are looked through for few edits first.
const LARGE: usize = 4_000_000;

/// Words that are removed and added, at most, where edits are few.
const FEW: usize = 400;

/// A text with this many characters that all stand in a longer one was added to, not replaced.
pub(crate) const PART: usize = 6;

/// The work that one comparison may do. It is counted, not timed, so that equal texts give equal results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkBudget {
    /// How many pairs of lines may still be tried.
    pub(crate) pairs: usize,
    /// How many pairs of lines may be tried in one hunk.
    pub(crate) pairs_in_hunk: usize,
    /// How many pairs of words may still be tried.
    pub(crate) words: usize,
}

impl WorkBudget {
    /// What `refine` allows.
    pub(crate) fn new(refine: Refine) -> Self {
        match refine {
            Refine::Capped => {
                Self { pairs: 16 * 64 * 64, pairs_in_hunk: 64 * 64, words: 4_000_000 }
            }
            // Each pair that is worth keeping takes memory, so hunks keep a limit.
            Refine::Full => Self { pairs: usize::MAX, pairs_in_hunk: 4_000_000, words: usize::MAX },
        }
    }

    /// Takes the cost of comparing `a` with `b` things, if there is as much left.
    pub(crate) fn take(&mut self, a: usize, b: usize) -> Option<()> {
        self.words = self.words.checked_sub(a.saturating_mul(b))?;
        Some(())
    }
}

/// Returns the segments that two texts share and those that differ, or nothing if that takes too much work.
/// Mostly rewritten texts share nothing.
pub(crate) fn refine(before: &str, after: &str, work: &mut WorkBudget) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    if before == after {
        push(&mut segments, SegmentKind::Same, before);
        return Some(segments);
    }
    let (a, b) = (sentences(before), sentences(after));
    if a.len() == 1 && b.len() == 1 {
        compare_words(before, after, work, &mut segments)?;
    } else {
        let hunks = compare_tokens(&a, &b, work)?;
        let mut at = 0;
        for (removed, added) in hunks {
            push_all(&mut segments, SegmentKind::Same, &a[at..removed.start]);
            at = removed.end;
            compare_words(&a[removed].concat(), &b[added].concat(), work, &mut segments)?;
        }
        push_all(&mut segments, SegmentKind::Same, &a[at..]);
    }
    if is_mostly_changed(&segments) {
        segments.clear();
        push(&mut segments, SegmentKind::Removed, before);
        push(&mut segments, SegmentKind::Added, after);
    }
    Some(segments)
}

/// Counts the words of a text; a Han or Kana character is one.
pub(crate) fn count(text: &str) -> usize {
    text.unicode_words().count()
}

/// Appends the segments between two texts that are no longer cut.
fn compare_words(
    before: &str,
    after: &str,
    work: &mut WorkBudget,
    segments: &mut Vec<Segment>,
) -> Option<()> {
    let (a, b) = (tokens(before), tokens(after));
    let mut hunks: Vec<ReplacedRanges> = Vec::new();
    for (removed, added) in compare_tokens(&a, &b, work)? {
        match hunks.last_mut() {
            // Two marks with only a space between them read better as one.
            Some(last) if is_space(&a[last.0.end..removed.start]) => {
                (last.0.end, last.1.end) = (removed.end, added.end);
            }
            _ => hunks.push((removed, added)),
        }
    }
    let mut found = Vec::new();
    let mut at = 0;
    for (removed, added) in hunks {
        push_all(&mut found, SegmentKind::Same, &a[at..removed.start]);
        at = removed.end;
        push_all(&mut found, SegmentKind::Removed, &a[removed]);
        push_all(&mut found, SegmentKind::Added, &b[added]);
    }
    push_all(&mut found, SegmentKind::Same, &a[at..]);
    if is_mostly_changed(&found) {
        push(segments, SegmentKind::Removed, before);
        push(segments, SegmentKind::Added, after);
    } else {
        for segment in found {
            push(segments, segment.kind, &segment.text);
        }
    }
    Some(())
}

fn compare_tokens(a: &[&str], b: &[&str], work: &mut WorkBudget) -> Option<Vec<ReplacedRanges>> {
    let (start, end) = shared_ends(a, b);
    let (a, b) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    if a.is_empty() && b.is_empty() {
        return Some(Vec::new());
    }
    let moved = |range: Range<usize>| range.start + start..range.end + start;
    let moved = |(removed, added)| (moved(removed), moved(added));
    // Most edits are of one word, and need no more than this.
    if (a.len() < 2 || b.len() < 2) && !a.iter().any(|token| b.contains(token)) {
        work.take(a.len(), b.len())?;
        return Some(vec![moved((0..a.len(), 0..b.len()))]);
    }
    let mut input = InternedInput::default();
    input.update_before(a.iter().copied());
    input.update_after(b.iter().copied());
    // A few edits in a very long text are found by going along both, and cost as much as there are of them.
    if a.len().saturating_mul(b.len()) > LARGE
        && let Some(hunks) =
            few_edits(&input.before, &input.after, FEW, &mut |cost| work.take(cost, 1))
    {
        return Some(hunks.into_iter().map(moved).collect());
    }
    work.take(a.len(), b.len())?;
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    Some(diff.hunks().map(|hunk| moved(ranges(&hunk))).collect())
}

/// Returns how many items at the start and then at the end are the same.
pub(crate) fn shared_ends<T: PartialEq>(a: &[T], b: &[T]) -> (usize, usize) {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (a[start..].iter().rev(), b[start..].iter().rev());
    (start, a.zip(b).take_while(|(a, b)| a == b).count())
}

/// Cuts a text into words and what is between them, as UAX #29 does.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    // The crate has a short way for ASCII, but only to the words.
    if !text.is_ascii() {
        return text.split_word_bounds().collect();
    }
    let mut tokens = Vec::with_capacity(text.len() / 3);
    let mut at = 0;
    for (start, word) in text.unicode_word_indices().chain([(text.len(), "")]) {
        while at < start {
            let rest = &text.as_bytes()[at..start];
            let run = |byte: u8| rest.iter().take_while(|other| **other == byte).count();
            let length = match rest {
                [b'\r', b'\n', ..] => 2,
                _ => run(b' ').max(run(b'_')).max(1),
            };
            tokens.push(&text[at..at + length]);
            at += length;
        }
        if !word.is_empty() {
            tokens.push(word);
            at += word.len();
        }
    }
    tokens
}

/// Returns what a hunk removes and adds.
pub(crate) fn ranges(hunk: &Hunk) -> ReplacedRanges {
    let range = |range: &Range<u32>| range.start as usize..range.end as usize;
    (range(&hunk.before), range(&hunk.after))
}

/// Cuts a long text after full stops and the spaces that follow them. Only matching depends on it,
/// so an abbreviation that is cut does no harm.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    if text.len() <= LONG || text.chars().nth(LONG).is_none() {
        return vec![text];
    }
    let mut sentences = Vec::new();
    let (mut start, mut is_stopped, mut is_spaced) = (0, false, false);
    for (at, character) in text.char_indices() {
        let space = character.is_whitespace();
        if is_spaced && !space {
            sentences.push(&text[start..at]);
            start = at;
            (is_stopped, is_spaced) = (false, false);
        }
        match character {
            '.' | '!' | '?' => is_stopped = true,
            // These need no space after them.
            '。' | '！' | '？' => is_spaced = true,
            '"' | '\'' | ')' | ']' | '”' | '’' | '»' => {}
            _ if space => is_spaced |= is_stopped,
            _ => is_stopped = false,
        }
    }
    sentences.push(&text[start..]);
    sentences
}

/// Whether more than 70 % of two texts changed. A text that only gained or only lost something did
/// not, however much that was.
fn is_mostly_changed(segments: &[Segment]) -> bool {
    let weigh = |kind| -> usize {
        let texts = segments.iter().filter(|segment| segment.kind == kind);
        texts.map(|segment| weight(&segment.text)).sum()
    };
    let (removed, added) = (weigh(SegmentKind::Removed), weigh(SegmentKind::Added));
    let (same, changed) = (weigh(SegmentKind::Same), removed + added);
    let is_part = (removed == 0 || added == 0) && same >= PART;
    !is_part && changed * 10 > (changed + 2 * same) * 7
}

/// Counts the characters of a text that are not spaces.
pub(crate) fn weight(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

fn is_space(tokens: &[&str]) -> bool {
    tokens.iter().all(|token| token.chars().all(|c| c.is_whitespace() && c != '\n'))
}

/// Appends a text; if it has the kind of the last segment, extends that segment.
pub(crate) fn push(segments: &mut Vec<Segment>, kind: SegmentKind, text: &str) {
    match segments.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.kind == kind => last.text.push_str(text),
        _ => segments.push(Segment { kind, text: text.to_owned() }),
    }
}

fn push_all(segments: &mut Vec<Segment>, kind: SegmentKind, texts: &[&str]) {
    for text in texts {
        push(segments, kind, text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes segments as `same [-removed-] {+added+}`.
    fn mark_changes(before: &str, after: &str) -> String {
        let segments = refine(before, after, &mut WorkBudget::new(Refine::Capped)).unwrap();
        let write = |segment: &Segment| match segment.kind {
            SegmentKind::Same => segment.text.clone(),
            SegmentKind::Removed => format!("[-{}-]", segment.text),
            SegmentKind::Added => format!("{{+{}+}}", segment.text),
        };
        segments.iter().map(write).collect()
    }

    #[test]
    fn words_are_marked_and_marks_with_a_space_between_them_merged() {
        for (before, after, expected) in [
            ("Be kind.", "Be kind.", "Be kind."),
            ("Answer in French.", "Answer in plain French.", "Answer in {+plain +}French."),
            (
                "Never use two words here, ever.",
                "Never use some terms here, ever.",
                "Never use [-two words-]{+some terms+} here, ever.",
            ),
            ("Dear {{ name }},", "Dear {{ full_name }},", "Dear {{ [-name-]{+full_name+} }},"),
            // Most of it changed.
            ("One thing.", "Another matter.", "[-One thing.-]{+Another matter.+}"),
            // Most of it is new, but nothing is gone.
            (
                "Be kind.",
                "Be kind. Say what happens next, and when the customer will hear from us.",
                "Be kind.{+ Say what happens next, and when the customer will hear from us.+}",
            ),
            // Han and Kana are compared by character, an emoji family is one.
            ("返金は三日以内です。", "返金は五日以内です。", "返金は[-三-]{+五+}日以内です。"),
            ("Hi all 👩‍👧, hi", "Hi all 👩‍👦, hi", "Hi all [-👩‍👧-]{+👩‍👦+}, hi"),
            ("as it was\r\n", "as it was\n", "as it was[-\r\n-]{+\n+}"),
            ("as it was\n", "as it was", "as it was[-\n-]"),
        ] {
            assert_eq!(mark_changes(before, after), expected);
        }
    }

    #[test]
    fn a_sentence_that_was_written_anew_leaves_the_others_of_its_line_alone() {
        let filler = "Every sentence of this paragraph stays as it is. ".repeat(9);
        assert_eq!(
            mark_changes(
                &format!("{filler}Refunds take three days. {filler}"),
                &format!("{filler}We never ask for a password! {filler}")
            ),
            format!(
                "{filler}[-Refunds take three days. -]{{+We never ask for a password! +}}{filler}"
            )
        );
    }

    #[test]
    fn sentences_are_the_text() {
        for text in ["a", "", &"Is it? \"Yes.\" (No.)  e.g. this 3.14 ".repeat(20)] {
            assert_eq!(sentences(text).concat(), *text);
        }
        let text = format!("{}{}", "一つ。二つ！".repeat(40), "One. \"Two.\" Three".repeat(20));
        let cut = sentences(&text);
        assert_eq!(&cut[..3], ["一つ。", "二つ！", "一つ。"]);
        assert_eq!(&cut[80..83], ["One. ", "\"Two.\" ", "ThreeOne. "]);
    }

    proptest! {
        #[test]
        fn the_short_way_for_ascii_leads_to_the_same_words(text in "[a-b0-1_ .,:'\"\r\n\t{}-]{0,30}") {
            prop_assert_eq!(tokens(&text), text.split_word_bounds().collect::<Vec<_>>());
        }
    }

    #[test]
    fn three_words_in_a_line_of_many_are_three_words() {
        let words: Vec<String> =
            (0..40_000).map(|at| format!("word{}", at * 7_919 % 3_001)).collect();
        let mut edited = words.clone();
        for at in [7, 20_000, 39_990] {
            edited[at] = "EDITED".to_owned();
        }
        let found = mark_changes(&words.join(" "), &edited.join(" "));
        let marks: Vec<&str> =
            found.split_inclusive('}').map(|part| part.rsplit(' ').next().unwrap()).collect();
        assert_eq!(
            marks[..3],
            ["[-word1415-]{+EDITED+}", "[-word2225-]{+EDITED+}", "[-word285-]{+EDITED+}"]
        );
    }

    #[test]
    fn equal_letters_are_compared_along_both_texts() {
        for letter in ["一", "! ", "a", "a "] {
            let same = letter.repeat(200_000);
            let (before, after) = (format!("二 {same}二"), format!("三 {same}{letter}三"));
            for refine_as in [Refine::Capped, Refine::Full] {
                let mut work = WorkBudget::new(refine_as);
                let segments = refine(&before, &after, &mut work).unwrap();
                let same = segments.iter().filter(|segment| segment.kind == SegmentKind::Same);
                let same: usize = same.map(|segment| segment.text.len()).sum();
                assert!(letter == "a" || same >= letter.len() * 199_990, "{letter}: {same}");
            }
        }
    }

    #[test]
    fn what_is_too_much_work_is_not_done() {
        let text = |word: &str| format!("{word} ").repeat(1_001);
        assert_eq!(refine(&text("a"), &text("b"), &mut WorkBudget::new(Refine::Capped)), None);
        assert!(refine(&text("a"), &text("b"), &mut WorkBudget::new(Refine::Full)).is_some());
    }
}
