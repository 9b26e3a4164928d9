//! The rules of `policy.yaml`, as they are published.

use promptdex_wire::policy::{self, CHECKS, Policy, Team};
use promptdex_wire::{Format, Kind};

use crate::model::{self, AllowedFinding, People, RuleLevel, Settings};
use crate::rules::Severity;

/// Writes the rules; of people what the registry publishes of them.
pub(super) fn document(settings: &Settings) -> Policy {
    let governance = &settings.governance;
    let teams = governance.teams.iter();
    let is_asked = |code: &str| CHECKS.contains(&code);
    let checks = settings.checks.iter().filter(|(code, _)| is_asked(code));
    let allow = settings.allow.iter().filter(|allow| is_asked(&allow.check));
    Policy {
        format: Format,
        kind: Kind::Policy,
        registry: settings.registry.clone(),
        promotion: governance.promotion.clone(),
        teams: teams.map(|(name, team)| (name.clone(), team_of(team, settings.people))).collect(),
        checks: checks.map(|(code, level)| (code.clone(), level_of(*level).into())).collect(),
        allow: allow.map(exception).collect(),
    }
}

fn team_of(team: &model::TeamSource, people: People) -> Team {
    Team {
        people: team.people.iter().filter(|person| people.publishes(person)).cloned().collect(),
        owns: team.owns.clone(),
        may: team.may.iter().map(|right| right.as_str().to_owned()).collect(),
    }
}

fn level_of(level: RuleLevel) -> policy::Level {
    match level {
        RuleLevel::Is(Severity::Error) => policy::Level::Error,
        RuleLevel::Is(Severity::Warning) => policy::Level::Warn,
        RuleLevel::Off => policy::Level::Off,
    }
}

fn exception(AllowedFinding { check, path, reason, .. }: &AllowedFinding) -> policy::Allow {
    policy::Allow { check: check.clone(), path: path.clone(), reason: reason.clone() }
}
