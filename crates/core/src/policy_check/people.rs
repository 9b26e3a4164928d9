//! `not-allowed`: who may create, promote and revert.

use promptdex_compare::teams::{NamedTeam, owning_teams, permitted_teams};
use promptdex_wire::catalog::State;
use promptdex_wire::event::Operation;
use promptdex_wire::policy::Permission;

use super::events::ChangeEvent;
use super::proposed_change::{ChangeCommit, ProposedChange};
use crate::diagnostic::Diagnostic;
use crate::history::state_of;
use crate::model::{Prompt, Settings, TeamSource};
use crate::rules;

pub(super) fn check(
    prompt: &Prompt,
    settings: &Settings,
    proposal: &ProposedChange,
    event: &ChangeEvent,
    is_revert: bool,
    findings: &mut Vec<Diagnostic>,
) {
    let teams = owning_teams(&settings.governance.teams, &prompt.name);
    // Whoever adds a version does not move the environment that follows the highest one.
    if teams.is_empty() || event.follows {
        return;
    }
    let right = needed_permission(event, is_revert);
    let mut report = |message: String, help: String| {
        let finding = event.report(prompt, None, &rules::NOT_ALLOWED, message);
        findings.push(finding.help(help));
    };
    let what = describe_event(prompt, event);
    let mut persons: Vec<ChangeAuthor<'_>> = Vec::new();
    if let Some(actor) = &proposal.actor {
        persons.push(ChangeAuthor::actor(actor));
    } else {
        let (commits, is_open) = proposal.find_commits(&event.places);
        if is_open {
            report(
                format!("{what}, which is not committed: nobody can be judged"),
                "commit it, or say with `--actor` who does it".to_owned(),
            );
        } else if commits.is_empty() {
            report(
                format!("{what}, and no commit of the change did it: nobody can be judged"),
                format!(
                    "merge or rebase onto `{}`, or say with `--actor` who does it",
                    proposal.base_name()
                ),
            );
        }
        for person in commits.into_iter().map(ChangeAuthor::author) {
            if !persons.contains(&person) {
                persons.push(person);
            }
        }
    }
    for person in persons {
        let own: Vec<NamedTeam<'_, TeamSource>> =
            teams.iter().filter(|(_, team)| person.is_in(team)).copied().collect();
        if !permitted_teams(&own, right).is_empty() {
            continue;
        }
        let shown = person.display_name();
        let list = |teams: &[NamedTeam<'_, TeamSource>]| {
            let names: Vec<String> = teams.iter().map(|(name, _)| format!("`{name}`")).collect();
            names.join(", ")
        };
        let why = match (own.as_slice(), teams.as_slice()) {
            ([], [(team, _)]) => format!("`{shown}` is not in the team `{team}`, which owns it"),
            ([], _) => {
                format!("`{shown}` is in none of the teams that own it, {}", list(&teams))
            }
            (own, _) => format!("`{shown}` is in {}, and may not `{}`", list(own), right.as_str()),
        };
        let able = permitted_teams(&teams, right);
        let help = if able.is_empty() {
            format!(
                "no team that owns it may `{}`, says {}: change that first",
                right.as_str(),
                proposal.policy()
            )
        } else {
            let able = list(&able);
            format!(
                "somebody of {able} makes the change, as `teams` in {} has them",
                proposal.policy()
            )
        };
        report(format!("{what}: {why}"), help);
    }
}

/// Returns the right that an event needs. What takes away is a revert.
fn needed_permission(event: &ChangeEvent, is_revert: bool) -> Permission {
    match event.operation {
        Operation::Created => Permission::Create,
        Operation::Promoted | Operation::RolledOut | Operation::Reverted if is_revert => {
            Permission::Revert
        }
        Operation::Retired => Permission::Revert,
        // A state that is taken back gives the version again.
        Operation::Deprecated | Operation::Yanked | Operation::Archived | Operation::Redacted
            if event.to.is_some() =>
        {
            Permission::Revert
        }
        Operation::Promoted
        | Operation::RolledOut
        | Operation::Reverted
        | Operation::Deprecated
        | Operation::Yanked
        | Operation::Archived
        | Operation::Redacted
        | Operation::RulesChanged => Permission::Promote,
    }
}

