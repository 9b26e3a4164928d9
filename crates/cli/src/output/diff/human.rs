//! Differences for a terminal or a log. Signs and marks convey everything that colors do.

use std::fmt::Write as _;

use promptdex_compare::comparison::Impact;
use promptdex_compare::messages::MessageDiff;
use promptdex_compare::settings::{ChangeKind, Setting, VariableDiff};
use promptdex_compare::text::{SegmentKind, TextDiff};
use promptdex_compare::{Options, compare_texts};
use promptdex_ops::review::comparison::{CaseComparison, VersionComparison};
use promptdex_ops::review::environment_comparison::{EnvironmentComparison, PromptComparison};
use unicode_width::UnicodeWidthChar as _;

use super::lines::{DiffItem, DiffLine, DiffPiece, LineSign, format_inline, items};
use super::words::{
    Difference, cases, change, count, describe_distance, describe_masked_values, describe_target,
    directions, include_versions, list_differing_messages, list_invisible, message_title,
    rendering, text_title, verdict, version,
};
use crate::style::{BOLD, RESET};

/// Longer values, in characters, are shown as a diff of lines.
const SHORT: usize = 100;

/// Formats differences in lines of at most `width` columns.
pub(super) fn show(difference: &Difference, context: usize, width: usize) -> String {
    let mut page = TextPage { text: String::new(), context, width };
    match difference {
        Difference::Versions(compared) => page.versions(compared),
        Difference::Environments(compared) => page.environments(compared),
    }
    page.text
}

/// The style of text. Its meaning never depends on the style alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextStyle {
    Plain,
    Title,
    Alarm,
    Aside,
    Removed,
    Added,
}

impl TextStyle {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => BOLD,
            Self::Alarm => "\u{1b}[1;31m",
            Self::Aside => "\u{1b}[36m",
            Self::Removed => "\u{1b}[31m",
            Self::Added => "\u{1b}[32m",
        }
    }

    fn of(sign: LineSign) -> Self {
        match sign {
            LineSign::Same | LineSign::Changed => Self::Plain,
            LineSign::Removed => Self::Removed,
            LineSign::Added => Self::Added,
        }
    }
}

/// The output so far.
struct TextPage {
    text: String,
    context: usize,
    width: usize,
}

impl TextPage {
    fn environments(&mut self, compared: &EnvironmentComparison) {
        let EnvironmentComparison { from, to, prompts, .. } = compared;
        self.line("", TextStyle::Title, &format!("{from} → {to}"));
        self.line("", TextStyle::Plain, &count(compared));
        if !prompts.is_empty() {
            self.blank();
        }
        for prompt in prompts {
            let PromptComparison { name, from, to, .. } = prompt;
            let (sign, text) = match (from, to) {
                (Some(from), None) => (LineSign::Removed, describe_target(Some(from))),
                (None, to) => (LineSign::Added, describe_target(to.as_ref())),
                (from, to) => (
                    LineSign::Changed,
                    format!(
                        "{} → {}",
                        describe_target(from.as_ref()),
                        describe_target(to.as_ref())
                    ),
                ),
            };
            let distance = prompt.distance.as_ref().map(describe_distance).unwrap_or_default();
            let text = format!("{name} {}{distance}", format_inline(&text));
            self.line(&format!("{} ", sign.text()), TextStyle::of(sign), &text);
        }
        for pair in prompts.iter().flat_map(|prompt| &prompt.versions) {
            self.blank();
            self.versions(pair);
        }
    }

