//! Redactions: the text of a version is removed, with every version that includes it.

use std::collections::BTreeSet;

use promptdex_core::tree::PromptFiles;
use promptdex_wire::PromptVersion;
use promptdex_wire::catalog::State;

use super::plan::{ChangePlan, PlannedEffect};
use super::prompt_graph::PromptGraph;
use super::version_state;
use crate::error::Result;
use crate::text::plural;
use crate::tree::Tree;

/// Plans to redact a version, and to remove its files unless the caller keeps them.
pub fn plan(
    graph: &PromptGraph<'_>,
    first: &PromptVersion,
    reason: &str,
    keep_files: bool,
) -> Result<ChangePlan> {
    let withdrawn = with_includers(graph, first);
    let mut plan = ChangePlan::new("redact", Some(reason));
    plan.subject = format!("Redact {} {}", first.name, first.version);
    for own in &withdrawn {
        let (files, prompt) = graph.prompt(&own.name)?;
        let reason =
            if own == first { reason.to_owned() } else { format!("includes {first}: {reason}") };
        let known = prompt.states.get(&own.version).filter(|known| known.state == State::Redacted);
        if known.is_none_or(|known| own == first && known.reason != reason) {
            let wanted = Some((State::Redacted, reason.as_str()));
            let change =
                version_state::set_state(graph, &own.name, &own.version, wanted, &mut plan.files)?;
            plan.effects.push(PlannedEffect::State(change));
        }
        if own == first && !keep_files {
            remove_files(graph.loader.tree(), files, own, &mut plan);
        }
    }
    let includers = withdrawn.len() - 1;
    if includers > 0 {
        let includers = plural(includers, "version");
        plan.notes.push(format!("{includers} that include it will also be redacted"));
    }
    plan.notes.push(
        "run `promptdex build --previous` to replace the published files and to print the URLs to purge; revoke a leaked secret, which caches, clones and the Git history keep".to_owned(),
    );
    Ok(plan)
}

/// Returns a version and every version that includes it, at any depth.
fn with_includers(graph: &PromptGraph<'_>, first: &PromptVersion) -> Vec<PromptVersion> {
    let mut all: Vec<PromptVersion> = vec![first.clone()];
    let mut seen: BTreeSet<PromptVersion> = [first.clone()].into();
    let mut next = 0;
    while let Some(own) = all.get(next) {
        for includer in graph.includers_of(&own.name, &own.version) {
            if seen.insert(includer.version.clone()) {
                all.push(includer.version);
            }
        }
        next += 1;
    }
    all
}

/// Removes the files of a version. Its cases and results go too, because they repeat its text.
fn remove_files(tree: &Tree, files: &PromptFiles, own: &PromptVersion, plan: &mut ChangePlan) {
    let version = &own.version;
    let sources = files.versions.get(version).into_iter().flat_map(|files| files.keys());
    let mut paths: Vec<String> = sources.map(|file| files.version_file(version, file)).collect();
    if files.in_place.is_some() {
        // The files of a prompt in place stay: older text is in commits, and the current edit may
        // become the next version.
        paths.clear();
        plan.notes.push(format!(
            "{} is a single-file prompt: remove the text there, and set the next version",
            own.name
        ));
    }
    paths.push(files.cases_file(version));
    let results = files.results.iter().filter(|(of, _)| of == version);
    paths.extend(results.map(|(of, test)| files.results_file(of, test)));
    for path in paths.into_iter().filter(|path| tree.has(path)) {
        plan.files.insert(path, None);
    }
}
