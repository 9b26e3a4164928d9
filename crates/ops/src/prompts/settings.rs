//! The settings of a registry, from `registry.yaml` and `policy.yaml` of a tree.

use promptdex_core::diagnostic::Diagnostic;
use promptdex_core::model::Settings;
use promptdex_core::read::{self, open};
use promptdex_core::source::SourceFile;
use promptdex_core::tree::{POLICY_FILE, REGISTRY_FILE};

use crate::error::Result;
use crate::tree::Tree;

/// Reads the settings without a listing of the tree. Findings are dropped; `check` reports them.
pub fn read_settings(tree: &Tree) -> Result<Settings> {
    Ok(read_with_findings(tree, tree.has(REGISTRY_FILE), tree.has(POLICY_FILE))?.0)
}

/// Reads the settings, with the findings about them.
pub fn read_with_findings(
    tree: &Tree,
    has_registry: bool,
    has_policy: bool,
) -> Result<(Settings, Vec<Diagnostic>)> {
    let mut findings = Vec::new();
    let mut open = |there: bool, path: &str| -> Result<Option<SourceFile>> {
        if there { Ok(open(path, &tree.read(path)?, &mut findings)) } else { Ok(None) }
    };
    let registry = open(has_registry, REGISTRY_FILE)?;
    let policy = open(has_policy, POLICY_FILE)?;
    let (settings, found) = read::read_settings(registry.as_ref(), policy.as_ref());
    findings.extend(found);
    Ok((settings, findings))
}