    fn versions(&mut self, compared: &VersionComparison) {
        let VersionComparison { from, to, sentence, comparison, .. } = compared;
        let other = if from.name == to.name { String::new() } else { format!("{} ", to.name) };
        let title = format!("{} {} → {other}{}", from.name, version(from), version(to));
        self.line("", TextStyle::Title, &title);
        self.line("", TextStyle::Plain, &format_inline(sentence));
        if comparison.identical {
            return;
        }
        if let Some(labels) = list_invisible(comparison) {
            self.line("", TextStyle::Alarm, &format!("Invisible characters added: {labels}."));
        }
        let [there, back] = directions(from, to);
        self.title("Compatibility");
        self.impact(&comparison.forward, &format!("{there}: "));
        self.impact(&comparison.backward, &format!("{back}: "));
        if !comparison.variables.is_empty() {
            self.title("Variables");
            comparison.variables.iter().for_each(|variable| self.variable(variable));
        }
        if !comparison.settings.is_empty() {
            self.title("Settings");
            comparison.settings.iter().for_each(|setting| self.setting(setting));
        }
        for message in list_differing_messages(&comparison.messages) {
            self.title(&message_title(message));
            self.message(message);
        }
        for include in &comparison.includes {
            let (versions, kind) = (include_versions(include), change(include.kind));
            self.title(&format!("Included {} {versions}: {kind}", include.name));
            self.diff(&include.diff);
        }
        if let Some(summary) = cases(compared) {
            self.title("Test cases");
            self.line("", TextStyle::Plain, &summary);
            let differing = compared.cases.iter().filter(|case| !case.is_same());
            differing.for_each(|case| self.case(case));
        }
    }

    fn impact(&mut self, impact: &Impact, title: &str) {
        self.line("  ", TextStyle::Plain, &format!("{title}{}", verdict(impact.verdict)));
        for effect in &impact.effects {
            let text = format!("{}: {}", verdict(effect.verdict), format_inline(&effect.message));
            self.line("    ", TextStyle::Plain, &text);
        }
    }

    fn variable(&mut self, variable: &VariableDiff) {
        let sign = sign(variable.kind);
        let attributes = variable.attributes.iter().map(|attribute| {
            let value = |value: &Option<String>| value.as_deref().map(format_inline);
            let Setting { field, before, after, .. } = attribute;
            match (variable.kind, value(before), value(after)) {
                (ChangeKind::Changed, Some(before), Some(after)) => {
                    format!("{field} {before} → {after}")
                }
                (ChangeKind::Changed, before, after) => {
                    let value = after.or(before).unwrap_or_default();
                    format!("{field} {value} {}", change(attribute.kind))
                }
                (ChangeKind::Added | ChangeKind::Removed, before, after) => {
                    format!("{field} {}", after.or(before).unwrap_or_default())
                }
            }
        });
        let attributes: Vec<String> = attributes.collect();
        let text = format!("{}: {}", format_inline(&variable.name), attributes.join(", "));
        self.line(&format!("{} ", sign.text()), TextStyle::of(sign), &text);
    }

    fn setting(&mut self, setting: &Setting) {
        let sign = sign(setting.kind);
        let prefix = format!("{} ", sign.text());
        let field = format_inline(&setting.field);
        let values = [&setting.before, &setting.after];
        let is_short = |value: &String| !value.contains('\n') && value.chars().count() <= SHORT;
        if values.into_iter().flatten().all(is_short) {
            let values: Vec<String> =
                values.into_iter().flatten().map(|v| format_inline(v)).collect();
            self.line(&prefix, TextStyle::of(sign), &format!("{field}: {}", values.join(" → ")));
            return;
        }
        self.line(&prefix, TextStyle::of(sign), &format!("{field}:"));
        let [before, after] = values.map(|value| value.as_deref().unwrap_or_default());
        self.diff_below("    ", &compare_texts(before, after, &Options::default()));
    }

    fn message(&mut self, message: &MessageDiff) {
        message.fields.iter().for_each(|field| self.setting(field));
        for text in &message.texts {
            if let Some(title) = text_title(text, message) {
                self.line("", TextStyle::Aside, &format_inline(&title));
            }
            self.diff(&text.diff);
        }
    }

