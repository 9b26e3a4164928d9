//! Markdown for a comment on a pull request. What prompts say stands in code, where it is no markup,
//! mentions nobody and links to nothing.

use std::fmt::Write as _;

use promptdex_compare::comparison::Impact;
use promptdex_compare::contract::Verdict;
use promptdex_compare::messages::MessageDiff;
use promptdex_compare::settings::{Setting, VariableDiff};
use promptdex_compare::text::{SegmentKind, TextDiff};
use promptdex_compare::{Options, compare_texts};

use super::lines::{Item, Line, Sign, inline, items};
use super::{
    Difference, cases, change, count, differing, include_versions, invisible, message_title,
    rendering, served, sides, text_title, verdict, version,
};
use crate::compared::{Compared, ComparedCase, ComparedEnvironments};
use crate::ui::plural;

/// Values with more characters stand below their table.
const SHORT: usize = 100;

/// Diffs with more lines are folded.
const FOLDED: usize = 40;

/// What a budget must have room for: the title, and that the rest is left out.
const LEAST: usize = 2_000;

/// Shows what differs, all of it.
pub(super) fn show(difference: &Difference, context: usize) -> String {
    match difference {
        Difference::Versions(compared) => comparison(compared, context, usize::MAX),
        Difference::Environments(compared) => environments(compared, context),
    }
}

/// Shows one comparison in at most `budget` bytes, of which there must be 2,000. What has no room is
/// cut or left out, from the texts on; the last sentence says how much.
pub(crate) fn comparison(compared: &Compared, context: usize, budget: usize) -> String {
    let mut page = Page { text: String::new(), budget: budget.max(LEAST), left_out: 0 };
    let Compared { from, to, sentence, comparison, .. } = compared;
    let other = if from.name == to.name { String::new() } else { format!("`{}` ", to.name) };
    let title = format!("### `{}` {} → {other}{}\n", from.name, version(from), version(to));
    page.add(&Block::text(title));
    page.add(&Block::text(format!("\n{}\n", prose(sentence))));
    if comparison.identical {
        return page.text;
    }
    if let Some(labels) = invisible(comparison) {
        page.add(&Block::text(format!("\n**Invisible characters came in: {labels}.**\n")));
    }
    let [a, b] = sides(from, to);
    let forward = impact(&comparison.forward, &format!("Callers of {a} that get {b}"));
    let title = format!("Callers of {b} that get {a}, in a rollback");
    page.add(&Block::text("\n".to_owned()));
    page.add(&Block::list(forward));
    page.add(&Block::list(impact(&comparison.backward, &title)));
    let variables = comparison.variables.iter().map(variable);
    page.add(&Block::table(variables.chain(comparison.settings.iter().map(setting)).collect()));
    comparison.settings.iter().for_each(|setting| page.long(setting, context));
    for message in differing(&comparison.messages) {
        page.message(message, &message_title(message), context);
    }
    for include in &comparison.includes {
        let (versions, kind) = (include_versions(include), change(include.kind));
        let title = format!("Included {} {versions}: {kind}", include.name);
        page.add(&Block::diff(&title, &include.diff, context));
    }
    if let Some(summary) = cases(compared) {
        page.add(&Block::text(format!("\n{summary}\n")));
        compared.cases.iter().for_each(|case| page.case(case, context));
    }
    page.finish(compared)
}

fn environments(compared: &ComparedEnvironments, context: usize) -> String {
    let ComparedEnvironments { from, to, prompts, .. } = compared;
    let mut text = format!("## {from} → {to}\n\n{}\n", count(compared));
    if !prompts.is_empty() {
        write!(text, "\n| Prompt | {from} | {to} |\n| --- | --- | --- |\n").unwrap_or_default();
    }
    for prompt in prompts {
        let [old, new] = [&prompt.from, &prompt.to].map(|target| prose(&served(target.as_ref())));
        writeln!(text, "| `{}` | {old} | {new} |", prompt.name).unwrap_or_default();
    }
    for pair in prompts.iter().flat_map(|prompt| &prompt.versions) {
        text.push('\n');
        text.push_str(&comparison(pair, context, usize::MAX));
    }
    text
}

/// Lines between an opening and a closing text, which may be cut between any two of them.
struct Block {
    open: String,
    lines: Vec<String>,
    close: String,
    /// What its lines are called when they are left out.
    noun: &'static str,
}

