//! Differences as Markdown for a comment on a pull request. Prompt text is always written as code,
//! where it cannot be markup, mention people or create links.

use std::fmt::Write as _;

use promptdex_compare::comparison::Impact;
use promptdex_compare::contract::Compatibility;
use promptdex_compare::messages::MessageDiff;
use promptdex_compare::settings::{Setting, VariableDiff};
use promptdex_compare::text::{SegmentKind, TextDiff};
use promptdex_compare::{Options, compare_texts};
use promptdex_ops::review::comparison::{CaseComparison, VersionComparison};
use promptdex_ops::review::environment_comparison::EnvironmentComparison;
use promptdex_ops::text::plural;

use super::lines::{DiffItem, DiffLine, LineSign, format_inline, items};
use super::words::{
    Difference, cases, change, count, describe_masked_values, describe_target, directions,
    include_versions, list_differing_messages, list_invisible, message_title, rendering,
    text_title, verdict, version,
};

/// Longer values, in characters, are shown below their table.
const SHORT: usize = 100;

/// Diffs with more lines are folded.
const FOLDED: usize = 40;

/// The smallest budget of a comparison: room for the title and for a note about omissions.
pub(in crate::output) const LEAST: usize = 2_000;

/// Formats all differences.
pub(super) fn show(difference: &Difference, context: usize) -> String {
    match difference {
        Difference::Versions(compared) => comparison(compared, context, usize::MAX),
        Difference::Environments(compared) => environments(compared, context),
    }
}

/// Formats one comparison in at most `budget` bytes, but at least 2,000. Parts without room are cut
/// or omitted, starting with the texts. The last sentence has the number of omissions.
pub(crate) fn comparison(compared: &VersionComparison, context: usize, budget: usize) -> String {
    let mut page = MarkdownPage { text: String::new(), budget: budget.max(LEAST), left_out: 0 };
    let VersionComparison { from, to, sentence, comparison, .. } = compared;
    let other = if from.name == to.name { String::new() } else { format!("`{}` ", to.name) };
    let title = format!("### `{}` {} → {other}{}\n", from.name, version(from), version(to));
    page.add(&MarkdownBlock::text(title));
    page.add(&MarkdownBlock::text(format!("\n{}\n", prose(sentence))));
    if comparison.identical {
        return page.text;
    }
    if let Some(labels) = list_invisible(comparison) {
        page.add(&MarkdownBlock::text(format!("\n**Invisible characters added: {labels}.**\n")));
    }
    let [there, back] = directions(from, to);
    page.add(&MarkdownBlock::text("\n".to_owned()));
    page.add(&MarkdownBlock::list(impact(&comparison.forward, &there)));
    page.add(&MarkdownBlock::list(impact(&comparison.backward, &back)));
    let variables = comparison.variables.iter().map(variable);
    page.add(&MarkdownBlock::table(
        variables.chain(comparison.settings.iter().map(setting)).collect(),
    ));
    comparison.settings.iter().for_each(|setting| page.long_values(setting, context));
    for message in list_differing_messages(&comparison.messages) {
        page.message(message, &message_title(message), context);
    }
    for include in &comparison.includes {
        let (versions, kind) = (include_versions(include), change(include.kind));
        let title = format!("Included {} {versions}: {kind}", include.name);
        page.add(&MarkdownBlock::diff(&title, &include.diff, context));
    }
    if let Some(summary) = cases(compared) {
        page.add(&MarkdownBlock::text(format!("\n{summary}\n")));
        compared.cases.iter().for_each(|case| page.case(case, context));
    }
    page.finish(compared)
}

fn environments(compared: &EnvironmentComparison, context: usize) -> String {
    let EnvironmentComparison { from, to, prompts, .. } = compared;
    let mut text = format!("## {from} → {to}\n\n{}\n", count(compared));
    if !prompts.is_empty() {
        write!(text, "\n| Prompt | {from} | {to} |\n| --- | --- | --- |\n").unwrap_or_default();
    }
    for prompt in prompts {
        let [old, new] =
            [&prompt.from, &prompt.to].map(|target| prose(&describe_target(target.as_ref())));
        writeln!(text, "| `{}` | {old} | {new} |", prompt.name).unwrap_or_default();
    }
    for pair in prompts.iter().flat_map(|prompt| &prompt.versions) {
        text.push('\n');
        text.push_str(&comparison(pair, context, usize::MAX));
    }
    text
}

