//! What a promotion needs besides a right: time, test results, and no freeze.

use promptdex_wire::catalog::TestResult;
use promptdex_wire::policy::Promotion;
use promptdex_wire::{Digest, Timestamp};

/// What is known of a version that would be promoted.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Digest of its source files.
    pub source_digest: Digest,
    /// What tests came to.
    pub results: &'a [TestResult],
    /// Since when the environment that the rules name serves it, if it does and somebody knows.
    pub since: Option<&'a Timestamp>,
    /// Whether that environment serves it.
    pub is_served: bool,
}

/// Says what a version lacks for a promotion now, a sentence each: lower case, no full stop.
pub fn unmet(rules: &Promotion, candidate: &Candidate<'_>, now: &Timestamp) -> Vec<String> {
    let mut unmet = Vec::new();
    let is_now =
        |freeze: &&promptdex_wire::policy::Freeze| freeze.from <= *now && *now < freeze.until;
    if let Some(freeze) = rules.freeze.iter().find(is_now) {
        unmet.push(format!("frozen until {}: {}", freeze.until, freeze.reason));
    }
    if let Some(from) = &rules.from {
        let soak = rules.soak_seconds.and_then(|soak| i64::try_from(soak).ok());
        match (candidate.is_served, soak, candidate.since) {
            (false, _, _) => unmet.push(format!("{from} does not serve it")),
            (true, Some(_), None) => {
                unmet.push(format!("nobody can say since when {from} serves it"));
            }
            (true, Some(soak), Some(since)) => {
                let end = Timestamp::from_unix(since.unix().saturating_add(soak));
                if let Some(end) = end.filter(|end| end > now) {
                    unmet.push(format!("{from} serves it since {since}: possible from {end} on"));
                }
            }
            (true, None, _) => {}
        }
    }
    let Some(needed) = &rules.results else { return unmet };
    let is_own = |result: &&TestResult| result.source_digest == candidate.source_digest;
    let own: Vec<&TestResult> = candidate.results.iter().filter(is_own).collect();
    if own.is_empty() {
        unmet.push("it has no test results".to_owned());
        return unmet;
    }
    let number = |number: Option<promptdex_wire::json::Decimal>| number.map(|number| number.get());
    let all = lacking(&own, number(needed.min_pass_rate), number(needed.min_avg_score));
    unmet.extend(all.map(|what| format!("its tests {what}")));
    for (test, limits) in &needed.tests {
        match own.iter().find(|result| result.test_name == *test) {
            None => unmet.push(format!("it has no result of the test `{test}`")),
            Some(result) => {
                let (rate, score) = (number(limits.min_pass_rate), number(limits.min_avg_score));
                let what = lacking(&[*result], rate, score);
                unmet.extend(what.map(|what| format!("its test `{test}` {what}")));
            }
        }
    }
    unmet
}

/// Says what results lack.
pub fn lacking(
    results: &[&TestResult],
    min_pass_rate: Option<f64>,
    min_avg_score: Option<f64>,
) -> Option<String> {
    let passed: u64 = results.iter().map(|result| result.passed).fold(0, u64::saturating_add);
    let failed: u64 = results.iter().map(|result| result.failed).fold(0, u64::saturating_add);
    let all = passed.saturating_add(failed);
    if let Some(least) = min_pass_rate
        && (all == 0 || ratio(passed, all) < least)
    {
        return Some(format!(
            "passed in {passed} of {all} cases, and a rate of {least} is asked for"
        ));
    }
    let least = min_avg_score?;
    // As many cases as there are count, whatever the number of files they stand in.
    let cases = |result: &TestResult| result.passed.saturating_add(result.failed).max(1);
    let scored =
        || results.iter().filter_map(|result| Some((result.avg_score?.get(), cases(result))));
    let weight: u64 = scored().map(|(_, cases)| cases).fold(0, u64::saturating_add);
    if weight == 0 {
        return Some(format!("have no score, and {least} is asked for"));
    }
    let score: f64 = scored().map(|(score, cases)| score * ratio(cases, weight)).sum();
    // Scores are written with few digits; what is lost in adding them up does not count.
    let is_less = score + 1e-9 < least;
    is_less.then(|| format!("have an average score of {score:.2}, and {least} is asked for"))
}

#[expect(clippy::cast_precision_loss, reason = "no test has 2^53 cases")]
fn ratio(part: u64, all: u64) -> f64 {
    part as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_lacks() {
        let rules: Promotion = serde_json::from_str(
            r#"{"from": "staging", "soak_seconds": 86400, "results": {"min_pass_rate": 0.9, "tests": {"smoke": {}}},
            "freeze": [{"from": "2026-12-20T00:00:00Z", "until": "2027-01-02T00:00:00Z", "reason": "holidays"}]}"#,
        )
        .unwrap();
        let digest = Digest::of(b"files");
        let result = |test: &str, passed, failed, of: Digest| TestResult {
            test_name: test.to_owned(),
            source_digest: of,
            passed,
            failed,
            avg_score: None,
            tested_at: "2026-12-01T00:00:00Z".parse().unwrap(),
            source: None,
        };
        let now = |text: &str| text.parse::<Timestamp>().unwrap();
        let since = now("2026-12-10T00:00:00Z");
        let said = |results: &[TestResult], since: Option<&Timestamp>, is_served, at: &str| {
            let candidate = Candidate { source_digest: digest, results, since, is_served };
            unmet(&rules, &candidate, &now(at))
        };
        let good = [result("smoke", 10, 0, digest)];
        assert_eq!(said(&good, Some(&since), true, "2026-12-11T00:00:00Z"), [""; 0]);
        assert_eq!(
            said(&good, Some(&since), true, "2026-12-10T12:00:00Z"),
            ["staging serves it since 2026-12-10T00:00:00Z: possible from 2026-12-11T00:00:00Z on"]
        );
        assert_eq!(
            said(&good, None, true, "2026-12-24T00:00:00Z"),
            [
                "frozen until 2027-01-02T00:00:00Z: holidays",
                "nobody can say since when staging serves it"
            ]
        );
        let bad = [result("quality", 1, 1, digest), result("smoke", 9, 0, Digest::of(b"others"))];
        assert_eq!(
            said(&bad, None, false, "2026-12-11T00:00:00Z"),
            [
                "staging does not serve it",
                "its tests passed in 1 of 2 cases, and a rate of 0.9 is asked for",
                "it has no result of the test `smoke`",
            ]
        );
        assert_eq!(
            said(&[], Some(&since), true, "2026-12-12T00:00:00Z"),
            ["it has no test results"]
        );
    }
}