impl Block {
    fn text(open: String) -> Self {
        Self { open, lines: Vec::new(), close: String::new(), noun: "line" }
    }

    fn list(mut lines: Vec<String>) -> Self {
        let open = if lines.is_empty() { String::new() } else { lines.remove(0) };
        Self { open, lines, close: String::new(), noun: "effect" }
    }

    fn table(lines: Vec<String>) -> Self {
        let open = if lines.is_empty() {
            String::new()
        } else {
            "\n| What | Change | Before | After |\n| --- | --- | --- | --- |\n".to_owned()
        };
        Self { open, lines, close: String::new(), noun: "row" }
    }

    /// A text, folded if it is long.
    fn diff(title: &str, diff: &TextDiff, context: usize) -> Self {
        let mut lines = Vec::new();
        add_lines(diff, context, &mut lines);
        let is_folded = lines.len() > FOLDED;
        let note = if diff.rewritten.is_empty() {
            ""
        } else {
            "This text was rewritten; it is compared by lines only.\n\n"
        };
        Self::fence(|code| words(title, code), note, lines, is_folded)
    }

    /// Everything that differs in the rendering of a case, folded.
    fn case(title: impl Fn(Code) -> String, case: &ComparedCase, context: usize) -> Self {
        let mut lines = Vec::new();
        let messages = &case.diff.messages;
        for message in differing(messages) {
            if messages.len() > 1 {
                lines.push(format!("@@ {} @@\n", message_title(message)));
            }
            for Setting { field, before, after, .. } in &message.fields {
                for (sign, value) in [("-", before), ("+", after)] {
                    let line = value.as_ref().map(|value| format!("{field}: {}", inline(value)));
                    line.iter().for_each(|line| wrap(sign, line, &mut lines));
                }
            }
            for text in &message.texts {
                let title = text_title(text, message);
                lines.extend(title.map(|title| format!("@@ {title} @@\n")));
                add_lines(&text.diff, context, &mut lines);
            }
        }
        Self::fence(title, "", lines, true)
    }

    /// Lines in a fence that nothing in them can close.
    fn fence(
        title: impl Fn(Code) -> String,
        note: &str,
        lines: Vec<String>,
        is_folded: bool,
    ) -> Self {
        let fence = "`".repeat(longest_run(&lines).max(2) + 1);
        let title = if is_folded {
            let length = plural(lines.len(), "line");
            format!("\n<details><summary>{} ({length})</summary>\n", title(html))
        } else {
            format!("\n**{}**\n", title(code))
        };
        let end = if is_folded { "\n</details>\n" } else { "" };
        Self {
            open: format!("{title}\n{note}{fence}diff\n"),
            lines,
            close: format!("{fence}\n{end}"),
            noun: "line",
        }
    }
}

/// Appends the lines of a text near its changes.
fn add_lines(diff: &TextDiff, context: usize, lines: &mut Vec<String>) {
    for item in items(diff, context) {
        match item {
            Item::Hunk(text) => lines.push(format!("{text}\n")),
            Item::Moved(text) => lines.push(format!("@@ {text} @@\n")),
            Item::Line(line) => {
                let is_marked = !line.has_marks();
                if line.sign == Sign::Changed {
                    line.split().iter().for_each(|line| add_line(line, is_marked, lines));
                } else {
                    add_line(&line, is_marked, lines);
                }
            }
        }
    }
}

/// What has been written.
struct Page {
    text: String,
    budget: usize,
    /// How many blocks were left out as a whole.
    left_out: usize,
}

/// What is kept for the last sentence.
const LAST: usize = 700;

impl Page {
    /// Writes as much of a block as there is room for.
    fn add(&mut self, block: &Block) {
        let Block { open, lines, close, noun } = block;
        let room = self.budget.saturating_sub(self.text.len() + LAST);
        let length = open.len() + close.len() + lines.iter().map(String::len).sum::<usize>();
        if length <= room {
            self.text.extend([open.as_str()].into_iter().chain(lines.iter().map(String::as_str)));
            self.text.push_str(close);
            return;
        }
        let note =
            |left: usize| format!("\n*{} left out here.*\n", plural(left, &format!("more {noun}")));
        let mut rest = room.saturating_sub(open.len() + close.len() + note(lines.len()).len());
        let fits = |line: &&String| {
            let is_fitting = line.len() <= rest;
            rest = if is_fitting { rest - line.len() } else { 0 };
            is_fitting
        };
        let fitting = lines.iter().take_while(fits).count();
        if fitting == 0 {
            self.left_out += 1;
            return;
        }
        self.text.push_str(open);
        self.text.extend(lines[..fitting].iter().map(String::as_str));
        // A fold ends after the note, a fence before it.
        let (fence, fold) = close.split_at(close.find('\n').map_or(0, |at| at + 1));
        self.text.extend([fence, &note(lines.len() - fitting), fold]);
    }

