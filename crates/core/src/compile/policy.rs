//! The rules of `policy.yaml`, as they are published.

use promptdex_wire::json::Decimal;
use promptdex_wire::policy::{Freeze, Limits, Policy, Promotion, ResultRules, Team};
use promptdex_wire::{Format, Kind};

use crate::model::{self, People, Settings};

/// Writes the rules; of people what the registry publishes of them.
pub(super) fn document(settings: &Settings) -> Policy {
    let governance = &settings.governance;
    let promotion = governance.promotion.iter();
    let teams = governance.teams.iter();
    Policy {
        format: Format,
        kind: Kind::Policy,
        registry: settings.registry.clone(),
        promotion: promotion.map(|(name, rules)| (name.clone(), rules_of(rules))).collect(),
        teams: teams.map(|(name, team)| (name.clone(), team_of(team, settings.people))).collect(),
    }
}

fn rules_of(rules: &model::PromotionRules) -> Promotion {
    let number = |number: Option<f64>| number.and_then(Decimal::new);
    let limits = |limits: &model::Limits| Limits {
        min_pass_rate: number(limits.min_pass_rate),
        min_avg_score: number(limits.min_avg_score),
    };
    let freeze = |freeze: &model::Freeze| Freeze {
        from: freeze.from.clone(),
        until: freeze.until.clone(),
        reason: freeze.reason.clone(),
    };
    Promotion {
        from: rules.from.clone(),
        soak_seconds: rules.soak.as_ref().map(|soak| u64::from(soak.seconds)),
        results: rules.results.as_ref().map(|results| ResultRules {
            min_pass_rate: number(results.all.min_pass_rate),
            min_avg_score: number(results.all.min_avg_score),
            tests: results.tests.iter().map(|(test, own)| (test.clone(), limits(own))).collect(),
        }),
        reason_required: rules.needs_reason,
        freeze: rules.freeze.iter().map(freeze).collect(),
    }
}

fn team_of(team: &model::Team, people: People) -> Team {
    let is_published = |person: &&String| match people {
        People::Email => true,
        // A handle is the name of an account, not an address.
        People::Name => !person.contains('@') || person.starts_with('@'),
        People::None => false,
    };
    Team {
        people: team.people.iter().filter(is_published).cloned().collect(),
        owns: team.owns.clone(),
        may: team.may.iter().map(|right| right.as_str().to_owned()).collect(),
    }
}
