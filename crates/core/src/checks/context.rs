//! What the rules about one version look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use promptdex_template::Template;
use promptdex_wire::{Dialect, PromptVersion, Version};

use super::template_syntax;
use crate::compile::ResolvedInclude;
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, PromptVersionSource, TemplateSource};
use crate::prompt_past::{PromptPast, PromptWithPast};

/// A version and everything that its checks need.
pub(crate) struct VersionContext<'a> {
    pub(crate) prompt: &'a Prompt,
    pub(crate) past: &'a PromptPast,
    pub(crate) version: &'a Version,
    pub(crate) source: &'a PromptVersionSource,
    /// The templates that can be parsed.
    pub(crate) templates: Vec<(&'a TemplateSource, Template<'a>)>,
    /// The texts that it includes, transitively.
    pub(crate) includes: &'a BTreeMap<PromptVersion, Arc<ResolvedInclude>>,
    /// Whether every template can be parsed and has only what its dialect has.
    pub(crate) renders: bool,
}

impl<'a> VersionContext<'a> {
    /// Parses the templates of a version; what cannot be parsed is a finding.
    pub(crate) fn parse(
        prompt_with_past: &'a PromptWithPast,
        version: &'a Version,
        source: &'a PromptVersionSource,
        includes: &'a BTreeMap<PromptVersion, Arc<ResolvedInclude>>,
        includes_resolved: bool,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let before = findings.len();
        let templates = template_syntax::check(source, findings);
        let renders = includes_resolved && source.is_complete && findings.len() == before;
        let PromptWithPast { prompt, past } = prompt_with_past;
        Self { prompt, past, version, source, templates, includes, renders }
    }

    /// Returns the dialect of the version.
    pub(super) fn dialect(&self) -> Dialect {
        self.source.metadata.template
    }
}
