//! One prompt of a build: reads it, compiles it, and writes it with its page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::checks::{CaseTokenizer, versions_without_commits};
use promptdex_core::compile::includes::{IncludeLibrary, has_includes};
use promptdex_core::compile::search::{PromptTerms, Terms};
use promptdex_core::compile::{
    CompiledPrompt, Environments, PromptSummary, compile_prompt, served_versions,
};
use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::history::to_attribute;
use promptdex_core::model::Settings;
use promptdex_core::prompt_past::{PromptPast, PromptWithPast};
use promptdex_core::published_registry::CorruptFile;
use promptdex_core::read::read_prompt;
use promptdex_core::tree::{Contents, PromptFiles};
use promptdex_site::page::Pages;
use promptdex_wire::catalog::Versions;
use promptdex_wire::history::Event;
use promptdex_wire::pages::rows_in_full_pages;
use promptdex_wire::prompt::VersionOrRedaction;
use promptdex_wire::{Digest, Page, PromptName, PromptVersion, RegistryPath, Version, json};

use super::git_facts::GitFacts;
use super::output::Output;
use crate::error::{Error, Result};
use crate::target::Staging;
use crate::tree::Tree;

/// Everything that compiling a prompt needs.
pub(super) struct CompileContext<'a> {
    pub(super) tree: &'a Tree,
    pub(super) settings: &'a Settings,
    pub(super) prompts: &'a BTreeMap<PromptName, PromptFiles>,
    pub(super) environments: &'a Environments,
    pub(super) tokenizer: CaseTokenizer<'a>,
    pub(super) pages: Option<&'a Pages>,
    pub(super) output: &'a Output<'a>,
    pub(super) facts: &'a GitFacts,
    /// The published events of the prompts.
    pub(super) trail: &'a BTreeMap<PromptName, Vec<Event>>,
    /// The search terms of the compiled texts.
    pub(super) terms: Mutex<Terms>,
    /// Versions of prompts in place that the oldest commit of a shallow clone already has.
    pub(super) shallow_versions: &'a BTreeSet<PromptVersion>,
    /// New versions whose commit is missing in a shallow clone.
    pub(super) missing_commits: Mutex<BTreeSet<PromptVersion>>,
}

pub(super) enum CompileProgress {
    /// The prompt is compiled and written.
    Done(Box<WrittenPrompt>),
    /// The prompt includes others and has to wait for them.
    Includes(PendingPrompt),
}

/// A prompt that waits for the prompts that it includes.
pub(super) struct PendingPrompt {
    pub(super) place: u32,
    pub(super) prompt_with_past: Arc<PromptWithPast>,
    pub(super) contents: Contents,
    /// The findings from reading it.
    pub(super) findings: Vec<Diagnostic>,
}

/// A prompt whose files are written.
pub(super) struct WrittenPrompt {
    pub(super) summary: PromptSummary,
    /// The prompts that it includes.
    pub(super) includes: BTreeSet<PromptName>,
    /// The findings about it.
    pub(super) findings: Vec<Diagnostic>,
    /// Whether the findings stay valid until its files, or the files of an included prompt, change.
    pub(super) is_lasting: bool,
    /// The stamp of the search terms of its texts.
    pub(super) terms: u64,
    /// The stamp of its Git history, or 0 without one.
    pub(super) git_history: u64,
    /// The stamp of its files in the current commit, if they equal the files of the tree.
    pub(super) head_stamp: Option<u64>,
    /// Digest of its `history.json`.
    pub(super) history: Option<Digest>,
    /// The published documents that are redacted.
    pub(super) redactions: Vec<RegistryPath>,
    /// The redactions of an earlier publication, which ended before its lists named them.
    pub(super) continued_redactions: Vec<RegistryPath>,
    /// The blobs that the redacted documents used.
    pub(super) withdrawn_blobs: Vec<Digest>,
    /// The pages of older versions that say something of the redacted ones.
    pub(super) withdrawn_pages: Vec<RegistryPath>,
}

