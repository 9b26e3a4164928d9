//! Decides what a promotion needs: for commands, for proposed changes, and for the site.
//!
//! [`judge`] applies the rules of an environment; [`report_breaking_changes`] protects the callers of the last
//! environment. Both return a [`Blocker`] for everything that is missing.

use promptdex_wire::catalog::{State, TestResult};
use promptdex_wire::event::Target;
use promptdex_wire::json::Decimal;
use promptdex_wire::policy::{Freeze, Limits, Promotion, ResultRules, SOAK_SHARE};
use promptdex_wire::{Digest, Environment, PromptName, Timestamp, Version};

use crate::contract::{Compatibility, Contract, ContractEffect, compare};

mod pointer_change;
mod replacement;
mod serving_history;
mod share;
mod target;
mod test_totals;

pub use pointer_change::PointerChange;
pub use replacement::{Reach, Replacement, counterparts, replacements};
pub use serving_history::{ServedSince, ServingHistory, ServingStep, Soak};
pub use share::share;
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
    /// The time since which it has served it cannot be relied on.
    Clock,
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
            Self::Clock => "commit-clock",
            Self::Results => "missing-results",
        }
    }
}

/// The test results of a version.
#[derive(Debug, Clone, Copy)]
pub struct VersionResults<'a> {
    /// The digest of the version's source: results of other files do not count.
    pub source_digest: &'a Digest,
    /// All results that count.
    pub results: &'a [TestResult],
    /// Whether there are more, which arrive in the same change and therefore do not count.
    pub has_new: bool,
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
        let help = format!("wait until {until}, or roll back instead");
        Self::blocker(BlockerKind::Frozen, None, message, help)
    }

    /// The environment before serves the version, and has served it.
    fn path(&self, version: &Version, from: &Environment) -> Option<Blocker> {
        let serves =
            |target: Option<&Target>| target.is_some_and(|t| t.versions().contains(&version));
        let environment = self.change.environment;
        let (message, help) = match self.before.map(serves) {
            [true, true] => return None,
            [true, false] => (
                format!(
                    "this change promotes {version} to {environment} and removes it from {from}"
                ),
                format!("keep {version} in {from} in this change"),
            ),
            [false, true] => (
                format!("this change promotes {version} to {from} and {environment} at once"),
                format!("promote it to {from} in a separate change first"),
            ),
            [false, false] => (
                format!("{version} is not in {from}; {environment} requires it there first"),
                format!("promote it to {from} in a separate change first"),
            ),
        };
        Some(Self::blocker(BlockerKind::Path, Some(version), message, help))
    }

    fn soak_blocker(&self, version: &Version, from: &Environment) -> Option<Blocker> {
        let seconds = self.rules.soak_seconds?;
        let environment = self.change.environment;
        let share = self.rules.soak_share.map_or(f64::from(SOAK_SHARE), Decimal::get);
        let required = format!("{environment} requires {}", format_span(seconds));
        let (message, help) = match self.past.soak(from, version, buckets_of_percent(share)) {
            Soak::Since(since) => {
                if let Some(doubt) = self.past.doubt(since) {
                    let message = format!(
                        "cannot tell how long {version} has been in {from}: {doubt}"
                    );
                    let help = "count from the published releases with `--previous`, or commit again with the right time";
                    let kind = BlockerKind::Clock;
                    return Some(Self::blocker(kind, Some(version), message, help.to_owned()));
                }
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let end = Timestamp::from_unix(since.time.unix().saturating_add(seconds));
                if end.as_ref().is_some_and(|end| end <= self.now) {
                    return None;
                }
                let source =
                    since.release.map_or_else(String::new, |own| format!(" (release {own})"));
                let end = end.map_or_else(|| "that".to_owned(), |end| format_minute(&end));
                (
                    format!(
                        "{version} has been in {from} since {}{source}; {required}",
                        format_minute(&since.time)
                    ),
                    format!("promote it after {end}"),
                )
            }
            Soak::SmallShare(now) => (
                format!(
                    "{version} gets {}% of the traffic in {from}; {required} at {share}% or more",
                    f64::from(now) / 100.0
                ),
                format!("give {version} a larger share in {from}, and promote it after {}", format_span(seconds)),
            ),
            Soak::Unknown => (
                format!("cannot tell how long {version} has been in {from}; {required}"),
                "fetch the missing commits with `git fetch --unshallow`; in GitHub workflows, use `fetch-depth: 0` for actions/checkout".to_owned(),
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
        let record = format!("`promptdex record {name}@{version} --test NAME --from FILE`");
        let mut report = |message: String, help: String| {
            lacks.push(Self::blocker(BlockerKind::Results, Some(version), message, help));
        };
        let requires = |what: &str| format!("{environment} requires {what}");
        let is_own = |result: &&TestResult| result.source_digest == *tested.source_digest;
        let own: Vec<&TestResult> = tested.results.iter().filter(is_own).collect();
        if own.is_empty() {
            let (message, help) = if tested.has_new {
                (
                    format!("the test results of {version} arrive in the change that promotes it"),
                    "record them in a separate change first, or allow this with `results: {same_change: true}`".to_owned(),
                )
            } else if tested.results.is_empty() {
                (
                    format!("{version} has no test results; {}", requires("them")),
                    format!("test it, then run {record}"),
                )
            } else {
                (
                    format!("the test results of {version} are for different files"),
                    format!("test it again, then run {record}"),
                )
            };
            report(message, help);
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
        let ResultRules { min_pass_rate, min_avg_score, tests, same_change: _ } = rules;
        let together = Limits { min_pass_rate: *min_pass_rate, min_avg_score: *min_avg_score };
        let help = || format!("fix the failures, then run {record}");
        if let Some((found, required)) = lacks(&tallies, together) {
            report(format!("{version} {found}; {}", requires(&required)), help());
        }
        for (test, limits) in tests {
            match own.iter().find(|result| result.test_name == *test) {
                None => report(
                    format!("{version} has no result of the test `{test}`; {}", requires("it")),
                    format!(
                        "run the test, then `promptdex record {name}@{version} --test {test} --from FILE`"
                    ),
                ),
                Some(result) => {
                    if let Some((found, required)) = lacks(&[tally(result)], *limits) {
                        let required = requires(&required);
                        report(format!("{version} {found} in `{test}`; {required}"), help());
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

/// Writes a time for people: `2026-03-02 18:00 UTC`, with seconds only where there are some.
fn format_minute(time: &Timestamp) -> String {
    let text = time.to_string().replacen('T', " ", 1);
    let text = text.trim_end_matches('Z');
    format!("{} UTC", text.strip_suffix(":00").unwrap_or(text))
}

/// Converts percent of the traffic to buckets of 10,000.
fn buckets_of_percent(percent: f64) -> u32 {
    // A product such as 1.1 * 100 is a little above what it means.
    let buckets = (percent * 100.0 - 1e-6).ceil();
    // It is 1 to 10,000, and casts of floats saturate.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
    let buckets = buckets as u32;
    buckets
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
                    format!("{last} would no longer serve track {track}"),
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
            format!("serve both as `tracks: {{\"{old_major}\": {old}, \"{new_major}\": {new}}}`")
        } else {
            format!("serve a version that is compatible with {old}")
        };
        let message = format!("{new} breaks apps that use {old} in {last}: {}", effect.message);
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
    state: State,
    reason: Option<&str>,
) -> Blocker {
    let because = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let state = state.as_str();
    let message = format!("{environment} would serve the {state} version {version}{because}");
    let help = "name a different version".to_owned();
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
    let message = format!("{environment} serves the {} version {version}{because}", state.as_str());
    let help = "plan a move to a different version".to_owned();
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

    #[test]
    fn percent_are_buckets() {
        for (percent, buckets) in
            [(0.01, 1), (0.07, 7), (1.1, 110), (10.0, 1_000), (33.33, 3_333), (100.0, 10_000)]
        {
            assert_eq!(buckets_of_percent(percent), buckets, "{percent}");
        }
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
        let since = ServedSince { time: noon, release: None, commit: None };
        past.record(&before, None, target(r#"{"version":"1.1.0"}"#).as_ref(), Some(&since));
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
        let tested = |_: &Version| {
            Some(VersionResults { source_digest: &digest, results: &results, has_new: false })
        };
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
                "soak-time: 1.1.0 has been in staging since 2026-03-01 12:00 UTC; production requires 24h",
                "missing-results: 1.1.0 has no test results; production requires them",
            ]
        );
        let other = PASSED.replace("DIGEST", &Digest::of(b"other").to_string());
        assert_eq!(
            asked(V10, V11, "2026-04-02T00:00:00Z", &other),
            [
                "frozen-environment: production is frozen until 2026-04-03T00:00:00Z: Easter",
                "missing-results: the test results of 1.1.0 are for different files",
            ]
        );
        // A canary that grows is promoted; one that ends by what was served before is a way back.
        assert_eq!(
            asked(CANARY, V11, LATE, "[]"),
            ["missing-results: 1.1.0 has no test results; production requires them"]
        );
        assert_eq!(asked(CANARY, V10, "2026-04-02T00:00:00Z", "[]"), [""; 0]);
        assert_eq!(asked(V11, V10, "2026-04-02T00:00:00Z", "[]"), [""; 0]);
        for (staging, expected) in [
            ([V10, V10], "1.1.0 is not in staging; production requires it there first"),
            ([V10, V11], "this change promotes 1.1.0 to staging and production at once"),
            ([V11, V10], "this change promotes 1.1.0 to production and removes it from staging"),
        ] {
            assert_eq!(
                list_blockers(V10, V11, staging, LATE, PASSED),
                [format!("promotion-path: {expected}")]
            );
        }
    }
}
