//! The keys of values: of those that Python hashes.

use std::ops::Range;
use std::rc::Rc;

use super::super::budget::{Budget, check_depth};
use super::{Key, Value};
use crate::error::Error;

impl Key {
    /// Returns the key of a value, if it can be one.
    pub(crate) fn of(
        value: &Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Error> {
        Self::nested(value, 0, range, budget)
    }

    fn nested(
        value: &Value,
        depth: usize,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Error> {
        check_depth(depth, || range.clone())?;
        Ok(Some(match value {
            Value::None => Self::None,
            Value::Boolean(value) => Self::Integer(i64::from(*value)),
            Value::Integer(number) => Self::Integer(*number),
            Value::Float(number) => Self::of_float(*number),
            Value::Text(text) => Self::Text(Rc::clone(text)),
            Value::Tuple(tuple) => {
                budget.make(tuple.items.len().saturating_mul(16), range)?;
                let mut keys = Vec::with_capacity(tuple.items.len());
                for item in &tuple.items {
                    match Self::nested(item, depth + 1, range, budget)? {
                        Some(key) => keys.push(key),
                        None => return Ok(None),
                    }
                }
                Self::Tuple(keys)
            }
            other => {
                other.check_defined(range)?;
                return Ok(None);
            }
        }))
    }
}
