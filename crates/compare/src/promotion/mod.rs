//! Decides what a promotion needs: for commands, for proposed changes, and for the site.
//!
//! [`judge`] applies the rules of an environment; [`report_breaking_changes`] protects the callers of the last
//! environment. Both return a [`Blocker`] for everything that is missing.

use promptdex_wire::catalog::{State, TestResult};
use promptdex_wire::event::Target;
use promptdex_wire::json::Decimal;
use promptdex_wire::policy::{Freeze, Limits, Promotion, ResultRules};
use promptdex_wire::{Digest, Environment, PromptName, Timestamp, Version};

use crate::contract::{Compatibility, Contract, ContractEffect, compare};

mod pointer_change;
mod replacement;
mod serving_history;
mod target;
mod test_totals;

pub use pointer_change::{PointerChange, share};
pub use replacement::{Reach, Replacement, counterparts, replacements};
pub use serving_history::{ServedSince, ServingHistory};
pub use target::{
    PromotionError, PromotionMode, PromotionTarget, TargetDifference, compare_targets,
    find_promotion_target, target_with,
};
use test_totals::{TestTotals, describe_shortfall};

/// A requirement that a promotion does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The rule that requires it.
    pub kind: BlockerKind,
    /// The version that it is about, if it is about one.
    pub version: Option<Version>,
    /// One sentence: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The rule that blocks a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockerKind {
    /// The version was withdrawn.
    Withdrawn,
    /// The version is deprecated, or out of sight.
    Deprecated,
    /// Callers of the last environment would be broken.
    Breaking,
    /// Nothing is promoted now.
    Frozen,
    /// The environment before does not serve the version.
    Path,
    /// The environment before has not served it for long enough.
    Soak,
    /// Its test results are below the required minimum.
    Results,
}

impl BlockerKind {
    /// Returns the code of the rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Withdrawn => "yanked-pointer",
            Self::Deprecated => "deprecated-pointer",
            Self::Breaking => "breaking-promotion",
            Self::Frozen => "frozen-environment",
            Self::Path => "promotion-path",
            Self::Soak => "soak-time",
            Self::Results => "missing-results",
        }
    }
}

/// The test results of a version.
#[derive(Debug, Clone, Copy)]
pub struct VersionResults<'a> {
    /// The digest of the version's source: results of other files do not count.
    pub source_digest: &'a Digest,
    /// All results that there are.
    pub results: &'a [TestResult],
}

/// A pointer change to check, with the rules and the history that decide about it.
#[derive(Debug, Clone, Copy)]
pub struct PromotionRequest<'a> {
    /// The prompt.
    pub name: &'a PromptName,
    /// The move.
    pub change: PointerChange<'a>,
    /// The promotion rules of the environment.
    pub rules: &'a Promotion,
    /// What the environment that comes before it in the rules serves: before the change, and with it.
    pub before: [Option<&'a Target>; 2],
    /// What environments have served.
    pub past: &'a ServingHistory,
    /// The time of the check.
    pub now: &'a Timestamp,
}

/// Returns what blocks a pointer change by the rules of its environment. Nothing blocks a rollback to an
/// earlier target: a bad release must be revertible at once.
pub fn judge<'t>(
    step: &PromotionRequest<'_>,
    tested: impl Fn(&Version) -> Option<VersionResults<'t>>,
) -> Vec<Blocker> {
    let mut lacks = Vec::new();
    if step.change.to.is_none() || step.change.is_revert(step.past) {
        return lacks;
    }
    let is_now = |freeze: &&Freeze| freeze.from <= *step.now && *step.now < freeze.until;
    lacks.extend(step.rules.freeze.iter().find(is_now).map(|freeze| step.freeze_blocker(freeze)));
    for version in step.change.growing_versions() {
        if let Some(from) = &step.rules.from {
            lacks.extend(step.path(version, from).or_else(|| step.soak_blocker(version, from)));
        }
        if let (Some(rules), Some(tested)) = (&step.rules.results, tested(version)) {
            step.results(version, rules, &tested, &mut lacks);
        }
    }
    lacks
}