/// Lines between an opening and a closing text. The block can be cut between any two of them.
struct MarkdownBlock {
    open: String,
    lines: Vec<String>,
    close: String,
    /// The noun for its lines in a note about omissions.
    noun: &'static str,
}

impl MarkdownBlock {
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
            "\n| Field | Change | Before | After |\n| --- | --- | --- | --- |\n".to_owned()
        };
        Self { open, lines, close: String::new(), noun: "row" }
    }

    /// Creates a block with the diff of a text. A long diff is folded.
    fn diff(title: &str, diff: &TextDiff, context: usize) -> Self {
        let mut lines = Vec::new();
        add_lines(diff, context, &mut lines);
        let is_folded = lines.len() > FOLDED;
        let note = if diff.rewritten.is_empty() {
            ""
        } else {
            "Mostly rewritten, so compared by line.\n\n"
        };
        Self::fence(|code| words(title, code), note, lines, is_folded)
    }

    /// Creates a folded block with all differences in the rendering of a test case.
    fn case(title: impl Fn(Code) -> String, case: &CaseComparison, context: usize) -> Self {
        let mut lines = Vec::new();
        let messages = &case.diff.messages;
        for message in list_differing_messages(messages) {
            if messages.len() > 1 {
                lines.push(format!("@@ {} @@\n", message_title(message)));
            }
            for Setting { field, before, after, .. } in &message.fields {
                for (sign, value) in [("-", before), ("+", after)] {
                    let line =
                        value.as_ref().map(|value| format!("{field}: {}", format_inline(value)));
                    line.iter().for_each(|line| wrap(sign, line, &mut lines));
                }
            }
            for text in &message.texts {
                let title = text_title(text, message);
                lines.extend(title.map(|title| format!("@@ {title} @@\n")));
                add_lines(&text.diff, context, &mut lines);
            }
        }
        let note =
            describe_masked_values(&case.diff, "`***`", prose).map(|note| format!("{note}\n\n"));
        Self::fence(title, &note.unwrap_or_default(), lines, true)
    }

    /// Creates a block with lines in a fence. The lines cannot close the fence.
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

/// Appends the lines of a diff near its changes.
fn add_lines(diff: &TextDiff, context: usize, lines: &mut Vec<String>) {
    for item in items(diff, context) {
        match item {
            DiffItem::Hunk(text) => lines.push(format!("{text}\n")),
            DiffItem::Note(text) => lines.push(format!("@@ {text} @@\n")),
            DiffItem::Line(line) => {
                let is_marked = !line.has_marks();
                if line.sign == LineSign::Changed {
                    line.split().iter().for_each(|line| add_line(line, is_marked, lines));
                } else {
                    add_line(&line, is_marked, lines);
                }
            }
        }
    }
}

/// The output so far.
struct MarkdownPage {
    text: String,
    budget: usize,
    /// The number of blocks that were omitted as a whole.
    left_out: usize,
}

/// The bytes reserved for the last sentence.
const LAST: usize = 700;

