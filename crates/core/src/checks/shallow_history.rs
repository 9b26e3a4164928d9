//! `shallow-history`: who made a new version is known.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_wire::PromptVersion;

use crate::diagnostic::Diagnostic;
use crate::history::TreeHistory;
use crate::prompt_past::PromptWithPast;
use crate::rules;

/// The remedy where commits are missing because the clone is shallow.
pub const SHALLOW_CLONE: &str = "the clone is shallow: run `git fetch --unshallow`; in GitHub workflows, set `fetch-depth: 0` for actions/checkout";

/// The same remedy, where the message has the cause.
const FETCH_COMMITS: &str =
    "run `git fetch --unshallow`; in GitHub workflows, set `fetch-depth: 0` for actions/checkout";

/// Returns the new versions of a prompt whose author is unknown, because a shallow clone lacks their
/// commit.
pub fn versions_without_commits(
    prompt_with_past: &PromptWithPast,
    history: &TreeHistory,
) -> Vec<PromptVersion> {
    let PromptWithPast { prompt, past } = prompt_with_past;
    let Some(missing) = history.missing_commits.get(&prompt.name) else { return Vec::new() };
    let nothing = BTreeMap::new();
    let published = past.published.as_ref().map_or(&nothing, |published| &published.versions);
    let is_missing = prompt.versions.iter().filter(|(version, source)| {
        let is_new = !published.contains_key(*version);
        is_new
            && missing.contains(*version)
            && past.version_origin(version, &source.metadata).at.is_none()
    });
    let own = |version| PromptVersion { name: prompt.name.clone(), version };
    is_missing.map(|(version, _)| own(version.clone())).collect()
}

/// Reports versions without commits, all of them in one finding.
pub fn check_missing_commits(versions: &BTreeSet<PromptVersion>, findings: &mut Vec<Diagnostic>) {
    let Some(first) = versions.first() else { return };
    let folder = format!("{}/v{}", first.name, first.version);
    let message = match versions.len() {
        1 => format!("cannot find the commit that created `{first}`: the clone is shallow"),
        count => format!(
            "cannot find the commits that created {count} versions (such as `{first}`): the clone is shallow"
        ),
    };
    findings.push(Diagnostic::about(&rules::SHALLOW_HISTORY, folder, message).help(FETCH_COMMITS));
}
