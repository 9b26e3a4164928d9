//! Filters that apply other filters and tests: `map`, `select` and their like.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::Arguments;
use super::super::budget::Budget;
use super::super::program::{self, Constant, Operand, Test};
use super::super::tests;
use super::super::value::{Cursor, Value};
use super::call::{Call, Definition, apply_of, find_in};
use super::lazy::{Maker, lazy};
use super::remedies::remedy;
use super::sorting::{AttributePath, attribute_path};

use crate::error::{Error, ErrorKind};

/// Returns the constant string that an expression is.
fn constant(expression: &program::Expression) -> Option<&Rc<str>> {
    match &expression.base {
        Operand::Constant(Constant::Text(text)) if expression.links.is_empty() => Some(text),
        _ => None,
    }
}

/// Says what is wrong with the filters and tests that are named in arguments.
pub(super) fn check_call(
    filters: &'static [Definition],
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
        let message = format!("the arguments of `{name}` are not literal");
        return refuse(message, format!("name the {kind}: `| {name}(\"…\")`"));
    }
    let Some(named) = arguments.positional.get(at) else {
        if name == "map" && arguments.named.iter().all(|(name, _)| &**name != "attribute") {
            let message = "`map` requires a filter or `attribute`".to_owned();
            return refuse(
                message,
                "write `| map(\"upper\")` or `| map(attribute=\"name\")`".to_owned(),
            );
        }
        if at == 1 && arguments.positional.is_empty() {
            let message = format!("`{name}` requires an attribute name");
            return refuse(message, format!("write `| {name}(\"name\")`"));
        }
        return Ok(());
    };
    let Some(called) = constant(named) else {
        let message = format!("the {kind} of `{name}` is not a literal name");
        return refuse(message, format!("name it: `| {name}(\"…\")`, in an `if` for each"));
    };
    let (is_known, instead) = if name == "map" {
        (find_in(filters, called).is_some(), remedy(called))
    } else {
        (tests::find(called).is_some(), tests::remedy(called))
    };
    if is_known {
        return Ok(());
    }
    let known: Vec<&str> = if name == "map" {
        filters.iter().map(|filter| filter.name).collect()
    } else {
        tests::names().collect()
    };
    let help = instead
        .map(str::to_owned)
        .or_else(|| crate::suggest::did_you_mean(called, known.iter().copied()));
    refuse(
        format!("unknown {kind} `{called}`"),
        help.unwrap_or_else(|| format!("use one of the {kind}s {}", known.join(", "))),
    )
}

/// `map("filter", …)`, or `map(attribute="name", default=…)`.
pub(super) fn map(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| {
        if !call.value.is_true() {
            return Ok(Box::new(Cursor::End));
        }
        let how = mapping(call)?;
        let items = Cursor::of(&call.value, call.range)?;
        Ok(Box::new(Mapped { filters: call.filters, items, how }))
    })
}

/// What is made of an item.
enum Mapping {
    Attribute(AttributePath, Option<Value>),
    Filter(&'static Definition, Arguments),
}

fn mapping(call: &mut Call<'_>) -> Result<Mapping, Error> {
    let Arguments { mut positional, mut named } = std::mem::take(&mut call.rest);
    let attribute = named.iter().position(|(name, _)| &**name == "attribute");
    if let (true, Some(at)) = (positional.is_empty(), attribute) {
        let attribute = named.remove(at).1.require_defined(call.range)?;
        let path = attribute_path(Some(&attribute), call.range)?;
        let default = named.iter().position(|(name, _)| &**name == "default");
        let default =
            default.map(|at| named.remove(at).1).filter(|value| !matches!(value, Value::None));
        if let Some((extra, _)) = named.first() {
            return call.refuse(format!("`map` has no argument `{extra}`"));
        }
        return Ok(Mapping::Attribute(path, default));
    }
    if positional.is_empty() {
        return call.refuse("`map` requires a filter or `attribute`".to_owned());
    }
    let name = positional.remove(0);
    let Value::Text(name) = &name else {
        return call.wrong_type("the first argument", "a filter name", &name);
    };
    match find_in(call.filters, name) {
        Some(filter) => Ok(Mapping::Filter(filter, Arguments { positional, named })),
        None => call.refuse(format!("unknown filter `{name}`")),
    }
}

struct Mapped {
    filters: &'static [Definition],
    items: Cursor,
    how: Mapping,
}

impl Maker for Mapped {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        let Some(item) = self.items.next(range, budget)? else { return Ok(None) };
        match &self.how {
            Mapping::Attribute(path, default) => path.read(&item, default.as_ref(), range, budget),
            Mapping::Filter(filter, arguments) => {
                budget.make(16 * arguments.values().count(), range)?;
                apply_of(self.filters, filter, item, arguments.clone(), range, budget)
            }
        }
        .map(Some)
    }

    fn held(&self, found: &mut Vec<Value>) {
        self.items.held(found);
        match &self.how {
            Mapping::Attribute(_, default) => found.extend(default.iter().cloned()),
            Mapping::Filter(_, arguments) => found.extend(arguments.values().cloned()),
        }
    }
}

pub(super) fn select(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| choice(call, false, true))
}

pub(super) fn reject(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| choice(call, false, false))
}

pub(super) fn selectattr(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| choice(call, true, true))
}

pub(super) fn rejectattr(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| choice(call, true, false))
}

/// Keeps the items that meet a test, or that do not; without a test, those that are true.
fn choice(call: &mut Call<'_>, has_path: bool, wanted: bool) -> Result<Box<dyn Maker>, Error> {
    if !call.value.is_true() {
        return Ok(Box::new(Cursor::End));
    }
    let Arguments { mut positional, named } = std::mem::take(&mut call.rest);
    let path = match has_path {
        false => None,
        true if positional.is_empty() => {
            return call.refuse(format!("`{}` requires an attribute name", call.name));
        }
        true => {
            let attribute = positional.remove(0).require_defined(call.range)?;
            Some(attribute_path(Some(&attribute), call.range)?)
        }
    };
    let test = if positional.is_empty() {
        // Without a test there is nothing that would look at more arguments.
        None
    } else {
        let name = positional.remove(0);
        let Value::Text(name) = &name else {
            return call.wrong_type("an argument", "a test name", &name);
        };
        match tests::find(name) {
            Some(test) => Some((test, Arguments { positional, named })),
            None => return call.refuse(format!("unknown test `{name}`")),
        }
    };
    let items = Cursor::of(&call.value, call.range)?;
    Ok(Box::new(Choice { items, path, test, wanted }))
}

struct Choice {
    items: Cursor,
    path: Option<AttributePath>,
    test: Option<(Test, Arguments)>,
    wanted: bool,
}

impl Choice {
    fn is_met(
        &self,
        item: &Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        let value = match &self.path {
            Some(path) => path.read(item, None, range, budget)?,
            None => item.clone(),
        };
        match &self.test {
            None => Ok(value.is_true()),
            Some((test, arguments)) => {
                budget.make(16 * arguments.values().count(), range)?;
                tests::apply(*test, &value, arguments.clone(), range, budget)
            }
        }
    }
}

impl Maker for Choice {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        while let Some(item) = self.items.next(range, budget)? {
            if self.is_met(&item, range, budget)? == self.wanted {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    fn held(&self, found: &mut Vec<Value>) {
        self.items.held(found);
        found.extend(self.test.iter().flat_map(|(_, arguments)| arguments.values()).cloned());
    }
}
