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
    let message = format!(
        "`{key}` says where version {} is served, which is not a fact about it",
        context.version
    );
    let read = if !context.prompt.has_environments {
        "`environments/{environment}.yaml` with `version: …` says it instead; `promptdex fix` moves it there"
    } else {
        "remove it: the files in `environments/` decide"
    };
    findings.push(
        Diagnostic::at(&rules::POINTER_IN_METADATA, source, placed.range.clone(), message)
            .help(read),
    );
}
