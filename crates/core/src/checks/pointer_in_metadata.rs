//! `pointer-in-metadata`: `status` and `environment` change, an immutable version does not.

use super::context::VersionContext;
use crate::diagnostic::Diagnostic;
use crate::rules;

pub(super) fn check(context: &VersionContext<'_>, findings: &mut Vec<Diagnostic>) {
    // What is published cannot be changed any more.
    let published = context.past.published.as_ref();
    if published.is_some_and(|published| published.versions.contains_key(context.version)) {
        return;
    }
    let metadata = &context.source.metadata;
    let Some(source) = &metadata.source else { return };
    let Some((key, placed)) =
        [("environment", &metadata.environment), ("status", &metadata.status)]
            .into_iter()
            .find_map(|(key, placed)| placed.as_ref().map(|placed| (key, placed)))
    else {
        return;
    };
    let message =
        format!("`{key}` in the metadata assigns version {} to an environment", context.version);
    let read = if !context.prompt.has_environments {
        "run `promptdex fix` to move it to `environments/{environment}.yaml`"
    } else {
        "remove it; the files in `environments/` take precedence"
    };
    findings.push(
        Diagnostic::at(&rules::POINTER_IN_METADATA, source, placed.range.clone(), message)
            .help(read),
    );
}
