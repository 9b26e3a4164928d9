//! Baselines: recorded findings that `check` ignores, so that a team that imports hundreds of
//! prompts can fix new problems first. The file is the output of `check --format json`.

use std::collections::BTreeMap;
use std::path::Path;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_ops::tree::Tree;
use serde::Deserialize;

use crate::failure::Failure;
use crate::input_file;

/// The number of recordings of each finding, by its fingerprint.
#[derive(Debug, Default)]
pub(crate) struct Baseline(BTreeMap<String, usize>);

#[derive(Deserialize)]
struct BaselineLine {
    v: Option<u32>,
    code: Option<String>,
    fingerprint: Option<String>,
}

/// Returns the identity of a finding in recordings.
pub(crate) fn fingerprint(tree: &Tree, finding: &Diagnostic) -> String {
    finding.fingerprint(&tree.display_path(&finding.path)).hex()[..16].to_owned()
}

/// Reads a baseline file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Baseline> {
    let text = input_file::read(file)?;
    let mut baseline = Baseline::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("`{}` line {}", file.display(), number + 1);
        let help = "record findings with `promptdex check --format json > FILE`";
        let line: BaselineLine = serde_json::from_str(line).map_err(|error| {
            Failure::new(format!("{} is not a finding: {error}", place()), help)
        })?;
        match line {
            BaselineLine { v: Some(1), code: Some(_), fingerprint: Some(fingerprint) } => {
                *baseline.0.entry(fingerprint).or_default() += 1;
            }
            BaselineLine { v: Some(1), code: Some(_), fingerprint: None } => {
                let message = format!("{} has no `fingerprint`", place());
                return Err(Failure::new(message, help).into());
            }
            // The summary in the last line.
            BaselineLine { v: Some(1), code: None, .. } => {}
            _ => {
                return Err(Failure::new(
                    format!("{} is not a finding of version 1", place()),
                    help,
                )
                .into());
            }
        }
    }
    Ok(baseline)
}

impl Baseline {
    /// Removes recorded findings, each as many times as it was recorded.
    pub(crate) fn subtract(
        mut self,
        findings: Vec<Diagnostic>,
        fingerprint: impl Fn(&Diagnostic) -> String,
    ) -> Vec<Diagnostic> {
        let mut new = Vec::new();
        for finding in findings {
            match self.0.get_mut(&fingerprint(&finding)).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                None => new.push(finding),
            }
        }
        new
    }
}
