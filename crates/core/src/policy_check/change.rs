//! `too-many-versions`, `unsigned-commit`, and of what the base has `removed-version` and
//! `removed-environment`: rules about a change as a whole.

use std::collections::BTreeMap;

use promptdex_wire::PromptName;

use super::governance;
use super::proposed_change::ProposedChange;
use crate::diagnostic::Diagnostic;
use crate::model::Settings;
use crate::rules;
use crate::tree::{POLICY_FILE, PromptFiles, REGISTRY_FILE};

/// Applies the rules about a change as a whole; `prompts` are the prompts of the tree that it touches.
pub fn check_change(
    settings: &Settings,
    prompts: &BTreeMap<PromptName, PromptFiles>,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    governance::check_registry(settings, proposal, findings);
    let base = proposal.base_name();
    for name in proposal.prompts.keys().filter(|name| !prompts.contains_key(name)) {
        let message = format!("prompt `{name}` of `{base}` was removed");
        findings.push(Diagnostic::about(&rules::REMOVED_VERSION, name.as_str(), message).help(
            "restore the folder; to rename a prompt, add a new one and set `replaced_by` in the old one",
        ));
    }
    let gone = |environment: &&promptdex_wire::Environment| {
        !settings.environments.contains(environment)
            && proposal.prompts.values().any(|prompt| prompt.targets.contains_key(environment))
    };
    for environment in proposal.settings.environments.iter().filter(gone) {
        let message = format!("environment `{environment}` of `{base}` is no longer listed");
        let finding = match (&settings.file, &settings.environments_key) {
            (Some(source), Some(range)) => {
                Diagnostic::at(&rules::REMOVED_ENVIRONMENT, source, range.clone(), message)
            }
            _ => Diagnostic::about(&rules::REMOVED_ENVIRONMENT, REGISTRY_FILE, message),
        };
        findings.push(finding.help(
            "list it again, or first add an `allow` entry to policy.yaml in a separate change",
        ));
    }
    if let Some(most) = settings.governance.max_versions {
        let is_known = |name: &PromptName, version| {
            proposal.prompts.get(name).is_some_and(|base| base.versions.contains_key(version))
        };
        let new = prompts
            .iter()
            .flat_map(|(name, files)| files.versions.keys().map(move |version| (name, version)));
        let new: Vec<_> = new.filter(|(name, version)| !is_known(name, version)).collect();
        let over = usize::try_from(most).ok().and_then(|most| new.get(most));
        if let Some((name, version)) = over {
            let message = format!("this change adds {} versions; the limit is {most}", new.len());
            let folder = format!("{name}/v{version}");
            findings.push(
                Diagnostic::about(&rules::TOO_MANY_VERSIONS, folder, message)
                    .help("split the change, or raise `max_versions` in policy.yaml"),
            );
        }
    }
    for commit in &proposal.commits {
        let Some(problem) = &commit.signature_problem else { continue };
        let id = commit.id.get(..10).unwrap_or(&commit.id);
        let message = format!("commit {id} by `{}` {problem}", commit.email);
        let path = commit.paths.first().map_or(POLICY_FILE, String::as_str);
        findings.push(Diagnostic::about(&rules::UNSIGNED_COMMIT, path, message).help(
            "list the SSH key in `allowed_signers` of the base branch in a separate change first, then sign with `git commit --amend --gpg-sign`",
        ));
    }
}