    /// Shows the values of a setting that are too long for the table.
    fn long(&mut self, setting: &Setting, context: usize) {
        if is_long(setting) {
            let [before, after] =
                [&setting.before, &setting.after].map(|value| value.as_deref().unwrap_or_default());
            let diff = compare_texts(before, after, &Options::default());
            let title = format!("{}: {}", setting.field, change(setting.kind));
            self.add(&Block::diff(&title, &diff, context));
        }
    }

    fn message(&mut self, message: &MessageDiff, title: &str, context: usize) {
        let fields: Vec<String> = message.fields.iter().map(setting).collect();
        if !fields.is_empty() || message.texts.is_empty() {
            self.add(&Block::text(format!("\n{}\n", strong(title))));
            self.add(&Block::table(fields));
            message.fields.iter().for_each(|field| self.long(field, context));
        }
        for text in &message.texts {
            let title = match text_title(text, message) {
                Some(text) => format!("{title}, {text}"),
                None => title.to_owned(),
            };
            self.add(&Block::diff(&title, &text.diff, context));
        }
    }

    fn case(&mut self, case: &ComparedCase, context: usize) {
        if case.is_same() {
            return;
        }
        let name = inline(&case.diff.name);
        let of = case.of.as_ref().map_or_else(String::new, |of| format!(" of {of}"));
        let kind = rendering(case.diff.kind);
        let title = |code: Code| format!("Case {}{of}: {kind}", code(&name));
        if case.diff.messages.is_empty() {
            let problem = case.diff.problem.as_ref();
            let problem = problem.map_or_else(String::new, |why| format!(": {}", prose(why)));
            self.add(&Block::text(format!("\n{}{problem}\n", title(code))));
        } else {
            self.add(&Block::case(title, case, context));
        }
    }

    /// Says what is left out.
    fn finish(mut self, compared: &Compared) -> String {
        if self.left_out > 0 {
            let parts = plural(self.left_out, "part");
            let [from, to] = [&compared.from, &compared.to]
                .map(|side| format!("{}@{}", side.name, side.version));
            write!(
                self.text,
                "\n*There is no room for {parts} of this comparison. All of it:* `promptdex diff {from} {to}`\n"
            )
            .unwrap_or_default();
        }
        self.text
    }
}

fn impact(impact: &Impact, title: &str) -> Vec<String> {
    let word = |word: Verdict| match word {
        Verdict::Breaking => "**breaking**",
        Verdict::Compatible | Verdict::Additive => verdict(word),
    };
    let title = format!("- {title}: {}\n", word(impact.verdict));
    let effects = impact.effects.iter();
    let effects =
        effects.map(|effect| format!("  - {}: {}\n", word(effect.verdict), prose(&effect.message)));
    std::iter::once(title).chain(effects).collect()
}

fn variable(variable: &VariableDiff) -> String {
    let side = |value: fn(&Setting) -> Option<&String>| -> String {
        let attributes = variable.attributes.iter().filter_map(|attribute| {
            Some(format!("{} {}", code(&attribute.field), code(&cut(&inline(value(attribute)?)))))
        });
        attributes.collect::<Vec<_>>().join("<br>")
    };
    let before = side(|setting| setting.before.as_ref());
    let after = side(|setting| setting.after.as_ref());
    let name = code(&inline(&variable.name));
    format!("| variable {name} | {} | {before} | {after} |\n", change(variable.kind))
}

fn setting(setting: &Setting) -> String {
    let value = |value: &Option<String>| match value {
        None => String::new(),
        Some(_) if is_long(setting) => "*below*".to_owned(),
        Some(value) => code(&inline(value)),
    };
    let (before, after) = (value(&setting.before), value(&setting.after));
    let field = code(&inline(&setting.field));
    format!("| {field} | {} | {before} | {after} |\n", change(setting.kind))
}

