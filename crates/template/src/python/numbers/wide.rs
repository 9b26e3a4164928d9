//! Floats with 128 bits of mantissa, for results that are rounded to a float once.

/// The number `mantissa * 2^exponent`, or a little more: what was cut off.
#[derive(Clone, Copy)]
struct Wide {
    /// Its highest bit is set.
    mantissa: u128,
    exponent: i64,
    /// By which part of itself the exact number may be greater, in units of `2^-127`. Zero if it is not.
    error: u128,
}

impl Wide {
    /// Takes a number that is not zero.
    fn new(mantissa: u64, exponent: i64) -> Self {
        let shift = u128::from(mantissa).leading_zeros();
        Self {
            mantissa: u128::from(mantissa) << shift,
            exponent: exponent - i64::from(shift),
            error: 0,
        }
    }

    /// Takes a float above zero.
    fn from_float(value: f64) -> Self {
        let (mantissa, exponent) = split(value);
        Self::new(mantissa, exponent)
    }

    fn multiply(self, other: Self) -> Self {
        let (high, low) = multiply(self.mantissa, other.mantissa);
        let exponent = self.exponent + other.exponent + 128;
        let (mantissa, exponent, cut) = match high >> 127 {
            0 => (high << 1 | low >> 127, exponent - 1, low << 1),
            _ => (high, exponent, low),
        };
        let error = self.error + other.error;
        // The parts add up; one unit is for what is cut off here, the other for the product of the parts.
        let error = if error == 0 && cut == 0 { 0 } else { error + 2 };
        Self { mantissa, exponent, error }
    }

    /// Divides two exact numbers, bit by bit.
    fn divide(self, divisor: Self) -> Self {
        let mut rest = self.mantissa;
        // The bit of the rest that has no place.
        let mut carry = 0;
        let mut exponent = self.exponent - divisor.exponent + 1;
        let mut mantissa: u128 = 0;
        while mantissa >> 127 == 0 {
            mantissa <<= 1;
            exponent -= 1;
            if carry == 1 || rest >= divisor.mantissa {
                rest = rest.wrapping_sub(divisor.mantissa);
                mantissa |= 1;
            }
            carry = rest >> 127;
            rest <<= 1;
        }
        let is_exact = carry == 0 && rest == 0;
        Self { mantissa, exponent, error: if is_exact { 0 } else { 2 } }
    }

    /// Rounds to the nearest float, a half to the even one. Returns nothing where the error leaves two
    /// floats to choose from.
    fn round(self) -> Option<f64> {
        let least = to_float(self.mantissa, self.exponent);
        if self.error == 0 {
            return Some(least);
        }
        // The mantissa is below 2^128, so that a unit of the error is less than two of its last place.
        let most = to_float((self.mantissa >> 1) + self.error + 1, self.exponent + 1);
        (least == most).then_some(least)
    }
}

/// Divides two integers; the divisor is not zero.
pub(super) fn divide(dividend: i64, divisor: i64) -> f64 {
    const EXACT: u64 = 1 << 53;
    let (a, b) = (dividend.unsigned_abs(), divisor.unsigned_abs());
    if a <= EXACT && b <= EXACT {
        return dividend as f64 / divisor as f64;
    }
    if a == 0 {
        return if divisor < 0 { -0.0 } else { 0.0 };
    }
    let quotient = Wide::new(a, 0).divide(Wide::new(b, 0));
    // That something was cut off must be seen where the rest is a half.
    let magnitude =
        to_float(quotient.mantissa | u128::from(quotient.error != 0), quotient.exponent);
    if (dividend < 0) == (divisor < 0) { magnitude } else { -magnitude }
}

/// Raises a float above zero to a power of at least 1, or its inverse. The result is the nearest float,
/// infinity beyond them, and nothing where the 128 bits do not tell which one is nearest.
pub(super) fn power(base: f64, mut count: u64, is_inverse: bool) -> Option<f64> {
    // From here on the remaining factors cannot bring the product back into range.
    const FAR: i64 = 2000;
    let mut factor = Wide::from_float(base);
    if is_inverse {
        factor = Wide::new(1, 0).divide(factor);
    }
    let mut product = Wide::new(1, 0);
    loop {
        if count % 2 == 1 {
            product = product.multiply(factor);
        }
        count /= 2;
        if count == 0 {
            return product.round();
        }
        factor = factor.multiply(factor);
        match factor.exponent + 127 {
            size if size > FAR => return Some(f64::INFINITY),
            size if size < -FAR => return Some(0.0),
            _ => {}
        }
    }
}

/// Returns the rest of a division of floats that are not negative, which is exact; the divisor is not zero.
pub(super) fn remainder(dividend: f64, divisor: f64) -> f64 {
    if dividend < divisor {
        return dividend;
    }
    let ((dividend, high), (divisor, low)) = (split(dividend), split(divisor));
    let mut rest = dividend % divisor;
    for _ in low..high {
        rest = rest * 2 % divisor;
    }
    rest as f64 * power_of_two(low)
}

/// Splits a float that is not negative into a mantissa of 53 bits and the exponent of its last bit.
fn split(value: f64) -> (u64, i64) {
    let fraction = value.to_bits() & ((1 << 52) - 1);
    match i64::try_from(value.to_bits() >> 52).unwrap_or(0) {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << 52, exponent - 1075),
    }
}

/// Multiplies to 256 bits.
fn multiply(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (outer, inner, lowest) = (a1 * b0, a0 * b1, a0 * b0);
    let middle = (lowest >> 64) + (outer & LOW) + (inner & LOW);
    (a1 * b1 + (outer >> 64) + (inner >> 64) + (middle >> 64), middle << 64 | lowest & LOW)
}

/// Returns the float nearest to `mantissa * 2^exponent`, a half to the even one; the mantissa is not zero.
fn to_float(mantissa: u128, exponent: i64) -> f64 {
    let length = 128 - i64::from(mantissa.leading_zeros());
    // The place of the last bit that the float has.
    let place = (exponent + length - 53).max(-1074);
    let cut = place - exponent;
    let kept = match u32::try_from(cut) {
        Err(_) | Ok(0) => mantissa << cut.unsigned_abs(),
        Ok(129..) => 0,
        Ok(cut) => {
            let kept = mantissa.checked_shr(cut).unwrap_or(0);
            let rest = mantissa << (128 - cut);
            let half = 1 << 127;
            kept + u128::from(rest > half || (rest == half && kept % 2 == 1))
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^53")]
    let kept = kept as u64 as f64;
    kept * power_of_two(place)
}

/// Returns `2^exponent`, for exponents from -1074.
fn power_of_two(exponent: i64) -> f64 {
    let bits = match u64::try_from(exponent + 1022) {
        Ok(above) if above < 2046 => (above + 1) << 52,
        Ok(_) => return f64::INFINITY,
        Err(_) => 1 << (exponent + 1074).max(0),
    };
    f64::from_bits(bits)
}
