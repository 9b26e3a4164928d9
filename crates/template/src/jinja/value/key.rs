//! What an object looks its entries up by: values that Python hashes, where `1`, `1.0` and `True` are
//! one key.

use std::ops::Range;
use std::rc::Rc;

use super::super::budget::{Budget, check_depth};
use super::Value;
use crate::error::Error;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    None,
    Integer(i64),
    /// The bits of a float that is no integer of 64 bits.
    Float(u64),
    Text(Rc<str>),
    Tuple(Vec<Self>),
}

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

    fn of_float(number: f64) -> Self {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 64 bits")]
        if number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number) {
            return Self::Integer(number as i64);
        }
        Self::Float(number.to_bits())
    }

    /// Charges for finding the key among so many, as far as it is longer than usual.
    pub(crate) fn charge(
        &self,
        among: usize,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match self.length() / 64 {
            0 => Ok(()),
            length => budget.make(length.saturating_mul(usize_log2(among) + 1), range),
        }
    }

    /// Returns how many bytes are compared at most.
    fn length(&self) -> usize {
        match self {
            Self::None | Self::Integer(_) | Self::Float(_) => 8,
            Self::Text(text) => text.len(),
            Self::Tuple(keys) => keys.iter().map(Self::length).sum(),
        }
    }
}

/// Returns the number of steps of a search in so many.
fn usize_log2(count: usize) -> usize {
    count.checked_ilog2().map_or(0, |steps| steps as usize)
}
