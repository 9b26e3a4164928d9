//! Sizes of files, as Jinja's filter `filesizeformat` prints them.

use std::ops::Range;

use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::{Figure, Layout, finite};

/// Prints a number of bytes with a unit: `1 Byte`, `13.0 kB`; `is_binary` counts in steps of 1024.
#[cfg_attr(not(test), expect(dead_code, reason = "only a test calls it"))]
pub(crate) fn file_size(
    value: f64,
    is_binary: bool,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    // All digits of a number that no unit makes shorter, and a unit.
    budget.make(if value.abs() < 1e20 { 32 } else { 320 }, range)?;
    let base = if is_binary { 1024.0 } else { 1000.0 };
    let (size, places, unit) = if value < base {
        (value.trunc(), 0, if value == 1.0 { "Byte" } else { "Bytes" })
    } else {
        let units = if is_binary {
            ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
        } else {
            ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
        };
        let mut step = base * base;
        let mut at = 0;
        // Python compares with the exact power, and the float nearest to 10^24 is below it.
        while at < 7 && (value > step || (value == step && step != 1e24)) {
            step *= base;
            at += 1;
        }
        (finite(base * value, range)? / step, 1, units[at])
    };
    let Figure { whole, rest } = Figure::new(size.abs(), Layout::Fixed(places), false);
    Ok([if size < 0.0 { "-" } else { "" }, &whole, &rest, " ", unit].concat())
}
