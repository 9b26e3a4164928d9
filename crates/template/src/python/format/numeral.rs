//! Numbers in a format: sign, prefix, digits in groups, and the filling around them.

use std::iter::repeat_n;
use std::ops::Range;

use super::error::{unsupported, wrong};
use super::specification::{Align, Specification, bytes};
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::{Figure, MAX_SIGNIFICANT, digits, finite};

/// A number that is laid out, but for the filling.
pub(super) struct Numeral {
    pub(super) is_negative: bool,
    pub(super) prefix: &'static str,
    pub(super) figure: Figure,
}

impl Numeral {
    /// Lays out an integer by its kind; `c` is the character of that number.
    pub(super) fn of_integer(
        value: i64,
        specification: &Specification,
        range: &Range<usize>,
    ) -> Result<Self, Error> {
        let (base, prefix) = match specification.kind {
            Some('c') => {
                let suffix = character(value, range)?.to_string();
                let figure = Figure { suffix, ..Figure::default() };
                return Ok(Self { is_negative: false, prefix: "", figure });
            }
            Some('b') => (2, "0b"),
            Some('o') => (8, "0o"),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            _ => (10, ""),
        };
        let whole = digits(value.unsigned_abs(), base, specification.kind == Some('X'));
        Ok(Self {
            is_negative: value < 0,
            prefix: if specification.is_alternate { prefix } else { "" },
            figure: Figure { whole, ..Figure::default() },
        })
    }

    /// Lays out a float by its kind.
    pub(super) fn of_float(
        value: f64,
        specification: &Specification,
        budget: &mut Budget,
        range: &Range<usize>,
    ) -> Result<Self, Error> {
        let Specification { is_alternate, precision, kind, .. } = *specification;
        if precision.is_some_and(|precision| i32::try_from(precision).is_err()) {
            return Err(wrong("the precision is too big", "use a smaller precision", range));
        }
        let magnitude = value.abs();
        let magnitude =
            if kind == Some('%') { finite(magnitude * 100.0, range)? } else { magnitude };
        let places = precision.unwrap_or(6);
        // Digits are computed even where the zeros among them are dropped again.
        budget.make(bytes(places.min(MAX_SIGNIFICANT)), range)?;
        let mut figure = match kind {
            None if precision.is_none() => Figure::shortest(magnitude),
            None => Figure::general(magnitude, places, is_alternate, true),
            Some('e' | 'E') => Figure::scientific(magnitude, places),
            Some('g' | 'G') => Figure::general(magnitude, places, is_alternate, false),
            Some(_) => Figure::fixed(magnitude, places),
        };
        figure.has_point |= is_alternate;
        match kind {
            Some('%') => figure.suffix.push('%'),
            Some('E' | 'G') => figure.suffix.make_ascii_uppercase(),
            _ => {}
        }
        let has_sign = !(specification.is_zero_positive && figure.is_zero());
        Ok(Self { is_negative: has_sign && value.is_sign_negative(), prefix: "", figure })
    }

    pub(super) fn write(
        &self,
        specification: &Specification,
        budget: &mut Budget,
        range: &Range<usize>,
    ) -> Result<String, Error> {
        let Specification { fill, width, .. } = *specification;
        let Figure { whole, has_point, fraction, zeros, suffix } = &self.figure;
        let sign = match (self.is_negative, specification.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            (false, _) => "",
        };
        let group = match (specification.separator, specification.kind) {
            (None, _) => None,
            (Some(separator), Some('b' | 'o' | 'x' | 'X')) => Some((separator, 4)),
            (Some(separator), _) => Some((separator, 3)),
        };
        let around = sign.len()
            + self.prefix.len()
            + usize::from(*has_point)
            + fraction.len()
            + suffix.chars().count();
        let around = (around as u64).saturating_add(*zeros);
        let is_zero_filled = fill == '0' && specification.align == Align::AfterSign;
        let least = if is_zero_filled { width.saturating_sub(around) } else { 0 };
        let size = group.map(|(_, size)| size);
        let digits = count_digits(whole.len() as u64, least, size);
        let separators = size.map_or(0, |size| digits.saturating_sub(1) / size);
        let length = around.saturating_add(digits).saturating_add(separators);
        let padding = width.saturating_sub(length);
        let filling = padding.saturating_mul(fill.len_utf8() as u64);
        // A character of a suffix has up to four bytes.
        let all = length.saturating_add(filling).saturating_add(suffix.len() as u64);
        budget.make(bytes(all), range)?;

        let (left, inner, right) = specification.split(padding);
        let mut written = String::with_capacity(bytes(all));
        written.extend(repeat_n(fill, left));
        written.push_str(sign);
        written.push_str(self.prefix);
        written.extend(repeat_n(fill, inner));
        let missing = digits - whole.len() as u64;
        let all_digits = repeat_n('0', bytes(missing)).chain(whole.chars());
        for (before, digit) in (0..digits).rev().zip(all_digits) {
            written.push(digit);
            if let Some((separator, size)) = group
                && before > 0
                && before % size == 0
            {
                written.push(separator);
            }
        }
        written.extend(has_point.then_some('.'));
        written.push_str(fraction);
        written.extend(repeat_n('0', bytes(*zeros)));
        written.push_str(suffix);
        written.extend(repeat_n(fill, right));
        Ok(written)
    }
}

/// Counts the digits before the point, with the zeros that fill `least` characters; separators count, and
/// a separator is never first. A character, which has no digits, gets no zeros either.
fn count_digits(present: u64, least: u64, group: Option<u64>) -> u64 {
    if present == 0 {
        return 0;
    }
    let filled = match group {
        Some(group) if least > 0 => least / (group + 1) * group + (least % (group + 1)).max(1),
        _ => least,
    };
    present.max(filled)
}

/// Returns the character of a code point.
pub(super) fn character(code: i64, range: &Range<usize>) -> Result<char, Error> {
    let code = u32::try_from(code).ok().filter(|code| *code < 0x11_0000).ok_or_else(|| {
        wrong("no character has this number", "use a number from 0 to 1114111", range)
    })?;
    char::from_u32(code).ok_or_else(|| {
        unsupported("half a character would be printed", "use the number of a whole one", range)
    })
}