impl MarkdownPage {
    /// Writes as much of a block as fits.
    fn add(&mut self, block: &MarkdownBlock) {
        let MarkdownBlock { open, lines, close, noun } = block;
        let room = self.budget.saturating_sub(self.text.len() + LAST);
        let length = open.len() + close.len() + lines.iter().map(String::len).sum::<usize>();
        if length <= room {
            self.text.extend([open.as_str()].into_iter().chain(lines.iter().map(String::as_str)));
            self.text.push_str(close);
            return;
        }
        let note =
            |left: usize| format!("\n*{} not shown.*\n", plural(left, &format!("more {noun}")));
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

    /// Writes the values of a setting that are too long for the table.
    fn long_values(&mut self, setting: &Setting, context: usize) {
        if is_long(setting) {
            let [before, after] =
                [&setting.before, &setting.after].map(|value| value.as_deref().unwrap_or_default());
            let diff = compare_texts(before, after, &Options::default());
            let title = format!("{}: {}", setting.field, change(setting.kind));
            self.add(&MarkdownBlock::diff(&title, &diff, context));
        }
    }

    fn message(&mut self, message: &MessageDiff, title: &str, context: usize) {
        let fields: Vec<String> = message.fields.iter().map(setting).collect();
        if !fields.is_empty() || message.texts.is_empty() {
            self.add(&MarkdownBlock::text(format!("\n{}\n", strong(title))));
            self.add(&MarkdownBlock::table(fields));
            message.fields.iter().for_each(|field| self.long_values(field, context));
        }
        for text in &message.texts {
            let title = match text_title(text, message) {
                Some(text) => format!("{title}, {text}"),
                None => title.to_owned(),
            };
            self.add(&MarkdownBlock::diff(&title, &text.diff, context));
        }
    }

    fn case(&mut self, case: &CaseComparison, context: usize) {
        if case.is_same() {
            return;
        }
        let name = format_inline(&case.diff.name);
        let of = case.of.as_ref().map_or_else(String::new, |of| format!(" of {of}"));
        let kind = rendering(case.diff.kind);
        let title = |code: Code| format!("Test case {}{of}: {kind}", code(&name));
        if case.diff.messages.is_empty() {
            let problem = case.diff.problem.as_ref();
            let problem = problem.map_or_else(String::new, |why| format!(": {}", prose(why)));
            let note =
                describe_masked_values(&case.diff, "`***`", prose).map(|note| format!(". {note}"));
            let note = note.unwrap_or_default();
            self.add(&MarkdownBlock::text(format!("\n{}{problem}{note}\n", title(code))));
        } else {
            self.add(&MarkdownBlock::case(title, case, context));
        }
    }

    /// Writes the note about omissions.
    fn finish(mut self, compared: &VersionComparison) -> String {
        if self.left_out > 0 {
            let parts = plural(self.left_out, "part");
            let [from, to] = [&compared.from, &compared.to]
                .map(|side| format!("{}@{}", side.name, side.version));
            write!(
                self.text,
                "\n*{parts} of this comparison not shown. Full comparison:* `promptdex diff {from} {to}`\n"
            )
            .unwrap_or_default();
        }
        self.text
    }
}

fn impact(impact: &Impact, title: &str) -> Vec<String> {
    let word = |word: Compatibility| match word {
        Compatibility::Breaking => "**breaking**",
        Compatibility::Compatible | Compatibility::Additive => verdict(word),
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
            Some(format!(
                "{} {}",
                code(&attribute.field),
                code(&shorten_value(&format_inline(value(attribute)?)))
            ))
        });
        attributes.collect::<Vec<_>>().join("<br>")
    };
    let before = side(|setting| setting.before.as_ref());
    let after = side(|setting| setting.after.as_ref());
    let name = code(&format_inline(&variable.name));
    format!("| variable {name} | {} | {before} | {after} |\n", change(variable.kind))
}

fn setting(setting: &Setting) -> String {
    let value = |value: &Option<String>| match value {
        None => String::new(),
        Some(_) if is_long(setting) => "*below*".to_owned(),
        Some(value) => code(&format_inline(value)),
    };
    let (before, after) = (value(&setting.before), value(&setting.after));
    let field = code(&format_inline(&setting.field));
    format!("| {field} | {} | {before} | {after} |\n", change(setting.kind))
}

fn is_long(setting: &Setting) -> bool {
    let values = [&setting.before, &setting.after].into_iter().flatten();
    values.into_iter().any(|value| value.contains('\n') || value.chars().count() > SHORT)
}

