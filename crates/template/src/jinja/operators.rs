//! Operators, by Python's rules.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::program::{Comparison, Operator};
use super::value::{Cursor, Key, Numbers, Value, ViewKind, equals, order};
use crate::error::{Error, ErrorKind};
use crate::python::numbers::beyond_integers;
use crate::python::text;

fn refuse<T>(range: &Range<usize>, message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Value, range.clone(), message))
}

/// Applies an arithmetic operator.
pub(super) fn binary(
    operator: Operator,
    left: &Value,
    right: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    match (operator, left, right) {
        (Operator::Remainder, Value::Text(template), _) => {
            return super::formatting::percent(template, right, range, budget);
        }
        (Operator::Add, Value::Text(left), Value::Text(right)) => {
            budget.make(left.len() + right.len(), range)?;
            return Ok(Value::text([&**left, &**right].concat()));
        }
        (Operator::Add, Value::List(left), Value::List(right)) => {
            let (left, right) = (left.items.borrow(), right.items.borrow());
            budget.make((left.len() + right.len()).saturating_mul(16), range)?;
            return Ok(Value::list(left.iter().chain(right.iter()).cloned().collect()));
        }
        (Operator::Add, Value::Tuple(left), Value::Tuple(right)) => {
            budget.make((left.items.len() + right.items.len()).saturating_mul(16), range)?;
            return Ok(Value::tuple(left.items.iter().chain(&right.items).cloned().collect()));
        }
        (Operator::Multiply, Value::Text(_) | Value::List(_) | Value::Tuple(_), count)
        | (Operator::Multiply, count, Value::Text(_) | Value::List(_) | Value::Tuple(_)) => {
            let repeated = if matches!(left, Value::Text(_) | Value::List(_) | Value::Tuple(_)) {
                left
            } else {
                right
            };
            if let Some(count) = count.as_index() {
                return repeat(repeated, count, range, budget);
            }
        }
        _ => {}
    }
    let (Some(left), Some(right)) = (left.as_number(), right.as_number()) else {
        let message = format!(
            "{} and {} cannot be combined by `{}`",
            left.describe(),
            right.describe(),
            operator.symbol()
        );
        let error = Error::new(ErrorKind::Value, range.clone(), message);
        return Err(if operator == Operator::Add {
            error.help("use `~` to join values as text")
        } else {
            error
        });
    };
    let result = match operator {
        Operator::Add => left.add(right, range),
        Operator::Subtract => left.subtract(right, range),
        Operator::Multiply => left.multiply(right, range),
        Operator::Divide => left.divide(right, range),
        Operator::FloorDivide => left.floor_divide(right, range),
        Operator::Remainder => left.modulo(right, range),
        Operator::Power => left.power(right, range),
    };
    result.map(Value::number)
}

fn repeat(
    value: &Value,
    count: i64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let count = usize::try_from(count).unwrap_or(0);
    let repeat_items = |items: &[Value], budget: &mut Budget| {
        budget.make(items.len().saturating_mul(count).saturating_mul(16), range)?;
        Ok(items
            .iter()
            .cycle()
            .take(items.len().saturating_mul(count))
            .cloned()
            .collect::<Vec<_>>())
    };
    match value {
        Value::List(list) => repeat_items(&list.items.borrow(), budget).map(Value::list),
        Value::Tuple(tuple) => repeat_items(&tuple.items, budget).map(Value::tuple),
        Value::Text(text) => {
            budget.make(text.len().saturating_mul(count), range)?;
            Ok(Value::text(text.repeat(count)))
        }
        other => refuse(range, format!("{} cannot be repeated", other.describe())),
    }
}

pub(super) fn negate(value: &Value, range: &Range<usize>) -> Result<Value, Error> {
    value.check_defined(range)?;
    match value.as_number() {
        Some(number) => number.negate(range).map(Value::number),
        None => refuse(range, format!("{} has no negative", value.describe())),
    }
}

