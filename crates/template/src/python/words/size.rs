//! Sizes of files for people.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

/// Writes a number of bytes with a unit: multiples of 1000, or of 1024 if `binary`.
pub(crate) fn filesizeformat(
    bytes: f64,
    binary: bool,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<String, Error> {
    // What is beyond all units, or negative, is written out.
    budget.make(if (0.0..1e27).contains(&bytes) { 16 } else { 330 }, range)?;
    let base = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok("1 Byte".to_owned());
    }
    if bytes < base {
        if bytes.is_infinite() {
            return Err(Error::new(
                ErrorKind::Value,
                range.clone(),
                "infinity cannot be written as a size",
            )
            .help("test the number first"));
        }
        // What is not a number is not less, and -0.0 + 0.0 is 0.0.
        return Ok(format!("{:.0} Bytes", bytes.trunc() + 0.0));
    }
    let mut unit = if binary { 1024_u128 } else { 1000 };
    let step = unit;
    let letters = if binary { "KMGTPEZY" } else { "kMGTPEZY" };
    let mut letter = 'Y';
    for each in letters.chars() {
        unit *= step;
        letter = each;
        // Units beyond 2^53 are not exact as floats, and Python compares them as they are.
        if is_less(bytes, unit) {
            break;
        }
    }
    let number = base * bytes / as_float(unit);
    let suffix = if binary { "iB" } else { "B" };
    if number.is_nan() {
        return Ok(format!("nan {letter}{suffix}"));
    }
    Ok(format!("{number:.1} {letter}{suffix}"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is positive, and what is beyond the type is not less"
)]
fn is_less(bytes: f64, unit: u128) -> bool {
    !bytes.is_nan() && (bytes as u128) < unit
}

/// Returns the nearest float, as Python divides.
fn as_float(unit: u128) -> f64 {
    unit as f64
}
