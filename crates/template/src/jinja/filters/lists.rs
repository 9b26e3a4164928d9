//! Filters of lists and objects.

use std::rc::Rc;

use super::super::value::Value;
use super::Call;
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
                Value::Iterator(_) => error.help("make a list of it first: `| list | length`"),
                _ => error,
            })
        }
    }
}

pub(super) fn first(call: &mut Call<'_>) -> Result<Value, Error> {
    let undefined = || Value::undefined("the first of nothing");
    Ok(match &call.value {
        Value::Iterator(items) => items.items.borrow_mut().next().unwrap_or_else(undefined),
        Value::List(list) => list.items.borrow().first().cloned().unwrap_or_else(undefined),
        Value::Text(text) => {
            let mut buffer = [0; 4];
            match text.chars().next() {
                Some(character) => Value::text(&*character.encode_utf8(&mut buffer)),
                None => undefined(),
            }
        }
        _ => call.items()?.into_iter().next().unwrap_or_else(undefined),
    })
}

pub(super) fn last(call: &mut Call<'_>) -> Result<Value, Error> {
    let undefined = || Value::undefined("the last of nothing");
    Ok(match &call.value {
        Value::Iterator(_) => return no_way_back(call),
        Value::List(list) => list.items.borrow().last().cloned().unwrap_or_else(undefined),
        _ => call.items()?.pop().unwrap_or_else(undefined),
    })
}

fn no_way_back<T>(call: &Call<'_>) -> Result<T, Error> {
    let message = format!("`{}` needs a list, this is an iterator", call.name);
    Err(Error::new(ErrorKind::Value, call.range.clone(), message)
        .help(format!("make a list of it first: `| list | {}`", call.name)))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Error> {
    call.items().map(Value::list)
}

/// `reverse`: a string backwards, or the items from the last to the first.
pub(super) fn reverse(call: &mut Call<'_>) -> Result<Value, Error> {
    if let Value::Text(value) = &call.value {
        return text::reverse(value, call.range, call.budget).map(Value::text);
    }
    let is_list = matches!(call.value, Value::Iterator(_));
    let mut items = call.items()?;
    items.reverse();
    // Python goes backwards through what it can, and reverses a copy of the rest.
    Ok(if is_list { Value::list(items) } else { Value::iterator(items) })
}

/// `items`: the entries of an object as pairs.
pub(super) fn items(call: &mut Call<'_>) -> Result<Value, Error> {
    let Value::Object(object) = &call.value else {
        return call.wrong_type("the value", "an object", &call.value);
    };
    let entries = object.entries();
    call.budget.make(entries.len().saturating_mul(48), call.range)?;
    let pairs = entries.iter().map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()]));
    Ok(Value::iterator(pairs.collect()))
}

/// `join(d="", attribute)`.
pub(super) fn join(call: &mut Call<'_>) -> Result<Value, Error> {
    let separator = call.printed(0)?.unwrap_or_else(|| "".into());
    let path = attribute_path(call.argument(1));
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
    let count = call.integer(0, "linecount", 1)?;
    let fill = call.argument(1).filter(|fill| !matches!(fill, Value::None)).cloned();
    let items = call.items()?;
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    for item in items {
        if i64::try_from(batch.len()).is_ok_and(|length| length == count) {
            batches.push(Value::list(std::mem::take(&mut batch)));
        }
        call.budget.make(16, call.range)?;
        batch.push(item);
    }
    if !batch.is_empty() {
        if let Some(fill) = fill {
            let missing = usize::try_from(count).unwrap_or(0).saturating_sub(batch.len());
            call.budget.make(missing.saturating_mul(16), call.range)?;
            batch.extend(std::iter::repeat_n(fill, missing));
        }
        batches.push(Value::list(batch));
    }
    Ok(Value::iterator(batches))
}

/// `slice(slices, fill_with)`: so many lists.
pub(super) fn slice(call: &mut Call<'_>) -> Result<Value, Error> {
    let slices = call.integer(0, "slices", 1)?;
    let fill = call.argument(1).filter(|fill| !matches!(fill, Value::None)).cloned();
    let items = call.items()?;
    let Some(count) = usize::try_from(slices).ok().filter(|count| *count > 0) else {
        if slices == 0 {
            return call.refuse("`slice` makes at least one list".to_owned());
        }
        return Ok(Value::iterator(Vec::new()));
    };
    call.budget.make(count.saturating_mul(32), call.range)?;
    let (each, longer) = (items.len() / count, items.len() % count);
    let mut lists = Vec::with_capacity(count);
    let mut items = items.into_iter();
    for number in 0..count {
        let length = each + usize::from(number < longer);
        let mut list: Vec<Value> = items.by_ref().take(length).collect();
        if let Some(fill) = &fill
            && number >= longer
        {
            list.push(fill.clone());
        }
        lists.push(Value::list(list));
    }
    Ok(Value::iterator(lists))
}
