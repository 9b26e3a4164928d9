//! Objects: entries in the order in which their keys came.

use std::cell::{Ref, RefCell, RefMut};
use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::{Key, Object, ObjectEntries, Value};
use crate::error::Error;

impl Value {
    /// Makes an object of the template's own.
    pub(crate) fn object(entries: ObjectEntries) -> Self {
        Self::Object(Rc::new(Object::new(entries, true)))
    }
}

impl ObjectEntries {
    /// Sets an entry; one that is there keeps its key and its place.
    pub(crate) fn insert(
        &mut self,
        key: Key,
        name: Value,
        value: Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        key.charge(self.len(), range, budget)?;
        self.set(key, name, value);
        Ok(())
    }

    /// Sets an entry whose key is a text.
    pub(crate) fn insert_text(
        &mut self,
        name: Rc<str>,
        value: Value,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let key = Key::Text(Rc::clone(&name));
        self.insert(key, Value::Text(name), value, range, budget)
    }

    /// Sets an entry of what the caller passed, for which nothing is charged.
    pub(crate) fn insert_passed(&mut self, name: Rc<str>, value: Value) {
        self.set(Key::Text(Rc::clone(&name)), Value::Text(name), value);
    }

    /// Returns an entry of what the caller passed.
    pub(crate) fn get_passed(&self, name: &Rc<str>) -> Option<&Value> {
        let position = self.positions.get(&Key::Text(Rc::clone(name)))?;
        self.at(*position).map(|(_, value)| value)
    }

    fn set(&mut self, key: Key, name: Value, value: Value) {
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

    pub(crate) fn get(
        &self,
        key: &Key,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<&Value>, Error> {
        key.charge(self.len(), range, budget)?;
        let position = self.positions.get(key);
        Ok(position.and_then(|position| self.entries.get(*position)).map(|entry| &entry.1))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entry at a position.
    pub(crate) fn at(&self, position: usize) -> Option<&(Value, Value)> {
        self.entries.get(position)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.entries.iter()
    }

    /// Takes the values out, to be dropped.
    pub(super) fn into_values(self) -> impl Iterator<Item = Value> {
        self.entries.into_iter().map(|(_, value)| value)
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
        std::mem::take(self.entries.get_mut()).into_values()
    }
}
