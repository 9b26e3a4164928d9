//! `str.format`: texts with fields, `{}`, `{0}`, `{name:>10}`.

use std::ops::Range;

use super::argument::{Argument, Lookup, print};
use super::error::{missing, unsupported, wrong};
use super::specification::add_digit;
use super::value::format_value;
use crate::error::Error;
use crate::jinja::budget::Budget;
use crate::python::numbers::decimal_digit;

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str),
    Field(Field<'t>),
}

/// A field: `{name!conversion:specification}`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field<'t> {
    pub(crate) name: &'t str,
    pub(crate) conversion: Option<char>,
    /// May have fields of its own.
    pub(crate) specification: &'t str,
}

/// Which argument a field takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FieldName<'t> {
    Next,
    Position(u64),
    Name(&'t str),
}

/// Fills in a template as `template.format(…)`.
pub(crate) fn format_template<'a>(
    template: &str,
    positional: &[Argument<'a>],
    named: Lookup<'_, 'a>,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    Arguments { positional, named, numbering: None, next: 0 }.fill_in(template, true, budget, range)
}

/// Takes the next piece of a template, or nothing at its end.
pub(crate) fn next_piece<'t>(
    rest: &mut &'t str,
    range: &Range<usize>,
) -> Result<Option<Piece<'t>>, Error> {
    let literal_end = rest.find(['{', '}']).unwrap_or(rest.len());
    let (literal, markup) = rest.split_at(literal_end);
    if !literal.is_empty() {
        *rest = markup;
        return Ok(Some(Piece::Literal(literal)));
    }
    let mut characters = markup.chars();
    let Some(brace) = characters.next() else { return Ok(None) };
    let inside = characters.as_str();
    if characters.next() == Some(brace) {
        *rest = characters.as_str();
        return Ok(Some(Piece::Literal(&markup[..1])));
    }
    if brace == '}' {
        return Err(wrong("a single `}` in a format", "write `}}` for the character", range));
    }
    let (field, after) = read_field(inside).map_err(|message| {
        wrong(message, "write fields as `{}`, `{0}` or `{name:>10}`, and `{{` for `{`", range)
    })?;
    *rest = after;
    Ok(Some(Piece::Field(field)))
}

/// Reads a field behind its brace; returns what follows it.
fn read_field(inside: &str) -> Result<(Field<'_>, &str), &'static str> {
    const UNCLOSED: &str = "a field of a format has no `}`";
    let mut end = 0;
    loop {
        end += inside[end..].find(['{', '}', '[', ':', '!']).ok_or(UNCLOSED)?;
        match inside.as_bytes().get(end) {
            Some(b'{') => return Err("a `{` in the name of a field"),
            Some(b'[') => end += inside[end..].find(']').ok_or(UNCLOSED)?,
            _ => break,
        }
    }
    let (name, after) = inside.split_at(end);
    let mut rest = after.chars();
    let mut follows = rest.next();
    let mut conversion = None;
    if follows == Some('!') {
        conversion = Some(rest.next().ok_or(UNCLOSED)?);
        follows = rest.next();
    }
    match follows {
        Some('}') => return Ok((Field { name, conversion, specification: "" }, rest.as_str())),
        Some(':') => {}
        Some(_) => return Err("a conversion of more than one letter"),
        None => return Err(UNCLOSED),
    }
    let rest = rest.as_str();
    let mut depth = 1;
    for (at, brace) in rest.match_indices(['{', '}']) {
        depth = if brace == "{" { depth + 1 } else { depth - 1 };
        if depth == 0 {
            let specification = &rest[..at];
            return Ok((Field { name, conversion, specification }, &rest[at + 1..]));
        }
    }
    Err(UNCLOSED)
}

/// Reads the name of a field: digits, of any script, are a position.
pub(crate) fn read_name<'t>(name: &'t str, range: &Range<usize>) -> Result<FieldName<'t>, Error> {
    if name.contains(['.', '[']) {
        let help = "pass the attribute or item itself: `\"{}\".format(user.name)`";
        return Err(unsupported("a field of a format reads an attribute or item", help, range));
    }
    if name.is_empty() {
        return Ok(FieldName::Next);
    }
    let mut position = 0;
    for character in name.chars() {
        let Some(digit) = decimal_digit(character) else { return Ok(FieldName::Name(name)) };
        position = add_digit(position, digit, range)?;
    }
    Ok(FieldName::Position(position))
}

struct Arguments<'f, 'a> {
    positional: &'f [Argument<'a>],
    named: Lookup<'f, 'a>,
    /// Whether fields are numbered by themselves, once one of them has told.
    numbering: Option<bool>,
    next: u64,
}

impl<'a> Arguments<'_, 'a> {
    fn fill_in(
        &mut self,
        template: &str,
        is_outermost: bool,
        budget: &mut Budget,
        range: &Range<usize>,
    ) -> Result<String, Error> {
        let mut text = String::new();
        let mut rest = template;
        while let Some(piece) = next_piece(&mut rest, range)? {
            let Field { name, conversion, specification } = match piece {
                Piece::Field(field) => field,
                Piece::Literal(literal) => {
                    budget.make(literal.len(), range)?;
                    text.push_str(literal);
                    continue;
                }
            };
            let value = self.find(name, range)?;
            let printed;
            let value = match conversion {
                None => value,
                Some('s') => {
                    printed = print(value, budget, range)?;
                    Argument::Text(&printed)
                }
                Some('r' | 'a') => {
                    let message = "a conversion prints a value as Python code";
                    let help = "drop it, or pass the value with `| tojson`";
                    return Err(unsupported(message, help, range));
                }
                Some(other) => {
                    let message = format!("`!{other}` is no conversion");
                    return Err(wrong(&message, "drop it", range));
                }
            };
            let filled_in;
            let specification = if !specification.contains('{') {
                specification
            } else if is_outermost {
                filled_in = self.fill_in(specification, false, budget, range)?;
                &filled_in
            } else {
                let message = "the fields of a format are nested too deep";
                return Err(wrong(message, "join the format with `~` first", range));
            };
            text.push_str(&format_value(value, specification, budget, range)?);
        }
        Ok(text)
    }

    fn find(&mut self, name: &str, range: &Range<usize>) -> Result<Argument<'a>, Error> {
        let name = read_name(name, range)?;
        let is_automatic = match name {
            FieldName::Next => true,
            FieldName::Position(_) => false,
            FieldName::Name(name) => {
                return (self.named)(name).ok_or_else(|| missing(name, range));
            }
        };
        if *self.numbering.get_or_insert(is_automatic) != is_automatic {
            let message = "some fields of a format have numbers, and some have not";
            return Err(wrong(message, "give each of them a number, or none", range));
        }
        let position = match name {
            FieldName::Position(position) => position,
            FieldName::Next | FieldName::Name(_) => {
                self.next += 1;
                self.next - 1
            }
        };
        let value = usize::try_from(position).ok().and_then(|at| self.positional.get(at));
        value.copied().ok_or_else(|| {
            let message = format!("a format has a field {position}, but no argument for it");
            wrong(&message, "pass one more argument; the first one is number 0", range)
        })
    }
}
