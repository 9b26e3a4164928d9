//! Filters that apply other filters and tests: `map`, `select` and their like.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::Arguments;
use super::super::program::{self, Operand};
use super::super::tests;
use super::super::value::Value;
use super::sorting::{AttributePath, attribute_path};
use super::{Call, apply, find, remedy};
use crate::error::{Error, ErrorKind};

/// Returns the constant string that an expression is.
fn constant(expression: &program::Expression) -> Option<&Rc<str>> {
    match &expression.base {
        Operand::Constant(Value::Text(text)) if expression.links.is_empty() => Some(text),
        _ => None,
    }
}

/// Says what is wrong with the filters and tests that are named in arguments.
pub(super) fn check_call(
    name: &str,
    arguments: &program::Arguments,
    range: &Range<usize>,
) -> Result<(), Error> {
    let at = match name {
        "map" | "select" | "reject" => 0,
        "selectattr" | "rejectattr" => 1,
        _ => return Ok(()),
    };
    let refuse = |message: String, help: String| {
        Err(Error::new(ErrorKind::Unsupported, range.clone(), message).help(help))
    };
    let kind = if name == "map" { "filter" } else { "test" };
    if arguments.more_positional.is_some() || arguments.more_named.is_some() {
        let message = format!("the arguments of `{name}` are not written out");
        return refuse(message, format!("name the {kind}: `| {name}(\"…\")`"));
    }
    let Some(named) = arguments.positional.get(at) else {
        if name == "map" && arguments.named.iter().all(|(name, _)| &**name != "attribute") {
            let message = "`map` needs a filter or `attribute`".to_owned();
            return refuse(
                message,
                "write `| map(\"upper\")` or `| map(attribute=\"name\")`".to_owned(),
            );
        }
        if at == 1 && arguments.positional.is_empty() {
            let message = format!("`{name}` needs the name of an attribute");
            return refuse(message, format!("write `| {name}(\"name\")`"));
        }
        return Ok(());
    };
    let Some(called) = constant(named) else {
        let message = format!("the {kind} of `{name}` is not a literal name");
        return refuse(message, format!("name it: `| {name}(\"…\")`, in an `if` for each"));
    };
    let (is_known, instead) = if name == "map" {
        (find(called).is_some(), remedy(called))
    } else {
        (tests::find(called).is_some(), tests::remedy(called))
    };
    if is_known {
        return Ok(());
    }
    let known: Vec<&str> =
        if name == "map" { super::names().collect() } else { tests::names().collect() };
    let help = instead
        .map(str::to_owned)
        .or_else(|| crate::suggest::did_you_mean(called, known.iter().copied()));
    refuse(
        format!("there is no {kind} `{called}`"),
        help.unwrap_or_else(|| format!("the {kind}s are {}", known.join(", "))),
    )
}

/// `map("filter", …)`, or `map(attribute="name", default=…)`.
pub(super) fn map(call: &mut Call<'_>) -> Result<Value, Error> {
    let Arguments { mut positional, mut named } = std::mem::take(&mut call.rest);
    let items = call.items()?;
    let mut values = Vec::with_capacity(items.len());
    let attribute = named.iter().position(|(name, _)| &**name == "attribute");
    if let (true, Some(at)) = (positional.is_empty(), attribute) {
        let path = attribute_path(Some(&named.remove(at).1));
        let default = named.iter().position(|(name, _)| &**name == "default");
        let default =
            default.map(|at| named.remove(at).1).filter(|value| !matches!(value, Value::None));
        if let Some((extra, _)) = named.first() {
            return call.refuse(format!("`map` has no argument `{extra}`"));
        }
        for item in &items {
            values.push(path.read(item, default.as_ref(), call.range, call.budget)?);
        }
        return Ok(Value::iterator(values));
    }
    if positional.is_empty() {
        return call.refuse("`map` needs a filter or `attribute`".to_owned());
    }
    let name = positional.remove(0);
    let Value::Text(name) = &name else {
        return call.wrong_type("the first argument", "the name of a filter", &name);
    };
    let Some(filter) = find(name) else {
        return call.refuse(format!("there is no filter `{name}`"));
    };
    for item in items {
        let arguments = Arguments { positional: positional.clone(), named: named.clone() };
        call.budget.make(16 * (positional.len() + named.len()), call.range)?;
        values.push(apply(filter, item, arguments, call.range, call.budget)?);
    }
    Ok(Value::iterator(values))
}

pub(super) fn select(call: &mut Call<'_>) -> Result<Value, Error> {
    choose(call, None, true)
}

pub(super) fn reject(call: &mut Call<'_>) -> Result<Value, Error> {
    choose(call, None, false)
}

pub(super) fn selectattr(call: &mut Call<'_>) -> Result<Value, Error> {
    let path = own_path(call)?;
    choose(call, Some(&path), true)
}

pub(super) fn rejectattr(call: &mut Call<'_>) -> Result<Value, Error> {
    let path = own_path(call)?;
    choose(call, Some(&path), false)
}

fn own_path(call: &mut Call<'_>) -> Result<AttributePath, Error> {
    if call.rest.positional.is_empty() {
        return call.refuse(format!("`{}` needs the name of an attribute", call.name));
    }
    let attribute = call.rest.positional.remove(0).require_defined(call.range)?;
    Ok(attribute_path(Some(&attribute)))
}

/// Keeps the items that meet a test, or that do not; without a test, those that are true.
fn choose(call: &mut Call<'_>, path: Option<&AttributePath>, wanted: bool) -> Result<Value, Error> {
    let Arguments { mut positional, named } = std::mem::take(&mut call.rest);
    let test = if positional.is_empty() {
        if let Some((extra, _)) = named.first() {
            return call.refuse(format!("`{}` has no argument `{extra}`", call.name));
        }
        None
    } else {
        let name = positional.remove(0);
        let Value::Text(name) = &name else {
            return call.wrong_type("an argument", "the name of a test", &name);
        };
        match tests::find(name) {
            Some(test) => Some(test),
            None => return call.refuse(format!("there is no test `{name}`")),
        }
    };
    let mut kept = Vec::new();
    for item in call.items()? {
        let value = match path {
            Some(path) => path.read(&item, None, call.range, call.budget)?,
            None => item.clone(),
        };
        let met = match test {
            None => value.is_true(),
            Some(test) => {
                let arguments = Arguments { positional: positional.clone(), named: named.clone() };
                call.budget.make(16 * (positional.len() + named.len()), call.range)?;
                tests::apply(test, &value, arguments, call.range, call.budget)?
            }
        };
        if met == wanted {
            kept.push(item);
        }
    }
    Ok(Value::iterator(kept))
}
