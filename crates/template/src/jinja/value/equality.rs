//! Equality and order, by Python's rules: numbers of all kinds with one another, texts by their code
//! points, lists and tuples by their items.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::super::budget::{Budget, check_depth};
use super::{Key, Value};
use crate::error::{Error, ErrorKind};

/// Compares two values; every value that is looked at is charged.
pub(crate) fn equals(
    left: &Value,
    right: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    compare(left, right, 0, range, budget)
}

fn compare(
    left: &Value,
    right: &Value,
    depth: usize,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    check_depth(depth, || range.clone())?;
    budget.make(1, range)?;
    left.check_defined(range)?;
    right.check_defined(range)?;
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return Ok(left.compare(right) == Ordering::Equal);
    }
    let all = |left: &[Value], right: &[Value], budget: &mut Budget| {
        for (left, right) in left.iter().zip(right) {
            if !compare(left, right, depth + 1, range, budget)? {
                return Ok(false);
            }
        }
        Ok(left.len() == right.len())
    };
    Ok(match (left, right) {
        (Value::None, Value::None) => true,
        (Value::Text(a), Value::Text(b)) => {
            budget.make(a.len().min(b.len()), range)?;
            a == b
        }
        (Value::List(a), Value::List(b)) => {
            // Lists of different lengths are unequal, whatever is in them; in tuples the items come first.
            let (left, right) = (a.items.borrow(), b.items.borrow());
            Rc::ptr_eq(a, b) || left.len() == right.len() && all(&left, &right, budget)?
        }
        (Value::Tuple(a), Value::Tuple(b)) => Rc::ptr_eq(a, b) || all(&a.items, &b.items, budget)?,
        (Value::Object(a), Value::Object(b)) => {
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            let (a, b) = (a.entries(), b.entries());
            if a.len() != b.len() {
                return Ok(false);
            }
            budget.make(a.len().saturating_mul(8), range)?;
            for (key, left) in a.iter() {
                let Some(key) = Key::of(key, range, budget)? else { return Ok(false) };
                let Some(right) = b.get(&key, range, budget)? else { return Ok(false) };
                if !compare(left, right, depth + 1, range, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Range(a), Value::Range(b)) => {
            a.len() == b.len()
                && (a.len() == 0 || a.start == b.start && (a.len() == 1 || a.step == b.step))
        }
        (Value::Iterator(a), Value::Iterator(b)) => Rc::ptr_eq(a, b),
        (Value::Namespace(a), Value::Namespace(b)) => Rc::ptr_eq(a, b),
        (Value::Macro(a), Value::Macro(b)) => Rc::ptr_eq(a, b),
        (Value::Loop(a), Value::Loop(b)) => Rc::ptr_eq(a, b),
        (Value::Cycler(a), Value::Cycler(b)) => Rc::ptr_eq(a, b),
        (Value::Joiner(a), Value::Joiner(b)) => Rc::ptr_eq(a, b),
        (Value::Function(a), Value::Function(b)) => a == b,
        (Value::View(..), Value::View(..)) => {
            let message = "the views of objects cannot be compared".to_owned();
            return Err(Error::new(ErrorKind::Unsupported, range.clone(), message)
                .help("compare lists: `… | list`"));
        }
        _ => false,
    })
}

/// Orders two values: numbers, texts, or lists and tuples of such.
pub(crate) fn order(
    left: &Value,
    right: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Ordering, Error> {
    order_nested(left, right, 0, range, budget)
}

fn order_nested(
    left: &Value,
    right: &Value,
    depth: usize,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Ordering, Error> {
    check_depth(depth, || range.clone())?;
    budget.make(1, range)?;
    left.check_defined(range)?;
    right.check_defined(range)?;
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return Ok(left.compare(right));
    }
    let items = |left: &[Value], right: &[Value], budget: &mut Budget| {
        for (left, right) in left.iter().zip(right) {
            if !compare(left, right, depth + 1, range, budget)? {
                return order_nested(left, right, depth + 1, range, budget);
            }
        }
        Ok(left.len().cmp(&right.len()))
    };
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            budget.make(left.len().min(right.len()), range)?;
            // The order of UTF-8 is that of code points.
            Ok(left.cmp(right))
        }
        (Value::List(left), Value::List(right)) => {
            items(&left.items.borrow(), &right.items.borrow(), budget)
        }
        (Value::Tuple(left), Value::Tuple(right)) => items(&left.items, &right.items, budget),
        _ => {
            let message = format!("{} and {} have no order", left.describe(), right.describe());
            Err(Error::new(ErrorKind::Value, range.clone(), message))
        }
    }
}