fn is_long(setting: &Setting) -> bool {
    let values = [&setting.before, &setting.after].into_iter().flatten();
    values.into_iter().any(|value| value.contains('\n') || value.chars().count() > SHORT)
}

/// Shortens the values of variables, of which there is nothing below the table.
fn cut(text: &str) -> String {
    match text.char_indices().nth(2 * SHORT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

/// A comment does not wrap what is in a fence: as many characters read well in one line.
const WIDTH: usize = 100;

fn add_line(line: &Line, is_marked: bool, lines: &mut Vec<String>) {
    let is_mixed = line.pieces.iter().any(|piece| piece.kind != SegmentKind::Same);
    let pieces = line.pieces.iter();
    let pieces =
        pieces.map(|piece| if is_marked && is_mixed { piece.marked() } else { piece.text.clone() });
    let mut text: String = pieces.collect();
    if let Some(ending) = &line.ending {
        write!(text, " ({ending})").unwrap_or_default();
    }
    wrap(line.sign.text(), &text, lines);
}

/// Writes a line behind its sign, which is repeated where the line goes on.
fn wrap(sign: &str, text: &str, lines: &mut Vec<String>) {
    let mut rest = text;
    let mut indent = " ";
    loop {
        let end = rest.char_indices().nth(WIDTH).map_or(rest.len(), |(at, _)| {
            let gap = rest[..at].rfind(' ').map(|gap| gap + 1);
            gap.filter(|gap| !rest[..*gap].trim().is_empty()).unwrap_or(at)
        });
        let row = format!("{sign}{indent}{}", &rest[..end]);
        lines.push(format!("{}\n", row.trim_end()));
        (rest, indent) = (&rest[end..], "   ");
        if rest.is_empty() {
            return;
        }
    }
}

fn longest_run(lines: &[String]) -> usize {
    let runs = lines.iter().flat_map(|line| line.split(|character| character != '`'));
    runs.map(str::len).max().unwrap_or(0)
}

/// Writes a sentence of ours with words of somebody in it: what is not merely a word or a number becomes
/// code.
fn prose(text: &str) -> String {
    words(text, code)
}

/// Writes text as code.
type Code = fn(&str) -> String;

/// Writes words as they are, and as `code` what is more than a word.
fn words(text: &str, code: Code) -> String {
    let mut written = String::new();
    for (position, part) in inline(text).split('`').enumerate() {
        // Every second part was in backticks.
        if position % 2 == 1 {
            written.push_str(&code(part));
            continue;
        }
        for (position, word) in part.split(' ').enumerate() {
            if position > 0 {
                written.push(' ');
            }
            let bare = word.trim_start_matches('(').trim_end_matches([',', ';', ':', ')', '.']);
            let Some(at) = word.find(bare).filter(|_| !is_plain(bare)) else {
                written.push_str(word);
                continue;
            };
            written.push_str(&word[..at]);
            written.push_str(&code(bare));
            written.push_str(&word[at + bare.len()..]);
        }
    }
    written
}

/// Whether a word is nothing but a word: no markup, no address, no mention, no issue, no commit.
fn is_plain(word: &str) -> bool {
    let is_number = !word.is_empty()
        && word.split('.').all(|part| {
            (1..7).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_word = word.chars().all(char::is_alphabetic) && !is_commit;
    is_number || is_word || matches!(word, "→" | "%")
}

/// Writes text as code, also in a table and in HTML.
fn code(text: &str) -> String {
    let is_simple = |c: char| !matches!(c, '`' | '|' | '\\' | '<' | '>' | '&' | '\n');
    let is_trimmed = text.trim().len() == text.len() && !text.is_empty();
    if is_trimmed && text.chars().all(is_simple) {
        return format!("`{text}`");
    }
    html(text)
}

/// Writes text as code in HTML: punctuation as entities, which are never markup.
fn html(text: &str) -> String {
    let mut written = String::from("<code>");
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            write!(written, "&#{};", u32::from(character)).unwrap_or_default();
        } else {
            written.push(character);
        }
    }
    written + "</code>"
}

/// Writes a title of ours, which may have words of somebody in it.
fn strong(title: &str) -> String {
    format!("**{}**", prose(title))
}
