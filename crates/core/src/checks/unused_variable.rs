//! `unused-variable`: a declared variable that no template uses.

use std::collections::BTreeSet;

use super::context::VersionContext;
use crate::diagnostic::{Diagnostic, nearest};
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(metadata_source) = &context.source.metadata.source else { return };
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (source, template) in &context.templates {
        if !source.slot.is_example() {
            used.extend(template.uses().into_iter().map(|used| used.path[0].clone()));
        }
    }
    used.extend(context.source.media.iter().map(|media| media.name.value.clone()));
    used.extend(context.includes.values().flat_map(|include| include.uses.iter().cloned()));
    for declared in &context.source.metadata.variables {
        let name = &declared.variable.name;
        if used.contains(name) {
            continue;
        }
        let undeclared = used
            .iter()
            .map(String::as_str)
            .filter(|used| context.source.metadata.variable(used).is_none());
        let help = match nearest(name, undeclared) {
            Some(other) => {
                format!("did you mean `{other}`? The prompt uses it without declaring it")
            }
            None => "use the variable in the prompt, or remove it".to_owned(),
        };
        let message = format!("variable `{name}` is declared but never used");
        findings.push(
            Diagnostic::at(
                &rules::UNUSED_VARIABLE,
                metadata_source,
                declared.range.clone(),
                message,
            )
            .help(help),
        );
    }
}
