//! Numbers out of texts, as Jinja's filter `int` and Python's `float(text)` read them.

use std::borrow::Cow;
use std::ops::Range;

use super::error::beyond_integers;
use super::float::truncate;
use super::integer::signed;
use crate::error::{Error, ErrorKind};
use crate::jinja::budget::Budget;

/// Reads a text as `float(text)`; nothing where Python raises an error. Infinities and NaN are refused.
pub(crate) fn parse_float(
    text: &str,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<Option<f64>, Error> {
    budget.make(text.len(), range)?;
    let value = plain(text).and_then(|text| read_float(&text));
    if value.is_some_and(|value| !value.is_finite()) {
        let message = "the text is not a finite number";
        return Err(Error::new(ErrorKind::Value, range.clone(), message)
            .help("pass a number within the range of a float"));
    }
    Ok(value)
}

/// Reads a text as Jinja's filter `int`: as an integer, else as a float whose fraction is cut off; nothing
/// where the filter gives its default.
pub(crate) fn text_to_integer(
    text: &str,
    base: i64,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<Option<i64>, Error> {
    budget.make(text.len(), range)?;
    let Some(text) = plain(text) else { return Ok(None) };
    match read_integer(&text, base) {
        Integer::Value(value) => Ok(Some(value)),
        Integer::Beyond => Err(beyond_integers(range)),
        Integer::Invalid => match read_float(&text).filter(|value| value.is_finite()) {
            Some(value) => truncate(value).map(Some).ok_or_else(|| beyond_integers(range)),
            None => Ok(None),
        },
    }
}

/// Returns the value of a decimal digit of any script, as Unicode 14 has them.
pub(crate) fn decimal_digit(character: char) -> Option<u8> {
    let code = u32::from(character);
    let zero = match ZEROS.partition_point(|zero| *zero <= code).checked_sub(1) {
        Some(at) => ZEROS.get(at).copied()?,
        None => u32::from('0'),
    };
    u8::try_from(code.checked_sub(zero)?).ok().filter(|digit| *digit < 10)
}

/// The zeros of the scripts beside ASCII; the other nine digits follow each of them.
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

enum Integer {
    Value(i64),
    Beyond,
    Invalid,
}

/// Drops the white space around a number and writes its digits in ASCII; nothing where no number can be.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_matches(is_space);
    if text.is_ascii() {
        return Some(Cow::Borrowed(text));
    }
    let to_ascii = |character: char| match decimal_digit(character) {
        Some(digit) => Some(char::from(b'0' + digit)),
        None => character.is_ascii().then_some(character),
    };
    text.chars().map(to_ascii).collect::<Option<String>>().map(Cow::Owned)
}

/// The white space that Python allows around a number: not that of U+001C to U+001F.
fn is_space(character: char) -> bool {
    matches!(character, '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn read_integer(text: &str, base: i64) -> Integer {
    let (is_negative, mut digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 10,
    };
    // Without a base, `010` is neither octal nor decimal, but `00` is zero.
    let must_be_zero = base == 0 && prefix == 10 && digits.starts_with('0');
    let base = match u32::try_from(base) {
        Ok(0) => prefix,
        Ok(base @ 2..=36) => base,
        _ => return Integer::Invalid,
    };
    if prefix != 10 && prefix == base {
        digits = digits.get(2..).unwrap_or_default();
        digits = digits.strip_prefix('_').unwrap_or(digits);
    }
    let mut magnitude = Some(0_u64);
    let mut follows_digit = false;
    for character in digits.chars() {
        if character == '_' && follows_digit {
            follows_digit = false;
            continue;
        }
        let Some(digit) = character.to_digit(base) else { return Integer::Invalid };
        follows_digit = true;
        magnitude = magnitude
            .and_then(|magnitude| magnitude.checked_mul(u64::from(base)))
            .and_then(|magnitude| magnitude.checked_add(u64::from(digit)));
    }
    if !follows_digit || (must_be_zero && magnitude != Some(0)) {
        return Integer::Invalid;
    }
    match magnitude.and_then(|magnitude| signed(magnitude, is_negative)) {
        Some(value) => Integer::Value(value),
        None => Integer::Beyond,
    }
}

/// Reads a float; the standard library takes what Python takes, but for underscores between digits.
fn read_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return text.parse().ok();
    }
    let is_between_digits = |(at, _): (usize, &str)| {
        let digit = |at: Option<usize>| {
            at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit)
        };
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    };
    text.match_indices('_').all(is_between_digits).then(|| text.replace('_', "").parse().ok())?
}
