//! Numbers in a format: sign, prefix, digits in groups, and the filling around them.

use std::iter::repeat_n;

use super::error::{Outcome, charge, unsupported, wrong};
use super::specification::{Align, MAX_PRECISION, Specification, too_big};
use crate::jinja::budget::Budget;
use crate::python::numbers::{Figure, Layout, digits};

/// A number that is laid out, but for the filling.
pub(super) struct Numeral {
    pub(super) is_negative: bool,
    pub(super) prefix: &'static str,
    pub(super) figure: Figure,
}

impl Numeral {
    /// Lays out an integer by its kind; `c` is the character of that number.
    pub(super) fn of_integer(value: i64, specification: &Specification) -> Outcome<Self> {
        let mut rest = String::new();
        let (base, prefix) = match specification.kind {
            Some('c') => {
                rest.push(character(value)?);
                let figure = Figure { whole: String::new(), rest };
                return Ok(Self { is_negative: false, prefix: "", figure });
            }
            Some('b') => (2, "0b"),
            Some('o') => (8, "0o"),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            _ => (10, ""),
        };
        let whole = digits(value.unsigned_abs(), base, specification.kind == Some('X'));
        let prefix = if specification.is_alternate { prefix } else { "" };
        Ok(Self { is_negative: value < 0, prefix, figure: Figure { whole, rest } })
    }

    /// Lays out a float by its kind.
    pub(super) fn of_float(
        value: f64,
        specification: &Specification,
        budget: &mut Budget,
    ) -> Outcome<Self> {
        let Specification { is_alternate, precision, kind, .. } = *specification;
        if precision > Some(MAX_PRECISION) {
            return Err(too_big());
        }
        let is_percentage = kind == Some('%');
        let magnitude = if is_percentage { value.abs() * 100.0 } else { value.abs() };
        if !magnitude.is_finite() {
            return Err(wrong("the result exceeds the range of a float", "use smaller numbers"));
        }
        let places = precision.unwrap_or(6);
        // Zeros that a general layout drops are not even computed.
        let general = if is_alternate { places } else { places.min(800) };
        let (layout, computed) = match kind {
            None if precision.is_none() => (Layout::Shortest, 0),
            None => (Layout::GeneralFloat(general), general),
            Some('e' | 'E') => (Layout::Scientific(places), places),
            Some('g' | 'G') => (Layout::General(general), general),
            Some(_) => (Layout::Fixed(places), places),
        };
        charge(budget, computed)?;
        let mut figure = Figure::new(magnitude, layout, is_alternate);
        let has_sign = !(specification.is_zero_positive && figure.is_zero());
        if is_percentage {
            figure.rest.push('%');
        } else if matches!(kind, Some('E' | 'G')) {
            figure.rest.make_ascii_uppercase();
        }
        Ok(Self { is_negative: has_sign && value.is_sign_negative(), prefix: "", figure })
    }

    pub(super) fn write(
        &self,
        specification: &Specification,
        budget: &mut Budget,
    ) -> Outcome<String> {
        let Specification { fill, width, .. } = *specification;
        let Figure { whole, rest } = &self.figure;
        let sign = if self.is_negative { Some('-') } else { specification.sign };
        let sign = sign.filter(|sign| self.is_negative || *sign != '-');
        let group = match specification.kind {
            _ if specification.separator.is_none() => None,
            Some('b' | 'o' | 'x' | 'X') => Some(4),
            _ => Some(3),
        };
        // The character of an integer has more bytes than one.
        let around = usize::from(sign.is_some()) + self.prefix.len() + rest.chars().count();
        let around = around as u64;
        let is_zero_filled = fill == '0' && specification.align == Align::AfterSign;
        let least = if is_zero_filled { width.saturating_sub(around) } else { 0 };
        let digits = count_digits(whole.len() as u64, least, group);
        let separators = group.map_or(0, |group| digits.saturating_sub(1) / group);
        let length = around + digits + separators;
        let padding = width.saturating_sub(length);
        specification.charge(length + rest.len() as u64, padding, budget)?;

        let (left, inner, right) = specification.split(padding);
        let mut written = String::new();
        written.extend(repeat_n(fill, left));
        written.extend(sign);
        written.push_str(self.prefix);
        written.extend(repeat_n(fill, inner));
        let mut present = whole.chars();
        for before in (0..digits).rev() {
            let digit = if before < whole.len() as u64 { present.next() } else { None };
            written.push(digit.unwrap_or('0'));
            if before > 0 && group.is_some_and(|group| before % group == 0) {
                written.extend(specification.separator);
            }
        }
        written.push_str(rest);
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
fn character(code: i64) -> Outcome<char> {
    let code = u32::try_from(code).ok().filter(|code| *code < 0x11_0000);
    let Some(code) = code else {
        return Err(wrong("invalid character code", "use a code from 0 to 1114111"));
    };
    char::from_u32(code).ok_or_else(|| {
        unsupported("half a character would be printed", "use the code of a whole character")
    })
}
