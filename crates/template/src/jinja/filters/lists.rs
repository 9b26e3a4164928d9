//! Filters of lists and objects.

use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::super::value::{Cursor, Value, ViewKind};
use super::call::Call;
use super::lazy::{Maker, lazy};
use super::sorting::{AttributePath, attribute_path};
use crate::error::{Error, ErrorKind};
use crate::python::text;

/// `length`, `count`.
pub(super) fn length(call: &mut Call<'_>) -> Result<Value, Error> {
    match call.value.length(call.range, call.budget)? {
        Some(length) => Ok(Value::Integer(i64::try_from(length).unwrap_or(i64::MAX))),
        None => {
            let message = format!("{} has no length", call.value.describe());
            let error = Error::new(ErrorKind::Value, call.range.clone(), message);
            Err(match call.value {
                Value::Iterator(_) => error.help("convert it to a list first: `| list | length`"),
                _ => error,
            })
        }
    }
}

pub(super) fn first(call: &mut Call<'_>) -> Result<Value, Error> {
    let first = Cursor::of(&call.value, call.range)?.next(call.range, call.budget)?;
    Ok(first.unwrap_or_else(|| Value::undefined("the first of nothing")))
}

pub(super) fn last(call: &mut Call<'_>) -> Result<Value, Error> {
    let last = match &call.value {
        Value::Text(text) => text.chars().next_back().map(Value::character),
        Value::Iterator(_) => return no_way_back(call),
        value => match Cursor::backwards(value) {
            Some(mut cursor) => cursor.next(call.range, call.budget)?,
            None => return call.wrong_type("the value", "a list, an object or a string", value),
        },
    };
    Ok(last.unwrap_or_else(|| Value::undefined("the last of nothing")))
}

fn no_way_back<T>(call: &Call<'_>) -> Result<T, Error> {
    let message = format!("`{}` requires a list, not an iterator", call.name);
    Err(Error::new(ErrorKind::Value, call.range.clone(), message)
        .help(format!("convert it to a list first: `| list | {}`", call.name)))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Error> {
    call.items().map(Value::list)
}

/// `reverse`: a string backwards, or the items from the last to the first.
pub(super) fn reverse(call: &mut Call<'_>) -> Result<Value, Error> {
    if let Value::Text(value) = &call.value {
        return text::reverse(value, call.range, call.budget).map(Value::text);
    }
    if let Some(cursor) = Cursor::backwards(&call.value) {
        return Ok(Value::iterator(cursor));
    }
    // Of what can only be gone through forwards, a copy is reversed.
    let mut items = call.items()?;
    items.reverse();
    Ok(Value::list(items))
}

/// `items`: the entries of an object as pairs.
pub(super) fn items(call: &mut Call<'_>) -> Result<Value, Error> {
    match &call.value {
        Value::Object(object) => {
            let entries = Value::View(ViewKind::Items, Rc::clone(object));
            call.value = entries;
            lazy(call, |call| Ok(Box::new(Cursor::of(&call.value, call.range)?)))
        }
        other => call.wrong_type("the value", "an object", other),
    }
}

/// `join(d="", attribute)`.
pub(super) fn join(call: &mut Call<'_>) -> Result<Value, Error> {
    let separator = call.printed(0)?.unwrap_or_else(|| "".into());
    let path = attribute_path(call.argument(1), call.range)?;
    let mut texts: Vec<Rc<str>> = Vec::new();
    for item in call.items()? {
        let item = read(call, &item, &path)?;
        texts.push(item.print(call.range)?);
    }
    let joints = texts.len().saturating_sub(1).saturating_mul(separator.len());
    let length = texts.iter().map(|text| text.len()).sum::<usize>().saturating_add(joints);
    call.budget.make(length, call.range)?;
    Ok(Value::text(texts.join(&*separator)))
}

/// Reads an attribute of an item.
pub(super) fn read(
    call: &mut Call<'_>,
    item: &Value,
    path: &AttributePath,
) -> Result<Value, Error> {
    path.read(item, None, call.range, call.budget)
}

/// `batch(linecount, fill_with)`: lists of so many items.
pub(super) fn batch(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| {
        let count = call.integer(0, "linecount", 1)?;
        let fill = call.argument(1).filter(|fill| !matches!(fill, Value::None)).cloned();
        let items = Cursor::of(&call.value, call.range)?;
        Ok(Box::new(Batches { items, count, fill, next: Vec::new() }))
    })
}

struct Batches {
    items: Cursor,
    count: i64,
    fill: Option<Value>,
    /// Items of the batch that is not full.
    next: Vec<Value>,
}

impl Maker for Batches {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        while let Some(item) = self.items.next(range, budget)? {
            let is_full = i64::try_from(self.next.len()).is_ok_and(|length| length == self.count);
            if is_full {
                let full = std::mem::replace(&mut self.next, vec![item]);
                return Ok(Some(Value::list(full)));
            }
            self.next.push(item);
        }
        if self.next.is_empty() {
            return Ok(None);
        }
        let mut last = std::mem::take(&mut self.next);
        if let Some(fill) = &self.fill {
            let missing = usize::try_from(self.count).unwrap_or(0).saturating_sub(last.len());
            budget.make(missing.saturating_mul(16), range)?;
            last.extend(std::iter::repeat_n(fill.clone(), missing));
        }
        Ok(Some(Value::list(last)))
    }

    fn held(&self, found: &mut Vec<Value>) {
        self.items.held(found);
        found.extend(self.fill.iter().chain(&self.next).cloned());
    }
}

/// `slice(slices, fill_with)`: so many lists.
pub(super) fn slice(call: &mut Call<'_>) -> Result<Value, Error> {
    lazy(call, |call| {
        let items = call.items()?;
        let slices = call.integer(0, "slices", 1)?;
        let fill = call.argument(1).filter(|fill| !matches!(fill, Value::None)).cloned();
        if slices == 0 {
            return call.refuse("`slice` requires a count of 1 or more".to_owned());
        }
        let count = u64::try_from(slices).unwrap_or(0);
        let length = items.len() as u64;
        let (each, longer) =
            (length.checked_div(count).unwrap_or(0), length.checked_rem(count).unwrap_or(0));
        Ok(Box::new(Slices { items: items.into_iter(), number: 0, count, each, longer, fill }))
    })
}

struct Slices {
    items: std::vec::IntoIter<Value>,
    number: u64,
    count: u64,
    /// How many items each list has, and how many lists have one more.
    each: u64,
    longer: u64,
    fill: Option<Value>,
}

impl Maker for Slices {
    fn next(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        if self.number == self.count {
            return Ok(None);
        }
        budget.make(32, range)?;
        let is_longer = self.number < self.longer;
        self.number += 1;
        let length = usize::try_from(self.each + u64::from(is_longer)).unwrap_or(usize::MAX);
        let mut list: Vec<Value> = self.items.by_ref().take(length).collect();
        if let (Some(fill), false) = (&self.fill, is_longer) {
            list.push(fill.clone());
        }
        Ok(Some(Value::list(list)))
    }

    fn held(&self, found: &mut Vec<Value>) {
        found.extend(self.items.as_slice().iter().chain(&self.fill).cloned());
    }
}
