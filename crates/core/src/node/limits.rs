//! What files may hold in either format: every key once, no deep nesting, and numbers that every reader keeps.

use std::ops::Range;

use super::value::Key;
use crate::diagnostic::Diagnostic;
use crate::rules;
use crate::source::SourceFile;

/// Values may be nested this deep.
pub(super) const MAX_DEPTH: usize = 32;

/// Whether a text is a number as JSON spells it.
pub(super) fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// Whether a number is an integer beyond 2^53, which readers in JavaScript would change silently, or
/// too large for any reader.
pub(super) fn is_out_of_range(number: &str) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value: f64 = number.parse().unwrap_or(f64::INFINITY);
    let integer = !number.contains(['.', 'e', 'E']);
    // A neighbour of 2^53 rounds onto it, so the bound itself is refused when it is not spelled so.
    !value.is_finite()
        || (integer && (value.abs() > EXACT || (value.abs() == EXACT && !number.ends_with("992"))))
}

pub(super) fn duplicate_key(source: &SourceFile, key: &Key) -> Diagnostic {
    Diagnostic::at(
        &rules::DUPLICATE_KEY,
        source,
        key.range.clone(),
        format!("duplicate key `{}`", key.text),
    )
    .help("keep one of the two")
}

pub(super) fn out_of_range(source: &SourceFile, range: Range<usize>, number: &str) -> Diagnostic {
    Diagnostic::at(
        &rules::NUMBER_RANGE,
        source,
        range,
        format!("number `{number}` is out of range: at most 2^53 in either direction"),
    )
    .help("write it as text, or choose a smaller number")
}

pub(super) fn too_deep(source: &SourceFile, range: Range<usize>) -> Diagnostic {
    Diagnostic::at(
        &rules::TOO_DEEP,
        source,
        range,
        format!("nested deeper than {MAX_DEPTH} levels"),
    )
    .help("flatten the value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        for number in ["0", "-0", "1.5", "1e9", "-1.25E-3", "10", "0.0"] {
            assert!(is_json_number(number), "{number}");
        }
        for text in
            ["", "-", "01", "+1", ".5", "1.", "1e", "0x1", "1_000", "Infinity", "1.0.0", "1e+"]
        {
            assert!(!is_json_number(text), "{text}");
        }
        for number in ["9007199254740993", "-9007199254740993", "99999999999999999999", "1e999"] {
            assert!(is_out_of_range(number), "{number}");
        }
        for number in
            ["9007199254740992", "-9007199254740992", "0.1", "1e300", "12345678901234567890.5"]
        {
            assert!(!is_out_of_range(number), "{number}");
        }
    }
}
