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

/// The files of a registry, keyed by published path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The result of compiling a tree.
#[derive(Debug)]
pub(crate) struct CompiledTree {
    /// The files of the registry. Empty if there are errors.
    pub(crate) files: Files,
    /// The findings, in file order.
    pub(crate) findings: Vec<Diagnostic>,
}

/// Compiles a tree as the continuation of `previous`. Each word counts as one token.
pub(crate) fn compile(tree: &Tree, previous: Option<&Files>) -> Result<CompiledTree> {
    compile_with(tree, previous, &Output::default())
}

/// Compiles a tree with further options.
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
