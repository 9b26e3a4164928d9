//! Drives the steps of the compiler over a tree on disk: prompts on all cores, those that include
//! others after the rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use promptdex_core::checks::Tokenizer;
use promptdex_core::compile::includes::{Library, has_includes};
use promptdex_core::compile::{
    CompiledPrompt, Environments, PromptSummary, assemble, compile_prompt,
};
use promptdex_core::diagnostic::{Diagnostic, Severity};
use promptdex_core::model::{Prompt, Settings};
use promptdex_core::policy;
use promptdex_core::read::{in_place, open, read_prompt, read_settings};
use promptdex_core::source::Source;
use promptdex_core::tree::{Contents, POLICY_FILE, PromptFiles, REGISTRY_FILE, survey};
use promptdex_wire::PromptName;
use rayon::prelude::*;

use crate::error::Failure;
use crate::target::Staging;
use crate::tree::Tree;

/// What a run over a tree came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The findings, in file order, at the levels of `policy.yaml`.
    pub(crate) findings: Vec<Diagnostic>,
    /// How many prompts there are.
    pub(crate) prompts: usize,
    /// How many versions there are.
    pub(crate) versions: usize,
    /// How many files were listed.
    pub(crate) files: usize,
    /// The facts of the registry.
    pub(crate) settings: Settings,
}

impl Outcome {
    /// Counts the findings of a severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Returns the function that counts the tokens of a registry.
fn tokenizer(settings: &Settings) -> impl Fn(&str) -> u64 + Sync + 'static {
    let tokenizer = match settings.tokenizer.as_str() {
        "cl100k_base" => bpe_openai::cl100k_base(),
        _ => bpe_openai::o200k_base(),
    };
    move |text: &str| tokenizer.count(text) as u64
}

/// Reads the facts of the registry.
pub(crate) fn settings(
    tree: &Tree,
    has_registry: bool,
    has_policy: bool,
) -> anyhow::Result<(Settings, Vec<Diagnostic>)> {
    let mut findings = Vec::new();
    let mut open = |there: bool, path: &str| -> anyhow::Result<Option<Source>> {
        if there { Ok(open(path, &tree.read(path)?, &mut findings)) } else { Ok(None) }
    };
    let registry = open(has_registry, REGISTRY_FILE)?;
    let policy = open(has_policy, POLICY_FILE)?;
    let (settings, found) = read_settings(registry.as_ref(), policy.as_ref());
    findings.extend(found);
    Ok((settings, findings))
}

/// Checks the tree, and writes its files when there is somewhere to.
pub(crate) fn run(tree: &Tree, staging: Option<&Staging>) -> anyhow::Result<Outcome> {
    let listing = tree.listing()?;
    let files = listing.len();
    let survey = survey(&listing);
    drop(listing);
    let (settings, mut findings) =
        settings(tree, survey.has_registry_file, survey.has_policy_file)?;
    findings.extend(survey.findings);
    for path in &survey.documents {
        // What is not UTF-8 is not a prompt; nothing else reads it.
        findings.extend(open(path, &tree.read(path)?, &mut Vec::new()).as_ref().and_then(in_place));
    }
    if survey.prompts.is_empty() && findings.is_empty() {
        let message = format!("there are no prompts in `{}`", tree.root().display());
        let help = format!(
            "write the first one, such as `{}`",
            tree.shown("greeting/v1.0.0/system_prompt.txt")
        );
        return Err(Failure::new(message, help).into());
    }

    let environments = Environments::preview(&settings);
    let prompts: Vec<(&PromptName, &PromptFiles)> = survey.prompts.iter().collect();
    // The first case that renders loads the vocabulary; trees without cases never pay for it.
    let counter = std::sync::OnceLock::new();
    let count = |text: &str| counter.get_or_init(|| tokenizer(&settings))(text);
    let tokenizer = Tokenizer { count: &count, is_published: staging.is_some() };
    let step = Step { tree, settings: &settings, environments: &environments, tokenizer, staging };

    let compiled: Vec<anyhow::Result<Compiled>> =
        prompts.par_iter().map(|(name, files)| step.first(name, files)).collect();
    let mut summaries = Vec::with_capacity(compiled.len());
    let mut waiting = Vec::new();
    for compiled in compiled {
        match compiled? {
            Compiled::Done(summary, mut found) => {
                summaries.push(*summary);
                findings.append(&mut found);
            }
            Compiled::Includes(prompt, contents, mut found) => {
                findings.append(&mut found);
                waiting.push((prompt, contents));
            }
        }
    }
    for summary in step.including(&survey.prompts, &waiting, &mut findings)? {
        summaries.push(summary);
    }
    summaries.sort_by(|a, b| a.name.cmp(&b.name));

    let outcome = Outcome {
        prompts: summaries.len(),
        versions: summaries.iter().map(|summary| summary.versions.len()).sum(),
        files,
        findings: policy::apply(&settings, findings),
        settings: settings.clone(),
    };
    if let Some(staging) = staging.filter(|_| outcome.count(Severity::Error) == 0) {
        assemble(
            &settings,
            &summaries,
            &environments,
            |path| staging.read(path),
            |path, bytes| staging.write(&path, &bytes),
        )?;
    }
    Ok(outcome)
}

