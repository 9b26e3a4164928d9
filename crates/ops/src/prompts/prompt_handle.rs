//! Loads the versions of one prompt for a comparison.

use std::sync::Arc;

use promptdex_compare::promotion::PromotionError;
use promptdex_core::compile::target;
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Prompt;
use promptdex_core::rules;
use promptdex_wire::event::Target;
use promptdex_wire::{Environment, PromptName, PromptVersion};

use crate::error::{ChangeError, Error, PlanError, Result};
use crate::prompts::loader::{LoadedPrompt, Loader};
use crate::prompts::selector::VersionSelection;
use crate::review::comparison::{ComparisonSide, LoadedVersion};
use crate::tree::Tree;

/// A version with errors that can still be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlawedVersion {
    /// The version.
    pub version: PromptVersion,
    /// The number of errors.
    pub errors: usize,
}

/// A prompt, its loader, and the findings from reading it.
pub struct PromptHandle<'l> {
    /// The loader that read the prompt.
    pub loader: &'l Loader<'l>,
    /// The prompt.
    pub prompt: Arc<Prompt>,
    findings: Vec<Diagnostic>,
}

impl<'l> PromptHandle<'l> {
    /// Reads a prompt, or returns an error if it does not exist.
    pub fn prompt(loader: &'l Loader<'l>, name: &PromptName) -> Result<Self> {
        let mut findings = Vec::new();
        let prompt = loader.prompt(name, &mut findings)?;
        Ok(Self { loader, prompt, findings })
    }

    /// Reads a prompt, if it exists.
    pub fn find(loader: &'l Loader<'l>, name: &PromptName) -> Result<Option<Self>> {
        let mut findings = Vec::new();
        let prompt = loader.find(name, &mut findings)?;
        Ok(prompt.map(|prompt| Self { loader, prompt, findings }))
    }

    /// Creates a handle for a prompt that is already loaded.
    pub fn of(loader: &'l Loader<'l>, found: &LoadedPrompt) -> Self {
        let LoadedPrompt { prompt, findings, .. } = found;
        Self { loader, prompt: Arc::clone(prompt), findings: findings.clone() }
    }

    /// Finds the version that a selector names.
    pub fn select(&self, selector: Option<&str>) -> Result<VersionSelection> {
        self.loader.select(&self.prompt, &self.findings, selector)
    }

    /// Returns the target that an environment serves for the prompt.
    pub fn target_in(&self, environment: &Environment) -> Option<Target> {
        target(&self.prompt, &self.loader.settings, environment)
    }

    /// Compiles a version. A version that has errors but can still be compared is added to
    /// `flawed`.
    pub fn load(
        &self,
        selected: VersionSelection,
        flawed: &mut Vec<FlawedVersion>,
    ) -> Result<LoadedVersion, LoadError> {
        let version = selected.version.clone();
        let version = PromptVersion { name: self.prompt.name.clone(), version };
        let (loaded, findings) = self.compile(selected);
        let Some(loaded) = loaded else {
            let tree = self.loader.tree().clone();
            return Err(UnreadableVersion { version, findings, tree }.into());
        };
        let errors = findings.len();
        if errors > 0 {
            flawed.push(FlawedVersion { version, errors });
        }
        Ok(loaded)
    }

    /// Compiles a version and returns its findings. The version is absent if its files cannot be
    /// read.
    pub fn compile(&self, selected: VersionSelection) -> (Option<LoadedVersion>, Vec<Diagnostic>) {
        let VersionSelection { version, environment } = selected;
        let mut findings = self.findings.clone();
        let document = self.loader.document(&self.prompt, &version, &mut findings);
        let name = self.prompt.name.clone();
        let is_read = !findings.iter().any(is_unreadable);
        let side = ComparisonSide { name, version, environment };
        let loaded = document.filter(|_| is_read);
        (loaded.map(|document| LoadedVersion::new(side, &self.prompt, document)), findings)
    }
}

/// Whether a finding makes a version unreadable. A template that does not parse can still be
/// compared as text.
fn is_unreadable(finding: &Diagnostic) -> bool {
    let of_texts = [&rules::TEMPLATE_SYNTAX, &rules::UNSUPPORTED_TEMPLATE, &rules::INVALID_INCLUDE];
    finding.rule.is_fixed && !of_texts.iter().any(|rule| rule.code == finding.rule.code)
}

/// The reason why a version could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The files of the version cannot be read.
    #[error(transparent)]
    Unreadable(Box<UnreadableVersion>),
    /// The operation failed.
    #[error(transparent)]
    Operation(#[from] Error),
}

/// A version whose files cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{version}` cannot be read")]
pub struct UnreadableVersion {
    /// The version.
    pub version: PromptVersion,
    /// The findings that make it unreadable.
    pub findings: Vec<Diagnostic>,
    /// The tree of the findings.
    pub tree: Tree,
}

impl From<PlanError> for LoadError {
    fn from(error: PlanError) -> Self {
        Self::Operation(error.into())
    }
}

impl From<PromotionError> for LoadError {
    fn from(error: PromotionError) -> Self {
        Self::Operation(ChangeError::from(error).into())
    }
}

impl From<UnreadableVersion> for LoadError {
    fn from(unreadable: UnreadableVersion) -> Self {
        Self::Unreadable(Box::new(unreadable))
    }
}
