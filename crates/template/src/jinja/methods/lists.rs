//! Methods of lists and tuples.

use std::ops::Range;
use std::rc::Rc;

use super::super::arguments::{Arguments, Parameters};
use super::super::budget::Budget;
use super::super::value::{Cursor, List, Value, equals};
use super::checks::{check_contained, check_own, integer_argument, refuse, refuse_method};
use crate::error::Error;

/// Calls a method of a list. Those that change it change the list itself, wherever it is.
pub(super) fn call(
    list: &Rc<List>,
    name: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let (required, most) = match name {
        "append" | "extend" => (1, 1),
        "insert" => (2, 2),
        "pop" => (0, 1),
        "reverse" | "copy" => (0, 0),
        "index" | "count" => {
            let items = list.items.borrow().clone();
            budget.make(items.len().saturating_mul(16), range)?;
            return search(&items, name, arguments, range, budget);
        }
        _ => return refuse_method(name, range),
    };
    let parameters = Parameters::Positional { most, required };
    let mut bound = parameters.bind(name, arguments, range)?.into_iter().flatten();
    if name == "copy" {
        let items = list.items.borrow().clone();
        budget.make(items.len().saturating_mul(16), range)?;
        return Ok(Value::list(items));
    }
    check_own(list.is_own, "list", range)?;
    let is_container =
        |value: &Value| matches!(value, Value::List(other) if Rc::ptr_eq(other, list));
    match name {
        "append" => {
            let value = bound.next().unwrap_or(Value::None);
            let value = check_contained(value, &is_container, range, budget)?;
            budget.make(16, range)?;
            list.items.borrow_mut().push(value);
        }
        "extend" => {
            let added = bound.next().unwrap_or(Value::None);
            // Of a list Python takes the items that it has now; what makes its items sees those that are added.
            let mut items = match &added {
                Value::List(_) => Cursor::of(&Value::list(added.items(range, budget)?), range)?,
                _ => Cursor::of(&added, range)?,
            };
            while let Some(item) = items.next(range, budget)? {
                let item = check_contained(item, &is_container, range, budget)?;
                list.items.borrow_mut().push(item);
            }
        }
        "insert" => {
            let position = integer_argument(bound.next(), 0, name, range)?;
            let value = bound.next().unwrap_or(Value::None);
            let value = check_contained(value, &is_container, range, budget)?;
            let mut items = list.items.borrow_mut();
            budget.make((items.len() + 1).saturating_mul(16), range)?;
            let length = items.len();
            let at = match usize::try_from(position) {
                Ok(at) => at.min(length),
                Err(_) => {
                    let back = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
                    length.saturating_sub(back)
                }
            };
            items.insert(at, value);
        }
        "pop" => {
            let position = integer_argument(bound.next(), -1, name, range)?;
            let mut items = list.items.borrow_mut();
            budget.make(items.len().saturating_mul(16), range)?;
            let at = match usize::try_from(position) {
                Ok(at) => Some(at),
                Err(_) => usize::try_from(position.unsigned_abs())
                    .ok()
                    .and_then(|back| items.len().checked_sub(back)),
            };
            return match at.filter(|at| *at < items.len()) {
                Some(at) => Ok(items.remove(at)),
                None => refuse(range, "`pop` of a missing item".to_owned()),
            };
        }
        _ => {
            let mut items = list.items.borrow_mut();
            budget.make(items.len().saturating_mul(16), range)?;
            items.reverse();
        }
    }
    Ok(Value::None)
}

/// `index(value, start, stop)` and `count(value)`.
pub(super) fn search(
    items: &[Value],
    name: &str,
    arguments: Arguments,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let most = if name == "index" { 3 } else { 1 };
    let parameters = Parameters::Positional { most, required: 1 };
    let mut bound = parameters.bind(name, arguments, range)?.into_iter();
    let mut next = || bound.next().flatten();
    let wanted = next().unwrap_or(Value::None);
    if name == "count" {
        let mut count = 0;
        for item in items {
            count += i64::from(equals(item, &wanted, range, budget)?);
        }
        return Ok(Value::Integer(count));
    }
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut bound = |absent| -> Result<i64, Error> {
        let position = integer_argument(next(), absent, name, range)?;
        Ok(if position < 0 { position.saturating_add(length).max(0) } else { position })
    };
    let (start, stop) = (bound(0)?, bound(length)?);
    for (position, item) in items.iter().enumerate() {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        if position >= start && position < stop && equals(item, &wanted, range, budget)? {
            return Ok(Value::Integer(position));
        }
    }
    refuse(range, "`index` of a value that is not in the list".to_owned())
}
