//! Output formats. Findings have one file per format. Differences are in `diff/`, changes made by
//! commands in `change.rs`, and reports about changes in `report/`.

pub(crate) mod change;
pub(crate) mod diff;
pub(crate) mod file_list;
mod github;
mod human;
mod json;
mod junit;
pub(crate) mod log;
pub(crate) mod pages;
pub(crate) mod publication;
pub(crate) mod report;
mod sarif;
mod short;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::build::outcome::BuildOutcome;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;

use crate::cli::FindingsFormat;

/// Formats the findings of a run, with a summary in formats for people.
pub(crate) fn findings(tree: &Tree, outcome: &BuildOutcome, format: FindingsFormat) -> String {
    let mut text = match format {
        FindingsFormat::Sarif => return sarif::report(tree, &outcome.findings),
        FindingsFormat::Junit => return junit::report(tree, &outcome.findings),
        FindingsFormat::Human
        | FindingsFormat::Short
        | FindingsFormat::Json
        | FindingsFormat::Github => list(tree, &outcome.findings, format),
    };
    let (errors, warnings) = (outcome.count(Severity::Error), outcome.count(Severity::Warning));
    match format {
        FindingsFormat::Human | FindingsFormat::Short => {
            text.push_str(&summary(outcome, errors, warnings));
            text.push_str(&earlier(tree, &outcome.earlier_findings));
        }
        FindingsFormat::Json => {
            let earlier = outcome.earlier_findings.iter();
            text.extend(earlier.map(|finding| json::earlier_line(tree, finding)));
            text.push_str(&json::summary(errors, warnings, outcome));
        }
        FindingsFormat::Github => {
            let earlier = outcome.earlier_findings.iter();
            text.extend(earlier.map(|finding| github::earlier_line(tree, finding)));
        }
        FindingsFormat::Sarif | FindingsFormat::Junit => {}
    }
    text
}

/// Formats the findings of a build that runs again and again: errors in full, and then warnings as one line each.
pub(crate) fn errors_first(tree: &Tree, outcome: &BuildOutcome) -> String {
    let (errors, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) =
        outcome.findings.iter().cloned().partition(|finding| finding.severity == Severity::Error);
    let text = human::list(tree, &errors) + &list(tree, &warnings, FindingsFormat::Short);
    text + &summary(outcome, errors.len(), warnings.len())
}

/// Formats findings without a summary.
pub(crate) fn list(tree: &Tree, findings: &[Diagnostic], format: FindingsFormat) -> String {
    match format {
        FindingsFormat::Human => human::list(tree, findings),
        FindingsFormat::Short => {
            findings.iter().map(|finding| short::line(tree, finding)).collect()
        }
        FindingsFormat::Json => findings.iter().map(|finding| json::line(tree, finding)).collect(),
        FindingsFormat::Github => {
            findings.iter().map(|finding| github::line(tree, finding)).collect()
        }
        FindingsFormat::Sarif => sarif::report(tree, findings),
        FindingsFormat::Junit => junit::report(tree, findings),
    }
}

/// Lists the findings that the base of a change has too, which do not count for the change.
fn earlier(tree: &Tree, findings: &[Diagnostic]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let lines: String = findings.iter().map(|finding| short::line(tree, finding)).collect();
    let count = plural(findings.len(), "finding");
    format!("Already in the base branch, not caused by this change: {count}.\n{lines}")
}

fn summary(outcome: &BuildOutcome, errors: usize, warnings: usize) -> String {
    let tree = format!(
        "{} with {}",
        plural(outcome.prompts, "prompt"),
        plural(outcome.versions, "version")
    );
    let ignored = match outcome.ignored_files {
        0 => String::new(),
        count => format!(" ({} ignored)", plural(count, "file")),
    };
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    if counts.is_empty() {
        format!("No findings in {tree}{ignored}.\n")
    } else {
        format!("{} in {tree}{ignored}.\n", counts.join(", "))
    }
}
