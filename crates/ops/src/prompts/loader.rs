//! Loads single prompts and versions of a tree, without reading the rest of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_core::compile::compiled_document;
use promptdex_core::compile::includes::IncludeLibrary;
use promptdex_core::diagnostic::{Diagnostic, did_you_mean};
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::policy;
use promptdex_core::prompt_past::{PromptPast, PromptWithPast};
use promptdex_core::read::read_prompt;
use promptdex_core::rules::Severity;
use promptdex_core::tree::PromptFiles;
use promptdex_wire::{PromptName, Version, VersionDocument};
use rayon::prelude::*;

use crate::error::{Error, Result, SelectionError};
use crate::history::head::LazyHeadCommit;
use crate::history::in_place_versions::{DraftPolicy, add_in_place_versions, survey_with_versions};
use crate::prompts::selector::{self, VersionSelection};
use crate::prompts::settings;
use crate::tree::Tree;

/// Loads prompts of a tree, with the settings of its registry.
pub struct Loader<'t> {
    tree: &'t Tree,
    /// The settings of the registry.
    pub settings: Settings,
    /// The prompt whose unreleased edit is loaded instead of the committed version.
    draft: Option<PromptName>,
    head: LazyHeadCommit<'t>,
}

/// A prompt of a tree, with its files and findings.
#[derive(Debug)]
pub struct LoadedPrompt {
    /// The files of the prompt.
    pub files: PromptFiles,
    /// The prompt.
    pub prompt: Arc<Prompt>,
    /// The findings from reading it.
    pub findings: Vec<Diagnostic>,
}

impl<'t> Loader<'t> {
    /// Reads the settings of a tree and creates a loader.
    pub fn open(tree: &'t Tree) -> Result<Self> {
        let settings = settings::read_settings(tree)?;
        Ok(Self { tree, settings, draft: None, head: LazyHeadCommit::of(tree) })
    }

    /// Finds the version of a prompt that a selector names. `findings` are those from reading the prompt.
    pub fn select(
        &self,
        prompt: &Prompt,
        findings: &[Diagnostic],
        selector: Option<&str>,
    ) -> Result<VersionSelection> {
        if let Some(environment) = selector.and_then(|name| self.settings.environment(name)) {
            selector::check_pointer(self.tree(), prompt, findings, environment)?;
        }
        selector::select(prompt, &self.settings, selector)
    }

    /// Loads the unreleased edit of a prompt instead of the version committed under its number.
    /// Prompts that include the prompt still get the committed version.
    pub fn with_draft(self, name: &PromptName) -> Self {
        Self { draft: Some(name.clone()), ..self }
    }

    /// Lists the files of a prompt.
    pub fn files(&self, name: &PromptName) -> Result<Option<PromptFiles>> {
        let mut survey = self.tree.survey(name)?;
        let is_meant = self.draft.as_ref() == Some(name);
        let drafts = if is_meant { DraftPolicy::Shown } else { DraftPolicy::Hidden };
        add_in_place_versions(self.tree, &self.head, drafts, &mut survey)?;
        Ok(survey.prompts.remove(name))
    }

    /// Returns the tree.
    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    /// Returns the names of all prompts.
    pub fn names(&self) -> Result<Vec<PromptName>> {
        Ok(survey_with_versions(self.tree, &self.head)?.0.prompts.into_keys().collect())
    }

    /// Reads all prompts, each with its findings.
    pub fn load_all(&self) -> Result<Vec<LoadedPrompt>> {
        let read = |(name, files): (PromptName, PromptFiles)| {
            let contents = self.tree.read_prompt_files(&files)?;
            let mut findings = Vec::new();
            let prompt = read_prompt(&name, &files, &contents, &mut findings);
            Ok(LoadedPrompt { files, prompt: Arc::new(prompt), findings })
        };
        let (survey, _) = survey_with_versions(self.tree, &self.head)?;
        survey.prompts.into_par_iter().map(read).collect()
    }

    /// Reads a prompt, or returns an error if it does not exist.
    pub fn prompt(&self, name: &PromptName, findings: &mut Vec<Diagnostic>) -> Result<Arc<Prompt>> {
        match self.find(name, findings)? {
            Some(prompt) => Ok(prompt),
            None => Err(self.unknown_prompt(name)?),
        }
    }

    /// Reads a prompt, if it exists.
    pub fn find(
        &self,
        name: &PromptName,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Option<Arc<Prompt>>> {
        let Some(files) = self.files(name)? else { return Ok(None) };
        let contents = self.tree.read_prompt_files(&files)?;
        Ok(Some(Arc::new(read_prompt(name, &files, &contents, findings))))
    }

    /// Compiles one version. Of the findings, only those about this version are kept that are errors by the
    /// policy of the tree, in file order.
    pub fn document(
        &self,
        prompt: &Prompt,
        version: &Version,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<VersionDocument> {
        let mut loaded: BTreeMap<PromptName, Option<Arc<PromptWithPast>>> = BTreeMap::new();
        let mut library = IncludeLibrary::new(&self.settings, |name: &PromptName| {
            let load = || {
                let prompt = Arc::unwrap_or_clone(self.find(name, &mut Vec::new()).ok()??);
                Some(Arc::new(PromptWithPast { prompt, past: PromptPast::default() }))
            };
            loaded.entry(name.clone()).or_insert_with(load).clone()
        });
        let document = compiled_document(prompt, version, &self.settings, &mut library, findings);
        *findings = policy::apply(&self.settings, std::mem::take(findings));
        findings.retain(|finding| {
            finding.severity == Severity::Error && is_about(&finding.path, prompt, version)
        });
        document
    }

    /// Returns the error for a prompt that does not exist, with a suggestion.
    pub fn unknown_prompt(&self, name: &PromptName) -> Result<Error> {
        let names = self.names()?;
        Ok(unknown_prompt(self.tree, name, names.iter()))
    }
}

/// Returns the error for a prompt that does not exist in a tree, with a suggestion from `names`.
pub fn unknown_prompt<'n>(
    tree: &Tree,
    name: &PromptName,
    names: impl Iterator<Item = &'n PromptName>,
) -> Error {
    let names: Vec<&str> = names.map(PromptName::as_str).collect();
    let same_end = names.iter().find(|known| known.rsplit('/').next() == Some(name.leaf()));
    let suggestion = did_you_mean(name.as_str(), names.iter().copied())
        .or_else(|| same_end.map(|known| format!("did you mean `{known}`?")));
    SelectionError::UnknownPrompt {
        name: name.clone(),
        root: tree.root().to_owned(),
        suggestion,
        known: names.len(),
        example: names.first().map(|name| (*name).to_owned()),
    }
    .into()
}

/// Whether a file belongs to a version, or to the prompt as a whole.
fn is_about(path: &str, prompt: &Prompt, version: &Version) -> bool {
    let below = path.strip_prefix(prompt.name.as_str()).and_then(|path| path.strip_prefix('/'));
    // The label of a file of a prompt in place, from Git history.
    if let Some(label) = path.rsplit_once('@').and_then(|(_, label)| label.parse::<Version>().ok())
    {
        return label == *version;
    }
    let Some((folder, rest)) = below.and_then(|path| path.split_once('/')) else { return true };
    match folder {
        "cases" => rest.strip_prefix(&version.to_string()).is_some_and(|end| end.starts_with('.')),
        "results" => rest.split('/').next() == Some(&version.to_string()),
        "environments" => true,
        folder => folder.strip_prefix('v') == Some(&version.to_string()),
    }
}
