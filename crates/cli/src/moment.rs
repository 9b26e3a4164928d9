//! Moments and spans as people type them.

use std::time::{SystemTime, UNIX_EPOCH};

use promptdex_wire::Timestamp;

use crate::failure::Failure;

/// Returns this moment.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::expect_used, reason = "clocks stand between 1970 and 9999")]
    i64::try_from(seconds()).ok().and_then(Timestamp::from_unix).expect("a moment")
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// Reads a date, a time, or how long ago: `2026-03-01`, `2026-03-01T12:00:00Z`, `7d`, `2w`, `1y`.
pub(crate) fn parse(text: &str) -> anyhow::Result<Timestamp> {
    read(text, seconds()).ok_or_else(|| {
        let help = "write a day such as `2026-03-01`, or how long ago: `7d`, `2w`, `1y`";
        Failure::new(format!("`{text}` is not a moment"), help).into()
    })
}

fn read(text: &str, now: u64) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(day) = format!("{text}T00:00:00Z").parse() {
        return Some(day);
    }
    const DAY: u64 = 86_400;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let days = match unit {
        "h" => return ago(now, number.parse::<u64>().ok()?.checked_mul(DAY / 24)?),
        "d" => 1,
        "w" => 7,
        "y" => 365,
        _ => return None,
    };
    ago(now, number.parse::<u64>().ok()?.checked_mul(days * DAY)?)
}

fn ago(now: u64, seconds: u64) -> Option<Timestamp> {
    Timestamp::from_unix(i64::try_from(now.saturating_sub(seconds)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_times_and_spans_are_read() {
        // 2026-03-01T12:00:00Z
        let now = 1_772_366_400;
        let shown = |text| read(text, now).map_or("-".to_owned(), |time| time.to_string());
        for (text, time) in [
            ("2026-02-28", "2026-02-28T00:00:00Z"),
            ("2026-02-28T07:00:00Z", "2026-02-28T07:00:00Z"),
            ("6h", "2026-03-01T06:00:00Z"),
            ("7d", "2026-02-22T12:00:00Z"),
            ("2w", "2026-02-15T12:00:00Z"),
            ("1y", "2025-03-01T12:00:00Z"),
            ("99999y", "1970-01-01T00:00:00Z"),
            ("2026-02-30", "-"),
            ("yesterday", "-"),
            ("d", "-"),
            ("", "-"),
            ("é", "-"),
            ("-1d", "-"),
            ("99999999999999999999y", "-"),
        ] {
            assert_eq!(shown(text), time, "{text}");
        }
    }
}
