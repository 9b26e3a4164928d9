//! Operators: arithmetic on numbers, joining of texts and lists, comparison within one type.

use std::ops::Range;
use std::rc::Rc;

use minijinja::machinery::ast::{BinOpKind, CompareOpKind};

use super::budget::Budget;
use super::value::Value;
use crate::error::{Error, ErrorKind};

fn refuse<T>(range: &Range<usize>, message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Value, range.clone(), message))
}

/// Accepts a number that every client has: finite, and exact when it is whole.
pub(super) fn number<'p>(value: f64, range: &Range<usize>) -> Result<Value<'p>, Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !value.is_finite() {
        return refuse(range, "the result is not a finite number".to_owned());
    }
    if value.abs() > EXACT && value.fract() == 0.0 {
        return refuse(
            range,
            "the result is beyond 2^53, where numbers are no longer exact".to_owned(),
        );
    }
    // `-0.0 + 0.0` is `0.0`.
    Ok(Value::Number(value + 0.0))
}

/// Applies every operator but `and` and `or`.
pub(super) fn binary<'p>(
    operator: BinOpKind,
    left: Value<'p>,
    right: Value<'p>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    let compare = match operator {
        BinOpKind::Eq => Some(CompareOpKind::Eq),
        BinOpKind::Ne => Some(CompareOpKind::Ne),
        BinOpKind::Lt => Some(CompareOpKind::Lt),
        BinOpKind::Lte => Some(CompareOpKind::Lte),
        BinOpKind::Gt => Some(CompareOpKind::Gt),
        BinOpKind::Gte => Some(CompareOpKind::Gte),
        BinOpKind::In => Some(CompareOpKind::In),
        _ => None,
    };
    if let Some(operator) = compare {
        return self::compare(operator, &left, &right, range, budget).map(Value::Bool);
    }
    let (left, right) = (left.require_defined(range)?, right.require_defined(range)?);
    match (operator, &left, &right) {
        (BinOpKind::Concat, _, _) => {
            let (left, right) = (left.print(range)?, right.print(range)?);
            concatenate(&left, &right, range, budget)
        }
        (BinOpKind::Add, Value::String(left), Value::String(right)) => {
            concatenate(left, right, range, budget)
        }
        (BinOpKind::Add, Value::List(left), Value::List(right)) => {
            budget.make((left.len() + right.len()) * 16, range)?;
            Ok(Value::list(left.iter().chain(right.iter()).cloned().collect()))
        }
        (BinOpKind::Mul, Value::String(text), Value::Number(count))
        | (BinOpKind::Mul, Value::Number(count), Value::String(text)) => {
            repeat(text, *count, range, budget)
        }
        (_, Value::Number(left), Value::Number(right)) => {
            arithmetic(operator, *left, *right, range)
        }
        _ => {
            let message = format!(
                "{} and {} cannot be combined by `{}`",
                left.describe(),
                right.describe(),
                symbol(operator)
            );
            let error = Error::new(ErrorKind::Value, range.clone(), message);
            Err(if matches!(operator, BinOpKind::Add) {
                error.help("`~` joins anything as text")
            } else {
                error
            })
        }
    }
}

fn symbol(operator: BinOpKind) -> &'static str {
    match operator {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

fn concatenate<'p>(
    left: &str,
    right: &str,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    budget.make(left.len() + right.len(), range)?;
    Ok(Value::String([left, right].concat().into()))
}

fn repeat<'p>(
    text: &str,
    count: f64,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    let Some(count) = to_count(count) else {
        return refuse(range, "a string is repeated a whole number of times".to_owned());
    };
    budget.make(text.len().saturating_mul(count), range)?;
    Ok(Value::String(text.repeat(count).into()))
}

/// Returns a whole number as a count; negative ones count as 0.
pub(super) fn to_count(number: f64) -> Option<usize> {
    if number.fract() != 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and within 2^53"
    )]
    Some(number.max(0.0) as usize)
}

fn arithmetic<'p>(
    operator: BinOpKind,
    left: f64,
    right: f64,
    range: &Range<usize>,
) -> Result<Value<'p>, Error> {
    let divides = matches!(operator, BinOpKind::Div | BinOpKind::FloorDiv | BinOpKind::Rem);
    if divides && right == 0.0 {
        return refuse(range, "division by zero".to_owned());
    }
    let result = match operator {
        BinOpKind::Add => left + right,
        BinOpKind::Sub => left - right,
        BinOpKind::Mul => left * right,
        BinOpKind::Div => left / right,
        BinOpKind::FloorDiv => (left / right).floor(),
        // The sign of the result is the divisor's.
        BinOpKind::Rem => left - right * (left / right).floor(),
        BinOpKind::Pow => power(left, right, range)?,
        _ => return refuse(range, format!("numbers cannot be combined by `{}`", symbol(operator))),
    };
    number(result, range)
}

/// Raises to a whole power by multiplication: library functions differ in the last digit.
fn power(base: f64, exponent: f64, range: &Range<usize>) -> Result<f64, Error> {
    let Some(count) = to_count(exponent).filter(|count| exponent >= 0.0 && *count <= 1024) else {
        return refuse(range, "an exponent is a whole number from 0 to 1024".to_owned());
    };
    Ok((0..count).fold(1.0, |product, _| product * base))
}

