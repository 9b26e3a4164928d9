//! The operator `%` of texts, as of `printf`: `"%s: %5.2f" % (name, price)`.

use std::ops::Range;
use std::str::Chars;

use super::argument::{Argument, Lookup, print, unprintable};
use super::error::{missing, unsupported, wrong};
use super::numeral::Numeral;
use super::specification::{Align, Specification, add_digit, bytes};
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::Figure;

/// What is on the right of the operator.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'l, 'a> {
    /// A tuple: each conversion takes one value, and none may be left. So is one value without keys.
    Tuple(&'l [Argument<'a>]),
    /// A value with keys, or a list, which Python takes for one; with its name for messages.
    Mapping(Lookup<'l, 'a>, &'static str),
}

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str),
    Conversion(Conversion<'t>),
}

/// A conversion: `%(key)-+ #0width.precisionkind`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conversion<'t> {
    pub(crate) key: Option<&'t str>,
    is_left: bool,
    sign: Option<char>,
    is_alternate: bool,
    is_zero_filled: bool,
    pub(crate) width: Option<Amount>,
    pub(crate) precision: Option<Amount>,
    pub(crate) kind: char,
}

/// A width or a precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    Fixed(u64),
    /// `*`: the next value.
    Argument,
}

/// Fills in a template as `template % operand`.
pub(crate) fn format_percent(
    template: &str,
    operand: Operand<'_, '_>,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    let mut values = match operand {
        Operand::Tuple(values) => values.iter(),
        Operand::Mapping(..) => [].iter(),
    };
    let mut next = || match operand {
        Operand::Mapping(_, what) => Ok(Argument::Other(what)),
        Operand::Tuple(_) => values.next().copied().ok_or_else(|| {
            wrong("a format has more conversions than values", "pass one value for each", range)
        }),
    };
    let mut text = String::new();
    let mut rest = template;
    while let Some(piece) = next_piece(&mut rest, range)? {
        match piece {
            Piece::Literal(literal) => {
                budget.make(literal.len(), range)?;
                text.push_str(literal);
            }
            Piece::Conversion(conversion) => {
                let mut specification = conversion.specification();
                match conversion.width {
                    None => {}
                    Some(Amount::Fixed(width)) => specification.width = width,
                    Some(Amount::Argument) => {
                        let width = read_amount(next()?, range)?;
                        specification.width = width.unsigned_abs();
                        if width < 0 {
                            (specification.align, specification.fill) = (Align::Left, ' ');
                        }
                    }
                }
                specification.precision = match conversion.precision {
                    None => None,
                    Some(Amount::Fixed(precision)) => Some(precision),
                    Some(Amount::Argument) => {
                        let precision = read_amount(next()?, range)?;
                        Some(require_precision(precision.max(0).unsigned_abs(), range)?)
                    }
                };
                let value = match (conversion.key, operand) {
                    (None, _) => next()?,
                    (Some(key), Operand::Mapping(lookup, _)) => {
                        lookup(key).ok_or_else(|| missing(key, range))?
                    }
                    (Some(_), Operand::Tuple(_)) => {
                        let message = "a format names its values, but they have no names";
                        return Err(wrong(message, "pass them by name", range));
                    }
                };
                text.push_str(&convert(value, conversion.kind, specification, budget, range)?);
            }
        }
    }
    if values.next().is_some() {
        let message = "a format has fewer conversions than values";
        return Err(wrong(message, "write one, as `%s`, for each value", range));
    }
    Ok(text)
}

/// Takes the next piece of a template, or nothing at its end.
pub(crate) fn next_piece<'t>(
    rest: &mut &'t str,
    range: &Range<usize>,
) -> Result<Option<Piece<'t>>, Error> {
    if rest.is_empty() {
        return Ok(None);
    }
    let end = rest.find('%').unwrap_or(rest.len());
    if end > 0 {
        let (literal, markup) = rest.split_at(end);
        *rest = markup;
        return Ok(Some(Piece::Literal(literal)));
    }
    let inside = &rest[1..];
    if let Some(after) = inside.strip_prefix('%') {
        *rest = after;
        return Ok(Some(Piece::Literal("%")));
    }
    let mut inside = inside.chars();
    let conversion = read_conversion(&mut inside, range)?.ok_or_else(|| {
        wrong("a conversion of a format has no end", "write `%%` for a percent sign", range)
    })?;
    *rest = inside.as_str();
    Ok(Some(Piece::Conversion(conversion)))
}

/// Reads a conversion behind its percent sign; nothing where the template ends in it.
fn read_conversion<'t>(
    rest: &mut Chars<'t>,
    range: &Range<usize>,
) -> Result<Option<Conversion<'t>>, Error> {
    let mut conversion = Conversion {
        key: None,
        is_left: false,
        sign: None,
        is_alternate: false,
        is_zero_filled: false,
        width: None,
        precision: None,
        kind: ' ',
    };
    let mut next = rest.next();
    if next == Some('(') {
        let Some(key) = read_key(rest) else { return Ok(None) };
        conversion.key = Some(key);
        next = rest.next();
    }
    loop {
        match next {
            Some('-') => conversion.is_left = true,
            Some('+') => conversion.sign = Some('+'),
            Some(' ') => conversion.sign = conversion.sign.or(Some(' ')),
            Some('#') => conversion.is_alternate = true,
            Some('0') => conversion.is_zero_filled = true,
            _ => break,
        }
        next = rest.next();
    }
    conversion.width = read_width(&mut next, rest, range)?;
    if next == Some('.') {
        next = rest.next();
        let precision = read_width(&mut next, rest, range)?.unwrap_or(Amount::Fixed(0));
        if let Amount::Fixed(precision) = precision {
            require_precision(precision, range)?;
        }
        conversion.precision = Some(precision);
    }
    if let Some('h' | 'l' | 'L') = next {
        next = rest.next();
    }
    Ok(next.map(|kind| Conversion { kind, ..conversion }))
}