/// Shortens the values of variables, which are not repeated below the table.
fn shorten_value(text: &str) -> String {
    match text.char_indices().nth(2 * SHORT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

/// The width of a line in a fence, which comments do not wrap.
const WIDTH: usize = 100;

fn add_line(line: &DiffLine, is_marked: bool, lines: &mut Vec<String>) {
    let is_mixed = line.pieces.iter().any(|piece| piece.kind != SegmentKind::Same);
    let pieces = line.pieces.iter();
    let pieces = pieces.map(|piece| {
        if is_marked && is_mixed { piece.text_with_marks() } else { piece.text.clone() }
    });
    let mut text: String = pieces.collect();
    if let Some(ending) = &line.ending {
        write!(text, " ({ending})").unwrap_or_default();
    }
    wrap(line.sign.text(), &text, lines);
}

/// Writes a line after its sign. Continuation lines repeat the sign.
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

/// Formats a sentence of promptdex that contains text from users. Everything that is not a plain
/// word or a number becomes code.
pub(in crate::output) fn prose(text: &str) -> String {
    words(text, code)
}

/// A function that formats text as code.
type Code = fn(&str) -> String;

/// Writes plain words as they are, and everything else with `code`.
fn words(text: &str, code: Code) -> String {
    let text = format_inline(text);
    let is_quoted = is_well_quoted(&text);
    let parts = if is_quoted { text.split('`').collect() } else { vec![text.as_str()] };
    let mut written = String::new();
    for (position, part) in parts.into_iter().enumerate() {
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

/// Whether backticks enclose whole words, as in sentences of promptdex. Backticks in text from
/// users may be anywhere.
fn is_well_quoted(text: &str) -> bool {
    let parts: Vec<&str> = text.split('`').collect();
    let is_apart = |(position, part): (usize, &&str)| {
        let (is_first, is_last) = (position == 0, position + 1 == parts.len());
        let begins = is_first || part.starts_with([' ', ',', ';', ':', '.', ')']);
        let ends = is_last || part.ends_with([' ', '(']);
        position % 2 == 1
            || (begins || part.is_empty() && is_last) && (ends || part.is_empty() && is_first)
    };
    parts.len() % 2 == 1 && parts.iter().enumerate().all(is_apart)
}

/// Whether a word is plain: not markup, a URL, a mention, an issue or a commit.
fn is_plain(word: &str) -> bool {
    let is_number = !word.is_empty()
        && word.split('.').all(|part| {
            (1..7).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_word = word.chars().all(char::is_alphabetic) && !is_commit;
    is_number || is_word || matches!(word, "→" | "%")
}

/// Formats text as code that also works in tables and in HTML.
pub(in crate::output) fn code(text: &str) -> String {
    let is_simple = |c: char| !matches!(c, '`' | '|' | '\\' | '<' | '>' | '&' | '\n');
    let is_trimmed = text.trim().len() == text.len() && !text.is_empty();
    if is_trimmed && text.chars().all(is_simple) {
        return format!("`{text}`");
    }
    html(text)
}

/// Formats text as code in HTML. Punctuation becomes entities, which are never markup.
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

/// Formats a title of promptdex that may contain text from users.
fn strong(title: &str) -> String {
    format!("**{}**", prose(title))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::tests::compare_fields;
    use super::*;

    fn fields(text: &str) -> Value {
        json!({
            "description": text, "model": text, "tags": [text], "parameters": {text: text},
            "variables": [{"name": "a", "type": "string", "required": true, "description": text}],
            "response_schema": {"type": "object", "properties": {text: {"type": "string"}}, "required": [text]},
            "messages": [{"role": "user", "name": text, "content": text}],
        })
    }

    /// Removes fences and code, and returns the rest, which is interpreted as markup.
    fn markup(page: &str) -> String {
        let mut rest = String::new();
        let mut fence: Option<&str> = None;
        for line in page.lines() {
            let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
            match fence {
                Some(open) if ticks.len() >= open.len() && ticks == line => fence = None,
                Some(_) => {}
                None if ticks.len() >= 3 => fence = Some(ticks),
                None => {
                    rest.push_str(line);
                    rest.push('\n');
                }
            }
        }
        assert_eq!(fence, None, "a fence is open");
        let mut markup = String::new();
        for (position, part) in rest.split('`').enumerate() {
            if position % 2 == 0 {
                markup.push_str(part);
            }
        }
        let mut text = String::new();
        for (position, part) in markup.split("<code>").enumerate() {
            let part = if position == 0 {
                part
            } else {
                let (code, part) = part.split_once("</code>").expect("code ends");
                let is_entity = |c: char| c.is_ascii_digit() || matches!(c, '&' | '#' | ';');
                assert!(code.chars().all(|c| !c.is_ascii_punctuation() || is_entity(c)), "{code}");
                part
            };
            text.push_str(part);
        }
        text
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_a_prompt_says_is_never_markup(
            a in "(\\PC|[a-f0-9 \n`@#!|<>&~*_\\[\\]()$:./\\\\-]){0,60}",
            b in "(@team |#12 |GH-1 |```|`|\n|</details>|<b>|!\\[x\\]\\(y\\)|www\\.x\\.y|\\||\\\\|deadbeef|[a-z ]){0,40}",
        ) {
            let page = comparison(&compare_fields(&fields(&a), &fields(&b), &b), 3, usize::MAX);
            let mut text = markup(&page);
            for own in ["<br>", "<details>", "</details>", "<summary>", "</summary>", "| --- | --- | --- | --- |"] {
                text = text.replace(own, "");
            }
            prop_assert!(!text.contains(['<', '>', '@', '[', ']', '!', '\\', '_', '~', '$', '&']), "{page}");
            let text = text.replace("### ", "");
            prop_assert!(!text.contains('#'), "{page}");
            prop_assert!(!text.contains("GH-") && !text.contains("www."), "{page}");
            prop_assert!(text.split_whitespace().all(|word| word != "deadbeef"), "{page}");
            // A row of the table has four cells.
            for row in text.lines().filter(|line| line.starts_with('|')) {
                prop_assert_eq!(row.matches('|').count(), 5, "{}", page);
            }
        }

        #[test]
        fn a_budget_is_kept(
            a in "([a-z`@ ]{0,80}\n){0,60}",
            b in "([a-z`@ ]{0,80}\n){0,60}",
            budget in LEAST..12_000,
        ) {
            let compared = compare_fields(&fields(&a), &fields(&b), "case");
            let page = comparison(&compared, 3, budget);
            prop_assert!(page.len() <= budget, "{} of {budget} bytes", page.len());
            let all = comparison(&compared, 3, usize::MAX);
            prop_assert_eq!(page == all, all.len() + LAST <= budget || !page.contains("not shown.*") && !page.contains("comparison not shown"));
            // Every fence and every fold is closed.
            markup(&page);
            prop_assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
        }
    }

    #[test]
    fn what_has_no_room_is_cut_and_counted() {
        let text =
            |word: &str| -> String { (0..200).map(|line| format!("{word} {line}\n")).collect() };
        let fields = |word: &str| {
            json!({
                "messages": [{"role": "system", "content": text(word)}, {"role": "user", "content": text(word)}],
            })
        };
        let compared = compare_fields(&fields("old"), &fields("new words"), "case");
        insta::assert_snapshot!(comparison(&compared, 3, LEAST));
    }

    #[test]
    fn plain_words_stay_and_the_rest_is_code() {
        for (text, expected) in [
            (
                "2 variables added, model gpt-4.1 → gpt-5.",
                "2 variables added, model `gpt-4.1` → `gpt-5`.",
            ),
            (
                "the variable `a|b` is new (and 1.5 more)",
                "the variable <code>a&#124;b</code> is new (and 1.5 more)",
            ),
            (
                "@team (#12), **x**: <b> deadbeef GH-12",
                "`@team` (`#12`), `**x**`: <code>&#60;b&#62;</code> `deadbeef` `GH-12`",
            ),
            ("an `unpaired tick and @team", "an <code>&#96;unpaired</code> tick and `@team`"),
            ("x.y`z` `` @team", "<code>x&#46;y&#96;z&#96;</code> <code>&#96;&#96;</code> `@team`"),
            ("`a.b` becomes `c`.", "`a.b` becomes `c`."),
        ] {
            assert_eq!(prose(text), expected);
        }
    }
}
