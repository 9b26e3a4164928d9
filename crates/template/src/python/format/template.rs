//! `str.format`: texts with fields, `{}`, `{0}`, `{name:>10}`.

use std::ops::Range;

use super::argument::{Argument, Lookup};
use super::error::{Outcome, at, charge, missing, unsupported, wrong};
use super::specification::read_number;
use super::value;
use crate::error::Error;
use crate::jinja::budget::Budget;

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    Field(Field<'t>),
}

/// A field: `{name!conversion:specification}`.
#[derive(Debug, PartialEq, Eq)]
struct Field<'t> {
    name: &'t str,
    conversion: Option<char>,
    /// May have fields of its own.
    specification: &'t str,
}

/// Fills in a template as `template.format(…)`.
pub(crate) fn format_template<'a>(
    template: &str,
    positional: &[Argument<'a>],
    named: Lookup<'_, 'a>,
    budget: &mut Budget,
    range: &Range<usize>,
) -> Result<String, Error> {
    let mut arguments = Arguments { positional, named, numbering: None, next: 0 };
    at(range, arguments.fill_in(template, true, budget))
}

/// Takes the next piece of a template, or nothing at its end.
fn next_piece<'t>(rest: &mut &'t str) -> Outcome<Option<Piece<'t>>> {
    let (literal, markup) = rest.split_at(rest.find(['{', '}']).unwrap_or(rest.len()));
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
    let field = if brace == '{' { read_field(inside) } else { None };
    let Some((field, after)) = field else {
        let help =
            "write a field as `{}`, `{0}` or `{name:>10}`, and the character as `{{` or `}}`";
        return Err(wrong("unmatched brace in the format", help));
    };
    *rest = after;
    Ok(Some(Piece::Field(field)))
}

/// Reads a field behind its brace; returns what follows it, too.
fn read_field(inside: &str) -> Option<(Field<'_>, &str)> {
    let mut end = 0;
    loop {
        end += inside[end..].find(['{', '}', '[', ':', '!'])?;
        match inside.as_bytes().get(end) {
            Some(b'{') => return None,
            Some(b'[') => end += inside[end..].find(']')?,
            _ => break,
        }
    }
    let (name, after) = inside.split_at(end);
    let mut rest = after.chars();
    let mut follows = rest.next();
    let mut conversion = None;
    if follows == Some('!') {
        conversion = Some(rest.next()?);
        follows = rest.next();
    }
    let rest = rest.as_str();
    match follows {
        Some('}') => return Some((Field { name, conversion, specification: "" }, rest)),
        Some(':') => {}
        Some(_) | None => return None,
    }
    let mut depth = 1;
    for (at, brace) in rest.match_indices(['{', '}']) {
        depth = if brace == "{" { depth + 1 } else { depth - 1 };
        if depth == 0 {
            let specification = &rest[..at];
            return Some((Field { name, conversion, specification }, &rest[at + 1..]));
        }
    }
    None
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
    ) -> Outcome<String> {
        charge(budget, template.len() as u64)?;
        let mut text = String::new();
        let mut rest = template;
        while let Some(piece) = next_piece(&mut rest)? {
            let Field { name, conversion, specification } = match piece {
                Piece::Field(field) => field,
                Piece::Literal(literal) => {
                    text.push_str(literal);
                    continue;
                }
            };
            let mut value = self.find(name)?;
            let printed;
            match conversion {
                None => {}
                Some('s') => {
                    printed = value.print(budget)?;
                    value = Argument::Text(&printed);
                }
                Some('r' | 'a') => {
                    let help = "remove `!r` or `!a`, or pass the value with `| tojson`";
                    return Err(unsupported("a field prints a value as Python code", help));
                }
                Some(_) => {
                    return Err(wrong("unknown conversion in a field", "remove the conversion"));
                }
            }
            let filled_in;
            let specification = if !specification.contains('{') {
                specification
            } else if is_outermost {
                filled_in = self.fill_in(specification, false, budget)?;
                &filled_in
            } else {
                let message = "the fields of the format are nested too deeply";
                return Err(wrong(message, "join the format with `~` first"));
            };
            text.push_str(&value::write(value, specification, budget)?);
        }
        Ok(text)
    }

    fn find(&mut self, name: &str) -> Outcome<Argument<'a>> {
        if name.contains(['.', '[']) {
            let help = "pass the attribute or item itself: `\"{}\".format(user.name)`";
            return Err(unsupported("a field reads an attribute or item", help));
        }
        let mut rest = name.chars();
        let position = read_number(&mut rest, false)?;
        if !rest.as_str().is_empty() {
            return (self.named)(name).ok_or_else(|| missing(name));
        }
        if *self.numbering.get_or_insert(position.is_none()) != position.is_none() {
            let message = "the format mixes numbered and unnumbered fields";
            return Err(wrong(message, "number all fields, or none"));
        }
        let position = position.unwrap_or(self.next);
        self.next += 1;
        let value = usize::try_from(position).ok().and_then(|at| self.positional.get(at));
        value.copied().ok_or_else(|| missing(&position.to_string()))
    }
}
