//! The result of a build.

use std::collections::BTreeSet;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Settings;
use promptdex_core::rules::Severity;
use promptdex_wire::release::{HeldBack, Source};
use promptdex_wire::{Chain, PackRange, PromptVersion, RegistryPath};

use super::cache::CacheUpdate;

/// The result of a build.
#[derive(Debug)]
pub struct BuildOutcome {
    /// The findings in file order, with the severities of `policy.yaml`.
    pub findings: Vec<Diagnostic>,
    /// Of a change, the findings that its base has too, in what the change does not touch.
    pub earlier_findings: Vec<Diagnostic>,
    /// The number of prompts.
    pub prompts: usize,
    /// The number of versions.
    pub versions: usize,
    /// The number of files listed.
    pub files: usize,
    /// The number of files that are ignored on purpose.
    pub ignored_files: usize,
    /// The settings of the registry.
    pub settings: Settings,
    /// The commit that the tree equals, if there is one and the build writes something.
    pub source: Option<Source>,
    /// Whether the files are written, so that the build can be committed: no error stopped it.
    pub is_written: bool,
    /// The prompts that stay as they are published because of an error, sorted by name.
    pub held_back: Vec<HeldBack>,
    /// Versions of these prompts that the tree redacts, and that stay published.
    pub delayed_redactions: Vec<PromptVersion>,
    /// The new releases.
    pub releases: Vec<(Chain, u64)>,
    /// The new packs of older releases.
    pub packs: Vec<(Chain, PackRange)>,
    /// Published files that had contents of a version that is now redacted.
    pub withdrawn: BTreeSet<RegistryPath>,
    /// The entries for the build cache. Without compiled prompts if the build found errors, because
    /// nothing was published.
    pub cache_update: CacheUpdate,
}

impl BuildOutcome {
    /// Counts the findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
