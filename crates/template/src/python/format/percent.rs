//! The operator `%` of texts, as of `printf`: `"%s: %5.2f" % (name, price)`.

use std::ops::Range;
use std::slice::Iter;
use std::str::Chars;

use super::argument::{Argument, Lookup};
use super::error::{Outcome, at, charge, missing, unprintable, unsupported, wrong};
use super::numeral::Numeral;
use super::specification::{
    Align, MAX_PRECISION, Specification, is_float_kind, read_number, too_big,
};
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::{Figure, Layout, Number};

/// What is on the right of the operator.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'l, 'a> {
    /// A tuple: each conversion takes one value, and none may be left. So is one value without keys.
    Tuple(&'l [Argument<'a>]),
    /// A value with keys, or a list, which Python takes for one; with its name for messages.
    Mapping(Lookup<'l, 'a>, &'static str),
}

/// A conversion: `%(key)-+ #0width.precisionkind`.
#[derive(Debug, PartialEq, Eq)]
struct Conversion<'t> {
    key: Option<&'t str>,
    /// `*`: the width is the next value.
    takes_width: bool,
    takes_precision: bool,
    /// But for them.
    specification: Specification,
}

/// Fills in a template as `template % operand`.
pub(crate) fn format_percent(
    template: &str,
    operand: Operand<'_, '_>,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    at(range, fill_in(template, operand, budget))
}

fn fill_in(template: &str, operand: Operand<'_, '_>, budget: &mut Budget) -> Outcome<String> {
    charge(budget, template.len() as u64)?;
    let mut values = match operand {
        Operand::Tuple(values) => values.iter(),
        Operand::Mapping(..) => [].iter(),
    };
    let mut text = String::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('%') {
        text.push_str(literal);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let mut after = after.chars();
        let Some(conversion) = read_conversion(&mut after)? else {
            return Err(wrong(
                "incomplete conversion in the format",
                "write `%%` for a percent sign",
            ));
        };
        rest = after.as_str();
        text.push_str(&convert(&conversion, operand, &mut values, budget)?);
    }
    text.push_str(rest);
    if values.next().is_some() {
        let message = "the format has fewer conversions than values";
        return Err(wrong(message, "write one conversion, such as `%s`, for each value"));
    }
    Ok(text)
}

/// Reads a conversion behind its percent sign; nothing where the template ends in it.
fn read_conversion<'t>(rest: &mut Chars<'t>) -> Outcome<Option<Conversion<'t>>> {
    let mut specification = Specification::PLAIN;
    let key = if take(rest, '(') {
        let Some(key) = read_key(rest) else { return Ok(None) };
        Some(key)
    } else {
        None
    };
    let mut is_left = false;
    let mut is_zero_filled = false;
    loop {
        if take(rest, '-') {
            is_left = true;
        } else if take(rest, '+') {
            specification.sign = Some('+');
        } else if take(rest, ' ') {
            specification.sign = specification.sign.or(Some(' '));
        } else if take(rest, '#') {
            specification.is_alternate = true;
        } else if take(rest, '0') {
            is_zero_filled = true;
        } else {
            break;
        }
    }
    let takes_width = take(rest, '*');
    if !takes_width {
        specification.width = read_number(rest, true)?.unwrap_or(0);
    }
    let has_precision = take(rest, '.');
    let takes_precision = has_precision && take(rest, '*');
    if has_precision && !takes_precision {
        specification.precision = read_number(rest, true)?.or(Some(0));
        if specification.precision > Some(MAX_PRECISION) {
            return Err(too_big());
        }
    }
    // These are for the sizes of integers in C.
    let _ = take(rest, 'h') || take(rest, 'l') || take(rest, 'L');
    specification.kind = rest.next();
    if matches!(specification.kind, Some('s' | 'c')) {
        (specification.sign, is_zero_filled) = (None, false);
    }
    if is_left {
        specification.align = Align::Left;
    } else if is_zero_filled {
        (specification.align, specification.fill) = (Align::AfterSign, '0');
    }
    let is_complete = specification.kind.is_some();
    Ok(is_complete.then_some(Conversion { key, takes_width, takes_precision, specification }))
}

