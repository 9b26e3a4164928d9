//! Objects: entries in the order in which their keys came.

use std::cell::{Ref, RefCell, RefMut};
use std::ops::Range;
use std::rc::Rc;

use super::super::budget::Budget;
use super::{Key, Object, ObjectEntries, Value};
use crate::error::Error;

/// So many keys are gone through one after the other: that is faster than a tree of them.
const FEW: usize = 8;

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
        let position = self.position(&Key::Text(Rc::clone(name)))?;
        self.at(position).map(|(_, value)| value)
    }

    fn set(&mut self, key: Key, name: Value, value: Value) {
        match self.position(&key) {
            Some(position) => {
                if let Some(entry) = self.entries.get_mut(position) {
                    entry.1 = value;
                }
            }
            None => {
                let count = self.keys.len();
                if count == FEW {
                    self.positions = self.keys.iter().cloned().zip(0..).collect();
                }
                if count >= FEW {
                    self.positions.insert(key.clone(), count);
                }
                self.keys.push(key);
                self.entries.push((name, value));
            }
        }
    }

    /// Returns where the entry of a key is.
    fn position(&self, key: &Key) -> Option<usize> {
        if self.keys.len() <= FEW {
            return self.keys.iter().position(|known| known == key);
        }
        self.positions.get(key).copied()
    }

    pub(crate) fn get(
        &self,
        key: &Key,
        range: &Range<usize>,
        budget: &mut Budget,
    ) -> Result<Option<&Value>, Error> {
        key.charge(self.len(), range, budget)?;
        Ok(self.position(key).and_then(|position| self.at(position)).map(|(_, value)| value))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few keys and many are found alike, and keep their places.
        #[test]
        fn entries_are_found_where_they_came(numbers in prop::collection::vec(0_u8..30, 0..60)) {
            let (mut entries, mut expected) = (ObjectEntries::default(), Vec::<(String, i64)>::new());
            for (value, number) in (0..).zip(numbers) {
                let name = format!("key {number}");
                entries.insert_passed(name.as_str().into(), Value::Integer(value));
                match expected.iter_mut().find(|(known, _)| *known == name) {
                    Some(entry) => entry.1 = value,
                    None => expected.push((name, value)),
                }
            }
            prop_assert_eq!(entries.len(), expected.len());
            for (at, (name, value)) in expected.iter().enumerate() {
                let found = entries.get_passed(&name.as_str().into());
                prop_assert!(matches!(found, Some(Value::Integer(found)) if found == value));
                let (key, _) = entries.at(at).unwrap();
                prop_assert!(matches!(key, Value::Text(text) if **text == **name));
            }
            prop_assert!(entries.get_passed(&"absent".into()).is_none());
        }
    }
}
