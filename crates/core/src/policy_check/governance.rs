//! `not-allowed` for what decides about others: the rules of the registry, its place, who owns a prompt, and what
//! replaces it; and `last-environment`.

use promptdex_compare::teams::governing_teams;
use promptdex_wire::policy::Permission;

use super::people::Action;
use super::proposed_change::{BasePrompt, ProposedChange};
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::rules;
use crate::tree::{POLICY_FILE, REGISTRY_FILE, SIGNERS_FILE};

/// Checks who changes the owners and the replacement of a prompt that the base has.
pub(super) fn check_prompt(
    prompt: &Prompt,
    base: &BasePrompt,
    settings: &Settings,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    if base.versions.is_empty() {
        return;
    }
    let name = &prompt.name;
    let replaced_by = prompt.replaced_by.as_ref().map(|name| &name.value);
    let path = format!("{name}/prompt.yaml");
    for (key, is_changed) in [
        ("owners", prompt.owners != base.owners),
        ("replaced_by", replaced_by != base.replaced_by.as_ref()),
    ] {
        if is_changed {
            let places = [path.clone(), format!("{name}.md")];
            check(
                format!("change `{key}` of `{name}`"),
                &path,
                &places,
                settings,
                proposal,
                findings,
            );
        }
    }
}

/// Checks who changes the rules of the registry or moves the tree.
pub(super) fn check_registry(
    settings: &Settings,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    for path in [REGISTRY_FILE, POLICY_FILE, SIGNERS_FILE] {
        if proposal.changed_paths.contains(path) {
            let places = [path.to_owned()];
            check(format!("change {path}"), path, &places, settings, proposal, findings);
        }
    }
    if let Some((from, to)) = &proposal.moved {
        let what = format!("move the tree from `{from}` to `{to}`");
        // Every commit that touches a file of the tree may have moved it.
        let places = [String::new()];
        check(what, REGISTRY_FILE, &places, settings, proposal, findings);
    }
    let (old, new) = (&proposal.settings.environments, &settings.environments);
    if let (Some(old), Some(last)) = (old.last(), new.last())
        && old != last
        && new.contains(old)
    {
        let message = format!(
            "{old} is no longer the last environment, the only one that refuses breaking changes"
        );
        let finding = match (&settings.file, &settings.environments_key) {
            (Some(source), Some(range)) => {
                Diagnostic::at(&rules::LAST_ENVIRONMENT, source, range.clone(), message)
            }
            _ => Diagnostic::about(&rules::LAST_ENVIRONMENT, REGISTRY_FILE, message),
        };
        findings.push(finding.help(format!("list {last} before {old} if apps rely on {old}")));
    }
}

fn check(
    what: String,
    path: &str,
    places: &[String],
    settings: &Settings,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    let teams = governing_teams(&settings.governance.teams);
    if teams.is_empty() {
        return;
    }
    let able = teams.clone();
    let action = Action { what, permission: Permission::Govern, concerned: teams, able, places };
    for (message, help) in action.judge(proposal) {
        findings.push(Diagnostic::about(&rules::NOT_ALLOWED, path, message).help(help));
    }
}
