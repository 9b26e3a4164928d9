//! A report as Markdown for a comment on a pull request, whose size is limited.

use std::fmt::Write as _;

use promptdex_compare::contract::Compatibility;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_core::tree::POLICY_FILE;
use promptdex_ops::review::report::{ChangeReport, ReportedEvent, ReportedPair, Sizes};
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;
use promptdex_wire::event::{Change, Operation};

use super::counts::{count, prompts};
use crate::output::diff::lines::format_inline;
use crate::output::diff::markdown::{LEAST, code, comparison, prose};
use crate::output::diff::{describe_target, verdict};
use crate::output::log::describe_change;
use crate::time_argument;

/// The first line, which identifies the comment for updates.
const MARK: &str = "<!-- promptdex report -->";

/// The number of lines around each change.
const CONTEXT: usize = 3;

/// The largest number of prompt names to list.
const MOST_NAMES: usize = 10;

/// The bytes reserved for the last sentence.
const LAST: usize = 300;

/// The bytes that a comparison gets before the next one gets any.
const SHARE: usize = 6_000;

/// Formats the report in at most `limit` bytes, but at least 8,000.
pub(super) fn show(tree: &Tree, report: &ChangeReport, limit: usize) -> String {
    let (errors, warnings) = (count(report, Severity::Error), count(report, Severity::Warning));
    let mut text = format!("{MARK}\n## {}\n\n", title(report));
    let found: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    let base = code(&report.base);
    if found.is_empty() {
        writeln!(text, "No findings. Checked against the policy of {base}.").unwrap_or_default();
    } else {
        let word = if errors > 0 { "fails" } else { "passes" };
        let found = found.join(", ");
        writeln!(text, "The check against the policy of {base} {word}: **{found}**.")
            .unwrap_or_default();
    }
    let quarter = limit / 4;
    let events: Vec<&ReportedEvent> = report.events.iter().filter(|event| !event.follows).collect();
    if !events.is_empty() {
        text.push_str(
            "\n| Prompt | Event | Version | Compatibility | Reason |\n| --- | --- | --- | --- | --- |\n",
        );
        add(&mut text, events.iter().map(|event| event_row(event)), quarter, "row");
    }
    if !report.distances.is_empty() {
        text.push_str("\nAfter this change:\n\n");
        let now = time_argument::now();
        let lines = report.distances.iter().map(|(name, distance)| {
            format!("- {}: {}\n", code(name.as_str()), distance.describe(&now))
        });
        add(&mut text, lines, quarter / 2, "line");
    }
    if !report.others.is_empty() {
        let names: Vec<String> =
            report.others.iter().take(MOST_NAMES).map(|name| code(name.as_str())).collect();
        let rest = report.others.len() - names.len();
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let names = names.join(", ");
        writeln!(text, "\nOther changes in {names}{rest}.").unwrap_or_default();
    }
    for file in &report.registry {
        let when =
            if *file == POLICY_FILE { "; its policy applies from the next change on" } else { "" };
        writeln!(text, "\n`{file}` changes{when}.").unwrap_or_default();
    }
    if !report.findings.is_empty() {
        text.push_str("\n### Findings\n\n");
        // Errors come first, because they refuse the change.
        let of = |severity| report.findings.iter().filter(move |f| f.severity == severity);
        let lines = of(Severity::Error).chain(of(Severity::Warning));
        add(&mut text, lines.map(|found| finding(tree, found)), quarter, "finding");
    }
    if !report.earlier_findings.is_empty() {
        let count = plural(report.earlier_findings.len(), "finding");
        writeln!(text, "\n### Already in {base}\n\nNot caused by this change: {count}.\n")
            .unwrap_or_default();
        let lines = report.earlier_findings.iter().map(|found| finding(tree, found));
        add(&mut text, lines, quarter / 2, "finding");
    }
    let mut left_out = 0;
    for (position, pair) in report.pairs.iter().enumerate() {
        let about = describe_pair(report, pair);
        let rest = limit.saturating_sub(text.len() + LAST);
        // The first comparisons matter most, so they are not cut to make room for all others.
        let shares = (rest / SHARE).clamp(1, report.pairs.len() - position);
        let room = (rest / shares).saturating_sub(about.len() + 1);
        if room < LEAST {
            left_out = report.pairs.len() - position;
            break;
        }
        text.push('\n');
        text.push_str(&comparison(&pair.comparison, CONTEXT, room));
        text.push_str(&about);
    }
    if left_out > 0 {
        let pairs = plural(left_out, "comparison");
        let all = format!("promptdex report --base {} --limit 100000000", report.base);
        writeln!(text, "\n*{pairs} not shown. Full report:* {}", code(&all)).unwrap_or_default();
    }
    text
}