/// Applies `+` to a number: a boolean becomes an integer.
pub(super) fn posit(value: &Value, range: &Range<usize>) -> Result<Value, Error> {
    value.check_defined(range)?;
    match value.as_number() {
        Some(number) => Ok(Value::number(number)),
        None => refuse(range, format!("{} cannot have a `+` sign", value.describe())),
    }
}

pub(super) fn compare(
    comparison: Comparison,
    left: &Value,
    right: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    match comparison {
        Comparison::Equal => equals(left, right, range, budget),
        Comparison::NotEqual => Ok(!equals(left, right, range, budget)?),
        Comparison::In => contains(right, left, range, budget),
        Comparison::NotIn => Ok(!contains(right, left, range, budget)?),
        Comparison::Less => order(left, right, range, budget).map(Ordering::is_lt),
        Comparison::LessOrEqual => order(left, right, range, budget).map(Ordering::is_le),
        Comparison::Greater => order(left, right, range, budget).map(Ordering::is_gt),
        Comparison::GreaterOrEqual => order(left, right, range, budget).map(Ordering::is_ge),
    }
}

/// Whether a value is in another one.
pub(super) fn contains(
    container: &Value,
    value: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    container.check_defined(range)?;
    value.check_defined(range)?;
    match (container, value) {
        (Value::Object(object) | Value::View(ViewKind::Keys, object), key) => {
            match Key::of(key, range, budget)? {
                Some(key) => Ok(object.entries().get(&key, range, budget)?.is_some()),
                None if value.has_identity() => Ok(false),
                None => refuse(range, format!("{} cannot be a key of an object", value.describe())),
            }
        }
        (Value::Text(whole), Value::Text(part)) => text::contains(whole, part, range, budget),
        (Value::Range(numbers), _) => {
            Ok(position_in_range(*numbers, value, range, budget)?.is_some())
        }
        // Of an iterator the items up to that one are taken.
        (Value::List(_) | Value::Tuple(_) | Value::View(..) | Value::Iterator(_), _) => {
            let mut items = Cursor::of(container, range)?;
            while let Some(item) = items.next(range, budget)? {
                if equals(&item, value, range, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => refuse(range, format!("{} cannot be in {}", value.describe(), container.describe())),
    }
}

/// Returns where a number is in a range, if it is there. A float that is whole is in it, too.
pub(super) fn position_in_range(
    numbers: Numbers,
    value: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Option<u64>, Error> {
    let Some(Key::Integer(number)) = Key::of(value, range, budget)? else { return Ok(None) };
    let distance = i128::from(number) - i128::from(numbers.start);
    let step = i128::from(numbers.step);
    let position = u64::try_from(distance / step).ok();
    Ok(position.filter(|position| distance % step == 0 && *position < numbers.len()))
}

/// Reads `value[subscript]`.
pub(super) fn item(
    value: &Value,
    subscript: &Value,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    value.check_defined(range)?;
    subscript.check_defined(range)?;
    let found = match (value, subscript) {
        (Value::Object(object), key) => match Key::of(key, range, budget)? {
            Some(key) => object.entries().get(&key, range, budget)?.cloned(),
            None => None,
        },
        (Value::List(list), _) => subscript.as_index().and_then(|index| {
            let items = list.items.borrow();
            position(index, items.len()).and_then(|at| items.get(at).cloned())
        }),
        (Value::Tuple(tuple), _) => subscript.as_index().and_then(|index| {
            position(index, tuple.items.len()).and_then(|at| tuple.items.get(at).cloned())
        }),
        (Value::Range(numbers), _) => subscript.as_index().and_then(|index| {
            let length = numbers.len();
            let at = if index < 0 {
                length.checked_sub(index.unsigned_abs())
            } else {
                Some(index.unsigned_abs())
            };
            at.and_then(|at| numbers.get(at)).map(Value::Integer)
        }),
        (Value::Text(text), _) => match subscript.as_index() {
            Some(index) => text::item(text, index, range, budget)?.map(Value::text),
            None => None,
        },
        _ => None,
    };
    match (found, subscript) {
        (Some(found), _) => Ok(found),
        // What is no item may be an attribute.
        (None, Value::Text(name)) => {
            super::attributes::attribute(value, name, false, range, budget)
        }
        (None, Value::Integer(number)) => Ok(Value::undefined(format!("[{number}]"))),
        (None, _) => Ok(Value::undefined("this item")),
    }
}

/// Turns an index into a position; negative ones count from the end.
fn position(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(position) => Some(position),
        Err(_) => {
            usize::try_from(index.unsigned_abs()).ok().and_then(|back| length.checked_sub(back))
        }
    }
}

/// Reads `value[start:stop:step]`.
pub(super) fn slice(
    value: &Value,
    bounds: &[Value; 3],
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let mut numbers = [None; 3];
    for (number, bound) in numbers.iter_mut().zip(bounds) {
        bound.check_defined(range)?;
        *number = match bound {
            Value::None => None,
            other => match other.as_index() {
                Some(index) => Some(index),
                None => return refuse(range, format!("{} is not a position", other.describe())),
            },
        };
    }
    let [start, stop, step] = numbers;
    let step = step.unwrap_or(1);
    if step == 0 {
        return refuse(range, "the step of a slice must not be 0".to_owned());
    }
    let pick = |items: &[Value], budget: &mut Budget| {
        let positions = positions(start, stop, step, items.len());
        budget.make(positions.len().saturating_mul(16), range)?;
        Ok(positions.filter_map(|at| items.get(at)).cloned().collect::<Vec<_>>())
    };
    value.check_defined(range)?;
    match value {
        Value::List(list) => pick(&list.items.borrow(), budget).map(Value::list),
        Value::Tuple(tuple) => pick(&tuple.items, budget).map(Value::tuple),
        Value::Text(text) => {
            let part = text::slice(text, start, stop, Some(step), range, budget)?;
            Ok(Value::text(&*part))
        }
        Value::Range(numbers) => {
            let length = usize::try_from(numbers.len()).unwrap_or(usize::MAX);
            let mut positions = positions(start, stop, step, length);
            let count = positions.len() as i128;
            let first = positions.next().map_or(0, |first| first as i128);
            let whole = |number: i128| {
                let number = i64::try_from(number).ok();
                number.ok_or_else(|| beyond_integers(range))
            };
            let from = i128::from(numbers.start) + first * i128::from(numbers.step);
            let by = i128::from(numbers.step) * i128::from(step);
            let (start, stop, step) = (whole(from)?, whole(from + count * by)?, whole(by)?);
            Ok(Value::Range(Numbers { start, stop, step }))
        }
        other => refuse(range, format!("{} has no parts", other.describe())),
    }
}

/// Returns the positions that a slice takes, as Python's `slice.indices` counts them.
fn positions(
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
    length: usize,
) -> impl ExactSizeIterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let clamp = |bound: Option<i64>, absent: i64| match bound {
        None => absent,
        Some(bound) if bound < 0 => bound.saturating_add(length).max(lowest),
        Some(bound) => bound.min(highest),
    };
    let start = clamp(start, if step < 0 { highest } else { lowest });
    let stop = clamp(stop, if step < 0 { lowest } else { highest });
    let distance = if step < 0 { start.saturating_sub(stop) } else { stop.saturating_sub(start) };
    let count = if distance <= 0 { 0 } else { (distance - 1) / step.saturating_abs() + 1 };
    let count = usize::try_from(count).unwrap_or(0);
    (0..count).map(move |at| {
        let offset = i64::try_from(at).unwrap_or(i64::MAX).saturating_mul(step);
        usize::try_from(start.saturating_add(offset)).unwrap_or(usize::MAX)
    })
}

/// Joins operands as text.
pub(super) fn concatenate(
    operands: &[(Value, Range<usize>)],
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value, Error> {
    let mut texts: Vec<Rc<str>> = Vec::with_capacity(operands.len());
    for (operand, place) in operands {
        texts.push(operand.print(place)?);
    }
    budget.make(texts.iter().map(|text| text.len()).sum(), range)?;
    Ok(Value::text(texts.concat()))
}
