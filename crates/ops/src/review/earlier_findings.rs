//! The findings that a change did not cause: its base has them too, in prompts and files that the change does not touch.

use std::collections::BTreeSet;

use promptdex_core::diagnostic::Diagnostic;

use super::change_set::ChangeSet;
use crate::build;
use crate::build::output::Output;
use crate::error::{Error, Result};
use crate::published::PreviousRegistry;

/// Splits the findings of a change into those that count for it, and those that were there before. In what the
/// change touches, all of them count. The base is only checked if a finding is about something else.
pub fn split(
    proposed: &ChangeSet,
    findings: Vec<Diagnostic>,
    previous: Option<&PreviousRegistry>,
) -> Result<(Vec<Diagnostic>, Vec<Diagnostic>)> {
    let prompts = &proposed.proposal().prompts;
    let is_touched = |finding: &Diagnostic| {
        proposed.has_changed(&finding.path)
            || finding
                .prompt(|name| prompts.contains_key(name))
                .is_some_and(|name| proposed.touches(&name))
    };
    if findings.iter().all(is_touched) {
        return Ok((findings, Vec::new()));
    }
    let output = Output { previous, ..Output::default() };
    let before = match build::run(proposed.base_tree(), &output) {
        Ok(outcome) => outcome.findings,
        // A change of nothing that a build reads: neither the base nor the change has a prompt to look at.
        Err(Error::NoPrompts { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let key =
        |finding: &Diagnostic| (finding.path.clone(), finding.rule.code, finding.message.clone());
    let known: BTreeSet<_> = before.iter().map(key).collect();
    Ok(findings
        .into_iter()
        .partition(|finding| is_touched(finding) || !known.contains(&key(finding))))
}