    fn case(&mut self, case: &CaseComparison) {
        let mut title = format!("Test case {}", format_inline(&case.diff.name));
        if let Some(version) = &case.of {
            write!(title, " (of {version})").unwrap_or_default();
        }
        write!(title, ": {}", rendering(case.diff.kind)).unwrap_or_default();
        if let Some(problem) = &case.diff.problem {
            write!(title, ": {}", format_inline(problem)).unwrap_or_default();
        }
        self.title(&title);
        let messages: Vec<&MessageDiff> = list_differing_messages(&case.diff.messages).collect();
        if let Some(note) = describe_masked_values(&case.diff, "***", format_inline) {
            self.line("", TextStyle::Aside, &note);
        }
        for message in messages {
            if case.diff.messages.len() > 1 {
                self.line("", TextStyle::Aside, &message_title(message));
            }
            self.message(message);
        }
    }

    fn diff(&mut self, diff: &TextDiff) {
        if !diff.rewritten.is_empty() {
            let text = "Mostly rewritten, so compared by line.";
            self.line("", TextStyle::Aside, text);
        }
        self.diff_below("", diff);
    }

    fn diff_below(&mut self, indent: &str, diff: &TextDiff) {
        for item in items(diff, self.context) {
            match item {
                DiffItem::Hunk(text) | DiffItem::Note(text) => {
                    self.line(indent, TextStyle::Aside, &text);
                }
                // The text itself contains marks, so marking words would be ambiguous.
                DiffItem::Line(line) if line.sign == LineSign::Changed && line.has_marks() => {
                    line.split().iter().for_each(|line| self.row(indent, line, false));
                }
                DiffItem::Line(line) => {
                    let is_marked = line.sign == LineSign::Changed || !line.has_marks();
                    self.row(indent, &line, is_marked);
                }
            }
        }
    }

    /// Writes a line of a text after its sign. Continuation lines repeat the sign.
    fn row(&mut self, indent: &str, line: &DiffLine, is_marked: bool) {
        let is_mixed = line.pieces.iter().any(|piece| piece.kind != SegmentKind::Same);
        let style = if is_mixed { TextStyle::Plain } else { TextStyle::of(line.sign) };
        let piece = |piece: &DiffPiece| {
            let text = if is_marked { piece.text_with_marks() } else { piece.text.clone() };
            match piece.kind {
                SegmentKind::Same => (style, text),
                SegmentKind::Removed => (TextStyle::Removed, text),
                SegmentKind::Added => (TextStyle::Added, text),
            }
        };
        let mut pieces: Vec<(TextStyle, String)> = line.pieces.iter().map(piece).collect();
        if let Some(ending) = &line.ending {
            pieces.push((TextStyle::Aside, format!(" ({ending})")));
        }
        let prefix = format!("{indent}{} ", line.sign.text());
        self.write_wrapped(&prefix, &format!("{prefix}  "), TextStyle::of(line.sign), &pieces);
    }

