//! Sizes of files, as Jinja's filter `filesizeformat` prints them.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::finite;

/// Prints a number of bytes with a unit: `1 Byte`, `13.0 kB`; `is_binary` counts in steps of 1024.
pub(crate) fn file_size(
    value: f64,
    is_binary: bool,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    // As many digits as a float has, and a unit.
    budget.make(320, range)?;
    let base = if is_binary { 1024.0 } else { 1000.0 };
    if value == 1.0 {
        return Ok("1 Byte".to_owned());
    }
    if value < base {
        // An integer has no sign at zero.
        return Ok(format!("{:.0} Bytes", value.trunc() + 0.0));
    }
    let last = if is_binary { "iB" } else { "B" };
    let mut unit = base * base;
    let mut letters = if is_binary { "KMGTPEZY" } else { "kMGTPEZY" }.chars();
    let mut letter = letters.next();
    // Python compares with the exact power, and the float nearest to 10^24 is below it.
    while value > unit || (value == unit && unit != 1e24) {
        let Some(next) = letters.next() else { break };
        letter = Some(next);
        unit *= base;
    }
    let size = finite(base * value, range)? / unit;
    Ok(format!("{size:.1} {}{last}", letter.unwrap_or_default()))
}
