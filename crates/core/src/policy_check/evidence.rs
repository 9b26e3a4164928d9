//! `not-allowed` for what a promotion relies on: test results and test cases. Whoever may promote could otherwise
//! write the results that allow it.

use promptdex_compare::teams::{owning_teams, recording_teams};
use promptdex_wire::policy::Permission;

use super::people::Action;
use super::proposed_change::ProposedChange;
use crate::diagnostic::Diagnostic;
use crate::model::{Prompt, Settings};
use crate::rules;

pub(super) fn check(
    prompt: &Prompt,
    settings: &Settings,
    proposal: &ProposedChange,
    findings: &mut Vec<Diagnostic>,
) {
    let teams = &settings.governance.teams;
    let owners = owning_teams(teams, &prompt.name);
    if owners.is_empty() {
        return;
    }
    for (folder, what) in [("results", "test results"), ("cases", "test cases")] {
        let folder = format!("{}/{folder}/", prompt.name);
        let Some(path) = proposal.first_changed_below(&folder) else { continue };
        let action = Action {
            what: format!("change the {what} of `{}`", prompt.name),
            permission: Permission::Record,
            able: recording_teams(teams, &owners),
            concerned: owners.clone(),
            places: &[folder],
        };
        for (message, help) in action.judge(proposal) {
            findings.push(Diagnostic::about(&rules::NOT_ALLOWED, path.clone(), message).help(help));
        }
    }
}
