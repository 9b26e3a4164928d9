//! Reads, checks and compiles a tree of prompts. Values in, values out: the tree is a listing and the
//! contents of one prompt at a time, the result is files by their published path and findings. Disk,
//! Git and terminal are the caller's.
//!
//! ```
//! use promptdex_core::{compile_tree, history::TreeHistory, tree::{Contents, Entry, Listing}};
//!
//! let files = [("greeting/v1.0.0/system_prompt.txt", "Hello {{ name }}.")];
//! let contents: Contents = files.map(|(path, text)| (path.to_owned(), text.into())).into();
//! let listing: Listing = files.map(|(path, text)| (path.to_owned(), Entry::file(text.len() as u64))).into();
//! let compiled = compile_tree(&listing, &contents, None, &TreeHistory::default(), None)?;
//! assert_eq!(compiled.findings[0].message, "variable `name` is not declared");
//! # Ok::<(), promptdex_core::published::Damage>(())
//! ```
//!
//! The steps, each of which the command line runs on its own: [`tree::survey`] sorts the listing,
//! [`read::read_settings`] reads the facts of the registry, [`read::read_prompt`] reads a prompt,
//! [`compile::compile_prompt`] checks it and writes its documents, [`compile::assemble`] writes the
//! files of the registry as a whole, [`policy::apply`] sets the levels of the findings.

pub mod block;
pub mod checks;
pub mod code_owners;
pub mod compile;
pub mod diagnostic;
pub mod edit;
pub mod history;
pub mod judge;
pub mod model;
pub mod node;
pub mod past;
pub mod policy;
pub mod published;
pub mod read;
pub mod rules;
pub mod source;
pub mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use compile::includes::Library;
use compile::search::{Kept, PromptTerms, Terms, Texts};
use compile::{CompiledPrompt, Environments, Publication, compile_prompt};
use diagnostic::Diagnostic;
use history::TreeHistory;
use past::{KnownPrompt, PromptPast};
use promptdex_wire::{Class, Path, PromptName};
use published::{Damage, Published, PublishedHistory};

/// What a whole tree compiles to.
#[derive(Debug, Default)]
pub struct CompiledTree {
    /// The files, by their published path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is wrong, in file order.
    pub findings: Vec<Diagnostic>,
}

/// Where a `CODEOWNERS` file may be.
const CODE_OWNERS: &str = "CODEOWNERS";