    fn title(&mut self, text: &str) {
        self.blank();
        self.line("", TextStyle::Title, text);
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Writes a line that is not prompt text.
    fn line(&mut self, prefix: &str, style: TextStyle, text: &str) {
        // Continuation lines of sentences are not indented further.
        let indent = if prefix.is_empty() { "" } else { "  " };
        let next = prefix.replace(['-', '+', '~'], " ") + indent;
        self.write_wrapped(prefix, &next, style, &[(style, text.to_owned())]);
    }

    /// Writes pieces of text, wrapped into lines. The first line starts with `first`, all others
    /// with `next`.
    fn write_wrapped(
        &mut self,
        first: &str,
        next: &str,
        style: TextStyle,
        pieces: &[(TextStyle, String)],
    ) {
        let characters: Vec<(char, TextStyle)> = pieces
            .iter()
            .flat_map(|(style, text)| text.chars().map(move |character| (character, *style)))
            .collect();
        let mut rest = characters.as_slice();
        let mut prefix = first;
        loop {
            let room = self.width.saturating_sub(prefix.chars().count()).max(NARROWEST);
            let (row, others) = rest.split_at(count_fitting(rest, room));
            let row = if others.is_empty() { row } else { without_gap(row) };
            self.write(prefix, style, row);
            rest = others;
            prefix = next;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Writes one row. Its colors end with the row, so that it can be copied alone.
    fn write(&mut self, prefix: &str, style: TextStyle, row: &[(char, TextStyle)]) {
        let mut current = TextStyle::Plain;
        let prefix = if row.is_empty() { prefix.trim_end() } else { prefix };
        let sign = prefix.chars().map(|character| (character, style));
        for (character, style) in sign.chain(row.iter().copied()) {
            if style != current {
                if current != TextStyle::Plain {
                    self.text.push_str(RESET);
                }
                self.text.push_str(style.code());
                current = style;
            }
            self.text.push(character);
        }
        if current != TextStyle::Plain {
            self.text.push_str(RESET);
        }
        self.text.push('\n');
    }
}

/// The minimum number of columns for text, however deep a line is indented.
const NARROWEST: usize = 20;

/// Returns the number of characters that fit into a row. The row ends at the last gap between
/// words, if there is one.
fn count_fitting(characters: &[(char, TextStyle)], room: usize) -> usize {
    let (mut width, mut gap) = (0, None);
    for (at, (character, _)) in characters.iter().enumerate() {
        let own = character.width().unwrap_or(0);
        if width + own > room {
            // A space at the end of a row is not written.
            let is_gap = *character == ' ' && at + 1 < characters.len();
            let end = if is_gap { Some(at + 1) } else { gap };
            return end.unwrap_or(at).max(1);
        }
        width += own;
        // Scripts with wide characters have no gaps between words.
        if *character == ' ' || own == 2 {
            gap = Some(at + 1);
        }
    }
    characters.len()
}

/// Drops the space at the end of a row.
fn without_gap(row: &[(char, TextStyle)]) -> &[(char, TextStyle)] {
    match row {
        [row @ .., (' ', _)] => row,
        row => row,
    }
}

fn sign(change: ChangeKind) -> LineSign {
    match change {
        ChangeKind::Added => LineSign::Added,
        ChangeKind::Removed => LineSign::Removed,
        ChangeKind::Changed => LineSign::Changed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::compare_fields;
    use super::*;

    /// Returns a page without its colors, and whether the colors were its only control characters.
    fn without_colours(page: &str) -> (String, bool) {
        let mut text = String::new();
        for (position, part) in page.split("\u{1b}[").enumerate() {
            let rest =
                if position == 0 { Some(part) } else { part.split_once('m').map(|(_, rest)| rest) };
            text.push_str(rest.unwrap_or("\u{1b}"));
        }
        let is_safe = !text.chars().any(|c| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
        });
        (text, is_safe)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn lines_fit_and_no_text_can_move_the_cursor(
            a in "(\\PC|[a-z \t\r\n\u{1b}\u{9b}\u{200b}\u{202e}\u{2066}\u{e0041}]){0,120}",
            b in "(\\PC|[a-z \t\r\n\u{1b}\u{9b}\u{200b}\u{202e}\u{2066}\u{e0041}]){0,120}",
            width in 40_usize..100,
        ) {
            let fields = |text: &str| json!({
                "description": text, "model": text, "tags": [text], "parameters": {text: text},
                "messages": [{"role": "user", "name": text, "content": text}],
            });
            let compared = compare_fields(&fields(&a), &fields(&b), &b);
            let page = show(&Difference::Versions(Box::new(compared)), 3, width);
            let (text, is_safe) = without_colours(&page);
            prop_assert!(is_safe, "{page:?}");
            for line in text.lines() {
                let columns: usize = line.chars().map(|c| c.width().unwrap_or(0)).sum();
                prop_assert!(columns <= width, "{columns} columns: {line}");
            }
        }
    }
}