/// What compiling a prompt needs.
struct Step<'a> {
    tree: &'a Tree,
    settings: &'a Settings,
    environments: &'a Environments,
    tokenizer: Tokenizer<'a>,
    staging: Option<&'a Staging>,
}

enum Compiled {
    /// The prompt is compiled and written.
    Done(Box<PromptSummary>, Vec<Diagnostic>),
    /// The prompt includes others and has to wait for them.
    Includes(Arc<Prompt>, Contents, Vec<Diagnostic>),
}

impl Step<'_> {
    /// Reads a prompt, and compiles it unless it includes others.
    fn first(&self, name: &PromptName, files: &PromptFiles) -> anyhow::Result<Compiled> {
        let contents = self.tree.contents(files)?;
        let mut findings = Vec::new();
        let prompt = read_prompt(name, files, &contents, &mut findings);
        if has_includes(&prompt) {
            return Ok(Compiled::Includes(Arc::new(prompt), contents, findings));
        }
        let mut library = Library::new(self.settings, |_: &PromptName| None);
        let summary = self.compile(&prompt, files, &contents, &mut library, &mut findings)?;
        Ok(Compiled::Done(Box::new(summary), findings))
    }

    /// Compiles the prompts that include others; an included prompt is read once more when it is
    /// asked for, and kept.
    fn including(
        &self,
        files: &BTreeMap<PromptName, PromptFiles>,
        waiting: &[(Arc<Prompt>, Contents)],
        findings: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<Vec<PromptSummary>> {
        let failed: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        let mut loaded: BTreeMap<PromptName, Option<Arc<Prompt>>> = waiting
            .iter()
            .map(|(prompt, _)| (prompt.name.clone(), Some(Arc::clone(prompt))))
            .collect();
        let load = |name: &PromptName| {
            let load = || {
                let files = files.get(name)?;
                match self.tree.contents(files) {
                    // Its findings are reported where it is compiled itself.
                    Ok(contents) => {
                        Some(Arc::new(read_prompt(name, files, &contents, &mut Vec::new())))
                    }
                    Err(error) => {
                        if let Ok(mut failed) = failed.lock() {
                            failed.get_or_insert(error);
                        }
                        None
                    }
                }
            };
            loaded.entry(name.clone()).or_insert_with(load).clone()
        };
        let mut library = Library::new(self.settings, load);
        let mut summaries = Vec::with_capacity(waiting.len());
        for (prompt, contents) in waiting {
            summaries.push(self.compile(
                prompt,
                &files[&prompt.name],
                contents,
                &mut library,
                findings,
            )?);
        }
        match failed.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(summaries),
        }
    }

    fn compile<L: FnMut(&PromptName) -> Option<Arc<Prompt>>>(
        &self,
        prompt: &Prompt,
        files: &PromptFiles,
        contents: &Contents,
        library: &mut Library<'_, L>,
        findings: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<PromptSummary> {
        let CompiledPrompt { files, summary } = compile_prompt(
            prompt,
            files,
            contents,
            self.settings,
            self.environments,
            library,
            Some(self.tokenizer),
            findings,
        );
        if let Some(staging) = self.staging {
            for (path, bytes) in &files {
                staging.write(path, bytes)?;
            }
        }
        Ok(summary)
    }
}
