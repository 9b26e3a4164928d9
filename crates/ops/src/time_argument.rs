//! Parses times and days as people and programs write them.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use promptdex_wire::Timestamp;

/// Parses a day or a time. A time may have fractions of a second and any zone offset; without an
/// offset it is in UTC. A day stands for its first second.
pub fn read(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text.trim()).ok()?;
    let offset = match (pieces.to_numeric_offset(), pieces.time_zone_annotation()) {
        (Some(offset), _) => offset.seconds(),
        (None, None) => 0,
        // A named time zone needs a time zone database.
        (None, Some(_)) => return None,
    };
    let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    // Subtract as calendar time: the calendar ends later than the range of the library's
    // timestamps.
    let utc = local.checked_sub(SignedDuration::from_secs(offset.into())).ok()?;
    utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        read(text).map_or("-".to_owned(), |time| time.to_string())
    }

    #[test]
    fn times_and_days_are_read() {
        for (text, time) in [
            ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("0000-01-01", "0000-01-01T00:00:00Z"),
            ("9999-12-31", "9999-12-31T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            // The format of test runners.
            ("2026-05-19T22:20:39.572Z", "2026-05-19T22:20:39Z"),
            ("2026-03-01T12:00:00.1+02:00", "2026-03-01T10:00:00Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z"),
            ("2026-03-01T12:00:00", "2026-03-01T12:00:00Z"),
            ("2026-03-01 12:00:00", "2026-03-01T12:00:00Z"),
            ("2026-03-01T12:00:00.123456789", "2026-03-01T12:00:00Z"),
            ("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"),
            ("2026-03-01T12:00:00-0330", "2026-03-01T15:30:00Z"),
            (" 2026-03-01T12:00:00Z\n", "2026-03-01T12:00:00Z"),
            ("2026-03-01T12:00:00+02", "2026-03-01T10:00:00Z"),
            ("2026-03-01t12:00:00z", "2026-03-01T12:00:00Z"),
            ("2026-03-01T12:00Z", "2026-03-01T12:00:00Z"),
            ("20260301T120000Z", "2026-03-01T12:00:00Z"),
            ("2026-03-01T12:00:00+02:00[Europe/Berlin]", "2026-03-01T10:00:00Z"),
            ("2026-03-01T12:00:00[Europe/Berlin]", "-"),
            ("2026-02-29", "-"),
            ("2026-13-01", "-"),
            ("2026-03-01T24:00:00Z", "-"),
            ("2026-03-01T12:00:00 MST", "-"),
            ("0000-01-01T00:00:00+01:00", "-"),
            ("9999-12-31T23:30:00-01:00", "-"),
            ("12:00:00", "-"),
            ("yesterday", "-"),
            ("", "-"),
        ] {
            assert_eq!(shown(text), time, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_published_time_is_read_as_it_is(seconds in 0..253_402_300_800_i64) {
            let time = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(read(&time.to_string()), Some(time));
        }

        #[test]
        fn parts_of_seconds_and_zones_are_read(
            seconds in 86_400..253_402_214_400_i64,
            separator in "[T ]",
            fraction in "|\\.[0-9]{1,9}",
            zone in prop_oneof![
                Just((0, String::new())),
                Just((0, "Z".to_owned())),
                (any::<bool>(), 0..24_i64, 0..60_i64, any::<bool>()).prop_map(|(east, hours, minutes, colon)| {
                    let (sign, factor) = if east { ('+', 1) } else { ('-', -1) };
                    let colon = if colon { ":" } else { "" };
                    let offset = factor * (hours * 3_600 + minutes * 60);
                    (offset, format!("{sign}{hours:02}{colon}{minutes:02}"))
                }),
            ],
        ) {
            let (offset, zone) = zone;
            let local = Timestamp::from_unix(seconds + offset).unwrap().to_string();
            let local = local.trim_end_matches('Z').replace('T', &separator);
            let text = format!("{local}{fraction}{zone}");
            prop_assert_eq!(read(&text), Timestamp::from_unix(seconds), "{}", text);
        }

        #[test]
        fn whatever_is_written_is_read_or_refused(text in "[-+0-9TZ:. \\[\\]\\PC]{0,40}") {
            drop(read(&text));
        }
    }
}