fn take(rest: &mut Chars<'_>, wanted: char) -> bool {
    let after = rest.as_str().strip_prefix(wanted);
    if let Some(after) = after {
        *rest = after.chars();
    }
    after.is_some()
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

fn convert(
    conversion: &Conversion<'_>,
    operand: Operand<'_, '_>,
    values: &mut Iter<'_, Argument<'_>>,
    budget: &mut Budget,
) -> Outcome<String> {
    let mut next = || match (operand, values.next()) {
        (Operand::Mapping(_, what), _) => Ok(Argument::Other(what)),
        (Operand::Tuple(_), Some(value)) => Ok(*value),
        (Operand::Tuple(_), None) => Err(wrong(
            "the format has more conversions than values",
            "pass one value for each conversion",
        )),
    };
    let mut specification = conversion.specification;
    if conversion.takes_width {
        let width = read_amount(next()?)?;
        // As in Python, the smallest integer is no width.
        specification.width = width.checked_abs().map_or(0, i64::unsigned_abs);
        if width < 0 {
            (specification.align, specification.fill) = (Align::Left, ' ');
        }
    }
    if conversion.takes_precision {
        let precision = read_amount(next()?)?;
        if precision.unsigned_abs() > MAX_PRECISION {
            return Err(too_big());
        }
        specification.precision = Some(precision.max(0).unsigned_abs());
    }
    let value = match (conversion.key, operand) {
        (None, _) => next()?,
        (Some(key), Operand::Mapping(lookup, _)) => lookup(key).ok_or_else(|| missing(key))?,
        (Some(_), Operand::Tuple(_)) => {
            let message = "the format requires named values";
            return Err(wrong(message, "pass the values by name"));
        }
    };
    write(value, specification, budget)
}

/// Takes the value of a `*`.
fn read_amount(value: Argument<'_>) -> Outcome<i64> {
    match value.to_number(false) {
        Some(Number::Integer(value)) => Ok(value),
        Some(Number::Float(_)) | None => {
            Err(wrong("`*` in a format takes an integer", "pass the width before the value"))
        }
    }
}

fn write(
    value: Argument<'_>,
    mut specification: Specification,
    budget: &mut Budget,
) -> Outcome<String> {
    let kind = specification.kind.unwrap_or('s');
    let printed;
    let text = match value {
        Argument::Text(text) => Some(text),
        _ if kind == 's' => {
            printed = value.print(budget)?;
            Some(&*printed)
        }
        _ => None,
    };
    let mut numeral = match (kind, text, value.to_number(is_float_kind(kind))) {
        ('s', Some(text), _) => return specification.write(text, budget),
        ('c', Some(text), _) if !text.is_empty() && text.chars().nth(1).is_none() => {
            specification.precision = None;
            return specification.write(text, budget);
        }
        ('c' | 'd' | 'i' | 'u' | 'o' | 'x' | 'X', _, Some(Number::Integer(value))) => {
            Numeral::of_integer(value, &specification)?
        }
        ('d' | 'i' | 'u', _, Some(Number::Float(value))) => Numeral {
            is_negative: value <= -1.0,
            prefix: "",
            figure: Figure::new(value.trunc().abs(), Layout::Fixed(0), false),
        },
        (_, _, Some(Number::Float(value))) if is_float_kind(kind) => {
            let numeral = Numeral::of_float(value, &specification, budget)?;
            return numeral.write(&specification, budget);
        }
        ('r' | 'a', _, _) => {
            let help = "write `%s`, or pass the value with `| tojson`";
            return Err(unsupported("`%r` and `%a` print a value as Python code", help));
        }
        _ => {
            if let Argument::Other(what) = value {
                return Err(unprintable(what));
            }
            let help = "write `%s` for any value, and `%%` for a percent sign";
            return Err(wrong("a conversion of the format does not match its value", help));
        }
    };
    if kind != 'c' {
        // An integer has as many digits as the precision says.
        let missing = specification.precision.unwrap_or(0);
        let missing = missing.saturating_sub(numeral.figure.whole.len() as u64);
        charge(budget, missing)?;
        let zeros = "0".repeat(usize::try_from(missing).unwrap_or(0));
        numeral.figure.whole.insert_str(0, &zeros);
    }
    numeral.write(&specification, budget)
}
