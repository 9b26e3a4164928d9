//! Operations of floats, each with the results of Python.

use std::cmp::Ordering;
use std::ops::Range;

use super::error::finite;
use super::wide;
use crate::error::{Error, ErrorKind};

/// Cuts off the fraction; nothing is returned beyond 64 bits.
pub(super) fn truncate(value: f64) -> Option<i64> {
    // 2^63 is the first float above every integer.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "cuts off, and is within 64 bits")]
    (-BEYOND..BEYOND).contains(&value).then_some(value as i64)
}

/// Compares an integer with a float, exactly.
pub(super) fn compare(integer: i64, float: f64) -> Ordering {
    match truncate(float) {
        Some(whole) => integer
            .cmp(&whole)
            .then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)),
        None if float > 0.0 => Ordering::Less,
        None => Ordering::Greater,
    }
}

/// Returns the quotient, rounded down, and the rest. The order of operations is Python's, because each
/// of them rounds.
pub(super) fn divide(dividend: f64, divisor: f64) -> (f64, f64) {
    let mut rest = wide::remainder(dividend.abs(), divisor.abs()).copysign(dividend);
    let mut quotient = (dividend - rest) / divisor;
    if rest == 0.0 {
        rest = 0.0_f64.copysign(divisor);
    } else if (rest < 0.0) != (divisor < 0.0) {
        rest += divisor;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(dividend / divisor), rest);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

/// Raises a float to a power that is whole: the result is the float nearest to the exact power.
pub(super) fn power(base: f64, exponent: f64, range: &Range<usize>) -> Result<f64, Error> {
    // From here on every power of a number below 1 is zero, and of one above 1 beyond every float.
    const ENOUGH: f64 = 9_223_372_036_854_775_808.0;
    if exponent.fract() != 0.0 {
        let message = "the exponent has a fraction";
        return Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
            .help("use a whole exponent, or pass the result as a variable"));
    }
    if exponent == 0.0 {
        return Ok(1.0);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, and at most 2^63"
    )]
    let count = exponent.abs().min(ENOUGH) as u64;
    let is_odd = count % 2 == 1;
    if base == 0.0 {
        if exponent < 0.0 {
            let message = "zero cannot be raised to a negative power";
            return Err(Error::new(ErrorKind::Value, range.clone(), message)
                .help("test the base with `{% if … %}` first"));
        }
        return Ok(if is_odd { base } else { 0.0 });
    }
    let Some(power) = wide::power(base.abs(), count, exponent < 0.0) else {
        let message = "the last digit of this power depends on the platform";
        return Err(
            Error::new(ErrorKind::Unsupported, range.clone(), message).help("multiply instead")
        );
    };
    finite(if is_odd { power.copysign(base) } else { power }, range)
}
