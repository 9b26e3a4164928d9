//! Filters of texts.

use std::rc::Rc;

use super::super::formatting;
use super::super::value::{Layout, Value, write_json};
use super::call::Call;
use crate::error::Error;
use crate::python::numbers::{self, Number};
use crate::python::text;
use crate::python::words::{self, Hyphens, Indention, Truncation, Wrapping};

pub(super) fn string(call: &mut Call<'_>) -> Result<Value, Error> {
    call.text().map(Value::Text)
}

pub(super) fn lower(call: &mut Call<'_>) -> Result<Value, Error> {
    text::lower(&call.text()?, call.range, call.budget).map(Value::text)
}

pub(super) fn upper(call: &mut Call<'_>) -> Result<Value, Error> {
    text::upper(&call.text()?, call.range, call.budget).map(Value::text)
}

pub(super) fn capitalize(call: &mut Call<'_>) -> Result<Value, Error> {
    text::capitalize(&call.text()?, call.range, call.budget).map(Value::text)
}

pub(super) fn title(call: &mut Call<'_>) -> Result<Value, Error> {
    words::title(&call.text()?, call.range, call.budget).map(Value::text)
}

/// `center(width=80)`.
pub(super) fn center(call: &mut Call<'_>) -> Result<Value, Error> {
    let width = call.integer(0, "width", 80)?;
    text::center(&call.text()?, width, " ", call.range, call.budget).map(Value::text)
}

/// `trim(chars)`.
pub(super) fn trim(call: &mut Call<'_>) -> Result<Value, Error> {
    let characters = call.text_argument(0, "chars")?;
    let trimmed =
        text::strip(&call.text()?, characters.as_deref(), call.range, call.budget)?.to_owned();
    Ok(Value::text(trimmed))
}

/// `replace(old, new, count)`.
pub(super) fn replace(call: &mut Call<'_>) -> Result<Value, Error> {
    let old = call.printed(0)?.unwrap_or_else(|| "".into());
    let new = call.printed(1)?.unwrap_or_else(|| "".into());
    let limit = match call.argument(2) {
        Some(Value::None) => -1,
        _ => call.integer(2, "count", -1)?,
    };
    text::replace(&call.text()?, &old, &new, limit, call.range, call.budget).map(Value::text)
}

/// `indent(width=4, first=false, blank=false)`.
pub(super) fn indent(call: &mut Call<'_>) -> Result<Value, Error> {
    let value = call.own_text()?;
    let (first, blank) = (call.flag(1), call.flag(2));
    let indented = match call.argument(0).cloned() {
        Some(Value::Text(width)) => {
            words::indent(&value, Indention::Text(&width), first, blank, call.range, call.budget)
        }
        _ => {
            let width = Indention::Spaces(call.integer(0, "width", 4)?);
            words::indent(&value, width, first, blank, call.range, call.budget)
        }
    };
    indented.map(Value::text)
}

/// `truncate(length=255, killwords=false, end="...", leeway=5)`.
pub(super) fn truncate(call: &mut Call<'_>) -> Result<Value, Error> {
    let value = call.own_text()?;
    let end = match call.argument(2) {
        None => "...".into(),
        Some(Value::Text(end)) => Rc::clone(end),
        Some(other) => return call.wrong_type("`end`", "a string", other),
    };
    let leeway = match call.argument(3) {
        Some(Value::None) => 5,
        _ => call.integer(3, "leeway", 5)?,
    };
    let how = Truncation {
        length: call.integer(0, "length", 255)?,
        killwords: call.flag(1),
        end: &end,
        leeway,
    };
    let truncated = words::truncate(&value, how, call.range, call.budget)?.into_owned();
    Ok(Value::text(truncated))
}

