//! Parses times and durations on the command line.

use jiff::Span;
use promptdex_ops::time_argument;
use promptdex_wire::Timestamp;

use crate::failure::Failure;

/// Returns the current time.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::expect_used, reason = "clocks stand between 1970 and 9999")]
    Timestamp::from_unix(seconds()).expect("a moment")
}

/// Returns the time in 24 hours.
pub(crate) fn tomorrow() -> Timestamp {
    #[expect(clippy::expect_used, reason = "clocks stand between 1970 and 9998")]
    Timestamp::from_unix(seconds() + 24 * 3_600).expect("a moment")
}

/// Returns the seconds since 1970, or 0 if the clock shows an earlier time.
fn seconds() -> i64 {
    jiff::Timestamp::now().as_second().max(0)
}

/// Parses a date, a time or an age: `2026-03-01`, `2026-03-01T12:00:00Z`, `7d`, `2w`, `1y`.
pub(crate) fn parse(text: &str) -> anyhow::Result<Timestamp> {
    read(text, seconds()).ok_or_else(|| {
        let help = "write a day such as `2026-03-01`, or an age such as `7d`, `2w` or `1y`";
        Failure::new(format!("`{text}` is not a time"), help).into()
    })
}

/// Parses a time as [`parse`] does. A day stands for its last second.
pub(crate) fn parse_end(text: &str) -> anyhow::Result<Timestamp> {
    let time = parse(text)?;
    let is_day = text.trim().len() == "2026-03-01".len() && time_argument::read(text).is_some();
    let end = if is_day { Timestamp::from_unix(time.unix() + 24 * 3_600 - 1) } else { None };
    Ok(end.unwrap_or(time))
}

fn read(text: &str, now: i64) -> Option<Timestamp> {
    time_argument::read(text).or_else(|| ago(text, now))
}

/// Parses an age in years, weeks, days and hours, and subtracts it from `now`. The result is not
/// before 1970.
fn ago(text: &str, now: i64) -> Option<Timestamp> {
    // A sign would change the direction in time.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let span = match text.parse::<Span>() {
        Ok(span) => span.abs(),
        // The duration exceeds the range of the calendar.
        Err(error) if error.is_range() => return Timestamp::from_unix(0),
        Err(_) => return None,
    };
    let (years, weeks, days) = (span.get_years(), span.get_weeks(), span.get_days());
    let hours = span.get_hours();
    // Months and minutes are refused, because `6m` could mean either.
    let allowed = Span::new().years(years).weeks(weeks).days(days).hours(hours);
    if span.fieldwise() != allowed.fieldwise() {
        return None;
    }
    let days = i64::from(years) * 365 + i64::from(weeks) * 7 + i64::from(days);
    let seconds = (days * 24 + i64::from(hours)) * 3_600;
    Timestamp::from_unix((now - seconds).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // 2026-03-01T12:00:00Z
    const NOW: i64 = 1_772_366_400;

    #[test]
    fn days_times_and_spans_are_read() {
        let shown = |text| read(text, NOW).map_or("-".to_owned(), |time| time.to_string());
        for (text, time) in [
            ("2026-02-28", "2026-02-28T00:00:00Z"),
            ("2026-02-28T07:00:00Z", "2026-02-28T07:00:00Z"),
            ("2026-02-28T07:00:00.5+01:00", "2026-02-28T06:00:00Z"),
            ("6h", "2026-03-01T06:00:00Z"),
            ("7d", "2026-02-22T12:00:00Z"),
            ("2w", "2026-02-15T12:00:00Z"),
            ("1y", "2025-03-01T12:00:00Z"),
            ("3y", "2023-03-02T12:00:00Z"),
            ("1d6h", "2026-02-28T06:00:00Z"),
            ("1w 2 days ago", "2026-02-20T12:00:00Z"),
            ("99999y", "1970-01-01T00:00:00Z"),
            ("2026-02-30", "-"),
            ("yesterday", "-"),
            ("d", "-"),
            ("", "-"),
            ("é", "-"),
            ("7", "-"),
            ("-1d", "-"),
            ("-99999y", "-"),
            ("P1D", "-"),
            ("6m", "-"),
            ("6mo", "-"),
            ("1d30s", "-"),
            ("99999999999999999999y", "-"),
        ] {
            assert_eq!(shown(text), time, "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_number_and_a_unit_are_counted_back(
            (number, unit, seconds) in prop_oneof![
                // The library limits a span to 20,000 years, in hours.
                (0..=175_307_616_i64, Just("h"), Just(3_600)),
                (0..100_000_000_000_i64, Just("d"), Just(86_400)),
                (0..100_000_000_000_i64, Just("w"), Just(7 * 86_400)),
                (0..100_000_000_000_i64, Just("y"), Just(365 * 86_400)),
                (0..1_000_i64, Just("d"), Just(86_400)),
                (0..100_i64, Just("w"), Just(7 * 86_400)),
                (0..60_i64, Just("y"), Just(365 * 86_400)),
            ],
        ) {
            let time = Timestamp::from_unix((NOW - number * seconds).max(0));
            for text in [format!("{number}{unit}"), format!("{number:08}{unit}")] {
                prop_assert_eq!(&read(&text, NOW), &time, "{}", text);
            }
        }

        #[test]
        fn days_are_read_as_their_first_moment(day in 0..2_932_896_i64) {
            let time = Timestamp::from_unix(day * 86_400).unwrap();
            prop_assert_eq!(read(&time.to_string()[..10], NOW), Some(time));
        }
    }
}
