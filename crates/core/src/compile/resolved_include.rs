//! An included text with all that is needed to publish and to render it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promptdex_wire::prompt::{Include, Includes};
use promptdex_wire::variables::Type;
use promptdex_wire::{Blob, Dialect, PromptVersion};

/// An included version, ready to be published with what includes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolvedInclude {
    pub(super) dialect: Dialect,
    pub(super) text: String,
    pub(super) document: Blob,
    /// The variables that the text itself uses.
    pub(crate) uses: BTreeSet<String>,
    /// The types it declares them with.
    pub(super) types: BTreeMap<String, Type>,
    /// How deep its own includes are nested.
    pub(super) depth: usize,
    /// Why it is yanked, if it is.
    pub(crate) yank_reason: Option<String>,
    /// What it includes, transitively.
    pub(super) includes: BTreeMap<PromptVersion, Arc<Self>>,
}

impl ResolvedInclude {
    /// Returns the version itself, which is `name`, and everything that it includes.
    pub(crate) fn self_and_includes<'a>(
        &'a self,
        name: &'a PromptVersion,
    ) -> Vec<(&'a PromptVersion, &'a Self)> {
        let inner = self.includes.iter().map(|(name, resolved)| (name, resolved.as_ref()));
        std::iter::once((name, self)).chain(inner).collect()
    }
}

/// Returns the includes as a version document carries them.
pub(crate) fn build_includes(includes: &BTreeMap<PromptVersion, Arc<ResolvedInclude>>) -> Includes {
    let include = |resolved: &ResolvedInclude| Include {
        template: resolved.dialect,
        text: resolved.text.clone(),
        digest: resolved.document.digest,
        size: resolved.document.size,
    };
    Includes(includes.iter().map(|(name, resolved)| (name.clone(), include(resolved))).collect())
}
