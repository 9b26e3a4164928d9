//! How findings are shown: one file per format; how differences are, in `diff/`, and what commands
//! change, in `change.rs`, what a change to a tree means, in `report/`.

pub(crate) mod change;
pub(crate) mod diff;
mod github;
mod human;
mod json;
mod junit;
pub(crate) mod log;
pub(crate) mod pages;
pub(crate) mod report;
mod sarif;
mod short;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::build::outcome::Outcome;
use promptdex_ops::text::plural;
use promptdex_ops::tree::Tree;

use crate::cli::Format;

/// Shows the findings of a run, and a summary where people read it.
pub(crate) fn findings(tree: &Tree, outcome: &Outcome, format: Format) -> String {
    let mut text = match format {
        Format::Sarif => return sarif::report(tree, &outcome.findings),
        Format::Junit => return junit::report(tree, &outcome.findings),
        Format::Human | Format::Short | Format::Json | Format::Github => {
            list(tree, &outcome.findings, format)
        }
    };
    let (errors, warnings) = (outcome.count(Severity::Error), outcome.count(Severity::Warning));
    match format {
        Format::Human | Format::Short => text.push_str(&summary(outcome, errors, warnings)),
        Format::Json => text.push_str(&json::summary(errors, warnings, outcome.files)),
        Format::Github | Format::Sarif | Format::Junit => {}
    }
    text
}

/// Shows findings and nothing else.
pub(crate) fn list(tree: &Tree, findings: &[Diagnostic], format: Format) -> String {
    match format {
        Format::Human => human::list(tree, findings),
        Format::Short => findings.iter().map(|finding| short::line(tree, finding)).collect(),
        Format::Json => findings.iter().map(|finding| json::line(tree, finding)).collect(),
        Format::Github => findings.iter().map(|finding| github::line(tree, finding)).collect(),
        Format::Sarif => sarif::report(tree, findings),
        Format::Junit => junit::report(tree, findings),
    }
}

fn summary(outcome: &Outcome, errors: usize, warnings: usize) -> String {
    let tree = format!(
        "{} with {}",
        plural(outcome.prompts, "prompt"),
        plural(outcome.versions, "version")
    );
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    if counts.is_empty() {
        format!("No findings in {tree}.\n")
    } else {
        format!("{} in {tree}.\n", counts.join(", "))
    }
}