impl PromotionRequest<'_> {
    fn blocker(
        kind: BlockerKind,
        version: Option<&Version>,
        message: String,
        help: String,
    ) -> Blocker {
        Blocker { kind, version: version.cloned(), message, help }
    }

    fn freeze_blocker(&self, freeze: &Freeze) -> Blocker {
        let Freeze { until, reason, .. } = freeze;
        let message = format!("{} is frozen until {until}: {reason}", self.change.environment);
        let help =
            "promote it after that; going back to what it has served before is always possible";
        Self::blocker(BlockerKind::Frozen, None, message, help.to_owned())
    }

    /// The environment before serves the version, and has served it.
    fn path(&self, version: &Version, from: &Environment) -> Option<Blocker> {
        let serves =
            |target: Option<&Target>| target.is_some_and(|t| t.versions().contains(&version));
        let environment = self.change.environment;
        let (why, help) = match self.before.map(serves) {
            [true, true] => return None,
            [true, false] => (
                format!("which {from} would serve no more"),
                format!("let {from} go on serving {version} in this change"),
            ),
            [false, is_served] => {
                let why = if is_served {
                    format!("which {from} would serve from this same change on")
                } else {
                    format!("which {from} does not serve")
                };
                (why, format!("promote it to {from} first, in a change of its own"))
            }
        };
        let message = format!("{environment} would serve {version}, {why}");
        Some(Self::blocker(BlockerKind::Path, Some(version), message, help))
    }

    fn soak_blocker(&self, version: &Version, from: &Environment) -> Option<Blocker> {
        let seconds = self.rules.soak_seconds?;
        let asked = format!("{} asks for {}", self.change.environment, format_span(seconds));
        let (message, help) = match self.past.since(from, version) {
            Some(ServedSince { time, release }) => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let end = Timestamp::from_unix(time.unix().saturating_add(seconds));
                if end.as_ref().is_some_and(|end| end <= self.now) {
                    return None;
                }
                let source = release.map_or_else(String::new, |own| format!(", release {own}"));
                let end = end.map_or_else(|| "then".to_owned(), |end| end.to_string());
                (
                    format!("{from} serves {version} since {time}{source}, and {asked}"),
                    format!("it may be promoted from {end} on"),
                )
            }
            None => (
                format!("nobody can say since when {from} serves {version}, and {asked}"),
                "fetch the missing commits with `git fetch --unshallow`; in GitHub workflows, `fetch-depth: 0` for actions/checkout".to_owned(),
            ),
        };
        Some(Self::blocker(BlockerKind::Soak, Some(version), message, help))
    }

    fn results(
        &self,
        version: &Version,
        rules: &ResultRules,
        tested: &VersionResults<'_>,
        lacks: &mut Vec<Blocker>,
    ) {
        let (name, environment) = (self.name, self.change.environment);
        let mut report = |what: String| {
            let message = format!("{environment} would serve {version}, {what}");
            let help = format!(
                "test it, and record what the tests come to: `promptdex record {name}@{version} --test NAME --from FILE`"
            );
            lacks.push(Self::blocker(BlockerKind::Results, Some(version), message, help));
        };
        let is_own = |result: &&TestResult| result.source_digest == *tested.source_digest;
        let own: Vec<&TestResult> = tested.results.iter().filter(is_own).collect();
        if own.is_empty() {
            report(if tested.results.is_empty() {
                "which has no test results".to_owned()
            } else {
                "whose test results are those of other files".to_owned()
            });
            return;
        }
        let tally = |result: &TestResult| TestTotals {
            passed: result.passed,
            failed: result.failed,
            avg_score: result.avg_score.map(Decimal::get),
        };
        let lacks = |tallies: &[TestTotals], limits: Limits| {
            let number = |limit: Option<Decimal>| limit.map(Decimal::get);
            describe_shortfall(tallies, number(limits.min_pass_rate), number(limits.min_avg_score))
        };
        let tallies: Vec<TestTotals> = own.iter().map(|result| tally(result)).collect();
        let ResultRules { min_pass_rate, min_avg_score, tests } = rules;
        let together = Limits { min_pass_rate: *min_pass_rate, min_avg_score: *min_avg_score };
        if let Some(what) = lacks(&tallies, together) {
            report(format!("whose tests {what}"));
        }
        for (test, limits) in tests {
            match own.iter().find(|result| result.test_name == *test) {
                None => report(format!("which has no result of the test `{test}`")),
                Some(result) => {
                    if let Some(what) = lacks(&[tally(result)], *limits) {
                        report(format!("whose test `{test}` {what}"));
                    }
                }
            }
        }
    }
}

