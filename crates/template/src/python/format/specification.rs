//! The specification of a format: `[[fill]align][sign][z][#][0][width][,_][.precision][kind]`.

use std::iter::repeat_n;
use std::ops::Range;
use std::str::Chars;

use super::error::{unsupported, wrong};
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::decimal_digit;

/// Where a text stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    Center,
    /// The filling is between the sign and the digits.
    AfterSign,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Specification {
    pub(super) fill: char,
    pub(super) align: Align,
    /// What is before a number: `-` writes only that sign, `+` and a space one before every number.
    pub(super) sign: Option<char>,
    /// Whether a zero has no sign.
    pub(super) is_zero_positive: bool,
    pub(super) is_alternate: bool,
    /// 0 where there is none.
    pub(super) width: u64,
    pub(super) separator: Option<char>,
    pub(super) precision: Option<u64>,
    pub(super) kind: Option<char>,
}

impl Specification {
    pub(super) fn parse(text: &str, default: Align, range: &Range<usize>) -> Result<Self, Error> {
        let mut rest = text.chars();
        let (fill, align) = read_alignment(&mut rest);
        let sign = take(&mut rest, |c| matches!(c, '+' | '-' | ' '));
        let is_zero_positive = take(&mut rest, |c| c == 'z').is_some();
        let is_alternate = take(&mut rest, |c| c == '#').is_some();
        let is_zero_filled = fill.is_none() && take(&mut rest, |c| c == '0').is_some();
        let width = read_number(&mut rest, range)?;
        let separator = take(&mut rest, |c| c == ',' || c == '_');
        let has_precision = take(&mut rest, |c| c == '.').is_some();
        let precision = if has_precision { read_number(&mut rest, range)? } else { None };
        let kind = rest.next();
        let is_complete = precision.is_some() == has_precision && rest.next().is_none();
        let takes_separator = match kind {
            None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => true,
            Some('b' | 'o' | 'x' | 'X') => separator == Some('_'),
            Some(_) => false,
        };
        if !is_complete || (separator.is_some() && !takes_separator) {
            let message = format!("`{text}` is not a format");
            let help = "write `[[fill]align][sign][#][0][width][,][.precision][kind]`, as `>8.2f`";
            return Err(wrong(&message, help, range));
        }
        let default =
            if is_zero_filled && default == Align::Right { Align::AfterSign } else { default };
        Ok(Self {
            fill: fill.unwrap_or(if is_zero_filled { '0' } else { ' ' }),
            align: align.unwrap_or(default),
            sign,
            is_zero_positive,
            is_alternate,
            width: width.unwrap_or(0),
            separator,
            precision,
            kind,
        })
    }

    /// Accepts what a text can be formatted with.
    pub(super) fn require_text(&self, range: &Range<usize>) -> Result<(), Error> {
        let is_for_numbers = self.sign.is_some()
            || self.is_zero_positive
            || self.is_alternate
            || self.separator.is_some()
            || self.align == Align::AfterSign;
        match self.kind {
            None | Some('s') if !is_for_numbers => Ok(()),
            None | Some('s') => Err(wrong(
                "the format of a text has a part for numbers",
                "drop it, or pass a number: `| int`, `| float`",
                range,
            )),
            Some(_) => Err(self.wrong_kind("a string", range)),
        }
    }

    /// Accepts what an integer can be formatted with.
    pub(super) fn require_integer(&self, range: &Range<usize>) -> Result<(), Error> {
        match self.kind {
            None | Some('b' | 'c' | 'd' | 'o' | 'x' | 'X') => {}
            Some(_) => return Err(self.wrong_kind("an integer", range)),
        }
        let is_character = self.kind == Some('c');
        if self.precision.is_some() || self.is_zero_positive {
            return Err(wrong(
                "the format of an integer has a part for floats",
                "drop it, or write `f` at its end",
                range,
            ));
        }
        if is_character && (self.sign.is_some() || self.is_alternate) {
            return Err(wrong("a character has no sign and no prefix", "drop it", range));
        }
        Ok(())
    }

