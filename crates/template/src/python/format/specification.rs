//! The specification of a format: `[[fill]align][sign][z][#][0][width][,_][.precision][kind]`.

use std::iter::repeat_n;
use std::str::Chars;

use super::error::{Outcome, charge, unsupported, wrong};
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::decimal_digit;

/// The greatest precision of a number that Python accepts.
pub(super) const MAX_PRECISION: u64 = i32::MAX as u64;

/// Where a text stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    Center,
    /// The filling is between the sign and the digits.
    AfterSign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// What nothing is specified by.
    pub(super) const PLAIN: Self = Self {
        fill: ' ',
        align: Align::Right,
        sign: None,
        is_zero_positive: false,
        is_alternate: false,
        width: 0,
        separator: None,
        precision: None,
        kind: None,
    };

    pub(super) fn parse(text: &str, is_number: bool) -> Outcome<Self> {
        let mut rest = text.chars();
        let (fill, align) = read_alignment(&mut rest);
        let sign = take(&mut rest, "+- ");
        let is_zero_positive = take(&mut rest, "z").is_some();
        let is_alternate = take(&mut rest, "#").is_some();
        let zero = if fill.is_none() { take(&mut rest, "0") } else { None };
        let width = read_number(&mut rest, false)?;
        let separator = take(&mut rest, ",_");
        let has_precision = take(&mut rest, ".").is_some();
        let precision = if has_precision { read_number(&mut rest, false)? } else { None };
        let kind = rest.next();
        let is_complete = precision.is_some() == has_precision && rest.next().is_none();
        let takes_separator = match kind {
            None => true,
            Some('b' | 'o' | 'x' | 'X') => separator == Some('_'),
            Some(kind) => is_float_kind(kind) || matches!(kind, 'd' | '%'),
        };
        if !is_complete || (separator.is_some() && !takes_separator) {
            let message = "invalid format specification";
            let help = "write `[[fill]align][sign][#][0][width][,][.precision][kind]`, as `>8.2f`";
            return Err(wrong(message, help));
        }
        let default = match (is_number, zero) {
            (false, _) => Align::Left,
            (true, None) => Align::Right,
            (true, Some(_)) => Align::AfterSign,
        };
        Ok(Self {
            fill: fill.or(zero).unwrap_or(' '),
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
    pub(super) fn require_text(&self) -> Outcome<()> {
        let is_for_numbers = self.sign.is_some()
            || self.is_zero_positive
            || self.is_alternate
            || self.separator.is_some()
            || self.align == Align::AfterSign;
        if !matches!(self.kind, None | Some('s')) || is_for_numbers {
            let help =
                "remove the format or write `s`, or convert the text with `| int` or `| float`";
            return Err(wrong("number format for a text", help));
        }
        Ok(())
    }

    /// Accepts what an integer can be formatted with.
    pub(super) fn require_integer(&self) -> Outcome<()> {
        let is_character = self.kind == Some('c');
        let is_for_others = self.precision.is_some()
            || self.is_zero_positive
            || (is_character && (self.sign.is_some() || self.is_alternate));
        match self.kind {
            None | Some('b' | 'c' | 'd' | 'o' | 'x' | 'X') if !is_for_others => Ok(()),
            Some('n') => Err(self.wrong_kind()),
            _ => Err(wrong("wrong format for an integer", "end it with `d` or `f`")),
        }
    }

    /// A kind that no float has.
    #[cold]
    pub(super) fn wrong_kind(&self) -> Box<Error> {
        if self.kind == Some('n') {
            return unsupported("the format `n` depends on the locale", "write `d` or `f`");
        }
        wrong("wrong format for a float", "end it with `f`, `e`, `g` or `%`")
    }

    /// Writes a text, cut to the precision and filled to the width.
    pub(super) fn write(&self, text: &str, budget: &mut Budget) -> Outcome<String> {
        let kept = self.precision.and_then(|precision| {
            let precision = usize::try_from(precision).ok()?;
            text.char_indices().nth(precision).map(|(at, _)| at)
        });
        let text = &text[..kept.unwrap_or(text.len())];
        // A text of as many bytes may have fewer characters.
        let length = if self.width == 0 { 0 } else { text.chars().count() as u64 };
        let padding = self.width.saturating_sub(length);
        self.charge(text.len() as u64, padding, budget)?;
        let (left, inner, right) = self.split(padding);
        let mut written = String::new();
        written.extend(repeat_n(self.fill, left + inner));
        written.push_str(text);
        written.extend(repeat_n(self.fill, right));
        Ok(written)
    }

    /// Charges a text and the filling around it.
    pub(super) fn charge(&self, bytes: u64, padding: u64, budget: &mut Budget) -> Outcome<()> {
        let filling = padding.saturating_mul(self.fill.len_utf8() as u64);
        charge(budget, bytes.saturating_add(filling))
    }

    /// Splits the filling: before a text, after its sign, and behind it.
    pub(super) fn split(&self, padding: u64) -> (usize, usize, usize) {
        let padding = usize::try_from(padding).unwrap_or(0);
        match self.align {
            Align::Left => (0, 0, padding),
            Align::Right => (padding, 0, 0),
            Align::Center => (padding / 2, 0, padding - padding / 2),
            Align::AfterSign => (0, padding, 0),
        }
    }
}

/// Whether a kind is a layout of floats.
pub(super) fn is_float_kind(kind: char) -> bool {
    matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G')
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
    let first = ahead.next();
    if let Some(alignment) = align(ahead.clone().next()) {
        ahead.next();
        *rest = ahead;
        return (first, Some(alignment));
    }
    let alignment = align(first);
    if alignment.is_some() {
        *rest = ahead;
    }
    (None, alignment)
}

/// Takes the next character if it is one of these.
fn take(rest: &mut Chars<'_>, wanted: &str) -> Option<char> {
    let mut ahead = rest.clone();
    let next = ahead.next().filter(|next| wanted.contains(*next))?;
    *rest = ahead;
    Some(next)
}

/// Reads the digits of a number: those of any script, or of ASCII only.
pub(super) fn read_number(rest: &mut Chars<'_>, is_ascii: bool) -> Outcome<Option<u64>> {
    let mut number = None;
    loop {
        let mut ahead = rest.clone();
        let next = ahead.next().filter(|next| !is_ascii || next.is_ascii());
        let Some(digit) = next.and_then(decimal_digit) else { return Ok(number) };
        *rest = ahead;
        let longer = number.unwrap_or(0_u64).saturating_mul(10).saturating_add(u64::from(digit));
        if i64::try_from(longer).is_err() {
            return Err(too_big());
        }
        number = Some(longer);
    }
}

#[cold]
pub(super) fn too_big() -> Box<Error> {
    wrong("the width, precision or position is too large", "use a smaller number")
}
