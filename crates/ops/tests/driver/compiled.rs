//! Builds into memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::rules::Severity;
use promptdex_ops::build;
use promptdex_ops::build::output::Output;
use promptdex_ops::build::tokens::TokenCount;
use promptdex_ops::error::Result;
use promptdex_ops::published::PreviousRegistry;
use promptdex_ops::target::{InMemory, Staging};
use promptdex_ops::tree::Tree;
use promptdex_wire::RegistryPath;

/// The files of a registry, by their published path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What a tree compiles to.
#[derive(Debug)]
pub(crate) struct CompiledTree {
    /// The files of the registry; with errors found there are none.
    pub(crate) files: Files,
    /// What is wrong, in file order.
    pub(crate) findings: Vec<Diagnostic>,
}

/// Compiles a tree after the registry `previous`. A word is a token.
pub(crate) fn compile(tree: &Tree, previous: Option<&Files>) -> Result<CompiledTree> {
    compile_with(tree, previous, &Output::default())
}

/// Compiles a tree with more that is given.
pub(crate) fn compile_with(
    tree: &Tree,
    previous: Option<&Files>,
    output: &Output<'_>,
) -> Result<CompiledTree> {
    let previous = previous.map(|files| {
        let files = files.iter();
        let files = files.map(|(path, bytes)| (RegistryPath::parse(path).unwrap(), bytes.clone()));
        PreviousRegistry::in_memory(files.collect::<BTreeMap<_, _>>())
    });
    let previous = previous.transpose()?;
    let target = Arc::new(InMemory::default());
    let staging = Staging::InMemory(Arc::clone(&target));
    let words = |text: &str| text.split_whitespace().count() as u64;
    let output = Output {
        staging: Some(&staging),
        previous: previous.as_ref(),
        count: Some(TokenCount(&words)),
        ..*output
    };
    let outcome = build::run(tree, &output)?;
    if outcome.count(Severity::Error) == 0 {
        staging.commit()?;
    }
    let files = target.files().into_iter();
    let files = files.map(|(path, bytes)| (path.to_string(), bytes)).collect();
    Ok(CompiledTree { files, findings: outcome.findings })
}
