//! `media-in-text`: a text prints a variable that stands for an image, a file or a sound.

use promptdex_template::Usage;
use promptdex_wire::variables::Type;

use super::context::VersionContext;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    for (source, template) in &context.templates {
        if source.slot.is_example() {
            continue;
        }
        for used in template.uses() {
            let Some(variable) = context.source.metadata.variable(&used.path[0]) else { continue };
            let is_media = matches!(variable.kind, Type::Image | Type::File | Type::Audio);
            if !is_media || used.usage != Usage::Printed {
                continue;
            }
            let (name, kind) = (&variable.name, variable.kind.as_str());
            let message = format!("variable `{name}` of type `{kind}` is printed as text");
            let range = source.text.origin.locate(used.range);
            findings.push(
                Diagnostic::at(&rules::MEDIA_IN_TEXT, &source.source, range, message).help(
                    format!(
                        "write it as a part in messages.yaml: `{{type: {kind}, variable: {name}}}`"
                    ),
                ),
            );
        }
    }
}
