//! `yanked-include`: a version that is not published yet includes a yanked one. What is published
//! keeps what it includes.

use super::VersionContext;
use crate::compile::includes::includes_of;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    let published = context.prompt.published.as_ref();
    if published.is_none_or(|published| published.versions.contains_key(context.version)) {
        return;
    }
    for (template, include) in includes_of(context.source) {
        let Ok(name) = include.name.parse() else { continue };
        let Some(reason) = context.includes.get(&name).and_then(|found| found.yanked.as_ref())
        else {
            continue;
        };
        let range = template.text.origin.locate(include.range);
        let message = format!("`{name}` is yanked: {reason}");
        findings.push(
            Diagnostic::at(&rules::YANKED_INCLUDE, &template.source, range, message)
                .help("include another version of it"),
        );
    }
}
