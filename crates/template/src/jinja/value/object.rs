//! Objects: entries in the order in which their keys came.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Key, Value, drop_deep};

/// Entries by key, in their order.
#[derive(Default, Clone)]
pub(crate) struct ObjectEntries {
    entries: Vec<(Value, Value)>,
    positions: BTreeMap<Key, usize>,
}

/// An object, like a `dict` of Python.
pub(crate) struct Object {
    entries: RefCell<ObjectEntries>,
    /// Whether the template made it, and may change it.
    pub(crate) is_own: bool,
}

impl ObjectEntries {
    /// Sets an entry; one that is there keeps its key and its place.
    pub(crate) fn insert(&mut self, key: Key, name: Value, value: Value) {
        match self.positions.get(&key) {
            Some(position) => {
                if let Some(entry) = self.entries.get_mut(*position) {
                    entry.1 = value;
                }
            }
            None => {
                self.positions.insert(key, self.entries.len());
                self.entries.push((name, value));
            }
        }
    }

    /// Sets an entry whose key is a text.
    pub(crate) fn insert_text(&mut self, name: Rc<str>, value: Value) {
        self.insert(Key::Text(Rc::clone(&name)), Value::Text(name), value);
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        self.positions
            .get(key)
            .and_then(|position| self.entries.get(*position))
            .map(|entry| &entry.1)
    }

    pub(crate) fn get_text(&self, name: &Rc<str>) -> Option<&Value> {
        self.get(&Key::Text(Rc::clone(name)))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.entries.iter()
    }

    /// Returns the entries with what they are looked up by.
    pub(crate) fn keyed(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.positions
            .iter()
            .filter_map(|(key, position)| self.entries.get(*position).map(|entry| (key, &entry.1)))
    }
}

impl Object {
    pub(crate) fn new(entries: ObjectEntries, is_own: bool) -> Self {
        Self { entries: RefCell::new(entries), is_own }
    }

    pub(crate) fn entries(&self) -> Ref<'_, ObjectEntries> {
        self.entries.borrow()
    }

    pub(crate) fn entries_mut(&self) -> RefMut<'_, ObjectEntries> {
        self.entries.borrow_mut()
    }

    /// Takes the values out, when the object is dropped.
    pub(super) fn take_values(&mut self) -> impl Iterator<Item = Value> {
        let entries = std::mem::take(self.entries.get_mut());
        entries.entries.into_iter().map(|(_, value)| value)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        drop_deep(self.take_values().collect());
    }
}
