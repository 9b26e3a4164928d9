//! What an object looks its entries up by: values that Python hashes, where `1`, `1.0` and `True` are
//! one key.

use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
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
    pub(super) fn of_float(number: f64) -> Self {
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
