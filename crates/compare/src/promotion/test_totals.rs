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

/// Describes how test results miss the minimum, as the end of a sentence: `passed in 1 of 2 cases, …`.
pub(super) fn describe_shortfall(
    tallies: &[TestTotals],
    min_pass_rate: Option<f64>,
    min_avg_score: Option<f64>,
) -> Option<String> {
    let passed: u64 = tallies.iter().map(|tally| tally.passed).fold(0, u64::saturating_add);
    let failed: u64 = tallies.iter().map(|tally| tally.failed).fold(0, u64::saturating_add);
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
    let cases = |tally: &TestTotals| tally.passed.saturating_add(tally.failed).max(1);
    let scored = || tallies.iter().filter_map(|tally| Some((tally.avg_score?, cases(tally))));
    let weight: u64 = scored().map(|(_, cases)| cases).fold(0, u64::saturating_add);
    if weight == 0 {
        return Some(format!("have no score, and {least} is asked for"));
    }
    let score: f64 = scored().map(|(score, cases)| score * ratio(cases, weight)).sum();
    // Scores are written with few digits; what is lost in adding them up does not count.
    let is_less = score + 1e-9 < least;
    let shown = (score * 100.0).round() / 100.0;
    is_less.then(|| format!("have an average score of {shown}, and {least} is asked for"))
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
            (
                &some,
                Some(0.98),
                None,
                Some("passed in 39 of 40 cases, and a rate of 0.98 is asked for"),
            ),
            (&some, None, Some(4.8), Some("have an average score of 4.75, and 4.8 is asked for")),
            (&some[1..2], None, Some(1.0), Some("have no score, and 1 is asked for")),
            (
                &some[1..2],
                Some(0.0),
                None,
                Some("passed in 0 of 0 cases, and a rate of 0 is asked for"),
            ),
            (&[], None, None, None),
        ] {
            assert_eq!(describe_shortfall(tallies, rate, score).as_deref(), expected);
        }
    }
}
