//! Compares test results with the minimum that a promotion requires.

/// The results of one test, added up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TestTotals {
    /// How many cases passed.
    pub(super) passed: u64,
    /// How many did not.
    pub(super) failed: u64,
    /// The average score of the cases.
    pub(super) avg_score: Option<f64>,
}

/// Describes how test results miss the minimum: what was found, and what is required, each as a part of a
/// sentence: `passed 97.5% of tests (39 of 40)`, `98%`.
pub(super) fn describe_shortfall(
    tallies: &[TestTotals],
    min_pass_rate: Option<f64>,
    min_avg_score: Option<f64>,
) -> Option<(String, String)> {
    let passed: u64 = tallies.iter().map(|tally| tally.passed).fold(0, u64::saturating_add);
    let failed: u64 = tallies.iter().map(|tally| tally.failed).fold(0, u64::saturating_add);
    let all = passed.saturating_add(failed);
    if let Some(least) = min_pass_rate
        && (all == 0 || ratio(passed, all) < least)
    {
        let found = if all == 0 {
            "passed no tests".to_owned()
        } else {
            // A rate that is too low must not look like the required one.
            let percent = (ratio(passed, all) * 10_000.0 + 1e-6).floor() / 100.0;
            format!("passed {percent}% of tests ({passed} of {all})")
        };
        return Some((found, format!("{}%", (least * 1_000_000.0).round() / 10_000.0)));
    }
    let least = min_avg_score?;
    // As many cases as there are count, whatever the number of files they stand in.
    let cases = |tally: &TestTotals| tally.passed.saturating_add(tally.failed).max(1);
    let scored = || tallies.iter().filter_map(|tally| Some((tally.avg_score?, cases(tally))));
    let weight: u64 = scored().map(|(_, cases)| cases).fold(0, u64::saturating_add);
    if weight == 0 {
        return Some(("has no score".to_owned(), least.to_string()));
    }
    let score: f64 = scored().map(|(score, cases)| score * ratio(cases, weight)).sum();
    // Scores are written with few digits; what is lost in adding them up does not count.
    let is_less = score + 1e-9 < least;
    let shown = (score * 100.0 + 1e-6).floor() / 100.0;
    is_less.then(|| (format!("scored {shown} on average"), least.to_string()))
}

#[expect(clippy::cast_precision_loss, reason = "no test has 2^53 cases")]
fn ratio(part: u64, all: u64) -> f64 {
    part as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_lack() {
        let tally = |passed, failed, avg_score| TestTotals { passed, failed, avg_score };
        let some = [tally(9, 1, Some(4.0)), tally(0, 0, None), tally(30, 0, Some(5.0))];
        for (tallies, rate, score, expected) in [
            (&some[..], Some(0.975), Some(4.75), None),
            (&some, Some(0.98), None, Some(("passed 97.5% of tests (39 of 40)", "98%"))),
            (&some, None, Some(4.8), Some(("scored 4.75 on average", "4.8"))),
            (&some[1..2], None, Some(1.0), Some(("has no score", "1"))),
            (&some[1..2], Some(0.0), None, Some(("passed no tests", "0%"))),
            (&[], None, None, None),
        ] {
            let found = describe_shortfall(tallies, rate, score);
            let found = found.as_ref().map(|(found, least)| (found.as_str(), least.as_str()));
            assert_eq!(found, expected);
        }
    }
}