/// Reads a key in parentheses, which may have pairs of them.
fn read_key<'t>(rest: &mut Chars<'t>) -> Option<&'t str> {
    let inside = rest.as_str();
    let mut depth = 1;
    for (at, parenthesis) in inside.match_indices(['(', ')']) {
        depth = if parenthesis == "(" { depth + 1 } else { depth - 1 };
        if depth == 0 {
            *rest = inside[at + 1..].chars();
            return Some(&inside[..at]);
        }
    }
    None
}

fn read_width(
    next: &mut Option<char>,
    rest: &mut Chars<'_>,
    range: &Range<usize>,
) -> Result<Option<Amount>, Error> {
    if *next == Some('*') {
        *next = rest.next();
        return Ok(Some(Amount::Argument));
    }
    let mut width = None;
    while let Some(digit) = next.and_then(|next| next.to_digit(10)) {
        let digit = u8::try_from(digit).unwrap_or(0);
        width = Some(add_digit(width.unwrap_or(0), digit, range)?);
        *next = rest.next();
    }
    Ok(width.map(Amount::Fixed))
}

/// Takes the value of a `*`.
fn read_amount(value: Argument<'_>, range: &Range<usize>) -> Result<i64, Error> {
    match value {
        Argument::Integer(value) => Ok(value),
        Argument::Boolean(value) => Ok(i64::from(value)),
        Argument::Text(_) | Argument::Float(_) | Argument::Other(_) => {
            Err(wrong("`*` in a format takes an integer", "pass the width before the value", range))
        }
    }
}

fn require_precision(precision: u64, range: &Range<usize>) -> Result<u64, Error> {
    if i32::try_from(precision).is_ok() {
        return Ok(precision);
    }
    Err(wrong("the precision is too big", "use a smaller precision", range))
}

impl Conversion<'_> {
    /// Says the same as a specification; its width and precision are still missing.
    fn specification(&self) -> Specification {
        let is_number = !matches!(self.kind, 's' | 'c');
        let (align, fill) = match (self.is_left, self.is_zero_filled && is_number) {
            (true, _) => (Align::Left, ' '),
            (false, true) => (Align::AfterSign, '0'),
            (false, false) => (Align::Right, ' '),
        };
        Specification {
            fill,
            align,
            sign: self.sign.filter(|_| is_number),
            is_zero_positive: false,
            is_alternate: self.is_alternate,
            width: 0,
            separator: None,
            precision: None,
            kind: Some(self.kind),
        }
    }
}

fn convert(
    value: Argument<'_>,
    kind: char,
    specification: Specification,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    if kind == 's' {
        let printed;
        let text = match value {
            Argument::Text(text) => text,
            _ => {
                printed = print(value, budget, range)?;
                &printed
            }
        };
        return specification.write(text, budget, range);
    }
    let is_float = matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G');
    let value = match value {
        Argument::Boolean(value) if is_float => Argument::Float(f64::from(value)),
        Argument::Boolean(value) => Argument::Integer(i64::from(value)),
        Argument::Integer(value) if is_float => Argument::Float(value as f64),
        other => other,
    };
    let numeral = match (kind, value) {
        ('c', Argument::Text(text)) if text.chars().count() == 1 => {
            return Specification { precision: None, ..specification }.write(text, budget, range);
        }
        ('c' | 'd' | 'i' | 'u' | 'o' | 'x' | 'X', Argument::Integer(value)) => {
            Numeral::of_integer(value, &specification, range)?
        }
        ('d' | 'i' | 'u', Argument::Float(value)) => Numeral {
            is_negative: value <= -1.0,
            prefix: "",
            figure: Figure::fixed(value.trunc().abs(), 0),
        },
        (_, Argument::Float(value)) if is_float => {
            Numeral::of_float(value, &specification, budget, range)?
        }
        ('r' | 'a', _) => {
            let message = format!("`%{kind}` prints a value as Python code");
            let help = "write `%s`, or pass the value with `| tojson`";
            return Err(unsupported(&message, help, range));
        }
        (_, Argument::Other(what)) => return Err(unprintable(what, range)),
        _ => {
            let message = format!("`%{kind}` does not print this value");
            let help = "write `%s`; a percent sign is written `%%`";
            return Err(wrong(&message, help, range));
        }
    };
    if matches!(kind, 'd' | 'i' | 'u' | 'o' | 'x' | 'X') {
        return extend(numeral, &specification, budget, range);
    }
    numeral.write(&specification, budget, range)
}

/// Writes an integer with as many digits as the precision says.
fn extend(
    mut numeral: Numeral,
    specification: &Specification,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    let missing = specification
        .precision
        .map_or(0, |precision| bytes(precision).saturating_sub(numeral.figure.whole.len()));
    budget.make(missing, range)?;
    numeral.figure.whole.insert_str(0, &"0".repeat(missing));
    numeral.write(specification, budget, range)
}