impl CompileContext<'_> {
    /// Reads a prompt, and compiles it unless it includes others.
    pub(super) fn read_and_compile(
        &self,
        place: u32,
        name: &PromptName,
        files: &PromptFiles,
    ) -> Result<CompileProgress> {
        let contents = self.tree.read_prompt_files(files)?;
        let mut findings = Vec::new();
        let prompt_with_past = self.read(name, files, &contents, &mut findings)?;
        if has_includes(&prompt_with_past.prompt) {
            let prompt_with_past = Arc::new(prompt_with_past);
            return Ok(CompileProgress::Includes(PendingPrompt {
                place,
                prompt_with_past,
                contents,
                findings,
            }));
        }
        let mut library = IncludeLibrary::new(self.settings, |_: &PromptName| None);
        let written = self.compile(place, &prompt_with_past, &contents, &mut library, findings)?;
        Ok(CompileProgress::Done(Box::new(written)))
    }

    /// Reads a prompt with its past: the published versions, the base of the change, and the Git
    /// history.
    fn read(
        &self,
        name: &PromptName,
        files: &PromptFiles,
        contents: &Contents,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<PromptWithPast> {
        let prompt = read_prompt(name, files, contents, findings);
        let mut past = PromptPast::default();
        if let Some(previous) = self.output.previous {
            let read = |path: &RegistryPath| previous.read(path);
            let mut published = previous.published.prompt(name, read)?;
            let is_there = |path: &RegistryPath, size| previous.is_version_document(path, size);
            published.find_withdrawn(name, is_there, read)?;
            if self.output.staging.is_some() {
                let served = served_versions(&prompt, self.settings);
                published.load(name, served.iter().chain(&to_attribute(&prompt)), read)?;
                published.history = self.trail.get(name).cloned().unwrap_or_default();
            }
            past.published = Some(published);
        }
        if let Some(proposed) = self.output.judged_change {
            let base = proposed.judge(&prompt, self.settings, self.output.previous, findings)?;
            past.base = Some(base);
        }
        past.history = self.facts.history.prompts.get(name).cloned().unwrap_or_default();
        if let Some(there) = &self.facts.files {
            // A version that differs from the commit has no author.
            past.history.retain(|version| there.has_version(self.tree, files, version, contents));
            past.is_uncommitted = !there.has_prompt(self.tree, name, files, contents);
        }
        let prompt_with_past = PromptWithPast { prompt, past };
        // A preview is temporary, so missing commits do not matter.
        if !self.output.staging.is_some_and(Staging::is_preview) {
            let published = prompt_with_past.past.published.as_ref();
            let is_new = |version: &Version| {
                published.is_none_or(|published| !published.versions.contains_key(version))
            };
            let shallow_versions = self
                .shallow_versions
                .iter()
                .filter(|cut| cut.name == *name && is_new(&cut.version));
            let missing = versions_without_commits(&prompt_with_past, &self.facts.history);
            let missing = missing.into_iter().chain(shallow_versions.cloned());
            self.missing_commits.lock().unwrap_or_else(PoisonError::into_inner).extend(missing);
        }
        Ok(prompt_with_past)
    }

    /// Compiles the prompts that include others. An included prompt is read again on first use, and
    /// then kept.
    pub(super) fn compile_includers(
        &self,
        waiting: Vec<PendingPrompt>,
    ) -> Result<Vec<WrittenPrompt>> {
        let failed: Mutex<Option<Error>> = Mutex::new(None);
        let mut loaded: BTreeMap<PromptName, Option<Arc<PromptWithPast>>> = waiting
            .iter()
            .map(|waiting| {
                (
                    waiting.prompt_with_past.prompt.name.clone(),
                    Some(Arc::clone(&waiting.prompt_with_past)),
                )
            })
            .collect();
        let load = |name: &PromptName| {
            let load = || {
                let files = self.prompts.get(name)?;
                // These findings are reported where the prompt itself is compiled.
                let read = self
                    .tree
                    .read_prompt_files(files)
                    .and_then(|contents| self.read(name, files, &contents, &mut Vec::new()));
                match read {
                    Ok(prompt_with_past) => Some(Arc::new(prompt_with_past)),
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
        let mut library = IncludeLibrary::new(self.settings, load);
        let mut written = Vec::with_capacity(waiting.len());
        for PendingPrompt { place, prompt_with_past, contents, findings } in waiting {
            let compiled =
                self.compile(place, &prompt_with_past, &contents, &mut library, findings)?;
            // The list of includes lacks prompts that do not exist, so a finding about one of those
            // does not last.
            let is_lasting = compiled.is_lasting && compiled.findings.is_empty();
            written.push(WrittenPrompt { is_lasting, ..compiled });
        }
        match failed.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(written),
        }
    }

    fn compile<L: FnMut(&PromptName) -> Option<Arc<PromptWithPast>>>(
        &self,
        place: u32,
        prompt_with_past: &PromptWithPast,
        contents: &Contents,
        library: &mut IncludeLibrary<'_, L>,
        mut findings: Vec<Diagnostic>,
    ) -> Result<WrittenPrompt> {
        let PromptWithPast { prompt, past } = prompt_with_past;
        let CompiledPrompt { files, redactions, includes, summary } = compile_prompt(
            prompt_with_past,
            self.prompts,
            contents,
            self.settings,
            self.environments,
            library,
            Some(self.tokenizer),
            &mut findings,
        );
        let find_history = |(path, bytes): &(RegistryPath, Vec<u8>)| {
            matches!(path, RegistryPath::History(_)).then(|| Digest::of(bytes))
        };
        let history = files.iter().find_map(find_history);
        let head_stamp = match (&self.facts.files, self.prompts.get(&prompt.name)) {
            (Some(there), Some(own)) if !past.is_uncommitted => there.stamp(own),
            _ => None,
        };
        let withdrawn = past.published.iter().flat_map(|published| published.withdrawn.keys());
        let continued_redactions: Vec<RegistryPath> = withdrawn
            .map(|version| RegistryPath::Version(prompt.name.clone(), version.clone()))
            .collect();
        let (mut withdrawn_blobs, mut withdrawn_pages) = (Vec::new(), Vec::new());
        let mut stamp = 0;
        if let Some(staging) = self.output.staging {
            let terms = PromptTerms::of(prompt, self.settings);
            stamp = terms.stamp();
            self.terms.lock().unwrap_or_else(PoisonError::into_inner).add(place, &terms);
            for (path, bytes) in &files {
                staging.write(path, bytes)?;
            }
            for (path, bytes) in &redactions {
                let old = self.output.previous.map(|previous| previous.read(path)).transpose()?;
                if let Some(old) = old.flatten() {
                    withdrawn_blobs.extend(blobs(path, &old)?);
                }
                staging.redact(path, bytes)?;
            }
            if !redactions.is_empty() || !continued_redactions.is_empty() {
                let is_written = |page: &RegistryPath| files.iter().any(|(path, _)| path == page);
                withdrawn_pages = self.published_pages(prompt_with_past)?;
                withdrawn_pages.retain(|page| !is_written(page));
            }
            let page = match self.pages.filter(|_| !files.is_empty()) {
                Some(pages) => {
                    self.write_page(pages, &prompt.name, &[&files, &redactions], staging)?
                }
                None => None,
            };
            let written = files.iter().chain(&redactions).map(|(path, _)| path).chain(&page);
            staging.tidy(&prompt.name, written)?;
        }
        let redactions = redactions.into_iter().map(|(path, _)| path).collect();
        // Whether the replacement of a prompt exists is checked in every build.
        let is_lasting = prompt.replaced_by.is_none();
        let terms = stamp;
        let git_history = past.history.stamp();
        Ok(WrittenPrompt {
            summary,
            includes,
            findings,
            is_lasting,
            terms,
            git_history,
            head_stamp,
            history,
            redactions,
            continued_redactions,
            withdrawn_blobs,
            withdrawn_pages,
        })
    }

    /// Returns all pages with versions of a prompt that were ever published, also those that other pages have replaced.
    fn published_pages(&self, prompt: &PromptWithPast) -> Result<Vec<RegistryPath>> {
        let published = prompt.past.published.as_ref();
        let count = published.map_or(0, |published| published.versions.len());
        let Some(previous) = self.output.previous.filter(|_| rows_in_full_pages(count) > 0) else {
            return Ok(Vec::new());
        };
        let mut pages = previous.list("api/snapshots")?;
        let mut failed = Ok(());
        pages.retain(|path| {
            let bytes = previous.read(path).map(Option::unwrap_or_default);
            let bytes = bytes.map_err(|error| failed = Err(error)).unwrap_or_default();
            // Most files are something else, which need not be read as a whole.
            bytes.starts_with(br#"{"format":1,"kind":"versions","#)
                && json::read::<Versions>(&bytes).is_ok_and(|page| page.name == prompt.prompt.name)
        });
        failed.map(|()| pages)
    }

    /// Writes the page of a prompt. The documents of versions that were published before are read
    /// from the previous registry.
    fn write_page(
        &self,
        pages: &Pages,
        name: &PromptName,
        written: &[&[(RegistryPath, Vec<u8>)]],
        staging: &Staging,
    ) -> Result<Option<RegistryPath>> {
        let all = written.iter().copied().flatten();
        let find = |path: &RegistryPath| all.clone().find(|(written, _)| written == path);
        let read = |path: &RegistryPath| match find(path) {
            Some((_, bytes)) => Ok(Some(bytes.clone())),
            None => self.output.previous.map_or(Ok(None), |previous| previous.read(path)),
        };
        let Some(html) = pages.prompt(name, read)? else { return Ok(None) };
        let page = RegistryPath::Page(Page::Prompt(name.clone()));
        staging.write(&page, html.as_bytes())?;
        Ok(Some(page))
    }
}

/// Returns the blobs that the parts of a version document name; none of a redaction. Of a document with more than this
/// release knows, nobody can tell which files have to go with its text.
fn blobs(path: &RegistryPath, bytes: &[u8]) -> Result<Vec<Digest>> {
    let problem = match VersionOrRedaction::read(bytes) {
        Ok(VersionOrRedaction::Redacted(_)) => return Ok(Vec::new()),
        Ok(VersionOrRedaction::Version(document)) if json::has_all_of(&*document, bytes) => {
            return Ok(document.blobs());
        }
        Ok(VersionOrRedaction::Version(_)) => {
            "has fields that only a newer promptdex writes".to_owned()
        }
        Err(error) => format!("cannot be read: {error}"),
    };
    let problem = format!("{problem}: redact it with the promptdex that published it");
    Err(CorruptFile { path: path.clone(), problem }.into())
}