/// Describes an event as part of a sentence.
fn describe_event(prompt: &Prompt, event: &ChangeEvent) -> String {
    let name = &prompt.name;
    let version = event.version().map(ToString::to_string).unwrap_or_default();
    if let Some(environment) = &event.environment {
        return match event.to {
            Some(_) => format!("{environment} would serve {version} of `{name}`"),
            None => format!("{environment} would not serve `{name}` any more"),
        };
    }
    let becomes = match event.operation {
        Operation::Created => return format!("version {version} of `{name}` is new"),
        _ if event.to.is_none() => "active again",
        operation => state_of(operation).map_or("another one", State::as_str),
    };
    format!("version {version} of `{name}` would be {becomes}")
}

/// A person who makes a change, by name, email and handle.
#[derive(PartialEq)]
struct ChangeAuthor<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    handle: Option<&'a str>,
}

impl<'a> ChangeAuthor<'a> {
    fn author(commit: &'a ChangeCommit) -> Self {
        Self { name: Some(&commit.name), email: Some(&commit.email), handle: handle(&commit.email) }
    }

    /// Reads `--actor`: a `@handle`, an e-mail address, or a name.
    fn actor(actor: &'a str) -> Self {
        let nobody = Self { name: None, email: None, handle: None };
        match actor.strip_prefix('@') {
            Some(handle) => Self { handle: Some(handle), ..nobody },
            None if actor.contains('@') => {
                Self { email: Some(actor), handle: handle(actor), ..nobody }
            }
            None => Self { name: Some(actor), ..nobody },
        }
    }

    fn is_in(&self, team: &TeamSource) -> bool {
        team.people.iter().any(|person| match person.strip_prefix('@') {
            Some(handle) => self.handle.is_some_and(|own| own.eq_ignore_ascii_case(handle)),
            None if person.contains('@') => {
                self.email.is_some_and(|own| own.to_lowercase() == person.to_lowercase())
            }
            None => self.name == Some(person.as_str()),
        })
    }

    fn display_name(&self) -> String {
        let handle = self.handle.map(|handle| format!("@{handle}"));
        let plain = self.email.or(self.name).filter(|text| !text.is_empty()).map(str::to_owned);
        plain.or(handle).unwrap_or_else(|| "nobody".to_owned())
    }
}

/// Returns the handle in a `noreply` address of GitHub.
fn handle(email: &str) -> Option<&str> {
    let (local, domain) = email.split_once('@')?;
    if !domain.eq_ignore_ascii_case("users.noreply.github.com") {
        return None;
    }
    Some(match local.split_once('+') {
        Some((id, handle)) if id.bytes().all(|byte| byte.is_ascii_digit()) => handle,
        _ => local,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_matched_by_address_name_or_handle() {
        let commit = |name: &str, email: &str| ChangeCommit {
            id: String::new(),
            name: name.to_owned(),
            email: email.to_owned(),
            reason: None,
            paths: std::collections::BTreeSet::new(),
            signature_problem: None,
        };
        let team =
            |person: &str| TeamSource { people: vec![person.to_owned()], ..TeamSource::default() };
        for (person, name, email, expected) in [
            ("ana@example.com", "Ana", "Ana@Example.com", true),
            ("ana@example.com", "ana@example.com", "mallory@example.com", false),
            ("Ben Ito", "Ben Ito", "x@y", true),
            ("Ben Ito", "ben ito", "x@y", false),
            ("@ana", "@ana", "x@y", false),
            ("@ana", "x", "12+Ana@users.noreply.github.com", true),
            ("@ana", "x", "ana@users.noreply.github.com", true),
            ("@ana", "x", "x+ana@users.noreply.github.com", false),
            ("@ana", "x", "1+ana@users.noreply.github.com.evil.com", false),
            ("@ana", "x", "ana@example.com", false),
        ] {
            let commit = commit(name, email);
            assert_eq!(
                ChangeAuthor::author(&commit).is_in(&team(person)),
                expected,
                "{person} {email}"
            );
        }
        for (person, actor, expected) in [
            ("@ana", "@ANA", true),
            ("@ana", "ana", false),
            ("ana@example.com", "ana@EXAMPLE.com", true),
            ("ana@example.com", "@ana@example.com", false),
            ("@ana", "5+ana@users.noreply.github.com", true),
            ("Ben Ito", "Ben Ito", true),
        ] {
            assert_eq!(
                ChangeAuthor::actor(actor).is_in(&team(person)),
                expected,
                "{person} {actor}"
            );
        }
    }
}
