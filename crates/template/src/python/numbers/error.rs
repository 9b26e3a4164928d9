//! Results that have no number.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// Refuses infinities and NaN.
pub(crate) fn finite(value: f64, range: &Range<usize>) -> Result<f64, Error> {
    if value.is_finite() {
        return Ok(value);
    }
    let message = "the result exceeds the range of a float";
    Err(Error::new(ErrorKind::Value, range.clone(), message).help("use smaller numbers"))
}

#[cold]
#[inline(never)]
pub(crate) fn beyond_integers(range: &Range<usize>) -> Error {
    Error::new(ErrorKind::Value, range.clone(), "the integer exceeds 64 bits")
        .help("use smaller numbers, or convert one with `| float`")
}
