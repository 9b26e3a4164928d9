//! Numbers as Jinja2's tokenizer knows them.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// Refuses numbers that Jinja2 reads otherwise: those with a zero in front, without digits on a side of
/// the point, or with an underscore that stands beside none or another one.
pub(super) fn check(written: &str, place: &Range<usize>) -> Result<(), Error> {
    if is_integer(written) || is_float(written) {
        return Ok(());
    }
    let message = format!("`{written}` is not a number in Jinja2");
    Err(Error::new(ErrorKind::Syntax, place.clone(), message).help(
        "remove leading zeros, put digits around a point, and single underscores between \
         digits",
    ))
}

fn is_integer(written: &str) -> bool {
    let lower = written.to_ascii_lowercase();
    let radix = match lower.get(..2) {
        Some("0b") => 2,
        Some("0o") => 8,
        Some("0x") => 16,
        _ => {
            let is_zero = lower.starts_with('0');
            let mut digits = lower.bytes().filter(|byte| *byte != b'_');
            return is_digits(&lower, 10) && (!is_zero || digits.all(|byte| byte == b'0'));
        }
    };
    let digits = &lower[2..];
    is_digits(digits.strip_prefix('_').unwrap_or(digits), radix)
}

fn is_float(written: &str) -> bool {
    let lower = written.to_ascii_lowercase();
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (lower.as_str(), None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    (fraction.is_some() || exponent.is_some())
        && is_digits(whole, 10)
        && fraction.is_none_or(|digits| is_digits(digits, 10))
        && exponent.is_none_or(|digits| is_digits(digits, 10))
}

/// Whether there are digits, with single underscores between them.
fn is_digits(written: &str, radix: u32) -> bool {
    written
        .split('_')
        .all(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix)))
}