/// Writes a span of time as policies do, in the largest unit of which it has more than one: `24h`, `7d`, `2w`.
fn format_span(seconds: u64) -> String {
    let units = [(604_800, 'w'), (86_400, 'd'), (3_600, 'h')];
    let fits =
        |unit: &&(u64, char)| seconds.is_multiple_of(unit.0) && (seconds > unit.0 || unit.1 == 'h');
    match units.iter().find(fits) {
        Some((length, unit)) => format!("{}{unit}", seconds / length),
        None => format!("{seconds} s"),
    }
}

/// Returns what callers of the last environment would lose: a track, or part of the contract of a version.
/// `broken` compares two versions, by [`find_breaking_effect`]; `is_active` tells whether a version is
/// neither deprecated, yanked, archived nor redacted.
pub fn report_breaking_changes(
    moved: &PointerChange<'_>,
    is_active: impl Fn(&Version) -> bool,
    broken: impl Fn(&Version, &Version) -> Option<ContractEffect>,
) -> Vec<Blocker> {
    let mut lacks = Vec::new();
    let (Some(before), Some(after)) = (moved.from, moved.to) else { return lacks };
    let last = moved.environment;
    let mut report = |version: Option<&Version>, message, help| {
        lacks.push(PromotionRequest::blocker(BlockerKind::Breaking, version, message, help));
    };
    if let Target::Tracks(old) = before {
        let kept = after.versions();
        for (track, target) in &old.targets {
            let Some(version) = target.main() else { continue };
            if !kept.iter().any(|kept| kept.major() == *track) {
                report(
                    None,
                    format!("{last} serves track {track} now, and would serve it no more"),
                    format!("keep `\"{track}\": {version}` under `tracks` while apps ask for it"),
                );
            }
        }
    }
    let all = replacements(before, after).into_iter().filter(|own| own.reach == Reach::All);
    for Replacement { from: old, to: new, .. } in all {
        let Some(effect) = broken(&old, &new) else { continue };
        let (old_major, new_major) = (old.major(), new.major());
        let help = if new_major > old_major && is_active(&old) {
            format!(
                "serve both, each to its callers: `tracks: {{\"{old_major}\": {old}, \"{new_major}\": {new}}}`"
            )
        } else {
            format!("serve a version that keeps the contract of {old}")
        };
        let message = format!(
            "{last} serves {old} now, and {new} would break its callers: {}",
            effect.message
        );
        report(Some(&new), message, help);
    }
    lacks
}

/// Returns the first effect that breaks callers of the old version. With `leaves_out`, missing variables
/// are fine, because the new version is lower or serves the same callers: clients drop variables that a
/// version does not know.
pub fn find_breaking_effect(
    old: &Contract<'_>,
    new: &Contract<'_>,
    leaves_out: bool,
) -> Option<ContractEffect> {
    let has = |name: &str| new.variables.iter().any(|variable| variable.name == name);
    let breaks = |effect: &ContractEffect| {
        effect.verdict == Compatibility::Breaking && !(leaves_out && effect.is_left_out(has))
    };
    compare(old, new).into_iter().find(breaks)
}

/// Returns the blocker for a version that is yanked or redacted.
pub fn report_withdrawn_version(
    environment: &Environment,
    version: &Version,
    reason: Option<&str>,
) -> Blocker {
    let because = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let message =
        format!("{environment} would serve version {version}, which is withdrawn{because}");
    let help = "point to another version".to_owned();
    PromotionRequest::blocker(BlockerKind::Withdrawn, Some(version), message, help)
}

