//! `round(number, digits)` of Python, and the methods `ceil` and `floor` of Jinja's filter `round`.

use std::ops::Range;

use super::error::{beyond_integers, finite};
use super::number::Number;
use super::{float, integer};
use crate::error::Error;

impl Number {
    /// Rounds as Python's `round`, a half to the even neighbor, judged by the exact value. An integer stays an
    /// integer; so becomes a float where `digits` is none.
    pub(crate) fn round(self, digits: Option<i64>, range: &Range<usize>) -> Result<Self, Error> {
        let rounded = match (self, digits) {
            (Self::Integer(value), None | Some(0..)) => Some(value),
            (Self::Integer(value), Some(digits)) => integer::round(value, digits.unsigned_abs()),
            (Self::Float(value), None) => float::truncate(value.round_ties_even()),
            (Self::Float(value), Some(digits)) => {
                return finite(round_float(value, digits), range).map(Self::Float);
            }
        };
        rounded.map(Self::Integer).ok_or_else(|| beyond_integers(range))
    }

    /// Rounds up, as `math.ceil(value * 10**precision) / 10**precision` in Python.
    pub(crate) fn ceil(self, precision: i64, range: &Range<usize>) -> Result<Self, Error> {
        self.round_by(f64::ceil, precision, range)
    }

    /// Rounds down, as `math.floor(value * 10**precision) / 10**precision` in Python.
    pub(crate) fn floor(self, precision: i64, range: &Range<usize>) -> Result<Self, Error> {
        self.round_by(f64::floor, precision, range)
    }

    fn round_by(
        self,
        round: fn(f64) -> f64,
        precision: i64,
        range: &Range<usize>,
    ) -> Result<Self, Error> {
        if let (Self::Integer(value), 0..) = (self, precision) {
            // Integers are exact, whatever the power.
            return Ok(Self::Float(value as f64));
        }
        let unit = float::power(10.0, precision as f64, range)?;
        let scaled = finite(round(self.to_float() * unit), range)?;
        // Python has an integer here, which has no sign at zero.
        let scaled = scaled + 0.0;
        if precision < 0 {
            return Self::Float(scaled).divide(Self::Float(unit), range);
        }
        // Python divides one integer by another, and rounds once.
        finite(read(&format!("{scaled:.0}e-{precision}")), range).map(Self::Float)
    }
}

/// Rounds to so many digits after the point, or before it where `digits` is negative.
fn round_float(value: f64, digits: i64) -> f64 {
    let magnitude = value.abs();
    let rounded = match usize::try_from(digits) {
        // Python leaves the number as it is.
        Ok(324..) => magnitude,
        Ok(digits) => round_scaled(magnitude, digits)
            .unwrap_or_else(|| read(&format!("{magnitude:.digits$}"))),
        Err(_) => round_whole(magnitude, digits.unsigned_abs()),
    };
    rounded.copysign(value)
}

/// Rounds by an exact multiplication, which is faster than writing the digits and reading them again. There is no
/// answer where a float is too small for that.
fn round_scaled(magnitude: f64, digits: usize) -> Option<f64> {
    const UNITS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    // Below it, halves are floats.
    const MOST: f64 = 4_503_599_627_370_496.0;
    let unit = *UNITS.get(digits)?;
    let scaled = magnitude * unit;
    if !(1e-200..MOST).contains(&magnitude) || scaled >= MOST {
        return None;
    }
    // What `scaled` lacks of the product, exactly (by T. J. Dekker, 1971).
    let split = |number: f64| {
        let shifted = 134_217_729.0 * number;
        let high = shifted - (shifted - number);
        (high, number - high)
    };
    let ((a, b), (c, d)) = (split(magnitude), split(unit));
    let missing = ((a * c - scaled) + a * d + b * c) + b * d;
    let rounded = scaled.round_ties_even();
    let over = scaled - rounded;
    // A product that is a half only as a float is on the one side or on the other.
    let rounded = if over == 0.5 && missing > 0.0 {
        rounded + 1.0
    } else if over == -0.5 && missing < 0.0 {
        rounded - 1.0
    } else {
        rounded
    };
    // Both are whole and have at most 53 bits, so that the quotient is the nearest float.
    Some(rounded / unit)
}

/// Rounds to a multiple of `10^zeros`.
fn round_whole(magnitude: f64, zeros: u64) -> f64 {
    let digits = format!("{:.0}", magnitude.trunc());
    let kept = usize::try_from(zeros).ok().and_then(|zeros| digits.len().checked_sub(zeros));
    match kept {
        None => 0.0,
        Some(0) => {
            let significant = digits.trim_end_matches('0');
            let is_up = significant > "5" || (significant == "5" && magnitude.fract() > 0.0);
            if is_up { read(&format!("1e{zeros}")) } else { 0.0 }
        }
        Some(kept) => read(&format!("{magnitude:.*e}", kept - 1)),
    }
}

/// Reads a number that was written here.
fn read(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, round_scaled};

    /// Both ways to the same float, or only the long one.
    fn check(magnitude: f64, digits: usize) {
        if let Some(rounded) = round_scaled(magnitude, digits) {
            assert_eq!(rounded, read(&format!("{magnitude:.digits$}")), "{magnitude:?} {digits}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn scaled_numbers_are_rounded_as_written_ones(
            bits in 0_u64..0x4340_0000_0000_0000,
            whole in 0_u32..200_000,
            digits in 0_usize..17,
        ) {
            check(f64::from_bits(bits), digits);
            // Near halves, and halves themselves.
            for unit in [8.0, 200.0, 2000.0, 1e5] {
                let near = f64::from(whole) / unit;
                for number in [near.next_down(), near, near.next_up()] {
                    check(number.abs(), digits.min(6));
                }
            }
        }
    }
}
