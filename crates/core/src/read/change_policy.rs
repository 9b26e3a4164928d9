//! Reads the rules for changes in `policy.yaml`: `promotion`, `teams`, `max_versions`,
//! `require_signed_commits`.

use std::collections::{BTreeMap, BTreeSet};

use promptdex_compare::teams::governing_teams;
use promptdex_wire::json::Decimal;
use promptdex_wire::policy::{
    Freeze, Limits, PERMISSIONS, Permission, Promotion, ResultRules, SOAK_SHARE,
};
use promptdex_wire::{Environment, Timestamp};

use super::fields::{Fields, Spanned, word};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{ChangePolicy, TeamSource};
use crate::node::{Node, Value};
use crate::rules;
use crate::source::SourceFile;

pub(super) fn read(
    source: &SourceFile,
    fields: &mut Fields<'_>,
    environments: &[Environment],
    findings: &mut Vec<Diagnostic>,
) -> ChangePolicy {
    let mut governance = ChangePolicy::default();
    if let Some(Node { value: Value::Mapping(entries), .. }) = fields.object("promotion", findings)
    {
        for (key, node) in entries {
            let name = Spanned { value: key.text.clone(), range: key.range.clone() };
            let environment = environment(source, &name, environments, findings);
            let rules = read_promotion(source, node, environments, findings);
            if let (Some(environment), Some(rules)) = (environment, rules) {
                governance.promotion.insert(environment, rules);
            }
        }
    }
    if let Some(Node { value: Value::Mapping(entries), .. }) = fields.object("teams", findings) {
        for (key, node) in entries {
            if let Some(team) = read_team(source, node, findings) {
                governance.teams.insert(key.text.clone(), team);
            }
        }
        if let Some(range) = fields.key_range("teams")
            && !governance.teams.is_empty()
            && governing_teams(&governance.teams).is_empty()
        {
            let message = "no team has the permission `govern`: anyone may change policy.yaml and registry.yaml";
            findings.push(
                Diagnostic::at(&rules::NO_GOVERNING_TEAM, source, range, message)
                    .help("add `govern` to `may` of a team, or `**` to `owns` of a team"),
            );
        }
    }
    governance.max_versions = fields.count("max_versions", findings);
    governance.require_signed_commits =
        fields.boolean("require_signed_commits", findings).unwrap_or(false);
    governance
}

/// Accepts an environment of `registry.yaml`; any other name is a finding.
fn environment(
    source: &SourceFile,
    name: &Spanned<String>,
    environments: &[Environment],
    findings: &mut Vec<Diagnostic>,
) -> Option<Environment> {
    if let Some(known) = environments.iter().find(|known| known.as_str() == name.value) {
        return Some(known.clone());
    }
    let known = environments.iter().map(Environment::as_str);
    let help = did_you_mean(&name.value, known.clone()).unwrap_or_else(|| {
        format!(
            "name one of {}, or list the environment in registry.yaml",
            known.collect::<Vec<_>>().join(", ")
        )
    });
    let message = format!("unknown environment `{}`", name.value);
    findings.push(
        Diagnostic::at(&rules::INVALID_VALUE, source, name.range.clone(), message).help(help),
    );
    None
}

fn read_promotion(
    source: &SourceFile,
    node: &Node,
    environments: &[Environment],
    findings: &mut Vec<Diagnostic>,
) -> Option<Promotion> {
    let mut fields = Fields::new(source, node, "the policy of an environment", findings)?;
    let from = fields.text("from", findings);
    let from = from.and_then(|name| environment(source, &name, environments, findings));
    let soak = fields.node("soak").and_then(|node| read_soak(source, node, findings));
    if fields.key_range("soak").is_some() && fields.key_range("from").is_none() {
        fields.missing("from", findings, "add `from`, the environment in which `soak` counts");
    }
    let results = fields.node("results").and_then(|node| read_results(source, node, findings));
    let reason_required = fields
        .text("reason", findings)
        .and_then(|text| word(source, &text, &[("required", true), ("optional", false)], findings));
    let mut freeze = Vec::new();
    for node in fields.list("freeze", findings).unwrap_or_default() {
        freeze.extend(read_freeze(source, node, findings));
    }
    fields.finish(findings);
    let reason_required = reason_required.unwrap_or(false);
    let (soak_seconds, soak_share) = soak.map_or((None, None), |(time, share)| (Some(time), share));
    Some(Promotion { from, soak_seconds, soak_share, results, reason_required, freeze })
}

