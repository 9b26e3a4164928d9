//! Going through values one item at a time, as Python does: what changes on the way is seen.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::{
    Cursor, Entries, Generator, Items, ItemsState, List, Object, Value, ViewKind,
    release::drop_deep, undefined,
};
use crate::error::{Error, ErrorKind};

/// What an item costs when it is taken.
const ITEM: usize = 16;

impl Value {
    /// Makes a value that can be gone through once, and makes its items then.
    pub(crate) fn generator(generator: Box<dyn Generator>) -> Self {
        Self::Iterator(Rc::new(Items::of_generator(generator)))
    }

    /// Makes a value that goes through another one, once.
    pub(crate) fn iterator(cursor: Cursor) -> Self {
        Self::Iterator(Rc::new(Items::of_cursor(cursor)))
    }

    /// Returns the items that going through the value gives; of what can be gone through once, the rest.
    pub(crate) fn items(
        &self,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Vec<Self>, Error> {
        let mut cursor = Cursor::of(self, range)?;
        let mut items = Vec::new();
        while let Some(item) = cursor.next(range, budget)? {
            items.push(item);
        }
        Ok(items)
    }
}

impl Cursor {
    /// Begins to go through a value.
    pub(crate) fn of(value: &Value, range: &Range<usize>) -> Result<Self, Error> {
        Ok(match value {
            Value::List(list) => Self::List(Rc::clone(list), 0),
            Value::Tuple(tuple) => Self::Tuple(Rc::clone(tuple), 0),
            Value::Text(text) => Self::Text(Rc::clone(text), 0),
            Value::Range(numbers) => Self::Range(*numbers, 0),
            Value::Object(object) => Self::Object(Entries::of(ViewKind::Keys, object, false)),
            Value::View(kind, object) => Self::Object(Entries::of(*kind, object, false)),
            Value::Iterator(items) => Self::Iterator(Rc::clone(items)),
            Value::Nothing => Self::End,
            other => {
                if let Some(name) = other.absent() {
                    return Err(undefined(name, range));
                }
                let message = format!("{} has no items", other.describe());
                return Err(Error::new(ErrorKind::Value, range.clone(), message)
                    .help("loop over a list, an object or a string"));
            }
        })
    }

    /// Begins to go through a value from its end, if that can be done.
    pub(crate) fn backwards(value: &Value) -> Option<Self> {
        Some(match value {
            Value::List(list) => Self::ListBackwards(Rc::clone(list), list.items.borrow().len()),
            Value::Tuple(tuple) => {
                let items = Rc::new(List::own(tuple.items.clone()));
                Self::ListBackwards(items, tuple.items.len())
            }
            Value::Range(numbers) => Self::RangeBackwards(*numbers, numbers.len()),
            Value::Object(object) => Self::Object(Entries::of(ViewKind::Keys, object, true)),
            Value::View(kind, object) => Self::Object(Entries::of(*kind, object, true)),
            _ => return None,
        })
    }

