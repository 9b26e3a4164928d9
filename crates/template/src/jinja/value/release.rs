//! Dropping values without recursion: a template can nest lists deeper than a stack is.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Cursor, Cycler, Items, ItemsState, Joiner, List, Namespace, Object, Tuple, Value};

impl Drop for List {
    fn drop(&mut self) {
        drop_deep(std::mem::take(self.items.get_mut()));
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        drop_deep(std::mem::take(&mut self.items));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop_deep(std::mem::take(self.attributes.get_mut()).into_values().collect());
    }
}

impl Drop for Cycler {
    fn drop(&mut self) {
        drop_deep(std::mem::take(&mut self.items));
    }
}

impl Drop for Joiner {
    fn drop(&mut self) {
        drop_deep(vec![std::mem::replace(&mut self.separator, Value::None)]);
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        drop_deep(self.take_values().collect());
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        let end = RefCell::new(ItemsState::Cursor(Cursor::End));
        std::mem::replace(&mut self.state, end).into_inner().release();
    }
}

/// Drops values without recursion: a template can nest lists deeper than a stack is.
pub(super) fn drop_deep(values: Vec<Value>) {
    let mut pending = values;
    while let Some(value) = pending.pop() {
        // What is in the last copy of a value is taken out before the value goes.
        match value {
            Value::List(list) => {
                if let Some(mut list) = Rc::into_inner(list) {
                    pending.append(list.items.get_mut());
                }
            }
            Value::Tuple(tuple) => {
                if let Some(mut tuple) = Rc::into_inner(tuple) {
                    pending.append(&mut tuple.items);
                }
            }
            Value::Object(object) | Value::View(_, object) => {
                if let Some(mut object) = Rc::into_inner(object) {
                    pending.extend(object.take_values());
                }
            }
            Value::Iterator(items) => {
                if let Some(items) = Rc::into_inner(items) {
                    items.held(&mut pending);
                }
            }
            Value::Namespace(namespace) => {
                if let Some(mut namespace) = Rc::into_inner(namespace) {
                    let attributes = std::mem::take(namespace.attributes.get_mut());
                    pending.extend(attributes.into_values());
                }
            }
            Value::Cycler(cycler) => {
                if let Some(mut cycler) = Rc::into_inner(cycler) {
                    pending.append(&mut cycler.items);
                }
            }
            Value::Joiner(joiner) => {
                if let Some(mut joiner) = Rc::into_inner(joiner) {
                    pending.push(std::mem::replace(&mut joiner.separator, Value::None));
                }
            }
            _ => {}
        }
    }
}
