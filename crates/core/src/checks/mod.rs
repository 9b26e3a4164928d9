//! Rules about what the files mean, one file each. Rules about how the files are written are applied
//! where they are read.

use std::collections::BTreeMap;

use promptdex_wire::PromptName;

use crate::diagnostic::Diagnostic;
use crate::model::Settings;
use crate::prompt_past::PromptWithPast;
use crate::tree::PromptFiles;

mod arms;
mod cases;
mod context;
mod contract;
mod empty_rendering;
mod foreign_placeholder;
mod front_matter;
mod immutability;
mod media_in_text;
mod path_length;
mod pointer_in_metadata;
mod pointers;
mod promotion;
mod registry;
mod replaced_by;
mod sample_values;
mod shallow_history;
mod stale_codeowners;
mod states;
mod template_syntax;
mod type_error;
mod undefined_variable;
mod unguarded_value;
mod unused_variable;
mod yanked_include;

pub use cases::{CaseResult, CaseTokenizer};
pub(crate) use context::VersionContext;
pub use promotion::check_promotion;
pub use registry::check_registry;
pub use shallow_history::{SHALLOW_CLONE, check_missing_commits, versions_without_commits};
pub use stale_codeowners::{CodeOwnersFile, check_code_owners};
pub(crate) use template_syntax::check as check_templates;

/// Applies the checks of one version. Returns the results of its test cases. One that is served or new is also
/// rendered with values that its declarations allow.
pub(crate) fn check_version(
    context: &VersionContext<'_>,
    is_current: bool,
    tokenizer: Option<CaseTokenizer<'_>>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<CaseResult> {
    foreign_placeholder::check(context, findings);
    front_matter::check(context, findings);
    yanked_include::check(context, findings);
    pointer_in_metadata::check(context, findings);
    // What could not be read may declare or use any variable.
    if !context.source.is_complete {
        return Vec::new();
    }
    let before = findings.len();
    undefined_variable::check(context, findings);
    type_error::check(context, findings);
    // A case would only say again that the variable has no value.
    let renders = context.renders && findings.len() == before;
    if context.templates.len() == context.source.templates.len() {
        unused_variable::check(context, findings);
    }
    media_in_text::check(context, findings);
    empty_rendering::check(context, findings);
    cases::check(context, renders, is_current, tokenizer, findings)
}

/// Applies the rules about a prompt as a whole; `prompts` are all there are.
pub(crate) fn check_prompt(
    prompt_with_past: &PromptWithPast,
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    findings: &mut Vec<Diagnostic>,
) {
    let prompt = &prompt_with_past.prompt;
    immutability::check(prompt_with_past, findings);
    pointers::check(prompt_with_past, settings, findings);
    contract::check(prompt, findings);
    promotion::check(prompt_with_past, settings, findings);
    arms::check(prompt, findings);
    states::check(prompt, findings);
    replaced_by::check(prompt, prompts, findings);
    path_length::check(prompt, settings, findings);
}
