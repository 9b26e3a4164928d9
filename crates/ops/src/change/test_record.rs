//! Test results, recorded in the tree next to the tested version.

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::read::read_result;
use promptdex_core::source::SourceFile;
use promptdex_core::tree::PromptFiles;
use promptdex_wire::catalog::TestResult;
use promptdex_wire::{Digest, PromptName, PromptVersion, Version};

use super::tested_text::TestedText;
use crate::prompts::loader::Loader;
use crate::prompts::prompt_handle::{LoadError, UnreadableVersion};
use crate::tree::{Overlay, Tree};

/// A version whose test results are recorded.
#[derive(Debug)]
pub struct VersionUnderTest {
    /// The version.
    pub version: Version,
    /// The digest of its files. Results with a different digest do not count.
    pub source_digest: Digest,
    /// Its text, if it can be compiled.
    pub text: Option<TestedText>,
    files: PromptFiles,
}

/// A test result to record.
#[derive(Debug)]
pub struct TestRecord {
    /// The path of the result file.
    pub path: String,
    /// The file to write. Empty if the same result is already recorded.
    pub files: Overlay,
    /// Findings from reading the new file back. If there are any, nothing is written.
    pub findings: Vec<Diagnostic>,
}

/// Finds the tested version.
pub fn find(
    loader: &Loader<'_>,
    name: &PromptName,
    selector: Option<&str>,
) -> Result<VersionUnderTest, LoadError> {
    let mut findings = Vec::new();
    let prompt = loader.prompt(name, &mut findings)?;
    let version = loader.select(&prompt, &findings, selector)?.version;
    let source = prompt.versions.get(&version).filter(|source| source.is_complete);
    let (Some(source), Some(files)) = (source, loader.files(name)?) else {
        let version = PromptVersion { name: name.clone(), version };
        let tree = loader.tree().clone();
        return Err(UnreadableVersion { version, findings, tree }.into());
    };
    let text = loader.document(&prompt, &version, &mut findings).map(TestedText::new);
    Ok(VersionUnderTest { version, source_digest: source.source_digest, text, files })
}

/// Plans to record a test result of a version.
pub fn plan(
    tree: &Tree,
    tested: &VersionUnderTest,
    result: &TestResult,
) -> crate::error::Result<TestRecord> {
    let path = tested.files.results_file(&tested.version, &result.test_name);
    // Strings and numbers always serialize.
    let mut text = serde_json::to_string_pretty(result).unwrap_or_default();
    text.push('\n');
    let mut record = TestRecord { path, files: Overlay::new(), findings: Vec::new() };
    // The written file must be readable.
    let source = SourceFile::new(&record.path, text.as_str());
    read_result(&source, &result.test_name, &mut record.findings);
    let is_there = tree.has(&record.path) && tree.read(&record.path)? == text.as_bytes();
    if record.findings.is_empty() && !is_there {
        record.files.insert(record.path.clone(), Some(text.into_bytes()));
    }
    Ok(record)
}