    /// Takes the next item. After the last one there is none, whatever is added then.
    pub(crate) fn next(
        &mut self,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<Value>, Error> {
        let item = self.take(range, budget)?;
        match item {
            Some(_) => budget.make(ITEM, range)?,
            None => *self = Self::End,
        }
        Ok(item)
    }

    fn take(&mut self, range: &Range<usize>, budget: &mut Budget) -> Result<Option<Value>, Error> {
        Ok(match self {
            Self::List(list, position) => {
                *position += 1;
                list.items.borrow().get(*position - 1).cloned()
            }
            Self::ListBackwards(list, left) => match left.checked_sub(1) {
                Some(position) => {
                    *left = position;
                    list.items.borrow().get(position).cloned()
                }
                None => None,
            },
            Self::Tuple(tuple, position) => {
                *position += 1;
                tuple.items.get(*position - 1).cloned()
            }
            Self::Text(text, start) => {
                let rest = text.get(*start..).unwrap_or_default();
                rest.chars().next().map(|character| {
                    *start += character.len_utf8();
                    Value::character(character)
                })
            }
            Self::Range(numbers, position) => {
                *position += 1;
                numbers.get(*position - 1).map(Value::Integer)
            }
            Self::RangeBackwards(numbers, left) => match left.checked_sub(1) {
                Some(position) => {
                    *left = position;
                    numbers.get(position).map(Value::Integer)
                }
                None => None,
            },
            Self::Object(entries) => entries.next(range)?,
            Self::Iterator(items) => items.next(range, budget)?,
            Self::End => None,
        })
    }

    /// Adds the values that are gone through.
    pub(crate) fn held(&self, found: &mut Vec<Value>) {
        match self {
            Self::List(list, _) | Self::ListBackwards(list, _) => {
                found.push(Value::List(Rc::clone(list)));
            }
            Self::Tuple(tuple, _) => found.push(Value::Tuple(Rc::clone(tuple))),
            Self::Object(entries) => found.push(Value::Object(Rc::clone(&entries.object))),
            Self::Iterator(items) => found.push(Value::Iterator(Rc::clone(items))),
            Self::Text(..) | Self::Range(..) | Self::RangeBackwards(..) | Self::End => {}
        }
    }
}

impl Entries {
    fn of(kind: ViewKind, object: &Rc<Object>, is_backwards: bool) -> Self {
        let length = object.entries().len();
        Self { kind, object: Rc::clone(object), length, position: 0, is_backwards }
    }

    fn next(&mut self, range: &Range<usize>) -> Result<Option<Value>, Error> {
        let entries = self.object.entries();
        if entries.len() != self.length {
            let message = "the keys of the object changed during the loop";
            return Err(Error::new(ErrorKind::Value, range.clone(), message)
                .help("loop over a copy: `… | list`"));
        }
        let position = if self.is_backwards {
            self.length.checked_sub(self.position + 1)
        } else {
            Some(self.position)
        };
        let Some((key, value)) = position.and_then(|position| entries.at(position)) else {
            return Ok(None);
        };
        self.position += 1;
        Ok(Some(match self.kind {
            ViewKind::Keys => key.clone(),
            ViewKind::Values => value.clone(),
            ViewKind::Items => Value::tuple(vec![key.clone(), value.clone()]),
        }))
    }
}

impl Items {
    pub(crate) fn of_cursor(cursor: Cursor) -> Self {
        Self { state: RefCell::new(ItemsState::Cursor(cursor)) }
    }

    pub(crate) fn of_generator(generator: Box<dyn Generator>) -> Self {
        Self { state: RefCell::new(ItemsState::Generator(generator)) }
    }

    /// Takes the next item.
    pub(crate) fn next(
        &self,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<Value>, Error> {
        let Ok(mut state) = self.state.try_borrow_mut() else {
            let message = "an iterator is read while it creates an item";
            return Err(Error::new(ErrorKind::Value, range.clone(), message)
                .help("convert it to a list first: `… | list`"));
        };
        budget.enter(range)?;
        let item = match &mut *state {
            ItemsState::Cursor(cursor) => cursor.next(range, budget)?,
            ItemsState::Generator(generator) => generator.next(budget)?,
        };
        budget.leave();
        if item.is_none() {
            let end = ItemsState::Cursor(Cursor::End);
            let before = std::mem::replace(&mut *state, end);
            drop(state);
            before.release();
        }
        Ok(item)
    }

    /// Adds the values that are gone through.
    pub(crate) fn held(&self, found: &mut Vec<Value>) {
        if let Ok(state) = self.state.try_borrow() {
            state.held(found);
        }
    }
}

impl ItemsState {
    fn held(&self, found: &mut Vec<Value>) {
        match self {
            Self::Cursor(cursor) => cursor.held(found),
            Self::Generator(generator) => generator.held(found),
        }
    }

    /// Drops what is held without recursion.
    pub(super) fn release(self) {
        let mut held = Vec::new();
        self.held(&mut held);
        drop(self);
        drop_deep(held);
    }
}