/// Reads `24h`, or `{time: 24h, share: 10}`. Returns seconds, and the share unless it is the usual one.
fn read_soak(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<(u64, Option<Decimal>)> {
    if let Value::String(text, _) = &node.value {
        let text = Spanned { value: text.clone(), range: node.range.clone() };
        return Some((read_span(source, &text, findings)?, None));
    }
    let mut fields = Fields::new(source, node, "`soak`", findings)?;
    let time = fields.text("time", findings);
    if fields.key_range("time").is_none() {
        fields.missing("time", findings, "add `time`, such as `24h`");
    }
    let share = fields.number("share", findings).and_then(|share| {
        if share.value > 0.0 && share.value <= 100.0 {
            return Decimal::new(share.value);
        }
        let message = "`share` must be above 0 and at most 100 percent of the traffic";
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, share.range, message)
                .help("write a percentage, such as `100` for all traffic"),
        );
        None
    });
    fields.finish(findings);
    let seconds = read_span(source, &time?, findings)?;
    Some((seconds, share.filter(|share| share.get() != f64::from(SOAK_SHARE))))
}

/// Reads `24h`, `7d` or `2w`, as seconds.
fn read_span(
    source: &SourceFile,
    text: &Spanned<String>,
    findings: &mut Vec<Diagnostic>,
) -> Option<u64> {
    let number = |unit: char| text.value.strip_suffix(unit)?.parse::<u32>().ok();
    let units = [('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let seconds = units.iter().find_map(|(unit, seconds)| number(*unit)?.checked_mul(*seconds));
    if let Some(seconds) = seconds {
        return Some(seconds.into());
    }
    let message = format!("`{}` is not a duration", text.value);
    findings.push(
        Diagnostic::at(&rules::INVALID_VALUE, source, text.range.clone(), message)
            .help("write hours, days or weeks, such as `24h`, `7d` or `2w`"),
    );
    None
}

fn read_results(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<ResultRules> {
    let mut fields = Fields::new(source, node, "`results`", findings)?;
    let Limits { min_pass_rate, min_avg_score } = read_limits(&mut fields, findings);
    let mut tests = BTreeMap::new();
    if let Some(Node { value: Value::Mapping(entries), .. }) = fields.object("tests", findings) {
        for (key, node) in entries {
            let Some(mut fields) = Fields::new(source, node, "the policy of a test", findings)
            else {
                continue;
            };
            tests.insert(key.text.clone(), read_limits(&mut fields, findings));
            fields.finish(findings);
        }
    }
    let same_change = fields.boolean("same_change", findings).unwrap_or(false);
    fields.finish(findings);
    Some(ResultRules { min_pass_rate, min_avg_score, tests, same_change })
}

fn read_limits(fields: &mut Fields<'_>, findings: &mut Vec<Diagnostic>) -> Limits {
    let rate = fields.number("min_pass_rate", findings);
    let min_pass_rate = rate.and_then(|rate| {
        if (0.0..=1.0).contains(&rate.value) {
            return Decimal::new(rate.value);
        }
        let message = "a pass rate must be from 0 to 1";
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, fields.source, rate.range, message)
                .help("write a rate, such as `1.0` for all tests"),
        );
        None
    });
    let min_avg_score = fields.number("min_avg_score", findings);
    let min_avg_score = min_avg_score.and_then(|score| Decimal::new(score.value));
    Limits { min_pass_rate, min_avg_score }
}

fn read_freeze(source: &SourceFile, node: &Node, findings: &mut Vec<Diagnostic>) -> Option<Freeze> {
    let mut fields = Fields::new(source, node, "a freeze", findings)?;
    let from = fields.parse::<Timestamp>("from", findings);
    let until = fields.parse::<Timestamp>("until", findings);
    let reason = fields.text("reason", findings);
    for key in ["from", "until", "reason"] {
        if fields.key_range(key).is_none() {
            fields.missing(key, findings, "write `from`, `until` and `reason` for a freeze");
        }
    }
    fields.finish(findings);
    let (from, until, reason) = (from?, until?, reason?);
    if from.value >= until.value {
        let message = "the freeze ends before it begins";
        findings.push(
            Diagnostic::at(&rules::INVALID_VALUE, source, until.range, message)
                .help("set `until` to a time after `from`"),
        );
        return None;
    }
    let reason = reason.value.trim().to_owned();
    Some(Freeze { from: from.value, until: until.value, reason })
}

fn read_team(
    source: &SourceFile,
    node: &Node,
    findings: &mut Vec<Diagnostic>,
) -> Option<TeamSource> {
    let mut fields = Fields::new(source, node, "a team", findings)?;
    let people = fields.texts("people", findings);
    let owns = fields.texts("owns", findings);
    let may = fields.texts("may", findings);
    for key in ["people", "owns", "may"] {
        if fields.key_range(key).is_none() {
            fields.missing(key, findings, "write `people`, `owns` and `may` for a team");
        }
    }
    fields.finish(findings);
    for person in &people {
        if person.value.trim_start_matches('@').trim().is_empty() {
            let range = person.range.clone();
            findings.push(
                Diagnostic::at(&rules::INVALID_VALUE, source, range, "a member must not be empty")
                    .help("write an email address, a Git author name, or a `@handle`"),
            );
        }
    }
    for pattern in &owns {
        if pattern.value.starts_with(['!', '/']) || pattern.value.contains("..") {
            let message = format!("`{}` is not a pattern for prompt names", pattern.value);
            let range = pattern.range.clone();
            findings.push(
                Diagnostic::at(&rules::INVALID_VALUE, source, range, message).help(
                    "write a name such as `support/refund`, or a pattern such as `support/**`",
                ),
            );
        }
    }
    let may: BTreeSet<Permission> =
        may.iter().filter_map(|text| word(source, text, &PERMISSIONS, findings)).collect();
    let texts = |texts: Vec<Spanned<String>>| texts.into_iter().map(|text| text.value).collect();
    // What cannot be read gives nobody a right, and the team goes on owning what it owns.
    Some(TeamSource { people: texts(people), owns: texts(owns), may })
}

#[cfg(test)]
mod tests {
    use super::super::read_settings;
    use super::*;

    fn read(policy: &str) -> (ChangePolicy, Vec<String>) {
        let source = SourceFile::new("policy.yaml", policy);
        let (settings, findings) = read_settings(None, Some(&source));
        let shown = findings
            .iter()
            .map(|found| {
                let help = found.help.as_deref().unwrap_or_default();
                format!("{}: {}; {help}", found.rule.code, found.message)
            })
            .collect();
        (settings.governance, shown)
    }

    #[test]
    fn rules_are_read() {
        let (governance, findings) = read(
            r#"
promotion:
  production:
    from: staging
    soak: 2d
    results: {min_pass_rate: 1.0, min_avg_score: 4, tests: {smoke: {min_pass_rate: 0.5}}}
    reason: required
    freeze: [{from: 2026-12-20T00:00:00Z, until: 2027-01-02T00:00:00Z, reason: holidays}]
teams:
  support: {people: [ana@example.com, Ben Ito, "@ana"], owns: ["support/**"], may: [create, revert, govern]}
max_versions: 20
require_signed_commits: true
"#,
        );
        assert_eq!(findings, [""; 0]);
        let number = |number: f64| Decimal::new(number);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let production = Promotion {
            from: Some("staging".parse().unwrap()),
            soak_seconds: Some(172_800),
            soak_share: None,
            results: Some(ResultRules {
                min_pass_rate: number(1.0),
                min_avg_score: number(4.0),
                tests: [(
                    "smoke".to_owned(),
                    Limits { min_pass_rate: number(0.5), min_avg_score: None },
                )]
                .into(),
                same_change: false,
            }),
            reason_required: true,
            freeze: vec![Freeze {
                from: "2026-12-20T00:00:00Z".parse().unwrap(),
                until: "2027-01-02T00:00:00Z".parse().unwrap(),
                reason: "holidays".to_owned(),
            }],
        };
        let support = TeamSource {
            people: texts(&["ana@example.com", "Ben Ito", "@ana"]),
            owns: texts(&["support/**"]),
            may: [Permission::Create, Permission::Revert, Permission::Govern].into(),
        };
        let expected = ChangePolicy {
            promotion: [("production".parse().unwrap(), production)].into(),
            teams: [("support".to_owned(), support)].into(),
            max_versions: Some(20),
            require_signed_commits: true,
        };
        assert_eq!(governance, expected);
    }

    #[test]
    fn what_is_not_a_rule_is_a_finding() {
        for (policy, expected) in [
            (
                "promotion: {prodution: {}}",
                "invalid-value: unknown environment `prodution`; did you mean `production`?",
            ),
            (
                "promotion: {production: {from: stagin}}",
                "invalid-value: unknown environment `stagin`; did you mean `staging`?",
            ),
            (
                "promotion: {production: {soaks: 1d}}",
                "unknown-key: unknown key `soaks`; did you mean `soak`?",
            ),
            (
                "promotion: {production: {soak: 1d}}",
                "missing-key: missing key `from`; add `from`, the environment in which `soak` counts",
            ),
            (
                "promotion: {production: {from: staging, soak: 1 day}}",
                "invalid-value: `1 day` is not a duration; write hours, days or weeks, such as `24h`, `7d` or `2w`",
            ),
            (
                "promotion: {production: {from: staging, soak: {time: 1 day}}}",
                "invalid-value: `1 day` is not a duration; write hours, days or weeks, such as `24h`, `7d` or `2w`",
            ),
            (
                "promotion: {production: {from: staging, soak: {share: 20}}}",
                "missing-key: missing key `time`; add `time`, such as `24h`",
            ),
            (
                "promotion: {production: {from: staging, soak: {time: 1d, share: 0}}}",
                "invalid-value: `share` must be above 0 and at most 100 percent of the traffic; write a percentage, such as `100` for all traffic",
            ),
            (
                "promotion: {production: {from: staging, soak: [1d]}}",
                "wrong-type: `soak` must be a map, not a list; change the value",
            ),
            (
                "promotion: {production: {results: {min_pass_rate: 100}}}",
                "invalid-value: a pass rate must be from 0 to 1; write a rate, such as `1.0` for all tests",
            ),
            (
                "promotion: {production: {reason: requird}}",
                "invalid-value: `requird` is not one of `required`, `optional`; did you mean `required`?",
            ),
            (
                "promotion: {production: {freeze: [{from: 2027-01-02T00:00:00Z, until: 2026-12-20T00:00:00Z, reason: x}]}}",
                "invalid-value: the freeze ends before it begins; set `until` to a time after `from`",
            ),
            (
                "promotion: {production: {freeze: [{from: 2027-01-02, until: 2027-12-20T00:00:00Z, reason: x}]}}",
                "invalid-value: a time must be RFC 3339 in UTC with whole seconds, such as `2026-03-01T12:00:00Z`; ",
            ),
            (
                "teams: {support: {people: [], owns: [\"**\"]}}",
                "missing-key: missing key `may`; write `people`, `owns` and `may` for a team",
            ),
            (
                "teams: {support: {people: [\"@\"], owns: [], may: [govern]}}",
                "invalid-value: a member must not be empty; write an email address, a Git author name, or a `@handle`",
            ),
            (
                "teams: {support: {people: [], owns: [\"!a\"], may: [govern]}}",
                "invalid-value: `!a` is not a pattern for prompt names; write a name such as `support/refund`, or a pattern such as `support/**`",
            ),
            (
                "teams: {support: {people: [], owns: [], may: [promot, govern]}}",
                "invalid-value: `promot` is not one of `create`, `promote`, `revert`, `record`, `govern`; did you mean `promote`?",
            ),
            (
                "teams: {support: {people: [], owns: [\"support/**\"], may: [create]}}",
                "no-governing-team: no team has the permission `govern`: anyone may change policy.yaml and registry.yaml; add `govern` to `may` of a team, or `**` to `owns` of a team",
            ),
            (
                "max_versions: many",
                "wrong-type: `max_versions` must be a whole number of 0 or more, not text; change the value",
            ),
        ] {
            assert_eq!(read(policy).1, [expected], "{policy}");
        }
    }
}
