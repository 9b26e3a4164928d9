//! Integers of 64 bits: what is beyond them is nothing.

/// Divides and rounds down; the divisor is not zero.
pub(super) fn floor_divide(dividend: i64, divisor: i64) -> Option<i64> {
    let quotient = dividend.checked_div(divisor)?;
    let is_rounded_up = modulo(dividend, divisor)? != 0 && (dividend < 0) != (divisor < 0);
    Some(quotient - i64::from(is_rounded_up))
}

/// Returns the rest, which has the sign of the divisor; the divisor is not zero.
#[expect(clippy::unnecessary_wraps, reason = "of the same type as the other operations")]
pub(super) fn modulo(dividend: i64, divisor: i64) -> Option<i64> {
    // Only the rest of the smallest integer by -1 is not computed, and is zero.
    let rest = dividend.checked_rem(divisor).unwrap_or(0);
    Some(if rest != 0 && (rest < 0) != (divisor < 0) { rest + divisor } else { rest })
}

pub(super) fn power(base: i64, exponent: u64) -> Option<i64> {
    match (base, u32::try_from(exponent)) {
        (_, Ok(exponent)) => base.checked_pow(exponent),
        (0 | 1, Err(_)) => Some(base),
        (-1, Err(_)) => Some(if exponent.is_multiple_of(2) { 1 } else { -1 }),
        (_, Err(_)) => None,
    }
}

/// Rounds to a multiple of `10^zeros`, a half to the even multiple.
pub(super) fn round(value: i64, zeros: u64) -> Option<i64> {
    let magnitude = value.unsigned_abs();
    let unit = u32::try_from(zeros).ok().and_then(|zeros| 10_u64.checked_pow(zeros));
    // Half of `10^20` is above every integer.
    let Some(unit) = unit else { return Some(0) };
    let (quotient, rest) = (magnitude / unit, magnitude % unit);
    let is_up = rest > unit - rest || (rest == unit - rest && quotient % 2 == 1);
    signed((quotient + u64::from(is_up)).checked_mul(unit)?, value < 0)
}

/// Gives a magnitude its sign.
pub(super) fn signed(magnitude: u64, is_negative: bool) -> Option<i64> {
    if is_negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Writes a number in base 2 to 16; 64 bytes at most.
pub(crate) fn digits(mut magnitude: u64, base: u8, is_upper: bool) -> String {
    let letter = if is_upper { b'A' } else { b'a' };
    let mut digits = Vec::new();
    loop {
        #[expect(clippy::cast_possible_truncation, reason = "a digit is below 16")]
        let digit = (magnitude % u64::from(base)) as u8;
        digits.push(if digit < 10 { b'0' + digit } else { letter + digit - 10 });
        magnitude /= u64::from(base);
        if magnitude == 0 {
            return digits.iter().rev().map(|digit| char::from(*digit)).collect();
        }
    }
}