/// Returns the warning for a version that is deprecated or archived.
pub fn report_outdated_version(
    environment: &Environment,
    version: &Version,
    state: State,
    reason: Option<&str>,
) -> Blocker {
    let because = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let message =
        format!("{environment} serves version {version}, which is {}{because}", state.as_str());
    let help = "plan the move to another version".to_owned();
    PromotionRequest::blocker(BlockerKind::Deprecated, Some(version), message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_policies_have_them() {
        for (hours, expected) in
            [(1, "1h"), (24, "24h"), (36, "36h"), (48, "2d"), (168, "7d"), (336, "2w"), (0, "0h")]
        {
            assert_eq!(format_span(hours * 3_600), expected);
        }
        assert_eq!(format_span(90), "90 s");
    }

    /// Checks a pointer change of production, which has every rule, when staging has served 1.1.0 since
    /// noon.
    fn list_blockers(
        from: &str,
        to: &str,
        staging: [&str; 2],
        now: &str,
        results: &str,
    ) -> Vec<String> {
        let target = |text: &str| -> Option<Target> { serde_json::from_str(text).ok() };
        let rules: Promotion = serde_json::from_str(
            r#"{"from":"staging","soak_seconds":86400,"results":{"min_pass_rate":1},
            "freeze":[{"from":"2026-04-01T00:00:00Z","until":"2026-04-03T00:00:00Z","reason":"Easter"}]}"#,
        )
        .unwrap();
        let environment = |name: &str| -> Environment { name.parse().unwrap() };
        let (production, before) = (environment("production"), environment("staging"));
        let mut past = ServingHistory::default();
        let noon = "2026-03-01T12:00:00Z".parse().unwrap();
        past.record(&before, None, target(r#"{"version":"1.1.0"}"#).as_ref(), Some(&noon));
        past.record(&production, None, target(r#"{"version":"1.0.0"}"#).as_ref(), None);
        let (from, to) = (target(from), target(to));
        let staging = staging.map(target);
        let digest = Digest::of(b"1.1.0");
        let results: Vec<TestResult> =
            serde_json::from_str(&results.replace("DIGEST", &digest.to_string())).unwrap();
        let step = PromotionRequest {
            name: &"a".parse().unwrap(),
            change: PointerChange {
                environment: &production,
                from: from.as_ref(),
                to: to.as_ref(),
            },
            rules: &rules,
            before: [staging[0].as_ref(), staging[1].as_ref()],
            past: &past,
            now: &now.parse().unwrap(),
        };
        let tested =
            |_: &Version| Some(VersionResults { source_digest: &digest, results: &results });
        judge(&step, tested)
            .into_iter()
            .map(|lack| format!("{}: {}", lack.kind.rule(), lack.message))
            .collect()
    }

    #[test]
    fn a_promotion_needs_what_the_rules_say() {
        const V10: &str = r#"{"version":"1.0.0"}"#;
        const V11: &str = r#"{"version":"1.1.0"}"#;
        const CANARY: &str = r#"{"rollout":{"arms":[{"key":"a","version":"1.0.0","weight":90,"buckets":9000},{"key":"b","version":"1.1.0","weight":10,"buckets":1000}]}}"#;
        const LATE: &str = "2026-03-05T00:00:00Z";
        const PASSED: &str = r#"[{"test_name":"smoke","source_digest":"DIGEST","passed":9,"failed":0,"tested_at":"2026-03-01T00:00:00Z"}]"#;
        let asked = |from, to, now, results| list_blockers(from, to, [V11, V11], now, results);
        assert_eq!(asked(V10, V11, LATE, PASSED), [""; 0]);
        assert_eq!(
            asked(V10, V11, "2026-03-02T11:59:59Z", "[]"),
            [
                "soak-time: staging serves 1.1.0 since 2026-03-01T12:00:00Z, and production asks for 24h",
                "missing-results: production would serve 1.1.0, which has no test results",
            ]
        );
        let other = PASSED.replace("DIGEST", &Digest::of(b"other").to_string());
        assert_eq!(
            asked(V10, V11, "2026-04-02T00:00:00Z", &other),
            [
                "frozen-environment: production is frozen until 2026-04-03T00:00:00Z: Easter",
                "missing-results: production would serve 1.1.0, whose test results are those of other files",
            ]
        );
        // A canary that grows is promoted; one that ends by what was served before is a way back.
        assert_eq!(
            asked(CANARY, V11, LATE, "[]"),
            ["missing-results: production would serve 1.1.0, which has no test results"]
        );
        assert_eq!(asked(CANARY, V10, "2026-04-02T00:00:00Z", "[]"), [""; 0]);
        assert_eq!(asked(V11, V10, "2026-04-02T00:00:00Z", "[]"), [""; 0]);
        for (staging, expected) in [
            ([V10, V10], "which staging does not serve"),
            ([V10, V11], "which staging would serve from this same change on"),
            ([V11, V10], "which staging would serve no more"),
        ] {
            assert_eq!(
                list_blockers(V10, V11, staging, LATE, PASSED),
                [format!("promotion-path: production would serve 1.1.0, {expected}")]
            );
        }
    }
}
