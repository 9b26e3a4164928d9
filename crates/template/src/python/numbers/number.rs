//! A number, which is an integer or a float, and its operators.

use std::cmp::Ordering;
use std::ops::Range;

use super::error::{beyond_integers, finite};
use super::{decimal, float, integer, wide};
use crate::error::{Error, ErrorKind};

/// A number of Python; a boolean counts as the integer 0 or 1.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Integer(i64),
    /// Finite.
    Float(f64),
}

impl Number {
    pub(crate) fn add(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        self.combine(other, i64::checked_add, |a, b| a + b, range)
    }

    pub(crate) fn subtract(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        self.combine(other, i64::checked_sub, |a, b| a - b, range)
    }

    pub(crate) fn multiply(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        self.combine(other, i64::checked_mul, |a, b| a * b, range)
    }

    /// Divides as `/`: the result is a float, that of two integers rounded once.
    pub(crate) fn divide(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        other.require_divisor(range)?;
        let quotient = match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => wide::divide(a, b),
            _ => self.to_float() / other.to_float(),
        };
        finite(quotient, range).map(Self::Float)
    }

    /// Divides as `//`: the result is rounded down.
    pub(crate) fn floor_divide(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        other.require_divisor(range)?;
        self.combine(other, integer::floor_divide, |a, b| float::divide(a, b).0, range)
    }

    /// Divides as `%`: the rest has the sign of the divisor.
    pub(crate) fn modulo(self, other: Self, range: &Range<usize>) -> Result<Self, Error> {
        other.require_divisor(range)?;
        self.combine(other, integer::modulo, |a, b| float::divide(a, b).1, range)
    }

    /// Raises to a power as `**`. Integers with an exponent that is not negative give an integer, anything
    /// else a float: the float that is nearest to the exact power.
    ///
    /// An exponent with a fraction is refused.
    pub(crate) fn power(self, exponent: Self, range: &Range<usize>) -> Result<Self, Error> {
        if let (Self::Integer(base), Self::Integer(exponent)) = (self, exponent)
            && let Ok(exponent) = u64::try_from(exponent)
        {
            let power = integer::power(base, exponent);
            return power.map(Self::Integer).ok_or_else(|| beyond_integers(range));
        }
        float::power(self.to_float(), exponent.to_float(), range).map(Self::Float)
    }

    pub(crate) fn negate(self, range: &Range<usize>) -> Result<Self, Error> {
        match self {
            Self::Integer(value) => {
                value.checked_neg().map(Self::Integer).ok_or_else(|| beyond_integers(range))
            }
            Self::Float(value) => Ok(Self::Float(-value)),
        }
    }

    pub(crate) fn absolute(self, range: &Range<usize>) -> Result<Self, Error> {
        match self {
            Self::Integer(value) if value < 0 => self.negate(range),
            Self::Integer(_) => Ok(self),
            Self::Float(value) => Ok(Self::Float(value.abs())),
        }
    }

    /// Compares the exact values: an integer is not rounded to a float first.
    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Integer(integer), Self::Float(float)) => float::compare(integer, float),
            (Self::Float(float), Self::Integer(integer)) => {
                float::compare(integer, float).reverse()
            }
        }
    }

    /// Converts as `float(number)`.
    pub(crate) fn to_float(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// Converts as `int(number)`: a fraction is cut off.
    pub(crate) fn to_integer(self, range: &Range<usize>) -> Result<i64, Error> {
        match self {
            Self::Integer(value) => Ok(value),
            Self::Float(value) => float::truncate(value).ok_or_else(|| beyond_integers(range)),
        }
    }

    /// Returns what `str(number)` is; 24 bytes at most.
    pub(crate) fn print(self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => decimal::repr(value),
        }
    }

    fn require_divisor(self, range: &Range<usize>) -> Result<(), Error> {
        if matches!(self, Self::Integer(0)) || matches!(self, Self::Float(value) if value == 0.0) {
            return Err(Error::new(ErrorKind::Value, range.clone(), "division by zero")
                .help("test the divisor with `{% if … %}` first"));
        }
        Ok(())
    }

    /// Applies one function to two integers, and another one to floats.
    fn combine(
        self,
        other: Self,
        integers: fn(i64, i64) -> Option<i64>,
        floats: fn(f64, f64) -> f64,
        range: &Range<usize>,
    ) -> Result<Self, Error> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => {
                integers(a, b).map(Self::Integer).ok_or_else(|| beyond_integers(range))
            }
            _ => finite(floats(self.to_float(), other.to_float()), range).map(Self::Float),
        }
    }
}

/// As Python's `==`: `1`, `1.0` and true are equal.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other).is_eq()
    }
}
