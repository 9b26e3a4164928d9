//! `not-allowed`: who may create, promote and revert, and how people are judged for whatever they do.

use promptdex_compare::teams::{NamedTeam, owning_teams, permitted_teams};
use promptdex_wire::catalog::State;
use promptdex_wire::event::Operation;
use promptdex_wire::policy::Permission;

use super::events::ChangeEvent;
use super::proposed_change::{Actors, ChangeCommit, ProposedChange};
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
    let owners = owning_teams(&settings.governance.teams, &prompt.name);
    // Whoever adds a version does not move the environment that follows the highest one.
    if owners.is_empty() || event.follows {
        return;
    }
    let permission = needed_permission(event, is_revert);
    let action = Action {
        what: describe_event(prompt, event, is_revert),
        permission,
        able: permitted_teams(&owners, permission),
        concerned: owners,
        places: &event.places,
    };
    for (message, help) in action.judge(proposal) {
        let finding = event.report(prompt, None, &rules::NOT_ALLOWED, message);
        findings.push(finding.help(help));
    }
}

/// Something that people do in a change, and the teams that may do it.
pub(super) struct Action<'a> {
    /// What they do, after "may not": `promote …`.
    pub(super) what: String,
    /// The permission that it needs.
    pub(super) permission: Permission,
    /// The teams that own what is changed; for the whole registry, the teams that may change it.
    pub(super) concerned: Vec<NamedTeam<'a, TeamSource>>,
    /// The teams that may do it.
    pub(super) able: Vec<NamedTeam<'a, TeamSource>>,
    /// Where it can have been done: files, and folders that end with `/`.
    pub(super) places: &'a [String],
}

impl Action<'_> {
    /// Returns what is wrong with who did it, each with its help.
    pub(super) fn judge(&self, proposal: &ProposedChange) -> Vec<(String, String)> {
        let Self { what, permission, concerned, able, .. } = self;
        let mut problems = Vec::new();
        let mut persons: Vec<ChangeAuthor<'_>> = Vec::new();
        if let Actors::Accounts(names) = &proposal.actors {
            persons.extend(names.iter().map(|name| ChangeAuthor::actor(name)));
            if names.is_empty() {
                problems.push((
                    format!("cannot tell who would {what}: no account is known for this change"),
                    "make the change in a pull request, or pass the account with `--actor`"
                        .to_owned(),
                ));
            }
        } else {
            let (commits, is_open) = proposal.find_commits(self.places);
            if is_open {
                problems.push((
                    format!("cannot tell who would {what}: the change is not committed"),
                    "commit the change, or pass the author with `--actor`".to_owned(),
                ));
            } else if commits.is_empty() {
                problems.push((
                    format!("cannot tell who would {what}: no commit of the change contains it"),
                    format!(
                        "merge or rebase onto `{}`, or pass the author with `--actor`",
                        proposal.base_name()
                    ),
                ));
            }
            for person in commits.into_iter().map(ChangeAuthor::author) {
                if !persons.contains(&person) {
                    persons.push(person);
                }
            }
        }
        let help = if able.is_empty() {
            format!(
                "give one of these teams the permission `{}` in {} first",
                permission.as_str(),
                proposal.policy()
            )
        } else {
            format!("ask a member of {} to make this change", list_names(able, "or"))
        };
        for person in persons {
            let is_in = |(_, team): &&NamedTeam<'_, TeamSource>| person.is_in(team);
            if able.iter().any(|team| is_in(&team)) {
                continue;
            }
            let own: Vec<NamedTeam<'_, TeamSource>> =
                concerned.iter().filter(is_in).copied().collect();
            let why = match own.as_slice() {
                [] => match permission {
                    Permission::Govern => format!("only {} may", list_names(able, "or")),
                    _ => format!("owned by {}", list_names(concerned, "and")),
                },
                own => {
                    let have = if own.len() == 1 { "has" } else { "have" };
                    let names = list_names(own, "and");
                    format!("{names} {have} no permission `{}`", permission.as_str())
                }
            };
            problems.push((
                format!("`{}` may not {what} ({why})", person.display_name()),
                help.clone(),
            ));
        }
        problems
    }
}

/// Names teams: "team `a`", "teams `a`, `b` and `c`".
fn list_names(teams: &[NamedTeam<'_, TeamSource>], word: &str) -> String {
    let names: Vec<String> = teams.iter().map(|(name, _)| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => format!("team {last}"),
        Some((last, others)) => format!("teams {} {word} {last}", others.join(", ")),
        None => "no team".to_owned(),
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

/// Describes what makes an event, as the end of a sentence after "may not".
fn describe_event(prompt: &Prompt, event: &ChangeEvent, is_revert: bool) -> String {
    let name = &prompt.name;
    let version = event.version().map(ToString::to_string).unwrap_or_default();
    if let Some(environment) = &event.environment {
        return match event.to {
            Some(_) if is_revert => format!("roll `{name}` back to {version} in {environment}"),
            Some(_) => format!("promote `{name}` {version} to {environment}"),
            None => format!("remove `{name}` from {environment}"),
        };
    }
    let state = match event.operation {
        Operation::Created => return format!("add version {version} of `{name}`"),
        _ if event.to.is_none() => "active again",
        operation => state_of(operation).map_or("unknown", State::as_str),
    };
    format!("make version {version} of `{name}` {state}")
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
        plain.or(handle).unwrap_or_else(|| "unknown author".to_owned())
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