pub(super) fn negate<'p>(value: Value<'p>, range: &Range<usize>) -> Result<Value<'p>, Error> {
    match value.require_defined(range)? {
        Value::Number(value) => number(-value, range),
        other => refuse(range, format!("{} has no negative", other.describe())),
    }
}

pub(super) fn compare(
    operator: CompareOpKind,
    left: &Value<'_>,
    right: &Value<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    for value in [left, right] {
        if matches!(value, Value::Undefined(_)) {
            value.clone().require_defined(range)?;
        }
    }
    match operator {
        CompareOpKind::Eq | CompareOpKind::Ne => {
            budget.make(left.weight().min(right.weight()), range)?;
            Ok(left.equals(right) == matches!(operator, CompareOpKind::Eq))
        }
        CompareOpKind::In => contains(right, left, range, budget),
        CompareOpKind::NotIn => contains(right, left, range, budget).map(|found| !found),
        CompareOpKind::Lt => order(left, right, range, budget).map(std::cmp::Ordering::is_lt),
        CompareOpKind::Lte => order(left, right, range, budget).map(std::cmp::Ordering::is_le),
        CompareOpKind::Gt => order(left, right, range, budget).map(std::cmp::Ordering::is_gt),
        CompareOpKind::Gte => order(left, right, range, budget).map(std::cmp::Ordering::is_ge),
    }
}

/// Orders two numbers, or two strings by their code points.
pub(super) fn order(
    left: &Value<'_>,
    right: &Value<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<std::cmp::Ordering, Error> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(left.total_cmp(right)),
        (Value::String(left), Value::String(right)) => {
            budget.make(left.len().min(right.len()), range)?;
            Ok(left.cmp(right))
        }
        _ => refuse(range, format!("{} and {} have no order", left.describe(), right.describe())),
    }
}

fn contains(
    container: &Value<'_>,
    value: &Value<'_>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    budget.make(container.weight(), range)?;
    match (container, value) {
        (Value::List(items), _) => Ok(items.iter().any(|item| item.equals(value))),
        (Value::Map(entries), Value::String(key)) => Ok(entries.contains_key(&**key)),
        (Value::String(text), Value::String(part)) => Ok(text.contains(&**part)),
        _ => refuse(range, format!("{} cannot be in {}", value.describe(), container.describe())),
    }
}

/// Reads `value[subscript]`.
pub(super) fn item<'p>(
    value: &Value<'p>,
    subscript: &Value<'p>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    if let Value::Number(number) = subscript
        && number.fract() != 0.0
    {
        return refuse(range, format!("{} is not a position", crate::value::print_number(*number)));
    }
    let undefined = || Value::Undefined("this item".into());
    match (value, subscript) {
        (Value::Map(entries), Value::String(key)) => {
            Ok(entries.get(&**key).cloned().unwrap_or_else(|| Value::Undefined(Rc::clone(key))))
        }
        (Value::List(items), Value::Number(number)) => Ok(position(*number, items.len())
            .and_then(|at| items.get(at).cloned())
            .unwrap_or_else(undefined)),
        (Value::String(text), Value::Number(number)) => {
            budget.make(text.len(), range)?;
            let at = position(*number, text.chars().count());
            let mut buffer = [0; 4];
            let character = at
                .and_then(|at| text.chars().nth(at))
                .map(|c| Value::text(c.encode_utf8(&mut buffer)));
            Ok(character.unwrap_or_else(undefined))
        }
        _ => {
            refuse(range, format!("{} has no item for {}", value.describe(), subscript.describe()))
        }
    }
}

/// Turns an index into a position; negative ones count from the end.
fn position(number: f64, length: usize) -> Option<usize> {
    if number >= 0.0 {
        to_count(number)
    } else {
        to_count(-number).and_then(|back| length.checked_sub(back))
    }
}

/// Reads `value[start:stop]` of a list or a string.
pub(super) fn slice<'p>(
    value: &Value<'p>,
    start: &Value<'p>,
    stop: &Value<'p>,
    range: &Range<usize>,
    budget: &mut Budget,
) -> Result<Value<'p>, Error> {
    let bound = |bound: &Value<'p>, absent: usize, length: usize| match bound {
        Value::None => Ok(absent),
        Value::Number(number) if number.fract() == 0.0 => {
            let position = position(*number, length);
            Ok(position.unwrap_or(0).min(length))
        }
        other => refuse(range, format!("{} is not a position", other.describe())),
    };
    match value {
        Value::List(items) => {
            let (start, stop) =
                (bound(start, 0, items.len())?, bound(stop, items.len(), items.len())?);
            let part = items.get(start..stop).unwrap_or_default();
            budget.make(part.len() * 16, range)?;
            Ok(Value::list(part.to_vec()))
        }
        Value::String(text) => {
            budget.make(text.len(), range)?;
            let length = text.chars().count();
            let (start, stop) = (bound(start, 0, length)?, bound(stop, length, length)?);
            let part: String = text.chars().skip(start).take(stop.saturating_sub(start)).collect();
            Ok(Value::String(part.into()))
        }
        other => refuse(range, format!("{} has no parts", other.describe())),
    }
}
