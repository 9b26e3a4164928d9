//! `empty-rendering`: a message renders to nothing, whatever the variables.

use super::context::VersionContext;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    for template in &context.source.templates {
        if template.text.text.trim().is_empty() {
            let place = template.text.origin.locate(0..template.text.text.len());
            let finding = Diagnostic::at(
                &rules::EMPTY_RENDERING,
                &template.source,
                place,
                "the prompt text is empty",
            );
            findings.push(finding.help("write the text, or remove the message"));
        }
    }
}
