//! One prompt of a build: reads it, compiles it, and writes it with its page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use promptdex_core::checks::{CaseTokenizer, versions_without_commits};
use promptdex_core::compile::includes::{IncludeLibrary, has_includes};
use promptdex_core::compile::search::{PromptTerms, Terms};
use promptdex_core::compile::{
    CompiledPrompt, Environments, PromptSummary, compile_prompt, served_versions,
    with_redactions_only,
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
use super::spool::{FileRole, Spool, SpooledFiles};
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
    /// The compiled files, if they are meant to be written.
    pub(super) spool: Option<Spool>,
    /// Versions of prompts in place that the oldest commit of a shallow clone already has.
    pub(super) shallow_versions: &'a BTreeSet<PromptVersion>,
    /// New versions whose commit is missing in a shallow clone.
    pub(super) missing_commits: Mutex<BTreeSet<PromptVersion>>,
}

/// The prompts that were compiled.
pub(super) struct CompiledPrompts {
    pub(super) written: Vec<WrittenPrompt>,
    /// The search terms of their texts.
    pub(super) terms: Terms,
    /// New versions whose commit is missing in a shallow clone.
    pub(super) missing_commits: BTreeSet<PromptVersion>,
    /// Their files, until they are written.
    pub(super) spool: Option<Spool>,
}

pub(super) enum CompileProgress {
    /// The prompt is compiled.
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

/// A prompt whose files are compiled.
pub(super) struct WrittenPrompt {
    pub(super) summary: PromptSummary,
    /// Its files, if any are written.
    pub(super) files: Option<SpooledFiles>,
    /// The prompts that it includes.
    pub(super) includes: BTreeSet<PromptName>,
    /// The versions of the tree that are not published as they are.
    pub(super) unpublished: BTreeSet<Version>,
    /// What its new versions include, transitively: each pair has such a version first.
    pub(super) new_includes: BTreeSet<(Version, PromptVersion)>,
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
    /// The prompt as it is published apart from its redactions, if it has any and may be held back.
    pub(super) redactions_only: Option<Box<(Self, PromptTerms)>>,
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

    /// Compiles a prompt. If it redacts versions, and has findings, it is also compiled with nothing else in it that is
    /// new: that is published if the prompt is held back.
    fn compile<L: FnMut(&PromptName) -> Option<Arc<PromptWithPast>>>(
        &self,
        place: u32,
        prompt_with_past: &PromptWithPast,
        contents: &Contents,
        library: &mut IncludeLibrary<'_, L>,
        findings: Vec<Diagnostic>,
    ) -> Result<WrittenPrompt> {
        let (mut written, terms) =
            self.compile_files(prompt_with_past, contents, library, findings)?;
        self.terms.lock().unwrap_or_else(PoisonError::into_inner).add(place, &terms);
        let (Some(previous), Some(_)) = (self.output.previous, self.output.holds) else {
            return Ok(written);
        };
        if !written.redactions.is_empty() {
            let mut only = with_redactions_only(prompt_with_past, self.settings);
            if let Some(PromptWithPast { prompt, past }) = &mut only
                && let Some(published) = &mut past.published
            {
                let served = served_versions(prompt, self.settings);
                let read = |path: &RegistryPath| previous.read(path);
                published.load(&prompt.name, &served, read)?;
            }
            let only = only.map(|only| self.compile_files(&only, contents, library, Vec::new()));
            written.redactions_only = only.transpose()?.map(Box::new);
        }
        Ok(written)
    }