/// Returns the title, with the number of events of each kind.
fn title(report: &ChangeReport) -> String {
    let shown = || report.events.iter().filter(|event| !event.follows);
    let with = |operations: &[Operation]| {
        let is_of = |event: &&ReportedEvent| {
            event.change.operation.get().is_some_and(|operation| operations.contains(&operation))
        };
        shown().filter(is_of).count()
    };
    let states =
        [Operation::Deprecated, Operation::Yanked, Operation::Archived, Operation::Redacted];
    let counts = [
        (with(&[Operation::Created]), "new version"),
        (with(&[Operation::Promoted, Operation::RolledOut]), "promotion"),
        (with(&[Operation::Reverted]), "rollback"),
        (with(&[Operation::Retired]), "removal"),
        (with(&states), "state change"),
    ];
    let said = |(count, noun): (usize, &str)| match (count, noun) {
        (0, _) => None,
        (1, noun) => Some(format!("1 {noun}")),
        (count, "pointer removed") => Some(format!("{count} pointers removed")),
        (count, "change of state") => Some(format!("{count} changes of state")),
        (count, noun) => Some(format!("{count} {noun}s")),
    };
    let said: Vec<String> = counts.into_iter().filter_map(said).collect();
    if said.is_empty() {
        return "Prompts: no changes for apps".to_owned();
    }
    format!("Prompts: {}", said.join(", "))
}

/// Adds as many lines as fit.
fn add(text: &mut String, lines: impl Iterator<Item = String>, room: usize, noun: &str) {
    let mut left_out = 0;
    let end = text.len() + room;
    for line in lines {
        if left_out > 0 || text.len() + line.len() > end {
            left_out += 1;
        } else {
            text.push_str(&line);
        }
    }
    if left_out > 0 {
        writeln!(text, "\n*{} not shown.*", plural(left_out, &format!("more {noun}")))
            .unwrap_or_default();
    }
}

fn event_row(event: &ReportedEvent) -> String {
    let ReportedEvent { chain, change, .. } = event;
    let name = change.name.as_ref().map_or_else(String::new, |name| code(name.as_str()));
    let word = match event.verdict {
        Some(Compatibility::Breaking) => "**breaking**",
        Some(other) => verdict(other),
        None => "",
    };
    let why = change.reason.as_deref().map(prose).unwrap_or_default();
    format!(
        "| {name} | {} | {} | {word} | {why} |\n",
        describe_change(chain, change),
        versions(change)
    )
}

fn versions(change: &Change) -> String {
    let [from, to] = [change.before(), change.after()]
        .map(|target| target.map(|target| prose(&describe_target(Some(target)))));
    match (from, to) {
        (Some(from), Some(to)) if from == to => to,
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => String::new(),
    }
}

fn finding(tree: &Tree, finding: &Diagnostic) -> String {
    let severity = match finding.severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
    };
    let line = finding.place.as_ref().map_or_else(String::new, |place| format!(":{}", place.line));
    let path = code(&format_inline(&format!("{}{line}", tree.display_path(&finding.path))));
    let help =
        finding.help.as_deref().map_or_else(String::new, |help| format!("<br>{}", prose(help)));
    format!("- {severity} `{}` in {path}: {}{help}\n", finding.rule.code, prose(&finding.message))
}

/// Returns the sizes of the versions, and the versions that include others of the prompt.
fn describe_pair(report: &ChangeReport, pair: &ReportedPair) -> String {
    let Sizes { bytes, tokens, longest, budget } = &pair.sizes;
    let mut text = format!(
        "\nSource size: {} → {} bytes, {} → {} tokens.",
        bytes[0], bytes[1], tokens[0], tokens[1]
    );
    if let Some((case, [before, Some(after)])) = longest {
        let before = before.map_or_else(|| "fails".to_owned(), |before| before.to_string());
        let budget = budget.map_or_else(String::new, |budget| format!(" of {budget}"));
        let case = code(&format_inline(case));
        write!(text, " Longest rendering (test case {case}): {before} → {after}{budget} tokens.")
            .unwrap_or_default();
    }
    text.push('\n');
    let (all, served) = prompts(report, &pair.dependents);
    if all.is_empty() {
        return text;
    }
    let names: Vec<String> = all.iter().take(MOST_NAMES).map(|name| code(name.as_str())).collect();
    let rest = all.len() - names.len();
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let last = report.last.as_ref().map_or("the last environment", |last| last.as_str());
    let to = &pair.comparison.to;
    let update = format!("promptdex update-includes {} --to {}", to.name, to.version);
    writeln!(
        text,
        "\nOther versions are included in {} ({} live in {last}): {}{rest}. To update them: {}",
        plural(all.len(), "prompt"),
        served.len(),
        names.join(", "),
        code(&update),
    )
    .unwrap_or_default();
    text
}
