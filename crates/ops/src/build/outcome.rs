//! What a build came to.

use std::collections::BTreeSet;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Settings;
use promptdex_core::rules::Severity;
use promptdex_wire::{Chain, RegistryPath};

use super::cache::CacheUpdate;

/// What a run over a tree came to.
#[derive(Debug)]
pub struct BuildOutcome {
    /// The findings, in file order, at the levels of `policy.yaml`.
    pub findings: Vec<Diagnostic>,
    /// How many prompts there are.
    pub prompts: usize,
    /// How many versions there are.
    pub versions: usize,
    /// How many files were listed.
    pub files: usize,
    /// The facts of the registry.
    pub settings: Settings,
    /// The releases that were made.
    pub releases: Vec<(Chain, u64)>,
    /// Addresses that held something of a version that is redacted now.
    pub withdrawn: BTreeSet<RegistryPath>,
    /// What the next build may remember. With errors found it is nothing: no file was put in its place.
    pub memory: CacheUpdate,
}

impl BuildOutcome {
    /// Counts the findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