    /// Compiles the files of a prompt, and its search terms.
    fn compile_files<L: FnMut(&PromptName) -> Option<Arc<PromptWithPast>>>(
        &self,
        prompt_with_past: &PromptWithPast,
        contents: &Contents,
        library: &mut IncludeLibrary<'_, L>,
        mut findings: Vec<Diagnostic>,
    ) -> Result<(WrittenPrompt, PromptTerms)> {
        let PromptWithPast { prompt, past } = prompt_with_past;
        let CompiledPrompt { files, redactions, includes, unpublished, new_includes, summary } =
            compile_prompt(
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
        let (mut terms, mut stamp) = (PromptTerms::default(), 0);
        let mut spooled = None;
        if let Some(spool) = &self.spool {
            terms = PromptTerms::of(prompt, self.settings);
            stamp = terms.stamp();
            for (path, _) in &redactions {
                let old = self.output.previous.map(|previous| previous.read(path)).transpose()?;
                if let Some(old) = old.flatten() {
                    withdrawn_blobs.extend(blobs(path, &old)?);
                }
            }
            if !redactions.is_empty() || !continued_redactions.is_empty() {
                let is_written = |page: &RegistryPath| files.iter().any(|(path, _)| path == page);
                withdrawn_pages = self.published_pages(prompt_with_past)?;
                withdrawn_pages.retain(|page| !is_written(page));
            }
            let page = match self.pages.filter(|_| !files.is_empty()) {
                Some(pages) => self.render_page(pages, &prompt.name, &[&files, &redactions])?,
                None => None,
            };
            let own = files.iter().chain(&page).map(|file| (FileRole::Own, file));
            let redacted = redactions.iter().map(|file| (FileRole::Redaction, file));
            let all = own.chain(redacted);
            let all = all.map(|(role, (path, bytes))| (role, path, bytes.as_slice()));
            spooled = Some(spool.add(all)?);
        }
        let redactions = redactions.into_iter().map(|(path, _)| path).collect();
        // Whether the replacement of a prompt exists is checked in every build.
        let is_lasting = prompt.replaced_by.is_none();
        let git_history = past.history.stamp();
        let written = WrittenPrompt {
            summary,
            files: spooled,
            includes,
            unpublished,
            new_includes,
            findings,
            is_lasting,
            terms: stamp,
            git_history,
            head_stamp,
            history,
            redactions,
            continued_redactions,
            withdrawn_blobs,
            withdrawn_pages,
            redactions_only: None,
        };
        Ok((written, terms))
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

    /// Returns the page of a prompt. The documents of versions that were published before are read from the
    /// previous registry.
    fn render_page(
        &self,
        pages: &Pages,
        name: &PromptName,
        written: &[&[(RegistryPath, Vec<u8>)]],
    ) -> Result<Option<(RegistryPath, Vec<u8>)>> {
        let all = written.iter().copied().flatten();
        let find = |path: &RegistryPath| all.clone().find(|(written, _)| written == path);
        let read = |path: &RegistryPath| match (find(path), path) {
            (Some((_, bytes)), _) => Ok(Some(bytes.clone())),
            // The next release is not there yet: that the prompt was held back says the one before.
            (None, RegistryPath::Pointer(_)) => Ok(None),
            (None, _) => self.output.previous.map_or(Ok(None), |previous| previous.read(path)),
        };
        let html = pages.prompt(name, read)?;
        Ok(html.map(|html| (RegistryPath::Page(Page::Prompt(name.clone())), html.into_bytes())))
    }
}

/// Writes the files of a prompt, and removes those of its files that no build writes any more.
pub(super) fn write(
    name: &PromptName,
    files: SpooledFiles,
    spool: &Spool,
    staging: &Staging,
) -> Result<()> {
    let files = spool.read(files)?;
    for (role, path, bytes) in &files {
        match role {
            FileRole::Own => staging.write(path, bytes)?,
            FileRole::Redaction => staging.redact(path, bytes)?,
        }
    }
    staging.tidy(name, files.iter().map(|(_, path, _)| path))
}

/// Returns the blobs that the parts of a version document name; none of a redaction. Of a document with more than this
/// release knows, nobody can tell which files have to go with its text.
fn blobs(path: &RegistryPath, bytes: &[u8]) -> Result<Vec<Digest>> {
    let problem = match VersionOrRedaction::read(bytes) {
        Ok(VersionOrRedaction::Redacted(_)) => return Ok(Vec::new()),
        Ok(VersionOrRedaction::Version(document)) if json::has_all_of(&*document, bytes) => {
            return Ok(document.blobs());
        }
        Ok(VersionOrRedaction::Version(_)) => "has fields of a newer promptdex".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let problem = format!("{problem}: redact it with the promptdex that published it");
    Err(CorruptFile { path: path.clone(), problem }.into())
}