/// `wordwrap(width=79, break_long_words=true, wrapstring="\n", break_on_hyphens=true)`.
pub(super) fn wordwrap(call: &mut Call<'_>) -> Result<Value, Error> {
    let value = call.own_text()?;
    let wrapstring = call.text_argument(2, "wrapstring")?.unwrap_or_else(|| "\n".into());
    let hyphens = match call.argument(3) {
        None | Some(Value::Boolean(true)) => Hyphens::Break,
        Some(other) if other.is_true() => Hyphens::BreakLongWords,
        Some(_) => Hyphens::Keep,
    };
    let how = Wrapping {
        width: call.integer(0, "width", 79)?,
        break_long_words: call.argument(1).is_none_or(Value::is_true),
        hyphens,
        wrapstring: &wrapstring,
    };
    words::wordwrap(&value, how, call.range, call.budget).map(Value::text)
}

pub(super) fn wordcount(call: &mut Call<'_>) -> Result<Value, Error> {
    words::wordcount(&call.text()?, call.range, call.budget).map(Value::Integer)
}

/// `filesizeformat(binary=false)`.
pub(super) fn filesizeformat(call: &mut Call<'_>) -> Result<Value, Error> {
    let bytes = match &call.value {
        Value::Text(written) => numbers::parse_float(written, call.budget, call.range)?,
        other => other.as_number().map(Number::to_float),
    };
    let Some(bytes) = bytes else {
        return call.wrong_type("the value", "a number", &call.value);
    };
    words::filesizeformat(bytes, call.flag(0), call.range, call.budget).map(Value::text)
}

/// `urlencode`: of a text, or of pairs for a query.
pub(super) fn urlencode(call: &mut Call<'_>) -> Result<Value, Error> {
    let pairs = match &call.value {
        Value::Object(object) => {
            let entries = object.entries();
            call.budget.make(entries.len().saturating_mul(32), call.range)?;
            entries.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect()
        }
        Value::List(_)
        | Value::Tuple(_)
        | Value::Iterator(_)
        | Value::View(..)
        | Value::Range(_) => {
            let mut pairs = Vec::new();
            for pair in call.items()? {
                pairs.push(pair.items(call.range, call.budget)?);
            }
            pairs
        }
        other => {
            let value = other.print(call.range)?;
            return words::urlencode(&value, false, call.range, call.budget).map(Value::text);
        }
    };
    let mut query = String::new();
    for pair in pairs {
        let [key, value] = pair.as_slice() else {
            return call
                .refuse("`urlencode` takes a text, an object or a list of pairs".to_owned());
        };
        if !query.is_empty() {
            query.push('&');
        }
        for (part, separator) in [(key, "="), (value, "")] {
            let part = part.print(call.range)?;
            query.push_str(&words::urlencode(&part, true, call.range, call.budget)?);
            query.push_str(separator);
        }
    }
    call.budget.make(query.len(), call.range)?;
    Ok(Value::text(query))
}

/// `tojson(indent)`.
pub(super) fn tojson(call: &mut Call<'_>) -> Result<Value, Error> {
    let layout = match call.argument(0) {
        None | Some(Value::None) => Layout::Line,
        Some(Value::Text(indent)) => Layout::Lines(indent.to_string()),
        Some(_) => {
            let width = usize::try_from(call.integer(0, "indent", 0)?).unwrap_or(0);
            call.budget.make(width, call.range)?;
            Layout::Lines(" ".repeat(width))
        }
    };
    write_json(&call.value, &layout, call.range, call.budget).map(Value::text)
}

/// `format(…)`: the text with `%s` and its like, and what is put there.
pub(super) fn format(call: &mut Call<'_>) -> Result<Value, Error> {
    let template = call.text()?;
    let arguments = std::mem::take(&mut call.rest);
    if arguments.named.iter().any(|(name, _)| &**name == "value") {
        return call.refuse("Jinja2 passes `value` to `format` itself".to_owned());
    }
    if !arguments.positional.is_empty() && !arguments.named.is_empty() {
        return call.refuse("`format` takes values by position or by name, not both".to_owned());
    }
    formatting::percent_with(&template, &arguments, call.range, call.budget)
}
