//! Reads, checks and compiles a tree of prompts. Values in, values out: the tree is a listing and the
//! contents of one prompt at a time, the result is files by their published path and findings. Disk,
//! Git and terminal are the caller's.
//!
//! ```
//! use promptdex_core::{compile_tree, tree::{Contents, Entry, Listing}};
//!
//! let files = [("greeting/v1.0.0/system_prompt.txt", "Hello {{ name }}.")];
//! let contents: Contents = files.map(|(path, text)| (path.to_owned(), text.into())).into();
//! let listing: Listing = files.map(|(path, text)| (path.to_owned(), Entry::File(text.len() as u64))).into();
//! let compiled = compile_tree(&listing, &contents, None);
//! assert_eq!(compiled.findings[0].message, "variable `name` is not declared");
//! ```
//!
//! The steps, each of which the command line runs on its own: [`tree::survey`] sorts the listing,
//! [`read::read_settings`] reads the facts of the registry, [`read::read_prompt`] reads a prompt,
//! [`compile::compile_prompt`] checks it and writes its documents, [`compile::assemble`] writes the
//! files of the registry as a whole, [`policy::apply`] sets the levels of the findings.

pub mod checks;
pub mod compile;
pub mod diagnostic;
pub mod edit;
pub mod model;
pub mod node;
pub mod policy;
pub mod read;
pub mod rules;
pub mod source;
pub mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use compile::includes::Library;
use compile::{CompiledPrompt, Environments, compile_prompt};
use diagnostic::Diagnostic;
use promptdex_wire::PromptName;

/// What a whole tree compiles to.
#[derive(Debug, Default)]
pub struct CompiledTree {
    /// The files, by their published path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is wrong, in file order.
    pub findings: Vec<Diagnostic>,
}

/// Compiles a tree that is in memory, as a preview without a published registry before it. Without
/// a tokenizer no tokens are counted.
pub fn compile_tree(
    listing: &tree::Listing,
    contents: &tree::Contents,
    tokenizer: Option<checks::Tokenizer<'_>>,
) -> CompiledTree {
    let survey = tree::survey(listing);
    let mut findings = survey.findings;
    let mut open =
        |path: &str| contents.get(path).and_then(|bytes| read::open(path, bytes, &mut findings));
    let registry = open(tree::REGISTRY_FILE).filter(|_| survey.has_registry_file);
    let policy = open(tree::POLICY_FILE).filter(|_| survey.has_policy_file);
    let documents: Vec<source::Source> =
        survey.documents.iter().filter_map(|path| open(path)).collect();
    findings.extend(documents.iter().filter_map(read::in_place));
    let (settings, mut settings_findings) = read::read_settings(registry.as_ref(), policy.as_ref());
    findings.append(&mut settings_findings);

    let mut prompts: BTreeMap<PromptName, Arc<model::Prompt>> = BTreeMap::new();
    for (name, files) in &survey.prompts {
        prompts.insert(
            name.clone(),
            Arc::new(read::read_prompt(name, files, contents, &mut findings)),
        );
    }
    let environments = Environments::preview(&settings);
    let mut library = Library::new(&settings, |name: &PromptName| prompts.get(name).cloned());
    let mut compiled = CompiledTree::default();
    let mut summaries = Vec::new();
    for (name, prompt) in &prompts {
        let files = &survey.prompts[name];
        let CompiledPrompt { files, summary } = compile_prompt(
            prompt,
            files,
            contents,
            &settings,
            &environments,
            &mut library,
            tokenizer,
            &mut findings,
        );
        compiled.files.extend(files.into_iter().map(|(path, bytes)| (path.to_string(), bytes)));
        summaries.push(summary);
    }
    let mut assembled = Vec::new();
    let read = |path: &promptdex_wire::Path| {
        Ok::<_, std::convert::Infallible>(compiled.files.get(&path.to_string()).cloned())
    };
    let Ok(()) = compile::assemble(&settings, &summaries, &environments, read, |path, bytes| {
        assembled.push((path.to_string(), bytes));
        Ok(())
    });
    compiled.files.extend(assembled);
    compiled.findings = policy::apply(&settings, findings);
    compiled
}
