//! `unknown-prompt`: the prompt named by `replaced_by` exists.

use std::collections::BTreeMap;

use promptdex_wire::PromptName;

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::Prompt;
use crate::rules;
use crate::tree::PromptFiles;

pub(super) fn check(
    prompt: &Prompt,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    findings: &mut Vec<Diagnostic>,
) {
    let (Some(source), Some(named)) = (&prompt.source, &prompt.replaced_by) else { return };
    let (message, help) = if named.value == prompt.name {
        ("`replaced_by` names the prompt itself".to_owned(), None)
    } else if prompts.contains_key(&named.value) {
        return;
    } else {
        let names = prompts.keys().filter(|name| **name != prompt.name);
        let help = did_you_mean(named.value.as_str(), names.map(PromptName::as_str));
        (format!("prompt `{}` not found", named.value), help)
    };
    let finding = Diagnostic::at(&rules::UNKNOWN_PROMPT, source, named.range.clone(), message);
    findings.push(finding.help("name the prompt that replaces this one").maybe_help(help));
}
