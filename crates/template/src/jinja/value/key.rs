//! What an object looks its entries up by: values that Python hashes, where `1`, `1.0` and `True` are
//! one key.

use std::rc::Rc;

use super::Value;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    None,
    Integer(i64),
    /// The bits of a float that is no integer of 64 bits.
    Float(u64),
    Text(Rc<str>),
    Tuple(Vec<Key>),
}

impl Key {
    /// Returns the key of a value, if it can be one.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::None => Some(Self::None),
            Value::Boolean(value) => Some(Self::Integer(i64::from(*value))),
            Value::Integer(number) => Some(Self::Integer(*number)),
            Value::Float(number) => Some(Self::of_float(*number)),
            Value::Text(text) => Some(Self::Text(Rc::clone(text))),
            Value::Tuple(tuple) => {
                tuple.items.iter().map(Self::of).collect::<Option<_>>().map(Self::Tuple)
            }
            _ => None,
        }
    }

    fn of_float(number: f64) -> Self {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 64 bits")]
        if number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number) {
            return Self::Integer(number as i64);
        }
        Self::Float(number.to_bits())
    }
}
