//! Words of the site that more than one place uses.

/// Counts things: `1 prompt`, `1,284 prompts`.
pub fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", format_number(number))
}

/// Reads a number of the wire as one that counts things here.
pub fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Writes a number in its shortest form.
pub fn format_decimal(number: f64) -> String {
    #[cfg(feature = "csr")]
    return String::from(js_sys::Number::from(number).to_js_string());
    #[cfg(not(feature = "csr"))]
    number.to_string()
}

/// Writes text as it is searched: in lower case, letters and their marks composed (NFC). The browser does
/// it: the tables of all alphabets are large.
pub fn to_lower_case(text: &str) -> String {
    #[cfg(feature = "csr")]
    return String::from(js_sys::JsString::from(text).normalize("NFC").to_lower_case());
    #[cfg(not(feature = "csr"))]
    unicode_normalization::UnicodeNormalization::nfc(text).collect::<String>().to_lowercase()
}

/// Writes a number with its thousands apart.
pub fn format_number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Explains that a rendering is masked, because some values are not published.
pub fn explain_masked_values<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names = names.collect::<Vec<_>>().join(", ");
    (!names.is_empty())
        .then(|| format!("*** replaces {names}: sensitive values are not published."))
}

/// Formats a time of the wire, `2026-11-21T09:12:00Z`, for people: `2026-11-21 09:12 UTC`.
pub fn format_time(timestamp: &str) -> String {
    match timestamp.split_once('T') {
        Some((date, time)) => format!("{date} {} UTC", time.get(..5).unwrap_or(time)),
        None => timestamp.to_owned(),
    }
}

/// Returns for how long something is so, for people: `for 12 days`. `since` is a time of the wire. Only the browser
/// has a clock: a page that a build wrote says nothing.
pub fn format_age(since: &str) -> Option<String> {
    #[cfg(feature = "csr")]
    return age_in_words(js_sys::Date::now() - js_sys::Date::parse(since));
    #[cfg(not(feature = "csr"))]
    {
        let _: &str = since;
        None
    }
}

/// Writes a span of milliseconds in whole days, or in hours if there are not two. What is younger than an hour has no
/// age.
#[cfg(any(feature = "csr", test))]
fn age_in_words(span: f64) -> Option<String> {
    let hours = span / 3_600_000.0;
    let (number, unit) = match hours {
        hours if hours >= 48.0 => (hours / 24.0, "day"),
        hours if hours >= 1.0 => (hours, "hour"),
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is positive, and a browser counts to the year 275760"
    )]
    let number = number as usize;
    Some(["for ", &count(number, unit)].concat())
}

/// Shortens a digest, `sha256:ab12…`, for people.
pub fn shorten_digest(digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..12).unwrap_or(hex).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_moments_read_well() {
        assert_eq!(count(1, "prompt"), "1 prompt");
        assert_eq!(count(1_284, "prompt"), "1,284 prompts");
        assert_eq!(format_number(100_000), "100,000");
        assert_eq!(format_time("2026-11-21T09:12:44Z"), "2026-11-21 09:12 UTC");
        assert_eq!(shorten_digest("sha256:0123456789abcdef"), "0123456789ab");
    }

    #[test]
    fn an_age_has_its_largest_whole_unit() {
        let hours = |hours: f64| age_in_words(hours * 3_600_000.0);
        assert_eq!(hours(0.9), None);
        assert_eq!(hours(-5.0), None);
        assert_eq!(age_in_words(f64::NAN), None);
        for (span, expected) in [
            (1.0, "for 1 hour"),
            (47.9, "for 47 hours"),
            (48.0, "for 2 days"),
            (24.0 * 1_284.0, "for 1,284 days"),
        ] {
            assert_eq!(hours(span).as_deref(), Some(expected));
        }
    }
}
