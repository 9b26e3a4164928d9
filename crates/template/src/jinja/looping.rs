//! Loops while they run: where their items come from, and what `loop` tells of them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::program::For;
use super::value::{Items, List, Numbers, Object, Value, ViewKind};
use crate::error::{Error, ErrorKind};

/// What `loop` offers.
pub(crate) const ATTRIBUTES: [&str; 13] = [
    "index",
    "index0",
    "revindex",
    "revindex0",
    "first",
    "last",
    "length",
    "cycle",
    "changed",
    "previtem",
    "nextitem",
    "depth",
    "depth0",
];

/// A loop that runs. Items are taken one by one, as in Python: the body may change what the loop goes
/// through, and what its condition looks at.
pub(crate) struct LoopState {
    pub(super) declaration: Rc<For>,
    /// The function call that the loop runs in.
    pub(super) activation: usize,
    pub(super) source: RefCell<Source>,
    /// Items that were taken to see whether there are any.
    pub(super) ahead: RefCell<VecDeque<Value>>,
    /// What the loop goes through, if it has a length.
    pub(super) sized: Option<Value>,
    pub(super) length: Cell<Option<u64>>,
    pub(super) index0: Cell<u64>,
    pub(super) current: RefCell<Option<Value>>,
    pub(super) previous: RefCell<Option<Value>>,
    /// What `changed` was last called with.
    pub(super) last_seen: RefCell<Option<Vec<Value>>>,
    pub(super) depth0: i64,
    /// Whether the block of the condition has been entered.
    pub(super) is_test_open: Cell<bool>,
}

/// Where items come from.
pub(super) enum Source {
    List(Rc<List>, usize),
    Range(Numbers, u64),
    Once(Rc<Items>),
    /// An object, with its length, which must not change meanwhile.
    Object(Rc<Object>, usize, std::vec::IntoIter<Value>),
    Items(std::vec::IntoIter<Value>),
}

impl Source {
    pub(super) fn of(
        value: &Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        Ok(match value {
            Value::List(list) => Self::List(Rc::clone(list), 0),
            Value::Range(numbers) => Self::Range(*numbers, 0),
            Value::Iterator(items) => Self::Once(Rc::clone(items)),
            Value::Object(object)
            | Value::View(ViewKind::Keys | ViewKind::Values | ViewKind::Items, object) => {
                let length = object.entries().len();
                Self::Object(Rc::clone(object), length, value.items(range, budget)?.into_iter())
            }
            other => Self::Items(other.items(range, budget)?.into_iter()),
        })
    }

    /// Takes the next item.
    pub(super) fn next(&mut self, range: &Range<usize>) -> Result<Option<Value>, Error> {
        Ok(match self {
            Self::List(list, position) => {
                let item = list.items.borrow().get(*position).cloned();
                *position += 1;
                item
            }
            Self::Range(numbers, position) => {
                let number = numbers.get(*position).map(Value::Integer);
                *position += 1;
                number
            }
            Self::Once(items) => items.items.borrow_mut().next(),
            Self::Object(object, length, items) => {
                if object.entries().len() != *length {
                    let message = "the object got other keys while the loop goes through it";
                    return Err(Error::new(ErrorKind::Value, range.clone(), message)
                        .help("go through a copy: `… | list`"));
                }
                items.next()
            }
            Self::Items(items) => items.next(),
        })
    }
}