    pub(super) fn wrong_kind(&self, what: &str, range: &Range<usize>) -> Error {
        let kind = self.kind.unwrap_or('s');
        if kind == 'n' && what != "a string" {
            return unsupported(
                "`n` prints by the settings of a machine",
                "write `d` or `f`",
                range,
            );
        }
        let help = "use `s` for texts, `d` for integers, `f` for floats";
        wrong(&format!("`{kind}` does not format {what}"), help, range)
    }

    /// Writes a text, cut to the precision and filled to the width.
    pub(super) fn write(
        &self,
        text: &str,
        budget: &mut Budget,
        range: &Range<usize>,
    ) -> Result<String, Error> {
        let kept = self.precision.and_then(|precision| {
            let precision = usize::try_from(precision).ok()?;
            text.char_indices().nth(precision).map(|(at, _)| at)
        });
        let text = &text[..kept.unwrap_or(text.len())];
        // A text of as many bytes may have fewer characters.
        let length = if self.width == 0 { 0 } else { text.chars().count() as u64 };
        let padding = self.width.saturating_sub(length);
        let filling = padding.saturating_mul(self.fill.len_utf8() as u64);
        budget.make(bytes(filling).saturating_add(text.len()), range)?;
        let (left, inner, right) = self.split(padding);
        let mut written = String::with_capacity(bytes(filling) + text.len());
        written.extend(repeat_n(self.fill, left + inner));
        written.push_str(text);
        written.extend(repeat_n(self.fill, right));
        Ok(written)
    }

    /// Splits the filling: before a text, after its sign, and behind it.
    pub(super) fn split(&self, padding: u64) -> (usize, usize, usize) {
        let padding = bytes(padding);
        match self.align {
            Align::Left => (0, 0, padding),
            Align::Right => (padding, 0, 0),
            Align::Center => (padding / 2, 0, padding - padding / 2),
            Align::AfterSign => (0, padding, 0),
        }
    }
}

/// Reads an alignment, with what to fill with before it.
fn read_alignment(rest: &mut Chars<'_>) -> (Option<char>, Option<Align>) {
    let align = |character: Option<char>| match character {
        Some('<') => Some(Align::Left),
        Some('>') => Some(Align::Right),
        Some('^') => Some(Align::Center),
        Some('=') => Some(Align::AfterSign),
        _ => None,
    };
    let mut ahead = rest.clone();
    let (first, second) = (ahead.next(), ahead.next());
    if let Some(second) = align(second) {
        *rest = ahead;
        return (first, Some(second));
    }
    let first = align(first);
    if first.is_some() {
        rest.next();
    }
    (None, first)
}

fn take(rest: &mut Chars<'_>, is_wanted: fn(char) -> bool) -> Option<char> {
    let mut ahead = rest.clone();
    let next = ahead.next().filter(|next| is_wanted(*next))?;
    *rest = ahead;
    Some(next)
}

/// Reads the digits of a number, of any script.
fn read_number(rest: &mut Chars<'_>, range: &Range<usize>) -> Result<Option<u64>, Error> {
    let mut number = None;
    loop {
        let mut ahead = rest.clone();
        let Some(digit) = ahead.next().and_then(decimal_digit) else { return Ok(number) };
        *rest = ahead;
        number = Some(add_digit(number.unwrap_or(0), digit, range)?);
    }
}

/// Adds a digit to a number of 63 bits.
pub(super) fn add_digit(number: u64, digit: u8, range: &Range<usize>) -> Result<u64, Error> {
    let longer = number.checked_mul(10).and_then(|number| number.checked_add(u64::from(digit)));
    longer.filter(|number| i64::try_from(*number).is_ok()).ok_or_else(|| {
        wrong("a format has a number beyond 64 bits", "use a smaller width or precision", range)
    })
}

/// Counts bytes that may be more than a machine can address.
pub(super) fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
