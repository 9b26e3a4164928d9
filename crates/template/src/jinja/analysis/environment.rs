//! What is known of names at a place of a template.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::program::{Program, Slot, Statement};
use super::assignments::assigned;
use super::shape::{Kinds, Shape};

/// A name, or a key of what it stands for, by the names of the keys.
pub(super) type Path = (usize, u16, Vec<Rc<str>>);

/// What is known at a place.
#[derive(Clone)]
pub(super) struct Environment {
    /// The functions around, outermost first.
    functions: Vec<Function>,
    /// What conditions have left of the values of keys.
    narrowed: BTreeMap<Path, Kinds>,
}

#[derive(Clone)]
struct Function {
    shapes: Vec<Shape>,
    /// Names that are set somewhere: what they are while a macro runs that uses them is not known.
    assigned: BTreeSet<u16>,
    /// Whether it runs later than where it stands: a macro.
    is_macro: bool,
}

impl Environment {
    pub(super) fn new(program: &Program) -> Self {
        let mut environment = Self { functions: Vec::new(), narrowed: BTreeMap::new() };
        environment.push(program.slot_count, &program.body, false);
        environment
    }

    /// Begins a function.
    pub(super) fn push(&mut self, slot_count: u16, body: &[Statement], is_macro: bool) {
        let mut set = Vec::new();
        assigned(body, 0, &mut set);
        self.functions.push(Function {
            shapes: vec![Shape::any(); usize::from(slot_count)],
            assigned: set.into_iter().collect(),
            is_macro,
        });
    }

    pub(super) fn pop(&mut self) {
        self.functions.pop();
        let count = self.functions.len();
        self.narrowed.retain(|(function, _, _), _| *function < count);
    }

    fn function(&self, slot: Slot) -> usize {
        (self.functions.len() - 1).saturating_sub(usize::from(slot.hops))
    }

    pub(super) fn path(&self, slot: Slot) -> Path {
        (self.function(slot), slot.index, Vec::new())
    }

    pub(super) fn get(&self, slot: Slot) -> Shape {
        let at = self.function(slot);
        let runs_later = self.functions[at + 1..].iter().any(|function| function.is_macro);
        let function = &self.functions[at];
        if runs_later && function.assigned.contains(&slot.index) {
            return Shape::any();
        }
        function.shapes.get(usize::from(slot.index)).cloned().unwrap_or_else(Shape::any)
    }

    pub(super) fn set(&mut self, slot: Slot, shape: Shape) {
        let at = self.function(slot);
        self.narrowed.retain(|(function, index, _), _| (*function, *index) != (at, slot.index));
        if let Some(known) = self.functions[at].shapes.get_mut(usize::from(slot.index)) {
            *known = shape;
        }
    }

    /// Keeps only some kinds of what a path leads to.
    pub(super) fn narrow(&mut self, path: Path, kinds: Kinds) {
        let (function, index, names) = &path;
        if names.is_empty() {
            if let Some(known) = self.functions[*function].shapes.get_mut(usize::from(*index)) {
                *known = known.clone().narrowed(kinds);
            }
            return;
        }
        // What a template made itself may change under the condition.
        let root = self.functions[*function].shapes.get(usize::from(*index));
        if root.is_some_and(|root| root.is_given) {
            let known = self.narrowed.get(&path).copied().unwrap_or(Kinds::ANY);
            self.narrowed.insert(path, known.and(kinds));
        }
    }

    /// Returns the kinds that conditions have left of what a path leads to.
    pub(super) fn left_of(&self, path: &Path) -> Kinds {
        self.narrowed.get(path).copied().unwrap_or(Kinds::ANY)
    }

    /// Joins what is known on two ways that lead to the same place.
    pub(super) fn join(&mut self, other: Self) {
        for (function, others) in self.functions.iter_mut().zip(other.functions) {
            for (shape, other) in function.shapes.iter_mut().zip(others.shapes) {
                let own = std::mem::replace(shape, Shape::never());
                *shape = own.join(other);
            }
        }
        self.narrowed.retain(|path, _| other.narrowed.contains_key(path));
        for (path, kinds) in other.narrowed {
            if let Some(known) = self.narrowed.get_mut(&path) {
                *known = known.or(kinds);
            }
        }
    }
}
