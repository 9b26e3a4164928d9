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
        Ok(digits) => read(&format!("{magnitude:.digits$}")),
        Err(_) => round_whole(magnitude, digits.unsigned_abs()),
    };
    rounded.copysign(value)
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
