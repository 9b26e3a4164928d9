//! `yanked-include`: a version that is not published yet includes a yanked one. What is published
//! keeps what it includes.

use promptdex_wire::PromptVersion;

use super::context::VersionContext;
use crate::compile::includes::includes_of;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    if !context.past.is_new(context.version) {
        return;
    }
    for (template, include) in includes_of(context.source) {
        let Ok(name) = include.name.parse::<PromptVersion>() else { continue };
        let Some(included) = context.includes.get(&name) else { continue };
        let all = included.self_and_includes(&name);
        let Some((yanked, reason)) =
            all.iter().find_map(|(name, found)| Some((*name, found.yank_reason.as_ref()?)))
        else {
            continue;
        };
        let range = template.text.origin.locate(include.range);
        let message = if *yanked == name {
            format!("`{name}` is yanked: {reason}")
        } else {
            format!("`{name}` includes the yanked `{yanked}`: {reason}")
        };
        findings.push(
            Diagnostic::at(&rules::YANKED_INCLUDE, &template.source, range, message)
                .help("include a different version"),
        );
    }
}