/// Compiles a tree that is in memory. Without a tokenizer no tokens are counted; `previous` are the
/// files of the published registry that the tree continues, by path; `told` is what Git says of the tree.
pub fn compile_tree(
    listing: &tree::Listing,
    contents: &tree::Contents,
    previous: Option<&BTreeMap<String, Vec<u8>>>,
    told: &TreeHistory,
    tokenizer: Option<checks::Tokenizer<'_>>,
) -> Result<CompiledTree, Damage> {
    let mut survey = tree::survey(listing);
    let mut findings = Vec::new();
    let mut open =
        |path: &str| contents.get(path).and_then(|bytes| read::open(path, bytes, &mut findings));
    let registry = open(tree::REGISTRY_FILE).filter(|_| survey.has_registry_file);
    let policy = open(tree::POLICY_FILE).filter(|_| survey.has_policy_file);
    let nothing = read::Committed::new();
    for (path, form) in survey.may_be_in_place() {
        if let Some(numbered) = open(&path).as_ref().and_then(read::numbered) {
            let committed = told.in_place.get(&path).unwrap_or(&nothing);
            read::unfold(&mut survey, form, &path, numbered, committed, contents);
        }
    }
    findings.append(&mut survey.findings);
    let (settings, mut settings_findings) = read::read_settings(registry.as_ref(), policy.as_ref());
    findings.append(&mut settings_findings);
    let proposal = told.proposal.as_deref();
    let settings = match proposal {
        Some(proposal) => settings.judged_by(&proposal.settings),
        None => settings,
    };

    let old = |path: &Path| -> Result<Option<Vec<u8>>, Damage> {
        Ok(previous.and_then(|files| files.get(&path.to_string())).cloned())
    };
    let mut history = PublishedHistory::default();
    let published = match previous {
        Some(files) => {
            let chains = files.keys().filter_map(|path| match Path::parse(path) {
                Some(Path::Pointer(chain) | Path::Release(chain, _)) => Some(chain),
                _ => None,
            });
            let chains: std::collections::BTreeSet<_> = chains.collect();
            let published = Published::read(chains, old)?;
            history = published.read_history(old)?;
            Some(published)
        }
        None => None,
    };
    let published = published.as_ref();
    checks::check_registry(&settings, &survey.prompts, published, &mut findings);
    // The root of a tree that is in memory is the top of its repository.
    if let Some(text) = contents.get(CODE_OWNERS) {
        let text = String::from_utf8_lossy(text).into_owned();
        let (path, folder) = (CODE_OWNERS.to_owned(), String::new());
        let file = checks::CodeOwnersFile { path, text, folder };
        checks::check_code_owners(&settings, survey.prompts.keys(), &file, &mut findings);
    }
    if let Some(proposal) = proposal {
        judge::check_change(&settings, &survey.prompts, proposal, &mut findings);
    }
    let environments = published.map_or_else(
        || Environments::preview(&settings),
        |published| Environments::after(&settings, published),
    );
    let environments = environments.told(told);

    let mut prompts: BTreeMap<PromptName, Arc<KnownPrompt>> = BTreeMap::new();
    let mut hidden = std::collections::BTreeSet::new();
    for (name, files) in &survey.prompts {
        let prompt = read::read_prompt(name, files, contents, &mut findings);
        let mut past = PromptPast::default();
        if let Some(published) = published {
            let mut known = published.prompt(name, old)?;
            let served = compile::served_versions(&prompt, &settings);
            known.load(name, served.iter().chain(&history::to_attribute(&prompt)), old)?;
            known.history = history.prompts.get(name).cloned().unwrap_or_default();
            past.published = Some(known);
        }
        past.history = told.prompts.get(name).cloned().unwrap_or_default();
        if let Some(proposal) = proposal {
            let base = proposal.prompts.get(name).cloned().unwrap_or_default();
            judge::check_prompt(&prompt, &base, &settings, proposal, &mut findings);
            past.base = Some(base);
        }
        let known = KnownPrompt { prompt, past };
        hidden.extend(checks::hidden_versions(&known, told));
        prompts.insert(name.clone(), Arc::new(known));
    }
    checks::check_hidden(&hidden, &mut findings);
    let mut library = Library::new(&settings, |name: &PromptName| prompts.get(name).cloned());
    let mut files: BTreeMap<String, Vec<u8>> = previous
        .into_iter()
        .flatten()
        .filter(|(path, _)| Path::parse(path).is_some_and(|path| path.class() == Class::Immutable))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    let mut summaries = Vec::new();
    let mut terms = Terms::default();
    for (place, known) in (0..).zip(prompts.values()) {
        terms.add(place, &PromptTerms::of(&known.prompt, &settings));
        let compiled = compile_prompt(
            known,
            &survey.prompts,
            contents,
            &settings,
            &environments,
            &mut library,
            tokenizer,
            &mut findings,
        );
        let CompiledPrompt { files: written, redacted, summary, .. } = compiled;
        let written = written.into_iter().chain(redacted);
        files.extend(written.map(|(path, bytes)| (path.to_string(), bytes)));
        summaries.push(summary);
    }
    let mut assembled = Vec::new();
    let summaries: Vec<&compile::PromptSummary> = summaries.iter().collect();
    compile::assemble(
        &settings,
        &summaries,
        &environments,
        published,
        &Publication { source: told.source.clone(), rules: told.rules.clone() },
        compile::Collected {
            texts: Texts::Changed { terms, kept: Kept::default() },
            months: compile::Months::of(&history),
        },
        |path| match files.get(&path.to_string()) {
            Some(bytes) => Ok::<_, Damage>(Some(bytes.clone())),
            None => old(path),
        },
        |path, bytes| {
            assembled.push((path.to_string(), bytes));
            Ok(())
        },
    )?;
    files.extend(assembled);
    Ok(CompiledTree { files, findings: policy::apply(&settings, findings) })
}
